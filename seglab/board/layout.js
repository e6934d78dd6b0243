// Where the panes of a lab stand, so that all of them are seen at once: in how many columns, how
// wide, and which of them are thumbnails. All lengths are in CSS pixels; panes.css has the same.

import { clamp } from "./tools.js";

/** @import { Pair } from "./frames.js" */

/**
 * What stands around a pane's stage. lists: the widths of the chips of its legends; the legends
 * stand side by side, and so do their readouts. titled: each has a title. bar: it has a colour bar.
 * span: how many columns it takes where there are so many; 1 where it is not given. tall: the first
 * pane, which takes two rows where there are others beside it.
 *
 * @typedef {{
 *   lists: number[][], titled: boolean, bar: boolean, span?: number, tall?: boolean,
 * }} Extra
 * @typedef {{ width: number, height: number }} Size
 * @typedef {{ first: number, chips: number[] }} Legend
 *
 * What is to be arranged. width, height: the room for panes, tables and legends; a height of
 * Infinity: any. aspect: width over height of all stages. run: how many panes, the first ones, have
 * a line of arithmetic beneath; legends: those that panes share, with the first of the panes.
 * most: the widest that a pane may be; limit: how many may be more than thumbnails. least: the side
 * from which the numbers in the run can be read; panes after the run give way to it.
 * @typedef {{
 *   width: number, height: number, aspect: number, panes: Extra[], run: number,
 *   tables: Size[], legends: Legend[], most?: number, limit?: number, least?: number,
 * }} Room
 *
 * columns, side: of the panes. shown, open: how many panes and tables, the first ones, are not
 * thumbnails.
 * broken: a row ends after the run. beside: how wide the tables are at the side of the panes; 0:
 * they stand below. aside: how many thumbnails stand side by side at the side of the panes; 0: they
 * stand below. tall: how tall each table
 * may be; what is longer is scrolled. lead: the stage of a tall first pane, which takes what width
 * the others leave. narrow: panes that ask for more than one column take one.
 * @typedef {{
 *   columns: number, side: number, shown: number, open: number, broken: boolean, beside: number,
 *   aside: number, tall: number[], lead?: Size, narrow?: boolean,
 * }} Plan
 */

export const SIDE = { least: 120, most: 420, thumbnail: 56 };
const GAP = { across: 16, down: 8 };
const CAPTION = 20;
const READOUT = 19;
const TITLE = 17;
const BAR = 20;
const CHIPS = { line: 18, gap: 12, above: 4 };
const THUMBNAIL = 16; // its caption
const MOST_ASIDE = 4; // thumbnails side by side, where they stand at the side
const ARITHMETIC = 42;
const ROW = 6; // a further row is worth it where panes grow by more
const FOLDED_PANE = 2; // as bad as so many folded tables
const TABLE = { least: 112, mostBelow: 200, shares: [0.5, 0.35, 0.25] };
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
    let [used, kept] = [columns, 0]; // kept: by a tall pane, in the next row
    for (const extra of part) {
      const span = Math.min(extra.span ?? 1, columns);
      if (used + span > columns) {
        rows.push([]);
        [used, kept] = [kept, 0];
      }
      rows[rows.length - 1].push(extra);
      used += span;
      if (extra.tall && span < columns) kept = span;
    }
  }
  return rows;
}

/**
 * How many columns panes take in one row.
 *
 * @param {Extra[]} panes
 */
const columnsOf = (panes) => panes.reduce((sum, { span = 1 }) => sum + span, 0);

/**
 * How wide a pane is that takes so many columns.
 *
 * @param {number} side
 * @param {number} span
 * @param {number} unit pixels of a unit, where side is in pixels
 */
export const widthOfSpan = (side, span, unit = 1) => side * span + GAP.across * unit * (span - 1);

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

const WIDEST_LEAD = 1.7; // times its height
const LEAD = 0.25; // what a pixel of a tall pane is worth
// Where wide panes take one column: the least side, and what a pixel of it is worth.
const WIDE = { least: 220, worth: 0.8 };
const AROUND = 3; // others that a tall first pane has beside it, and stays tall with more

/**
 * The stage of a tall first pane: as tall as two rows, and as wide as the others leave.
 *
 * @param {Room} room
 * @param {Extra[][]} rows
 * @param {number} columns
 * @param {number} side
 * @param {number} width
 * @returns {Size | undefined}
 */
