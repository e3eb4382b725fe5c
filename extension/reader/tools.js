/** The reader's toolbar: looks, ways out, reading aloud, the drawer's button. */
import { copy, download } from "../exports/save.js";
import { removedEntries } from "../article.js";
import { applySettings, el, icon, t } from "../dom.js";
import { RANGES, saveSettings, THEMES } from "../settings.js";

/**
 * @typedef {object} Desk what the tools work on
 * @property {import("../settings.js").ReaderSettings} settings
 * @property {import("../article.js").Article | null} article
 * @property {import("./speech.js").Speaker | null} speaker
 * @property {ReturnType<typeof import("./toast.js").makeToast>} toast
 * @property {(fresh?: number) => void} redraw
 * @property {() => void} toggleDrawer
 */

/** @param {HTMLElement} bar @param {Desk} desk */
export function renderTools(bar, desk) {
  bar.append(
    popover("look", "type", t("look"), lookPanel(desk), false),
    popover("speak", "speak", t("read_aloud"), speechPanel(desk), true),
    popover("copy", "copy", t("copy"), copyPanel(desk), true),
    popover("save", "download", t("download"), savePanel(desk), true),
    ...others(desk).map(({ id, label, run }) => button(id, id, label, run)),
    el(
      "button",
      {
        type: "button",
        id: "count",
        "data-article": true,
        "aria-controls": "drawer",
        "aria-expanded": "false",
        onclick: desk.toggleDrawer,
      },
      icon("drawer"),
      el("span", { class: "when-wide" }),
      el("span", { class: "when-narrow", "aria-hidden": "true" }),
    ),
  );
  document.addEventListener("click", (event) => {
    if (!(/** @type {Element} */ (event.target).closest?.("#tools"))) closePopovers();
  });
}

/** Ways out that need no menu, unless the window is too narrow for more buttons. @param {Desk} desk */
function others(desk) {
  const all = /** @type {const} */ ([
    { id: "share", label: t("share"), run: () => void share(desk) },
    { id: "print", label: t("print"), run: () => window.print() },
  ]);
  return all.filter(({ id }) => id !== "share" || "share" in navigator);
}

/** Says on the drawer's button how much was removed. @param {import("../article.js").Article} article */
export function showCount(article) {
  const count = removedEntries(article).length.toLocaleString();
  const [words, number] = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#count span"));
  words.textContent = article.local ? t("removed_unknown") : t("removed_count", count);
  number.textContent = article.local ? "?" : count;
}

/** Shows settings that were changed elsewhere. @param {import("../settings.js").ReaderSettings} settings */
export function syncTools(settings) {
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("#tools [name]"))) {
    const value = /** @type {any} */ (settings)[field.name];
    if (field.type === "checkbox") field.checked = value;
    else field.value = String(value);
  }
}

export function closePopovers() {
  const open = /** @type {HTMLElement | null} */ (document.querySelector("#tools [aria-expanded='true'][aria-haspopup]"));
  const panel = document.querySelector(".popover:not([hidden])");
  if (open && panel) hidePopover(open, /** @type {HTMLElement} */ (panel));
  return open;
}

/** @param {HTMLElement} opener @param {HTMLElement} panel */
function hidePopover(opener, panel) {
  opener.setAttribute("aria-expanded", "false");
  panel.hidden = true;
}

/** @param {string} id @param {Parameters<typeof icon>[0]} sign @param {string} label @param {() => void} run */
function button(id, sign, label, run) {
  return el(
    "button",
    { type: "button", id, class: "icon-button when-wide", title: label, "aria-label": label, "data-article": true, onclick: run },
    icon(sign),
  );
}

