/** The reader: follows its errand, shows the article or says why there is none. */
import { ServiceError } from "./api.js";
import { applyRules, fromAnswer, shownEntries } from "./article.js";
import { applySettings, icon, t, translatePage, warned } from "./dom.js";
import { Changes } from "./reader/changes.js";
import { renderDrawer } from "./reader/drawer.js";
import { countDown, renderFailure, renderWaiting } from "./reader/failure.js";
import { listenToKeys } from "./reader/keys.js";
import { listenToPictures } from "./reader/lightbox.js";
import { drawArticle, showPlace } from "./reader/page.js";
import { askAgain, early, followErrand, isReloaded, storedSnapshot } from "./reader/request.js";
import { listenToSelection } from "./reader/selection.js";
import { Speaker } from "./reader/speech.js";
import { makeToast } from "./reader/toast.js";
import { renderTools, showCount, syncTools } from "./reader/tools.js";
import { readRules, rulesFor, siteOf } from "./rules.js";
import { readServer, readSettings, tellFailedSaves } from "./settings.js";

/** Where a busy service does not say when to come again; twice as long each time. */
const BUSY_WAIT_SECONDS = 3;
/** Then it is left to the person. */
const MAX_BUSY_WAIT_SECONDS = 300;
const MAX_BUSY_ATTEMPTS = 4;
const query = new URLSearchParams(location.search);
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

translatePage();
const settings = await readSettings();
applySettings(settings);
/** The page's snapshot without its HTML, which is fetched when it is needed. @type {import("./capture.js").Snapshot | null} */
let snapshot = null;
let errandId = "";
/** Whether a control held the focus that has been taken away since. */
let focusLost = false;
/** Which question is waited for: the answer to an earlier one is not shown any more. */
let turn = 0;
/** Ends what goes on by itself meanwhile: what is said of the waiting, the count to the next attempt. */
let stopWaiting = () => {};

/** @type {import("./reader/tools.js").Desk} */
const desk = { settings, article: null, speaker: null, toast: makeToast($("toast")), redraw: draw, toggleDrawer };
const changes = new Changes(desk);
tellFailedSaves(() => desk.toast(t("save_failed")));
renderTools($("tools"), desk);
$("original").prepend(icon("back"));
$("drawer-close").append(icon("close"));
$("drawer-close").addEventListener("click", () => showDrawer(false));
listenToKeys(
  {
    closeDrawer: () => showDrawer(false),
    neverShow: (id) => void changes.neverShow([id]),
    undo: () => void changes.undo(),
    letters: { r: toggleDrawer, l: () => (desk.speaker?.speaking ? desk.speaker.stop() : void desk.speaker?.speak(settings)) },
  },
  () => settings.letter_keys,
);
listenToPictures(/** @type {HTMLDialogElement} */ ($("lightbox")));
listenToSelection(
  $("teach"),
  () => siteOf(desk.article?.url ?? ""),
  (ids) => void changes.neverShow(ids),
);
addEventListener("scroll", onScroll, { passive: true });
chrome.storage.sync.onChanged.addListener((changed) => {
  if (!changed.reader) return;
  const { images } = settings;
  Object.assign(settings, changed.reader.newValue);
  applySettings(settings);
  syncTools(settings);
  if (settings.images !== images) draw();
});

const original = query.get("url") ?? "";
setOriginal(original);
if (query.has("panel")) await openInPanel();
else await open(query.get("id") ?? "");

/** A panel shows one article after the other: each that the button is clicked for in its window. */
async function openInPanel() {
  const { id: windowId } = await chrome.windows.getCurrent();
  chrome.storage.session.onChanged.addListener((changed) => {
    const panel = /** @type {any} */ (changed.panel?.newValue);
    if (panel?.windowId === windowId) void open(panel.id);
  });
  const { panel } = /** @type {any} */ (await chrome.storage.session.get("panel"));
  if (panel?.windowId === windowId) void open(panel.id, !isReloaded);
  else fail({ problem: "nothing_open" });
}

/** @param {string} id of the errand @param {boolean} [fresh] whether it has just been begun */
async function open(id, fresh = true) {
  document.body.dataset.state = "loading";
  errandId = id;
  turn++;
  changes.forget();
  takeAway();
  const began = performance.now();
  wait(renderWaiting($("waiting"), "", began, null));
  const errand = early ?? followErrand(id, fresh);
  const capture = await errand.capture;
  if (id !== errandId) return;
  const shown = capture ? ("failure" in capture ? capture.url : capture.snapshot.url) : original;
  setOriginal(shown);
  if (!capture) return fail({ problem: "expired", url: original });
  if ("failure" in capture) return fail({ problem: capture.failure, url: shown.startsWith("http") ? shown : "" });
  snapshot = capture.snapshot;
  await showReply(errand.reply, { began, times: errand.times });
}

/** Takes away what a panel shows of the errand before. */
function takeAway() {
  focusLost ||= $("desk").contains(document.activeElement);
  snapshot = null;
  desk.article = null;
  desk.speaker?.stop();
  showDrawer(false);
  $("article").replaceChildren();
  $("notice").hidden = true;
  leaveFailure();
  $("skeleton").hidden = false;
}

/** @param {() => void} [stop] of what goes on by itself from now on */
function wait(stop = () => {}) {
  focusLost ||= $("waiting").contains(document.activeElement);
  stopWaiting();
  stopWaiting = stop;
}

/**
 * @param {Promise<import("./errand.js").Reply>} asking
 * @param {{began?: number, times?: object, busy?: number}} [how] when the waiting began; `times` of the way here, for the
 *   benchmark; how often the service was `busy` already: what is said then stays until it has answered
 */
