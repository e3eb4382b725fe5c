/** Takes the snapshot of a tab and hands it to the reader through the browser's session storage (memory, never disk). */
import { fetchFromPage } from "./linked.js";
import { standsStill, takeSnapshot } from "./snapshot.js";
import { packText, unpackText } from "./compress.js";

/**
 * @typedef {object} Snapshot
 * @property {string} html
 * @property {string} url
 * @property {string} title
 * @property {string} type media type of the page
 * @property {string} language
 *
 * @typedef {{snapshot: Snapshot} | {failure: "unreadable" | "unresponsive" | "moved_on" | "link_refused" | "no_selection" | "too_large", url: string}} Capture
 */

/** 15, 30 … 480 ms: the grant was there 60 ms after the click whenever the first attempt was refused. */
const ATTEMPTS = 7;
const FIRST_PAUSE_MS = 7.5;
/** A page answers within some 100 ms unless a script of its own, or a dialog, holds it. */
const MAX_ANSWER_MS = 15_000;
const MAX_FETCH_MS = 30_000;
/** A page that is still being loaded is taken once it is whole, or nothing has come for the first of these, or after the second. */
const STILL_MS = 2000;
const MAX_LOAD_MS = 10_000;
/** Over this many characters a snapshot is kept compressed: all of the session's storage holds 10 MB. */
const PACK_CHARS = 100_000;
const MAX_CHARS = 10_000_000;
const READABLE = /html|xml|^text\/plain$/;

/**
 * A page may send the browser on to another one while it is read: then that one is.
 * @param {number} tabId
 * @param {"page" | "selection"} mode
 * @param {string} url the tab's address, for the answer where the page cannot be read
 * @returns {Promise<Capture>}
 */
export async function captureTab(tabId, mode, url) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await capturePage(tabId, mode, url);
    } catch (error) {
      if (error instanceof NoAnswer) return { failure: "unresponsive", url };
      // Not told of a page that the click gives no access to.
      const now = (await chrome.tabs.get(tabId).catch(() => null))?.url ?? "";
      if (attempt > 1 || !isWeb(now)) return { failure: isWeb(url) && now !== url ? "moved_on" : "unreadable", url: now || url };
      await loaded(tabId, MAX_LOAD_MS);
    }
  }
}

/** @param {string} url */
function isWeb(url) {
  return /^https?:/.test(url);
}

/** @param {number} tabId @param {"page" | "selection"} mode @param {string} url @returns {Promise<Capture>} */
async function capturePage(tabId, mode, url) {
  let { empty, loading, ...snapshot } = await inject(tabId, takeSnapshot, [mode]);
  if (loading && mode === "page") {
    await inject(tabId, standsStill, [STILL_MS, MAX_LOAD_MS]);
    ({ empty, loading, ...snapshot } = await inject(tabId, takeSnapshot, [mode]));
  }
  if (!READABLE.test(snapshot.type)) return { failure: "unreadable", url };
  if (mode === "selection" && empty) return { failure: "no_selection", url };
  if (snapshot.html.length > MAX_CHARS) return { failure: "too_large", url };
  return { snapshot };
}

/** Waits until a tab has loaded, or long enough. @param {number} id @param {number} milliseconds @returns {Promise<void>} */
export function loaded(id, milliseconds) {
  return new Promise((done) => {
    const look = (/** @type {number} */ tabId, /** @type {{status?: string}} */ { status }) => {
      if (tabId === id && status === "complete") finish();
    };
    const finish = () => {
      clearTimeout(timer);
      chrome.tabs.onUpdated.removeListener(look);
      done();
    };
    const timer = setTimeout(finish, milliseconds);
    chrome.tabs.onUpdated.addListener(look);
    // It may be done already; `about:blank` is, before the link's page begins to load.
    void chrome.tabs.get(id).then((tab) => tab.url !== "about:blank" && look(id, tab), finish);
  });
}

/**
 * The page behind a link of the page in a tab, when both are of one origin.
 * @param {number} tabId @param {string} url
 * @returns {Promise<Capture>}
 */
export async function captureLink(tabId, url) {
  try {
    const snapshot = await inject(tabId, fetchFromPage, [url], MAX_FETCH_MS);
    return snapshot.html.length > MAX_CHARS ? { failure: "too_large", url } : { snapshot };
  } catch {
    return { failure: "link_refused", url };
  }
}

