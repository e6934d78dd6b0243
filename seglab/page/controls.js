// The controls of a saved lab: each stands at one of its texts.

import { make, makeButton, setAttribute, setText } from "../board/dom.js";
import { isWide, pairsFor } from "../live/pairs.js";

/** @import { Pair } from "../board/frames.js" */
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
 * A control as it is stored. spelled: its values in an address; values: what its texts mean, where
 * the page must know: 0 or 1 of a toggle, the place of a pixel.
 *
 * @typedef {{
 *   name: string, label: string, kind: string, texts: string[], spelled: string[], start: number,
 *   play: boolean, values: number[] | Pair[],
 * }} Control
 *
 * A control that only the tour moves.
 * @typedef {{ name: string, label: string, texts: string[] }} Told
 *
 * A control in the page. set: last: the last place that shows something else; off: the words of a
 * value that the control does not have.
 * @typedef {{
 *   element: HTMLElement, need: Need, set(index: number, last: number, off?: string): void,
 * }} Widget
 * @typedef {(control: Control, id: string, moved: (index: number) => void) => Omit<Widget, "need">
 * } Maker
 */

/** @param {string[]} texts */
const longest = (texts) => Math.max(...texts.map(({ length }) => length));

/** @type {Maker} */
function createRange({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "seglab-name", text);
  const input = make("input");
  const output = make("output");
  Object.assign(input, { type: "range", id, min: 0, max: texts.length - 1, step: 1 });
  label.htmlFor = id;
  output.setAttribute("for", id);
  output.style.minWidth = `${longest(texts)}ch`;
  input.addEventListener("input", () => moved(Number(input.value)));
  element.append(label, input, output);
  return {
    element,
    set(index, last, off) {
      const place = Math.min(index, last);
      if (Number(input.max) !== last) input.max = String(last);
      if (Number(input.value) !== place) input.value = String(place);
      const told = off ?? texts[place];
      setAttribute(input, "aria-valuetext", told);
      setText(output, told);
    },
  };
}

/** @type {Maker} */
function createSelect({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "seglab-name", text);
  const input = make("select");
  const other = make("option");
  input.id = id;
  label.htmlFor = id;
  input.append(...texts.map((option) => make("option", "", option)));
  input.addEventListener("change", () => moved(input.selectedIndex));
  element.append(label, input);
  return {
    element,
    set(index, _last, off) {
      if (off === undefined) other.remove();
      else {
        setText(other, off);
        input.append(other); // last: the places of the others stay
      }
      input.selectedIndex = off === undefined ? index : texts.length;
    },
  };
}

/** @type {Maker} */
function createButtons({ label: text, texts }, id, moved) {
  const element = make("div", "seglab-control");
  const group = make("div", "seglab-group");
  const title = make("span", "seglab-name", text);
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
  const other = make("output", "seglab-off");
  element.append(title, group);
  return {
    element,
    set(index, _last, off) {
      for (const [i, input] of inputs.entries()) input.checked = off === undefined && i === index;
      setText(other, off ?? "");
      if (off === undefined) other.remove();
      else group.append(other);
    },
  };
}

/** @type {Maker} */
function createToggle({ label: text, values }, id, moved) {
  const element = make("div", "seglab-control");
  const label = make("label", "seglab-name", text);
  const input = make("input");
  const meanings = values.map(Number);
  input.type = "checkbox";
  input.id = id;
  label.htmlFor = id;
  input.addEventListener("change", () => moved(meanings.indexOf(Number(input.checked))));
  element.append(label, input);
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
export function createControl(control, id, moved) {
  const made = BY_KIND[control.kind](control, id, moved);
  made.element.classList.add(`seglab-control-${control.name}`); // lights up with its panes
  return { ...made, need: widthOf(control) };
}

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
export function layOut(row, controls, width) {
  const needs = controls.map(({ need }) => need);
  row.style.setProperty("--pairs", String(pairsFor(width / LETTERS, needs)));
  for (const { element, need } of controls) element.classList.toggle("seglab-wide", isWide(need));
}

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
