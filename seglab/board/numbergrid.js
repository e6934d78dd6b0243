// The cells of a number grid, in words. Borders are drawn as cells, so a cell's number is its place
// in the data plus the border.

import { minus, sizeText, written } from "./text.js";

/** @import { GridPane, Pair } from "./frames.js" */

export const TIED = "\u00a0"; // a space at which no line ends

/**
 * @param {GridPane} pane
 * @param {Pair} cell
 */
export const valueAt = (pane, [row, column]) => pane.values[row * pane.size[1] + column];

/**
 * @param {GridPane} pane
 * @param {Pair} cell
 */
export const inBorder = (pane, cell) =>
  cell.some((n, i) => n < pane.border || n >= pane.size[i] - pane.border);

/**
 * @param {GridPane} pane
 * @param {Pair} cell
 */
export const isLost = (pane, cell) => cell.some((n, i) => n >= pane.size[i] - pane.lost[i]);

/**
 * Height and width without the border.
 *
 * @param {GridPane} pane
 * @returns {Pair}
 */
export const innerSize = ({ size, border }) => [size[0] - 2 * border, size[1] - 2 * border];

/**
 * The cell counted as the data counts: the border has negative numbers.
 *
 * @param {GridPane} pane
 * @param {Pair} cell
 */
export const inData = (pane, cell) =>
  `(${cell.map((n) => minus(String(n - pane.border))).join(`,${TIED}`)})`;

/**
 * @param {GridPane} pane
 * @param {Pair} cell
 */
export function numberAt(pane, cell) {
  const value = valueAt(pane, cell);
  if (value === null) return "no value";
  const about = inBorder(pane, cell) ? `, ${pane.borderMeans}` : "";
  return written(value) + about + (isLost(pane, cell) ? ", lost" : "");
}

/** @param {GridPane} pane */
export function numbersSize(pane) {
  const inner = sizeText(innerSize(pane));
  if (!pane.border) return inner;
  return pane.borderMeans === "padding" ? `${inner}, padded by ${pane.border}` : `${inner} stay`;
}

/**
 * All cells of which something holds.
 *
 * @param {GridPane} pane
 * @param {(pane: GridPane, cell: Pair) => boolean} holds
 */
export function cellsWhere(pane, holds) {
  /** @type {Pair[]} */
  const cells = [];
  for (let row = 0; row < pane.size[0]; row++) {
    for (let column = 0; column < pane.size[1]; column++) {
      if (holds(pane, [row, column])) cells.push([row, column]);
    }
  }
  return cells;
}

/**
 * The next cell in reading order, inside the border; null past either end.
 *
 * @param {GridPane} pane
 * @param {Pair | null} cell
 * @param {1 | -1} direction
 * @returns {Pair | null}
 */
export function nextCell(pane, cell, direction) {
  const [rows, columns] = innerSize(pane);
  const count = rows * columns;
  const outside = direction > 0 ? -1 : count;
  const from = cell && !inBorder(pane, cell);
  const now = from ? (cell[0] - pane.border) * columns + cell[1] - pane.border : outside;
  const next = now + direction;
  if (next < 0 || next >= count) return null;
  return [Math.floor(next / columns) + pane.border, (next % columns) + pane.border];
}

/**
 * What the border and the strokes of a grid mean: [what is marked so, in words].
 *
 * @param {GridPane} pane
 */
export function meaningsOf({ border, borderMeans, lost }) {
  /** @type {[kind: string, words: string][]} */
  const meanings = [];
  if (border) meanings.push(["border", borderMeans]);
  if (lost.some((count) => count > 0)) meanings.push(["lost", "lost to flooring"]);
  return meanings;
}
