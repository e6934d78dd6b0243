// The size of text in a page, and of all that grows with it.

const WINDOW = { width: 1096, height: 616 }; // units: 14 pixels of the smallest text at 1280 x 720
const LEAST = 0.92; // smaller text is not read
const NARROW = 640; // CSS pixels: a telephone scrolls, everything else shows the lab whole

/** @param {number} width */
export const isNarrow = (width) => width < NARROW;

/**
 * CSS pixels of a unit of the style sheets, in which captions have 12 units and text has 14.
 *
 * @param {number} width of the window, in CSS pixels
 * @param {number} height
 */
export function unitFor(width, height) {
  if (isNarrow(width)) return 1;
  return Math.max(LEAST, Math.min(width / WINDOW.width, height / WINDOW.height));
}
