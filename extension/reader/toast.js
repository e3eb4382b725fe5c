/** A line that says what was done, for a while, with one thing to do about it. */
import { el } from "../dom.js";

const TOAST_MS = 9000;

/** @param {HTMLElement} place @returns {(words: string, action?: {label: string, run: () => void}) => () => void} what takes the line away again */
export function makeToast(place) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (place.matches(":hover, :focus-within") ? wait() : place.replaceChildren()), TOAST_MS);
  };
  /** Where the keyboard was before it came here. @type {HTMLElement | null} */
  let before = null;
  place.addEventListener("focusin", ({ relatedTarget }) => {
    if (relatedTarget instanceof HTMLElement && !place.contains(relatedTarget)) before = relatedTarget;
  });
  /** @param {HTMLElement[]} lines */
  const show = (...lines) => {
    const held = place.contains(document.activeElement);
    place.replaceChildren(...lines);
    if (!held) return;
    const back = [place.querySelector("button"), before, document.getElementById("drawer-close"), document.getElementById("article")];
    back.find((node) => node?.checkVisibility())?.focus({ preventScroll: true });
  };
  return (words, action) => {
    const line = el("div", {}, el("span", { text: words }));
    if (action) line.append(el("button", { type: "button", text: action.label, onclick: () => (show(), action.run()) }));
    show(line);
    wait();
    return () => void (line.isConnected && show());
  };
}
