/** The article's entries as elements. */
import { shownEntries } from "../article.js";
import { toFragment } from "../dom.js";

/**
 * The shown entries as one fragment. Each entry's own element carries `data-entry`.
 * Neighbours that are parts of one list, table, quotation or figure are joined again.
 * @param {import("../article.js").Article} article @param {{images: boolean}} options
 */
export function renderEntries(article, options) {
  const out = document.createDocumentFragment();
  for (const item of shownEntries(article)) {
    const fragment = toFragment(item.html, options);
    const nodes = [...fragment.children];
    for (const node of nodes) {
      // A picture that is not loaded and says nothing leaves an empty figure behind.
      if (node.localName === "figure" && !node.querySelector("img, span") && !node.textContent) continue;
      const own = join(out, node);
      for (const part of own) {
        part.setAttribute("data-entry", String(item.id));
        if (item.by === "put_back" || item.by === "rule") part.setAttribute("data-by", item.by);
      }
    }
    if (!nodes.length && fragment.textContent?.trim()) {
      const paragraph = document.createElement("p");
      paragraph.append(fragment);
      paragraph.setAttribute("data-entry", String(item.id));
      out.append(paragraph);
    }
  }
  return out;
}

/** Appends `node`, into the element before it where both are one; the elements that are the entry's own. @param {DocumentFragment} out @param {Element} node */
function join(out, node) {
  const before = out.lastElementChild;
  const own =
    node.localName === "ul" || node.localName === "ol"
      ? [...node.children]
      : node.localName === "table"
        ? [...node.querySelectorAll("tr")]
        : [node];
  if (before?.localName === node.localName) {
    if (node.localName === "ul" || node.localName === "ol") {
      // Each entry is a list of its own, which says the number of its item.
      if (node.localName === "ol") node.firstElementChild?.setAttribute("value", node.getAttribute("start") ?? "1");
      before.append(...node.children);
      return own;
    }
    if (node.localName === "table") {
      const body = [...before.children].findLast((part) => part.localName === "tbody");
      if (node.querySelector("thead") || !body) before.append(...node.children);
      else body.append(...own);
      return own;
    }
    if (node.localName === "blockquote") {
      const parts = [...node.children];
      before.append(...parts);
      return parts;
    }
    if (node.localName === "figure" && !before.querySelector("figcaption") && !node.querySelector("img")) {
      const parts = [...node.children];
      before.append(...parts);
      return parts;
    }
  }
  out.append(node);
  if (node.localName === "blockquote") return [...node.children];
  return own.length ? own : [node];
}

/** Where in the page an entry stands or would stand: the shown entry after it, and the one before. @param {import("../article.js").Article} article @param {number} id */
export function neighbours(article, id) {
  const at = article.entries.findIndex((item) => item.id === id);
  return {
    before: article.entries.slice(0, at).findLast((item) => item.shown),
    after: article.entries.slice(at + 1).find((item) => item.shown),
  };
}
