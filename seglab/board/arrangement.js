// The panes, tables and legends of a board, as they are arranged: each has its place, is a
// thumbnail, or is enlarged to the board.

import { make, makeButton, setAttribute, take } from "./dom.js";
import { kindOf } from "./kinds.js";
import { aspectFor, chipWidth, plan, SIDE, tableSize, widthOfSpan } from "./layout.js";
import { Legends, listed } from "./legend.js";
import { meaningsOf } from "./numbergrid.js";
import { makerOf } from "./views.js";

/** @import { DiagramPane, GridPane, Pane, TablePane } from "./frames.js" */
/** @import { Extra, Plan, Room } from "./layout.js" */
/** @import { View, Views } from "./views.js" */

/**
 * The widths of the chips beneath one plane.
 *
 * @param {Pane} data
 */
function chipsOfPlane(data) {
  if (data.kind === "grid") {
    return meaningsOf(/** @type {GridPane} */ (data)).map(([, words]) => chipWidth(words));
  }
  if (data.legendBelow || kindOf(data).key !== "legend") return [];
  return listed(data).map(chipWidth);
}

/**
 * How many columns a pane takes.
 *
 * @param {Pane} data
 */
const spanOf = (data) => (/** @type {Partial<DiagramPane>} */ (data).wide ? 2 : 1);

/**
 * @param {Pane} data
 * @returns {Extra}
 */
function extraOf(data) {
  if (data.kind === "diagram") {
    const { tall } = /** @type {DiagramPane} */ (data);
    return { lists: [], titled: false, bar: false, span: spanOf(data), tall };
  }
  const planes = data.parts.length ? data.parts : [data];
  return {
    lists: planes.map(chipsOfPlane),
    titled: planes.length > 1,
    bar: planes.some((one) => kindOf(one).key === "bar"),
  };
}

/**
 * The columns of the panes, as CSS has them; those of a tall first pane are wider.
 *
 * @param {number} columns
 * @param {number} side
 * @param {number} unit
 * @param {number} span of the first pane
 * @param {Plan["lead"]} lead
 */
function columnsFor(columns, side, unit, span, lead) {
  if (!lead) return `repeat(${columns}, ${side}px)`;
  const one = (Math.floor(lead.width * unit) - widthOfSpan(0, span, unit)) / span;
  return `repeat(${span}, ${one}px) repeat(${columns - span}, ${side}px)`;
}

/**
 * The names of a pane's planes.
 *
 * @param {Pane} data
 */
const namesIn = ({ name, parts }) => (parts.length ? parts.map((part) => part.name) : [name]);

const READABLE = 176; // CSS pixels of a pane in which 8 × 8 numbers are 10 pixels tall

/** Where the panes of a board stand. */
export class Arrangement {
  element = make("div", "seglab-area");
  legends = new Legends();
  #main = make("div", "seglab-main");
  #panes = make("div", "seglab-panes");
  #thumbnails = make("div", "seglab-thumbnails");
  #tables = make("div", "seglab-tables");
  #arithmetic;
  #views;
  #linked;
  /** @type {Pane[]} */
  #data = [];
  #enlarged = ""; // a pane's name
  #width = 0;
  #height = Infinity;
  #unit = 1; // CSS pixels of a unit of layout.js
  #given = ""; // what the panes need, as it was arranged
  #order = ""; // which figures stand where

