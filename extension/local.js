/** Reading without the service: Mozilla's Readability, which is less clean and cannot say what it left out. */
import { entry } from "./article.js";

const BLOCKS = "p, h1, h2, h3, h4, h5, h6, li, blockquote, pre, table, figure";
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
  // What stands on a line of its own is not one word with the line before.
  for (const inner of content.querySelectorAll(`:is(${BLOCKS}) :is(${BLOCKS}, td, th)`)) inner.before(" ");
  const entries = [...content.querySelectorAll(BLOCKS)]
    .filter((node) => !node.parentElement?.closest(BLOCKS) && node.textContent?.trim())
    .map((node, id) => {
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
