// Bytes and bounds: what every other file here may need.

/** @import { Data } from "./frames.js" */

export const NONE = 255; // the code of a cell without a value
export const NO_BYTES = new Uint8Array(0);

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * Whether two planes hold the same bytes; a plane is never changed in place.
 *
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
export function same(a, b) {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A plane or a palette, however it arrives: typed array, view, buffer, list or nothing.
 *
 * @param {Data} data
 */
export function bytes(data) {
  if (data instanceof Uint8Array) return data;
  if (!data) return NO_BYTES;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  return new Uint8Array(data);
}
