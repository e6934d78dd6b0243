// A chart of a saved lab: drawn when it is asked for, and again in each state that has one.

import { make, makeButton } from "../board/dom.js";

/**
 * A chart as it is stored: SVG texts; `at` says of which state the only one is.
 *
 * @typedef {{ name: string, at: string, reach: number[], shown: string[] }} Chart
 */

/**
 * @param {Chart} chart
 * @param {() => number} place which of its drawings shows this state
 */
export function createChart({ name, at, shown }, place) {
  const element = make("div", "seglab-plot");
  const button = makeButton("seglab-step", name, toggle);
  const sheet = make("div", "seglab-drawing");
  const says = make("span", "seglab-of", at && `at ${at}`);
  button.setAttribute("aria-expanded", "false");
  element.append(button, says, sheet);
  sheet.hidden = true;
  says.hidden = true;
  let drawn = -1;

  function draw() {
    const index = sheet.hidden ? drawn : place();
    if (index === drawn) return;
    drawn = index;
    if (!shown[index]) {
      sheet.replaceChildren(make("p", "seglab-of", "There is no chart of this state."));
      return;
    }
    const parsed = new DOMParser().parseFromString(shown[index], "image/svg+xml");
    sheet.replaceChildren(document.importNode(parsed.documentElement, true));
  }

  function toggle() {
    sheet.hidden = !sheet.hidden;
    says.hidden = sheet.hidden;
    button.setAttribute("aria-expanded", String(!sheet.hidden));
    draw();
    window.dispatchEvent(new Event("resize"));
  }

  return { element, draw };
}
