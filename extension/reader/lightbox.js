/** The article's pictures: each as large as the window, or its words where it cannot be had. */
import { el, icon, t } from "../dom.js";

/** @param {HTMLDialogElement} box */
export function listenToPictures(box) {
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target instanceof HTMLImageElement && target.closest("#content") && !target.closest("a")) enlarge(target, box);
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.target instanceof HTMLImageElement) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    enlarge(event.target, box);
  });
  // An error does not bubble.
  document.addEventListener(
    "error",
    ({ target }) => target instanceof HTMLImageElement && target.closest("#content") && replace(target),
    true,
  );
}

/** Puts words with a link where a picture could not be loaded: it would hold its room, and say nothing. @param {HTMLImageElement} image */
function replace(image) {
  const text = image.alt || t("picture_failed");
  const link = { class: "alt", href: image.src, target: "_blank", rel: "noopener noreferrer", text, title: t("picture_failed") };
  image.replaceWith(image.closest("a") || !/^https?:/.test(image.src) ? el("span", { class: "alt", text }) : el("a", link));
}

/** @param {HTMLImageElement} image @param {HTMLDialogElement} box */
function enlarge(image, box) {
  const caption = image.closest("figure")?.querySelector("figcaption")?.textContent || image.alt;
  const close = el("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => box.close() }, icon("close"));
  const large = el("img", { src: image.src, alt: image.alt, referrerpolicy: "no-referrer" });
  box.replaceChildren(el("figure", {}, large, el("figcaption", { text: caption, dir: "auto" })), close);
  box.onclick = (event) => event.target === large || box.close();
  box.showModal();
}
