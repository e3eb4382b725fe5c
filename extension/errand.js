/**
 * The errand of one click, run by the background while the reader's page still loads:
 * snapshot, question to the service, answer. The reader hears of it through a port.
 */
import { cleanPage, ServiceError } from "./api.js";
import { storeCapture } from "./capture.js";
import { readRules, rulesFor, siteOf } from "./rules.js";
import { readServer } from "./settings.js";

/**
 * @typedef {import("./capture.js").Capture} Capture
 * @typedef {import("./capture.js").Snapshot} Snapshot
 * @typedef {ReturnType<typeof rulesFor>} PageRules
 *
 * @typedef {{answer: import("./api.js").Answer, rules: PageRules, asked: number, answered: number}} Reply when it was
 *   asked and answered, in milliseconds since 1970
 * @typedef {{problem: import("./api.js").Problem, said: import("./api.js").Said}} Refusal
 *
 * @typedef {{captured: Capture, at: number}} CapturedMessage its snapshot comes without `html`
 * @typedef {{unknown: true} | CapturedMessage | Reply | Refusal} ErrandMessage
 */

export const PORT = "errand:";
const MAX_AGE_MS = 120_000;

/** @type {Map<string, {captured: Promise<CapturedMessage>, outcome: Promise<Reply | Refusal | null>}>} */
const errands = new Map();

/** @param {string} id @param {Promise<Capture>} capturing */
export function beginErrand(id, capturing) {
  const settings = Promise.all([readServer(), readRules()]);
  const captured = capturing.then((capture) => ({ captured: capture, at: Date.now() }));
  const outcome = capturing.then((capture) => {
    const asking = "snapshot" in capture ? askService(capture.snapshot, settings).catch(refusalOf) : null;
    // After the question is on its way; the reader needs it only to ask again.
    void storeCapture(id, capture);
    return asking;
  });
  errands.set(id, { captured, outcome });
  setTimeout(() => errands.delete(id), MAX_AGE_MS);
}

/** Tells a reader's page how its errand goes. @param {chrome.runtime.Port} port */
export async function reportErrand(port) {
  const errand = errands.get(port.name.slice(PORT.length));
  let open = true;
  port.onDisconnect.addListener(() => (open = false));
  const tell = (/** @type {ErrandMessage} */ message) => open && port.postMessage(message);
  if (!errand) return tell({ unknown: true });
  const { captured, at } = await errand.captured;
  // The page itself stays here and in the session's storage: the reader seldom needs it.
  tell({ captured: "snapshot" in captured ? { snapshot: { ...captured.snapshot, html: "" } } : captured, at });
  const outcome = await errand.outcome;
  if (outcome) tell(outcome);
}

/**
 * What the service says to a snapshot, and the rules that went with it.
 * @param {Snapshot} snapshot
 * @param {Promise<[import("./settings.js").ServerSettings, import("./rules.js").Rule[]]>} settings
 * @returns {Promise<Reply>}
 */
export async function askService(snapshot, settings = Promise.all([readServer(), readRules()])) {
  const [server, all] = await settings;
  const rules = rulesFor(all, siteOf(snapshot.url));
  const asked = Date.now();
  const answer = await cleanPage(server, { html: snapshot.html, url: snapshot.url, options: rules });
  return { answer, rules, asked, answered: Date.now() };
}

/** An error as what can be sent through a port. @param {unknown} error @returns {Refusal} */
export function refusalOf(error) {
  const { problem, said } = error instanceof ServiceError ? error : new ServiceError("broken");
  return { problem, said };
}
