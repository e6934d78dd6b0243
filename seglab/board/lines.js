// Lines over a pane, haloed so that they can be seen on any picture.

import { makeSvg } from "./dom.js";

/**
 * @param {string} classes
 */
export function makePath(classes = "") {
  const path = makeSvg("path", classes);
  path.setAttribute("vector-effect", "non-scaling-stroke");
  return path;
}

/**
 * A line drawing of one name, in an SVG; returns what draws it: draw(d).
 *
 * @param {SVGElement} svg
 * @param {string} name
 */
export function createLine(svg, name) {
  const strokes = ["halo", "ink"].map((layer) => makePath(`seglab-${layer} seglab-${name}`));
  svg.append(...strokes);
  let last = "";
  return (/** @type {string} */ d) => {
    if (d === last) return;
    last = d;
    for (const stroke of strokes) stroke.setAttribute("d", d);
  };
}

/**
 * An area over a pane, in an SVG; returns what draws it: draw(d).
 *
 * @param {SVGElement} svg
 */
export function createArea(svg) {
  const area = makePath("seglab-area-light");
  svg.append(area);
  let last = "";
  return (/** @type {string} */ d) => {
    if (d !== last) area.setAttribute("d", d);
    last = d;
  };
}
