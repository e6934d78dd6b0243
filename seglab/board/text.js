// Numbers and sizes in words.

import { clamp } from "./tools.js";

/** @import { Pair, Range } from "./frames.js" */

/** @param {string} text */
export const minus = (text) => text.replace("-", "−");

/**
 * A value on a scale from low to high, in steps of the scale that show its place on it.
 *
 * @param {number} value
 * @param {Range} range
 * @param {number} steps
 */
export function onScale(value, [low, high], steps) {
  const step = (high - low) / steps;
  if (step < 1e-7 || Math.max(Math.abs(low), Math.abs(high)) >= 1e6) {
    return minus(value.toExponential(2));
  }
  const text = value.toFixed(clamp(Math.ceil(-Math.log10(step)), 0, 8));
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/**
 * The end of a scale, without trailing zeros.
 *
 * @param {number} value
 * @param {Range} range
 */
export const scaleEnd = (value, range) =>
  onScale(value, range, 99)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");

/** @param {Pair} size */
export const sizeText = ([rows, columns]) => `${rows} × ${columns}`;

/**
 * A number as it is written in a cell: whole, or with at most so many decimals.
 *
 * @param {number | null} value
 * @param {number} decimals
 */
export function written(value, decimals = 3) {
  if (value === null) return "";
  return minus(String(Number.isInteger(value) ? value : Number(value.toFixed(decimals))));
}
