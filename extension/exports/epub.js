/** An EPUB 3 of one or more articles; client-zip makes the container. */
import { tagOf } from "../article.js";
import { downloadZip } from "../vendor/client-zip.js";
import { exportBody, exportFacts } from "./formats.js";
import { forBook } from "./pictures.js";

const XHTML = "http://www.w3.org/1999/xhtml";
const STYLE =
  "body{line-height:1.5}h1{line-height:1.2}img{max-width:100%}figure{margin:1.5em 0}figcaption,.facts{font-size:.85em;color:#555}" +
  "blockquote{margin:1em}pre{white-space:pre-wrap}table{border-collapse:collapse}td,th{padding:.3em;border:1px solid #999}";

/**
 * @param {import("../article.js").Article[]} articles
 * @param {Map<string, import("./pictures.js").Picture>} pictures
 * @param {string} [title] of the book; the first article's where left out
 * @returns {Promise<Blob>}
 */
export async function toEpub(articles, pictures, title = articles[0].title) {
  const held = await forBook(pictures);
  const names = new Map([...held].map(([address, { type }], index) => [address, `images/${index + 1}.${type.slice(6)}`]));
  const chapters = articles.map((article, index) => ({
    name: `chapter-${index + 1}.xhtml`,
    title: article.title,
    body: chapter(article, names),
  }));
  const modified = new Date().toISOString().replace(/\.\d+Z/, "Z");
  const language = tagOf(articles[0].language) ?? "und";
  const direction = articles[0].direction === "rtl" ? "rtl" : "ltr";
  const items = [
    ...chapters.map(({ name }, index) => `<item id="c${index + 1}" href="${name}" media-type="application/xhtml+xml"/>`),
    ...[...names].map(([address, name], index) => `<item id="i${index + 1}" href="${name}" media-type="${held.get(address)?.type}"/>`),
  ];
  const authors = [...new Set(articles.map((article) => article.byline).filter(Boolean))];
  const opf = `<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="${xml(language)}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:${crypto.randomUUID()}</dc:identifier>
<dc:title>${xml(title || "Bodycopy")}</dc:title><dc:language>${xml(language)}</dc:language>
${authors.map((author) => `<dc:creator>${xml(author)}</dc:creator>`).join("")}
<dc:source>${xml(articles[0].url)}</dc:source>
<meta property="dcterms:modified">${modified}</meta>
</metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>${items.join("")}</manifest>
<spine page-progression-direction="${direction}">${chapters.map((_, index) => `<itemref idref="c${index + 1}"/>`).join("")}</spine>
</package>`;
  const nav = `<?xml version="1.0" encoding="utf-8"?>
<html xmlns="${XHTML}" xmlns:epub="http://www.idpf.org/2007/ops" lang="${xml(language)}" dir="${direction}"><head><title>${xml(title || "Bodycopy")}</title></head><body>
<nav epub:type="toc"><ol>${chapters.map((one) => `<li><a href="${one.name}">${xml(one.title || one.name)}</a></li>`).join("")}</ol></nav></body></html>`;
  const files = [
    // Readers look for this one first, uncompressed.
    { name: "mimetype", input: "application/epub+zip" },
    {
      name: "META-INF/container.xml",
      input:
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>' +
        '<rootfile full-path="book/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    },
    { name: "book/content.opf", input: opf },
    { name: "book/nav.xhtml", input: nav },
    { name: "book/style.css", input: STYLE },
    ...chapters.map(({ name, body }) => ({ name: `book/${name}`, input: body })),
    ...[...names].map(([address, name]) => ({ name: `book/${name}`, input: /** @type {any} */ (held.get(address)?.bytes) })),
  ];
  const zip = await downloadZip(files).arrayBuffer();
  return new Blob([zip], { type: "application/epub+zip" });
}

/** @param {import("../article.js").Article} article @param {Map<string, string>} names */
function chapter(article, names) {
  const page = document.implementation.createDocument(XHTML, "html");
  const add = (/** @type {Element} */ parent, /** @type {string} */ tag, text = "", attributes = {}) => {
    const node = page.createElementNS(XHTML, tag);
    if (text) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    parent.append(node);
    return node;
  };
  const root = page.documentElement;
  const language = tagOf(article.language);
  if (language) root.setAttribute("lang", language);
  if (article.direction) root.setAttribute("dir", article.direction);
  const head = add(root, "head");
  add(head, "title", article.title || article.url);
  add(head, "link", "", { rel: "stylesheet", href: "style.css" });
  const body = add(root, "body");
  if (article.title) add(body, "h1", article.title);
  if (article.dek) add(body, "p", article.dek);
  const facts = exportFacts(article);
  if (!facts.hasChildNodes()) facts.append(article.site_name);
  if (facts.textContent) add(body, "p", "", { class: "facts" }).append(page.importNode(facts, true));
  const content = exportBody(article, names);
  for (const link of content.querySelectorAll("a")) {
    const target = uri(link.getAttribute("href") ?? "");
    link.removeAttribute("target");
    if (target) link.setAttribute("href", target);
    else link.removeAttribute("href");
  }
  for (const image of content.querySelectorAll("img")) {
    for (const name of ["width", "height"]) if (!/^\d+$/.test(image.getAttribute(name) ?? "")) image.removeAttribute(name);
  }
  body.append(page.importNode(content, true));
  const source = add(body, "p", "", { class: "facts" });
  add(source, "a", article.url, { href: uri(article.url), dir: "ltr" });
  return `<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n${legal(new XMLSerializer().serializeToString(page))}`;
}

/** An address as RFC 3986 writes it, which is stricter than browsers are; empty where it is none. @param {string} address */
function uri(address) {
  if (!URL.canParse(address)) return "";
  const { href, host } = new URL(address);
  const after = href.indexOf(host) + host.length;
  const rest = href.slice(after).replace(/[[\]|^`{}\\"<>]|%(?![\da-f]{2})/gi, encodeURIComponent);
  return href.slice(0, after) + rest;
}

/** Text without the characters that XML has no place for. @param {string} text */
function legal(text) {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "");
}

/** @param {string} text */
function xml(text) {
  return legal(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}