function leadOf({ panes, aspect }, rows, columns, side, width) {
  const span = panes[0]?.span ?? 1;
  if (!panes[0]?.tall || rows.length < 2 || span >= columns) return undefined;
  const height = heightOf(rows.slice(0, 2), side, aspect) - CAPTION - READOUT;
  const free = width - (columns - span) * (side + GAP.across);
  return { width: Math.floor(Math.min(free, WIDEST_LEAD * height)), height };
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
 * The ways in which tables may stand: what they leave to the panes, and how tall they are. whole:
 * nothing of them is scrolled.
 *
 * @param {Room} room
 * @param {number} open how many tables are to be seen
 */
function waysOf({ width, height, tables: all }, open) {
  const tables = all.slice(0, open);
  const isWhole = (/** @type {number[]} */ tall) => tall.every((one, i) => one >= tables[i].height);
  const below = tablesBelow(tables, width);
  const taken = tables.length ? below.height + GAP.down : 0;
  const ways = [{ width, taken, beside: 0, tall: below.tall, whole: isWhole(below.tall) }];
  const widest = Math.max(0, ...tables.map((table) => table.width));
  const tall = tables.length ? tablesBeside(tables, height) : null;
  if (!tall) return ways;
  for (const share of TABLE.shares) {
    const beside = Math.min(widest, Math.floor(width * share));
    const whole = beside === widest && isWhole(tall);
    ways.push({ width: width - beside - GAP.across, taken: 0, beside, tall, whole });
  }
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
function sideOf(
  { height, aspect, most = SIDE.most, least = SIDE.least },
  rows,
  columns,
  width,
  taken,
) {
  const widest = Math.min(most, Math.floor((width - (columns - 1) * GAP.across) / columns));
  const fits = (/** @type {number} */ side) => heightOf(rows, side, aspect) + taken <= height;
  if (!fits(least)) return 0;
  for (let side = widest; side >= least; side--) {
    if (fits(side)) return side;
  }
  return 0;
}

/**
 * The room with its panes as they ask to be, and with those that ask for more in one column.
 *
 * @param {Room} room
 * @param {number} shown
 */
function waysToSpan(room, shown) {
  const asks = { room, narrow: false };
  const wide = room.panes.slice(0, shown).some(({ span = 1 }) => span > 1);
  if (!wide || (room.panes[0].tall && shown > 1 + AROUND)) return [asks];
  const panes = room.panes.map((extra) => ({ ...extra, span: 1, tall: false }));
  const least = Math.max(WIDE.least, room.least ?? 0);
  return [asks, { room: { ...room, panes, least }, narrow: true }];
}

/**
 * Whether a pane asks for more columns than there are.
 *
 * @param {Extra[][]} rows
 * @param {number} columns
 */
const cut = (rows, columns) => rows.flat().some(({ span = 1 }) => span > columns);

/**
 * The best arrangement of the first panes and tables; null where there is none at the least side.
 *
 * @param {Room} room
 * @param {number} shown
 * @param {number} open
 */
function best(room, shown, open) {
  const { panes, run, legends } = room;
  const folded = panes.length - shown + room.tables.length - open;
  /** @type {{ plan: Plan, worth: number } | null} */
  let found = null;
  const chips = legends.flatMap((legend) => (legend.first < shown ? legend.chips : []));
  for (const way of waysToFold(room, open, folded)) {
    const { width, beside, tall, aside } = way;
    const lines = linesOf(chips, width);
    const below = lines ? lines * CHIPS.line + CHIPS.above : 0;
    const taken = way.taken + below + (run ? ARITHMETIC : 0);
    const thumbnails = thumbnailsOf(room, folded, aside);
    if (aside && taken + thumbnails > room.height) continue;
    const others = taken + (aside ? 0 : thumbnails);
    const across = width - aside * (SIDE.thumbnail + GAP.across);
    for (const { room: asked, narrow } of waysToSpan(room, shown)) {
      const most = columnsOf(asked.panes.slice(0, shown));
      for (let columns = 1; columns <= Math.max(1, most); columns++) {
        for (const broken of run && run < shown && columns < most ? [false, true] : [false]) {
          const rows = rowsOf(asked, shown, columns, broken);
          const side = sideOf(asked, rows, columns, across, others);
          const lead = side ? leadOf(asked, rows, columns, side, across) : undefined;
          const gain = lead ? LEAD * (Math.min(lead.width, lead.height) - side) : 0;
          const rest = (broken ? 8 : 0) - ROW * rows.length + gain;
          const each = (way.whole ? 1 : 0.8) * (narrow || cut(rows, columns) ? WIDE.worth : 1);
          const worth = side * each + rest;
          if (side && (!found || worth > found.worth)) {
            found = {
              plan: { columns, side, shown, open, broken, beside, aside, tall, lead, narrow },
              worth,
            };
          }
        }
      }
    }
  }
  return found;
}

/**
 * The ways of tables, each with the thumbnails below the panes and in columns at their side.
 *
 * @param {Room} room
 * @param {number} open
 * @param {number} folded how many thumbnails there are
 */
function waysToFold(room, open, folded) {
  const most = Math.min(MOST_ASIDE, folded);
  const columns = Array.from({ length: most + 1 }, (_, aside) => aside);
  return waysOf(room, open).flatMap((way) => columns.map((aside) => ({ ...way, aside })));
}

/**
 * The height of all thumbnails.
 *
 * @param {Room} room
 * @param {number} count
 * @param {number} inRow 0: as many as the room is wide
 */
function thumbnailsOf({ width, aspect }, count, inRow) {
  const most = Math.max(1, Math.floor((width + GAP.across) / (SIDE.thumbnail + GAP.across)));
  const row = SIDE.thumbnail / aspect + THUMBNAIL + GAP.down;
  return Math.ceil(count / (inRow || most)) * row;
}

/**
 * As many columns as fit the width, no row left nearly empty: where any height will do.
 *
 * @param {Room} room
 * @returns {Plan}
 */
function unbounded({ width, panes, run, tables }) {
  const { least, most, mostInRows, gap } = UNBOUNDED;
  const parts = [panes.slice(0, run), panes.slice(run)];
  const runs = parts.map(columnsOf).filter((count) => count > 0);
  const inRow = Math.max(1, Math.floor((width + gap) / (least + gap)));
  const rowsIn = runs.map((count) => Math.ceil(count / inRow));
  const rows = rowsIn.reduce((sum, count) => sum + count, 0);
  const columns = Math.max(1, ...runs.map((count, i) => Math.ceil(count / rowsIn[i])));
  const limit = rows > 1 && columns > 1 ? mostInRows : most;
  const side = Math.min(limit, Math.floor((width - (columns - 1) * GAP.across) / columns));
  const tall = tables.map(({ height }) => height);
  return {
    columns,
    side,
    shown: panes.length,
    open: tables.length,
    broken: run > 0,
    beside: 0,
    aside: 0,
    tall,
  };
}

/**
 * The best arrangement of those that fold so much: a pane costs more than a table.
 *
 * @param {Room} room
 * @param {number} limit
 * @param {number} cost
 * @returns {Plan | null}
 */
function bestAt(room, limit, cost) {
  const least = Math.min(1, limit);
  /** @type {ReturnType<typeof best>} */
  let found = null;
  for (let tables = cost % FOLDED_PANE; tables <= room.tables.length; tables += FOLDED_PANE) {
    const shown = limit - (cost - tables) / FOLDED_PANE;
    const possible = tables <= cost && shown >= least;
    const other = possible ? best(room, shown, room.tables.length - tables) : null;
    if (other && (!found || other.worth > found.worth)) found = other;
  }
  return found?.plan ?? null;
}

/**
 * Where everything stands: the panes as wide as the room allows, and all of them whole where they
 * can be; else the last ones are thumbnails.
 *
 * @param {Room} room
 * @returns {Plan}
 */
export function plan(room) {
  const { panes, height, tables, run, limit = panes.length } = room;
  if (height === Infinity && limit >= panes.length) return unbounded(room);
  const spare = FOLDED_PANE * Math.max(0, limit - run) + tables.length;
  for (let cost = 0; room.least && cost <= spare; cost++) {
    const readable = bestAt(room, limit, cost);
    if (readable) return readable;
  }
  return anySide({ ...room, least: undefined }, limit);
}

/**
 * The same with sides at which numbers may be too small to be read. Where there is no room at all,
 * the lab is as little taller as it can be.
 *
 * @param {Room} room
 * @param {number} limit
 * @returns {Plan}
 */
function anySide(room, limit) {
  const { height, tables } = room;
  const least = Math.min(1, limit);
  for (let cost = 0; cost <= FOLDED_PANE * (limit - least) + tables.length; cost++) {
    const found = bestAt(room, limit, cost);
    if (found) return found;
  }
  if (limit && room.width >= SIDE.least) {
    return anySide({ ...room, height: height + ROW, most: SIDE.least }, limit);
  }
  return {
    columns: 1,
    side: Math.min(SIDE.least, room.width),
    shown: least,
    open: 1 - least,
    broken: false,
    beside: 0,
    aside: 0,
    tall: [height],
  };
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
