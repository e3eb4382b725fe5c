/** The settings page: the service and its connection test, the reader's looks, what the person taught. */
import { checkHealth, checkToken, sendableHeaders, ServiceError } from "./api.js";
import { applySettings, el, labelName, t, translatePage } from "./dom.js";
import { download } from "./exports/save.js";
import { addRules, exportRules, importRules, readRules, removeRules, ruleText, saveRules } from "./rules.js";
import {
  isLoopback,
  originPattern,
  RANGES,
  readServer,
  readSettings,
  saveServer,
  saveSettings,
  tellFailedSaves,
  THEMES,
  tidyAddress,
} from "./settings.js";

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ ($("server"));
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

translatePage();
document.title = `Bodycopy – ${t("settings")}`;
const [server, settings] = await Promise.all([readServer(), readSettings()]);
applySettings(settings);
field("address").value = server.address;
field("token").value = server.token;
field("headers").value = Object.entries(server.headers)
  .map(([name, value]) => `${name}: ${value}`)
  .join("\n");
tellFailedSaves(() => ($("looks-said").textContent = t("save_failed")));
renderReaderSettings();
renderKeys();
await renderRules();
document.body.dataset.state = "ready";
chrome.storage.local.onChanged.addListener((changes) => changes.rules && void renderRules());

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void save();
});
$("test").addEventListener("click", () => {
  const server = typed();
  if (server) void allow(server).then(() => test(server));
});

/** What the form says; null where it cannot be used, which is said then. */
function typed() {
  /** @param {string} name @param {string} words */
  const refuse = (name, words) => {
    $("checks").replaceChildren();
    $("server-said").textContent = words;
    field(name).focus();
    return null;
  };
  const address = tidyAddress(field("address").value);
  const token = field("token").value.trim();
  if (!address) {
    refuse("address", "");
    void test(null);
    return null;
  }
  if (!sendableHeaders({ address, token, headers: {} })) return refuse("token", t("fail_unsendable_text"));
  /** @type {Record<string, string>} */
  const headers = {};
  for (const line of field("headers")
    .value.split("\n")
    .filter((line) => line.trim())) {
    const [, name, value] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
    if (!name || !value || !sendableHeaders({ address, token, headers: { [name]: value } }))
      return refuse("headers", t("bad_header", line));
    headers[name] = value;
  }
  $("server-said").textContent = "";
  return { address, token, headers };
}

/** Asks for the permission, first of all: while the click still counts. @param {import("./settings.js").ServerSettings} server */
async function allow({ address }) {
  if (!isLoopback(address)) await chrome.permissions.request({ origins: [originPattern(address)] }).catch(() => false);
}

async function save() {
  const server = typed();
  if (!server) return;
  await allow(server);
  field("address").value = server.address;
  try {
    await saveServer(server);
    $("server-said").textContent = t("saved");
  } catch {
    $("server-said").textContent = t("save_failed");
  }
  await test(server);
}

/** The checklist: each line with its result and, where it failed, what mends it. @param {import("./settings.js").ServerSettings | null} server null where its address is none */
async function test(server) {
  const names = /** @type {const} */ (["address", "permission", "service", "token"]);
  const lines = new Map(names.map((name) => [name, el("li", { "data-check": name }, el("span", { text: t(`check_${name}`) }))]));
  $("checks").replaceChildren(...lines.values());
  const say = (/** @type {typeof names[number]} */ name, /** @type {"good" | "bad" | "skipped"} */ result, words = "") => {
    const line = /** @type {HTMLElement} */ (lines.get(name));
    line.dataset.result = result;
    if (words) line.append(el("p", { class: "fix", text: words }));
    if (result === "bad") for (const later of names.slice(names.indexOf(name) + 1)) say(later, "skipped");
  };
  if (!server) return say("address", "bad", t("fix_address"));
  say("address", "good");
  const granted = isLoopback(server.address) || (await chrome.permissions.contains({ origins: [originPattern(server.address)] }));
  if (!granted) return say("permission", "bad", t("fix_permission"));
  say("permission", "good");
  try {
    const health = await checkHealth(server);
    say("service", "good", t("check_version", health.version));
  } catch (error) {
    const problem = error instanceof ServiceError ? error.problem : "broken";
    return say(
      "service",
      "bad",
      problem === "offline"
        ? t("fix_offline", "bodycopy serve")
        : t(problem === "not_ours" ? "fix_not_ours" : `fail_${problem}_text`, server.address),
    );
  }
  try {
    await checkToken(server);
    say("token", "good");
  } catch (error) {
    const problem = error instanceof ServiceError ? error.problem : "broken";
    say("token", "bad", problem === "unauthorized" ? t("fix_token") : t(`fail_${problem}_text`, server.address));
  }
}

