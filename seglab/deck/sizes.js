// Type as large as a slide allows.

/** Pixels of text and of code: the largest first at which nothing is cut off. */
const SCREEN = [
  [30, 20],
  [28, 20],
  [26, 19],
  [25, 18],
  [24, 18],
  [23, 17],
  [22, 17],
  [21, 16],
  [20, 16],
  [19, 16],
  [18, 16],
];
/** A sheet of paper has the code beside the text, and is read from near. */
const PAPER = [...SCREEN, [17, 15], [16, 14], [15, 13], [14, 12], [13, 11], [12, 10], [11, 9]];
const [LARGEST, SMALLEST] = [20, 16]; // of a line of code before it is broken

/**
 * Let the longest line of a code block fit, or break it where it would be too small.
 *
 * @param {HTMLElement} pre
 */
function fitLines(pre) {
  pre.style.whiteSpace = "";
  pre.style.setProperty("--line", `${LARGEST}px`);
  if (!pre.clientWidth) return; // folded
  const size = Math.floor((LARGEST * pre.clientWidth) / pre.scrollWidth);
  pre.style.setProperty("--line", `${Math.max(size, SMALLEST)}px`);
  if (pre.scrollWidth > pre.clientWidth) pre.style.whiteSpace = "pre-wrap";
}

/**
 * @param {Element} sheet
 * @param {boolean} onPaper
 */
function fit(sheet, onPaper) {
  const content = /** @type {HTMLElement} */ (sheet.querySelector(".content"));
  content.style.setProperty("--code", `${LARGEST}px`);
  content.querySelectorAll("pre").forEach(fitLines);
  for (const [text, code] of onPaper ? PAPER : SCREEN) {
    content.style.setProperty("--text", `${text}px`);
    content.style.setProperty("--code", `${code}px`);
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = content;
    if (scrollHeight <= clientHeight && scrollWidth <= clientWidth) return;
  }
}

/**
 * Fit slides, also those that are not on the screen; the same slides get the same sizes again.
 *
 * @param {Element[]} sheets
 * @param {boolean} onPaper
 */
export function fitAll(sheets, onPaper) {
  document.documentElement.classList.add("measuring");
  for (const sheet of sheets) fit(sheet, onPaper);
  document.documentElement.classList.remove("measuring");
}
