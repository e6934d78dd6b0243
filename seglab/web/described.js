// A pane in words, with its numbers, for a reader who does not see it: as Picture.alt() says it.

import { pyFormat } from "./pyformat.js";

/** @import { RawPane } from "../board/frames.js" */

const NO_VALUE_CODE = 255;

/** @param {Uint8Array} plane */
function histogram(plane) {
  const counts = new Uint32Array(256);
  for (const code of plane) counts[code]++;
  return counts;
}

/**
 * @param {RawPane} pane
 * @param {Uint8Array} plane
 */
function counted({ kind, names, range }, plane) {
  const counts = histogram(plane);
  const seen = plane.length - counts[NO_VALUE_CODE];
  const none = counts[NO_VALUE_CODE] / plane.length;
  const missing = none ? `, ${pyFormat(none, ".0%")} without a value` : "";
  if (!seen) return ", nothing has a value yet";
  if (kind === "labels") {
    const shares = names.map((name, code) => ({ name, share: counts[code] / plane.length }));
    shares.sort((a, b) => b.share - a.share || (a.name < b.name ? 1 : -1));
    const told = shares.filter(({ share }) => share > 0);
    const listed = told.map(({ name, share }) => `${name} ${pyFormat(share, ".0%")}`).join(", ");
    return ` labels: ${listed}${missing}`;
  }
  const [low, high] = range ?? [0, 1];
  const value = (/** @type {number} */ code) =>
    pyFormat(low + (code / (NO_VALUE_CODE - 1)) * (high - low), ".3g");
  const codes = [...counts.slice(0, NO_VALUE_CODE).entries()].filter(([, count]) => count);
  const mean = codes.reduce((sum, [code, count]) => sum + code * count, 0) / seen;
  const [least, most] = [codes[0][0], codes[codes.length - 1][0]].map(value);
  return ` values from ${least} to ${most}, mean ${value(mean)}${missing}`;
}

/**
 * A pane in words. Of one that is open, whose cells the page has computed, `alt` has only what else
 * there is to say, such as its marks.
 *
 * @param {RawPane & { open?: boolean }} pane
 * @returns {string}
 */
export function described(pane) {
  if (!pane.open) return pane.alt;
  if (pane.kind === "curtain" && pane.parts?.length) {
    const [left, right] = pane.parts;
    return (
      `left of the divider ${left.name}: ${described(left)}; ` +
      `right of it ${right.name}: ${described(right)}${pane.alt}`
    );
  }
  const plane = pane.plane;
  const what = `${pane.size[0]} by ${pane.size[1]}`;
  if (pane.kind === "rgb") return `${what} colour picture${pane.alt}`;
  const shown = plane instanceof Uint8Array && ["labels", "scalar"].includes(pane.kind);
  return shown ? `${what}${counted(pane, plane)}${pane.alt}` : pane.alt;
}
