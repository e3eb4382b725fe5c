/** A picture of the article, as large as the window. */
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