/** The page did not answer in time. */
class NoAnswer extends Error {}

/**
 * Right after the click that grants access the browser now and then refuses the first attempt.
 * @template {any[]} A, R
 * @param {number} tabId @param {(...args: A) => R} func @param {A} args @param {number} [milliseconds] for an answer
 * @returns {Promise<Awaited<R>>}
 */
async function inject(tabId, func, args, milliseconds = MAX_ANSWER_MS) {
  for (let attempt = 1; ; attempt++) {
    try {
      // At once: the browser's own wait, for a page that has loaded, has no end where one of its scripts never comes.
      const running = chrome.scripting.executeScript({ target: { tabId }, func, args, injectImmediately: true });
      const [frame] = await withinTime(running, milliseconds);
      if (!frame?.result) throw new Error("the page gave nothing");
      return /** @type {Awaited<R>} */ (frame.result);
    } catch (error) {
      const refused = /Cannot access contents|Missing host permission/.test(String(error));
      if (!refused || attempt >= ATTEMPTS) throw error;
      await new Promise((done) => setTimeout(done, FIRST_PAUSE_MS * 2 ** attempt));
    }
  }
}

/** @template T @param {Promise<T>} running @param {number} milliseconds @returns {Promise<T>} @throws {NoAnswer} */
async function withinTime(running, milliseconds) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new NoAnswer()), milliseconds)));
  try {
    return /** @type {T} */ (await Promise.race([running, late]));
  } finally {
    clearTimeout(timer);
  }
}

const PREFIX = "capture:";
const key = (/** @type {string} */ id) => PREFIX + id;

/** @param {string} id @param {Capture} capture */
export async function storeCapture(id, capture) {
  /** @type {any} */
  let value = { ...capture, at: Date.now() };
  if ("snapshot" in capture && capture.snapshot.html.length > PACK_CHARS) {
    value = { ...value, snapshot: { ...capture.snapshot, html: "" }, packed: await packText(capture.snapshot.html) };
  }
  for (;;) {
    try {
      await chrome.storage.session.set({ [key(id)]: value });
      return;
    } catch {
      if (await forgetOldest()) continue;
      value = { failure: "too_large", url: "snapshot" in capture ? capture.snapshot.url : capture.url };
    }
  }
}

/** @param {(id: string) => void} told is called with what had to make room, or could not be kept */
export function whenForgotten(told) {
  chrome.storage.session.onChanged.addListener((changes) => {
    for (const [name, { newValue }] of Object.entries(changes)) {
      const isKept = newValue && "snapshot" in /** @type {object} */ (newValue);
      if (name.startsWith(PREFIX) && !isKept) told(name.slice(PREFIX.length));
    }
  });
}

/** Drops the oldest snapshot; false where there is none. */
async function forgetOldest() {
  const all = Object.entries(await chrome.storage.session.get()).filter(([name]) => name.startsWith(PREFIX));
  const [oldest] = all.sort(([, a], [, b]) => /** @type {any} */ (a).at - /** @type {any} */ (b).at);
  if (!oldest) return false;
  await chrome.storage.session.remove(oldest[0]);
  return true;
}

/**
 * The capture with this id, as soon as it is there; null where it does not come.
 * @param {string} id @param {number} milliseconds
 * @returns {Promise<Capture | null>}
 */
export async function awaitCapture(id, milliseconds) {
  const name = key(id);
  /** @type {{promise?: Promise<any>, resolve: (value: any) => void}} */
  const arrived = { resolve: () => {} };
  arrived.promise = new Promise((resolve) => (arrived.resolve = resolve));
  const listen = (/** @type {Record<string, chrome.storage.StorageChange>} */ changes) => {
    if (changes[name]?.newValue) arrived.resolve(changes[name].newValue);
  };
  chrome.storage.session.onChanged.addListener(listen);
  const timer = setTimeout(() => arrived.resolve(null), milliseconds);
  try {
    const value = (await chrome.storage.session.get(name))[name] ?? (await arrived.promise);
    if (value?.packed) value.snapshot.html = await unpackText(value.packed);
    return value ?? null;
  } finally {
    clearTimeout(timer);
    chrome.storage.session.onChanged.removeListener(listen);
  }
}
