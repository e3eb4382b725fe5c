/** The reader: waits for the snapshot, has it cleaned, shows it, and lets the person change what is shown. */
import { ServiceError } from "./api.js";
import { applyRules, fromAnswer, measure, removedEntries, shownEntries, tagOf } from "./article.js";
import { applySettings, el, icon, labelName, t, toFragment, translatePage } from "./dom.js";
import { readLocally } from "./local.js";
import { renderDrawer } from "./reader/drawer.js";
import { renderFailure } from "./reader/failure.js";
import { early, requestAnswer, waitForCapture } from "./reader/request.js";
import { Speaker } from "./reader/speech.js";
import { closePopovers, renderTools, syncTools } from "./reader/tools.js";
import { neighbours, renderEntries } from "./reader/view.js";
import { addRules, dropRule, keepRule, readRules, removeRules, rulesFor, siteOf } from "./rules.js";
import { readServer, readSettings } from "./settings.js";

const TOAST_MS = 9000;
const query = new URLSearchParams(location.search);
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

translatePage();
const settings = await readSettings();
applySettings(settings);
/** @type {import("./capture.js").Snapshot | null} */
let snapshot = null;
/** @type {import("./reader/tools.js").Desk} */
const desk = { settings, article: null, speaker: null, toast, redraw: () => draw(), toggleDrawer: () => showDrawer(drawerClosed()) };

renderTools($("tools"), desk);
$("drawer-close").append(icon("close"));
$("drawer-close").addEventListener("click", () => showDrawer(false));
const original = query.get("url") ?? "";
setOriginal(original);
chrome.storage.sync.onChanged.addListener((changes) => {
  if (!changes.reader) return;
  Object.assign(settings, changes.reader.newValue);
  applySettings(settings);
  syncTools(settings);
});

if (query.has("panel")) {
  const { id: windowId } = await chrome.windows.getCurrent();
  chrome.storage.session.onChanged.addListener((changes) => {
    const panel = /** @type {any} */ (changes.panel?.newValue);
    if (panel?.windowId === windowId) void open(panel.id);
  });
  const { panel } = /** @type {any} */ (await chrome.storage.session.get("panel"));
  if (chrome.sidePanel) void chrome.runtime.sendMessage({ type: "capture-active", windowId }).then((answer) => open(answer?.id ?? ""));
  else if (panel?.windowId === windowId) void open(panel.id);
  else fail({ problem: "nothing_open" });
} else {
  await open(query.get("id") ?? "");
}

/** @param {string} id of the capture */
async function open(id) {
  document.body.dataset.state = "loading";
  const capture = await (early?.capture ?? waitForCapture(id));
  if (!capture) return fail({ problem: "expired", url: original });
  if ("failure" in capture) return fail({ problem: capture.failure, url: capture.url.startsWith("http") ? capture.url : "" });
  snapshot = capture.snapshot;
  setOriginal(snapshot.url);
  await readWithService(early?.answer ?? undefined);
}

/** @param {ReturnType<typeof requestAnswer>} [asked] an answer that is on its way already */
async function readWithService(asked) {
  if (!snapshot) return;
  document.body.dataset.state = "loading";
  $("failure").hidden = true;
  try {
    const { answer, rules } = await (asked ?? requestAnswer(snapshot));
    const article = fromAnswer(answer, snapshot);
    applyRules(article, rules, t("reason_taught"));
    if (!shownEntries(article).length) throw new ServiceError("no_article");
    show(article);
  } catch (error) {
    const problem = error instanceof ServiceError ? error : new ServiceError("broken");
    fail({ problem: problem.problem, detail: problem.detail, address: (await readServer()).address, url: snapshot.url });
    if (!(error instanceof ServiceError)) throw error;
    if (problem.problem === "busy")
      setTimeout(() => document.body.dataset.state === "failure" && readWithService(), 1000 * (problem.retryAfter || 3));
  }
}

