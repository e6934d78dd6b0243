// A saved lab: which panes, numbers and charts each state of the controls shows.

import { inflate, octets, Planes } from "./stored.js";

/** @import { Frame, Header, Pair, RawPane } from "../board/frames.js" */
/** @import { Chart } from "./chart.js" */
/** @import { Control, Told } from "./controls.js" */
/** @import { Blob64 } from "./stored.js" */
/** @import { Step } from "./tour.js" */

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
 * A state of the tour beside those that the controls reach. at: where the controls stand, off:
 * those of them whose value the page does not have, with its words; told: what the controls say
 * that only the tour moves.
 * @typedef {{
 *   at: number[], off: [number, string][], told: number[], idle: number[], pixel: Pair | null,
 *   panes: number[], numbers: (string[] | number)[], charts: string[],
 * }} Extra
 *
 * @typedef {{
 *   controls: Control[], idle: (Output<number> & { control: number })[], fixed: string,
 *   stands: [string, string][], told: Told[], tour: { steps: Step[], clicker: boolean },
 *   pixel: { at: Pair, size: Pair } | null, extras: Extra[],
 *   panes: Output<number>[], numbers: Output<string[]>[], pictures: Stored[],
 *   problems: string[], charts: Chart[], blobs: Blob64[],
 * }} StoredLab
 *
 * A state: the places of the controls; extra: which of the extras it is instead, below 0: none.
 * @typedef {{ at: number[], extra: number }} State
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
 * @param {number[]} at
 */
export const placeOf = (reach, counts, at) =>
  reach.reduce((place, i) => place * counts[i] + at[i], 0);

/**
 * Places with one of the controls at another.
 *
 * @param {number[]} at
 * @param {number} control
 * @param {number} to
 */
const moved = (at, control, to) => at.map((place, i) => (i === control ? to : place));

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

  /** @returns {State} */
  get start() {
    return { at: this.stored.controls.map(({ start }) => start), extra: -1 };
  }

  /**
   * The place of a state in an output's table.
   *
   * @param {{ reach: number[] }} output
   * @param {number[]} at
   */
  placeIn({ reach }, at) {
    return placeOf(reach, this.#counts, at);
  }

  /**
   * The numbers of the controls that have no effect in a state.
   *
   * @param {State} state
   */
  idle({ at, extra }) {
    if (extra >= 0) return new Set(this.stored.extras[extra].idle);
    const idle = this.stored.idle.filter((table) => table.shown[this.placeIn(table, at)]);
    return new Set(idle.map(({ control }) => control));
  }

  /**
   * The last place of a control that shows something else than the place before it.
   *
   * @param {number} control
   * @param {number[]} at
   */
  lastOf(control, at) {
    for (let last = this.#counts[control] - 1; last > 0; last--) {
      if (this.changes(control, at, last - 1, last)) return last;
    }
    return 0;
  }

  /**
   * Whether two places of a control show something else, or leave effect to other controls.
   *
   * @param {number} control
   * @param {number[]} at
   * @param {number} one
   * @param {number} other
   */
  changes(control, at, one, other) {
    const { panes, numbers, charts, idle } = this.stored;
    const all = [...panes, ...numbers, ...charts, ...idle];
    const outputs = all.filter(({ reach }) => reach.includes(control));
    const [here, there] = [one, other].map((place) => moved(at, control, place));
    return outputs.some(
      (output) =>
        String(output.shown[this.placeIn(output, here)]) !==
        String(output.shown[this.placeIn(output, there)]),
    );
  }

  /**
   * The drawing of a chart.
   *
   * @param {number} number
   * @param {State} state
   */
  drawing(number, { at, extra }) {
    const chart = this.stored.charts[number];
    return extra < 0
      ? chart.shown[this.placeIn(chart, at)]
      : this.stored.extras[extra].charts[number];
  }

  /**
   * @param {State} state
   * @returns {Found}
   */
  lookUp({ at, extra }) {
    const { panes, numbers, pictures, problems, extras } = this.stored;
    /** @type {<Shown>(output: Output<Shown>) => Shown | number} */
    const of = (output) => output.shown[this.placeIn(output, at)];
    const [pictured, told] =
      extra < 0 ? [panes.map(of), numbers.map(of)] : [extras[extra].panes, extras[extra].numbers];
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
   * @param {State} state
   * @param {number} last
   * @returns {State[]}
   */
  neighbours({ at }, last) {
    const order = [...new Set([last, ...at.keys()])].filter((i) => i in at);
    const next = [1, -1].flatMap((step) => order.map((i) => moved(at, i, at[i] + step)));
    return next
      .filter((those) => those.every((index, i) => index >= 0 && index < this.#counts[i]))
      .map((those) => ({ at: those, extra: -1 }));
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

/**
 * The place of the value that is spelled so, or of the nearest number; -1: there is none.
 *
 * @param {string[]} spelled
 * @param {string} value
 */
export function nearestSpelled(spelled, value) {
  const same = spelled.indexOf(value);
  const away = spelled.map((other) => Math.abs(Number(other) - Number(value)));
  if (same >= 0 || !away.length || away.some(Number.isNaN)) return same;
  return away.indexOf(Math.min(...away));
}
