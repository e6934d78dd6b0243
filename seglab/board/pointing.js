// The input pixel that is pointed at: read in every pane that lies on the same input.

import { setText } from "./dom.js";
import { minus } from "./text.js";
import { NONE } from "./tools.js";

/** @import { GridPane, Pair, Pane } from "./frames.js" */
/** @import { Reading } from "./kinds.js" */
/** @import { Legends } from "./legend.js" */
/** @import { Linked } from "./linked.js" */
/** @import { View, Views } from "./views.js" */

/**
 * The place in words, and the cell where a cell is more than a pixel.
 *
 * @param {Pair} pixel
 * @param {Pane} data
 * @param {Pair | null} cell
 */
function placeText(pixel, data, cell) {
  const { border = 0 } = /** @type {Partial<GridPane>} */ (data);
  const [row, column] = pixel.map((n) => minus(String(n - border)));
  const text = `row ${row}, column ${column}`;
  const coarse = data.field?.stride.some((step) => step > 1);
  return coarse && cell ? `${text} · cell (${cell.join(", ")})` : text;
}

/** Where it is pointed at, and all that shows it. */
export class Pointing {
  /** @type {Pair | null} */
  at = null;
  /** @type {View | null} */
  #view = null; // the pane in which it is pointed at
  #place;
  #views;
  #legends;
  #linked;
  #say;

  /**
   * @param {HTMLElement} place where the place is written
   * @param {{ views: Views, legends: Legends, linked: Linked, say(text: string): void }} board
   */
  constructor(place, { views, legends, linked, say }) {
    this.#place = place;
    this.#views = views;
    this.#legends = legends;
    this.#linked = linked;
    this.#say = say;
  }

  /**
   * Whether a place in the one is the same place in the other; linked grids have links instead.
   *
   * @param {Pane} a
   * @param {Pane} b
   */
  #sameInput(a, b) {
    if (a.frame[0] !== b.frame[0] || a.frame[1] !== b.frame[1]) return false;
    return a === b || ![a, b].some(({ kind, name }) => kind === "table" || this.#linked.has(name));
  }

  /**
   * @param {Pair | null} at null: at nothing
   * @param {View | null} view
   * @param {boolean} aloud
   */
  point(at, view, aloud) {
    this.at = view && at;
    this.#view = at && view;
    const { hit, words } = this.#readAll();
    const data = this.#view?.data;
    const cell = hit?.cell ?? null;
    for (const one of this.#views.values()) {
      const sees = data && cell && this.#sameInput(one.data, data);
      one.showField(sees ? data.field : null, cell);
    }
    this.#legends.point(data?.name ?? "", hit?.code ?? NONE);
    setText(this.#place, this.at && data ? placeText(this.at, data, cell) : "");
    const told = this.#linked.point(this.#view, this.at);
    if (!this.at || !aloud) return;
    this.#say(told || `row ${this.at[0]}, column ${this.at[1]}: ${words.join("; ")}`);
  }

  #readAll() {
    /** @type {Reading | null} */
    let hit = null;
    /** @type {string[]} */
    const words = [];
    for (const [name, view] of this.#views) {
      const here = this.#view && this.#sameInput(view.data, this.#view.data) ? this.at : null;
      const reading = view.point(here);
      if (view === this.#view) hit = reading;
      if (here) words.push(`${name} ${reading.text}`);
    }
    return { hit: /** @type {Reading | null} */ (hit), words };
  }

  /** Say the same again, of what the panes show now; a pane made anew takes its old one's place. */
  again() {
    const view = this.#view && (this.#views.get(this.#view.name) ?? null);
    this.point(this.at, view, false);
  }
}
