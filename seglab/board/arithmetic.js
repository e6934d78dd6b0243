// The line beneath linked number grids: the arithmetic of a cell, and the buttons that walk the
// kernel from cell to cell.

import { make, makeButton, setText } from "./dom.js";

const STEP = 700; // milliseconds a cell, when the kernel walks by itself
const HINT = "Point at a cell of the output, the input or the kernel; a click holds it.";

/** The line beneath linked grids; walk(direction) returns false at the end. */
export class Arithmetic {
  element = make("div", "seglab-arithmetic");
  #words = make("div", "seglab-sum");
  #walk;
  #play;
  #timer = 0;

  /** @param {(direction: 1 | -1) => boolean} walk */
  constructor(walk) {
    this.#walk = walk;
    const buttons = make("div", "seglab-walk");
    this.#play = this.#button("Walk", "Walk the kernel over the cells", () =>
      this.#timer ? this.stop() : this.#start(),
    );
    buttons.append(
      this.#button("‹", "Previous cell", () => this.#step(-1)),
      this.#button("›", "Next cell", () => this.#step(1)),
      this.#play,
    );
    this.element.append(buttons, this.#words);
  }

  /**
   * @param {string} text
   * @param {string} label
   * @param {() => void} act
   */
  #button(text, label, act) {
    const node = makeButton("seglab-step", text, act);
    node.setAttribute("aria-label", label);
    node.title = label;
    return node;
  }

  /** @param {1 | -1} direction */
  #step(direction) {
    this.stop();
    this.#walk(direction);
  }

  #start() {
    setText(this.#play, "Stop");
    this.#walk(1);
    this.#timer = setInterval(() => this.#walk(1) || this.stop(), STEP);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    setText(this.#play, "Walk");
  }

  /**
   * @param {boolean} there whether there are linked grids at all
   * @param {string} text
   */
  show(there, text) {
    this.element.hidden = !there;
    if (!there) this.stop();
    setText(this.#words, text || HINT);
    this.#words.classList.toggle("seglab-rest", !text);
  }
}
