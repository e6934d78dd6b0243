// The cells of a plane as colours: on a canvas, and as CSS.

import { NO_BYTES, NONE, same } from "./tools.js";

/**
 * What is on a canvas, and what painted it.
 *
 * @typedef {{
 *   context: CanvasRenderingContext2D, image: ImageData, out: Int32Array, rows: number,
 *   columns: number, painter: Painter | null, plane: Uint8Array, palette: Uint8Array,
 *   colours: Int32Array,
 * }} Painted
 *
 * A way to turn a plane into colours; `indexed` where a palette says them.
 * @typedef {{ indexed: boolean,
 *   colour(out: Int32Array, plane: Uint8Array, colours: Int32Array): void }} Painter
 *
 * @typedef {{ size: [number, number], plane: Uint8Array, palette: Uint8Array }} Plane
 */

// Colours as signed integers: an opaque one is then small, and needs no number object on the heap.
const OPAQUE = 255 << 24;

/** @type {Painter} */
export const COLOURS = {
  indexed: false,
  colour(out, plane) {
    for (let i = 0, j = 0; i < out.length; i++, j += 3) {
      out[i] = OPAQUE | (plane[j + 2] << 16) | (plane[j + 1] << 8) | plane[j];
    }
  },
};

/** @type {Painter} */
export const CODES = {
  indexed: true,
  colour(out, plane, colours) {
    for (let i = 0; i < out.length; i++) out[i] = colours[plane[i]];
  },
};

/**
 * The colour of each code.
 *
 * @param {Uint8Array} palette
 */
function colourTable(palette) {
  const colours = new Int32Array(256); // 0 is transparent: the hatch behind shows
  for (let code = 0, i = 0; i < palette.length; code++, i += 3) {
    colours[code] = OPAQUE | (palette[i + 2] << 16) | (palette[i + 1] << 8) | palette[i];
  }
  return colours;
}

/** @type {WeakMap<HTMLCanvasElement, Painted>} */
const painted = new WeakMap();

/**
 * A canvas of a size, which nothing is painted on yet.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {number} rows
 * @param {number} columns
 * @returns {Painted}
 */
function prepare(canvas, rows, columns) {
  Object.assign(canvas, { width: columns, height: rows });
  const image = new ImageData(columns, rows);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const out = new Int32Array(image.data.buffer);
  const nothing = { painter: null, plane: NO_BYTES, palette: NO_BYTES, colours: out };
  const fresh = { context, image, out, rows, columns, ...nothing };
  painted.set(canvas, fresh);
  return fresh;
}

/**
 * Paint a plane; what the canvas shows already is not painted again.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Plane} pane
 * @param {Painter} painter
 */
export function paint(canvas, { size: [rows, columns], plane, palette }, painter) {
  let there = painted.get(canvas);
  if (!there || there.rows !== rows || there.columns !== columns) {
    there = prepare(canvas, rows, columns);
  }
  const recolour = painter !== there.painter || !same(there.palette, palette);
  if (!recolour && same(there.plane, plane)) return;
  if (recolour && painter.indexed) there.colours = colourTable(palette);
  painter.colour(there.out, plane, there.colours);
  Object.assign(there, { painter, plane, palette });
  there.context.putImageData(there.image, 0, 0);
}

/**
 * A code's colour; empty for no value.
 *
 * @param {Uint8Array} palette
 * @param {number} code
 */
export function css(palette, code) {
  return code === NONE ? "" : `rgb(${palette.slice(3 * code, 3 * code + 3).join(" ")})`;
}
