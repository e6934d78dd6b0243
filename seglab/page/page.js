// A lab's controls over its stored states, in a page that nothing else feeds.

import { Board } from "../board/board.js";
import { make, makeButton } from "../board/dom.js";
import { showIdle } from "../board/inputs.js";
import { light } from "../board/lights.js";
import { addressOf, readAddress } from "./address.js";
import { createChart } from "./chart.js";
import { createControl, createTold, layOut, Player } from "./controls.js";
import { nearest, nearestSpelled, SavedLab } from "./lab.js";
import { listenForKeys } from "./slidekeys.js";
import { listenForTheme } from "./theme.js";
import { Tour } from "./tour.js";
import { isNarrow, unitFor } from "./unit.js";

/** @import { Frame, Pair, RawPane } from "../board/frames.js" */
/** @import { Found, State } from "./lab.js" */
/** @import { Step } from "./tour.js" */

const IDLE = 40; // milliseconds
const SPARE = 4; // CSS pixels that rounding may take
const STAYS = "The pictures show the last state that worked.";

/**
 * A picture of the visitor's own, where a page can compute. show: the panes and numbers of a state
 * with all that it computes in place of what is stored; stays: why a pane is still as it is stored.
 *
 * @typedef {{
 *   active: boolean, element: HTMLElement, take(file: File): void,
 *   show(state: State, panes: RawPane[], numbers: Frame["numbers"]): Promise<{
 *     panes: RawPane[], numbers: Frame["numbers"], stays: Map<string, string>,
 *   }>,
 *   prepare(state: State, stops: () => boolean): Promise<void>,
 * }} OwnPicture
 * @typedef {(
 *   lab: SavedLab, events: { changed: () => void, complain: (sentence: string) => void },
 * ) => OwnPicture} Beginning
 */

/** The page of a saved lab. */
class LabPage {
  #page;
  #lab;
  /** @type {State} */
  #state;
  #board;
  #unit = 1;
  #pixel; // the number of the control that a click on a pane sets; below 0: none
  /** @type {Player[]} */
  #players = [];
  #row = make("div", "seglab-controls");
  #desk = make("div", "seglab-desk");
  #controls;
  #told;
  #charts;
  #tour;
  #own;
  #said = ""; // what an address says wrong
  #address = ""; // as it was read or written last
  #steps = 0;
  #drawing = false;
  #again = false;
  #last = 0; // the control that moved last
  #idle = 0;

