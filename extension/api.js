/** Talks to the service. Called from extension pages only, never from inside a web page. */
import { gzip } from "./compress.js";
import { isLoopback } from "./settings.js";

/**
 * @typedef {import("./settings.js").ServerSettings} ServerSettings
 *
 * @typedef {{group?: number | null, level?: number, item?: number | null, paragraph?: number}} Joints left out by older services
 * @typedef {{id: number, kind: string, label: string, html: string, text: string} & Joints} KeptBlock
 * @typedef {{code: string, values: string[]}} Evidence
 * @typedef {{code: string, values: (number | string)[]}} WarningCode
 * @typedef {{id: number, label: string, reason: string, evidence?: Evidence | null, source: string, confidence: number,
 *   text: string, html: string, position: number} & Joints} RemovedBlock
 *
 * @typedef {object} Answer the service's 200, as in the API's description
 * @property {string | null} url
 * @property {string | null} canonical_url
 * @property {string | null} domain
 * @property {string | null} site_name
 * @property {string | null} title
 * @property {string | null} byline
 * @property {string | null} dek
 * @property {string | null} date
 * @property {string | null} language
 * @property {"ltr" | "rtl" | null} direction
 * @property {string | null} lead_image
 * @property {string} text
 * @property {string} html
 * @property {KeptBlock[]} [blocks]
 * @property {RemovedBlock[]} removed
 * @property {string[]} warnings
 * @property {WarningCode[]} [warning_codes] the same, to be said in any language
 * @property {string} version
 *
 * @typedef {{text: string, told?: WarningCode}} Warning the service's sentence, and what says it in any language
 * @typedef {{detail: string, retryAfter: number, warnings: Warning[]}} Said by the service of a problem; `retryAfter` in seconds
 *
 * @typedef {{html: string, url: string, options: {keep_labels?: string[], drop_texts?: string[]}}} PageToClean
 *
 * @typedef {"offline" | "unauthorized" | "forbidden" | "too_large" | "no_article" | "busy" | "too_slow" | "not_ours" | "broken" |
 *   "expired" | "redirected" | "unsendable"} Problem
 */

const TIMEOUT_SECONDS = 40;
const HEALTH_TIMEOUT_SECONDS = 8;
const PROBE_TIMEOUT_SECONDS = 3;
/** A larger body is sent compressed: over a network early, to this computer only where memory begins to count. */
const COMPRESS_CHARS = 100_000;
const COMPRESS_LOOPBACK_CHARS = 1_500_000;
/** The service takes no longer address of a page. */
const MAX_URL_CHARS = 4000;

/** Why there is no article. */
export class ServiceError extends Error {
  /** @param {Problem} problem @param {Partial<Said>} [said] */
  constructor(problem, { detail = "", retryAfter = 0, warnings = [] } = {}) {
    super(detail || problem);
    this.problem = problem;
    /** @type {Said} */
    this.said = { detail, retryAfter, warnings };
  }
}

/**
 * The article of a page.
 * @param {ServerSettings} server
 * @param {PageToClean} page
 * @returns {Promise<Answer>}
 * @throws {ServiceError}
 */
export async function cleanPage(server, page) {
  let answer = await post(server, page);
  const { keep_labels, ...others } = page.options;
  // An older service may not know a label; what was taught is done to the answer here as well.
  if (answer.status === 400 && keep_labels?.length) answer = await post(server, { ...page, options: others });
  const json = await readJson(answer);
  if (!answer.ok) throw failureOf(answer, json);
  if (typeof json?.html !== "string" || !Array.isArray(json.removed)) throw new ServiceError("not_ours");
  // The reader builds its page from the blocks: the same text in three more forms need not travel on.
  return { ...json, html: "", text: "", markdown: "" };
}

/** @param {ServerSettings} server @param {PageToClean} page */
async function post(server, page) {
  const body = JSON.stringify({ ...page, url: sendableUrl(page.url) });
  const large = body.length > (isLoopback(server.address) ? COMPRESS_LOOPBACK_CHARS : COMPRESS_CHARS);
  return request(server, "/v1/clean", TIMEOUT_SECONDS, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...(large && { "Content-Encoding": "gzip" }) },
    body: large ? await gzip(body) : body,
  });
}

