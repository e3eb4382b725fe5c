/** The article in the forms a person takes away: text, Markdown, one HTML file. */
import { shownEntries } from "../article.js";
import { toFragment } from "../dom.js";
import { renderEntries } from "../reader/view.js";

/** @typedef {import("../article.js").Article} Article */

/** @param {Article} article */
function sourceLine(article) {
  return [article.byline, article.site_name, article.url].filter(Boolean).join(" · ");
}

/** @param {Article} article @param {{source: boolean}} options */
export function toText(article, { source }) {
  const entries = shownEntries(article).filter((item) => item.label !== "caption" && item.text);
  const ordinals = entries.map(({ html }) => {
    const list = /^<ol(?: start="(\d+)")?>/.exec(html);
    return list ? Number(list[1] ?? 1) : null;
  });
  const numbered = ordinals.filter((ordinal) => ordinal !== null);
  let nth = 0;
  const lines = entries.map(({ html, text }, at) => {
    if (ordinals[at] !== null) {
      nth += 1;
      // As in the service's own text, a 1 with no further number is none.
      if (ordinals[at] !== 1 || Number(numbered[nth]) > 1 || ordinals[at - 1] === 2) return `${ordinals[at]}. ${text}`;
    }
    return /^<[uo]l/.test(html) ? `- ${text}` : text;
  });
  const parts = [article.title, article.dek, ...lines, source && sourceLine(article)];
  return parts.filter(Boolean).join("\n\n") + "\n";
}

/** CommonMark with tables. @param {Article} article @param {{source: boolean}} options */
export function toMarkdown(article, { source }) {
  const body = [...renderEntries(article, { images: true }).children].map((node) => block(node)).filter(Boolean);
  const parts = [
    article.title && `# ${escape(article.title)}`,
    article.dek && escape(article.dek),
    ...body,
    source && `---\n\n${escape(sourceLine({ ...article, url: "" }))} <${article.url}>`,
  ];
  return parts.filter(Boolean).join("\n\n") + "\n";
}

