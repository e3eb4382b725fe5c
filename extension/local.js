/** Reading without the service: Mozilla's Readability, which is less clean and cannot say what it left out. */
import { entry } from "./article.js";

/** What becomes an entry as it is. */
const WHOLE = "p, h1, h2, h3, h4, h5, h6, li, blockquote, pre, table, figure";
/** What else stands on lines of its own: text in it, outside of the former, makes an entry as a paragraph. */
const LINES =
  "address, article, aside, center, dd, details, dialog, div, dl, dt, fieldset, figcaption, footer, form, header, hgroup, hr, legend, " +
  "main, menu, nav, ol, search, section, summary, td, th, ul";
/** The only HTML that becomes a document: an inert one, with no window, that nothing runs in. */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("bodycopy", { createHTML: (/** @type {string} */ html) => html });

/**
 * @param {import("./capture.js").Snapshot} snapshot
 * @returns {Promise<import("./article.js").Article | null>} null where there is no article
 */
export async function readLocally(snapshot) {
  const { Readability } = /** @type {any} */ (await import("./vendor/readability.js"));
  Readability.setMarkup = (/** @type {Element} */ place, /** @type {string} */ html) =>
    place.replaceChildren(...parse(html).body.childNodes);
  const page = parse(snapshot.html);
  page.querySelectorAll("noscript").forEach((node) => node.remove());
  const found = new Readability(page, { serializer: (/** @type {any} */ node) => node }).parse();
  const content = /** @type {Element | undefined} */ (found?.content);
  if (!found || !content?.textContent?.trim()) return null;
  // What stands on a line of its own is not one word with the line before or after.
  for (const inner of content.querySelectorAll(`:is(${WHOLE}) :is(${WHOLE}, ${LINES})`)) {
    inner.before(" ");
    inner.after(" ");
  }
  const entries = blocksOf(content).map((node, id) => {
    const own = node.localName === "li" ? asList(/** @type {HTMLLIElement} */ (node)) : node.outerHTML;
    return entry({ id, html: own.replace(/<(\/?)h1\b/g, "<$1h2"), text: (node.textContent ?? "").replace(/\s+/g, " ").trim() });
  });
  return {
    title: found.title || snapshot.title,
    byline: found.byline ?? "",
    dek: "",
    date: found.publishedTime ?? "",
    site_name: found.siteName ?? "",
    url: snapshot.url,
    language: found.lang || snapshot.language,
    direction: found.dir ?? "",
    lead_image: "",
    entries,
    warnings: [],
    local: true,
  };
}

/**
 * The blocks below an element that say something, in their order. What stands in none, as the text of a section or of a
 * description, is one for each run of it.
 * @param {Element} place @returns {Element[]}
 */
function blocksOf(place) {
  /** @type {Element[]} */
  const blocks = [];
  /** @type {Element | null} */
  let run = null;
  for (const node of place.childNodes) {
    const element = node instanceof Element ? node : null;
    if (element?.matches(`${WHOLE}, ${LINES}`) || element?.querySelector(`:is(${WHOLE}, ${LINES})`)) {
      run = null;
      blocks.push(...(element.matches(WHOLE) ? [element] : blocksOf(element)));
    } else {
      if (!run) blocks.push((run = place.ownerDocument.createElement("p")));
      run.append(node.cloneNode(true));
    }
  }
  return blocks.filter((block) => block.textContent?.trim());
}

/** An item as the list of one that the service makes of it. @param {HTMLLIElement} item */
function asList(item) {
  const list = item.parentElement;
  if (list?.localName !== "ol") return `<ul>${item.outerHTML}</ul>`;
  const ordinal = /** @type {HTMLOListElement} */ (list).start + [...list.children].indexOf(item);
  return `<ol start="${ordinal}">${item.outerHTML}</ol>`;
}

/** @param {string} html */
function parse(html) {
  return new DOMParser().parseFromString(policy?.createHTML(html) ?? html, "text/html");
}
