// A table of short texts and numbers.

import { hasModifier, make, makeCaption, take } from "./dom.js";
import { ARROWS } from "./pointer.js";
import { clamp, NONE } from "./tools.js";

/** @import { Pair, TablePane } from "./frames.js" */
/** @import { Light } from "./groups.js" */
/** @import { PaneEvents } from "./pointer.js" */
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

/** A pane that is a real table; it lies on no input, but its rows or columns may show things. */
export class TableView {
  figure = make("figure", "seglab-pane");
  #scroll = make("div", "seglab-scroll");
  #table = make("table", "seglab-table");
  #drawn = "";
  scale = 1;
  /** @type {HTMLTableRowElement[]} */
  #lines = [];
  /** @type {Light} */
  #light = {};

  /**
   * @param {string} name
   * @param {TablePane} data
   * @param {PaneEvents} events
   */
  constructor(name, data, events) {
    this.name = name;
    this.data = data;
    this.#listen(events);
    this.#table.setAttribute("aria-label", name);
    this.#scroll.append(this.#table);
    this.figure.append(makeCaption(name), this.#scroll);
  }

  /**
   * Point at the cells of a table whose rows or columns show things, by mouse and by keys.
   *
   * @param {PaneEvents} events
   */
  #listen(events) {
    this.#table.addEventListener("pointerover", ({ target }) => {
      const cell = target instanceof Element ? target.closest("td, th") : null;
      if (this.data.group && cell) events.point(this.#placeOf(cell), false);
    });
    this.#table.addEventListener("pointerleave", () => events.point(null, false));
    this.#scroll.addEventListener("blur", () => events.point(null, false));
    this.#scroll.addEventListener("keydown", (event) => {
      const move = ARROWS[event.key];
      const by = this.data.group?.by;
      const along = by === "row" ? 0 : 1;
      if (!move?.[along] || !by || hasModifier(event)) return;
      const last = (along ? this.data.columns : this.data.rows).length - 1;
      const now = events.at()?.[along] ?? -1;
      const next = clamp(now + move[along], 0, last);
      events.point(along ? [0, next] : [next, 0], true);
      this.#lines[along ? 0 : next]?.cells[along ? next : 0]?.scrollIntoView({
        block: "nearest",
        inline: "nearest",
      });
      take(event);
    });
  }

  /**
   * Row and column of a cell; the head has no row.
   *
   * @param {Element} cell
   * @returns {Pair}
   */
  #placeOf(cell) {
    const row = this.#lines.indexOf(/** @type {HTMLTableRowElement} */ (cell.parentElement));
    return [row, [...(cell.parentElement?.children ?? [])].indexOf(cell)];
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
    this.#lines = lines;
    this.#table.replaceChildren(head, body);
    this.#mark(this.#light, true);
  }

  /**
   * @param {Light} light
   * @param {boolean} isOn
   */
  #mark({ row, column }, isOn) {
    const lit =
      column === undefined
        ? this.#lines.slice(row ?? Infinity, (row ?? 0) + 1)
        : this.#table.querySelectorAll(`tr > :nth-child(${column + 1})`);
    for (const element of lit) element.classList.toggle("seglab-lit-here", isOn);
  }

  /**
   * Light up a row or a column.
   *
   * @param {Light} light
   */
  showLight(light) {
    if (light.row === this.#light.row && light.column === this.#light.column) return;
    this.#mark(this.#light, false);
    this.#light = light;
    this.#mark(light, true);
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

  showSeen() {}
  showLinks() {}
  showPoint() {}
  explain() {}
}
