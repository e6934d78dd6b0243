// A student's own picture file, made small enough to send.

const LONGEST = 512; // pixels; no lab looks at more
const LARGEST = 8 * 2 ** 20; // bytes
const PIECE = 2 ** 19; // bytes; Colab takes 1 MB at once, Jupyter 10 MB

/**
 * Width and height of a picture once it is shrunk.
 *
 * @param {{ width: number, height: number }} picture
 */
export function shrunk({ width, height }) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  return [width, height].map((side) => Math.max(1, Math.round(side * scale)));
}

/**
 * Bytes as copies of their parts, each small enough for one message.
 *
 * @param {Uint8Array} data
 */
export function pieces(data) {
  const count = Math.max(1, Math.ceil(data.length / PIECE));
  return Array.from({ length: count }, (_, i) => data.slice(i * PIECE, (i + 1) * PIECE));
}

/**
 * A file that the browser cannot decode, as it is.
 *
 * @param {File} file
 */
export async function readAsIs(file) {
  if (file.size <= LARGEST) return new Uint8Array(await file.arrayBuffer());
  const size = (file.size / 2 ** 20).toFixed(0);
  throw new Error(
    `${file.name} has ${size} MB and this browser cannot read it: save it as JPEG or PNG first.`,
  );
}

/**
 * Tell whether a file is a PNG of 16 bits a number, of which a canvas would keep 8.
 *
 * @param {Blob} file
 */
export async function isDeep(file) {
  const head = new Uint8Array(await file.slice(0, 25).arrayBuffer());
  return String.fromCharCode(...head.slice(1, 4)) === "PNG" && head[24] === 16;
}

/**
 * A picture file as bytes that are small enough to send: shrunk to a PNG where the browser can
 * decode it and nothing of its numbers is lost, else as it is. Throws, in one sentence, for what
 * is too large to send.
 *
 * @param {File} file
 */
export async function readPhoto(file) {
  if (file.size <= LARGEST && (await isDeep(file))) return readAsIs(file);
  const decoding = createImageBitmap(file, { imageOrientation: "from-image" });
  const bitmap = await decoding.catch(() => null);
  if (!bitmap) return readAsIs(file);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = shrunk(bitmap);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  /** @type {Blob | null} */
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  if (!blob) throw new Error(`This browser cannot shrink ${file.name}: save it smaller first.`);
  return new Uint8Array(await blob.arrayBuffer());
}
