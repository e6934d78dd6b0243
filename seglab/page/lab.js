// A saved lab: which panes, numbers and charts each state of the controls shows.

import { inflate, octets, Planes } from "./stored.js";

/** @import { Frame, Header, Pair, RawPane } from "../board/frames.js" */
/** @import { Chart } from "./chart.js" */
/** @import { Control } from "./controls.js" */
/** @import { Blob64 } from "./stored.js" */

/**
 * Something that is shown. reach: the controls that it depends on; shown: what it shows in each
 * of their states, in the order of the last control first; below 0: a problem.
 *
 * @template Shown
 * @typedef {{ name: string, reach: number[], shown: (Shown | number)[] }} Output
 */

/**
 * A pane with the numbers of its planes; below 0: none.
 * @typedef {Header & { plane: number, palette: number, parts: Stored[] }} Stored
 *
 * @typedef {{
 *   controls: Control[], idle: (Output<number> & { control: number })[], fixed: string,
 *   pixel: { at: Pair, size: Pair } | null,
 *   panes: Output<number>[], numbers: Output<string[]>[], pictures: Stored[],
 *   problems: string[], charts: Chart[], blobs: Blob64[],
 * }} StoredLab
 *
 * A state, looked up: the records and numbers that it shows and the planes that they need, or the
 * sentence that stands in their place.
 * @typedef {{
 *   problem?: string, records: Stored[], needs: number[], numbers: Frame["numbers"],
 * }} Found
 */

/**
 * The place of a state among those that an output tells apart.
 *
 * @param {number[]} reach
 * @param {number[]} counts how many values each control has
 * @param {number[]} state
 */
export const placeOf = (reach, counts, state) =>
  reach.reduce((place, i) => place * counts[i] + state[i], 0);

/**
 * @param {Stored} record
 * @returns {Stored[]}
 */
const partsOf = (record) => (record.parts.length ? record.parts.flatMap(partsOf) : [record]);

/**
 * @param {Stored} record
 * @param {Map<number, Uint8Array>} planes
 * @returns {RawPane}
 */
const filled = (record, planes) => ({
  ...record,
  plane: planes.get(record.plane),
  palette: planes.get(record.palette),
  parts: record.parts.map((part) => filled(part, planes)),
});

/** A saved lab, as far as it needs no page. */
export class SavedLab {
  #counts;
  #planes;
  /** @type {{ record: Stored, pane: RawPane }[]} */
  #shown = [];

  /**
   * @param {StoredLab} stored
   * @param {string} planes
   */
  constructor(stored, planes) {
    this.stored = stored;
    this.#planes = new Planes(stored.blobs, planes);
    this.#counts = stored.controls.map(({ texts }) => texts.length);
  }

  /**
   * @param {string} lab the stored lab, deflated
   * @param {string} planes
   */
  static async read(lab, planes) {
    const text = new TextDecoder().decode(await inflate(octets(lab)));
    return new SavedLab(JSON.parse(text), planes);
  }

  /**
   * @param {{ reach: number[] }} output
   * @param {number[]} state
   */
  place({ reach }, state) {
    return placeOf(reach, this.#counts, state);
  }

  /**
   * The numbers of the controls that have no effect in a state.
   *
   * @param {number[]} state
   */
  idle(state) {
    const idle = this.stored.idle.filter((table) => table.shown[this.place(table, state)]);
    return new Set(idle.map(({ control }) => control));
  }

  /**
   * @param {number[]} state
   * @returns {Found}
   */
  lookUp(state) {
    const { panes, numbers, pictures, problems } = this.stored;
    /** @type {<Shown>(output: Output<Shown>) => Shown | number} */
    const of = (output) => output.shown[this.place(output, state)];
    const [pictured, told] = [panes.map(of), numbers.map(of)];
    const wrong = [...pictured, ...told].find((shown) => typeof shown === "number" && shown < 0);
    if (typeof wrong === "number") {
      return { problem: problems[-1 - wrong], records: [], needs: [], numbers: [] };
    }
    const records = pictured.map((number) => pictures[number]);
    const all = records.flatMap(partsOf).flatMap(({ plane, palette }) => [plane, palette]);
    const needs = [...new Set(all.filter((number) => number >= 0))];
    const texts = told.map((shown, i) => [numbers[i].name, .../** @type {string[]} */ (shown)]);
    return { records, needs, numbers: /** @type {Frame["numbers"]} */ (texts) };
  }

  /** @param {number[]} needs */
  load(needs) {
    return this.#planes.loadAll(needs);
  }

  /**
   * The panes of records; what is shown already is the same object again.
   *
   * @param {Stored[]} records
   * @param {Map<number, Uint8Array>} planes
   */
  panes(records, planes) {
    this.#shown = records.map((record, i) => {
      const before = this.#shown[i];
      return before?.record === record ? before : { record, pane: filled(record, planes) };
    });
    return this.#shown.map(({ pane }) => pane);
  }

  /**
   * The states that a visitor may ask for next: a step of a control, the last one's first.
   *
   * @param {number[]} state
   * @param {number} last
   */
  neighbours(state, last) {
    const order = [...new Set([last, ...state.keys()])].filter((i) => i in state);
    const next = [1, -1].flatMap((step) =>
      order.map((i) => state.map((index, j) => (j === i ? index + step : index))),
    );
    return next.filter((those) => those.every((index, i) => index >= 0 && index < this.#counts[i]));
  }
}

/**
 * The place in a list that is nearest to a position.
 *
 * @param {Pair[]} places
 * @param {Pair} at
 */
export function nearest(places, at) {
  const away = places.map(([y, x]) => (y - at[0]) ** 2 + (x - at[1]) ** 2);
  return away.indexOf(Math.min(...away));
}
