// The controls of a saved lab: each stands at one of its texts.

import { make, makeButton, setText } from "../board/dom.js";
import { createInput, longest } from "../board/inputs.js";
import { layPairs } from "../live/pairs.js";

/** @import { Described, Input } from "../board/inputs.js" */
/** @import { Need } from "../live/pairs.js" */

const PLAY = 400; // milliseconds a step, as in the notebook
const LETTERS = 14 / 12; // the letters here to those in the notebook
const ABOUT = {
  letter: 6.8,
  slider: 98,
  play: 34,
  select: 30,
  longest: 15,
  button: 21,
  toggle: 24,
};

/**
 * A control as it is stored. spelled: its values in an address; values: also the place of a pixel.
 *
 * @typedef {Described & { spelled: string[], start: number, play: boolean }} Control
 *
 * A control that only the tour moves.
 * @typedef {{ name: string, label: string, texts: string[] }} Told
 *
 * A control in the page.
 * @typedef {Input & { need: Need }} Widget
 */

/**
 * About how wide a control is.
 *
 * @param {Control} control
 * @returns {Need}
 */
function widthOf({ kind, label, texts, play }) {
  const letters = (/** @type {number} */ count) => ABOUT.letter * count;
  const body = {
    range: () => ABOUT.slider + letters(longest(texts)) + (play ? ABOUT.play : 0),
    select: () => ABOUT.select + letters(Math.min(ABOUT.longest, longest(texts))),
    buttons: () => texts.reduce((sum, text) => sum + letters(text.length) + ABOUT.button, 0),
    toggle: () => ABOUT.toggle,
  }[kind === "pixel" ? "select" : kind];
  return { name: letters(label.length), body: body?.() ?? 0 };
}

/**
 * @param {Control} control
 * @param {string} id
 * @param {(index: number) => void} moved
 * @returns {Widget}
 */
export const createControl = (control, id, moved) => ({
  ...createInput(control, id, moved),
  need: widthOf(control),
});

/**
 * A control that is only read.
 *
 * @param {Told} told
 * @returns {Widget}
 */
export function createTold({ name, label, texts }) {
  const element = make("div", `seglab-control seglab-told seglab-control-${name}`);
  const output = make("output");
  element.append(make("span", "seglab-name", label), output);
  element.title = "moved by the tour alone";
  const need = { name: ABOUT.letter * label.length, body: ABOUT.letter * longest(texts) };
  return { element, need, set: (index) => setText(output, texts[index]) };
}

/**
 * Put controls on a grid: as many pairs of a name and a track side by side as fit.
 *
 * @param {HTMLElement} row
 * @param {Widget[]} controls
 * @param {number} width in units of the style sheet
 */
export const layOut = (row, controls, width) => layPairs(row, width / LETTERS, controls);

/** A button that steps a control to its end, and again from the start. */
export class Player {
  #label;
  #step;
  #timer = 0;
  button = makeButton("seglab-play", "", () => (this.#timer ? this.stop() : this.#start()));

  /**
   * @param {string} label
   * @param {(fresh: boolean) => boolean} step returns false at the end; fresh: begin again there
   */
  constructor(label, step) {
    this.#label = label;
    this.#step = step;
    this.stop();
  }

  #start() {
    setText(this.button, "❚❚");
    this.button.setAttribute("aria-label", `stop ${this.#label}`);
    this.#step(true);
    this.#timer = setInterval(() => this.#step(false) || this.stop(), PLAY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    setText(this.button, "▶");
    this.button.setAttribute("aria-label", `play ${this.#label}`);
  }
}
