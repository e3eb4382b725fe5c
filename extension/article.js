/** The article as the reader holds it: all blocks in their order, each shown or not, and why. */
import { warningsOf } from "./api.js";
import { foldSpace, ruleText } from "./rules.js";

/**
 * @typedef {object} Entry
 * @property {number} id
 * @property {boolean} shown
 * @property {string} label
 * @property {string} html
 * @property {string} text
 * @property {string} reason why it was removed, or would have been
 * @property {import("./api.js").Evidence | null} evidence what the reason says after its colon, to be said in any language
 * @property {string} source
 * @property {"put_back" | "rule" | "dropped" | ""} by what the person did to it
 * @property {number | null} group equal for entries of one list, table, quotation or figure
 * @property {number} level depth of a list item from 1
 * @property {number | null} item equal for entries of one list item
 * @property {number} paragraph equal for lines of one paragraph or list item
 *
 * @typedef {object} Article
 * @property {string} title
 * @property {string} byline
 * @property {string} dek
 * @property {string} date
 * @property {string} site_name
 * @property {string} url
 * @property {string} language
 * @property {string} direction
 * @property {string} lead_image
 * @property {Entry[]} entries
 * @property {import("./api.js").Warning[]} warnings
 * @property {boolean} local made by Readability, without the service
 */

/**
 * @param {import("./api.js").Answer} answer
 * @param {import("./capture.js").Snapshot} snapshot
 * @returns {Article}
 */
export function fromAnswer(answer, snapshot) {
  const kept = (answer.blocks ?? []).map((block) => entry({ ...block, shown: true }));
  const gone = answer.removed.map((block) => {
    // What a page says instead of a picture is no text of the article, nor to be searched for.
    const text = block.html.startsWith("<figure><img") ? "" : block.text;
    return { position: block.position, entry: entry({ ...block, text, shown: false }) };
  });
  /** @type {Entry[]} */
  const entries = [];
  let next = 0;
  for (let index = 0; index <= kept.length; index++) {
    while (next < gone.length && (gone[next].position <= index || index === kept.length)) entries.push(gone[next++].entry);
    if (index < kept.length) entries.push(kept[index]);
  }
  const opening = kept.find((item) => item.text && item.label !== "caption" && !item.html.startsWith("<figure"));
  return {
    title: answer.title || snapshot.title,
    byline: answer.byline ?? "",
    // Where the text begins with it, it need not stand above as well.
    dek: answer.dek && foldSpace(answer.dek) !== foldSpace(opening?.text ?? "") ? answer.dek : "",
    date: answer.date ?? "",
    site_name: answer.site_name || answer.domain || "",
    url: snapshot.url,
    language: answer.language || snapshot.language,
    direction: answer.direction ?? "",
    lead_image: answer.lead_image ?? "",
    entries,
    warnings: warningsOf(answer),
    local: false,
  };
}

/**
 * What joins it to its neighbours is left out by older services: then neighbours of one form are one.
 * @param {Partial<Entry> & {id: number, html: string, text: string}} facts @returns {Entry}
 */
export function entry(facts) {
  const joints = { group: null, level: 0, item: null, paragraph: facts.id };
  return { shown: true, label: "content", reason: "", evidence: null, source: "", by: "", ...joints, ...facts };
}

/**
 * Does to the entries what the person taught. The service may have done so already: twice does no harm.
 * @param {Article} article @param {{keep_labels: string[], drop_texts: string[]}} rules @param {string} reason for what is dropped
 */
export function applyRules(article, rules, reason) {
  const keep = new Set(rules.keep_labels);
  const drop = new Set(rules.drop_texts);
  for (const item of article.entries) {
    if (item.text && drop.has(ruleText(item.text)) && (item.shown || item.source === "taught"))
      Object.assign(item, { shown: false, by: "dropped", source: "taught", reason });
    else if (!item.shown && keep.has(item.label)) Object.assign(item, { shown: true, by: "rule" });
  }
}

