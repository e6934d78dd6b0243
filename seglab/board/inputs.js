// A control of the browser's own elements: a name, and what stands at one of some texts.

import { make, setAttribute, setText } from "./dom.js";

/** @import { Pair } from "./frames.js" */

/**
 * What is drawn. values: what its texts mean, where that must be known: 0 or 1 of a toggle.
 *
 * @typedef {{
 *   name: string, label: string, kind: string, texts: string[], values: number[] | Pair[],
 * }} Described
 *
 * What it is drawn as. set: last: the last place that shows something else; off: the words of a
 * value that the control does not have.
 * @typedef {{ element: HTMLElement, set(index: number, last: number, off?: string): void }} Input
 * @typedef {(control: Described, id: string, moved: (index: number) => void) => Input} Maker
 */

/** @param {string[]} texts */
export const longest = (texts) => Math.max(...texts.map(({ length }) => length));

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
 * A control, which lights up with its panes.
 *
 * @param {Described} control
 * @param {string} id that no other control has
 * @param {(index: number) => void} moved
 * @returns {Input}
 */
export function createInput(control, id, moved) {
  const made = BY_KIND[control.kind](control, id, moved);
  made.element.classList.add(`seglab-control-${control.name}`);
  return made;
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
