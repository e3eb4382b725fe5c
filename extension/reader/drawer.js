/** What was removed: grouped by kind, each with its reason, its place and a way back. */
import { removedEntries } from "../article.js";
import { el, labelName, t, toFragment } from "../dom.js";
import { neighbours } from "./view.js";

/** Kinds a reader may miss something in come first; what every page is full of comes folded. */
const FOLDED = new Set(["navigation", "interface", "copyright", "consent", "comments", "title", "dek", "pictures"]);
/** What the person never wants to see again makes a group of its own. */
const TAUGHT = "taught";
/** And pictures, which are many, and mostly of what is removed in other groups. */
const PICTURES = "pictures";
const GROUP_LIMIT = 40;
const PLACE_CHARS = 60;

/**
 * @typedef {object} DrawerActions
 * @property {(id: number) => void} putBack
 * @property {(label: string) => void} alwaysKeep
 * @property {(id: number | null) => void} showPlace null takes the mark away
 */

/**
 * Fills the drawer's list.
 * @param {HTMLElement} list @param {import("../article.js").Article} article @param {DrawerActions} actions
 */
export function renderDrawer(list, article, actions) {
  const open = new Set([...list.querySelectorAll("details[open]")].map((group) => group.getAttribute("data-label")));
  const first = !list.childElementCount;
  /** @type {Map<string, import("../article.js").Entry[]>} */
  const groups = new Map();
  for (const item of removedEntries(article)) {
    const kind = item.by === "dropped" ? TAUGHT : item.text ? item.label : PICTURES;
    groups.get(kind)?.push(item) ?? groups.set(kind, [item]);
  }
  const sorted = [...groups].sort(([a], [b]) => Number(FOLDED.has(a)) - Number(FOLDED.has(b)));
  list.replaceChildren(
    ...sorted.map(([label, items]) => {
      const unfold = first ? !FOLDED.has(label) : open.has(label) || (!FOLDED.has(label) && items.some((item) => item.by));
      return group(label, items, unfold, article, actions);
    }),
  );
  if (article.local) list.replaceChildren(el("p", { class: "note", text: t("drawer_local") }));
  else if (!groups.size) list.replaceChildren(el("p", { class: "note", text: t("drawer_empty") }));
}

/** @param {string} label @param {import("../article.js").Entry[]} items @param {boolean} open @param {import("../article.js").Article} article @param {DrawerActions} actions */
function group(label, items, open, article, actions) {
  const keep = el("button", { type: "button", class: "quiet", text: t("drawer_keep_kind"), onclick: () => actions.alwaysKeep(label) });
  const body = el("div", { class: "group-body" });
  const fill = () => {
    if (body.childElementCount) return;
    const rows = el("ol", { class: "removed" });
    const more = (/** @type {number} */ from) => {
      rows.append(...items.slice(from, from + GROUP_LIMIT).map((item) => row(item, article, actions)));
      if (items.length > from + GROUP_LIMIT) {
        const next = el("button", { type: "button", class: "quiet", text: t("drawer_more", items.length - from - GROUP_LIMIT) });
        next.addEventListener("click", () => {
          next.parentElement?.remove();
          more(from + GROUP_LIMIT);
        });
        rows.append(el("li", { class: "more" }, next));
      }
    };
    more(0);
    body.append(rows, label === TAUGHT || label === PICTURES ? "" : keep);
  };
  const details = el(
    "details",
    { "data-label": label, open },
    el("summary", {}, el("span", { text: labelName(label) }), el("span", { class: "count", text: String(items.length) })),
    body,
  );
  details.addEventListener("toggle", () => details.open && fill());
  if (open) fill();
  return details;
}

/** @param {import("../article.js").Entry} item @param {import("../article.js").Article} article @param {DrawerActions} actions */
function row(item, article, actions) {
  const show = () => actions.showPlace(item.id);
  const hide = () => actions.showPlace(null);
  return el(
    "li",
    { "data-removed": item.id, onmouseenter: show, onmouseleave: hide, onfocusin: show, onfocusout: hide },
    el("p", { class: "gone", dir: "auto", text: wordsOf(item) }),
    ...reasonOf(item),
    el("p", { class: "where", text: placeOf(item, article) }),
    el("button", {
      type: "button",
      text: t("drawer_put_back"),
      onclick: () => actions.putBack(item.id),
      "aria-label": `${t("drawer_put_back")}: ${wordsOf(item).slice(0, PLACE_CHARS)}`,
    }),
  );
}

/** What is said of an entry: of a picture, what the page says instead of it, or the name of its file. @param {import("../article.js").Entry} item */
function wordsOf(item) {
  if (item.text) return item.text;
  const image = toFragment(item.html, { images: true }).querySelector("img");
  return image?.alt || image?.src.replace(/[?#].*/, "").replace(/^.*\/(?=.)/, "") || "";
}

/**
 * Why it was removed. The service says it in English and in detail; in another language the kind says it first.
 * @param {import("../article.js").Entry} item
 */
function reasonOf(item) {
  if (item.by === "dropped") return [el("p", { class: "why", text: item.reason })];
  const general = /^en\b/.test(chrome.i18n.getUILanguage()) ? "" : chrome.i18n.getMessage(`why_${item.label}`);
  return [
    general && el("p", { class: "why", text: general }),
    el("p", { class: general ? "where" : "why" }, el("span", { text: item.reason, lang: "en", dir: "ltr" })),
  ];
}

/** @param {import("../article.js").Entry} item @param {import("../article.js").Article} article */
function placeOf(item, article) {
  const { before, after } = neighbours(article, item.id);
  if (!before) return t("place_before");
  if (!after) return t("place_end");
  const said = wordsOf(before);
  const words = said.length > PLACE_CHARS ? `${said.slice(0, PLACE_CHARS).trimEnd()}…` : said;
  // Isolated, lest words that run the other way turn those around them.
  return t("place_after", `\u2068${words}\u2069`);
}
