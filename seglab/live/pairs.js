// The controls of a lab on a grid: how many pairs of a name and a track stand side by side.

/**
 * A control: about how wide its name and the rest of it are, in CSS pixels.
 *
 * @typedef {{ name: number, body: number }} Need
 */

const MOST_PAIRS = 4; // pairs side by side
const BETWEEN = 26; // within a pair, and between two
const CHARACTER = 6.3;
const LONGEST_OPTION = 15; // of an option: a longer one may be cut
const BODY = {
  slider: 98,
  play: 34,
  select: 30,
  file: 78,
  pixel: 152,
  strokes: 240,
  button: 17,
  toggle: 24,
  most: 230,
};

/**
 * Whether a control takes the room of two.
 *
 * @param {Need} need
 */
const isWide = ({ body }) => body > BODY.most;

/**
 * Where controls stand, as the style sheet's grid places them: each in the first room for it.
 *
 * @param {number} pairs
 * @param {Need[]} needs in their order
 */
function pairPlaces(pairs, needs) {
  /** @type {Set<number>} */
  const taken = new Set();
  return needs.map((need) => {
    const isTwo = isWide(need) && pairs > 1;
    const isFree = (/** @type {number} */ at) =>
      !taken.has(at) && (!isTwo || (at % pairs < pairs - 1 && !taken.has(at + 1)));
    let at = 0;
    while (!isFree(at)) at++;
    taken.add(at);
    if (isTwo) taken.add(at + 1);
    return { need, column: at % pairs, isTwo };
  });
}

/**
 * About how wide so many pairs are, with all that is written in them.
 *
 * @param {number} pairs
 * @param {Need[]} needs
 */
function pairsWidth(pairs, needs) {
  const places = pairPlaces(pairs, needs);
  /** @type {(some: typeof places, part: "name" | "body") => number} */
  const most = (some, part) => Math.max(0, ...some.map(({ need }) => need[part]));
  const columns = Array.from({ length: pairs }, (_, i) => {
    const here = places.filter(({ column }) => column === i);
    const single = here.filter(({ isTwo }) => !isTwo);
    return { name: most(here, "name"), body: most(single, "body"), two: most(here, "body") };
  });
  const widths = columns.map(({ name, body }) => name + body + BETWEEN);
  for (const [i, { name, two }] of columns.entries()) {
    const wide = places.some(({ column, isTwo }) => column === i && isTwo);
    const missing = wide ? name + two + BETWEEN - widths[i] - widths[i + 1] : 0;
    if (missing > 0) widths[i + 1] += missing;
  }
  return widths.reduce((all, one) => all + one, 0);
}

/**
 * As many pairs as fit with all that is written in them. Where two fit only without some of the
 * controls, the longest ones have a row alone, as few as possible.
 *
 * @param {number} width
 * @param {Need[]} needs in their order
 * @returns {{ pairs: number, alone: number[] }} alone: their places
 */
export function pairsFor(width, needs) {
  const narrow = needs.filter((need) => !isWide(need));
  for (let pairs = Math.min(MOST_PAIRS, Math.max(2, narrow.length)); pairs > 1; pairs--) {
    if (pairsWidth(pairs, needs) <= width) return { pairs, alone: [] };
  }
  const lengths = needs.map(({ name, body }) => name + body);
  const longest = [...needs.keys()].sort((one, other) => lengths[other] - lengths[one]);
  for (let count = 1; count < needs.length - 1; count++) {
    const alone = longest.slice(0, count);
    const others = needs.filter((_, i) => !alone.includes(i));
    if (pairsWidth(2, others) <= width) return { pairs: 2, alone };
  }
  return { pairs: 1, alone: [] };
}

/**
 * Put rows on their grid.
 *
 * @param {HTMLElement} controls
 * @param {number} width
 * @param {{ element: Element, need: Need }[]} rows in their order
 */
export function layPairs(controls, width, rows) {
  const { pairs, alone } = pairsFor(
    width,
    rows.map(({ need }) => need),
  );
  controls.style.setProperty("--pairs", String(pairs));
  controls.classList.toggle("seglab-single", pairs === 1);
  for (const [i, { element, need }] of rows.entries()) {
    element.classList.toggle("seglab-wide", isWide(need));
    element.classList.toggle("seglab-alone", alone.includes(i));
  }
}

/**
 * @param {Element} row
 * @returns {Need}
 */
function needOf(row) {
  const label = row.querySelector(".widget-label:not([style*=none]), .widget-label-basic");
  const name = CHARACTER * (label?.textContent?.trim().length ?? 0);
  const buttons = [...row.querySelectorAll(".widget-toggle-buttons button")];
  const options = [...row.querySelectorAll("option")].map((one) => one.text.length);
  let body = 0;
  if (row.querySelector(".slider-container")) body += BODY.slider;
  if (row.querySelector(".widget-play")) body += BODY.play;
  if (row.matches(".seglab-strokes")) body += BODY.strokes;
  else if (options.length)
    body += CHARACTER * Math.min(LONGEST_OPTION, Math.max(...options)) + BODY.select;
  if (row.querySelector("input[type=file]")) body += BODY.file;
  if (row.matches(".seglab-pixel")) body += BODY.pixel;
  if (row.querySelector("input[type=checkbox]")) body += BODY.toggle;
  for (const button of buttons) body += CHARACTER * (button.textContent?.length ?? 0) + BODY.button;
  return { name, body };
}

/**
 * Put the controls of a lab on their grid; the page's layout is not read.
 *
 * @param {HTMLElement} controls
 * @param {number} width
 */
export function layControls(controls, width) {
  const rows = [...controls.children].filter(
    (row) =>
      !row.matches(".seglab-reset, .seglab-layers, .seglab-row") &&
      !row.querySelector(".seglab-matrix"),
  );
  layPairs(
    controls,
    width,
    rows.map((element) => ({ element, need: needOf(element) })),
  );
}
