/**
 * What the person set: how the reader looks (synced between their browsers) and where the
 * service is (kept on this computer only, since a token is a secret).
 */

export const DEFAULT_ADDRESS = "http://127.0.0.1:8347";

export const THEMES = /** @type {const} */ (["auto", "light", "dark", "sepia", "contrast"]);

/** Limits of the reader's typography: [least, most, step]. */
export const RANGES = /** @type {const} */ ({
  size: [14, 32, 1],
  width: [40, 100, 4],
  line: [1.3, 2.1, 0.1],
  rate: [0.5, 2.5, 0.1],
});

/**
 * @typedef {object} ReaderSettings
 * @property {string} theme one of THEMES
 * @property {"serif" | "sans"} font
 * @property {number} size font size, CSS pixels
 * @property {number} width line length, `ch`
 * @property {number} line line height, a factor
 * @property {boolean} images whether pictures are loaded
 * @property {"tab" | "panel"} open_in where the toolbar button opens the article
 * @property {boolean} source_line whether copies end with where they are from
 * @property {number} rate speed of reading aloud
 * @property {string} voice its voice, empty for the browser's choice
 */

/** @type {ReaderSettings} */
export const READER_DEFAULTS = {
  theme: "auto",
  font: "serif",
  size: 20,
  width: 64,
  line: 1.6,
  images: true,
  open_in: "tab",
  source_line: true,
  rate: 1,
  voice: "",
};

/**
 * @typedef {object} ServerSettings
 * @property {string} address
 * @property {string} token
 * @property {Record<string, string>} headers
 */

/** @type {ServerSettings} */
export const SERVER_DEFAULTS = { address: DEFAULT_ADDRESS, token: "", headers: {} };

/** @returns {Promise<ReaderSettings>} */
export async function readSettings() {
  const { reader } = await chrome.storage.sync.get("reader");
  return { ...READER_DEFAULTS, .../** @type {object} */ (reader) };
}

let saving = Promise.resolve();

/** Saves changes one after the other, so that none is lost to another. @param {Partial<ReaderSettings>} changes */
export function saveSettings(changes) {
  saving = saving.then(async () => chrome.storage.sync.set({ reader: { ...(await readSettings()), ...changes } }));
  return saving;
}

/** @returns {Promise<ServerSettings>} */
export async function readServer() {
  const { server } = await chrome.storage.local.get("server");
  return { ...SERVER_DEFAULTS, .../** @type {object} */ (server) };
}

/** @param {ServerSettings} server */
export async function saveServer(server) {
  await chrome.storage.local.set({ server });
}

/**
 * A server address as the person typed it, without a slash at its end; null where it is none.
 * @param {string} typed
 * @returns {string | null}
 */
export function tidyAddress(typed) {
  const text = typed.trim();
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
    if (url.protocol !== "http:" && url.protocol !== "https:") return null;
    if (!/^[\w.-]+$|^\[[\da-f:.]+\]$/i.test(url.hostname) || url.username || url.password || url.search || url.hash) return null;
    return (url.origin + url.pathname).replace(/\/+$/, "");
  } catch {
    return null;
  }
}

/** @param {string} address */
export function isLoopback(address) {
  const { hostname } = new URL(address);
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** The match pattern that permission is asked for. @param {string} address */
export function originPattern(address) {
  const url = new URL(address);
  return `${url.protocol}//${url.hostname}/*`;
}
