/**
 * What the reader taught: kinds to keep everywhere, and texts never to show again on a site.
 *
 * @typedef {{id: string, type: "keep", label: string}} KeepRule
 * @typedef {{id: string, type: "drop", site: string, text: string}} DropRule
 * @typedef {KeepRule | DropRule} Rule
 */

const FORMAT = "bodycopy-rules/1";
const MAX_TEXT_CHARS = 5000;
/** What the service may be asked to keep. */
const LABELS = new Set(
  (
    "navigation related newsletter subscription promotion social donation app advertisement affiliate author_bio byline copyright " +
    "comments paywall consent interface"
  ).split(" "),
);

/** @returns {Promise<Rule[]>} */
export async function readRules() {
  const { rules } = await chrome.storage.local.get("rules");
  return Array.isArray(rules) ? rules : [];
}

/** @param {Rule[]} rules */
export async function saveRules(rules) {
  await chrome.storage.local.set({ rules });
}

/**
 * Adds rules that are not there yet.
 * @param {Rule[]} added
 * @returns {Promise<Rule[]>} those that were new; handing them to `removeRules` undoes the call
 */
export async function addRules(added) {
  const rules = await readRules();
  const known = new Set(rules.map(ruleKey));
  const fresh = added.filter((rule) => !known.has(ruleKey(rule)) && known.add(ruleKey(rule)));
  if (fresh.length) await saveRules([...rules, ...fresh]);
  return fresh;
}

/** @param {Rule[]} gone */
export async function removeRules(gone) {
  if (!gone.length) return;
  const keys = new Set(gone.map(ruleKey));
  await saveRules((await readRules()).filter((rule) => !keys.has(ruleKey(rule))));
}

/** @param {string} label @returns {KeepRule} */
export function keepRule(label) {
  return { id: crypto.randomUUID(), type: "keep", label };
}

/** @param {string} site @param {string} text @returns {DropRule} */
export function dropRule(site, text) {
  return { id: crypto.randomUUID(), type: "drop", site, text: ruleText(text) };
}

/** A block's text as a rule holds it. @param {string} text */
export function ruleText(text) {
  return foldSpace(text).slice(0, MAX_TEXT_CHARS).toWellFormed();
}

/**
 * The rules that matter for a page, in the form the service takes as `options`.
 * @param {Rule[]} rules @param {string} site
 */
export function rulesFor(rules, site) {
  return {
    keep_labels: rules.flatMap((rule) => (rule.type === "keep" && LABELS.has(rule.label) ? [rule.label] : [])),
    drop_texts: rules.flatMap((rule) => (rule.type === "drop" && rule.site === site ? [rule.text] : [])),
  };
}

/** The site of an address: its host without `www.`; empty where there is none. @param {string} url */
export function siteOf(url) {
  try {
    return new URL(url).hostname.replace(/^www\./, "");
  } catch {
    return "";
  }
}

/** @param {string} text */
export function foldSpace(text) {
  return text.replace(/\s+/gu, " ").trim();
}

/** @param {Rule[]} rules */
export function exportRules(rules) {
  const plain = rules.map((rule) =>
    rule.type === "keep" ? { type: "keep", label: rule.label } : { type: "drop", site: rule.site, text: rule.text },
  );
  return JSON.stringify({ format: FORMAT, rules: plain }, null, 2) + "\n";
}

/**
 * Rules from an exported file; those for labels that another version has are left out.
 * @param {string} json
 * @returns {{rules: Rule[], unknown: number}} `unknown` of them were left out
 * @throws {Error} where the file is not one of ours
 */
export function importRules(json) {
  const file = JSON.parse(json);
  if (file?.format !== FORMAT || !Array.isArray(file.rules)) throw new Error("not a file of rules");
  /** @type {Rule[]} */
  const rules = file.rules.map((/** @type {any} */ rule) => {
    if (rule?.type === "keep" && /^[a-z_]{1,40}$/.test(rule.label)) return keepRule(rule.label);
    if (rule?.type === "drop" && typeof rule.site === "string" && typeof rule.text === "string" && rule.text.trim())
      return dropRule(rule.site.slice(0, 255), rule.text);
    throw new Error("a rule is not one of ours");
  });
  const known = rules.filter((rule) => rule.type === "drop" || LABELS.has(rule.label));
  return { rules: known, unknown: rules.length - known.length };
}

/** @param {Rule} rule */
function ruleKey(rule) {
  return rule.type === "keep" ? `keep ${rule.label}` : `drop ${rule.site} ${rule.text}`;
}
