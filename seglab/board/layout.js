// How many columns the panes stand in, and how wide a pane is.

import { clamp } from "./tools.js";

/** @import { Pair } from "./frames.js" */

// CSS pixels; two rows are kept small enough to be seen at once. board.css has the same gap.
const PANE = { least: 236, most: 340, mostInRows: 272, gap: 20 };

/**
 * As many columns as fit, no row left nearly empty.
 *
 * @param {number[]} runs how many panes stand in each run; a run begins a row
 * @param {number} width of the board
 */
export function columnsFor(runs, width) {
  const room = Math.max(1, Math.floor((width + PANE.gap) / (PANE.least + PANE.gap)));
  const rowsOf = runs.map((count) => Math.ceil(count / room));
  const rows = rowsOf.reduce((sum, count) => sum + count, 0);
  const columns = Math.max(...runs.map((count, i) => Math.ceil(count / rowsOf[i])));
  const most = rows > 1 && columns > 1 ? PANE.mostInRows : PANE.most;
  const side = Math.min(most, Math.floor((width - (columns - 1) * PANE.gap) / columns));
  return { columns, side };
}

/**
 * Width over height of all stages.
 *
 * @param {Pair} frame of the first pane
 */
export const aspectFor = ([height, width]) => clamp(width / height, 0.75, 2);
