/** What the reader says when there is no article, or none yet, and what can be done about it. */
import { el, t, warned } from "../dom.js";

const START_COMMAND = "bodycopy serve";
/** Problems that the settings page mends. */
const SETTINGS = new Set(["unauthorized", "forbidden", "not_ours", "redirected", "unsendable"]);
const SAID_AFTER_MS = 2000;
const OFFERED_AFTER_MS = 6000;
/** Warnings that say what the problem says. */
const NO_ARTICLE = new Set(["no_article", "no_text"]);
const LASTING = new Set(["unreadable", "unresponsive", "moved_on", "expired", "link_refused", "no_selection", "nothing_open"]);

/**
 * @param {HTMLElement} place
 * @param {{problem: string, address?: string, url?: string} & Partial<import("../api.js").Said>} failure
 * @param {{again: () => void, local: (() => void) | null}} actions
 */
export function renderFailure(place, failure, actions) {
  const { problem } = failure;
  const buttons = [
    SETTINGS.has(problem) && el("a", { class: "button primary", href: "options.html", target: "_blank", text: t("settings") }),
    !LASTING.has(problem) &&
      el("button", {
        type: "button",
        class: SETTINGS.has(problem) ? "" : "primary",
        id: "again",
        text: t("try_again"),
        onclick: actions.again,
      }),
    actions.local && el("button", { type: "button", id: "local", text: t("read_locally"), onclick: actions.local }),
    problem === "offline" && el("a", { class: "button", href: "options.html", target: "_blank", text: t("settings") }),
    failure.url && el("a", { class: "button", href: failure.url, text: t("original") }),
  ];
  place.replaceChildren(
    el("h1", { text: t(`fail_${problem}`) }),
    el("p", { text: t(`fail_${problem}_text`, failure.address ?? "") }),
    (problem === "offline" && el("p", {}, el("code", { class: "command", text: START_COMMAND }))) || "",
    // Not read out at each second.
    problem === "busy" ? el("p", { id: "next", "aria-live": "off" }) : "",
    ...(failure.warnings ?? [])
      .filter((warning) => !NO_ARTICLE.has(warning.told?.code ?? ""))
      .map((warning) => el("p", { class: "warning" }, warned(warning))),
    failure.detail ? el("p", { class: "detail", dir: "auto", text: failure.detail }) : "",
    el("div", { class: "actions" }, ...buttons),
    actions.local ? el("p", { class: "detail", text: t("read_locally_hint") }) : "",
  );
  place.dataset.problem = problem;
}

/**
 * Says in a line when something happens.
 * @param {HTMLElement} line @param {number} seconds @param {() => void} done
 * @returns {() => void} calls it off
 */
export function countDown(line, seconds, done) {
  let left = Math.ceil(seconds);
  const tick = () => {
    line.textContent = left > 0 ? t("busy_next", left) : t("loading");
    if (left-- > 0) return;
    clearInterval(timer);
    done();
  };
  const timer = setInterval(tick, 1000);
  tick();
  return () => clearInterval(timer);
}

/**
 * Says what is waited for where it takes long, and then offers the local reading.
 * @param {HTMLElement} place @param {string} title the page's @param {number} since when the waiting began, as `performance.now()`
 * @param {(() => void) | null} local
 * @returns {() => void} takes it away
 */
export function renderWaiting(place, title, since, local) {
  const after = (/** @type {number} */ milliseconds, /** @type {() => void} */ run) =>
    setTimeout(run, Math.max(0, since + milliseconds - performance.now()));
  place.replaceChildren();
  const timers = [
    after(SAID_AFTER_MS, () =>
      place.append(
        title ? el("header", { class: "title-block" }, el("h1", { dir: "auto", text: title })) : "",
        el("p", { text: t("loading") }),
      ),
    ),
    after(OFFERED_AFTER_MS, () => {
      if (local) place.append(el("p", {}, el("button", { type: "button", id: "local-now", text: t("read_locally"), onclick: local })));
    }),
  ];
  return () => {
    timers.forEach(clearTimeout);
    place.replaceChildren();
  };
}
