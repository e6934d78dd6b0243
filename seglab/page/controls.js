// The controls of a saved lab: each stands at one of its texts.

import { make, makeButton, setAttribute, setText } from "../board/dom.js";

/** @import { Pair } from "../board/frames.js" */

const PLAY = 400; // milliseconds a step, as in the notebook

/**
 * A control as it is stored. values: what its texts mean, where the page must know: 0 or 1 of a
 * toggle, the place of a pixel.
 *
 * @typedef {{
 *   name: string, label: string, kind: string, texts: string[], start: number, play: boolean,
 *   values: number[] | Pair[],
 * }} Control
 *
 * A control in the page.
 * @typedef {{ element: HTMLElement, set(index: number): void }} Widget
 * @typedef {(control: Control, id: string, moved: (index: number) => void) => Widget} Maker
 */

/** @type {Maker} */
function createRange({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "", text);
  const input = make("input");
  const output = make("output");
  Object.assign(input, { type: "range", id, min: 0, max: texts.length - 1, step: 1 });
  label.htmlFor = id;
  output.setAttribute("for", id);
  output.style.minWidth = `${Math.max(...texts.map(({ length }) => length))}ch`;
  input.addEventListener("input", () => moved(Number(input.value)));
  element.append(label, input, output);
  return {
    element,
    set(index) {
      if (Number(input.value) !== index) input.value = String(index);
      setAttribute(input, "aria-valuetext", texts[index]);
      setText(output, texts[index]);
    },
  };
}

/** @type {Maker} */
function createSelect({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "", text);
  const input = make("select");
  input.id = id;
  label.htmlFor = id;
  input.append(...texts.map((option) => make("option", "", option)));
  input.addEventListener("change", () => moved(input.selectedIndex));
  element.append(label, input);
  return {
    element,
    set(index) {
      input.selectedIndex = index;
    },
  };
}

/** @type {Maker} */
function createButtons({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const group = make("div", "seglab-group");
  const title = make("span", "", text);
  title.id = `${id}-label`;
  group.setAttribute("role", "radiogroup");
  group.setAttribute("aria-labelledby", title.id);
  const inputs = texts.map((option, index) => {
    const label = make("label");
    const input = make("input");
    Object.assign(input, { type: "radio", name: id });
    input.addEventListener("change", () => moved(index));
    label.append(input, make("span", "", option));
    group.append(label);
    return input;
  });
  element.append(title, group);
  return {
    element,
    set(index) {
      inputs[index].checked = true;
    },
  };
}

/** @type {Maker} */
function createToggle({ label: text, values }, _id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "seglab-toggle");
  const input = make("input");
  const meanings = values.map(Number);
  input.type = "checkbox";
  input.addEventListener("change", () => moved(meanings.indexOf(Number(input.checked))));
  label.append(input, make("span", "", text));
  element.append(label);
  return {
    element,
    set(index) {
      input.checked = Boolean(values[index]);
    },
  };
}

/** @type {Record<string, Maker>} */
const BY_KIND = {
  range: createRange,
  select: createSelect,
  buttons: createButtons,
  toggle: createToggle,
  pixel: createSelect, // set by a click on a pane; a list stands in where there is no pointer
};

/** @type {Maker} */
export const createControl = (control, id, moved) => BY_KIND[control.kind](control, id, moved);

/**
 * Grey a control out while it has no effect, with the words that say so.
 *
 * @param {HTMLElement} element
 * @param {boolean} idle
 */
export function showIdle(element, idle) {
  element.classList.toggle("seglab-idle", idle);
  element.title = idle ? "no effect here" : "";
  const parts = /** @type {NodeListOf<HTMLInputElement>} */ (
    element.querySelectorAll("input, select, button")
  );
  for (const part of parts) part.disabled = idle;
}

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