async function showReply(asking, { began = performance.now(), times, busy = 0 } = {}) {
  if (!snapshot) return;
  const mine = ++turn;
  if (!busy) {
    document.body.dataset.state = "loading";
    document.title = snapshot.title || "Bodycopy";
    leaveFailure();
    $("skeleton").hidden = false;
    wait(renderWaiting($("waiting"), snapshot.title, began, () => void readHere()));
  }
  try {
    const { answer, rules, asked, answered } = await asking;
    if (mine !== turn) return;
    const article = fromAnswer(answer, snapshot);
    applyRules(article, rules, t("reason_taught"));
    if (!shownEntries(article).length) throw new ServiceError("no_article");
    show(article);
    // The mark stands after the frame with the text in it.
    const drawn = performance.timeOrigin + performance.now();
    requestAnimationFrame(() => setTimeout(() => performance.mark("readable", { detail: { ...times, asked, answered, drawn } })));
  } catch (error) {
    if (mine !== turn) return;
    const { problem, said } = error instanceof ServiceError ? error : new ServiceError("broken");
    const { address } = await readServer();
    if (mine !== turn) return;
    if (problem !== "busy" || !busy) fail({ problem, ...said, address, url: snapshot.url });
    if (problem === "busy") askLater(busy, said.retryAfter);
    if (!(error instanceof ServiceError)) throw error;
  }
}

/** @param {number} busy how often the service was, before @param {number} seconds what it asks for; 0 where it does not say */
function askLater(busy, seconds) {
  const pause = (seconds || BUSY_WAIT_SECONDS) * 2 ** busy;
  if (busy >= MAX_BUSY_ATTEMPTS || pause > MAX_BUSY_WAIT_SECONDS) $("next").textContent = t("busy_over");
  else wait(countDown($("next"), pause, () => void showReply(askAgain(errandId), { busy: busy + 1 })));
}

function readAgain() {
  void showReply(askAgain(errandId));
}

async function readHere() {
  const mine = ++turn;
  wait();
  const whole = await storedSnapshot(errandId);
  if (mine !== turn) return;
  if (!whole) return fail({ problem: "expired", url: snapshot?.url });
  const { readLocally } = await import("./local.js");
  const article = await readLocally(whole);
  if (mine !== turn) return;
  if (!article?.entries.length) return fail({ problem: "no_article", url: whole.url, final: true });
  applyRules(article, rulesFor(await readRules(), siteOf(whole.url)), t("reason_taught"));
  show(article);
}

/** Hides what was said, whose button may hold the focus: it goes to what comes instead. */
function leaveFailure() {
  focusLost ||= $("failure").contains(document.activeElement);
  $("failure").hidden = true;
}

/** Gives the focus back that a control had which is gone now. @param {HTMLElement | null} place */
function regainFocus(place) {
  const at = document.activeElement;
  if (focusLost && (at === document.body || !at?.checkVisibility())) place?.focus({ preventScroll: true });
  focusLost = false;
}

/** @param {Parameters<typeof renderFailure>[1] & {final?: boolean}} failure `final` where the local reading found nothing either */
function fail(failure) {
  desk.article = null;
  leaveFailure();
  wait();
  document.body.dataset.state = "failure";
  $("skeleton").hidden = true;
  $("article").replaceChildren();
  $("notice").hidden = true;
  showDrawer(false);
  renderFailure($("failure"), failure, { again: readAgain, local: snapshot && !failure.final ? () => void readHere() : null });
  $("failure").hidden = false;
  regainFocus($("failure").querySelector("button, a"));
  document.title = t(`fail_${failure.problem}`);
}

/** @param {import("./article.js").Article} article */
function show(article) {
  desk.article = article;
  document.title = article.title || "Bodycopy";
  desk.speaker?.stop();
  desk.speaker = new Speaker($("article"), article.language, {
    changed: (speaking) => (document.body.dataset.speaking = String(speaking)),
    failed: () => desk.toast(t("speak_failed")),
  });
  $("notice").hidden = !article.local && !article.warnings.length;
  $("notice").replaceChildren(...(article.local ? [t("local_notice")] : article.warnings.map(warned)));
  $("skeleton").hidden = true;
  leaveFailure();
  wait();
  draw();
  document.body.dataset.state = "article";
  regainFocus($("article"));
}

/** Draws the article and the drawer anew. @param {number} [fresh] the entry to point at */
function draw(fresh) {
  const { article } = desk;
  if (!article) return;
  drawArticle($("article"), article, settings, fresh);
  desk.speaker?.forget();
  showCount(article);
  if (!$("drawer").hidden) drawDrawer();
  onScroll();
}

function drawDrawer() {
  if (!desk.article) return;
  renderDrawer($("removed"), desk.article, {
    putBack: (id) => (showPlace(null, null), void changes.putBack(id)),
    alwaysKeep: (label) => void changes.alwaysKeep(label),
    showPlace: (id) => showPlace(desk.article, id),
  });
}

function toggleDrawer() {
  showDrawer(Boolean($("drawer").hidden));
}

/** @param {boolean} open */
function showDrawer(open) {
  const had = $("drawer").contains(document.activeElement);
  $("drawer").hidden = !open;
  $("count").setAttribute("aria-expanded", String(open));
  if (open) {
    drawDrawer();
    $("drawer-close").focus();
  } else {
    showPlace(null, null);
    if (had) $("count").focus();
  }
}

/** @param {string} url */
function setOriginal(url) {
  const known = /^https?:/.test(url);
  $("original").hidden = !known;
  if (known) Object.assign($("original"), { href: url, title: url });
}

function onScroll() {
  const root = document.documentElement;
  const room = root.scrollHeight - innerHeight;
  root.style.setProperty("--read", String(room > 0 ? Math.min(1, scrollY / room) : 0));
  document.body.toggleAttribute("data-scrolled", scrollY > 4);
}
