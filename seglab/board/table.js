// A table of short texts and numbers.

import { make, makeCaption } from "./dom.js";
import { NONE } from "./tools.js";

/** @import { TablePane } from "./frames.js" */
/** @import { Reading } from "./kinds.js" */

/**
 * A row of a table.
 *
 * @param {string[]} texts
 * @param {boolean[]} numeric
 * @param {"th" | "td"} tag
 */
function createRow(texts, numeric, tag) {
  const row = make("tr");
  const cells = texts.map((text, i) => make(tag, numeric[i] ? "seglab-figure" : "", text));
  if (tag === "th") for (const cell of cells) cell.setAttribute("scope", "col");
  row.append(...cells);
  return row;
}

/** A pane that is a real table; it takes no pointer and lies on no input. */
export class TableView {
  figure = make("figure", "seglab-pane");
  #scroll = make("div", "seglab-scroll");
  #table = make("table", "seglab-table");
  #drawn = "";

  /**
   * @param {string} name
   * @param {TablePane} data
   */
  constructor(name, data) {
    this.name = name;
    this.data = data;
    this.#table.setAttribute("aria-label", name);
    this.#scroll.append(this.#table);
    this.figure.append(makeCaption(name), this.#scroll);
  }

  /** @param {TablePane} data */
  draw(data) {
    this.data = data;
    const { columns, rows, numeric, highlight } = data;
    const now = JSON.stringify([columns, rows, highlight]);
    if (now === this.#drawn) return;
    this.#drawn = now;
    const [head, body] = [make("thead"), make("tbody")];
    head.append(createRow(columns, numeric, "th"));
    const lines = rows.map((texts) => createRow(texts, numeric, "td"));
    const lit = highlight === null ? undefined : lines[highlight];
    if (lit) {
      lit.className = "seglab-lit";
      lit.setAttribute("aria-current", "true");
    }
    body.append(...lines);
    this.#table.replaceChildren(head, body);
  }

  /** @returns {Reading} */
  point() {
    return { cell: null, code: NONE, colour: "", text: "" };
  }

  /**
   * A table that has less room than it needs is scrolled, by keys too.
   *
   * @param {number} height
   */
  fit(height) {
    this.figure.style.maxHeight = height === Infinity ? "" : `${height}px`;
    this.#scroll.tabIndex = 0;
  }

  showField() {}
  showLinks() {}
  showPoint() {}
  explain() {}
}
