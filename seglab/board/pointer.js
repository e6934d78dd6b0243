// A stage under the pointer and the keys, in pixels of the input.

import { hasModifier, take } from "./dom.js";

/** @import { Pair } from "./frames.js" */

/**
 * What a stage tells: where it is pointed at, and which pixel is set (other: with Shift); lift: the
 * button is up again; press hears any other key, and says whether it was one for it; release lets
 * go of what is pinned, and says whether there was something; control sets a control of the lab to
 * a value, and says which value it takes where that is known at once; labelOf gives a control in
 * words.
 *
 * @typedef {{
 *   at(): Pair | null,
 *   point(at: Pair | null, byKey: boolean): void,
 *   set(at: Pair, dragged: boolean, other: boolean): void,
 *   lift(): void,
 *   press(key: string): boolean,
 *   release(): boolean,
 *   control(name: string, value: string): string | undefined,
 *   labelOf(control: string): string,
 * }} PaneEvents
 *
 * A stage, and where its pixels are.
 * @typedef {{
 *   stage: HTMLElement,
 *   pixelUnder(event: PointerEvent): Pair | null,
 *   stepped(at: Pair | null, move: Pair, times: number): Pair,
 *   takesClicks(): boolean,
 * }} Stage
 */

/** @type {Record<string, Pair>} */
export const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
const FAR = 10; // cells a step, with Shift

/**
 * @param {Stage} view
 * @param {PaneEvents} events
 */
function listenToMouse({ stage, pixelUnder, takesClicks }, events) {
  let pressed = false; // here: a slider's handle may be dragged across
  stage.addEventListener("pointermove", (event) => {
    const at = pixelUnder(event);
    events.point(at, false);
    if (pressed && at) events.set(at, true, event.shiftKey);
  });
  stage.addEventListener("pointerleave", () => events.point(null, false));
  stage.addEventListener("pointerdown", (event) => {
    const at = event.button === 0 && takesClicks() ? pixelUnder(event) : null;
    if (!at) return;
    pressed = true;
    stage.setPointerCapture(event.pointerId);
    events.set(at, false, event.shiftKey);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    stage.addEventListener(end, () => {
      if (pressed) events.lift();
      pressed = false;
    });
  }
}

/**
 * @param {Stage} view
 * @param {PaneEvents} events
 */
function listenToKeys({ stage, stepped }, events) {
  /** @param {KeyboardEvent} event */
  function act({ key, shiftKey }) {
    const at = events.at();
    if (key in ARROWS) {
      events.point(stepped(at, ARROWS[key], shiftKey ? FAR : 1), true);
    } else if (key === "Enter" || key === " ") {
      if (at) events.set(at, false, false);
      events.lift();
    } else if (key === "Escape") {
      if (!events.release()) leave();
    } else {
      return events.press(key);
    }
    return true;
  }
  function leave() {
    events.point(null, false);
    stage.blur();
  }
  stage.addEventListener("keydown", (event) => {
    if (!hasModifier(event) && act(event)) take(event);
  });
  stage.addEventListener("blur", () => events.point(null, false));
  stage.addEventListener("focus", () => {
    const byKey = stage.matches(":focus-visible");
    if (byKey && !events.at()) events.point(stepped(null, [0, 0], 1), true);
  });
}

/**
 * @param {Stage} view
 * @param {PaneEvents} events
 */
export function listen(view, events) {
  listenToMouse(view, events);
  listenToKeys(view, events);
}
