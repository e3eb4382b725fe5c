/** The article's entries as elements. */
import { listItems, runsOf } from "../article.js";
import { toFragment } from "../dom.js";

/**
 * An entry, with its element.
 * @typedef {{item: import("../article.js").Entry, attached: boolean, node: HTMLElement}} Line
 */

/**
 * The shown entries as one fragment. Each entry's own elements carry `data-entry`.
 * Those that are one paragraph, list, table, quotation or figure are joined again; a list that goes on where the one
 * before it changes between numbered and not carries `data-goes-on`.
 * @param {import("../article.js").Article} article @param {{images: boolean}} options
 */
export function renderEntries(article, options) {
  const out = document.createDocumentFragment();
  for (const { form, lines } of runsOf(article)) {
    const drawn = lines.flatMap((line) =>
      elementsOf(line.item, options).map((node, nth) => ({ ...line, node, attached: line.attached && !nth })),
    );
    if (!drawn.length) continue;
    if (form === "paragraph") out.append(...paragraphs(drawn, (line) => [line.node]));
    else if (form === "quote") out.append(quotation(drawn));
    else if (form === "list") out.append(...lists(drawn));
    else if (form === "table") out.append(...tables(drawn));
    else if (form === "figure") out.append(...figures(drawn));
    else out.append(...drawn.map(({ item, node }) => own(node, item)));
  }
  return out;
}

/** @param {import("../article.js").Entry} item @param {{images: boolean}} options */
function elementsOf(item, options) {
  const fragment = toFragment(item.html, options);
  const nodes = /** @type {HTMLElement[]} */ ([...fragment.children]);
  if (!nodes.length && fragment.textContent?.trim()) return [filled("p", [...fragment.childNodes])];
  // A picture that is not loaded and says nothing leaves an empty figure behind.
  return nodes.filter((node) => node.localName !== "figure" || node.querySelector("img, span") || node.textContent);
}

/** @param {HTMLElement} node @param {import("../article.js").Entry} item */
function own(node, item) {
  node.setAttribute("data-entry", String(item.id));
  if (item.by === "put_back" || item.by === "rule") node.setAttribute("data-by", item.by);
  return node;
}

/** @param {string} tag @param {Node[]} children */
function filled(tag, children) {
  const node = document.createElement(tag);
  node.append(...children);
  return node;
}

/** What is in an element becomes a part of its own, which takes the entry over: there will be other entries' parts. @param {HTMLElement} node */
function setApart(node) {
  if (!node.hasAttribute("data-entry")) return;
  const part = filled("span", [...node.childNodes]);
  handOver(node, part);
  node.append(part);
}

/** @param {Element} from @param {Element} to what is the entry's own in its place */
function handOver(from, to) {
  for (const name of ["data-entry", "data-by"]) {
    const value = from.getAttribute(name);
    if (value !== null) to.setAttribute(name, value);
    from.removeAttribute(name);
  }
}

/**
 * Each paragraph, with a line break between its lines.
 * @param {Line[]} lines @param {(line: Line) => HTMLElement[]} parts the paragraphs of an entry's own
 */
function paragraphs(lines, parts) {
  /** @type {HTMLElement[]} */
  const out = [];
  for (const line of lines) {
    const before = out.at(-1);
    for (const [nth, part] of parts(line).entries()) {
      if (before && line.attached && !nth) addLine(before, line.item, part);
      else out.push(own(part, line.item));
    }
  }
  return out;
}

/** @param {HTMLElement} place @param {import("../article.js").Entry} item @param {HTMLElement} part */
function addLine(place, item, part) {
  setApart(place);
  place.append(document.createElement("br"), own(filled("span", [...part.childNodes]), item));
}

/** @param {Line[]} lines */
function quotation(lines) {
  const parts = (/** @type {Line} */ { node }) =>
    node.childElementCount ? /** @type {HTMLElement[]} */ ([...node.children]) : [filled("p", [...node.childNodes])];
  return filled("blockquote", paragraphs(lines, parts));
}