async function readHere() {
  if (!snapshot) return;
  const article = await readLocally(snapshot);
  if (!article?.entries.length) return fail({ problem: "no_article", url: snapshot.url });
  applyRules(article, rulesFor(await readRules(), siteOf(snapshot.url)), t("reason_taught"));
  show(article);
}

/** @param {Parameters<typeof renderFailure>[1]} failure */
function fail(failure) {
  desk.article = null;
  document.body.dataset.state = "failure";
  $("skeleton").hidden = true;
  $("article").replaceChildren();
  $("notice").hidden = true;
  showDrawer(false);
  const local =
    snapshot && failure.problem !== "no_article"
      ? () => void readHere()
      : snapshot && failure.detail !== undefined
        ? () => void readHere()
        : null;
  renderFailure($("failure"), failure, { again: () => void readWithService(), local });
  $("failure").hidden = false;
  document.title = t(`fail_${failure.problem}`);
}

/** @param {import("./article.js").Article} article */
function show(article) {
  desk.article = article;
  document.title = article.title || "Bodycopy";
  const place = $("article");
  const language = tagOf(article.language);
  if (language) place.lang = language;
  place.dir = article.direction || "auto";
  desk.speaker = new Speaker(place, article.language, (speaking) => (document.body.dataset.speaking = String(speaking)));
  $("notice").hidden = !article.local && !article.warnings.length;
  $("notice").textContent = article.local ? t("local_notice") : article.warnings.join(" ");
  $("skeleton").hidden = true;
  $("failure").hidden = true;
  draw();
  document.body.dataset.state = "article";
  performance.mark("readable");
}

/** Draws the article and the drawer anew. @param {number} [fresh] the entry to point at */
function draw(fresh) {
  const { article } = desk;
  if (!article) return;
  const content = el("div", { id: "content" });
  const pictured = shownEntries(article).some((item) => item.html.includes("<img"));
  if (article.lead_image && !pictured && settings.images) {
    const lead = el("img", { src: article.lead_image, alt: "" });
    const figure = toFragment(lead.outerHTML, settings);
    if (figure.firstElementChild) content.append(el("figure", {}, figure));
  }
  content.append(renderEntries(article, settings));
  for (const table of content.querySelectorAll("table")) {
    const frame = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("table") });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const code of content.querySelectorAll("pre")) code.tabIndex = 0;
  for (const image of content.querySelectorAll("img")) {
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.setAttribute("aria-label", `${t("picture_enlarge")} ${image.alt}`.trim());
  }
  $("article").replaceChildren(titleBlock(article), content, el("p", { class: "printed-source", text: article.url }));
  desk.speaker?.forget();
  const count = removedEntries(article).length;
  /** @type {HTMLElement} */ ($("count").querySelector("span")).textContent = article.local
    ? t("removed_unknown")
    : t("removed_count", count.toLocaleString());
  $("drawer-title").textContent = t("drawer_title");
  renderDrawer($("removed"), article, { putBack, alwaysKeep, showPlace });
  if (fresh !== undefined) {
    const node = content.querySelector(`[data-entry="${fresh}"]`);
    node?.classList.add("fresh");
    node?.scrollIntoView({ block: "center" });
  }
  onScroll();
}

/** @param {import("./article.js").Article} article */
function titleBlock(article) {
  const text = shownEntries(article)
    .map((item) => item.text)
    .join(" ");
  const { words, fast, slow } = measure(text, article.language);
  const day = article.date && !Number.isNaN(Date.parse(article.date)) ? new Date(article.date) : null;
  const tag = chrome.i18n.getUILanguage();
  const minutes = fast === slow ? String(fast) : `${fast}–${slow}`;
  const facts = [
    article.byline && el("span", { class: "byline", dir: "auto", text: article.byline }),
    day &&
      el("time", {
        datetime: article.date,
        text: day.toLocaleDateString(tag, { dateStyle: "long", ...(/^\d{4}-\d\d-\d\d$/.test(article.date) && { timeZone: "UTC" }) }),
      }),
    el("span", { class: "length", text: t("length", words.toLocaleString(tag), minutes) }),
  ].map((node) => node && el("span", {}, node));
  return el(
    "header",
    { class: "title-block" },
    article.site_name && el("p", { class: "site", dir: "auto", text: article.site_name }),
    el("h1", { text: article.title || t("untitled") }),
    article.dek && el("p", { class: "dek", text: article.dek }),
    el("p", { class: "facts", dir: document.documentElement.dir }, ...facts),
  );
}

