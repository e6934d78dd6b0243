// A grid of number cells with presets, and a size; every accepted change sends all rows once.

import { hasModifier, make } from "../board/dom.js";
import { hearLate } from "./late.js";
import { followRows } from "./rows.js";

/** @import { Context } from "./model.js" */

/** @typedef {number[][]} Rows */

const OWN = "your own";
const SMALLEST = 64; // the largest denominator that is looked for

/**
 * @param {Rows} a
 * @param {Rows} b
 */
const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/**
 * A number as it reads in a cell: a fraction where that is shorter than its decimals.
 *
 * @param {number} value
 */
export function cellText(value) {
  const plain = String(Number(value.toFixed(4)));
  if (Math.abs(value - Number(plain)) > 1e-12) {
    for (let below = 2; below <= SMALLEST; below++) {
      const above = Math.round(value * below);
      if (Math.abs(value - above / below) < 1e-9) return `${above}/${below}`.replace("-", "−");
    }
  }
  return plain.replace("-", "−");
}

/**
 * The number that a text means: 2, −0.5, 0,5 or 1/9; NaN for anything else.
 *
 * @param {string} text
 */
export function parse(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const number = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
  const match = plain.match(new RegExp(`^(${number})(?:\\s*/\\s*(${number}))?$`));
  if (!match) return NaN;
  const value = Number(match[1]) / Number(match[2] ?? 1);
  return Number.isFinite(value) ? value : NaN;
}

/**
 * The same numbers in a grid of another size: cut from the middle, or set into zeros. A single row
 * is cut at its end.
 *
 * @param {Rows} rows
 * @param {number} wide
 * @param {number} tall
 */
export function resized(rows, wide, tall = wide) {
  const down = Math.floor((tall - rows.length) / 2);
  const isRow = tall === 1 && rows.length === 1;
  const right = isRow ? 0 : Math.floor((wide - rows[0].length) / 2);
  const [places, across] = [tall, wide].map((count) => [...Array(count).keys()]);
  return places.map((r) => across.map((c) => rows[r - down]?.[c - right] ?? 0));
}

/**
 * Which cell an arrow key leads to, as a step; null where the caret moves within the text.
 *
 * @param {string} key
 * @param {HTMLInputElement} input
 */
export function stepOf(key, { selectionStart, selectionEnd, value }) {
  const all = selectionStart === 0 && selectionEnd === value.length;
  if (key === "ArrowUp") return [-1, 0];
  if (key === "ArrowDown") return [1, 0];
  if (key === "ArrowLeft" && (all || selectionEnd === 0)) return [0, -1];
  if (key === "ArrowRight" && (all || selectionStart === value.length)) return [0, 1];
  return null;
}

/** The editor of a Matrix control. */
class MatrixEditor {
  #model;
  #preset = make("select");
  #size = make("select");
  #cells = make("div", "seglab-matrix-cells");
  #says = make("div", "seglab-matrix-says");
  /** @type {HTMLInputElement[]} */
  #inputs = [];
  #shape = "";

