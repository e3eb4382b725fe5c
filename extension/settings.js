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
 * @property {boolean} letter_keys whether a letter alone does something in the reader
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
  letter_keys: true,
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

/** What is set; the defaults where the browser cannot say. @returns {Promise<ReaderSettings>} */
export async function readSettings() {
  return await readStored().catch(() => READER_DEFAULTS);
}

/** @returns {Promise<ReaderSettings>} */
async function readStored() {
  const { reader } = await chrome.storage.sync.get("reader");
  return { ...READER_DEFAULTS, .../** @type {object} */ (reader) };
}

/** A slider changes many times a second; browsers write synced settings 120 times a minute. */
const SAVE_PAUSE_MS = 400;
/** @type {Partial<ReaderSettings>} */
let unsaved = {};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;
/** What stood before the changes, read while the pause lasts: a page that goes away has no time for it. @type {ReaderSettings | null} */
let before = null;
let tell = () => {};

/** @param {() => void} told is called where changes could not be saved */
export function tellFailedSaves(told) {
  tell = told;
}

/** Saves changes a moment after the last of them; those that the browser refused go with the next. @param {Partial<ReaderSettings>} changes */
export function saveSettings(changes) {
  Object.assign(unsaved, changes);
  if (pause === undefined) {
    addEventListener("pagehide", write);
    readStored().then(
      (stored) => (before = stored),
      () => {},
    );
  }
  clearTimeout(pause);
  pause = setTimeout(write, SAVE_PAUSE_MS);
}

async function write() {
  clearTimeout(pause);
  pause = undefined;
  removeEventListener("pagehide", write);
  const changes = unsaved;
  unsaved = {};
  try {
    const stored = before ?? (await readStored());
    before = null;
    await chrome.storage.sync.set({ reader: { ...stored, ...changes } });
  } catch {
    unsaved = { ...changes, ...unsaved };
    tell();
  }
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

/** Names with a dot that are those of a home's or a firm's own network, where certificates are rare; and numbers. */
const PRIVATE_NAME = /^[\d.]+$|\.(local|localhost|lan|home|internal|intranet|arpa)$/i;

/**
 * A server address as the person typed it, without a slash at its end; null where it is none. Where the scheme is left
 * out, it is https for a public name, since a token goes there, and http else.
 * @param {string} typed
 * @returns {string | null}
 */
export function tidyAddress(typed) {
  const text = typed.trim();
  try {
    const typedScheme = /^[a-z]+:\/\//i.test(text);
    const url = new URL(typedScheme ? text : `http://${text}`);
    if (!typedScheme && url.hostname.includes(".") && !PRIVATE_NAME.test(url.hostname)) url.protocol = "https:";
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

/**
 * What permission is asked for to read a link: its site, also where that sends on to https, or to its name with or without `www.`.
 * @param {string} link
 */
export function linkPatterns(link) {
  const { hostname } = new URL(link);
  const twin = hostname.startsWith("www.") ? hostname.slice("www.".length) : `www.${hostname}`;
  const names = /\.[a-z][a-z\d-]*$/i.test(hostname) ? [hostname, twin] : [hostname];
  return names.flatMap((name) => [`http://${name}/*`, `https://${name}/*`]);
}