/** As much of a page's address as the service takes; empty where even its path is too long. @param {string} url */
export function sendableUrl(url) {
  const parts = [url, url.replace(/#.*$/s, ""), url.replace(/[?#].*$/s, "")];
  return parts.find((part) => part.length <= MAX_URL_CHARS) ?? "";
}

/**
 * What the service says of itself.
 * @param {ServerSettings} server
 * @returns {Promise<{status: string, version: string, auth_required: boolean, max_bytes: number}>}
 * @throws {ServiceError}
 */
export async function checkHealth(server) {
  const answer = await request(server, "/healthz", HEALTH_TIMEOUT_SECONDS, { headers: { Accept: "application/json" } });
  const json = await readJson(answer);
  if (!answer.ok) throw failureOf(answer, json);
  if (typeof json?.version !== "string") throw new ServiceError("not_ours");
  return json;
}

/**
 * Whether the service lets us in: cleans a line of text.
 * @param {ServerSettings} server
 * @throws {ServiceError}
 */
export async function checkToken(server) {
  const page = { html: "<p>A short paragraph of plain text, sent by the connection test.</p>", url: "", options: {} };
  try {
    await cleanPage(server, { html: page.html, url: "https://example.org/", options: {} });
  } catch (error) {
    if (!(error instanceof ServiceError) || error.problem !== "no_article") throw error;
  }
}

/** @param {ServerSettings} server @param {string} path @param {number} seconds @param {RequestInit} init */
async function request(server, path, seconds, init) {
  const headers = sendableHeaders(server, /** @type {Record<string, string>} */ (init.headers));
  if (!headers) throw new ServiceError("unsendable");
  let answer;
  try {
    answer = await fetch(server.address + path, {
      ...init,
      headers,
      credentials: "omit",
      cache: "no-store",
      // The token goes nowhere but to the address that the person set.
      redirect: "manual",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(seconds * 1000),
    });
  } catch (error) {
    const problem = problemOf(error);
    throw new ServiceError(problem === "offline" && (await answersUnread(server)) ? "forbidden" : problem);
  }
  if (answer.type === "opaqueredirect") throw new ServiceError("redirected");
  return answer;
}

/** What an error of the connection tells. @param {unknown} error @returns {Problem} */
function problemOf(error) {
  return /** @type {Error} */ (error).name === "TimeoutError" ? "too_slow" : "offline";
}

/**
 * Whether something answers that does not let this extension read the answer: a service that refuses its origin does
 * not say so in a way that a browser lets through.
 * @param {ServerSettings} server
 */
async function answersUnread({ address }) {
  try {
    await fetch(`${address}/healthz`, {
      mode: "no-cors",
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PROBE_TIMEOUT_SECONDS * 1000),
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * The headers of a request; null where the browser cannot send the token or one of the person's own.
 * @param {ServerSettings} server @param {Record<string, string>} [own]
 */
export function sendableHeaders(server, own) {
  const headers = { ...server.headers, ...own, ...(server.token && { Authorization: `Bearer ${server.token}` }) };
  try {
    new Headers(headers);
    return headers;
  } catch {
    return null;
  }
}

/** @param {Response} answer @returns {Promise<any>} */
async function readJson(answer) {
  try {
    return await answer.json();
  } catch (error) {
    // Else the answer broke off, or did not end in time.
    if (answer.ok) throw new ServiceError(error instanceof SyntaxError ? "not_ours" : problemOf(error));
    return null;
  }
}

/** @param {Response} answer @param {any} json */
function failureOf(answer, json) {
  /** @type {Record<number, Problem>} */
  const known = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_ours",
    405: "not_ours",
    413: "too_large",
    422: "no_article",
    429: "busy",
    503: "busy",
    504: "too_slow",
  };
  const detail = typeof json?.detail === "string" ? json.detail : "";
  const retryAfter = Number(answer.headers.get("Retry-After")) || 0;
  return new ServiceError(known[answer.status] ?? "broken", { detail, retryAfter, warnings: warningsOf(json) });
}

/**
 * Older services tell no codes, and problems but one no warnings.
 * @param {{warnings?: string[], warning_codes?: WarningCode[]} | null} json @returns {Warning[]}
 */
export function warningsOf(json) {
  const warnings = Array.isArray(json?.warnings) ? json.warnings : [];
  return warnings.map((text, n) => ({ text, told: json?.warning_codes?.[n] }));
}
