// A picture scaled as Pillow scales it: Lanczos, in whole numbers of 22 bits, first along rows.

const BITS = 22;
const REACH = 3; // of the filter, in pixels of the smaller picture
const CHANNELS = 4;

/**
 * A picture as a canvas gives it: red, green, blue and opacity of each pixel.
 *
 * @typedef {{ data: Uint8ClampedArray | Uint8Array, width: number, height: number }} Pixels
 *
 * For each new pixel the first old one that it is made of, and how much of each.
 * @typedef {{ first: number, taps: Int32Array }[]} Taps
 */

/** @param {number} x */
const sinc = (x) => (x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI));

/** @param {number} x */
const lanczos = (x) => (x >= -REACH && x < REACH ? sinc(x) * sinc(x / REACH) : 0);

/** @param {number} x */
const rounded = (x) => Math.trunc(x * 2 ** BITS + (x < 0 ? -0.5 : 0.5));

/**
 * The taps that bring a stretch of `from` pixels to `size` pixels.
 *
 * @param {number} from
 * @param {[number, number]} stretch first and end
 * @param {number} size
 * @returns {Taps}
 */
export function tapsFor(from, [first, end], size) {
  const scale = (end - first) / size;
  const wide = Math.max(scale, 1);
  return Array.from({ length: size }, (_, i) => {
    const center = first + (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - REACH * wide + 0.5));
    const high = Math.min(from, Math.trunc(center + REACH * wide + 0.5));
    const weights = [];
    for (let x = low; x < high; x++) weights.push(lanczos((x - center + 0.5) / wide));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first: low, taps: Int32Array.from(weights, (weight) => rounded(weight / sum)) };
  });
}

/**
 * One axis of a picture, scaled.
 *
 * @param {Pixels} picture
 * @param {Taps} along
 * @param {boolean} rows whether pixels of a row are mixed; else those of a column
 * @returns {Pixels}
 */
function scaled({ data, width, height }, along, rows) {
  const [wide, high] = rows ? [along.length, height] : [width, along.length];
  const out = new Uint8ClampedArray(wide * high * CHANNELS);
  const step = rows ? CHANNELS : width * CHANNELS;
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const { first, taps } = along[rows ? x : y];
      const start = (rows ? y * width : x) * CHANNELS + first * step;
      const place = (y * wide + x) * CHANNELS;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 2 ** (BITS - 1);
        for (let i = 0; i < taps.length; i++) sum += data[start + channel + i * step] * taps[i];
        out[place + channel] = Math.floor(sum / 2 ** BITS); // the array cuts at 0 and 255
      }
    }
  }
  return { data: out, width: wide, height: high };
}

/**
 * The largest centered square of a picture, scaled to `size` pixels a side: red, green and blue
 * planes with values from 0 to 1.
 *
 * @param {Pixels} picture
 * @param {number} size
 */
export function centeredSquare(picture, size) {
  const { width, height } = picture;
  const side = Math.min(width, height);
  const [left, top] = [(width - side) / 2, (height - side) / 2];
  let found = picture;
  if (width !== size || left) {
    found = scaled(found, tapsFor(width, [left, left + side], size), true);
  }
  if (height !== size || top) {
    found = scaled(found, tapsFor(height, [top, top + side], size), false);
  }
  const area = size * size;
  const planes = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) planes[c * area + i] = found.data[i * CHANNELS + c] / 255;
  }
  return planes;
}
