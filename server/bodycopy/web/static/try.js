// Adds to the page what plain HTML cannot: dropping files, answers without a reload, copying, putting back.
const form = document.getElementById("try");
const result = document.getElementById("result");
const file = document.getElementById("file");

function dress() {
  for (const element of document.querySelectorAll(".js, #drop-hint")) element.hidden = false;
}

async function send(pressed = null) {
  const button = form.querySelector(".primary");
  if (button.ariaDisabled === "true") return;
  // A button that is disabled loses the keyboard's focus.
  button.ariaDisabled = "true";
  document.body.classList.add("waiting");
  try {
    const answer = await fetch("/", { method: "POST", body: new FormData(form, pressed) });
    const kind = answer.headers.get("Content-Type") ?? "";
    if (!kind.startsWith("text/html")) throw new Error((await answer.json()).detail);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    result.replaceChildren(...page.getElementById("result").childNodes);
    document.title = page.title;
    if (pressed?.name === "example") {
      file.value = "";
      form.elements.page.value = page.getElementById("page").value;
    }
  } catch (error) {
    const card = document.createElement("section");
    card.className = "card problem";
    const words = document.createElement("p");
    words.textContent = error instanceof TypeError ? "The service cannot be reached. Is it still running?" : error.message;
    card.append(words);
    result.prepend(card);
  } finally {
    button.ariaDisabled = "false";
    document.body.classList.remove("waiting");
    dress();
    result.scrollIntoView({ block: "start" });
    result.focus({ preventScroll: true });
  }
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(source.id === "as-text" && isAnyBack() ? shownText() : source.value ?? source.textContent);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Could not copy";
  }
  setTimeout(() => (button.textContent = label), 1500);
}

function isAnyBack() {
  return document.querySelector(".gone.back") !== null;
}

// What stands on the page now, one block a line; captions are no part of the text.
function shownText() {
  const blocks = document.querySelectorAll(".block:not(.gone), .gone.back");
  return [...blocks].map((block) => block.dataset.line).filter(Boolean).join("\n");
}

function putBack(button) {
  const row = button.closest("li");
  const block = document.getElementById(row.dataset.block);
  const isBack = block.classList.toggle("back");
  row.classList.toggle("is-back", isBack);
  button.textContent = isBack ? "Remove again" : "Put back";
  // Only the text can be put together here.
  for (const other of document.querySelectorAll("[data-copy=as-markdown], [data-copy=as-html]")) other.disabled = isAnyBack();
  if (isBack) block.scrollIntoView({ block: "center" });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy) copy(button);
  else if (button?.classList.contains("back")) putBack(button);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) {
    file.files = event.dataTransfer.files;
    send();
  }
});
dress();
