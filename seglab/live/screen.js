// What the boards of one model show. A control that moves to a place whose frame is here is
// answered at once; what the kernel sends is drawn unless the control has moved on already.

import { fill, keyOf, Memory } from "./memory.js";

/** @import { Frame, Notice } from "../board/frames.js" */
/** @import { Model } from "./model.js" */

/** @typedef {{ draw(frame: Frame): void, showNotice(notice: Notice | null): void }} Shower */

/** The boards of a model. */
export class Screen {
  #model;
  #memory = new Memory();
  /** @type {Set<Shower>} */
  #boards = new Set();
  /** @type {[control: Model, attribute: string][]} */
  #controls = []; // in the order of a frame's place
  /** @type {(() => void)[]} */
  #stops = [];
  /** @type {Frame | null} */
  #shown = null;
  /** @type {Frame | null} */
  #latest = null; // what the kernel has sent to be drawn

  /** @param {Model} model */
  constructor(model) {
    this.#model = model;
    model.on("change:frame", () => this.#receive());
    model.on("msg:custom", (content, buffers) => this.#remember(content, buffers));
    if (model.get("frame").panes) this.#memory.whole(model.get("frame"));
    this.#watch().catch(() => {}); // without its controls the board still follows the kernel
  }

  /** Where the controls stand here; empty where that cannot be seen. */
  #here() {
    const places = this.#controls.map(([control, name]) => control.get(name));
    return places.length ? JSON.stringify(places) : "";
  }

  /** @param {Frame} frame */
  #show(frame) {
    this.#shown = frame;
    for (const board of this.#boards) board.draw(frame);
  }

  #receive() {
    const told = this.#model.get("frame");
    const frame = this.#memory.whole(told);
    if (!frame) {
      this.#model.send({ kind: "missing", key: told.key });
      return;
    }
    this.#latest = frame;
    const here = this.#here();
    const moved = this.#shown && here && keyOf(this.#shown) === here && keyOf(frame) !== here;
    if (!moved && frame !== this.#shown) this.#show(frame);
  }

  /**
   * Show what is remembered of the place that a control has moved to.
   *
   * @param {Model} control
   */
  #predict(control) {
    // Moved by the kernel, which sends the frame too: it may stand here for another window's move.
    const byKernel = Boolean(control._state_lock);
    const here = this.#here();
    if (byKernel && (!this.#latest || keyOf(this.#latest) !== here)) return;
    const frame = byKernel ? this.#latest : this.#memory.get(here);
    if (!frame || frame === this.#shown) return;
    for (const board of this.#boards) board.showNotice(null);
    this.#show(frame);
  }

  async #watch() {
    const manager = this.#model.widget_manager;
    /** @type {[string, string][]} */
    const sources = this.#model.get("sources") ?? [];
    const models = await Promise.all(sources.map(([id]) => manager.get_model(id)));
    for (const [i, control] of models.entries()) {
      const event = `change:${sources[i][1]}`;
      const moved = () => this.#predict(control);
      control.on(event, moved);
      this.#controls.push([control, sources[i][1]]);
      this.#stops.push(() => control.off(event, moved));
    }
  }

  /**
   * Move a control here, as its own widget would, so that what is remembered is drawn at once;
   * whether that can be done.
   *
   * @param {string} name
   * @param {string} value as it is spelled
   */
  move(name, value) {
    const [source, keys] = this.#model.get("places")?.[name] ?? [-1, {}];
    const moved = this.#controls[source];
    const key = keys ? keys[value] : value; // without keys, the widget holds the spelling itself
    if (!moved || key === undefined) return false;
    const [control, attribute] = moved;
    control.set(attribute, key);
    control.save_changes();
    return true;
  }

  /**
   * A control's value as its widget spells it; undefined where that cannot be seen.
   *
   * @param {string} name
   */
  spelledOf(name) {
    const [source, keys] = this.#model.get("places")?.[name] ?? [-1, {}];
    const moved = this.#controls[source];
    return moved && !keys ? String(moved[0].get(moved[1])) : undefined;
  }

  /**
   * Keep a frame that is sent ahead.
   *
   * @param {{ kind: string, frame: Frame }} content
   * @param {DataView[]} buffers
   */
  #remember({ kind, frame }, buffers) {
    if (kind !== "ahead") return;
    fill(frame.panes, buffers);
    this.#memory.whole(frame);
  }

  /**
   * Show what there is on one more board.
   *
   * @param {Shower} board
   */
  add(board) {
    this.#boards.add(board);
    if (this.#shown) board.draw(this.#shown);
    else this.#receive();
  }

  /** @param {Shower} board */
  remove(board) {
    this.#boards.delete(board);
  }

  stop() {
    for (const stop of this.#stops) stop();
  }
}
