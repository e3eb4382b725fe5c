/**
 * The reader's end of its errand (errand.js). It begins when this module is loaded, which is
 * before the reader's other modules are. A page that is reloaded, or that was opened by other
 * means than a click, takes its snapshot from the session's storage and asks the service itself.
 */
import { ServiceError } from "../api.js";
import { awaitCapture } from "../capture.js";
import { askService, PORT } from "../errand.js";

/**
 * @typedef {import("../errand.js").Capture} Capture
 * @typedef {import("../errand.js").Reply} Reply
 * @typedef {{capture: Promise<Capture | null>, reply: Promise<Reply>, times: {captured?: number}}} Errand
 */

const CAPTURE_WAIT_MS = 20_000;
/** After a restart of the browser the snapshot is gone: it lives in memory only. */
const STORED_WAIT_MS = 1500;

/** @param {string} id @returns {Promise<Reply>} */
export async function askAgain(id) {
  return fromStorage(id, STORED_WAIT_MS).reply;
}

/** The whole snapshot, with the page's HTML. @param {string} id @param {number} [milliseconds] */
export async function storedSnapshot(id, milliseconds = STORED_WAIT_MS) {
  const capture = await awaitCapture(id, milliseconds);
  return capture && "snapshot" in capture ? capture.snapshot : null;
}

/** @param {string} id @param {boolean} fresh whether it has just been begun by a click @returns {Errand} */
export function followErrand(id, fresh) {
  return fresh ? listen(id) : fromStorage(id, STORED_WAIT_MS);
}

/** @param {string} id @returns {Errand} */
function listen(id) {
  const port = chrome.runtime.connect({ name: PORT + id });
  /** @type {PromiseWithResolvers<Capture | null>} */
  const capture = Promise.withResolvers();
  /** @type {PromiseWithResolvers<Reply>} */
  const reply = Promise.withResolvers();
  reply.promise.catch(() => {});
  /** @type {Errand["times"]} */
  const times = {};
  const instead = (/** @type {number} */ milliseconds) => {
    const stored = fromStorage(id, milliseconds);
    capture.resolve(stored.capture);
    reply.resolve(stored.reply);
  };
  port.onMessage.addListener((/** @type {import("../errand.js").ErrandMessage} */ message) => {
    if ("captured" in message) {
      times.captured = message.at;
      capture.resolve(message.captured);
      if ("failure" in message.captured) port.disconnect();
      return;
    }
    if ("unknown" in message) instead(STORED_WAIT_MS);
    else if ("problem" in message) reply.reject(new ServiceError(message.problem, message.said));
    else reply.resolve(message);
    port.disconnect();
  });
  // The browser may end the background at any time.
  port.onDisconnect.addListener(() => instead(CAPTURE_WAIT_MS));
  return { capture: capture.promise, reply: reply.promise, times };
}

/** @param {string} id @param {number} milliseconds @returns {Errand} */
function fromStorage(id, milliseconds) {
  const capture = awaitCapture(id, milliseconds);
  const reply = capture.then((found) =>
    found && "snapshot" in found ? askService(found.snapshot) : Promise.reject(new ServiceError("expired")),
  );
  reply.catch(() => {});
  return { capture, reply, times: {} };
}

const [navigation] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
export const isReloaded = navigation?.type !== "navigate";
const own = new URLSearchParams(location.search).get("id");
/** This page's errand; null in a panel, which learns its errands one after the other. */
export const early = own ? followErrand(own, !isReloaded) : null;
