// Where the panes of a lab stand, so that all of them are seen at once: in how many columns, how
// wide, and which of them are thumbnails. All lengths are in CSS pixels; board.css has the same.

import { clamp } from "./tools.js";

/** @import { Pair } from "./frames.js" */

/**
 * What stands around a pane's stage. lists: the widths of the chips of its legends; the legends
 * stand side by side, and so do their readouts. titled: each has a title. bar: it has a colour bar.
 *
 * @typedef {{ lists: number[][], titled: boolean, bar: boolean }} Extra
 * @typedef {{ width: number, height: number }} Size
 *
 * What is to be arranged. width, height: the room for panes, tables and legends; a height of
 * Infinity: any. aspect: width over height of all stages. run: how many panes, the first ones, have
 * a line of arithmetic beneath; legends: the chips of the legends that panes share, a row each.
 * most: the widest that a pane may be; limit: how many may be more than thumbnails.
 * @typedef {{
 *   width: number, height: number, aspect: number, panes: Extra[], run: number,
 *   tables: Size[], legends: number[][], most?: number, limit?: number,
 * }} Room
 *
 * columns, side: of the panes. shown: how many panes, the first ones, are not thumbnails.
 * broken: a row ends after the run. beside: how wide the tables are at the side of the panes; 0:
 * they stand below. tall: how tall each table may be; what is longer is scrolled.
 * @typedef {{
 *   columns: number, side: number, shown: number, broken: boolean, beside: number, tall: number[],
 * }} Plan
 */

export const SIDE = { least: 120, most: 420, thumbnail: 76 };
const GAP = { across: 16, down: 8 };
const CAPTION = 20;
const READOUT = 19;
const TITLE = 17;
const BAR = 20;
const CHIPS = { line: 18, gap: 12 };
const THUMBNAIL = 18; // its caption
const ARITHMETIC = 46;
const TABLE = { least: 112, mostBelow: 180, share: 0.5 };
const UNBOUNDED = { least: 236, most: 340, mostInRows: 272, gap: 20 };

/**
 * How many lines chips need.
 *
 * @param {number[]} widths
 * @param {number} room
 */
export function linesOf(widths, room) {
  let [lines, used] = [0, Infinity];
  for (const width of widths) {
    used += width + CHIPS.gap;
    if (used - CHIPS.gap > room) [lines, used] = [lines + 1, width + CHIPS.gap];
  }
  return lines;
}

/**
 * The height around a stage.
 *
 * @param {Extra} extra
 * @param {number} side
 */
function aroundStage({ lists, titled, bar }, side) {
  const room = lists.length > 1 ? (side - CHIPS.gap) / lists.length : side;
  const lines = Math.max(0, ...lists.map((widths) => linesOf(widths, room)));
  return CAPTION + READOUT + (titled ? TITLE : 0) + (bar ? BAR : 0) + lines * CHIPS.line;
}

/**
 * How the first panes stand in rows.
 *
 * @param {Room} room
 * @param {number} shown
 * @param {number} columns
 * @param {boolean} broken
 */
function rowsOf({ panes, run }, shown, columns, broken) {
  const cut = broken ? Math.min(run, shown) : shown;
  /** @type {Extra[][]} */
  const rows = [];
  for (const part of [panes.slice(0, cut), panes.slice(cut, shown)]) {
    for (let i = 0; i < part.length; i += columns) rows.push(part.slice(i, i + columns));
  }
  return rows;
}

/**
 * @param {Extra[][]} rows
 * @param {number} side
 * @param {number} aspect
 */
function heightOf(rows, side, aspect) {
  const tall = rows.map((row) => Math.max(...row.map((extra) => aroundStage(extra, side))));
  const sum = tall.reduce((all, one) => all + one + side / aspect, 0);
  return sum + GAP.down * Math.max(0, rows.length - 1);
}

/**
 * Tables below the panes: in rows, each as tall as its tallest.
 *
 * @param {Size[]} tables
 * @param {number} width
 */
function tablesBelow(tables, width) {
  const tall = tables.map(({ height }) => Math.min(height, TABLE.mostBelow));
  let [height, used, row] = [0, Infinity, 0];
  for (const [i, table] of tables.entries()) {
    used += table.width + GAP.across;
    if (used - GAP.across > width) {
      [height, used, row] = [height + row + GAP.down, table.width + GAP.across, 0];
    }
    row = Math.max(row, tall[i]);
  }
  return { height: tables.length ? height + row : 0, tall };
}

/**
 * Tables at the side, one below the other: the longest gives way; null where they have no room.
 *
 * @param {Size[]} tables
 * @param {number} height
 */
function tablesBeside(tables, height) {
  const tall = tables.map((table) => table.height);
  const room = height - GAP.down * (tables.length - 1);
  let over = tall.reduce((sum, one) => sum + one, 0) - room;
  while (over > 0) {
    const longest = tall.indexOf(Math.max(...tall));
    const less = Math.min(over, tall[longest] - Math.min(TABLE.least, tables[longest].height));
    if (less <= 0) return null;
    tall[longest] -= less;
    over -= less;
  }
  return tall;
}

/**
 * The two ways in which tables may stand: what they leave to the panes, and how tall they are.
 *
 * @param {Room} room
 */
