/** A selection in the article offers never to show these blocks on this site again. */
import { el, t } from "../dom.js";

const GAP_PX = 8;

/** @param {HTMLElement} bar @param {() => string} site @param {(ids: number[]) => void} neverShow */
export function listenToSelection(bar, site, neverShow) {
  const button = el("button", {
    type: "button",
    id: "never",
    // So that the click does not end the selection.
    onmousedown: (/** @type {Event} */ event) => event.preventDefault(),
    onclick: () => {
      neverShow(selectedEntries());
      getSelection()?.removeAllRanges();
    },
  });
  bar.append(button);
  const place = () => {
    const selected = selectedEntries().length > 0;
    // Reached with the keyboard, it stays while the person is on it.
    if (!selected && bar.contains(document.activeElement) && getSelection()?.toString().trim()) return;
    bar.hidden = !selected || !site();
    if (bar.hidden) return;
    button.textContent = t("never_show", site());
    // As wide as its words, whatever is left of the line where it stood before.
    bar.style.left = "0";
    const box = /** @type {Selection} */ (getSelection()).getRangeAt(0).getBoundingClientRect();
    bar.style.top = `${scrollY + box.bottom + GAP_PX}px`;
    bar.style.left = `${Math.max(GAP_PX, Math.min(box.left, innerWidth - bar.offsetWidth - GAP_PX))}px`;
  };
  document.addEventListener("selectionchange", place);
  addEventListener("resize", place);
}

/** The entries that hold some of the selected text: a threefold click reaches to the next one's beginning, but not into it. */
function selectedEntries() {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed) return [];
  const range = selection.getRangeAt(0);
  return [...document.querySelectorAll("#content [data-entry]")]
    .filter((node) => selection.containsNode(node, true) && selectedPart(node, range).trim())
    .map((node) => Number(node.getAttribute("data-entry")));
}

/** @param {Element} node @param {Range} range */
function selectedPart(node, range) {
  const part = document.createRange();
  part.selectNodeContents(node);
  if (range.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(range.startContainer, range.startOffset);
  if (range.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(range.endContainer, range.endOffset);
  return part.toString();
}
