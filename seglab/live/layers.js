// The editor of a stack of layers: one column per layer, from the image on; numbers are typed or
// stepped with the arrow keys. The kernel hears one change per edit.

import { make, makeButton } from "../board/dom.js";
import { hearLate } from "./late.js";
import { followRows } from "./rows.js";

/** @import { Context } from "./model.js" */

/**
 * A layer: its kind, kernel size, stride, padding and dilation.
 *
 * @typedef {[string, number, number, number, number]} Row
 */

const KINDS = ["conv", "pool"];
/**
 * The numbers of a layer: where each stands in its row, its bounds, and what it mostly is.
 *
 * @type {{ place: 1 | 2 | 3 | 4, name: string, letter: string, least: number, usual: number }[]}
 */
const NUMBERS = [
  { place: 1, name: "kernel size", letter: "k", least: 1, usual: NaN },
  { place: 2, name: "stride", letter: "s", least: 1, usual: 1 },
  { place: 3, name: "padding", letter: "p", least: 0, usual: 0 },
  { place: 4, name: "dilation", letter: "d", least: 1, usual: 1 },
];
/** @type {Row} */
const FRESH = ["conv", 3, 1, 1, 1];
const LARGEST = 99;
const OWN = "your own";

/** @param {string} kind */
export const kindAfter = (kind) => KINDS[(KINDS.indexOf(kind) + 1) % KINDS.length];

/**
 * The number that a cell's text means: whole, and within bounds; null for anything else.
 *
 * @param {string} text
 * @param {number} least
 */
export function wholeNumber(text, least) {
  const value = Number(text);
  if (text === "" || !Number.isInteger(value)) return null;
  return Math.min(LARGEST, Math.max(least, value));
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} act
 */
function createButton(text, title, act) {
  const node = makeButton("jupyter-button", text, act);
  node.title = title;
  return node;
}

/** The table of layers: what is clicked and typed in it goes to `edits`. */
class LayerTable {
  element = make("table");
  #edits;
  /** @type {HTMLButtonElement[]} */
  #heads = [];
  /** @type {HTMLButtonElement[]} */
  #kinds = [];
  /** @type {HTMLInputElement[][]} */
  #inputs = []; // of each layer, in the order of NUMBERS

  /**
   * @param {{
   *   pick(layer: number): void, turn(layer: number): void,
   *   type(layer: number, place: number, value: number | null): void,
   * }} edits
   */
  constructor(edits) {
    this.#edits = edits;
  }

