// What lights up, in the panes and beside them, for the thing that one points at.

import { lightOf, thingAt } from "./groups.js";
import { cutPath, pixelsPath, tilePath } from "./tiles.js";

/** @import { Light, Thing } from "./groups.js" */
/** @import { Pair } from "./frames.js" */
/** @import { Answer } from "./tiles.js" */
/** @import { View, Views } from "./views.js" */

const CONTROL = "seglab-control-"; // and a control's name: the class of its row
const THING = "data-seglab-thing"; // "layer 3": of what shows a thing beside the board

/**
 * What lights up for a score of a pass.
 *
 * @param {View} view
 * @param {View} sheet
 * @param {Answer} answer
 * @param {boolean} fromSheet
 * @returns {Light}
 */
function lightOfAnswer({ data }, { data: { tiles } }, answer, fromSheet) {
  if (!tiles) return {};
  if (data.tiles) return { line: tilePath(tiles, answer) };
  if (data.name === tiles.map) return fromSheet ? { area: pixelsPath(tiles, answer) } : {};
  const isPhotograph = !data.field && !data.space && data.frame.join() === tiles.frame.join();
  return isPhotograph ? { area: cutPath(tiles, answer) } : {};
}

/** The lights of a board and of the lab around it. */
export class Lighting {
  #views;
  /** @type {Element | null} */
  #lab = null;
  #outside = ""; // which thing is lit beside the board
  /** @type {Element[]} */
  #lit = [];

  /** @param {Views} views */
  constructor(views) {
    this.#views = views;
  }

  /**
   * The lab around the board: what it says of things lights up too, and lights up the panes.
   *
   * @param {Element} lab
   */
  stand(lab) {
    if (lab === this.#lab) return;
    this.#lab = lab;
    for (const [enter, leave] of [
      ["pointerover", "pointerout"],
      ["focusin", "focusout"],
    ]) {
      lab.addEventListener(enter, (event) => this.#hear(event, true));
      lab.addEventListener(leave, (event) => this.#hear(event, false));
    }
  }

  /**
   * @param {Event} event
   * @param {boolean} isOn
   */
  #hear({ target }, isOn) {
    if (!(target instanceof Element)) return;
    const spoken = target.closest(`[${THING}]`)?.getAttribute(THING)?.split(" ");
    const row = target.closest(`[class*="${CONTROL}"]`);
    if (!spoken && !row) return;
    const things = spoken ? [{ name: spoken[0], id: Number(spoken[1]) }] : this.#thingsOf(row);
    this.#show((view) =>
      isOn ? Object.assign({}, ...things.map((one) => lightOf(view.data, one, view.scale))) : {},
    );
  }

  /**
   * The things of a control.
   *
   * @param {Element | null} row
   * @returns {Thing[]}
   */
  #thingsOf(row) {
    const controls = [...(row?.classList ?? [])]
      .filter((name) => name.startsWith(CONTROL))
      .map((name) => name.slice(CONTROL.length));
    return [...this.#views.values()].flatMap(({ data: { group } }) =>
      group?.controls.some((name) => controls.includes(name))
        ? group.ids.flatMap((id) => (id === null ? [] : [{ name: group.name, id }]))
        : [],
    );
  }

  /**
   * Light up what belongs to a place of a pane, or nothing.
   *
   * @param {View | null} view
   * @param {Pair | null} at
   * @param {number} code
   * @param {{ sheet: View, answer: Answer } | null} passes the score of a pass that is shown there
   */
  point(view, at, code, passes) {
    const thing = view && at ? thingAt(view.data, at, code) : null;
    this.#show((one) => ({
      ...(thing ? lightOf(one.data, thing, one.scale) : {}),
      ...(passes ? lightOfAnswer(one, passes.sheet, passes.answer, passes.sheet === view) : {}),
    }));
    this.#showOutside(thing);
    return thing;
  }

  /** @param {(view: View) => Light} lightIn */
  #show(lightIn) {
    for (const view of this.#views.values()) view.showLight(lightIn(view));
  }

  /** @param {Thing | null} thing */
  #showOutside(thing) {
    const now = thing ? `${thing.name} ${thing.id}` : "";
    if (now === this.#outside) return;
    this.#outside = now;
    for (const element of this.#lit) element.classList.remove("seglab-lit-here");
    const names = thing ? this.#controlsOf(thing).map((name) => `.${CONTROL}${name}`) : [];
    const wanted = thing ? [`[${THING}="${now}"]`, ...names].join() : "";
    this.#lit = wanted && this.#lab ? [...this.#lab.querySelectorAll(wanted)] : [];
    for (const element of this.#lit) element.classList.add("seglab-lit-here");
  }

  /** @param {Thing} thing */
  #controlsOf({ name, id }) {
    return [...this.#views.values()].flatMap(({ data: { group } }) =>
      group?.name === name && group.ids.includes(id) ? group.controls : [],
    );
  }
}
