// A chart of a saved lab: opened beside the panes, and drawn again in each state that has one.

import { make, makeButton } from "../board/dom.js";

/**
 * A chart as it is stored: SVG texts; `at` says of which state the only one is, and who measured.
 *
 * @typedef {{ name: string, at: string, reach: number[], shown: string[] }} Chart
 */

/**
 * @param {Chart} chart
 * @param {() => string} drawing what shows this state
 * @param {() => void} turned it is opened or closed
 */
export function createChart({ name, at }, drawing, turned) {
  const button = makeButton("seglab-step", name, () => open(!isOpen()));
  const element = make("figure", "seglab-plot");
  const sheet = make("div", "seglab-drawing");
  const close = makeButton("seglab-close", "×", () => open(false));
  button.setAttribute("aria-expanded", "false");
  close.setAttribute("aria-label", `Close ${name}`);
  element.append(sheet, make("figcaption", "seglab-of", at), close);
  element.hidden = true;
  let drawn = "";

  const isOpen = () => !element.hidden;

  function draw() {
    const text = drawing();
    if (element.hidden || (text === drawn && sheet.firstChild)) return;
    drawn = text;
    if (!text) {
      sheet.replaceChildren(make("p", "seglab-of", "There is no chart of this state."));
      return;
    }
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
    sheet.replaceChildren(document.importNode(parsed.documentElement, true));
  }

  /** @param {boolean} wanted */
  function open(wanted) {
    if (wanted === isOpen()) return;
    element.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
    draw();
    turned();
    if (!wanted) button.focus({ preventScroll: true });
  }

  return { name, element, button, draw, open, isOpen };
}
