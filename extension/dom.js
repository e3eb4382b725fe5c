/** Elements, words and icons. Page content only ever comes in through `toFragment`. */
import DOMPurify from "./vendor/purify.js";

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [props] `class`, `text`, `on…` listeners, `aria-…`/`data-…` and other attributes
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** The words of `key` in the person's language. @param {string} key @param {...(string | number)} values */
export function t(key, ...values) {
  return chrome.i18n.getMessage(key, values.map(String)) || key;
}

/**
 * The language of these words: the browser's own with its region, or the one that stands in where there is no locale of it.
 */
export function language() {
  const own = chrome.i18n.getUILanguage();
  const said = t("ui_language");
  return own.split("-")[0] === said.split("-")[0] ? own : said;
}

/** Lest words that run the other way turn those around them. @param {string} words */
export function isolated(words) {
  return `\u2068${words}\u2069`;
}

/**
 * What the service tells by a code, in the person's language; empty for what only a newer one can tell.
 * @param {"told" | "notice"} kind @param {{code: string, values: (number | string)[]}} said
 */
export function saidBy(kind, { code, values }) {
  const tag = language();
  return chrome.i18n.getMessage(
    `${kind}_${code}`,
    values.map((value) => isolated(value.toLocaleString(tag))),
  );
}

/** A warning in the person's language, or in the service's own words. @param {import("./api.js").Warning} warning */
export function warned({ text, told }) {
  const words = told && saidBy("notice", told);
  return el("span", {}, words || el("span", { text, lang: "en", dir: "ltr" }), " ");
}

/** Fills in the words of a page: `data-t` for text, `data-t-label` for what screen readers say and hints show. */
export function translatePage() {
  document.documentElement.lang = language();
  document.documentElement.dir = t("ui_direction");
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = t(node.getAttribute("data-t") ?? "");
  for (const node of document.querySelectorAll("[data-t-label]")) {
    const words = t(node.getAttribute("data-t-label") ?? "");
    node.setAttribute("aria-label", words);
    node.setAttribute("title", words);
  }
}

/** The name of a label, in the person's language. @param {string} label */
export function labelName(label) {
  return chrome.i18n.getMessage(`label_${label}`) || label.replaceAll("_", " ");
}

const ALLOWED = {
  ALLOWED_TAGS:
    "a blockquote br code del em figcaption figure h2 h3 h4 h5 h6 hr img li mark ol p pre strong sub sup table tbody td th thead tr ul wbr".split(
      " ",
    ),
  ALLOWED_ATTR: ["href", "src", "alt", "width", "height", "start", "value"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

/**
 * HTML from elsewhere as nodes that run nothing and load nothing but pictures.
 * @param {string | Node} html @param {{images: boolean}} options
 * @returns {DocumentFragment}
 */
export function toFragment(html, { images }) {
  const fragment = /** @type {any} */ (/** @type {any} */ (DOMPurify).sanitize(html, ALLOWED));
  if (!fragment) return document.createDocumentFragment(); // Nothing of it is left, as of a frameset.
  for (const link of fragment.querySelectorAll("a")) {
    if (!/^(https?|mailto):/i.test(link.getAttribute("href") ?? "")) link.removeAttribute("href");
    else Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
  }
  for (const image of fragment.querySelectorAll("img")) {
    const source = image.getAttribute("src") ?? "";
    if (!/^(https?:|data:image\/(png|jpeg|gif|webp|avif);)/i.test(source) || !images) {
      const words = image.getAttribute("alt");
      image.replaceWith(words ? el("span", { class: "alt", text: words }) : "");
      continue;
    }
    image.setAttribute("loading", "lazy");
    image.setAttribute("decoding", "async");
    image.setAttribute("referrerpolicy", "no-referrer");
    image.setAttribute("alt", image.getAttribute("alt") ?? "");
  }
  return document.importNode(fragment, true);
}

const ICONS = {
  back: "M19 12H5m6-6-6 6 6 6",
  copy: "M8 8V4h12v12h-4M4 8h12v12H4z",
  download: "M12 4v11m-5-5 5 5 5-5M5 20h14",
  share: "M12 15V4m-4 4 4-4 4 4M6 12v8h12v-8",
  speak: "M4 10v4h4l5 4V6L8 10zm12-1a4 4 0 0 1 0 6m2.5-8.5a8 8 0 0 1 0 11",
  type: "M3 19 8.5 5 14 19M5 14.5h7M14 19l4-10 4 10m-6.6-3h5.2",
  drawer: "M4 6h16M4 12h10M4 18h13m0-9 4 3-4 3",
  print: "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
  settings: "M4 7h9m4 0h3M4 17h3m4 0h9M15 4.5v5M9 14.5v5",
  close: "m6 6 12 12M18 6 6 18",
  play: "M8 5v14l11-7z",
  pause: "M8 5v14m8-14v14",
  previous: "M18 6 9 12l9 6zM6 6v12",
  next: "m6 6 9 6-9 6zm12 0v12",
};

/** A line icon; screen readers pass over it. @param {keyof typeof ICONS} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/** Sets the page's theme and typography. @param {import("./settings.js").ReaderSettings} settings */
export function applySettings(settings) {
  const { dataset, style } = document.documentElement;
  const { theme, font } = settings;
  Object.assign(dataset, { theme, font });
  style.setProperty("--size", `${settings.size}px`);
  style.setProperty("--width", `${settings.width}ch`);
  style.setProperty("--line", String(settings.line));
  // For look.js, when the next page opens.
  localStorage.setItem("looks", JSON.stringify({ theme, font, style: style.cssText.replace(/--read:[^;]*;?/, "") }));
}
