/** A line that says what was done, for a while, with one thing to do about it. */
import { el } from "../dom.js";

const TOAST_MS = 9000;

/** @param {HTMLElement} place @returns {(words: string, action?: {label: string, run: () => void}) => void} */
export function makeToast(place) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (place.matches(":hover, :focus-within") ? wait() : place.replaceChildren()), TOAST_MS);
  };
  return (words, action) => {
    const line = el("div", {}, el("span", { text: words }));
    if (action) line.append(el("button", { type: "button", text: action.label, onclick: () => (line.remove(), action.run()) }));
    place.replaceChildren(line);
    wait();
  };
}