function waysOf({ width, height, tables }) {
  const below = tablesBelow(tables, width);
  const ways = [{ width, taken: below.height + GAP.down, beside: 0, tall: below.tall }];
  if (!tables.length) ways[0].taken = 0;
  const widest = Math.max(0, ...tables.map((table) => table.width));
  const beside = Math.min(widest, Math.floor(width * TABLE.share));
  const tall = tables.length ? tablesBeside(tables, height) : null;
  if (tall) ways.push({ width: width - beside - GAP.across, taken: 0, beside, tall });
  return ways;
}

/**
 * The widest panes of one arrangement; 0 where it has no room at the least side.
 *
 * @param {Room} room
 * @param {Extra[][]} rows
 * @param {number} columns
 * @param {number} width
 * @param {number} taken the height that others need
 */
function sideOf({ height, aspect, most = SIDE.most }, rows, columns, width, taken) {
  const widest = Math.min(most, Math.floor((width - (columns - 1) * GAP.across) / columns));
  for (let side = widest; side >= SIDE.least; side -= 2) {
    if (heightOf(rows, side, aspect) + taken <= height) return side;
  }
  return 0;
}

/**
 * The best arrangement of the first panes; null where there is none at the least side.
 *
 * @param {Room} room
 * @param {number} shown
 * @returns {Plan | null}
 */
function best(room, shown) {
  const { panes, run, tables, legends } = room;
  const thumbnails = shown < panes.length ? thumbnailsOf(room, panes.length - shown) : 0;
  /** @type {{ plan: Plan, worth: number } | null} */
  let found = null;
  for (const { width, taken, beside, tall } of waysOf(room)) {
    const lines = legends.reduce((sum, widths) => sum + linesOf(widths, width), 0);
    const others = taken + thumbnails + lines * CHIPS.line + (run ? ARITHMETIC : 0);
    const whole = tall.every((one, i) => one >= tables[i].height) ? 1 : 0.8;
    for (let columns = 1; columns <= Math.max(1, shown); columns++) {
      for (const broken of run && run < shown && columns < shown ? [false, true] : [false]) {
        const rows = rowsOf(room, shown, columns, broken);
        const side = sideOf(room, rows, columns, width, others);
        const worth = side * whole + (broken ? 8 : 0) - rows.length;
        if (side && (!found || worth > found.worth)) {
          found = { plan: { columns, side, shown, broken, beside, tall }, worth };
        }
      }
    }
  }
  return found?.plan ?? null;
}

/**
 * The height of a row of thumbnails, or of as many as they need.
 *
 * @param {Room} room
 * @param {number} count
 */
function thumbnailsOf({ width, aspect }, count) {
  const inRow = Math.max(1, Math.floor((width + GAP.across) / (SIDE.thumbnail + GAP.across)));
  const row = SIDE.thumbnail / aspect + THUMBNAIL + GAP.down;
  return Math.ceil(count / inRow) * row;
}

/**
 * As many columns as fit the width, no row left nearly empty: where any height will do.
 *
 * @param {Room} room
 * @returns {Plan}
 */
function unbounded({ width, panes, run, tables }) {
  const { least, most, mostInRows, gap } = UNBOUNDED;
  const runs = [run, panes.length - run].filter((count) => count > 0);
  const inRow = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const rowsIn = runs.map((count) => Math.ceil(count / inRow));
  const rows = rowsIn.reduce((sum, count) => sum + count, 0);
  const columns = Math.max(1, ...runs.map((count, i) => Math.ceil(count / rowsIn[i])));
  const limit = rows > 1 && columns > 1 ? mostInRows : most;
  const side = Math.min(limit, Math.floor((width - (columns - 1) * GAP.across) / columns));
  const tall = tables.map(({ height }) => height);
  return { columns, side, shown: panes.length, broken: run > 0, beside: 0, tall };
}

/**
 * Where everything stands: the panes as wide as the room allows, and all of them whole where they
 * can be; else the last ones are thumbnails. Of no room at all, the first pane takes the least.
 *
 * @param {Room} room
 * @returns {Plan}
 */
export function plan(room) {
  const { panes, height, tables, limit = panes.length } = room;
  if (height === Infinity && limit >= panes.length) return unbounded(room);
  for (let shown = limit; shown >= Math.min(1, limit); shown--) {
    const found = best(room, shown);
    if (found) return found;
  }
  const columns = Math.max(1, Math.floor((room.width + GAP.across) / (SIDE.least + GAP.across)));
  const shown = Math.min(columns, limit);
  const side = Math.min(SIDE.least, room.width);
  const tall = tables.map((table) => Math.min(table.height, TABLE.least));
  return { columns, side, shown, broken: false, beside: 0, tall };
}

/**
 * Width over height of all stages.
 *
 * @param {Pair} frame of the first pane
 */
export const aspectFor = ([height, width]) => clamp(width / height, 0.75, 2);

const LETTER = 6.6; // at 12 pixels
const SWATCH = 17;

/**
 * About how wide a legend's name is with its colour.
 *
 * @param {string} name
 */
export const chipWidth = (name) => SWATCH + LETTER * name.length;

/**
 * About how large a table is, with its caption.
 *
 * @param {{ columns: string[], rows: string[][] }} table
 * @returns {Size}
 */
export function tableSize({ columns, rows }) {
  const widest = columns.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const width = widest.reduce((sum, letters) => sum + letters * LETTER + 16, 0);
  return { width: Math.ceil(width), height: CAPTION + 20 * (rows.length + 1) + 2 };
}
