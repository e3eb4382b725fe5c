/** The article in the forms a person takes away: text, Markdown, one HTML file. */
import { listItems, runsOf, shownEntries } from "../article.js";
import { el, toFragment } from "../dom.js";
import { renderEntries } from "../reader/view.js";

/** @typedef {import("../article.js").Article} Article */

/** @param {Article} article */
function sourceLine(article) {
  return [article.byline, article.site_name, article.url].filter(Boolean).join(" · ");
}

/** @param {Article} article @param {{source: boolean}} options */
export function toText(article, { source }) {
  const parts = [article.title, article.dek, ...textOf(article), source && sourceLine(article)];
  return parts.filter(Boolean).join("\n\n") + "\n";
}

/** The paragraphs, items and rows of the article, as in the service's own text. @param {Article} article */
function textOf(article) {
  /** @type {string[]} */
  const out = [];
  /** By depth, where in `out` a 1 stands that may yet get a 2: one with no further number is none. @type {Map<number, number>} */
  const lone = new Map();
  for (const { form, lines } of runsOf(article)) {
    const shown = lines.filter(({ item }) => item.label !== "caption" && item.text && !item.html.startsWith("<figure"));
    if (form !== "list") {
      for (const [nth, { item, attached }] of shown.entries()) {
        if (attached && nth && form !== "other") out[out.length - 1] += `\n${item.text}`;
        else out.push(item.text);
      }
      continue;
    }
    /** The number before, in the list that is open at each depth. @type {Map<number, number>} */
    const before = new Map();
    for (const { line, depth, begins } of listItems(shown)) {
      const { html, text } = line.item;
      const list = begins && /^<ol(?: start="(\d+)")?>/.exec(html);
      const ordinal = list ? Number(list[1] ?? 1) : null;
      let marker = ordinal === null ? "- " : `${ordinal}. `;
      if (begins) for (const at of [...before.keys()]) if (at > depth || (at === depth && ordinal === null)) before.delete(at);
      if (ordinal !== null) {
        const first = lone.get(depth);
        lone.delete(depth);
        if (first !== undefined && ordinal > 1) out[first] = out[first].replace(/^- /, "1. ");
        if (ordinal === 1 && (before.get(depth) ?? 1) === 1) {
          lone.set(depth, out.length);
          marker = "- ";
        }
        before.set(depth, ordinal);
      }
      out.push(marker + text);
    }
  }
  return out;
}

/** CommonMark with tables, as the service's own. @param {Article} article @param {{source: boolean}} options */
export function toMarkdown(article, { source }) {
  const body = unmarked(renderEntries(article, { images: true }));
  const parts = [
    article.title && `# ${lineStart(plain(article.title.trim().replace(/\s+/g, " ")))}`,
    article.dek && lineStart(plain(article.dek)),
    ...blocksOf([...body.children]),
    source && `---\n\n${lineStart(plain(sourceLine({ ...article, url: "" })))} <${article.url}>`,
  ];
  return parts.filter(Boolean).join("\n\n") + "\n";
}

/** @param {Element[]} nodes */
function blocksOf(nodes) {
  let bullet = "-";
  return nodes.map((node, nth) => {
    const follows = nth > 0 && /^[uo]l$/.test(nodes[nth - 1].localName);
    // Two lists in a row would be read as one.
    if (!follows) bullet = "-";
    else if (!node.hasAttribute("data-goes-on")) bullet = bullet === "-" ? "*" : "-";
    return block(node, bullet);
  });
}

/** @param {Element} node @param {string} bullet @returns {string} */
function block(node, bullet) {
  const tag = node.localName;
  if (/^h[2-6]$/.test(tag))
    return `${"#".repeat(Number(tag[1]))} ${linesOf(node.childNodes)
      .join(" ")
      .replace(/(?<!\\)#$/, "\\#")}`;
  if (tag === "ul" || tag === "ol") return list(node, bullet, "").slice(1);
  if (tag === "blockquote")
    return blocksOf([...node.children])
      .join("\n\n")
      .replace(/^.*$/gm, (line) => (line ? `> ${line}` : ">"));
  if (tag === "pre") {
    const text = node.textContent ?? "";
    return [fence(text, 3), text, fence(text, 3)].join("\n");
  }
  if (tag === "table") return table(node);
  if (tag === "figure") return [...node.children].map(figurePart).filter(Boolean).join("\n\n");
  return linesOf(node.childNodes).join("  \n");
}

