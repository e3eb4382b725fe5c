/** What the reader says when there is no article, and what can be done about it. */
import { el, t } from "../dom.js";

const START_COMMAND = "bodycopy serve";
/** Problems that the settings page mends. */
const SETTINGS = new Set(["unauthorized", "forbidden", "not_ours"]);
const LASTING = new Set(["unreadable", "unresponsive", "expired", "link_refused", "no_selection", "nothing_open"]);

/**
 * @param {HTMLElement} place
 * @param {{problem: string, detail?: string, address?: string, url?: string, retryAfter?: number}} failure
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
    failure.detail ? el("p", { class: "detail", dir: "auto", text: failure.detail }) : "",
    el("div", { class: "actions" }, ...buttons),
    actions.local ? el("p", { class: "detail", text: t("read_locally_hint") }) : "",
  );
  place.dataset.problem = problem;
}