/** @param {string} url */
function setOriginal(url) {
  $("original").hidden = !/^https?:/.test(url);
  if (/^https?:/.test(url)) $("original").setAttribute("href", url);
}

// -- what the person changes ------------------------------------------------

/** @param {number} id */
function putBack(id) {
  const item = desk.article?.entries.find((one) => one.id === id);
  if (!item) return;
  const was = { ...item };
  showPlace(null);
  Object.assign(item, { shown: true, by: "put_back" });
  if (was.by === "dropped") void removeRules([dropRule(siteOf(snapshot?.url ?? ""), item.text)]);
  draw(id);
  toast(t("done_put_back"), {
    label: t("undo"),
    run: () => {
      Object.assign(item, was);
      if (was.by === "dropped") void addRules([dropRule(siteOf(snapshot?.url ?? ""), item.text)]);
      draw();
    },
  });
}

/** @param {string} label */
async function alwaysKeep(label) {
  const added = await addRules([keepRule(label)]);
  const changed = desk.article?.entries.filter((item) => !item.shown && item.label === label) ?? [];
  for (const item of changed) Object.assign(item, { shown: true, by: "rule" });
  draw(changed[0]?.id);
  toast(t("done_keep", labelName(label)), {
    label: t("undo"),
    run: async () => {
      await removeRules(added);
      for (const item of changed) Object.assign(item, { shown: false, by: "" });
      draw();
    },
  });
}

/** @param {number[]} ids of the entries never to be shown on this site again */
async function neverShow(ids) {
  const site = siteOf(snapshot?.url ?? "");
  const items = desk.article?.entries.filter((item) => ids.includes(item.id) && item.text) ?? [];
  if (!items.length) return;
  const was = items.map((item) => ({ ...item }));
  const added = await addRules(items.map((item) => dropRule(site, item.text)));
  for (const item of items) Object.assign(item, { shown: false, by: "dropped", source: "taught", reason: t("reason_taught") });
  getSelection()?.removeAllRanges();
  draw();
  toast(t("done_never", site), {
    label: t("undo"),
    run: async () => {
      await removeRules(added);
      items.forEach((item, index) => Object.assign(item, was[index]));
      draw();
    },
  });
}

/** Marks where a removed entry stood. @param {number | null} id */
function showPlace(id) {
  document.getElementById("place")?.remove();
  if (id === null || !desk.article) return;
  const { before, after } = neighbours(desk.article, id);
  const mark = el("div", { id: "place", text: t("place_here") });
  const last = before && [...document.querySelectorAll(`[data-entry="${before.id}"]`)].at(-1);
  const next = after && document.querySelector(`[data-entry="${after.id}"]`);
  const beside = last ?? next;
  const outer = beside?.closest("#content > *");
  if (!outer) return;
  if (last) outer.after(mark);
  else outer.before(mark);
  const box = mark.getBoundingClientRect();
  if (box.top < 60 || box.bottom > innerHeight) mark.scrollIntoView({ block: "center" });
}

function drawerClosed() {
  return Boolean($("drawer").hidden);
}

/** @param {boolean} open */
function showDrawer(open) {
  const had = $("drawer").contains(document.activeElement);
  $("drawer").hidden = !open;
  $("count").setAttribute("aria-expanded", String(open));
  if (open) $("drawer-close").focus();
  else if (had) $("count").focus();
}