function renderReaderSettings() {
  const change = (/** @type {object} */ changes) => {
    Object.assign(settings, changes);
    applySettings(settings);
    $("looks-said").textContent = "";
    saveSettings(changes);
  };
  const choice = (/** @type {"theme" | "font" | "open_in"} */ name, /** @type {readonly string[]} */ values, change_ = change) =>
    el(
      "label",
      { text: t(`set_${name}`) },
      el(
        "select",
        { name, onchange: (/** @type {any} */ event) => change_({ [name]: event.target.value }) },
        ...values.map((value) => el("option", { value, text: t(`${name}_${value}`), selected: settings[name] === value })),
      ),
    );
  const range = (/** @type {"size" | "width" | "line" | "rate"} */ name) =>
    el(
      "label",
      { text: t(`set_${name}`) },
      el("input", {
        type: "range",
        name,
        min: RANGES[name][0],
        max: RANGES[name][1],
        step: RANGES[name][2],
        value: settings[name],
        onchange: (/** @type {any} */ event) => change({ [name]: Number(event.target.value) }),
      }),
    );
  const tick = (/** @type {"images" | "source_line" | "letter_keys"} */ name) =>
    el(
      "label",
      { text: t(`set_${name}`) },
      el("input", {
        type: "checkbox",
        name,
        checked: settings[name],
        onchange: (/** @type {any} */ event) => change({ [name]: event.target.checked }),
      }),
    );
  // Chromium's side panel is an optional permission, and there at the next start; Firefox's sidebar needs nothing.
  const atOnce = "sidebarAction" in chrome;
  const hint = el("p", { class: "hint", role: "status" });
  const place = async (/** @type {{open_in: "tab" | "panel"}} */ changes) => {
    const panel = changes.open_in === "panel";
    if (panel && !atOnce && !(await chrome.permissions.request({ permissions: ["sidePanel"] }))) return renderReaderSettings();
    change(changes);
    hint.textContent = panel && !atOnce ? t("panel_restart") : "";
  };
  $("reader-settings").replaceChildren(
    choice("theme", THEMES),
    choice("font", ["serif", "sans"]),
    range("size"),
    range("width"),
    range("line"),
    tick("images"),
    choice("open_in", ["tab", "panel"], /** @type {any} */ (place)),
    hint,
    tick("source_line"),
    tick("letter_keys"),
    range("rate"),
  );
}

/** Draws the rules anew, with the focus on the one where it was. */
async function renderRules() {
  const rules = await readRules();
  const rows = rules.map((rule) => {
    const words = rule.type === "keep" ? t("rule_keep", labelName(rule.label)) : t("rule_drop", rule.site);
    const what =
      rule.type === "drop"
        ? el("textarea", {
            rows: 2,
            "aria-label": words,
            dir: "auto",
            onchange: async (/** @type {any} */ event) => {
              const text = ruleText(event.target.value);
              const changed = (await readRules()).map((one) => (one.id === rule.id && one.type === "drop" ? { ...one, text } : one));
              await saveRules(changed.filter((one) => one.type === "keep" || one.text));
            },
          })
        : null;
    if (what) what.value = rule.type === "drop" ? rule.text : "";
    const remove = async () => {
      await removeRules([rule]);
      const undo = el("button", {
        type: "button",
        class: "quiet",
        text: t("undo"),
        onclick: async () => {
          await addRules([rule]);
          $("rules-said").replaceChildren();
          await renderRules();
          /** @type {HTMLElement | null} */ ($("rule-list").querySelector("li:last-child button"))?.focus();
        },
      });
      $("rules-said").replaceChildren(t("rule_removed"), " ", undo);
      undo.focus();
    };
    return el(
      "li",
      { "data-rule": rule.type },
      el("div", {}, el("small", { text: words }), what),
      el("button", { type: "button", text: t("rule_remove"), "aria-label": `${t("rule_remove")}: ${words}`, onclick: remove }),
    );
  });
  const list = $("rule-list");
  const at = [...list.children].findIndex((row) => row.contains(document.activeElement));
  const kind = document.activeElement?.localName ?? "";
  list.replaceChildren(...rows);
  /** @type {HTMLElement | null | undefined} */ (rows[at]?.querySelector(kind))?.focus();
  if (!rows.length) $("rule-list").append(el("li", { class: "hint", text: t("rules_none") }));
}

$("export").addEventListener("click", async () => download(exportRules(await readRules()), "application/json", "bodycopy-rules", "json"));
$("import").addEventListener("change", async (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  try {
    const { rules, unknown } = importRules((await input.files?.[0]?.text()) ?? "");
    const added = await addRules(rules);
    $("rules-said").textContent = [t("import_done", added.length), unknown && t("import_unknown", unknown)].filter(Boolean).join(" ");
  } catch {
    $("rules-said").textContent = t("import_bad");
  }
  input.value = "";
});

async function renderKeys() {
  const commands = await chrome.commands.getAll();
  const own = commands.map((command) => [
    command.shortcut || "–",
    command.name === "_execute_action" ? t("action_title") : (command.description ?? ""),
  ]);
  const inReader = [
    ["J / K", t("key_step")],
    ["X", t("key_never")],
    ["U", t("undo")],
    ["R", t("key_drawer")],
    ["L", t("key_speak")],
    ["Esc", t("close")],
  ];
  $("key-list").replaceChildren(
    ...[...own, ...inReader].flatMap(([key, words]) => [el("dt", {}, el("kbd", { text: key })), el("dd", { text: words })]),
  );
}
