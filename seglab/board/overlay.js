// The marks of a pane, as vectors over its canvas: sharp at every size, and never in the way.

import { make, makeSvg, setAttribute, setText } from "./dom.js";
import { makePath } from "./lines.js";
import { CASING, chipsOf, inkOn, strokesOf } from "./marks.js";

/** @import { Mark, Pair } from "./frames.js" */
/** @import { Chip, Stroke } from "./marks.js" */

/** A layer of marks over a sheet. */
export class Overlay {
  element = make("div", "seglab-marks");
  #svg = makeSvg("svg");
  #texts = make("div");
  /** @type {Mark[]} */
  #marks = [];
  /** @type {string[]} */
  #styles = []; // of the texts
  scale = 1; // screen pixels of a pixel of the frame

  constructor() {
    this.#svg.setAttribute("preserveAspectRatio", "none");
    this.element.setAttribute("aria-hidden", "true"); // the canvas' name tells of the marks
    this.element.hidden = true;
    this.element.append(this.#svg, this.#texts);
  }

  /**
   * @param {Mark[]} marks
   * @param {Pair} frame
   */
  draw(marks, frame) {
    if (this.element.hidden !== !marks.length) this.element.hidden = !marks.length;
    if (!marks.length && !this.#marks.length) return;
    this.#marks = marks;
    setAttribute(this.#svg, "viewBox", `0 0 ${frame[1]} ${frame[0]}`);
    this.#drawStrokes();
    this.#drawChips(chipsOf(marks, frame));
  }

  /**
   * Heads of arrows have one size on the screen.
   *
   * @param {number} scale
   */
  fit(scale) {
    if (scale === this.scale) return;
    this.scale = scale;
    if (this.#marks.some(({ kind }) => kind === "arrow")) this.#drawStrokes();
  }

  #drawStrokes() {
    const strokes = strokesOf(this.#marks, this.scale);
    const paths = this.#svg.children;
    while (paths.length < 2 * strokes.length) this.#svg.append(makePath());
    while (paths.length > 2 * strokes.length) paths[paths.length - 1].remove();
    for (const [i, stroke] of strokes.entries()) {
      this.#drawStroke(paths[2 * i], stroke, true);
      this.#drawStroke(paths[2 * i + 1], stroke, false);
    }
  }

  /**
   * @param {Element} path
   * @param {Stroke} stroke
   * @param {boolean} casing
   */
  #drawStroke(path, { kind, d, colour, width, dashed }, casing) {
    const dash = dashed && !casing ? " seglab-dashed" : "";
    setAttribute(path, "class", `seglab-mark seglab-mark-${kind}${dash}`);
    setAttribute(path, "color", casing ? "#fff" : `rgb(${colour.join(" ")})`);
    setAttribute(path, "stroke-width", `${casing ? width + 2 * CASING : width}`);
    setAttribute(path, "d", d);
  }

  /** @param {Chip[]} chips */
  #drawChips(chips) {
    const nodes = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.#texts.children);
    while (nodes.length < chips.length) this.#texts.append(make("span", "seglab-mark-text"));
    while (nodes.length > chips.length) nodes[nodes.length - 1].remove();
    for (const [i, { text, colour, x, y, anchor, shift }] of chips.entries()) {
      setText(nodes[i], text);
      const style =
        `--x: ${100 * x}%; --y: ${100 * y}%; --right: ${anchor[1]}; --down: ${anchor[0]}; ` +
        `--shift: ${shift}px; --letters: ${text.length}; ` +
        `background: rgb(${colour.join(" ")}); color: ${inkOn(colour)}`;
      if (this.#styles[i] === style) continue;
      this.#styles[i] = style;
      nodes[i].style.cssText = style; // an attribute is what a page's security policy forbids
    }
    this.#styles.length = chips.length;
  }
}
