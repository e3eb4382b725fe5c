/** What was removed: grouped by kind, each with its reason, its place and a way back. */
import { removedEntries, tagOf } from "../article.js";
import { el, isolated, labelName, language, saidBy, t, toFragment } from "../dom.js";
import { neighbours } from "./view.js";

/** What the person never wants to see again makes a group of its own. */
const TAUGHT = "taught";
/** And pictures, which are many, and mostly of what is removed in other groups. */
const PICTURES = "pictures";
/** The groups' order, the same whatever is put back: kinds a reader may miss something in come first, others after these. */
const FIRST = [
  TAUGHT, "caption", "author_bio", "byline", "related", "promotion", "newsletter", "subscription", "donation", "paywall",
  "app", "affiliate", "advertisement", "social",
]; // prettier-ignore
/** What every page is full of comes last, and folded. */
const FOLDED = ["title", "dek", PICTURES, "comments", "consent", "interface", "navigation", "copyright"];
const GROUP_LIMIT = 40;
const PLACE_CHARS = 60;

/**
 * @typedef {object} DrawerActions
 * @property {(id: number) => void} putBack
 * @property {(label: string) => void} alwaysKeep
 * @property {(id: number | null) => void} showPlace null takes the mark away
 */

/**
 * A group as the person left it: an undone change brings it back so.
 * @typedef {{open: boolean, rows: number}} GroupState
 * @type {WeakMap<import("../article.js").Article, Map<string, GroupState>>}
 */
const states = new WeakMap();

/**
 * Fills the drawer's list.
 * @param {HTMLElement} list @param {import("../article.js").Article} article @param {DrawerActions} actions
 */
export function renderDrawer(list, article, actions) {
  const own = states.get(article) ?? new Map();
  states.set(article, own);
  /** @type {Map<string, import("../article.js").Entry[]>} */
  const groups = new Map();
  for (const item of removedEntries(article)) {
    const kind = item.by === "dropped" ? TAUGHT : item.text ? item.label : PICTURES;
    groups.get(kind)?.push(item) ?? groups.set(kind, [item]);
  }
  const refocus = keepFocus(list);
  let drawn = false;
  // The focus that is only kept does not lead the article away from what was just put back.
  const onceDrawn = { ...actions, showPlace: (/** @type {number | null} */ id) => void (drawn && actions.showPlace(id)) };
  list.replaceChildren(
    ...[...groups]
      .sort(([a], [b]) => rank(a) - rank(b))
      .map(([label, items]) => {
        const state = own.get(label) ?? { open: !FOLDED.includes(label), rows: GROUP_LIMIT };
        own.set(label, state);
        return group(label, items, state, article, onceDrawn);
      }),
  );
  if (article.local) list.replaceChildren(el("p", { class: "note", text: t("drawer_local") }));
  else if (!groups.size) list.replaceChildren(el("p", { class: "note", text: t("drawer_empty") }));
  refocus();
  drawn = true;
}

/** @param {string} kind */
function rank(kind) {
  const first = FIRST.indexOf(kind);
  return first >= 0 ? first : FIRST.length + 1 + FOLDED.indexOf(kind);
}

/**
 * Where the keyboard is in the list, as a function that takes it there once the list is drawn anew: to the same row or the
 * next one, to the head of their group or the next one, or out of the list.
 * @param {HTMLElement} list
 */
function keepFocus(list) {
  const focused = document.activeElement;
  if (!focused || !list.contains(focused)) return () => {};
  const places = [
    ...fromHereOn(focused.closest("[data-removed]")).map((row) => `[data-removed="${row.getAttribute("data-removed")}"] button`),
    ...fromHereOn(focused.closest("details")).map((one) => `[data-label="${one.getAttribute("data-label")}"] > summary`),
  ];
  return () => {
    const place = places.map((selector) => list.querySelector(selector)).find(Boolean) ?? document.getElementById("drawer-close");
    /** @type {HTMLElement | null} */ (place)?.focus();
  };
}

/** An element and its siblings after it. @param {Element | null} node */
function fromHereOn(node) {
  const all = [];
  for (let next = node; next; next = next.nextElementSibling) all.push(next);
  return all;
}

/** @param {string} label @param {import("../article.js").Entry[]} items @param {GroupState} state @param {import("../article.js").Article} article @param {DrawerActions} actions */
function group(label, items, state, article, actions) {
  const keep = el("button", { type: "button", class: "quiet", text: t("drawer_keep_kind"), onclick: () => actions.alwaysKeep(label) });
  const body = el("div", { class: "group-body" });
  const fill = () => {
    if (body.childElementCount) return;
    const rows = el("ol", { class: "removed" });
    const more = (/** @type {number} */ from) => {
      const added = items.slice(from, state.rows).map((item) => row(item, article, actions));
      rows.append(...added);
      if (items.length > state.rows) {
        const next = el("button", { type: "button", class: "quiet", text: t("drawer_more", items.length - state.rows) });
        next.addEventListener("click", () => {
          next.parentElement?.remove();
          const shown = state.rows;
          state.rows += GROUP_LIMIT;
          more(shown)[0].querySelector("button")?.focus();
        });
        rows.append(el("li", { class: "more" }, next));
      }
      return added;
    };
    more(0);
    body.append(rows, label === TAUGHT || label === PICTURES ? "" : keep);
  };
  const details = el(
    "details",
    { "data-label": label, open: state.open },
    el("summary", {}, el("span", { text: labelName(label) }), el("span", { class: "count", text: String(items.length) })),
    body,
  );
  details.addEventListener("toggle", () => {
    state.open = details.open;
    if (details.open) fill();
  });
  if (state.open) fill();
  return details;
}

/** @param {import("../article.js").Entry} item @param {import("../article.js").Article} article @param {DrawerActions} actions */
function row(item, article, actions) {
  const show = () => actions.showPlace(item.id);
  const hide = () => actions.showPlace(null);
  return el(
    "li",
    { "data-removed": item.id, onmouseenter: show, onmouseleave: hide, onfocusin: show, onfocusout: hide },
    el("p", { class: "gone", lang: tagOf(article.language) ?? "", dir: article.direction || "auto", text: wordsOf(item) }),
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
 * Why it was removed. The service says it in English: the kind, and after a colon what told it. In another language both
 * are said by ours; of what only a newer service can tell, its own words.
 * @param {import("../article.js").Entry} item
 */
function reasonOf(item) {
  if (item.by === "dropped") return [el("p", { class: "why", text: item.reason })];
  const general = /^en\b/.test(language()) ? "" : chrome.i18n.getMessage(`why_${item.label}`);
  const told = general && item.evidence ? saidBy("told", item.evidence) : "";
  if (told) return [el("p", { class: "why", text: general }), el("p", { class: "where", text: told })];
  const words = general ? item.reason.replace(/^[^:]*(: |$)/, "") : item.reason;
  return [
    general && el("p", { class: "why", text: general }),
    words && el("p", { class: general ? "where" : "why" }, el("span", { text: words, lang: "en", dir: "ltr" })),
  ];
}

/** @param {import("../article.js").Entry} item @param {import("../article.js").Article} article */
function placeOf(item, article) {
  const { before, after } = neighbours(article, item.id);
  if (!before) return t("place_before");
  if (!after) return t("place_end");
  const said = wordsOf(before);
  const words = said.length > PLACE_CHARS ? `${said.slice(0, PLACE_CHARS).trimEnd()}…` : said;
  return t("place_after", isolated(words));
}