  /** @param {Context} context */
  constructor({ model, el }) {
    this.#model = model;
    const label = model.get("label");
    const root = make("div", "seglab-matrix");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", label);
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take the keys
    this.#says.setAttribute("role", "status");
    const head = make("div", "seglab-matrix-head");
    head.append(make("span", "widget-label", label), this.#preset, this.#size);
    const side = make("div", "seglab-matrix-side");
    side.append(head, this.#says);
    root.append(side, this.#cells);
    el.append(root);
    this.#choices(label);
  }

  /** @returns {Rows} */
  get #rows() {
    return this.#model.get("rows");
  }

  /** How many rows there are always; 0: as many as columns. */
  get #tall() {
    return Number(this.#model.get("tall") ?? 0);
  }

  /** @returns {[name: string, rows: Rows][]} */
  get #presets() {
    return this.#model.get("presets");
  }

  /** @param {string} label */
  #choices(label) {
    const [preset, size] = [this.#preset, this.#size];
    preset.setAttribute("aria-label", `${label}: preset`);
    size.setAttribute("aria-label", `${label}: size`);
    for (const [name] of this.#presets) preset.append(new Option(name, name));
    for (let n = 1; n <= this.#model.get("largest"); n++) {
      size.append(new Option(`${this.#tall || n} × ${n}`, String(n)));
    }
    preset.addEventListener("change", () => {
      const found = this.#presets.find(([name]) => name === preset.value);
      if (found) this.#send(found[1]);
    });
    size.addEventListener("change", () => {
      const wide = Number(size.value);
      this.#send(resized(this.#rows, wide, this.#tall || wide));
    });
  }

  /** @param {Rows} next */
  #send(next) {
    this.#says.textContent = "";
    if (equal(next, this.#rows)) return;
    this.#model.set("rows", next);
    this.#model.save_changes();
  }

  draw() {
    const rows = this.#rows;
    const shape = `${rows.length} ${rows[0].length}`;
    if (this.#shape !== shape) {
      this.#shape = shape;
      this.#cells.style.gridTemplateColumns = `repeat(${rows[0].length}, 1fr)`;
      this.#inputs = rows.flatMap((row, r) => row.map((_, c) => this.#createCell(r, c)));
      this.#cells.replaceChildren(...this.#inputs);
    }
    for (const [i, value] of rows.flat().entries()) {
      this.#inputs[i].value = cellText(value);
      this.#inputs[i].removeAttribute("aria-invalid");
    }
    const preset = this.#presets.find(([, those]) => equal(those, rows));
    const own = [...this.#preset.options].find((option) => option.value === "");
    if (!preset && !own) this.#preset.append(new Option(OWN, ""));
    if (preset && own) own.remove();
    this.#preset.value = preset ? preset[0] : "";
    const wide = rows[0].length;
    this.#size.value = rows.length === (this.#tall || wide) ? String(wide) : "";
  }

  /**
   * @param {number} row
   * @param {number} column
   */
  #createCell(row, column) {
    const input = make("input");
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.spellcheck = false;
    input.setAttribute("aria-label", `row ${row}, column ${column}`);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("change", () => this.#accept(input, row, column));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the notebook has keys of its own
      if (event.key === "Enter") this.#accept(input, row, column);
      else if (event.key === "Escape") this.#forget(input, row, column);
      else this.#move(event, input, row, column);
    });
    return input;
  }

  /**
   * @param {HTMLInputElement} input
   * @param {number} row
   * @param {number} column
   */
  #accept(input, row, column) {
    const value = parse(input.value);
    if (Number.isNaN(value)) {
      input.setAttribute("aria-invalid", "true");
      this.#says.textContent = `“${input.value}” is no number; write 2, −0.5 or 1/9`;
      return;
    }
    const before = this.#rows[row][column];
    const unchanged = cellText(before) === cellText(value); // 1/9 keeps all its digits
    const next = this.#rows.map((line) => [...line]);
    if (!unchanged) next[row][column] = value;
    input.removeAttribute("aria-invalid");
    input.value = cellText(unchanged ? before : value);
    this.#send(next);
  }

  /**
   * @param {HTMLInputElement} input
   * @param {number} row
   * @param {number} column
   */
  #forget(input, row, column) {
    input.value = cellText(this.#rows[row][column]);
    input.removeAttribute("aria-invalid");
    this.#says.textContent = "";
    input.blur();
  }

  /**
   * Arrows go to the neighbouring cell; within a text they first move the caret.
   *
   * @param {KeyboardEvent} event
   * @param {HTMLInputElement} input
   * @param {number} row
   * @param {number} column
   */
  #move(event, input, row, column) {
    const step = event.shiftKey || hasModifier(event) ? null : stepOf(event.key, input);
    if (!step) return;
    const [height, width] = [this.#rows.length, this.#rows[0].length];
    const [r, c] = [row + step[0], column + step[1]];
    if (r >= 0 && r < height && c >= 0 && c < width) this.#inputs[r * width + c].focus();
    event.preventDefault();
  }
}

/** @param {Context} context */
function render(context) {
  const editor = new MatrixEditor(context);
  return followRows(context, () => editor.draw());
}

export default { initialize: hearLate, render };
