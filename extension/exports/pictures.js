/** Fetches pictures for files that are to need nothing else. */

/**
 * @typedef {{type: string, bytes: Uint8Array}} Picture
 */

const MAX_PICTURE_BYTES = 8_000_000;
const TIMEOUT_MS = 10_000;

/**
 * The pictures that could be had, and the addresses of those that could not: `refused` are those that the browser
 * shows, but hands over only with their site's leave or the person's permission; `missing` nobody can have.
 * @param {string[]} addresses
 */
export async function fetchPictures(addresses) {
  /** @type {Map<string, Picture>} */
  const found = new Map();
  /** @type {string[]} */
  const refused = [];
  /** @type {string[]} */
  const missing = [];
  await Promise.all(
    addresses.map(async (address) => {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const answer = await fetch(address, { credentials: "omit", referrerPolicy: "no-referrer", signal });
        const type = (answer.headers.get("content-type") ?? "").split(";")[0];
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (!answer.ok || !/^image\/(png|jpeg|gif|webp|avif)$/.test(type) || bytes.length > MAX_PICTURE_BYTES) missing.push(address);
        else found.set(address, { type, bytes });
      } catch {
        (!signal.aborted && (await isShown(address, signal)) ? refused : missing).push(address);
      }
    }),
  );
  return { found, refused, missing };
}

/** Whether the browser shows a picture, which it may do without handing it over. @param {string} address @param {AbortSignal} signal */
function isShown(address, signal) {
  const image = new Image();
  image.referrerPolicy = "no-referrer";
  image.src = address;
  const late = new Promise((_, fail) => signal.addEventListener("abort", fail));
  return Promise.race([image.decode(), late]).then(
    () => true,
    () => false,
  );
}

/**
 * The pictures in the forms that every reader of books shows: others become JPEG, and what cannot is left out.
 * @param {Map<string, Picture>} pictures
 */
export async function forBook(pictures) {
  /** @type {typeof pictures} */
  const held = new Map();
  for (const [address, picture] of pictures) {
    try {
      held.set(address, /png|jpeg|gif/.test(picture.type) ? picture : await asJpeg(picture));
    } catch {
      // A damaged picture: its words stand in its place.
    }
  }
  return held;
}

/** @param {Picture} picture @returns {Promise<Picture>} */
async function asJpeg({ type, bytes }) {
  const image = await createImageBitmap(new Blob([/** @type {any} */ (bytes)], { type }));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, image.width, image.height);
  pen.drawImage(image, 0, 0);
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
  return { type: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) };
}

/** @param {Picture} picture */
export function asDataAddress({ type, bytes }) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return `data:${type};base64,${btoa(binary)}`;
}