  /**
   * @param {Views} views
   * @param {(name: string) => boolean} linked whether a pane has arithmetic
   * @param {HTMLElement} arithmetic
   */
  constructor(views, linked, arithmetic) {
    this.#views = views;
    this.#linked = linked;
    this.#arithmetic = arithmetic;
    this.#main.append(this.#panes, this.#thumbnails, this.legends.element);
    this.element.append(this.#main, this.#tables);
    this.#thumbnails.hidden = true;
    for (const name of ["pointerdown", "click"]) {
      this.#thumbnails.addEventListener(name, (event) => this.#press(event), true);
    }
  }

  /**
   * A thumbnail does nothing but grow.
   *
   * @param {Event} event
   */
  #press(event) {
    const target = /** @type {Element} */ (event.target);
    const figure = target.closest("figure");
    const view = [...this.#views.values()].find((one) => one.figure === figure);
    if (!view) return;
    take(event);
    if (event.type === "click") this.enlarge(view.name);
  }

  /** Forget what stands where: there are other panes. */
  rebuild() {
    this.#given = this.#order = "";
    for (const view of this.#views.values()) this.#addButton(view);
    if (!this.#views.has(this.#enlarged)) this.#enlarged = "";
  }

  /** @param {View} view */
  #addButton({ name, figure, stage }) {
    const button = makeButton("seglab-enlarge", "", () => this.enlarge(name));
    figure.append(button);
    stage?.addEventListener("dblclick", () => this.enlarge(name));
    figure.addEventListener("keydown", (event) => {
      const free = event.key === "Enter" && event.target === stage;
      const enters = free && !/seglab-(sets|holds)/.test(stage?.className ?? "");
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() !== "e" && !enters) return;
      take(event);
      this.enlarge(name);
    });
  }

  /**
   * Enlarge a pane to the board, or put it back where it is enlarged already.
   *
   * @param {string} name
   */
  enlarge(name) {
    this.#enlarged = this.#enlarged === name ? "" : name;
    this.#arrange();
  }

  /** Put back what is enlarged; whether there was something. */
  restore() {
    const was = this.#enlarged !== "";
    if (was) this.enlarge(this.#enlarged);
    return was;
  }

  /**
   * Arrange for other panes, unless they need what those before them needed.
   *
   * @param {Pane[]} data
   */
  show(data) {
    this.#data = data;
    const needs = JSON.stringify([
      this.#needs(),
      data.map(({ frame, size, field, parts }) => [
        [frame, size, field],
        parts.map((part) => [part.frame, part.size, part.field]),
      ]),
    ]);
    if (needs === this.#given) return;
    this.#given = needs;
    this.#arrange();
  }

  /**
   * @param {number} width
   * @param {number} height
   * @param {number} unit
   */
  fit(width, height, unit) {
    if (width === this.#width && height === this.#height && unit === this.#unit) return;
    [this.#width, this.#height, this.#unit] = [width, height, unit];
    this.#arrange();
  }

  /** The panes that stand in columns, and the tables. */
  #parts() {
    const all = this.#data.filter(({ name }) => this.#views.has(name));
    const stays = all.filter((data) => !makerOf(data).below);
    const tables = /** @type {TablePane[]} */ (all.filter((data) => makerOf(data).below));
    const large = all.find(({ name }) => name === this.#enlarged);
    if (!large) return { panes: stays, tables, limit: stays.length };
    if (makerOf(large).below) {
      return { panes: stays, tables: [/** @type {TablePane} */ (large)], limit: 0 };
    }
    return { panes: [large, ...stays.filter((one) => one !== large)], tables: [], limit: 1 };
  }

  /** @returns {Omit<Room, "width" | "height">} */
  #needs() {
    const { panes, tables, limit } = this.#parts();
    const run = this.#enlarged ? 0 : panes.map(({ name }) => this.#linked(name)).lastIndexOf(true);
    return {
      aspect: aspectFor(panes.find(({ kind }) => kind !== "diagram")?.frame ?? [1, 1]),
      panes: panes.map(extraOf),
      run: this.#enlarged ? 0 : run + 1,
      least: run >= 0 && panes.some(({ kind }) => kind === "grid") ? READABLE : undefined,
      tables: tables.map(tableSize),
      legends: this.legends.needs.map((legend) => ({
        first: panes.findIndex((data) => namesIn(data).some((name) => legend.names.has(name))),
        chips: legend.chips,
      })),
      most: this.#enlarged ? Infinity : SIDE.most,
      limit,
    };
  }

  #arrange() {
    if (!this.#width || !this.#data.length) return;
    const needs = this.#needs();
    const [width, height] = [this.#width / this.#unit, this.#height / this.#unit];
    const arranged = plan({ ...needs, width, height });
    this.#place(arranged, needs.run);
    this.#size(arranged, needs.aspect);
  }

  /**
   * Put the figures where they stand.
   *
   * @param {Plan} arranged
   * @param {number} run
   */
  #place({ shown, open, broken }, run) {
    const { panes, tables } = this.#parts();
    const names = panes.map(({ name }) => name);
    const order = JSON.stringify([names, tables.map(({ name }) => name), shown, open, broken, run]);
    if (order === this.#order) return;
    this.#order = order;
    const { activeElement: active } = document;
    const figureOf = (/** @type {Pane} */ { name }) =>
      /** @type {View} */ (this.#views.get(name)).figure;
    const figures = panes.slice(0, shown).map(figureOf);
    const arithmetic = broken && run < shown ? run : shown;
    if (run || this.#linked(names[0] ?? "")) figures.splice(arithmetic, 0, this.#arithmetic);
    const small = [...panes.slice(shown), ...tables.slice(open)].map(figureOf);
    this.#panes.replaceChildren(...figures);
    this.#thumbnails.replaceChildren(...small);
    this.#thumbnails.hidden = !small.length;
    this.#tables.replaceChildren(...tables.slice(0, open).map(figureOf));
    this.#tables.hidden = !open;
    if (active instanceof HTMLElement && this.element.contains(active)) {
      active.focus({ preventScroll: true });
    }
    this.#nameButtons();
  }

  #nameButtons() {
    for (const { name, figure } of this.#views.values()) {
      const large = name === this.#enlarged;
      const button = /** @type {HTMLElement} */ (figure.querySelector(".seglab-enlarge"));
      setAttribute(button, "aria-label", large ? `Put ${name} back` : `Enlarge ${name}`);
      button.title = large ? "Back (Esc)" : "Enlarge (E)";
      figure.classList.toggle("seglab-large", large);
    }
  }

  /**
   * @param {Plan} arranged
   * @param {number} aspect
   */
  #size({ columns, side: units, shown, beside, aside, tall, lead, narrow }, aspect) {
    const { panes, tables } = this.#parts();
    const unit = this.#unit;
    const side = Math.floor(units * unit);
    this.legends.follow(panes.slice(0, shown).flatMap(namesIn));
    const { style } = this.element;
    this.element.classList.toggle("seglab-beside", beside > 0);
    this.#main.classList.toggle("seglab-aside", aside > 0);
    const spans = panes.map((data) => (narrow ? 1 : Math.min(spanOf(data), columns)));
    this.#panes.style.gridTemplateColumns = columnsFor(columns, side, unit, spans[0], lead);
    style.setProperty("--seglab-aspect", String(aspect));
    style.setProperty("--seglab-beside", `${beside * unit}px`);
    for (const [i, data] of panes.entries()) {
      const view = this.#views.get(data.name);
      const span = i < shown ? spans[i] : 1;
      const one = i < shown ? side : SIDE.thumbnail * unit;
      const leads = lead && i === 0;
      const width = leads ? Math.floor(lead.width * unit) : widthOfSpan(one, span, unit);
      const own = leads ? width / (lead.height * unit) : (aspect * width) / one;
      view?.figure.style.setProperty("grid-column", `span ${span}`);
      view?.figure.style.setProperty("grid-row", `span ${leads ? 2 : 1}`);
      view?.figure.style.setProperty("--seglab-aspect", String(own));
      view?.fit(width, own, unit);
    }
    for (const [i, { name }] of tables.entries()) {
      this.#views.get(name)?.fit((tall[i] ?? Infinity) * unit, aspect, unit);
    }
  }
}
