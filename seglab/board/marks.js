// Marks over a pane as lines and chips: the mirror of paper's. The middle of pixel i lies at
// i + 0.5 of an SVG whose unit is a pixel of the frame; thicknesses are in screen pixels.

import { rectangle } from "./geometry.js";

/** @import { ArrowMark, Colour, Mark, Pair } from "./frames.js" */

/**
 * A line to draw, on a casing that is white.
 *
 * @typedef {{
 *   kind: Mark["kind"], d: string, colour: Colour, width: number, dashed: boolean,
 * }} Stroke
 *
 * A text on a patch of colour. x, y: where it lies, as shares of the frame; anchor: which point of
 * the patch lies there, as shares of its own; shift: screen pixels to the right.
 * @typedef {{
 *   text: string, colour: Colour, x: number, y: number, anchor: Pair, shift: number,
 * }} Chip
 */

/** @type {Colour} */
const ACCENT = [11, 102, 195];
const [THIN, STRONG] = [2, 4];
export const CASING = 1.5; // on each side of a line
const HEAD = { long: 9, half: 4.5 };
const BESIDE = 2; // pixels between a dot and its text

/**
 * Three decimals: more than a screen shows.
 *
 * @param {number} value
 */
const short = (value) => Math.round(value * 1000) / 1000;

/**
 * x and y of a position.
 *
 * @param {Pair} at
 */
const xy = ([row, column]) => `${short(column + 0.5)} ${short(row + 0.5)}`;

/**
 * A shaft and a head, whose line is thick itself; the head of a short arrow is smaller.
 *
 * @param {ArrowMark} mark
 * @param {number} scale screen pixels of a pixel of the frame
 */
function arrowPath({ at, to }, scale) {
  const [down, across] = [to[0] - at[0], to[1] - at[1]];
  const long = Math.hypot(down, across);
  if (!long) return "";
  const [y, x] = [down / long, across / long];
  const head = Math.min(long, HEAD.long / scale);
  const half = (head * (HEAD.half - THIN / 2)) / HEAD.long;
  const tip = long - Math.min(THIN / 2 / scale, head / 2);
  /** @type {(along: number, aside: number) => Pair} */
  const place = (along, aside) => [at[0] + y * along + x * aside, at[1] + x * along - y * aside];
  const base = long - head;
  const sides = [place(base, half), place(base, -half)].map(xy).join("L");
  return `M${xy(at)}L${xy(place(base, 0))}M${xy(place(tip, 0))}L${sides}z`;
}

/**
 * @param {Mark} mark
 * @param {number} scale
 * @returns {{ d: string, width: number }}
 */
function lineOf(mark, scale) {
  switch (mark.kind) {
    case "box": {
      const [top, left, bottom, right] = mark.at;
      const [x, y] = [short(left + 0.5), short(top + 0.5)];
      const d = rectangle(x, y, short(right - left), short(bottom - top));
      return { d, width: mark.strong ? STRONG : THIN };
    }
    case "outline":
      return { d: `M${mark.points.map(xy).join("L")}${mark.closed ? "z" : ""}`, width: THIN };
    case "dot":
      return { d: `M${xy(mark.at)}h0`, width: 2 * mark.radius };
    case "arrow":
      return { d: arrowPath(mark, scale), width: THIN };
    case "text":
      return { d: "", width: THIN };
  }
}

/**
 * The lines of marks, the last on top; neighbours that look alike are one line.
 *
 * @param {Mark[]} marks
 * @param {number} scale screen pixels of a pixel of the frame
 */
export function strokesOf(marks, scale) {
  /** @type {Stroke[]} */
  const strokes = [];
  for (const mark of marks) {
    const { kind, colour } = mark;
    const look = {
      ...{ kind, colour: colour ?? ACCENT, ...lineOf(mark, scale) },
      dashed: kind === "box" && mark.dashed,
    };
    const last = strokes.at(-1);
    if (last && looksLike(last, look)) last.d += look.d;
    else if (look.d) strokes.push(look);
  }
  return strokes;
}

/**
 * @param {Stroke} a
 * @param {Stroke} b
 */
const looksLike = (a, b) =>
  a.kind === b.kind &&
  a.width === b.width &&
  a.dashed === b.dashed &&
  a.colour.join() === b.colour.join();

/**
 * Where a mark's text lies: in the corner of what it surrounds, beside a dot, on all else.
 *
 * @param {Mark} mark
 * @returns {{ at: Pair, anchor: Pair, shift: number }}
 */
function chipPlace(mark) {
  switch (mark.kind) {
    case "box":
      return { at: [mark.at[0], mark.at[1]], anchor: [0, 0], shift: 0 };
    case "outline": {
      const [rows, columns] = [0, 1].map((i) => mark.points.map((point) => point[i]));
      return { at: [Math.min(...rows), Math.min(...columns)], anchor: [0, 0], shift: 0 };
    }
    case "dot":
      return { at: mark.at, anchor: [0.5, 0], shift: mark.radius + CASING + BESIDE };
    default:
      return { at: mark.at, anchor: [0.5, 0.5], shift: 0 };
  }
}

/**
 * The texts of marks.
 *
 * @param {Mark[]} marks
 * @param {Pair} frame
 * @returns {Chip[]}
 */
export function chipsOf(marks, frame) {
  return marks
    .filter(({ text }) => text)
    .map((mark) => {
      const { at, anchor, shift } = chipPlace(mark);
      const [y, x] = [(at[0] + 0.5) / frame[0], (at[1] + 0.5) / frame[1]];
      return { text: mark.text, colour: mark.colour ?? ACCENT, x, y, anchor, shift };
    });
}

/**
 * How light a colour is, from 0 to 1: the relative luminance of WCAG 2.
 *
 * @param {Colour} colour
 */
function luminance(colour) {
  const [r, g, b] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * White or black, whichever has more contrast on a colour: always 4.5 and more.
 *
 * @param {Colour} colour
 */
export const inkOn = (colour) => ((luminance(colour) + 0.05) ** 2 > 1.05 * 0.05 ? "#000" : "#fff");