/** @param {Article} article */
export function shownEntries(article) {
  return article.entries.filter((item) => item.shown);
}

/** @param {Article} article */
export function removedEntries(article) {
  return article.entries.filter((item) => !item.shown);
}

/** @typedef {"paragraph" | "list" | "quote" | "table" | "figure" | "other"} Form */

const FORMS = /** @type {Record<string, Form>} */ ({
  p: "paragraph", ul: "list", ol: "list", blockquote: "quote", table: "table", figure: "figure",
}); // prettier-ignore
/** Deeper items are shown at this depth, as in the service's own HTML. */
const MAX_LIST_DEPTH = 10;

/**
 * The shown entries, those together that are one list, table or quotation, or one after another of another form. The
 * same as the service does in layout.py, but with what the person has put back.
 * @param {Article} article
 */
export function runsOf(article) {
  /** @type {{form: Form, group: number | null, lines: {item: Entry, attached: boolean}[]}[]} */
  const runs = [];
  /** @type {Entry | null} */
  let before = null;
  for (const item of shownEntries(article)) {
    const form = FORMS[/^<(\w+)/.exec(item.html)?.[1] ?? ""] ?? "other";
    const group = form === "list" || form === "table" || form === "quote" ? item.group : null;
    const run = runs.at(-1);
    // A further line of the paragraph before.
    const line = { item, attached: before?.paragraph === item.paragraph };
    if (run?.form === form && run.group === group) run.lines.push(line);
    else runs.push({ form, group, lines: [line] });
    before = item;
  }
  return runs;
}

/**
 * The entries of one list, each with its depth from 0, and whether it begins an item or goes on in the one before.
 * @template {{item: Entry, attached: boolean}} Line
 * @param {Line[]} lines @returns {{line: Line, depth: number, begins: boolean}[]}
 */
export function listItems(lines) {
  /** Level and last item of each open list: a paragraph may follow the list inside its item. @type {{level: number, item: number | null}[]} */
  const open = [];
  return lines.map((line) => {
    if (open.length && line.attached) return { line, depth: open.length - 1, begins: false };
    const { item } = line.item;
    const level = Math.min(Math.max(line.item.level, 1), MAX_LIST_DEPTH);
    while (open.length && open[open.length - 1].level > level) open.pop();
    const last = open.at(-1);
    const begins = last?.level !== level || item === null || item !== last.item;
    if (last?.level === level) last.item = item;
    else open.push({ level, item });
    return { line, depth: open.length - 1, begins };
  });
}

/** Characters a person reads in a minute and how much that varies, from the IReST study of reading speed (2012). */
const READING_SPEED = /** @type {Record<string, [number, number]>} */ ({
  ar: [612, 88], de: [920, 86], en: [987, 118], es: [1025, 127], fi: [1078, 121], fr: [998, 126], he: [833, 130],
  it: [950, 140], ja: [357, 56], nl: [978, 143], pl: [916, 126], pt: [913, 145], ru: [986, 175], sl: [885, 145],
  sv: [917, 156], tr: [1054, 156], zh: [255, 29],
}); // prettier-ignore

/**
 * Words and the minutes they take, as a range.
 * @param {string} text @param {string} language
 */
export function measure(text, language) {
  let words = 0;
  for (const segment of new Intl.Segmenter(tagOf(language), { granularity: "word" }).segment(text)) {
    if (segment.isWordLike) words++;
  }
  const [speed, spread] = READING_SPEED[language.slice(0, 2).toLowerCase()] ?? READING_SPEED.en;
  const slow = Math.max(1, Math.round(text.length / (speed - spread)));
  const fast = Math.max(1, Math.round(text.length / (speed + spread)));
  return { words, fast, slow };
}

/** A language tag the browser takes, or undefined. @param {string} language */
export function tagOf(language) {
  try {
    return language ? Intl.getCanonicalLocales(language.replaceAll("_", "-"))[0] : undefined;
  } catch {
    return undefined;
  }
}
