/** The keyboard: paragraph by paragraph, and a letter for each thing that is done often. */
import { closePopovers } from "./tools.js";

/**
 * @param {object} actions
 * @param {() => void} actions.closeDrawer
 * @param {(id: number) => void} actions.neverShow
 * @param {() => void} actions.undo
 * @param {Record<string, () => void>} actions.letters what else a letter does
 */
export function listenToKeys({ closeDrawer, neverShow, undo, letters }) {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const opener = closePopovers();
      if (opener) opener.focus();
      else closeDrawer();
      return;
    }
    const key = event.key.toLowerCase();
    const typing = event.target instanceof Element && event.target.matches("input, select, textarea");
    if (typing || document.body.dataset.state !== "article" || document.querySelector("dialog[open]")) return;
    const current = document.querySelector("#content .current");
    if (key === "z" && (event.ctrlKey || event.metaKey)) undo();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key === "j") stepBlock(1);
    else if (key === "k") stepBlock(-1);
    else if (key === "u") undo();
    else if (key === "x" && current) neverShow(Number(current.getAttribute("data-entry")));
    else if (Object.hasOwn(letters, key)) letters[key]();
    else return;
    event.preventDefault();
  });
}

/** @param {number} by */
function stepBlock(by) {
  const blocks = [...document.querySelectorAll("#content [data-entry]")];
  const at = blocks.findIndex((node) => node.classList.contains("current"));
  blocks[at]?.classList.remove("current");
  const next = blocks[Math.min(Math.max(at + by, 0), blocks.length - 1)];
  next?.classList.add("current");
  next?.scrollIntoView({ block: "center" });
}
