// A knob in a diagram that is dragged from stop to stop, by mouse, finger or keys.

import { hasModifier, makeSvg, setAttribute, take } from "./dom.js";
import { clothes, nearestStop } from "./shapes.js";
import { clamp } from "./tools.js";

/** @import { HandleShape, Pair } from "./frames.js" */
/** @import { Scale } from "./shapes.js" */

const RADIUS = { knob: 6.5, reach: 14 };

/**
 * Which stop a key leads to; null where it leads nowhere.
 *
 * @param {string} key
 * @param {number} now
 * @param {number} count
 */
function stopAfter(key, now, count) {
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: now - 1,
    ArrowDown: now - 1,
    ArrowRight: now + 1,
    ArrowUp: now + 1,
    Home: 0,
    End: count - 1,
  };
  return key in places ? clamp(places[key], 0, count - 1) : null;
}

/** One handle: a slider for a reader of the screen. */
export class KnobView {
  element = makeSvg("g", "seglab-handle");
  #knob = makeSvg("circle");
  #reach = makeSvg("circle", "seglab-reach");
  /** @type {HandleShape | null} */
  #shape = null;
  /** @type {Scale | null} */
  #scale = null;
  #at = 0; // the stop that is shown: while it is dragged, before the kernel has answered
  #dragged = false;
  #labelOf;

  /**
   * @param {(event: PointerEvent) => Pair} placeUnder in screen pixels of the stage
   * @param {(control: string, value: string) => string | undefined} set
   * @param {(control: string) => string} labelOf
   */
  constructor(placeUnder, set, labelOf) {
    this.#labelOf = labelOf;
    const { element } = this;
    element.setAttribute("role", "slider");
    element.setAttribute("tabindex", "0");
    element.setAttribute("aria-valuemin", "0");
    element.append(this.#reach, this.#knob);
    this.#listen(placeUnder, set);
  }

  /**
   * @param {(event: PointerEvent) => Pair} placeUnder
   * @param {(control: string, value: string) => string | undefined} set
   */
  #listen(placeUnder, set) {
    const { element } = this;
    /** @param {number} stop */
    const go = (stop) => {
      if (!this.#shape || stop === this.#at) return;
      this.#at = stop;
      this.#place();
      const taken = set(this.#shape.control, this.#shape.stops[stop][2]);
      if (taken !== undefined) this.#stand(taken);
    };
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#dragged = true;
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
      take(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (!this.#dragged || !this.#shape || !this.#scale) return;
      go(nearestStop(this.#shape.stops, placeUnder(event), this.#scale));
      event.stopPropagation();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      element.addEventListener(end, () => {
        this.#dragged = false;
      });
    }
    element.addEventListener("keydown", (event) => {
      const stop = stopAfter(event.key, this.#at, this.#shape?.stops.length ?? 0);
      if (hasModifier(event) || (stop === null && event.key !== "Escape")) return;
      if (stop === null) element.blur();
      else go(stop);
      take(event);
    });
  }

  /**
   * Stand where the control stands: a page has not every value.
   *
   * @param {string} value
   */
  #stand(value) {
    if (!this.#shape) return;
    const stop = this.#shape.stops.findIndex(([, , one]) => one === value);
    this.#at = stop < 0 ? this.#shape.now : stop;
    this.#place();
  }

  /**
   * @param {HandleShape} shape
   * @param {Scale} scale
   */
  draw(shape, scale) {
    this.#shape = shape;
    this.#scale = scale;
    if (!this.#dragged) this.#at = shape.now;
    const { classes, color } = clothes(shape.colour ?? "accent");
    setAttribute(this.element, "class", `seglab-handle ${classes}`);
    setAttribute(this.element, "color", color);
    this.#place();
  }

  #place() {
    const [shape, scale] = [this.#shape, this.#scale];
    if (!shape || !scale) return;
    const [x, y, value] = shape.stops[this.#at];
    for (const [circle, radius] of /** @type {const} */ ([
      [this.#knob, RADIUS.knob],
      [this.#reach, RADIUS.reach],
    ])) {
      setAttribute(circle, "cx", scale.x(x).toFixed(1));
      setAttribute(circle, "cy", scale.y(y).toFixed(1));
      setAttribute(circle, "r", String(radius * scale.unit));
    }
    const said = this.#at === shape.now && shape.says ? shape.says : value;
    setAttribute(this.element, "aria-label", this.#labelOf(shape.control));
    setAttribute(this.element, "aria-valuemax", String(shape.stops.length - 1));
    setAttribute(this.element, "aria-valuenow", String(this.#at));
    setAttribute(this.element, "aria-valuetext", said);
  }
}
