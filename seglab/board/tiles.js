// A sheet of the passes of shift-and-stitch, side by side: which of its pixels answers for which
// pixel of the image. The mirror of ops.dense.Interleaving. Places on the sheet are in pixels of
// its frame, and pass (y, x) is tile (y, x).

import { axesOf, cellAt, pixelAt, rectangle } from "./geometry.js";

/** @import { Field, Pair, Pane } from "./frames.js" */
/** @import { Axis } from "./geometry.js" */

/**
 * How a sheet lies on an image. map: the pane of the map that the passes make up; size: of that
 * map; frame: of the image; field: what a score of the first pass sees of it.
 *
 * @typedef {{ map: string, size: Pair, forwards: boolean, frame: Pair, field: Field }} Tiles
 *
 * A score of a pass. shift: of its image, (y, x); score: (row, column).
 * @typedef {{ shift: Pair, score: Pair }} Answer
 */

const AXES = /** @type {const} */ ([0, 1]);

/**
 * @param {number} value
 * @param {number} base
 */
const modulo = (value, base) => ((value % base) + base) % base;

/**
 * Two numbers, one for each axis.
 *
 * @param {(i: 0 | 1) => number} along
 * @returns {Pair}
 */
const pair = (along) => [along(0), along(1)];

/**
 * Scores down and across the first pass, which has the most.
 *
 * @param {Tiles} tiles
 */
export const tileOf = ({ size, field }) => pair((i) => Math.ceil(size[i] / field.stride[i]));

/**
 * Where the map's pixels lie on the image.
 *
 * @param {Tiles} tiles
 * @param {0 | 1} i
 * @returns {Axis}
 */
const mapLine = ({ size, field }, i) => ({ start: field.origin[i], step: 1, count: size[i] });

/**
 * Whether the pass has this score: each shift by one more may cost it the last.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 */
const has = ({ size, field: { stride } }, { shift, score }) =>
  AXES.every((i) => score[i] * stride[i] + shift[i] < size[i]);

/**
 * The score that answers for a pixel of the image; null where none does.
 *
 * @param {Tiles} tiles
 * @param {Pair} pixel
 * @returns {Answer | null}
 */
export function answerFor(tiles, pixel) {
  const { stride } = tiles.field;
  const [row, column] = AXES.map((i) => cellAt(mapLine(tiles, i), pixel[i]));
  if (row === null || column === null) return null;
  const sign = tiles.forwards ? 1 : -1;
  const place = [row, column];
  const answer = {
    shift: pair((i) => modulo(sign * place[i], stride[i])),
    score: pair((i) => Math.floor(place[i] / stride[i])),
  };
  return has(tiles, answer) ? answer : null;
}

/**
 * The pixel of the map at which a score stands; null where the map ends before it.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 * @returns {Pair | null}
 */
function placeInMap(tiles, answer) {
  const { size, field, forwards } = tiles;
  const sign = forwards ? 1 : -1;
  const place = pair(
    (i) => answer.score[i] * field.stride[i] + modulo(sign * answer.shift[i], field.stride[i]),
  );
  return AXES.every((i) => place[i] < size[i]) && has(tiles, answer) ? place : null;
}

/**
 * The pixel of the image for which a score answers; null where none is.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 * @returns {Pair | null}
 */
export function pixelFor(tiles, answer) {
  const place = placeInMap(tiles, answer);
  return place && pair((i) => pixelAt(mapLine(tiles, i), place[i]));
}

/**
 * The score at a place of the sheet; null where the pass of this tile has none.
 *
 * @param {Tiles} tiles
 * @param {Pair} at
 * @returns {Answer | null}
 */
export function answerAt(tiles, at) {
  const tile = tileOf(tiles);
  const answer = {
    shift: pair((i) => Math.floor(at[i] / tile[i])),
    score: pair((i) => at[i] % tile[i]),
  };
  return has(tiles, answer) ? answer : null;
}

/**
 * The place of a score on the sheet.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 * @returns {Pair}
 */
export function placeOnSheet(tiles, { shift, score }) {
  const tile = tileOf(tiles);
  return pair((i) => shift[i] * tile[i] + score[i]);
}

