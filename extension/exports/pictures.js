/** Fetches pictures for files that are to need nothing else. */

/**
 * @typedef {{type: string, bytes: Uint8Array}} Picture
 */

const MAX_PICTURE_BYTES = 8_000_000;
const TIMEOUT_MS = 10_000;

/**
 * The pictures that could be had, and the addresses of those that could not: the browser hands over
 * another site's picture only with that site's leave or the person's permission.
 * @param {string[]} addresses
 */
export async function fetchPictures(addresses) {
  /** @type {Map<string, Picture>} */
  const found = new Map();
  /** @type {string[]} */
  const refused = [];
  await Promise.all(
    addresses.map(async (address) => {
      try {
        const answer = await fetch(address, {
          credentials: "omit",
          referrerPolicy: "no-referrer",
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        const type = (answer.headers.get("content-type") ?? "").split(";")[0];
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (!answer.ok || !/^image\/(png|jpeg|gif|webp|avif)$/.test(type) || bytes.length > MAX_PICTURE_BYTES) throw new Error(type);
        found.set(address, { type, bytes });
      } catch {
        refused.push(address);
      }
    }),
  );
  return { found, refused };
}

/** @param {Picture} picture */
export function asDataAddress({ type, bytes }) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${type};base64,${btoa(binary)}`;
}
