/** All tabs of the window at once: each is read and cleaned; together they make a book or one Markdown file. */
import { cleanPage, ServiceError } from "./api.js";
import { applyRules, fromAnswer, removedEntries, shownEntries } from "./article.js";
import { captureTab, storeCapture, whenForgotten } from "./capture.js";
import { applySettings, el, t, translatePage } from "./dom.js";
import { toEpub } from "./exports/epub.js";
import { pictureAddresses, toMarkdown } from "./exports/formats.js";
import { fetchPictures } from "./exports/pictures.js";
import { download } from "./exports/save.js";
import { readRules, rulesFor, siteOf } from "./rules.js";
import { readServer, readSettings } from "./settings.js";

const ALL_PAGES = ["http://*/*", "https://*/*"];
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
/** @type {import("./article.js").Article[]} */
const articles = [];

translatePage();
document.title = `Bodycopy – ${t("menu_tabs")}`;
const settings = await readSettings();
applySettings(settings);
$("start").addEventListener("click", () => void start());
$("epub").addEventListener("click", async () => {
  const { found } = await fetchPictures(settings.images ? articles.flatMap(pictureAddresses) : []);
  const title = `Bodycopy ${new Date().toISOString().slice(0, 10)}`;
  download(await toEpub(articles, found, title), "application/epub+zip", title, "epub");
});
$("markdown").addEventListener("click", () => {
  const parts = articles.map((article) => toMarkdown(article, { source: settings.source_line }));
  download(parts.join("\n"), "text/markdown;charset=utf-8", `Bodycopy ${new Date().toISOString().slice(0, 10)}`, "md");
});
// All of many tabs may be more than the browser keeps in memory: a button that led to nothing goes.
whenForgotten((id) => document.querySelector(`[data-capture="${id}"]`)?.remove());
document.body.dataset.state = "ready";

async function start() {
  if (!(await chrome.permissions.request({ origins: ALL_PAGES }))) {
    $("said").textContent = t("fix_permission");
    return;
  }
  /** @type {HTMLButtonElement} */ ($("start")).disabled = true;
  const windowId = Number(new URLSearchParams(location.search).get("window")) || chrome.windows.WINDOW_ID_CURRENT;
  const tabs = (await chrome.tabs.query({ windowId })).filter((tab) => /^(https?|file):/.test(tab.url ?? ""));
  const [server, rules] = await Promise.all([readServer(), readRules()]);
  articles.length = 0;
  $("list").replaceChildren();
  for (const [index, tab] of tabs.entries()) {
    $("said").textContent = `${index + 1} / ${tabs.length}`;
    await readOne(tab, server, rules);
  }
  $("said").textContent = t("tabs_done", articles.length, tabs.length);
  for (const id of ["epub", "markdown"]) $(id).hidden = !articles.length;
  /** @type {HTMLButtonElement} */ ($("start")).disabled = false;
  document.body.dataset.state = "done";
}

/** @param {chrome.tabs.Tab} tab @param {import("./settings.js").ServerSettings} server @param {import("./rules.js").Rule[]} rules */
async function readOne(tab, server, rules) {
  const url = tab.url ?? "";
  // Browsers unload tabs that were long not looked at, and after their start load them only once they are. They are not
  // loaded from here: Firefox then shows an empty page, or loads it twice.
  const asleep = tab.discarded || tab.status === "unloaded";
  /** @type {import("./capture.js").Capture | null} */
  const capture = asleep ? null : await captureTab(/** @type {number} */ (tab.id), "page", url);
  const id = crypto.randomUUID();
  let words = "";
  let title = tab.title || url;
  /** @type {HTMLElement | null} */
  let link = null;
  if (!capture) words = t("tabs_asleep");
  else if ("failure" in capture) words = t(`fail_${capture.failure}`);
  else {
    const options = rulesFor(rules, siteOf(url));
    try {
      const article = fromAnswer(await cleanPage(server, { html: capture.snapshot.html, url, options }), capture.snapshot);
      applyRules(article, options, t("reason_taught"));
      if (!shownEntries(article).length) throw new ServiceError("no_article");
      articles.push(article);
      title = article.title;
      words = t("removed_count", removedEntries(article).length);
      link = el("a", {
        class: "button",
        "data-capture": id,
        target: "_blank",
        href: `reader.html?id=${id}&url=${encodeURIComponent(url)}`,
        text: t("tabs_read"),
      });
    } catch (error) {
      words = t(`fail_${error instanceof ServiceError ? error.problem : "broken"}`);
    }
  }
  $("list").append(el("li", {}, el("div", {}, el("span", { text: title, dir: "auto" }), el("small", { text: words })), link));
  if (link && capture) await storeCapture(id, capture);
}