/**
 * The place in one pane of what is pointed at in another; null where there is none. Two pictures
 * of one space and one size lie on each other; a sheet lies on its image.
 *
 * @param {Pane} from
 * @param {Pane} to
 * @param {Pair} at
 * @param {Pair | null} cell of the pane that is pointed at
 * @returns {Pair | null}
 */
export function carried(from, to, at, cell) {
  if (from === to) return at;
  if (from.tiles && !to.tiles) {
    const answer = liesOn(to, from.tiles) && answerAt(from.tiles, at);
    return answer ? pixelFor(from.tiles, answer) : null;
  }
  if (to.tiles && !from.tiles) {
    const answer = liesOn(from, to.tiles) && answerFor(to.tiles, centerOf(from, at, cell));
    return answer ? placeOnSheet(to.tiles, answer) : null;
  }
  return liesAlike(from, to) ? at : null;
}

/**
 * @param {Pane} a
 * @param {Pane} b
 */
const liesAlike = (a, b) =>
  (a.space ?? "") === (b.space ?? "") && a.frame[0] === b.frame[0] && a.frame[1] === b.frame[1];

/**
 * @param {Pane} pane
 * @param {Tiles} tiles
 */
const liesOn = ({ frame, space = "" }, tiles) =>
  space === "" && frame[0] === tiles.frame[0] && frame[1] === tiles.frame[1];

/**
 * The pixel at the center of a coarse cell, which is the one that its score answers for.
 *
 * @param {Pane} pane
 * @param {Pair} at
 * @param {Pair | null} cell
 * @returns {Pair}
 */
function centerOf(pane, at, cell) {
  if (!pane.field || !cell) return at;
  const axes = axesOf(pane);
  return pair((i) => pixelAt(axes[i], cell[i]));
}

/**
 * The score that a place of a pane stands for, in a sheet of this image.
 *
 * @param {Tiles} tiles
 * @param {Pane} pane
 * @param {Pair} at
 * @param {Pair | null} cell
 */
export function answerIn(tiles, pane, at, cell) {
  if (pane.tiles) return pane.tiles === tiles ? answerAt(tiles, at) : null;
  if (!pane.field || !liesOn(pane, tiles)) return null; // a photograph has no scores
  return answerFor(tiles, centerOf(pane, at, cell));
}

/** @param {Answer} answer */
export const answerText = ({ shift, score }) =>
  `pass (${shift.join(", ")}), score (${score.join(", ")})`;

/**
 * A place of the sheet in words: which pass, and for which pixel its score answers.
 *
 * @param {Tiles} tiles
 * @param {Pair} at
 */
export function sheetText(tiles, at) {
  const answer = answerAt(tiles, at);
  if (!answer) return "";
  const pixel = pixelFor(tiles, answer);
  return `pass ${answer.shift.join(", ")}${pixel ? ` → ${pixel.join(", ")}` : ""}`;
}

/* ---- paths ---------------------------------------------------------------------------------- */

/**
 * The tile of a pass, on the sheet.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 */
export function tilePath(tiles, { shift }) {
  const [tall, wide] = tileOf(tiles);
  return rectangle(shift[1] * wide, shift[0] * tall, wide, tall);
}

/**
 * What a score sees of the image.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 */
export function seenPath({ field, frame }, { shift, score }) {
  const { size, stride, padding } = field;
  const [top, left] = pair((i) =>
    size[i] === null ? 0 : score[i] * stride[i] + shift[i] - padding[i],
  );
  return rectangle(left, top, size[1] ?? frame[1], size[0] ?? frame[0]);
}

/**
 * What the pass does not see of the image: its first rows and columns.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 */
export function cutPath({ frame }, { shift: [y, x] }) {
  const [height, width] = frame;
  return y || x ? `M0 0H${width}V${y}H${x}V${height}H0z` : "";
}

/**
 * All pixels of the map that are a pass's, as they lie on the image.
 *
 * @param {Tiles} tiles
 * @param {Answer} answer
 */
export function pixelsPath(tiles, { shift }) {
  const [rows, columns] = tileOf(tiles);
  const [top, left] = tiles.field.origin;
  /** @type {string[]} */
  const squares = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const place = placeInMap(tiles, { shift, score: [row, column] });
      if (place) squares.push(rectangle(left + place[1], top + place[0], 1, 1));
    }
  }
  return squares.join("");
}
