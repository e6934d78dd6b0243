// The board: every pane of a lab, drawn from one frame. It knows no kernel; a host (the notebook,
// or a slide's stored frames) feeds it and hears what is clicked.

import { Arrangement } from "./arrangement.js";
import { BrushTools } from "./brush.js";
import { make, setText } from "./dom.js";
import { acceptFiles } from "./drop.js";
import { unpack } from "./frames.js";
import { Lighting } from "./lighting.js";
import { Linked } from "./linked.js";
import { createNotice, createProgress, createSpeech } from "./notice.js";
import { Numbers } from "./numbers.js";
import { Pointing } from "./pointing.js";
import { RoomWatch } from "./room.js";
import { Theatre } from "./theatre.js";
import { answerAt, answerFor, pixelFor, placeOnSheet } from "./tiles.js";
import { makerOf } from "./views.js";

/** @import { Frame, Notice, Pair, Pane, RawPane } from "./frames.js" */
/** @import { PaneEvents } from "./pointer.js" */
/** @import { View, Views } from "./views.js" */

/**
 * Who feeds a board. onPixel hears a click when the frame has a pixel; onControl, that a diagram
 * sets a control to a value, spelled; it says which value the control takes, where that is known at
 * once. spelledOf gives a control's value as it is spelled, where the host knows a newer one than
 * the frame. labelOf gives a control in words. onFile receives a dropped file when the frame takes
 * one.
 * visibleHeight: the height in which the whole lab is to be seen; any where it is not given. unit:
 * CSS pixels of a unit of the style sheet, in which all lengths grow with the text; 1 where it is
 * not given.
 *
 * @typedef {{
 *   onPixel?(at: Pair): void, onControl?(name: string, value: string): string | undefined,
 *   labelOf?(control: string): string | undefined,
 *   spelledOf?(control: string): string | undefined,
 *   onFile?(file: File): void, visibleHeight?(): number, unit?(): number,
 * }} Host
 * @typedef {Omit<Frame, "panes"> & { panes: Pane[] }} Drawn
 */