/** @param {string} words @param {{label: string, run: () => void}} [action] */
function toast(words, action) {
  const line = el("div", {}, el("span", { text: words }));
  if (action) line.append(el("button", { type: "button", text: action.label, onclick: () => (line.remove(), action.run()) }));
  $("toast").replaceChildren(line);
  setTimeout(() => line.remove(), TOAST_MS);
}

// -- selection, keys, pictures ----------------------------------------------

document.addEventListener("selectionchange", () => {
  const ids = selectedEntries();
  const bar = $("teach");
  bar.hidden = !ids.length;
  if (!ids.length || !desk.article) return;
  bar.replaceChildren(
    el("button", {
      type: "button",
      id: "never",
      text: t("never_show", siteOf(snapshot?.url ?? "")),
      onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
      onclick: () => neverShow(selectedEntries()),
    }),
  );
  const box = /** @type {Selection} */ (getSelection()).getRangeAt(0).getBoundingClientRect();
  bar.style.insetBlockStart = `${scrollY + box.bottom + 8}px`;
  bar.style.left = `${Math.max(8, Math.min(box.left, innerWidth - bar.offsetWidth - 8))}px`;
});

function selectedEntries() {
  const selection = getSelection();
  if (!selection || selection.isCollapsed || !selection.toString().trim()) return [];
  return [...document.querySelectorAll("#content [data-entry]")]
    .filter((node) => selection.containsNode(node, true))
    .map((node) => Number(node.getAttribute("data-entry")));
}

/** @param {number} by */
function stepBlock(by) {
  const blocks = [...document.querySelectorAll("#content [data-entry]")];
  const at = blocks.findIndex((node) => node.classList.contains("current"));
  blocks[at]?.classList.remove("current");
  const next = blocks[Math.min(Math.max(at + by, 0), blocks.length - 1)];
  next?.classList.add("current");
  next?.scrollIntoView({ block: "center" });
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (event.key === "Escape") {
    const opener = closePopovers();
    if (opener) opener.focus();
    else if (!$("drawer").hidden) showDrawer(false);
    return;
  }
  if ((event.key === "Enter" || event.key === " ") && target.localName === "img") {
    event.preventDefault();
    return enlarge(/** @type {HTMLImageElement} */ (target));
  }
  if (event.ctrlKey || event.metaKey || event.altKey || /^(input|select|textarea)$/.test(target.localName) || !desk.article) return;
  const key = event.key.toLowerCase();
  const current = document.querySelector("#content .current");
  if (key === "j") stepBlock(1);
  else if (key === "k") stepBlock(-1);
  else if (key === "r") showDrawer(drawerClosed());
  else if (key === "x" && current) void neverShow([Number(current.getAttribute("data-entry"))]);
  else if (key === "l") desk.speaker?.speaking ? desk.speaker.stop() : void desk.speaker?.speak(settings);
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target instanceof HTMLImageElement && target.closest("#content") && !target.closest("a")) enlarge(target);
});

/** @param {HTMLImageElement} image */
function enlarge(image) {
  const box = /** @type {HTMLDialogElement} */ ($("lightbox"));
  const caption = image.closest("figure")?.querySelector("figcaption")?.textContent ?? image.alt;
  const close = el("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => box.close() }, icon("close"));
  const large = el("img", { src: image.src, alt: image.alt, referrerpolicy: "no-referrer" });
  box.replaceChildren(el("figure", {}, large, el("figcaption", { text: caption })), close);
  box.onclick = (event) => event.target === large || box.close();
  box.showModal();
}

function onScroll() {
  const root = document.documentElement;
  const room = root.scrollHeight - innerHeight;
  root.style.setProperty("--read", String(room > 0 ? Math.min(1, scrollY / room) : 0));
  document.body.toggleAttribute("data-scrolled", scrollY > 4);
}
addEventListener("scroll", onScroll, { passive: true });
