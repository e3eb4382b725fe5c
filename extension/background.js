/** Ways in: toolbar button, shortcuts and context menus, each of which opens the reader for a tab. */
import { captureLink, captureTab, loaded } from "./capture.js";
import { beginErrand, PORT, reportErrand } from "./errand.js";
import { linkPatterns, readSettings } from "./settings.js";

const MENUS = /** @type {const} */ ({
  "clean-page": { message: "menu_page", contexts: ["page"] },
  "clean-selection": { message: "menu_selection", contexts: ["selection"] },
  "clean-link": { message: "menu_link", contexts: ["link"] },
  "all-tabs": { message: "menu_tabs", contexts: ["action"] },
});
const LINK_LOAD_MS = 30_000;
/** Firefox's event page has it, Chromium's worker has not: a choice that must be known before any `await`. */
const memory = globalThis.localStorage;

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.removeAll(createMenus);
  void applyPlace(true);
});
// Chromium runs a second background for incognito windows, with menus of its own and without the event above.
if (!memory && chrome.extension.inIncognitoContext) createMenus();
chrome.runtime.onStartup.addListener(() => void applyPlace(true));
chrome.storage.sync.onChanged.addListener((changes) => {
  if (changes.reader) void applyPlace();
});

chrome.action.onClicked.addListener((tab) => {
  // A panel opens only while the click still counts: before any `await`, or in a callback of a browser's function.
  if (memory) {
    if (memory.getItem("open_in") !== "panel") return readTab(tab, "page");
    void (/** @type {any} */ (chrome).sidebarAction.open());
    showInPanel(tab);
  } else {
    const capturing = captureTab(/** @type {number} */ (tab.id), "page", tab.url ?? "");
    chrome.storage.session.get("panel_ready", ({ panel_ready }) => {
      if (!panel_ready) return void openReader(tab, tab.url ?? "", capturing);
      const { sidePanel } = chrome;
      sidePanel.open({ windowId: tab.windowId }).catch(() => openReader(tab, tab.url ?? "", capturing));
      showInPanel(tab, capturing);
    });
  }
});

chrome.runtime.onConnect.addListener((port) => {
  if (port.name.startsWith(PORT)) void reportErrand(port);
});

chrome.commands.onCommand.addListener((command, tab) => {
  if (command === "clean-selection" && tab) readTab(tab, "selection");
  if (command === "all-tabs") openAllTabs(tab);
});

chrome.contextMenus.onClicked.addListener((info, tab) => {
  if (!tab) return;
  if (info.menuItemId === "clean-page") readTab(tab, "page");
  else if (info.menuItemId === "clean-selection") readTab(tab, "selection");
  else if (info.menuItemId === "clean-link" && info.linkUrl) readLink(tab, info.linkUrl);
  else if (info.menuItemId === "all-tabs") openAllTabs(tab);
});

function createMenus() {
  for (const [id, { message, contexts }] of Object.entries(MENUS)) {
    chrome.contextMenus.create(
      {
        id,
        title: chrome.i18n.getMessage(message),
        contexts: /** @type {any} */ ([...contexts]),
        ...(contexts[0] !== "action" && { documentUrlPatterns: ["http://*/*", "https://*/*", "file:///*"] }),
        ...(contexts[0] === "link" && { targetUrlPatterns: ["http://*/*", "https://*/*"] }),
      },
      // It may be there since an earlier start: no error then.
      () => chrome.runtime.lastError,
    );
  }
}

/** @param {Promise<import("./capture.js").Capture>} capturing @returns {string} the errand's id */
function begin(capturing) {
  const id = crypto.randomUUID();
  beginErrand(id, capturing);
  return id;
}

/** @param {chrome.tabs.Tab} tab @param {"page" | "selection"} mode */
function readTab(tab, mode) {
  if (tab.id) void openReader(tab, tab.url ?? "", captureTab(tab.id, mode, tab.url ?? ""));
}

/**
 * Opens the reader beside the tab; the article follows.
 * @param {chrome.tabs.Tab} tab @param {string} url @param {Promise<import("./capture.js").Capture>} capturing
 */
async function openReader(tab, url, capturing) {
  const address = new URL(chrome.runtime.getURL("reader.html"));
  address.searchParams.set("id", begin(capturing));
  if (/^https?:/.test(url)) address.searchParams.set("url", url);
  await chrome.tabs.create({ url: address.href, index: tab.index + 1, windowId: tab.windowId, openerTabId: tab.id });
}

/** @param {chrome.tabs.Tab} tab */
function showInPanel(tab, capturing = captureTab(/** @type {number} */ (tab.id), "page", tab.url ?? "")) {
  const id = begin(capturing);
  void chrome.storage.session.set({ panel: { id, windowId: tab.windowId } });
}

/**
 * A link of the same site is fetched by the page itself; for another site permission is asked, while the click still counts.
 * @param {chrome.tabs.Tab} tab @param {string} link
 */
function readLink(tab, link) {
  const same = tab.url && new URL(tab.url).origin === new URL(link).origin;
  const allowed = same || chrome.permissions.request({ origins: linkPatterns(link) });
  void (async () => {
    const capturing = same
      ? captureLink(/** @type {number} */ (tab.id), link)
      : (await allowed)
        ? captureInBackground(link, tab.windowId)
        : Promise.resolve(/** @type {const} */ ({ failure: "link_refused", url: link }));
    await openReader(tab, link, capturing);
  })();
}

/**
 * Opens a link in a tab behind, reads it and closes it; in the window it is in, since that may be a private one.
 * @param {string} url @param {number} windowId @returns {Promise<import("./capture.js").Capture>}
 */
async function captureInBackground(url, windowId) {
  const tab = await chrome.tabs.create({ url, windowId, active: false });
  const id = /** @type {number} */ (tab.id);
  try {
    await loaded(id, LINK_LOAD_MS);
    const capture = await captureTab(id, "page", url);
    // It led to a site that nothing was asked for.
    const refused = "failure" in capture && (capture.failure === "unreadable" || capture.failure === "moved_on");
    return refused ? { failure: "link_refused", url: capture.url } : capture;
  } catch {
    return { failure: "link_refused", url };
  } finally {
    await chrome.tabs.remove(id).catch(() => {});
  }
}

/** @param {chrome.tabs.Tab} [tab] */
function openAllTabs(tab) {
  const address = new URL(chrome.runtime.getURL("tabs.html"));
  if (tab?.windowId) address.searchParams.set("window", String(tab.windowId));
  void chrome.tabs.create({ url: address.href, windowId: tab?.windowId });
}

/**
 * Keeps at hand where the button opens the article. Chromium's panel opens from its next start on once its
 * permission is given; asked for sooner, it takes the browser down (Chromium 156).
 * @param {boolean} [starting]
 */
async function applyPlace(starting) {
  const { open_in } = await readSettings();
  if (memory) memory.setItem("open_in", open_in);
  else if (starting || open_in === "tab") await chrome.storage.session.set({ panel_ready: open_in === "panel" && "sidePanel" in chrome });
}
