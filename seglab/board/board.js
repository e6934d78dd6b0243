// The board: every pane of a lab, drawn from one frame. It knows no kernel; a host (the notebook,
// or a slide's stored frames) feeds it and hears what is clicked.

import { make, setText } from "./dom.js";
import { acceptFiles } from "./drop.js";
import { unpack } from "./frames.js";
import { aspectFor, columnsFor } from "./layout.js";
import { Legends } from "./legend.js";
import { Linked } from "./linked.js";
import { createNotice, createProgress, createSpeech } from "./notice.js";
import { Numbers } from "./numbers.js";
import { Pointing } from "./pointing.js";
import { makerOf } from "./views.js";

/** @import { Frame, Notice, Pair, Pane, RawPane } from "./frames.js" */
/** @import { PaneEvents } from "./pointer.js" */
/** @import { View, Views } from "./views.js" */

/**
 * Who feeds a board. onPixel hears a click when the frame has a pixel; onFile receives a dropped
 * file when the frame takes one.
 *
 * @typedef {{ onPixel?(at: Pair): void, onFile?(file: File): void }} Host
 * @typedef {Omit<Frame, "panes"> & { panes: Pane[] }} Drawn
 */

/** All panes of a lab, with what stands around them, in an element. */
export class Board {
  #host;
  #root = make("div", "seglab-board");
  #notice = createNotice();
  #panes = make("div", "seglab-panes");
  #tables = make("div", "seglab-tables");
  #legends = new Legends();
  #numbers = new Numbers();
  #status = make("span", "seglab-status");
  #progress = createProgress();
  #place = make("span", "seglab-place");
  #speech = createSpeech();
  /** @type {Views} */
  #views = new Map();
  #linked = new Linked(this.#root, this.#views, this.#speech.say);
  #pointing = new Pointing(this.#place, {
    views: this.#views,
    legends: this.#legends,
    linked: this.#linked,
    say: this.#speech.say,
  });
  #sizes = new ResizeObserver(() => this.fit());
  /** @type {Drawn | null} */
  #frame = null;
  /** @type {RawPane[]} */
  #arrived = []; // the frame's panes as the host gave them
  /** @type {Map<string, Pane>} */
  #shown = new Map(); // the data that each pane shows
  #width = 0; // in CSS pixels; to read it anew costs a layout of the page
  #built = ""; // which panes there are
  #shapes = ""; // and how they lie

  /**
   * @param {HTMLElement} element
   * @param {Host} host
   */
  constructor(element, host = {}) {
    this.#host = host;
    this.#root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab takes the arrows
    const foot = make("div", "seglab-foot");
    foot.append(this.#status, this.#progress.element, this.#place);
    this.#root.append(
      ...[this.#notice.element, this.#panes, this.#tables, this.#legends.element],
      ...[this.#numbers.element, foot, this.#speech.element],
    );
    element.append(this.#root);
    this.#sizes.observe(this.#root);
  }

  /**
   * Draw a frame; what is drawn already is left alone.
   *
   * @param {Frame | Record<string, never>} next
   */
  draw(next) {
    if (!next?.panes) return;
    const first = this.#frame === null;
    const frame = this.#take(/** @type {Frame} */ (next));
    const { panes, numbers } = frame;
    if (this.#builtOf(panes) !== this.#built) this.#rebuild(panes);
    this.#linked.update(panes);
    this.#placeArithmetic();
    const planes = panes.flatMap((data) => (data.parts.length ? data.parts : [data]));
    this.#drawPanes(panes, this.#legends.share(planes));
    this.#legends.draw(planes);
    this.#numbers.draw(numbers);
    setText(this.#status, frame.status || "");
    this.#root.dataset.step = String(frame.step); // what tests and benchmarks wait for
    this.#progress.show(null);
    this.#arrangeIfReshaped([...panes, ...planes]);
    this.#explain();
    this.#linked.dropOutside();
    this.mark(frame.pixel?.at ?? null);
    this.#pointing.again();
    if (first || !numbers.length) return;
    this.#speech.say(numbers.map(([name, text]) => `${name} ${text}`).join(", "));
  }

  /**
   * Keep a frame. A host that gives a pane's object again says that nothing in it has changed.
   *
   * @param {Frame} next
   */
  #take(next) {
    const before = new Map(this.#arrived.map((pane, i) => [pane, this.#frame?.panes[i]]));
    const panes = next.panes.map((pane) => before.get(pane) ?? unpack(pane));
    this.#arrived = next.panes;
    this.#frame = { ...next, panes };
    return this.#frame;
  }

  /* ---- panes */

  /** @param {Pane[]} panes */
  #builtOf(panes) {
    return panes.map((data) => `${makerOf(data).View.name} ${data.name}`).join("\n");
  }

  /** @param {Pane[]} panes */
  #rebuild(panes) {
    this.#built = this.#builtOf(panes);
    this.#shapes = ""; // the new panes have no size yet
    this.#shown.clear();
    this.#views.clear();
    /** @type {{ beside: HTMLElement[], below: HTMLElement[] }} */
    const figures = { beside: [], below: [] };
    for (const data of panes) {
      const { View: Maker, below } = makerOf(data);
      /** @type {View} */
      const view = new Maker(data.name, data, this.#eventsOf(data.name));
      this.#views.set(data.name, view);
      figures[below ? "below" : "beside"].push(view.figure);
    }
    this.#panes.replaceChildren(...figures.beside);
    this.#tables.replaceChildren(...figures.below);
    const { stage } = this.#views.get(this.#filePane()) ?? {};
    if (stage) acceptFiles(stage, () => (this.#frame?.takesFile && this.#host.onFile) || null);
  }

  /**
   * @param {string} name
   * @returns {PaneEvents}
   */
  #eventsOf(name) {
    const linked = this.#linked;
    const view = () => /** @type {View} */ (this.#views.get(name));
    return {
      at: () => this.#pointing.at ?? linked.pinnedIn(view()),
      point: (at, byKey) => {
        if (byKey && at) linked.movePinned(view(), at);
        this.#pointing.point(at, view(), byKey);
      },
      set: (at, dragged) => {
        if (linked.has(view().data.name)) linked.pin(view(), at, dragged);
        else this.#setPoint(view(), at);
      },
      release: () => linked.release(),
    };
  }

  /**
   * @param {Pane[]} panes
   * @param {Pane[]} moved those whose legend has moved
   */
  #drawPanes(panes, moved) {
    for (const data of panes) {
      const stays = ![data, ...data.parts].some((one) => moved.includes(one));
      if (stays && this.#shown.get(data.name) === data) continue;
      this.#views.get(data.name)?.draw(data);
      this.#shown.set(data.name, data);
    }
  }

  /** The first pane with a picture in it takes a dropped file. */
  #filePane() {
    return this.#frame?.panes.find((data) => makerOf(data).onInput)?.name ?? "";
  }

  #explain() {
    const { takesFile, panes } = /** @type {Drawn} */ (this.#frame);
    const drop = takesFile ? this.#filePane() : "";
    for (const { name } of panes) {
      const view = /** @type {View} */ (this.#views.get(name));
      view.explain({
        setsPoint: this.#hasPoint(view) && Boolean(this.#host.onPixel),
        takesFile: name === drop,
        holds: this.#linked.has(view.data.name),
      });
    }
  }

  /* ---- layout */

  /** The panes of pictures and grids, in runs: the line of arithmetic stands below linked grids. */
  #runs() {
    const shown = (this.#frame?.panes ?? []).filter((data) => !makerOf(data).below);
    const end = shown.map(({ name }) => this.#linked.has(name)).lastIndexOf(true) + 1;
    return [shown.slice(0, end), shown.slice(end)].filter((run) => run.length);
  }

  #placeArithmetic() {
    const { element } = this.#linked.arithmetic;
    const last = this.#runs()[0]?.at(-1)?.name ?? "";
    const figure = this.#linked.has(last) ? this.#views.get(last)?.figure : null;
    if (figure && figure.nextSibling !== element) figure.after(element);
  }

  /** @param {Pane[]} panes */
  #arrangeIfReshaped(panes) {
    const shapes = JSON.stringify(panes.map(({ frame, size, field }) => [frame, size, field]));
    if (shapes === this.#shapes) return;
    if (this.#width) this.#arrange();
    else this.fit();
    this.#shapes = shapes;
  }

  /** Use the room that there is now. */
  fit() {
    this.#width = this.#root.clientWidth;
    this.#arrange();
  }

  /** All stages have one shape. */
  #arrange() {
    const runs = this.#runs();
    if (!runs.length || !this.#width) return;
    const counts = runs.map((run) => run.length);
    const { columns, side } = columnsFor(counts, this.#width);
    const aspect = aspectFor(runs[0][0].frame);
    this.#panes.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
    this.#root.style.setProperty("--seglab-aspect", String(aspect));
    for (const view of this.#views.values()) view.fit(side, aspect);
  }

  /* ---- the lab's point */

  /**
   * Whether the lab's point lies on this pane's input.
   *
   * @param {View} view
   */
  #hasPoint({ data }) {
    const size = this.#frame?.pixel?.size;
    if (!size || !makerOf(data).onInput) return false;
    return data.frame[0] === size[0] && data.frame[1] === size[1];
  }

  /**
   * @param {View} view
   * @param {Pair} at
   */
  #setPoint(view, at) {
    if (!this.#host.onPixel || !this.#hasPoint(view)) return;
    this.mark(at);
    this.#host.onPixel(at);
  }

  /**
   * Draw the lab's point in every pane that it lies in.
   *
   * @param {Pair | null} at
   */
  mark(at) {
    for (const view of this.#views.values()) {
      view.showPoint(at && this.#hasPoint(view) ? at : null);
    }
  }

  /* ---- what is said */

  /** @param {Notice | null} notice null clears it */
  showNotice(notice) {
    this.#notice.show(notice);
    if (notice?.text) this.#progress.show(null);
  }

  /** @param {number[] | null} progress [done, total] of a long step */
  showProgress(progress) {
    this.#progress.show(progress);
  }

  remove() {
    this.#linked.arithmetic.stop();
    this.#sizes.disconnect();
    this.#speech.stop();
    this.#root.remove();
  }
}