/** @param {string} id @param {Parameters<typeof icon>[0]} sign @param {string} label @param {HTMLElement} panel @param {boolean} article */
function popover(id, sign, label, panel, article) {
  panel.hidden = true;
  panel.id = `${id}-panel`;
  const opener = el(
    "button",
    {
      type: "button",
      id,
      class: "icon-button",
      title: label,
      "aria-label": label,
      "aria-haspopup": "true",
      "aria-expanded": "false",
      "aria-controls": panel.id,
      "data-article": article,
    },
    icon(sign),
  );
  opener.addEventListener("click", () => {
    const show = panel.hidden;
    closePopovers();
    panel.hidden = !show;
    opener.setAttribute("aria-expanded", String(show));
    if (show) /** @type {HTMLElement | null} */ (panel.querySelector("button, select, input"))?.focus();
  });
  const place = el("span", {}, opener, panel);
  place.addEventListener("focusout", ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !place.contains(relatedTarget)) hidePopover(opener, panel);
  });
  return place;
}

/** @param {Desk} desk */
function lookPanel(desk) {
  const change = (/** @type {Partial<import("../settings.js").ReaderSettings>} */ changes) => {
    Object.assign(desk.settings, changes);
    applySettings(desk.settings);
    if ("images" in changes) desk.redraw();
    saveSettings(changes);
  };
  const choice = (/** @type {"theme" | "font"} */ name, /** @type {readonly string[]} */ values) =>
    el(
      "label",
      { text: t(`set_${name}`) },
      el(
        "select",
        { name, onchange: (/** @type {any} */ event) => change({ [name]: event.target.value }) },
        ...values.map((value) => el("option", { value, text: t(`${name}_${value}`), selected: desk.settings[name] === value })),
      ),
    );
  const range = (/** @type {"size" | "width" | "line"} */ name) => {
    const [min, max, step] = RANGES[name];
    return el(
      "label",
      { text: t(`set_${name}`) },
      el("input", {
        type: "range",
        name,
        min,
        max,
        step,
        value: desk.settings[name],
        oninput: (/** @type {any} */ event) => change({ [name]: Number(event.target.value) }),
      }),
    );
  };
  return el(
    "div",
    { class: "popover" },
    choice("theme", THEMES),
    choice("font", ["serif", "sans"]),
    range("size"),
    range("width"),
    range("line"),
    el(
      "label",
      { text: t("set_images") },
      el("input", {
        type: "checkbox",
        name: "images",
        checked: desk.settings.images,
        onchange: (/** @type {any} */ event) => change({ images: event.target.checked }),
      }),
    ),
    el("a", { class: "button", href: "options.html", target: "_blank", text: t("settings") }),
  );
}

/** @param {Desk} desk */
function copyPanel(desk) {
  const take = async (/** @type {"toText" | "toMarkdown"} */ form) => {
    if (!desk.article) return;
    const { [form]: make } = await import("../exports/formats.js");
    const copied = await copy(make(desk.article, { source: desk.settings.source_line }));
    closePopovers()?.focus();
    desk.toast(copied ? t("copied") : t("copy_failed"));
  };
  return el(
    "div",
    { class: "popover menu" },
    el("button", { type: "button", id: "copy-text", text: t("copy_text"), onclick: () => take("toText") }),
    el("button", { type: "button", id: "copy-markdown", text: t("copy_markdown"), onclick: () => take("toMarkdown") }),
    el(
      "label",
      { text: t("set_source_line") },
      el("input", {
        type: "checkbox",
        name: "source_line",
        checked: desk.settings.source_line,
        onchange: (/** @type {any} */ event) => {
          desk.settings.source_line = event.target.checked;
          saveSettings({ source_line: event.target.checked });
        },
      }),
    ),
  );
}

/** @param {Desk} desk */
function savePanel(desk) {
  const forms = /** @type {const} */ (["txt", "md", "html", "epub"]);
  return el(
    "div",
    { class: "popover menu" },
    ...forms.map((form) => el("button", { type: "button", id: `save-${form}`, text: t(`save_${form}`), onclick: () => save(form, desk) })),
    ...others(desk).map(({ id, label, run }) =>
      el("button", {
        type: "button",
        id: `menu-${id}`,
        class: "when-narrow",
        text: label,
        onclick: () => {
          closePopovers()?.focus();
          run();
        },
      }),
    ),
  );
}

