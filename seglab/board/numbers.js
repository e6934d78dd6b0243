// The numbers of a lab, with their names. One that has just changed is marked for a moment, with
// what it was.

import { createCode } from "./code.js";
import { make, setText } from "./dom.js";

/** @import { Frame } from "./frames.js" */

const MARKED = 1200; // milliseconds
const SHORT = 9; // letters: a longer text has no room for what it was

function createPlain() {
  const element = make("dd");
  return { element, set: (/** @type {string} */ text) => setText(element, text) };
}

/** @param {string} [kind] */
function createNumber(kind) {
  const element = make("div");
  const name = make("dt");
  const value = kind === "code" ? createCode() : createPlain();
  const was = make("span", "seglab-was");
  was.setAttribute("aria-hidden", "true");
  element.append(name, value.element, was);
  return { element, name, value, was, text: "" };
}

/** A list of numbers: made anew only where their kinds change. */
export class Numbers {
  element = make("dl", "seglab-numbers");
  /** @type {ReturnType<typeof createNumber>[]} */
  #rows = [];
  /** @type {string | null} */
  #kinds = null;
  #timer = 0;

  /** @param {Frame["numbers"]} numbers */
  draw(numbers) {
    const kinds = numbers.map(([, , kind]) => kind ?? "").join();
    if (kinds !== this.#kinds) {
      this.#kinds = kinds;
      this.#rows = numbers.map(([, , kind]) => createNumber(kind));
      this.element.replaceChildren(...this.#rows.map(({ element }) => element));
    }
    const fresh = numbers.map(([name, text], i) => this.#write(i, name, text));
    if (!fresh.includes(true)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#unmark(), MARKED);
  }

  /**
   * Write one number; whether it says something else than before.
   *
   * @param {number} i
   * @param {string} name
   * @param {string} text
   */
  #write(i, name, text) {
    const row = this.#rows[i];
    const changed = row.name.textContent === name && row.text !== text;
    row.element.classList.toggle("seglab-changed", changed);
    setText(row.was, changed && row.text.length <= SHORT ? row.text : "");
    setText(row.name, name);
    row.value.set(text);
    row.text = text;
    return changed;
  }

  #unmark() {
    for (const { element } of this.#rows) element.classList.remove("seglab-changed");
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
