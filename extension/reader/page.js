/** Draws the article: title block, body, and the mark where something stood. */
import { measure, shownEntries, tagOf } from "../article.js";
import { el, language, t, toFragment } from "../dom.js";
import { neighbours, renderEntries } from "./view.js";

/** @typedef {import("../article.js").Article} Article */

/**
 * @param {HTMLElement} place @param {Article} article @param {{images: boolean}} settings
 * @param {number} [fresh] the entry to point at
 */
export function drawArticle(place, article, settings, fresh) {
  place.lang = tagOf(article.language) ?? "";
  place.dir = article.direction || "auto";
  const content = el("div", { id: "content" });
  content.append(leadPicture(article, settings) ?? "", renderEntries(article, settings));
  for (const table of content.querySelectorAll("table")) {
    const frame = el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("table") });
    table.replaceWith(frame);
    frame.append(table);
  }
  for (const code of content.querySelectorAll("pre")) code.tabIndex = 0;
  for (const image of content.querySelectorAll("img")) {
    // A picture inside a link leads where the link does.
    if (image.closest("a")) continue;
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.setAttribute("aria-label", `${t("picture_enlarge")} ${image.alt}`.trim());
  }
  // The keyboard's mark stays where it is, in the same article.
  const isSame = place.querySelector(".printed-source")?.textContent === article.url;
  const current = isSame && place.querySelector("#content .current")?.getAttribute("data-entry");
  if (current) content.querySelector(`[data-entry="${current}"]`)?.classList.add("current");
  place.replaceChildren(titleBlock(article), content, el("p", { class: "printed-source" }, el("bdi", { dir: "ltr", text: article.url })));
  const node = fresh === undefined ? null : content.querySelector(`[data-entry="${fresh}"]`);
  node?.classList.add("fresh");
  node?.scrollIntoView({ block: "center" });
}

/** The page's own picture, where the article's text brings none. @param {Article} article @param {{images: boolean}} settings */
function leadPicture(article, settings) {
  if (!article.lead_image || !settings.images || shownEntries(article).some((item) => item.html.includes("<img"))) return null;
  const figure = el("figure", {}, toFragment(el("img", { src: article.lead_image, alt: "" }), settings));
  return figure.firstElementChild ? figure : null;
}

/** @param {Article} article */
function titleBlock(article) {
  const tag = language();
  const text = shownEntries(article)
    .map((item) => item.text)
    .join(" ");
  const { words, fast, slow } = measure(text, article.language);
  const minutes = fast === slow ? String(fast) : `${fast}–${slow}`;
  const facts = [
    article.byline && el("span", { class: "byline", dir: "auto", text: article.byline }),
    day(article.date, tag),
    el("span", { class: "length", text: t("length", words.toLocaleString(tag), minutes) }),
  ];
  return el(
    "header",
    { class: "title-block" },
    article.site_name && el("p", { class: "site", dir: "auto", text: article.site_name }),
    el("h1", { text: article.title || t("untitled") }),
    article.dek && el("p", { class: "dek", text: article.dek }),
    el("p", { class: "facts", dir: document.documentElement.dir }, ...facts.map((node) => node && el("span", {}, node))),
  );
}

/** @param {string} date @param {string} tag */
function day(date, tag) {
  const time = new Date(date);
  if (!date || Number.isNaN(time.getTime())) return null;
  // A date without a time is that day everywhere.
  const zone = /^\d{4}-\d\d-\d\d$/.test(date) ? { timeZone: "UTC" } : {};
  return el("time", { datetime: date, text: time.toLocaleDateString(tag, { dateStyle: "long", ...zone }) });
}

/** Marks where a removed entry stood. @param {Article | null} article @param {number | null} id null takes the mark away */
export function showPlace(article, id) {
  document.getElementById("place")?.remove();
  if (id === null || !article) return;
  const { before, after } = neighbours(article, id);
  const last = before && [...document.querySelectorAll(`[data-entry="${before.id}"]`)].at(-1);
  const next = after && document.querySelector(`[data-entry="${after.id}"]`);
  const outer = (last ?? next)?.closest("#content > *");
  const mark = el("div", { id: "place", text: t("place_here") });
  if (last) outer?.after(mark);
  else outer?.before(mark);
  if (!mark.isConnected) return;
  const box = mark.getBoundingClientRect();
  const style = getComputedStyle(document.documentElement);
  // The bar covers the window's beginning, and on a small screen the drawer its end.
  const [above, below] = [style.scrollPaddingBlockStart, style.scrollPaddingBlockEnd].map((size) => parseFloat(size) || 0);
  if (box.top < above || box.bottom > innerHeight - below) mark.scrollIntoView({ block: "center" });
}
