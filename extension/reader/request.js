/**
 * The way from the snapshot to the service's answer.
 *
 * It begins when this module is loaded, which is before the reader's other modules are:
 * the service works while the browser still loads them.
 */
import { cleanPage } from "../api.js";
import { awaitCapture } from "../capture.js";
import { readRules, rulesFor, siteOf } from "../rules.js";
import { readServer } from "../settings.js";

/** @typedef {import("../capture.js").Snapshot} Snapshot */

const CAPTURE_WAIT_MS = 20_000;
/** After a restart of the browser the snapshot is gone: it lives in memory only. */
const RELOAD_WAIT_MS = 1500;

/** @param {string} id */
export function waitForCapture(id) {
  const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
  return awaitCapture(id, navigation?.type === "navigate" ? CAPTURE_WAIT_MS : RELOAD_WAIT_MS);
}

/**
 * What the service says to a snapshot, and the rules that went with it.
 * @param {Snapshot} snapshot
 */
export async function requestAnswer(snapshot) {
  const [server, all] = await Promise.all([readServer(), readRules()]);
  const rules = rulesFor(all, siteOf(snapshot.url));
  const started = performance.now();
  const answer = await cleanPage(server, { html: snapshot.html, url: snapshot.url, options: rules });
  performance.measure("service", { start: started, end: performance.now() });
  return { answer, rules };
}

/** @type {{capture: ReturnType<typeof waitForCapture>, answer: ReturnType<typeof requestAnswer> | null} | null} */
export const early = begin();

function begin() {
  const id = new URLSearchParams(location.search).get("id");
  if (!id) return null;
  const capture = waitForCapture(id);
  const answer = capture.then((found) =>
    found && "snapshot" in found ? requestAnswer(found.snapshot) : Promise.reject(new Error("no snapshot")),
  );
  // Whoever awaits it later hears of the failure.
  answer.catch(() => {});
  return { capture, answer };
}