/** @param {"txt" | "md" | "html" | "epub"} form @param {Desk} desk */
async function save(form, desk) {
  const { article, settings } = desk;
  if (!article) return;
  closePopovers()?.focus();
  const source = settings.source_line;
  const { pictureAddresses, toHtmlFile, toMarkdown, toText } = await import("../exports/formats.js");
  if (form === "txt") return download(toText(article, { source }), "text/plain;charset=utf-8", article.title, form);
  if (form === "md") return download(toMarkdown(article, { source }), "text/markdown;charset=utf-8", article.title, form);
  const addresses = settings.images ? pictureAddresses(article) : [];
  const fetched = addresses.length ? desk.toast(t("pictures_fetching")) : () => {};
  const [{ asDataAddress, fetchPictures }, { toEpub }] = await Promise.all([
    import("../exports/pictures.js"),
    import("../exports/epub.js"),
  ]);
  const { found, refused, missing } = await fetchPictures(addresses);
  fetched();
  if (form === "html") {
    const data = new Map([...found].map(([address, picture]) => [address, asDataAddress(picture)]));
    download(toHtmlFile(article, data), "text/html;charset=utf-8", article.title, form);
  } else download(await toEpub([article], found), "application/epub+zip", article.title, form);
  const failed = missing.length && t("pictures_failed", missing.length.toLocaleString());
  if (!refused.length) return void (failed && desk.toast(failed));
  const origins = [...new Set(refused.map((address) => `${new URL(address).origin}/*`))].filter((origin) => origin.startsWith("http"));
  desk.toast([t("pictures_missing", refused.length.toLocaleString()), failed].filter(Boolean).join(" "), {
    label: t("pictures_allow"),
    run: async () => {
      if (await chrome.permissions.request({ origins: origins.map((origin) => origin.replace(/:\d+\/\*$/, "/*")) })) await save(form, desk);
    },
  });
}

/** @param {Desk} desk */
async function share(desk) {
  if (!desk.article) return;
  const { title, url } = desk.article;
  await navigator.share({ title, url, text: title }).catch(() => {});
}

/** @param {Desk} desk */
function speechPanel(desk) {
  const voice = () => ({ rate: desk.settings.rate, voice: desk.settings.voice });
  const step = (/** @type {number} */ by) => desk.speaker?.speak(voice(), (desk.speaker?.at ?? 0) + by);
  const [min, max, rateStep] = RANGES.rate;
  const voices = el("select", {
    name: "voice",
    onchange: (/** @type {any} */ event) => {
      desk.settings.voice = event.target.value;
      saveSettings({ voice: event.target.value });
    },
  });
  const list = () => {
    const own = speechSynthesis.getVoices();
    voices.replaceChildren(
      el("option", { value: "", text: t("voice_default") }),
      ...own.map((one) => el("option", { value: one.voiceURI, text: one.name, selected: one.voiceURI === desk.settings.voice })),
    );
  };
  if ("speechSynthesis" in globalThis) {
    list();
    speechSynthesis.addEventListener?.("voiceschanged", list);
  }
  const control = (
    /** @type {string} */ id,
    /** @type {Parameters<typeof icon>[0]} */ sign,
    /** @type {string} */ label,
    /** @type {() => void} */ run,
  ) => el("button", { type: "button", id, class: "icon-button", "aria-label": label, title: label, onclick: run }, icon(sign));
  return el(
    "div",
    { class: "popover" },
    el(
      "fieldset",
      { "aria-label": t("read_aloud") },
      control("speak-previous", "previous", t("speak_previous"), () => step(-1)),
      control("speak-play", "play", t("speak_play"), () => void desk.speaker?.speak(voice())),
      control("speak-stop", "pause", t("speak_stop"), () => desk.speaker?.stop()),
      control("speak-next", "next", t("speak_next"), () => step(1)),
    ),
    el(
      "label",
      { text: t("set_rate") },
      el("input", {
        type: "range",
        name: "rate",
        min,
        max,
        step: rateStep,
        value: desk.settings.rate,
        onchange: (/** @type {any} */ event) => {
          desk.settings.rate = Number(event.target.value);
          saveSettings({ rate: desk.settings.rate });
          if (desk.speaker?.speaking) step(0);
        },
      }),
    ),
    el("label", { text: t("set_voice") }, voices),
  );
}