/** @param {Line[]} lines */
function lists(lines) {
  /** @type {HTMLElement[]} */
  const out = [];
  /** The list that is open at each depth, and the number that a browser gives its next item. @type {{list: Element, next: number | null}[]} */
  const open = [];
  for (const { line, depth, begins } of listItems(lines)) {
    const list = line.node;
    const items = /** @type {HTMLElement[]} */ ([...list.children]);
    if (!begins) open.length = Math.min(open.length, depth + 1);
    const place = /** @type {HTMLElement | undefined} */ (open.at(-1)?.list.lastElementChild);
    if (!begins && place) {
      if (line.attached) items.forEach((item) => addLine(place, line.item, item));
      else {
        setApart(place);
        place.append(...items.map((item) => own(filled("p", [...item.childNodes]), line.item)));
      }
      continue;
    }
    // Each entry is a list of its own, which says the number of its item.
    const ordinal = list.localName === "ol" ? Number(list.getAttribute("start") ?? 1) : null;
    const next = ordinal === null ? null : ordinal + 1;
    open.length = Math.min(open.length, depth + 1);
    if (open[depth] && open[depth].list.localName !== list.localName) open.pop();
    const current = open[depth];
    if (current) {
      if (ordinal !== current.next) items[0]?.setAttribute("value", String(ordinal));
      current.list.append(...items);
      current.next = next;
    } else {
      const above = /** @type {HTMLElement | null | undefined} */ (open.at(-1)?.list.lastElementChild);
      if (above) {
        setApart(above);
        above.append(list);
      } else {
        if (out.length) list.setAttribute("data-goes-on", "");
        out.push(list);
      }
      open.push({ list, next });
    }
    for (const item of items) own(item, line.item);
  }
  return out;
}

/** The head is those rows of header cells that come first. @param {Line[]} lines */
function tables(lines) {
  const rows = lines.flatMap(({ node, item }) =>
    [...node.querySelectorAll("tr")].map((row) => ({ row: own(row, item), isHead: Boolean(row.closest("thead")) })),
  );
  if (!rows.length) return lines.map(({ node, item }) => own(node, item));
  const first = rows.findIndex(({ isHead }) => !isHead);
  const head = rows.splice(0, first < 0 ? rows.length : first);
  const parts = [
    head.length
      ? filled(
          "thead",
          head.map(({ row }) => row),
        )
      : null,
    rows.length
      ? filled(
          "tbody",
          rows.map(({ row }) => row),
        )
      : null,
  ];
  return [
    filled(
      "table",
      parts.filter((part) => part !== null),
    ),
  ];
}

/** Each picture with the captions that belong to it, whichever came first. @param {Line[]} lines */
function figures(lines) {
  /** @type {HTMLElement[]} */
  const out = [];
  /** The figure that is open: whether it has its picture. @type {{figure: HTMLElement, hasPicture: boolean, group: number | null} | null} */
  let open = null;
  for (const { node, item } of lines) {
    const caption = /** @type {HTMLElement | null} */ (node.querySelector("figcaption"));
    const hasPicture = !caption || node.childElementCount > 1;
    const goesOn = hasPicture ? !open?.hasPicture && item.group !== null && item.group === open?.group : item.group === open?.group;
    if (open && goesOn) {
      /** @type {HTMLElement} */
      const figure = open.figure;
      const before = /** @type {HTMLElement | null} */ (figure.querySelector("figcaption"));
      // The figure was the one entry's own; now each of its parts is one's.
      if (figure.firstElementChild) handOver(figure, figure.firstElementChild);
      if (before && caption) addLine(before, item, caption);
      else figure.append(...[...node.children].map((part) => own(/** @type {HTMLElement} */ (part), item)));
      open = { figure, hasPicture: hasPicture || open.hasPicture, group: item.group };
    } else {
      out.push(own(node, item));
      open = { figure: node, hasPicture, group: item.group };
    }
  }
  return out;
}

/** Where in the page an entry stands or would stand: the shown entry after it, and the one before. @param {import("../article.js").Article} article @param {number} id */
export function neighbours(article, id) {
  const at = article.entries.findIndex((item) => item.id === id);
  return {
    before: article.entries.slice(0, at).findLast((item) => item.shown),
    after: article.entries.slice(at + 1).find((item) => item.shown),
  };
}
