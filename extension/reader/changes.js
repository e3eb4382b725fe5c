/** What the person does to the article: putting back, keeping a kind, never showing a text. Each can be undone. */
import { applyRules } from "../article.js";
import { labelName, t } from "../dom.js";
import { addRules, dropRule, keepRule, removeRules, siteOf } from "../rules.js";

/**
 * @typedef {object} Desk
 * @property {import("../article.js").Article | null} article
 * @property {(fresh?: number) => void} redraw `fresh` is the entry to point at
 * @property {(words: string, action?: {label: string, run: () => void}) => void} toast
 */

export class Changes {
  /** @param {Desk} desk */
  constructor(desk) {
    this.desk = desk;
    /** @type {(() => Promise<void>)[]} the last is undone first */
    this.done = [];
  }

  /** @param {number} id */
  async putBack(id) {
    const item = this.#entries((one) => one.id === id)[0];
    if (!item) return;
    const restore = this.#remember([item]);
    const taught = item.by === "dropped" ? [dropRule(this.#site(), item.text)] : [];
    await removeRules(taught);
    Object.assign(item, { shown: true, by: "put_back" });
    this.#finish(t("done_put_back"), id, async () => {
      restore();
      await addRules(taught);
    });
  }

  /** @param {string} label */
  async alwaysKeep(label) {
    const items = this.#entries((item) => !item.shown && item.label === label && item.by !== "dropped");
    const restore = this.#remember(items);
    const added = await addRules([keepRule(label)]);
    for (const item of items) Object.assign(item, { shown: true, by: "rule" });
    this.#finish(t("done_keep", labelName(label)), items[0]?.id, async () => {
      restore();
      await removeRules(added);
    });
  }

  /** @param {number[]} ids of the entries never to be shown on this site again */
  async neverShow(ids) {
    const { article } = this.desk;
    const items = this.#entries((item) => ids.includes(item.id) && Boolean(item.text));
    // A rule is of a site: a page from the disk has none.
    if (!article || !items.length || !this.#site()) return;
    const restore = this.#remember(article.entries);
    const rules = items.map((item) => dropRule(this.#site(), item.text));
    const added = await addRules(rules);
    applyRules(article, { keep_labels: [], drop_texts: rules.map((rule) => rule.text) }, t("reason_taught"));
    this.#finish(t("done_never", this.#site()), undefined, async () => {
      restore();
      await removeRules(added);
    });
  }

  async undo() {
    const revert = this.done.pop();
    if (!revert) return;
    await revert();
    this.desk.redraw();
    this.desk.toast(t("undone"));
  }

  /** For another article. */
  forget() {
    this.done = [];
  }

  #site() {
    return siteOf(this.desk.article?.url ?? "");
  }

  /** @param {(item: import("../article.js").Entry) => boolean} wanted */
  #entries(wanted) {
    return this.desk.article?.entries.filter(wanted) ?? [];
  }

  /** @param {import("../article.js").Entry[]} items @returns {() => void} sets them back to what they are now */
  #remember(items) {
    const was = items.map((item) => ({ ...item }));
    return () => items.forEach((item, index) => Object.assign(item, was[index]));
  }

  /** @param {string} words @param {number | undefined} fresh @param {() => Promise<void>} revert */
  #finish(words, fresh, revert) {
    this.done.push(revert);
    this.desk.redraw(fresh);
    this.desk.toast(words, { label: t("undo"), run: () => void this.undo() });
  }
}
