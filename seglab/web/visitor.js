// The visitor's own picture in a saved lab: it is chosen here, and never leaves the page.

import { make, makeButton, setText } from "../board/dom.js";
import { cameraRefusal, hasCamera, takePhoto } from "../live/camera.js";
import { pixelsOf } from "./decode.js";
import { described } from "./described.js";
import { Engine } from "./engine.js";
import { filledLook, keyOf, refsOf } from "./looks.js";

/** @import { Frame, RawPane } from "../board/frames.js" */
/** @import { SavedLab, State } from "../page/lab.js" */
/** @import { Look, Ref, Value } from "./looks.js" */
/** @import { Table } from "./program.js" */

/**
 * What a page has of a lab that computes: for each pane and number of the stored lab the number of
 * its look in each state; null: the picture has no say in it.
 *
 * @typedef {{ reach: number[], shown: number[] } | null} Shown
 * @typedef {{
 *   stored: string, table: Table, looks: Look[], panes: Shown[],
 *   numbers: Shown[], extras: { panes: (number | null)[], numbers: (number | null)[] }[],
 * }} Compiled
 *
 * A state of the visitor's picture. stays: why a pane still shows the stored picture.
 * @typedef {{ panes: RawPane[], numbers: Frame["numbers"], stays: Map<string, string> }} Own
 */

/** The visitor's picture and what the page computes of it. */
export class Visitor {
  active = false;
  #compiled;
  #lab;
  #engine;
  #changed;
  #complain;
  #name = make("output", "seglab-own-name");
  #back = makeButton("seglab-step", "Back", () => this.#leave());
  #input = make("input");
  /** @type {Map<string, Value>} */
  #known = new Map();
  #pictures = 0;

  /**
   * @param {Compiled} compiled
   * @param {SavedLab} lab
   * @param {(id: string) => Promise<string>} text what is stored under an id
   * @param {{ changed: () => void, complain: (sentence: string) => void }} events
   */
  constructor(compiled, lab, text, { changed, complain }) {
    this.#compiled = compiled;
    this.#lab = lab;
    this.#engine = new Engine(compiled.table, text);
    this.#changed = changed;
    this.#complain = complain;
    this.element = this.#create();
    window.addEventListener("paste", (event) => {
      const file = event.clipboardData?.files[0];
      if (file) this.take(file);
    });
  }

  #create() {
    const element = make("div", "seglab-own");
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", "your own picture");
    Object.assign(this.#input, { type: "file", accept: "image/*", hidden: true });
    this.#input.addEventListener("change", () => {
      const file = this.#input.files?.[0];
      this.#input.value = ""; // the same file may be chosen again
      if (file) this.take(file);
    });
    const choose = makeButton("seglab-step", "Your picture…", () => this.#input.click());
    choose.title = "A picture file: choose it, drop it on the first picture, or paste it";
    choose.addEventListener("pointerenter", () => this.#engine.wake());
    choose.addEventListener("focus", () => this.#engine.wake());
    element.append(choose, this.#input);
    if (hasCamera()) {
      element.append(makeButton("seglab-step", "Camera", () => this.#photograph()));
    }
    element.append(this.#name, this.#back);
    this.#say();
    return element;
  }

  #say(name = "") {
    setText(this.#name, name);
    this.#name.title = name;
    this.#name.hidden = this.#back.hidden = !this.active;
    setText(this.#back, `Back to ${this.#compiled.stored}`);
  }

  async #photograph() {
    try {
      const file = await takePhoto();
      if (file) await this.take(file);
    } catch (error) {
      this.#complain(cameraRefusal(error));
    }
  }

  #leave() {
    this.active = false;
    this.#say();
    this.#changed();
  }

  /**
   * Show a picture file; what was shown stays where it cannot be read.
   *
   * @param {File} file
   */
  async take(file) {
    const number = ++this.#pictures;
    try {
      const pixels = await pixelsOf(file);
      if (number !== this.#pictures) return;
      this.#known.clear();
      await this.#engine.show(pixels);
      if (number !== this.#pictures) return;
      this.#known.clear(); // of an answer that was on its way
      this.active = true;
      this.#say(file.name);
      this.#changed();
    } catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error));
    }
  }

  /**
   * The panes and numbers of a state, with all that the page computes in place of what it stores.
   *
   * @param {State} state
   * @param {RawPane[]} panes as they are stored
   * @param {Frame["numbers"]} numbers
   * @returns {Promise<Own>}
   */
  async show(state, panes, numbers) {
    const own = this.#looksOf(state);
    await this.#compute([...own.panes, ...own.numbers]);
    /** @type {Map<string, string>} */
    const stays = new Map();
    const shown = panes.map((pane, i) => {
      const look = own.panes[i] && filledLook(own.panes[i], this.#known);
      if (look?.why) stays.set(pane.name, look.why);
      return look && !look.why ? this.#pane(look) : pane;
    });
    const said = numbers.map((number, i) => {
      const look = own.numbers[i] && filledLook(own.numbers[i], this.#known);
      if (!look) return number;
      return /** @type {Frame["numbers"][0]} */ (
        look.why ? [number[0], "–"] : [number[0], look.said, ...number.slice(2)]
      );
    });
    return { panes: shown, numbers: said, stays };
  }

  /**
   * Compute what a state shows, so that it is there when it is asked for: one value after the
   * other, so that what is asked for meanwhile need not wait for all of them.
   *
   * @param {State} state
   * @param {() => boolean} stops whether something else is asked for
   */
  async prepare(state, stops) {
    const { panes, numbers } = this.#looksOf(state);
    const looks = [...panes, ...numbers];
    for (let missing = this.#missing(looks); missing.length; missing = this.#missing(looks)) {
      if (stops()) return;
      await this.#ask([missing[0]]);
    }
  }

  /** @param {State} state */
  #looksOf(state) {
    const { looks, panes, numbers, extras } = this.#compiled;
    const look = (/** @type {number | null} */ place) => (place === null ? null : looks[place]);
    if (state.extra >= 0) {
      const beside = extras[state.extra];
      return { panes: beside.panes.map(look), numbers: beside.numbers.map(look) };
    }
    const here = (/** @type {Shown} */ shown) =>
      look(shown ? shown.shown[this.#lab.placeIn(shown, state.at)] : null);
    return { panes: panes.map(here), numbers: numbers.map(here) };
  }

  /** @param {(Look | null)[]} looks */
  async #compute(looks) {
    for (let missing = this.#missing(looks); missing.length; missing = this.#missing(looks)) {
      await this.#ask(missing);
    }
  }

  /**
   * What looks need and the page does not know yet.
   *
   * @param {(Look | null)[]} looks
   */
  #missing(looks) {
    const wanted = refsOf(looks, this.#known);
    return [...wanted].filter(([key]) => !this.#known.has(key)).map(([, ref]) => ref);
  }

  /** @param {Ref[]} refs */
  async #ask(refs) {
    const picture = this.#pictures;
    const values = await this.#engine.values(refs);
    if (picture !== this.#pictures) throw new Error("another picture was taken");
    for (const [i, ref] of refs.entries()) this.#known.set(keyOf(ref), values[i]);
  }

  /**
   * A computed pane with its palette, and with its words.
   *
   * @param {any} look
   * @returns {RawPane}
   */
  #pane(look) {
    const parts = look.parts.map((/** @type {any} */ part) => this.#pane(part));
    const pane = { ...look, parts };
    return { ...pane, alt: described(pane) };
  }
}