/** @param {string} text */
function escape(text) {
  return text
    .replace(/[\\`*_[\]|]|&(?=#?\w+;)/g, "\\$&")
    .replace(/</g, "&lt;")
    .replace(/^([#>+-]|\d+(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}

/** @param {Element} node @returns {string} */
function block(node) {
  const tag = node.localName;
  if (/^h[2-6]$/.test(tag)) return `${"#".repeat(Number(tag[1]))} ${inline(node)}`;
  if (tag === "ul" || tag === "ol") {
    let number = Number(node.getAttribute("start") ?? 1);
    const lines = [...node.children].map((item) => {
      number = Number(item.getAttribute("value") ?? number);
      return (tag === "ol" ? `${number++}. ` : "- ") + inline(item).replaceAll("\n", "\n  ");
    });
    return lines.join("\n");
  }
  if (tag === "blockquote")
    return [...node.children]
      .map((part) => block(part))
      .join("\n\n")
      .replace(/^/gm, "> ");
  if (tag === "pre") {
    const text = node.textContent ?? "";
    const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map((run) => run[0].length + 1)));
    return `${fence}\n${text}\n${fence}`;
  }
  if (tag === "table") return table(node);
  if (tag === "figure") {
    const caption = node.querySelector("figcaption");
    const pictures = [...node.querySelectorAll("img")].map((image) => picture(image));
    return [...pictures, caption && `*${inline(caption)}*`].filter(Boolean).join("\n\n");
  }
  return inline(node);
}

/** @param {Element} node */
function table(node) {
  const rows = [...node.querySelectorAll("tr")].map((row) => [...row.children].map((cell) => inline(cell).replaceAll("\n", " ")));
  const width = Math.max(...rows.map((row) => row.length));
  const line = (/** @type {string[]} */ cells) => `| ${[...cells, ...Array(width - cells.length).fill("")].join(" | ")} |`;
  const head = node.querySelector("th") ? (rows.shift() ?? []) : [];
  return [line(head), line(Array(width).fill("---")), ...rows.map(line)].join("\n");
}

/** @param {Element} image */
function picture(image) {
  return `![${escape(image.getAttribute("alt") ?? "")}](${target(image.getAttribute("src") ?? "")})`;
}

/** @param {string} address */
function target(address) {
  return address.replace(/[()\s<>]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
}

const MARKS = /** @type {Record<string, string>} */ ({ strong: "**", em: "*", del: "~~" });

/** @param {Node} node @returns {string} */
function inline(node) {
  let out = "";
  for (const child of node.childNodes) {
    if (child.nodeType === Node.TEXT_NODE) {
      const text = child.nodeValue ?? "";
      out += out ? escape(`.${text}`).slice(1) : escape(text);
      continue;
    }
    if (!(child instanceof Element)) continue;
    const tag = child.localName;
    const text = child.textContent ?? "";
    if (tag === "br") out += "  \n";
    else if (tag === "img") out += picture(child);
    else if (tag === "code") out += `\`${text.replaceAll("`", "'")}\``;
    else if (tag === "a" && child.hasAttribute("href")) out += `[${inline(child)}](${target(child.getAttribute("href") ?? "")})`;
    else if (MARKS[tag] && text.trim()) {
      const [, before, core, after] = /^(\s*)(.*?)(\s*)$/s.exec(inline(child)) ?? ["", "", "", ""];
      out += before + MARKS[tag] + core + MARKS[tag] + after;
    } else out += inline(child);
  }
  return out;
}

/**
 * One HTML file that needs nothing else: style inside, pictures as data where they could be had.
 * @param {Article} article @param {Map<string, string>} pictures data addresses by address
 */
export function toHtmlFile(article, pictures) {
  const page = document.implementation.createHTMLDocument(article.title);
  page.documentElement.lang = article.language;
  page.documentElement.dir = article.direction || "auto";
  const charset = page.createElement("meta");
  charset.setAttribute("charset", "utf-8");
  const style = page.createElement("style");
  style.textContent =
    "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1.15rem/1.6 Georgia,serif;color:#222;background:#fdfcfa}h1{line-height:1.2}" +
    "img{max-width:100%;height:auto}figure{margin:2rem 0}figcaption,footer,.facts{font:.85rem/1.5 system-ui,sans-serif;color:#555}" +
    "blockquote{margin:1.5rem 0;padding-left:1rem;border-left:3px solid #ccc}pre{overflow:auto;padding:1rem;background:#f4f2ee}" +
    "table{border-collapse:collapse}td,th{padding:.4rem .7rem;border-bottom:1px solid #ccc;text-align:start}";
  page.head.prepend(charset);
  page.head.append(style);
  const add = (/** @type {Element | DocumentFragment} */ parent, /** @type {string} */ tag, /** @type {string} */ text, name = "") => {
    const node = page.createElement(tag);
    node.textContent = text;
    if (name) node.className = name;
    parent.append(node);
    return node;
  };
  add(page.body, "h1", article.title);
  if (article.dek) add(page.body, "p", article.dek);
  add(page.body, "p", [article.byline, article.date.slice(0, 10)].filter(Boolean).join(" · "), "facts");
  page.body.append(page.importNode(exportBody(article, pictures), true));
  const footer = add(page.body, "footer", "");
  const link = add(footer, "a", article.url);
  link.setAttribute("href", article.url);
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}

/** The body without the reader's own marks, pictures replaced by what is at hand. @param {Article} article @param {Map<string, string>} pictures */
export function exportBody(article, pictures) {
  const body = renderEntries(article, { images: true });
  for (const node of body.querySelectorAll("[data-entry]")) {
    node.removeAttribute("data-entry");
    node.removeAttribute("data-by");
  }
  for (const image of body.querySelectorAll("img")) {
    const at = pictures.get(image.getAttribute("src") ?? "");
    for (const name of ["loading", "decoding", "referrerpolicy"]) image.removeAttribute(name);
    if (at) image.setAttribute("src", at);
    else if (image.alt) image.replaceWith(`[${image.alt}]`);
    else image.remove();
  }
  for (const figure of body.querySelectorAll("figure")) if (!figure.textContent?.trim() && !figure.querySelector("img")) figure.remove();
  return body;
}

/** The addresses of the article's pictures. @param {Article} article */
export function pictureAddresses(article) {
  const found = shownEntries(article).flatMap((item) =>
    item.html.includes("<img") ? [...toFragment(item.html, { images: true }).querySelectorAll("img")] : [],
  );
  return [...new Set(found.map((image) => image.getAttribute("src") ?? ""))];
}
