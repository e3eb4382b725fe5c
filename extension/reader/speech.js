/** Reads the article aloud, sentence by sentence, with the sentence marked. */
import { tagOf } from "../article.js";

/** @typedef {{rate: number, voice: string}} Voice */

const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)");

export class Speaker {
  /**
   * @param {HTMLElement} root @param {string} language
   * @param {{changed: (speaking: boolean) => void, failed: () => void}} tell `failed`: the browser has no voice
   */
  constructor(root, language, tell) {
    this.root = root;
    this.language = tagOf(language) ?? "";
    this.tell = tell;
    this.at = 0;
    this.run = 0;
    this.speaking = false;
    /** @type {Range[]} */
    this.sentences = [];
  }

  /** The sentences of the blocks as they stand, each as a range. */
  collect() {
    const segmenter = new Intl.Segmenter(this.language || undefined, { granularity: "sentence" });
    this.sentences = [];
    for (const block of this.root.querySelectorAll("h1, .dek, [data-entry]")) {
      if (block.querySelector("[data-entry]") || block.closest("figure, table, pre")) continue;
      const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
      /** @type {{node: Text, from: number}[]} */
      const parts = [];
      let text = "";
      while (walker.nextNode()) {
        const node = /** @type {Text} */ (walker.currentNode);
        parts.push({ node, from: text.length });
        text += node.data;
      }
      for (const { segment, index } of segmenter.segment(text)) {
        if (!segment.trim()) continue;
        const range = document.createRange();
        const place = (/** @type {number} */ offset) => parts.findLast(({ from }) => from <= offset) ?? parts[0];
        const [first, last] = [place(index), place(index + segment.length - 1)];
        range.setStart(first.node, index - first.from);
        range.setEnd(last.node, index + segment.length - last.from);
        this.sentences.push(range);
      }
    }
  }

  /** @param {Voice} voice @param {number} [from] sentence to begin with */
  async speak(voice, from = this.at) {
    if (!this.sentences.length) this.collect();
    const run = ++this.run;
    speechSynthesis.cancel();
    this.set(true);
    for (this.at = Math.min(Math.max(from, 0), this.sentences.length); this.at < this.sentences.length; this.at++) {
      const range = this.sentences[this.at];
      CSS.highlights?.set("spoken", new Highlight(range));
      show(range);
      const spoken = await this.say(range.toString(), voice);
      if (run !== this.run) return;
      if (!spoken) {
        this.stop();
        return this.tell.failed();
      }
    }
    this.at = 0;
    this.stop();
  }

  /** @param {string} text @param {Voice} voice @returns {Promise<boolean>} false where it could not be spoken */
  say(text, { rate, voice }) {
    return new Promise((done) => {
      const words = new SpeechSynthesisUtterance(text);
      words.rate = rate;
      words.lang = this.language;
      words.voice = speechSynthesis.getVoices().find((one) => one.voiceURI === voice) ?? null;
      words.onend = () => done(true);
      words.onerror = () => done(false);
      speechSynthesis.speak(words);
    });
  }

  stop() {
    this.run++;
    speechSynthesis.cancel();
    CSS.highlights?.delete("spoken");
    this.set(false);
  }

  /** Call when the article's elements changed. */
  forget() {
    if (this.speaking) this.stop();
    this.sentences = [];
    this.at = 0;
  }

  /** @param {boolean} speaking */
  set(speaking) {
    this.speaking = speaking;
    this.tell.changed(speaking);
  }
}

/** Scrolls a sentence into view where it is not. @param {Range} range */
function show(range) {
  const box = range.getBoundingClientRect();
  if (box.top < innerHeight * 0.15 || box.bottom > innerHeight * 0.85)
    range.startContainer.parentElement?.scrollIntoView({ block: "center", behavior: reducedMotion.matches ? "auto" : "smooth" });
}