/** The items of a list, each after a line break. @param {Element} node @param {string} bullet @param {string} indent @returns {string} */
function list(node, bullet, indent) {
  let out = "";
  let number = Number(node.getAttribute("start") ?? 1);
  for (const item of node.children) {
    number = Number(item.getAttribute("value") ?? number);
    const marker = node.localName === "ol" ? `${number++}${bullet === "*" ? ")" : "."} ` : `${bullet} `;
    const inside = indent + " ".repeat(marker.length);
    // Within an item, what begins with any number but 1 would go on with the paragraph (CommonMark 5.3).
    if (indent && !item.previousElementSibling && node.localName === "ol" && number !== 2) out += "\n";
    out += `\n${indent}${marker}`;
    /** @type {ChildNode[]} */
    let line = [];
    const flush = () => {
      out += linesOf(line).join(`  \n${inside}`);
      line = [];
    };
    for (const child of item.childNodes) {
      const tag = child instanceof Element ? child.localName : "";
      if (tag === "ul" || tag === "ol") {
        flush();
        out += list(/** @type {Element} */ (child), bullet, inside);
      } else if (tag === "p") {
        flush();
        out += `\n\n${inside}${linesOf(child.childNodes).join(`  \n${inside}`)}`;
      } else line.push(child);
    }
    flush();
  }
  return out;
}

