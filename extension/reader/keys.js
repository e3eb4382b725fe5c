/** The keyboard: paragraph by paragraph, and a letter for each thing that is done often. */
import { closePopovers } from "./tools.js";

/**
 * @param {object} actions
 * @param {() => void} actions.closeDrawer
 * @param {(id: number) => void} actions.neverShow
 * @param {() => void} actions.undo
 * @param {Record<string, () => void>} actions.letters what else a letter does
 * @param {() => boolean} lettersWork a letter alone is also what who speaks to the computer, or trembles, sends by mistake
 */
export function listenToKeys({ closeDrawer, neverShow, undo, letters }, lettersWork) {
  document.addEventListener("keydown", (event) => {
    // It closes by itself.
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      const opener = closePopovers();
      if (opener) opener.focus();
      else closeDrawer();
      return;
    }
    const key = event.key.toLowerCase();
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (typing || document.body.dataset.state !== "article") return;
    const current = document.querySelector("#content .current");
    if (key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else if (event.ctrlKey || event.metaKey || event.altKey || !lettersWork()) return;
    else if (key === "j") stepBlock(1);
    else if (key === "k") stepBlock(-1);
    else if (key === "u") undo();
    else if (key === "x" && current) neverShow(Number(current.getAttribute("data-entry")));
    else if (Object.hasOwn(letters, key)) letters[key]();
    else return;
    event.preventDefault();
  });
}

/** The entries of an article as they stood at the last step, and which of them was marked: it may be gone by the next one. */
const last = { url: "", order: /** @type {string[]} */ ([]), at: -1 };

/** @param {number} by */
function stepBlock(by) {
  const blocks = [...document.querySelectorAll("#content [data-entry]")];
  const marked = blocks.findIndex((node) => node.classList.contains("current"));
  blocks[marked]?.classList.remove("current");
  const at = marked >= 0 ? marked + by : (besideLast(blocks, by) ?? firstInView(blocks));
  const next = blocks[Math.min(Math.max(at, 0), blocks.length - 1)];
  if (!next) return;
  next.classList.add("current");
  next.scrollIntoView({ block: "center" });
  last.url = shownUrl();
  last.order = blocks.map((node) => node.getAttribute("data-entry") ?? "");
  last.at = blocks.indexOf(next);
}

/** The place of the block that stood beside the last marked one; null where there is none. @param {Element[]} blocks @param {number} by */
function besideLast(blocks, by) {
  if (last.url !== shownUrl()) return null;
  const after = last.order.slice(last.at + 1);
  const before = last.order.slice(0, last.at).reverse();
  const places = new Map(blocks.map((node, index) => [node.getAttribute("data-entry") ?? "", index]));
  const beside = (by > 0 ? [...after, ...before] : [...before, ...after]).find((id) => places.has(id));
  return beside === undefined ? null : /** @type {number} */ (places.get(beside));
}

function shownUrl() {
  return document.querySelector(".printed-source")?.textContent ?? "";
}

/** @param {Element[]} blocks */
function firstInView(blocks) {
  const top = document.getElementById("bar")?.getBoundingClientRect().bottom ?? 0;
  return blocks.findIndex((node) => node.getBoundingClientRect().bottom > top);
}
