// The largest scale at which the whole lab is to be seen in its window.

/** @import { Board } from "../board/board.js" */

const SCALES = [1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];
const NARROW = 640; // CSS pixels: a telephone scrolls, everything else shows the lab whole

/**
 * fit(cutOnly): cutOnly: only where something is cut off.
 *
 * @param {HTMLElement} page
 * @param {Board} board
 */
export function createFit(page, board) {
  let scale = 1;
  const room = () => [document.documentElement.clientWidth, window.innerHeight];
  const fits = () => page.offsetHeight * scale <= room()[1];

  /** @param {number} next */
  function apply(next) {
    scale = next;
    page.style.width = scale === 1 ? "" : `${room()[0] / scale}px`;
    page.style.transform = scale === 1 ? "" : `scale(${scale})`;
    board.fit();
  }

  function search() {
    let [first, last] = [0, SCALES.length - 1]; // between them is the first scale that fits
    while (first < last) {
      const middle = (first + last) >> 1; // each look costs a layout of the page
      apply(SCALES[middle]);
      if (fits()) last = middle;
      else first = middle + 1;
    }
    apply(SCALES[first]);
    // Another number of columns may be taller than the scale before it.
    while (!fits() && first + 1 < SCALES.length) apply(SCALES[++first]);
  }

  return (/** @type {boolean} */ cutOnly) => {
    const [width, height] = room();
    if (!width || !height || (cutOnly && fits())) return; // without a size, it is not shown yet
    if (width < NARROW) apply(1);
    else search();
  };
}