/** @param {Element} node */
function table(node) {
  const rows = [...node.querySelectorAll("tr")];
  const isHead = rows.length > 0 && [...rows[0].children].every((cell) => cell.localName === "th");
  const cells = rows.map((row) => [...row.children].map((cell) => linesOf(cell.childNodes, false).join(" ")));
  const width = Math.max(...cells.map((row) => row.length));
  if (!isHead) cells.unshift([]);
  cells[0].push(...Array(width - cells[0].length).fill(""));
  cells.splice(1, 0, Array(width).fill("---"));
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** A picture, or its caption, which is printed without marks inside. @param {Element} part */
function figurePart(part) {
  if (part.localName !== "figcaption") return linesOf([part]).join(" ");
  for (const line of part.querySelectorAll("br")) line.replaceWith(" ");
  const text = (part.textContent ?? "").trim();
  return text && `*${plain(text)}*`;
}

/** @param {string} text */
function plain(text) {
  return text.replace(/[\\`*_[\]~|]|!(?=\[|$)|&(?=#?[\p{L}\p{N}_]+;)|</gu, (sign) =>
    sign === "&" ? "&amp;" : sign === "<" ? "&lt;" : `\\${sign}`,
  );
}

/** A line that does not begin a list, heading, quotation or rule. @param {string} text */
function lineStart(text) {
  return text.replace(/^(?:[#+>=-]|:(?=-)|\d{1,9}(?=[.)]))/, (start) => (/\d/.test(start) ? `${start}\\` : `\\${start}`));
}

/** @param {string} address */
function target(address) {
  return address
    .replace(/[()|[\]*\s<>]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`)
    .replace(/&(?=#?[\p{L}\p{N}_]+;)/gu, "&amp;");
}

/** Backticks, more in a row than in the text. @param {string} text @param {number} least */
function fence(text, least) {
  return "`".repeat(Math.max(least, ...[...text.matchAll(/`+/g)].map((run) => run[0].length + 1)));
}

/** A run of text in one style, or a picture's Markdown. @typedef {{text: string, marks: string[], href: string, raw?: boolean}} Span */

const MARKS = /** @type {Record<string, string>} */ ({ strong: "**", em: "*", del: "~~" });

/** Inline nodes as lines of Markdown. @param {Iterable<ChildNode>} nodes @param {boolean} [isStart] whether they stand where a block would begin */
function linesOf(nodes, isStart = true) {
  /** @type {Span[][]} */
  const lines = [[]];
  const walk = (/** @type {Iterable<ChildNode>} */ children, /** @type {string[]} */ marks, /** @type {string} */ href) => {
    for (const node of children) {
      if (node.nodeType === Node.TEXT_NODE) add({ text: node.nodeValue ?? "", marks, href });
      else if (!(node instanceof Element)) continue;
      else if (node.localName === "br") lines.push([]);
      else if (node.localName === "img") {
        const alt = plain(node.getAttribute("alt") ?? "");
        add({ text: `![${alt}](${target(node.getAttribute("src") ?? "")})`, marks: [], href, raw: true });
      } else if (node.localName === "a") walk(node.childNodes, marks, node.getAttribute("href") ?? "");
      else walk(node.childNodes, /^(strong|em|code|sub|sup|del|mark)$/.test(node.localName) ? [...marks, node.localName] : marks, href);
    }
  };
  const add = (/** @type {Span} */ span) => {
    const line = lines[lines.length - 1];
    const last = line.at(-1);
    if (last && !last.raw && !span.raw && last.href === span.href && last.marks.join() === span.marks.join()) last.text += span.text;
    else if (span.text) line.push(span);
  };
  walk(nodes, [], "");
  return lines.map((line) => (isStart ? lineStart(inline(line)) : inline(line)));
}

/** Neighbours with the same address are one link. @param {Span[]} spans */
function inline(spans) {
  let out = "";
  for (let from = 0, to = 0; from < spans.length; from = to) {
    const { href } = spans[from];
    while (to < spans.length && spans[to].href === href) to++;
    const text = marked(spans.slice(from, to), href ? "[" : lastOf(out));
    const core = text.trim();
    out += href && core ? text.replace(core, () => `[${core}](${target(href)})`) : text;
  }
  return out;
}

/** Spans of one link or none, with their emphasis where Markdown would read it as such. @param {Span[]} spans @param {string} last character before */
function marked(spans, last) {
  let out = "";
  for (const [nth, { text, marks, raw }] of spans.entries()) {
    const [, before, core, after] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? ["", "", "", ""];
    let piece = raw ? text : plain(text);
    if (core && marks.length) {
      const previous = lastOf(before) || last;
      // A code span right after a backtick is read in more than one way.
      piece = marks.includes("code") && previous !== "`" ? code(core) : plain(core);
      const delimiters = marks.map((mark) => MARKS[mark]).filter(Boolean);
      const following = firstOf(after || (spans[nth + 1]?.text ?? ""));
      if (delimiters.length && flanks(previous, piece, following)) piece = delimiters.join("") + piece + delimiters.reverse().join("");
      piece = before + piece + after;
    }
    out += piece;
    last = lastOf(out) || last;
  }
  return out;
}

/** Whether delimiters around `inside` open and close emphasis (CommonMark 6.2). @param {string} before @param {string} inside @param {string} after */
function flanks(before, inside, after) {
  if (before && "*~_".includes(before)) return false;
  const isWord = (/** @type {string} */ character) => /^[\p{L}\p{N}]/u.test(character);
  return (isWord(firstOf(inside)) || !isWord(before)) && (isWord(lastOf(inside)) || !isWord(after));
}

/** A code span; one with a bar as plain text, since a table would end its cell there. @param {string} text */
function code(text) {
  if (text.includes("|")) return plain(text);
  const space = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return fence(text, 1) + space + text + space + fence(text, 1);
}

/** @param {string} text */
function firstOf(text) {
  return /^./su.exec(text)?.[0] ?? "";
}

/** @param {string} text */
function lastOf(text) {
  return /.$/su.exec(text)?.[0] ?? "";
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
  const viewport = page.createElement("meta");
  viewport.name = "viewport";
  viewport.content = "width=device-width, initial-scale=1";
  const style = page.createElement("style");
  style.textContent =
    "body{max-width:40rem;margin:3rem auto;padding:0 1rem;font:1.15rem/1.6 Georgia,serif;color:#222;background:#fdfcfa}h1{line-height:1.2}" +
    "img{max-width:100%;height:auto}figure{margin:2rem 0}figcaption,footer,.facts{font:.85rem/1.5 system-ui,sans-serif;color:#555}" +
    "blockquote{margin:1.5rem 0;padding-inline-start:1rem;border-inline-start:3px solid #ccc}pre{overflow:auto;padding:1rem;background:#f4f2ee}" +
    "table{border-collapse:collapse}td,th{padding:.4rem .7rem;border-bottom:1px solid #ccc;text-align:start}";
  page.head.prepend(charset, viewport);
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
  add(page.body, "p", "", "facts").append(page.importNode(exportFacts(article), true));
  page.body.append(page.importNode(exportBody(article, pictures), true));
  const footer = add(page.body, "footer", "");
  const link = add(footer, "a", article.url);
  link.setAttribute("href", article.url);
  link.dir = "ltr";
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}

/** Who wrote it, and when: each kept whole in text of either direction. @param {Article} article */
export function exportFacts(article) {
  const facts = document.createDocumentFragment();
  if (article.byline) facts.append(el("bdi", { text: article.byline }));
  if (article.byline && article.date) facts.append(" · ");
  if (article.date) facts.append(el("bdi", { dir: "ltr", text: article.date.slice(0, 10) }));
  return facts;
}

/** Without the marks of the entries. @param {DocumentFragment} body */
function unmarked(body) {
  for (const node of body.querySelectorAll("[data-entry]")) {
    node.removeAttribute("data-entry");
    node.removeAttribute("data-by");
    if (node.localName === "span" && !node.classList.contains("alt")) node.replaceWith(...node.childNodes);
  }
  body.normalize();
  return body;
}

/** The body without the reader's own marks, pictures replaced by what is at hand. @param {Article} article @param {Map<string, string>} pictures */
export function exportBody(article, pictures) {
  const body = unmarked(renderEntries(article, { images: true }));
  for (const node of body.querySelectorAll("[data-goes-on]")) node.removeAttribute("data-goes-on");
  if (article.direction === "rtl") for (const code of body.querySelectorAll("pre, code")) code.setAttribute("dir", "ltr");
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