/** All panes of a lab, with what stands around them, in an element. */
export class Board {
  #host;
  #root = make("div", "seglab-board");
  #notice = createNotice();
  #numbers = new Numbers();
  #status = make("span", "seglab-status");
  #progress = createProgress();
  #place = make("span", "seglab-place");
  #speech = createSpeech();
  /** @type {Views} */
  #views = new Map();
  #linked = new Linked(this.#root, this.#views, this.#speech.say);
  #arrangement = new Arrangement(
    this.#views,
    (name) => this.#linked.has(name),
    this.#linked.arithmetic.element,
  );
  #lighting = new Lighting(this.#views);
  #pointing = new Pointing(this.#place, {
    views: this.#views,
    legends: this.#arrangement.legends,
    linked: this.#linked,
    lighting: this.#lighting,
    say: this.#speech.say,
  });
  #brush = new BrushTools({
    text: (control) => this.#host.spelledOf?.(control),
    draw: (control, text) => this.#host.onControl?.(control, text),
  });
  #theatre = new Theatre(
    () => this.#arrangement.restore(),
    () => this.fit(),
  );
  #room;
  /** @type {Drawn | null} */
  #frame = null;
  /** @type {RawPane[]} */
  #arrived = []; // the frame's panes as the host gave them
  /** @type {Map<string, Pane>} */
  #shown = new Map(); // the data that each pane shows
  #built = ""; // which panes there are

  /**
   * @param {HTMLElement} element
   * @param {Host} host
   */
  constructor(element, host = {}) {
    this.#host = host;
    const foot = make("div", "seglab-foot");
    foot.append(this.#status, this.#progress.element, this.#place);
    const area = this.#arrangement.element;
    this.#root.append(
      ...[this.#notice.element, this.#numbers.element, this.#brush.element, area, foot],
      this.#speech.element,
    );
    element.append(this.#root);
    const [root, numbers, above] = [this.#root, this.#numbers.element, this.#notice.element];
    this.#room = new RoomWatch(
      { root, area, numbers, notice: above },
      () => (this.#theatre.on ? window.innerHeight : (host.visibleHeight?.() ?? Infinity)),
      (width, height) => {
        this.#theatre.stand(this.#room.lab);
        this.#lighting.stand(this.#room.lab);
        this.#arrangement.fit(width, height, host.unit?.() ?? 1);
      },
    );
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
    this.#brush.show(this.#host.onControl ? frame.brush : undefined);
    const pictures = panes.filter(({ kind }) => kind !== "diagram");
    const planes = pictures.flatMap((data) => (data.parts.length ? data.parts : [data]));
    this.#drawPanes(panes, this.#arrangement.legends.share(planes));
    this.#arrangement.legends.draw(planes);
    this.#numbers.draw(numbers);
    setText(this.#status, frame.status || "");
    this.#root.dataset.step = String(frame.step); // what tests and benchmarks wait for
    this.#progress.show(null);
    this.#arrangement.show(panes);
    if (first) this.fit(); // the only time that a step reads the page's layout
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
    this.#shown.clear();
    this.#views.clear();
    for (const data of panes) {
      const { View: Maker } = makerOf(data);
      this.#views.set(data.name, new Maker(data.name, data, this.#eventsOf(data.name)));
    }
    this.#arrangement.rebuild();
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
      set: (at, dragged, other) => {
        if (linked.has(view().data.name)) linked.pin(view(), at, dragged);
        else if (!this.#draws(view())) this.#setPoint(view(), at);
        else if (dragged) this.#brush.move(at);
        else this.#brush.begin(view(), at, other);
      },
      lift: () => this.#brush.lift(),
      press: (key) => this.#draws(view()) && this.#brush.press(key),
      release: () => linked.release(),
      control: (control, value) => this.#host.onControl?.(control, value),
      labelOf: (control) => this.#host.labelOf?.(control) ?? control,
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
        draws: this.#draws(view),
      });
    }
  }

  /** Use the room that there is now. */
  fit() {
    this.#room.measure();
  }

  /* ---- the lab's point */

  /**
   * Whether the lab's point lies on this pane's input.
   *
   * @param {View} view
   */
  #hasPoint({ data }) {
    const size = this.#frame?.pixel?.size;
    if (!size || !makerOf(data).onInput || data.space) return false;
    const frame = data.tiles?.frame ?? data.frame;
    return frame[0] === size[0] && frame[1] === size[1];
  }

  /**
   * Whether the lab's brush draws on this pane.
   *
   * @param {View} view
   */
  #draws({ data }) {
    const { size } = this.#brush;
    if (!size || !makerOf(data).onInput || data.space || data.tiles) return false;
    return data.frame[0] === size[0] && data.frame[1] === size[1];
  }

  /**
   * @param {View} view
   * @param {Pair} at
   */
  #setPoint(view, at) {
    if (!this.#host.onPixel || !this.#hasPoint(view)) return;
    const { tiles } = view.data;
    const answer = tiles ? answerAt(tiles, at) : null;
    const pixel = tiles ? answer && pixelFor(tiles, answer) : at;
    if (!pixel) return;
    this.mark(pixel);
    this.#host.onPixel(pixel);
  }

  /**
   * Draw the lab's point in every pane that it lies in.
   *
   * @param {Pair | null} at
   */
  mark(at) {
    for (const view of this.#views.values()) {
      const here = at && this.#hasPoint(view) ? at : null;
      const { tiles } = view.data;
      const answer = here && tiles ? answerFor(tiles, here) : null;
      view.showPoint(tiles ? answer && placeOnSheet(tiles, answer) : here);
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
    this.#room.stop();
    this.#theatre.stop();
    this.#numbers.stop();
    this.#speech.stop();
    this.#root.remove();
  }
}
