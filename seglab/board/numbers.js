// The numbers of a lab, with their names.

import { createCode } from "./code.js";
import { make, setText } from "./dom.js";

/** @import { Frame } from "./frames.js" */

function createPlain() {
  const element = make("dd");
  return { element, set: (/** @type {string} */ text) => setText(element, text) };
}

/** @param {string} [kind] */
function createNumber(kind) {
  const element = make("div", kind === "code" ? "seglab-line" : "");
  const name = make("dt");
  const value = kind === "code" ? createCode() : createPlain();
  element.append(name, value.element);
  return { element, name, value };
}

/** A list of numbers: made anew only where their kinds change. */
export class Numbers {
  element = make("dl", "seglab-numbers");
  /** @type {ReturnType<typeof createNumber>[]} */
  #rows = [];
  /** @type {string | null} */
  #kinds = null;

  /** @param {Frame["numbers"]} numbers */
  draw(numbers) {
    const kinds = numbers.map(([, , kind]) => kind ?? "").join();
    if (kinds !== this.#kinds) {
      this.#kinds = kinds;
      this.#rows = numbers.map(([, , kind]) => createNumber(kind));
      this.element.replaceChildren(...this.#rows.map(({ element }) => element));
    }
    for (const [i, [name, text]] of numbers.entries()) {
      setText(this.#rows[i].name, name);
      this.#rows[i].value.set(text);
    }
  }
}
