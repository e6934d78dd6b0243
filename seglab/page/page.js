// A lab's controls over its stored states, in a page that nothing else feeds.

import { Board } from "../board/board.js";
import { make, makeButton } from "../board/dom.js";
import { createChart } from "./chart.js";
import { createControl, Player, showIdle } from "./controls.js";
import { createFit } from "./fit.js";
import { nearest, SavedLab } from "./lab.js";
import { forwardKeys } from "./slidekeys.js";

/** @import { Frame, Pair } from "../board/frames.js" */
/** @import { Found } from "./lab.js" */

const IDLE = 40; // milliseconds
const STAYS = "The pictures show the last state that worked.";

/** The page of a saved lab. */
class LabPage {
  #page;
  #lab;
  #state;
  #board;
  #pixel; // the number of the control that a click on a pane sets; below 0: none
  /** @type {Player[]} */
  #players = [];
  #controls;
  #charts;
  #refit;
  #steps = 0;
  #drawing = false;
  #again = false;
  #last = 0; // the control that moved last
  #idle = 0;

  /**
   * @param {HTMLElement} page
   * @param {SavedLab} lab
   */
  constructor(page, lab) {
    const { controls, charts } = lab.stored;
    this.#page = page;
    this.#lab = lab;
    this.#state = controls.map(({ start }) => start);
    this.#pixel = controls.findIndex(({ kind }) => kind === "pixel");
    const onPixel = (/** @type {Pair} */ at) => this.#set(this.#pixel, nearest(this.#places, at));
    this.#board = new Board(page, this.#pixel < 0 ? {} : { onPixel });
    this.#controls = controls.map((_, i) => this.#createControl(i));
    this.#charts = charts.map((chart) => createChart(chart, () => lab.place(chart, this.#state)));
    const row = make("div", "seglab-row");
    row.append(...this.#controls.map(({ element }) => element));
    if (controls.length) row.append(makeButton("seglab-step", "Reset", () => this.#reset()));
    page.querySelector(".seglab-head")?.after(row);
    page.append(...this.#charts.map(({ element }) => element));
    this.#refit = createFit(page, this.#board);
  }

  async open() {
    await this.#show();
    this.#page.classList.add("seglab-live");
    this.#refit(false);
    window.addEventListener("resize", () => this.#refit(false));
    window.addEventListener("pagehide", () => this.#stopPlaying());
  }

  /** The places that the pixel control may have. */
  get #places() {
    return /** @type {Pair[]} */ (this.#lab.stored.controls[this.#pixel].values);
  }

  /* ---- controls */

  /** @param {number} i */
  #createControl(i) {
    const control = this.#lab.stored.controls[i];
    const made = createControl(control, `seglab-${i}`, (index) => {
      this.#stopPlaying();
      this.#set(i, index);
    });
    made.element.classList.add(`seglab-control-${control.name}`); // lights up with its panes
    if (control.play) {
      const player = new Player(control.label, (fresh) => this.#step(i, fresh));
      this.#players.push(player);
      made.element.prepend(player.button);
    }
    return made;
  }

  /**
   * @param {number} i
   * @param {boolean} fresh
   */
  #step(i, fresh) {
    const end = this.#state[i] === this.#lab.stored.controls[i].texts.length - 1;
    if (end && !fresh) return false;
    this.#set(i, end ? 0 : this.#state[i] + 1);
    return true;
  }

  #stopPlaying() {
    for (const player of this.#players) player.stop();
  }

  #reset() {
    this.#stopPlaying();
    this.#state = this.#lab.stored.controls.map(({ start }) => start);
    this.#show();
  }

  /**
   * @param {number} i
   * @param {number} index
   */
  #set(i, index) {
    if (this.#state[i] === index) return;
    this.#state[i] = index;
    this.#last = i;
    this.#show();
  }

  /* ---- drawing */

  /** Draw the state that the controls say; while one is decoded, only the latest waits. */
  async #show() {
    const idle = this.#lab.idle(this.#state);
    for (const [i, control] of this.#controls.entries()) {
      control.set(this.#state[i]);
      showIdle(control.element, idle.has(i));
    }
    this.#again = true;
    if (this.#drawing) return;
    this.#drawing = true;
    while (this.#again) {
      this.#again = false;
      const state = [...this.#state];
      const found = this.#lab.lookUp(state);
      if (found.problem) {
        this.#board.showNotice({ text: found.problem, detail: STAYS, kind: "error" });
        continue;
      }
      let planes = this.#lab.load(found.needs);
      if (planes instanceof Promise) planes = await planes;
      this.#draw(state, found, planes);
    }
    this.#drawing = false;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#rest(), IDLE);
  }

  /**
   * @param {number[]} state
   * @param {Found} found
   * @param {Map<number, Uint8Array>} planes
   */
  #draw(state, { records, numbers }, planes) {
    const { fixed } = this.#lab.stored;
    this.#board.draw({
      step: ++this.#steps,
      panes: this.#lab.panes(records, planes),
      numbers,
      status: fixed,
      pixel: this.#pointOf(state),
      takesFile: false,
    });
    this.#board.showNotice(null);
    for (const chart of this.#charts) chart.draw();
    this.#page.dataset.state = state.join(" ");
  }

  /**
   * The lab's point.
   *
   * @param {number[]} state
   * @returns {Frame["pixel"]}
   */
  #pointOf(state) {
    const { pixel } = this.#lab.stored;
    if (!pixel || this.#pixel < 0) return pixel;
    return { ...pixel, at: this.#places[state[this.#pixel]] };
  }

  /** When nothing moves: see that all fits, and decode what may be asked for next. */
  async #rest() {
    this.#refit(true);
    const here = this.#steps;
    for (const next of this.#lab.neighbours(this.#state, this.#last)) {
      await this.#lab.load(this.#lab.lookUp(next).needs);
      if (this.#drawing || this.#steps !== here) return;
    }
  }
}

/** @param {HTMLElement} page */
async function openPage(page) {
  const read = (/** @type {string} */ id) => document.getElementById(id)?.textContent ?? "";
  const lab = await SavedLab.read(read("seglab-stored"), read("seglab-planes"));
  await new LabPage(page, lab).open();
}

forwardKeys();
const labPage = /** @type {HTMLElement} */ (document.querySelector(".seglab-page"));
openPage(labPage).catch((error) => {
  const said = make("p", "seglab-notice", `This slide shows one state only: ${error.message}`);
  labPage.querySelector(".seglab-head")?.after(said);
});
