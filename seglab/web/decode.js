// A visitor's picture file as upright pixels, or the sentence that says why not.

/** @import { Pixels } from "./lanczos.js" */

const MOST_MEGAPIXELS = 50; // megapixels, as photos.open takes
const READABLE_FILES = "use a PNG, JPEG, GIF, TIFF, WebP or BMP file";
const SMALLER = "scale it down first, to 4000 pixels a side for example";
const PHONES = ["heic", "heix", "hevc", "heim", "heis", "mif1", "msf1"];
// The first bytes of the files that a browser reads; TIFF is read by the notebook alone.
const SIGNED = ["\x89PNG", "\xff\xd8\xff", "GIF8", "BM"];
const TIFF = ["II*\0", "MM\0*", "II+\0", "MM\0+"];

/**
 * The words that the notebook says of a file that cannot be read.
 *
 * @param {string} name
 * @param {Uint8Array} head the first bytes of the file
 */
export function refusal(name, head) {
  const text = String.fromCharCode(...head.slice(0, 12));
  const label = `'${name}'`;
  if (!head.length) return `${label} is empty (0 bytes): choose the file again`;
  if (text.slice(4, 8) === "ftyp" && PHONES.includes(text.slice(8, 12))) {
    return (
      `${label} is no picture that can be read here, but HEIC, as iPhones write it: ` +
      "export it as JPEG"
    );
  }
  if (TIFF.some((sign) => text.startsWith(sign))) {
    return `${label} is a TIFF, which this page cannot read: save it as PNG or JPEG`;
  }
  const webp = text.startsWith("RIFF") && text.slice(8, 12) === "WEBP";
  if (webp || SIGNED.some((sign) => text.startsWith(sign))) {
    return `${label} is damaged or cut short: copy or save it again`;
  }
  return `${label} is no picture that can be read: ${READABLE_FILES}`;
}

/**
 * The words for a picture with too many pixels; empty: it has not.
 *
 * @param {string} name
 * @param {{ width: number, height: number }} size
 */
export function tooLarge(name, { width, height }) {
  if (width * height <= MOST_MEGAPIXELS * 1e6) return "";
  const pixels = Math.round((width * height) / 1e6);
  const size = `${pixels} megapixels (${width} × ${height})`;
  return `'${name}' has ${size}, more than ${MOST_MEGAPIXELS}: ${SMALLER}`;
}

/**
 * The pixels of a picture file: turned upright, in sRGB, with white where it is transparent.
 * Throws an error with one sentence for what is no picture, is damaged or is too large.
 *
 * @param {File} file
 * @returns {Promise<Pixels>}
 */
export async function pixelsOf(file) {
  const decoding = createImageBitmap(file, { imageOrientation: "from-image" });
  const bitmap = await decoding.catch(() => null);
  if (!bitmap) {
    throw new Error(refusal(file.name, new Uint8Array(await file.slice(0, 12).arrayBuffer())));
  }
  const { width, height } = bitmap;
  const refused = tooLarge(file.name, bitmap);
  if (refused) throw new Error(refused);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = /** @type {CanvasRenderingContext2D} */ (
    canvas.getContext("2d", { willReadFrequently: true })
  );
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  return { data: context.getImageData(0, 0, width, height).data, width, height };
}