  /** @param {Row[]} rows */
  draw(rows) {
    if (this.#kinds.length !== rows.length) this.#build(rows.length);
    for (const [layer, row] of rows.entries()) this.#drawLayer(layer, row);
  }

  /**
   * @param {number} layer
   * @param {Row} row
   */
  #drawLayer(layer, row) {
    const [kind, other] = [this.#kinds[layer], kindAfter(row[0])];
    kind.textContent = row[0];
    kind.className = `seglab-kind seglab-kind-${row[0]}`;
    kind.setAttribute("aria-label", `layer ${layer + 1}, ${row[0]}; press for ${other}`);
    kind.title = `press for ${other}`;
    for (const [i, { place, usual }] of NUMBERS.entries()) {
      const input = this.#inputs[layer][i];
      if (input.value !== String(row[place])) input.value = String(row[place]);
      input.classList.toggle("seglab-usual", row[place] === usual);
    }
  }

  /** @param {number} count */
  #build(count) {
    const layers = [...Array(count).keys()];
    this.#heads = layers.map((layer) =>
      createButton(`${layer + 1}`, `choose layer ${layer + 1}`, () => this.#edits.pick(layer)),
    );
    this.#kinds = layers.map((layer) => this.#createKind(layer));
    this.#inputs = layers.map((layer) => NUMBERS.map((_, i) => this.#createInput(layer, i)));
    const [head, body] = [make("thead"), make("tbody")];
    head.append(this.#createRow(["layer"], "th", this.#heads));
    body.append(this.#createRow(["kind"], "td", this.#kinds));
    for (const [i, { name, letter }] of NUMBERS.entries()) {
      const inputs = this.#inputs.map((those) => those[i]);
      const row = this.#createRow([`${name} `, make("i", "", letter)], "td", inputs);
      row.cells[0].setAttribute("scope", "row");
      body.append(row);
    }
    this.element.replaceChildren(head, body);
  }

  /**
   * @param {(string | Node)[]} name
   * @param {"th" | "td"} tag
   * @param {HTMLElement[]} nodes
   */
  #createRow(name, tag, nodes) {
    const row = make("tr");
    const title = make("th", "seglab-stack-name");
    title.append(...name);
    row.append(title);
    for (const [layer, node] of nodes.entries()) {
      const cell = make(tag);
      cell.setAttribute("data-seglab-thing", `layer ${layer + 1}`); // lights up with the panes
      if (tag === "th") cell.setAttribute("scope", "col");
      cell.append(node);
      row.append(cell);
    }
    return row;
  }

  /** @param {number} layer */
  #createKind(layer) {
    const kind = createButton("", "", () => this.#edits.turn(layer));
    kind.addEventListener("focus", () => this.#edits.pick(layer));
    return kind;
  }

  /**
   * @param {number} layer
   * @param {number} i
   */
  #createInput(layer, i) {
    const { place, name, least } = NUMBERS[i];
    const input = make("input");
    input.type = "number";
    input.min = String(least);
    input.max = String(LARGEST);
    input.setAttribute("aria-label", `layer ${layer + 1}, ${name}`);
    input.addEventListener("focus", () => this.#edits.pick(layer));
    const typed = () => {
      if (this.#inputs[layer]?.[i] !== input) return; // blurred because the table is built anew
      this.#edits.type(layer, place, wholeNumber(input.value, least));
    };
    for (const end of ["change", "blur"]) input.addEventListener(end, typed);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") typed(); // JupyterLab keeps Enter from making a change
    });
    return input;
  }

  /** @param {number} picked */
  mark(picked) {
    for (const row of this.element.rows) {
      for (const [i, cell] of [...row.cells].slice(1).entries()) {
        cell.classList.toggle("seglab-chosen", i === picked);
      }
    }
    for (const [i, head] of this.#heads.entries()) {
      head.setAttribute("aria-pressed", String(i === picked));
    }
  }
}

/** The editor of a Layers control. */
class LayerStack {
  #model;
  #picked;
  #preset = make("select");
  #which = make("span", "seglab-stack-which");
  #buttons;
  #table = new LayerTable({
    pick: (layer) => this.#pick(layer),
    turn: (layer) => this.#change(layer, 0, kindAfter(this.#rows[layer][0])),
    type: (layer, place, value) => this.#change(layer, place, value ?? this.#rows[layer][place]),
  });

  /** @param {Context} context */
  constructor({ model, el }) {
    this.#model = model;
    this.#picked = this.#rows.length - 1;
    this.#buttons = this.#createButtons();
    const label = model.get("label");
    const root = make("div", "seglab-stack");
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", label);
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take some keys
    const tag = make("label", "seglab-stack-label", label);
    tag.append(this.#preset);
    this.#which.setAttribute("aria-live", "polite");
    const bar = make("div", "seglab-stack-bar");
    bar.append(tag, this.#which, ...Object.values(this.#buttons));
    const scroll = make("div", "seglab-stack-scroll");
    scroll.append(this.#table.element);
    root.append(bar, scroll);
    el.append(root);
    this.#preset.addEventListener("change", () => {
      const found = this.#presets.find(([name]) => name === this.#preset.value);
      if (found) this.#commit(structuredClone(found[1]), found[1].length - 1);
    });
  }

  #createButtons() {
    return {
      add: createButton("Add after", "add a layer after the chosen one", () => {
        const next = this.#rows.slice();
        next.splice(this.#picked + 1, 0, [...FRESH]);
        this.#commit(next, this.#picked + 1);
      }),
      remove: createButton("Remove", "remove the chosen layer", () => {
        const next = this.#rows.filter((_, i) => i !== this.#picked);
        this.#commit(next, Math.max(0, this.#picked - 1));
      }),
      earlier: createButton("◂ Earlier", "move the chosen layer towards the image", () =>
        this.#move(-1),
      ),
      later: createButton("Later ▸", "move the chosen layer away from the image", () =>
        this.#move(1),
      ),
    };
  }

  /** @returns {Row[]} */
  get #rows() {
    return this.#model.get("rows");
  }

  /** @returns {[name: string, rows: Row[]][]} */
  get #presets() {
    return this.#model.get("presets");
  }

  /**
   * @param {Row[]} next
   * @param {number} picked
   */
  #commit(next, picked) {
    this.#picked = picked;
    this.#model.set("rows", next);
    this.#model.save_changes();
    this.draw();
  }

  /**
   * @param {number} layer
   * @param {number} place
   * @param {string | number} value
   */
  #change(layer, place, value) {
    if (this.#rows[layer][place] === value) {
      this.draw();
      return;
    }
    const next = structuredClone(this.#rows);
    next[layer].splice(place, 1, value);
    this.#commit(next, layer);
  }

  /** @param {1 | -1} by */
  #move(by) {
    const next = this.#rows.slice();
    const there = this.#picked + by;
    [next[this.#picked], next[there]] = [next[there], next[this.#picked]];
    this.#commit(next, there);
  }

  /** @param {number} layer */
  #pick(layer) {
    if (this.#picked === layer) return;
    this.#picked = layer;
    this.#mark();
  }

  /** Show the chosen layer, and what can be done with it. */
  #mark() {
    const count = this.#rows.length;
    const { add, remove, earlier, later } = this.#buttons;
    this.#picked = Math.min(this.#picked, count - 1);
    this.#which.textContent = `layer ${this.#picked + 1}:`;
    add.disabled = count >= this.#model.get("most");
    remove.disabled = count <= 1;
    earlier.disabled = this.#picked === 0;
    later.disabled = this.#picked === count - 1;
    this.#table.mark(this.#picked);
  }

  draw() {
    this.#table.draw(this.#rows);
    const now = JSON.stringify(this.#rows);
    const named = this.#presets.find(([, layers]) => JSON.stringify(layers) === now);
    const names = this.#presets.map(([name]) => name);
    this.#preset.replaceChildren(
      ...(named ? names : [...names, OWN]).map((name) => new Option(name, name)),
    );
    this.#preset.value = named ? named[0] : OWN;
    this.#mark();
  }
}

/** @param {Context} context */
function render(context) {
  const stack = new LayerStack(context);
  return followRows(context, () => stack.draw());
}

export default { initialize: hearLate, render };
