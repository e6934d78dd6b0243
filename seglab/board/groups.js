// Things that several panes show, such as an object or a layer: which one a place shows, and what
// lights up in a pane when it is pointed at elsewhere.

import { axesOf } from "./geometry.js";
import { strokesOf } from "./marks.js";

/** @import { Axes } from "./geometry.js" */
/** @import { BoxMark, Group, Mark, Pair, Pane } from "./frames.js" */

/**
 * What lights up in a pane: a line and an area, as the data of SVG paths; all of it; or a row or a
 * column of a table; or shapes of a diagram, by their numbers.
 *
 * @typedef {{
 *   line?: string, area?: string, whole?: boolean, row?: number, column?: number,
 *   shapes?: number[],
 * }} Light
 *
 * A thing, by the name of its kind and its number.
 * @typedef {{ name: string, id: number }} Thing
 */

/**
 * @param {Mark} mark
 * @param {Pair} at
 */
const isIn = (mark, [row, column]) =>
  mark.kind === "box" &&
  mark.at[0] <= row &&
  row <= mark.at[2] &&
  mark.at[1] <= column &&
  column <= mark.at[3];

/** @param {BoxMark} box */
const areaOf = ({ at: [top, left, bottom, right] }) => (bottom - top) * (right - left);

/**
 * The smallest box around a place, by its number; -1: none.
 *
 * @param {Mark[]} marks
 * @param {Pair} at
 */
function boxAround(marks, at) {
  const around = [...marks.entries()].filter(([, mark]) => isIn(mark, at));
  const sizes = around.map(([, mark]) => areaOf(/** @type {BoxMark} */ (mark)));
  return around[sizes.indexOf(Math.min(...sizes))]?.[0] ?? -1;
}

/**
 * The marks that show things: the group's, which are seen only while they are lit, or the pane's.
 *
 * @param {Pane} pane
 * @param {Group} group
 */
const marksOf = (pane, group) => (group.marks.length ? group.marks : (pane.marks ?? []));

/**
 * @param {Pane} pane
 * @param {Group} group
 * @param {Pair} at
 * @param {number} code
 */
function indexAt(pane, group, at, code) {
  switch (group.by) {
    case "code":
      return code;
    case "row":
      return at[0];
    case "column":
    case "shape":
      return at[1];
    case "mark":
      return boxAround(marksOf(pane, group), at);
    case "picture":
      return 0;
  }
}

/**
 * The thing that a place of a pane shows.
 *
 * @param {Pane} pane
 * @param {Pair} at
 * @param {number} code
 * @returns {Thing | null}
 */
export function thingAt(pane, at, code) {
  const { group } = pane;
  const id = group?.ids[indexAt(pane, group, at, code)] ?? null;
  return group && id !== null ? { name: group.name, id } : null;
}

/**
 * Whether a pane shows a thing.
 *
 * @param {Pane} pane
 * @param {Thing} thing
 */
export const shows = ({ group }, { name, id }) => group?.name === name && group.ids.includes(id);

/**
 * What lights up in a pane for a thing.
 *
 * @param {Pane} pane
 * @param {Thing} thing
 * @param {number} scale screen pixels of a pixel of the frame
 * @returns {Light}
 */
export function lightOf(pane, thing, scale) {
  const { group } = pane;
  if (!group || !shows(pane, thing)) return {};
  const index = group.ids.indexOf(thing.id);
  switch (group.by) {
    case "code":
      return { line: regionPath(pane, (code) => group.ids[code] === thing.id) };
    case "row":
      return { row: index };
    case "column":
      return { column: index };
    case "shape":
      return { shapes: [...group.ids.keys()].filter((i) => group.ids[i] === thing.id) };
    case "mark":
      return {
        line: strokesOf([marksOf(pane, group)[index]], scale)
          .map(({ d }) => d)
          .join(""),
      };
    case "picture":
      return { whole: true };
  }
}

/**
 * The border of all cells whose code is wanted.
 *
 * @param {Pane} pane
 * @param {(code: number) => boolean} wanted
 */
export function regionPath(pane, wanted) {
  const { plane, size } = pane;
  const isCode = Uint8Array.from({ length: 256 }, (_, code) => Number(wanted(code)));
  const [rows, columns] = size;
  /** @type {(row: number, column: number) => number} */
  const inside = (row, column) =>
    row < 0 || column < 0 || row >= rows || column >= columns
      ? 0
      : isCode[plane[row * columns + column]];
  const axes = axesOf(pane);
  const across = edges(rows, columns, (line, i) => inside(line, i) !== inside(line - 1, i));
  const down = edges(columns, rows, (line, i) => inside(i, line) !== inside(i, line - 1));
  return [
    ...across.map((edge) => horizontal(axes, edge)),
    ...down.map((edge) => vertical(axes, edge)),
  ].join("");
}

/** @typedef {[line: number, from: number, to: number]} Edge between two lines of cells */

/**
 * Stretches of edges along one direction.
 *
 * @param {number} lines
 * @param {number} count cells along a line
 * @param {(line: number, i: number) => boolean} isEdge
 */
function edges(lines, count, isEdge) {
  /** @type {Edge[]} */
  const found = [];
  for (let line = 0; line <= lines; line++) {
    let from = -1;
    for (let i = 0; i <= count; i++) {
      const edge = i < count && isEdge(line, i);
      if (edge && from < 0) from = i;
      if (!edge && from >= 0) {
        found.push([line, from, i]);
        from = -1;
      }
    }
  }
  return found;
}

/**
 * @param {Axes} axes
 * @param {Edge} edge
 */
const horizontal = ([y, x], [line, from, to]) =>
  `M${x.start + from * x.step} ${y.start + line * y.step}h${(to - from) * x.step}`;

/**
 * @param {Axes} axes
 * @param {Edge} edge
 */
const vertical = ([y, x], [line, from, to]) =>
  `M${x.start + line * x.step} ${y.start + from * y.step}v${(to - from) * y.step}`;