  /**
   * @param {HTMLElement} page
   * @param {SavedLab} lab
   * @param {Beginning} [begin]
   */
  constructor(page, lab, begin) {
    const { controls, charts, told, tour } = lab.stored;
    this.#page = page;
    this.#lab = lab;
    this.#state = lab.start;
    this.#pixel = controls.findIndex(({ kind }) => kind === "pixel");
    this.#controls = controls.map((_, i) => this.#createControl(i));
    this.#told = told.map(createTold);
    this.#charts = charts.map((chart, i) =>
      createChart(
        chart,
        () => lab.drawing(i, this.#state),
        () => this.#showCharts(),
      ),
    );
    this.#tour = tour.steps.length ? new Tour(tour.steps, this) : null;
    this.#own =
      begin?.(lab, { changed: () => this.#show(), complain: (text) => this.#complain(text) }) ??
      null;
    const onPixel = (/** @type {Pair} */ at) => this.#set(this.#pixel, nearest(this.#places, at));
    this.#fitText();
    this.#stand();
    this.#board = new Board(this.#desk, {
      ...(this.#pixel < 0 ? {} : { onPixel }),
      onFile: (file) => this.#own?.take(file),
      onControl: (name, value) => this.#setNamed(name, value),
      labelOf: (name) => controls.find((control) => control.name === name)?.label,
      visibleHeight: () => (isNarrow(window.innerWidth) ? Infinity : window.innerHeight - SPARE),
      unit: () => this.#unit,
    });
    this.#desk.append(this.#drawings);
    listenForKeys(tour.clicker ? this.#tour : null);
  }

  #drawings = make("div", "seglab-drawings");

  /** Put everything in its place around the board. */
  #stand() {
    const reset = makeButton("seglab-step seglab-reset", "Reset", () => this.#reset());
    reset.title = "all controls back to the start";
    this.#row.append(...[...this.#controls, ...this.#told].map(({ element }) => element));
    if (this.#controls.length || this.#told.length) this.#row.append(reset);
    if (this.#own) this.#page.querySelector(".seglab-head")?.append(this.#own.element);
    const charts = make("div", "seglab-charts");
    charts.append(...this.#charts.map(({ button }) => button));
    this.#drawings.append(...this.#charts.map(({ element }) => element));
    this.#page
      .querySelector(".seglab-head")
      ?.after(this.#row, ...(this.#tour ? [this.#tour.element] : []), this.#desk);
    if (this.#charts.length) this.#desk.after(charts);
    this.#showCharts();
  }

  async open() {
    this.#readAddress();
    await this.#show();
    this.#page.classList.add("seglab-live");
    this.#board.fit();
    window.addEventListener("resize", () => this.#fitText());
    window.addEventListener("hashchange", () => this.#readAddress() && this.#show());
    window.addEventListener("pagehide", () => this.#stopPlaying());
  }

  /** Text grows with the window. The board hears of the window itself. */
  #fitText() {
    const { clientWidth } = document.documentElement;
    this.#unit = unitFor(clientWidth, window.innerHeight);
    this.#page.style.setProperty("--seglab-unit", `${this.#unit}px`);
    const width = (clientWidth - this.#row.offsetLeft * 2) / this.#unit;
    layOut(this.#row, [...this.#controls, ...this.#told], width);
  }

  /** The places that the pixel control may have. */
  get #places() {
    return /** @type {Pair[]} */ (this.#lab.stored.controls[this.#pixel].values);
  }

  /* ---- the address */

  /** Go where the address says; whether that is somewhere else. */
  #readAddress() {
    const { hash } = window.location;
    this.#address = hash;
    if (hash === addressOf(this.#state, this.#lab.stored)) return false;
    const { at, step, problems } = readAddress(hash, this.#lab.stored);
    this.#said = problems[0] ?? "";
    this.#state = { at, extra: -1 };
    if (step >= 0) this.#tour?.open(step);
    return true;
  }

  /** The address follows; in a frame there is none to be seen. */
  #writeAddress() {
    const hash = addressOf(this.#state, this.#lab.stored);
    const { pathname, search, hash: now } = window.location;
    if (window.parent !== window || hash === now || this.#said) return;
    if (now !== this.#address) return; // it has been changed, which is to be heard first
    try {
      window.history.replaceState(null, "", hash || pathname + search);
      this.#address = window.location.hash;
    } catch {
      // Some browsers allow only so many in a while, and the next one says it.
    }
  }

  /* ---- controls */

  /** @param {number} i */
  #createControl(i) {
    const control = this.#lab.stored.controls[i];
    const made = createControl(control, `seglab-${i}`, (index) => {
      this.#stopPlaying();
      this.#set(i, index);
    });
    if (control.play) {
      const player = new Player(control.label, (fresh) => this.#step(i, fresh));
      this.#players.push(player);
      made.element.append(player.button);
    }
    return made;
  }

  /**
   * Step to the next place that shows something else.
   *
   * @param {number} i
   * @param {boolean} fresh
   */
  #step(i, fresh) {
    const { at } = this.#state;
    const last = this.#lab.lastOf(i, at);
    const end = at[i] >= last;
    if (end && !fresh) return false;
    let next = end ? 0 : at[i] + 1;
    while (!end && next < last && !this.#lab.changes(i, at, at[i], next)) next++;
    this.#set(i, next);
    return true;
  }

  #stopPlaying() {
    for (const player of this.#players) player.stop();
  }

  #reset() {
    this.#stopPlaying();
    this.#state = this.#lab.start;
    this.#show();
  }

  /**
   * @param {number} i
   * @param {number} index
   */
  #set(i, index) {
    const { at, extra } = this.#state;
    if (extra < 0 && at[i] === index) return;
    this.#state = { at: at.map((place, j) => (j === i ? index : place)), extra: -1 };
    this.#last = i;
    this.#said = "";
    this.#show();
  }

  /**
   * Set a control by its name to the stored value that is spelled so, or to the nearest number.
   * Returns the value that it has then.
   *
   * @param {string} name
   * @param {string} value
   */
  #setNamed(name, value) {
    const { controls, stands } = this.#lab.stored;
    const i = controls.findIndex((control) => control.name === name);
    const place = i < 0 ? -1 : nearestSpelled(controls[i].spelled, value);
    this.#stopPlaying();
    if (place >= 0) this.#set(i, place);
    if (place >= 0) return controls[i].spelled[place];
    const fixed = stands.find(([other]) => other === name)?.[1];
    if (fixed) this.#board.showNotice({ text: `In this page ${name} stands at ${fixed}.` });
    return fixed ?? controls[i]?.spelled[this.#state.at[i]];
  }

  /** Say where the controls stand, and which have an effect. */
  #showControls() {
    const { at, extra } = this.#state;
    const idle = this.#lab.idle(this.#state);
    const beside = extra < 0 ? null : this.#lab.stored.extras[extra];
    const off = new Map(beside?.off);
    for (const [i, control] of this.#controls.entries()) {
      const last = beside ? this.#lab.stored.controls[i].texts.length - 1 : this.#lab.lastOf(i, at);
      const quiet = idle.has(i) || last === 0;
      control.set(at[i], quiet ? at[i] : last, off.get(i));
      showIdle(control.element, quiet);
    }
    for (const [i, told] of this.#told.entries()) told.set(beside?.told[i] ?? 0, 0);
  }

  /* ---- the tour */

  /**
   * Show the state of a step; without one, the start.
   *
   * @param {State | null} state
   */
  go(state) {
    this.#stopPlaying();
    this.#said = "";
    this.#state = state ? { at: [...state.at], extra: state.extra } : this.#lab.start;
    this.#show();
  }

  /** @param {Step} step */
  light({ sets, look }) {
    const chart = this.#charts.find(({ name }) => name === look);
    if (chart) chart.open(true);
    light(this.#page, sets, look);
  }

  /* ---- charts */

  #showCharts() {
    this.#desk.classList.toggle(
      "seglab-charted",
      this.#charts.some((chart) => chart.isOpen()),
    );
  }

  /* ---- drawing */

  /** Draw the state that the controls say; while one is decoded, only the latest waits. */
  async #show() {
    clearTimeout(this.#idle);
    this.#showControls();
    this.#again = true;
    if (this.#drawing) return;
    this.#drawing = true;
    while (this.#again) {
      this.#again = false;
      const state = this.#state;
      const found = this.#lab.lookUp(state);
      if (found.problem) {
        this.#board.showNotice({ text: found.problem, detail: STAYS, kind: "error" });
        continue;
      }
      let planes = this.#lab.load(found.needs);
      if (planes instanceof Promise) planes = await planes;
      await this.#showOne(state, found, planes);
    }
    this.#drawing = false;
    this.#idle = setTimeout(() => this.#rest(), IDLE);
  }

  /**
   * Draw a state as it is stored, or as it is for the visitor's own picture.
   *
   * @param {State} state
   * @param {Found} found
   * @param {Map<number, Uint8Array>} planes
   */
  async #showOne(state, { records, numbers }, planes) {
    const panes = this.#lab.panes(records, planes);
    if (!this.#own?.active) return this.#draw(state, panes, numbers, new Map());
    try {
      const own = await this.#own.show(state, panes, numbers);
      this.#draw(state, own.panes, own.numbers, own.stays);
    } catch (error) {
      if (this.#again) return; // of a picture that another has replaced
      this.#complain(error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {string} sentence */
  #complain(sentence) {
    this.#board.showNotice({ text: sentence, detail: STAYS, kind: "error" });
  }

  /**
   * @param {State} state
   * @param {RawPane[]} panes
   * @param {Frame["numbers"]} numbers
   * @param {Map<string, string>} stays
   */
  #draw(state, panes, numbers, stays) {
    const { fixed } = this.#lab.stored;
    this.#board.draw({
      step: ++this.#steps,
      panes,
      numbers,
      status: fixed,
      pixel: this.#pointOf(state),
      takesFile: this.#own !== null,
    });
    this.#dim(stays);
    this.#board.showNotice(this.#said ? { text: this.#said, detail: "", kind: "error" } : null);
    for (const chart of this.#charts) chart.draw();
    this.#page.dataset.state = state.at.join(" ");
  }

  /**
   * Dim the panes that the page cannot compute of the visitor's own picture, and say why.
   *
   * @param {Map<string, string>} stays
   */
  #dim(stays) {
    for (const figure of this.#desk.querySelectorAll("figure")) {
      const name = figure.querySelector("figcaption")?.textContent ?? "";
      const why = stays.get(name);
      figure.classList.toggle("seglab-stays", why !== undefined);
      if (why === undefined) delete figure.dataset.why;
      else figure.dataset.why = `Not of your picture: ${why}.`;
    }
  }

  /**
   * The lab's point.
   *
   * @param {State} state
   * @returns {Frame["pixel"]}
   */
  #pointOf({ at, extra }) {
    const { pixel, extras } = this.#lab.stored;
    if (!pixel) return pixel;
    const beside = extra < 0 ? null : extras[extra].pixel;
    if (beside) return { ...pixel, at: beside };
    return this.#pixel < 0 ? pixel : { ...pixel, at: this.#places[at[this.#pixel]] };
  }

  /** When nothing moves: decode what may be asked for next. */
  async #rest() {
    this.#writeAddress();
    const here = this.#steps;
    const stops = () => this.#drawing || this.#steps !== here;
    for (const next of this.#lab.neighbours(this.#state, this.#last)) {
      await this.#lab.load(this.#lab.lookUp(next).needs);
      if (stops()) return;
      if (this.#own?.active) await this.#own.prepare(next, stops).catch(() => {});
      if (stops()) return;
    }
  }
}

/** @param {string} id of what a page stores */
export const storedText = (id) => document.getElementById(id)?.textContent ?? "";

/**
 * Open the page.
 *
 * @param {Beginning} [begin] of a picture of the visitor's own
 */
export async function openPage(begin) {
  listenForTheme();
  const page = /** @type {HTMLElement} */ (document.querySelector(".seglab-page"));
  try {
    const lab = await SavedLab.read(storedText("seglab-stored"), storedText("seglab-planes"));
    await new LabPage(page, lab, begin).open();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const said = make("p", "seglab-notice", `This slide shows one state only: ${why}`);
    page.querySelector(".seglab-head")?.after(said);
  }
}
