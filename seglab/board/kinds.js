// What the kinds of panes have of their own: how a plane becomes colours, how a cell is read, what
// stands beneath when nothing points at it, and whether a crosshair moves over it.

import { CODES, COLOURS, css } from "./colours.js";
import { numberAt, numbersSize } from "./numbergrid.js";
import { minus, onScale, sizeText } from "./text.js";
import { tileOf } from "./tiles.js";
import { NONE } from "./tools.js";

/** @import { GridPane, Pair, Pane, ScalarPane } from "./frames.js" */
/** @import { Painter } from "./colours.js" */

/**
 * What a place of a pane says. cell: null where there is none; code: NONE where there is no value.
 *
 * @typedef {{ cell: Pair | null, code: number, colour: string, text: string }} Reading
 *
 * @typedef {{
 *   paint: Painter,
 *   text(pane: Pane, index: number, cell: Pair): Omit<Reading, "cell">,
 *   rest(pane: Pane): string,
 *   move: "crosshair" | "cell",
 *   key: "legend" | "bar" | "own",
 * }} Kind
 */

const NO_VALUE = { code: NONE, colour: "", text: "no value" };

/**
 * How large a picture is, how its cells lie on the input, and how much each of them sees.
 *
 * @param {Pane} pane
 */
function restOfPicture({ size, frame, field, tiles }) {
  if (tiles) {
    const { stride } = tiles.field;
    return `${sizeText(stride)} passes of ${sizeText(tileOf(tiles))}`;
  }
  const cells = sizeText(size);
  if (!field) return cells;
  const [down, across] = field.stride;
  const step = down === across ? down : sizeText(field.stride);
  const every = down === 1 && across === 1 ? "" : `, one every ${step} px`;
  const seen = sizeText([field.size[0] ?? frame[0], field.size[1] ?? frame[1]]);
  return `${cells}${every} · sees ${seen}`;
}

/** @type {Record<string, Kind>} */
const KINDS = {
  rgb: {
    paint: COLOURS,
    text({ plane }, index) {
      const [r, g, b] = plane.subarray(3 * index, 3 * index + 3);
      return { code: NONE, colour: `rgb(${r} ${g} ${b})`, text: `${r} ${g} ${b}` };
    },
    rest: restOfPicture,
    move: "crosshair",
    key: "own",
  },

  labels: {
    paint: CODES,
    text({ plane, palette, names }, index) {
      const code = plane[index];
      if (code === NONE) return NO_VALUE;
      return { code, colour: css(palette, code), text: names[code] };
    },
    rest: restOfPicture,
    move: "crosshair",
    key: "legend",
  },

  scalar: {
    paint: CODES,
    text(/** @type {ScalarPane} */ { plane, palette, range, whole }, index) {
      const code = plane[index];
      if (code === NONE) return NO_VALUE;
      const value = range[0] + (code / (NONE - 1)) * (range[1] - range[0]);
      const text = whole ? minus(String(Math.round(value))) : onScale(value, range, NONE - 1);
      return { code, colour: css(palette, code), text };
    },
    rest: restOfPicture,
    move: "crosshair",
    key: "bar",
  },

  grid: {
    paint: CODES,
    text(/** @type {GridPane} */ pane, index, cell) {
      const code = pane.plane[index];
      return { code, colour: css(pane.palette, code), text: numberAt(pane, cell) };
    },
    rest: numbersSize,
    move: "cell",
    key: "own",
  },
};

/** @param {Pane} pane */
export const kindOf = (pane) => KINDS[pane.kind];
