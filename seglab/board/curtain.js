// Two pictures over each other, and the divider between them.

import { hasModifier, make, setAttribute, setText, take } from "./dom.js";
import { Overlay } from "./overlay.js";
import { PaneView } from "./pane.js";
import { clamp } from "./tools.js";

/** @import { Pair, Pane } from "./frames.js" */
/** @import { PaneEvents } from "./pointer.js" */
/** @import { Uses } from "./pane.js" */

const BY_KEY = { small: 2, large: 10 }; // percent of the width

/**
 * The divider of a curtain, dragged or moved with keys.
 *
 * @param {HTMLElement} sheet
 * @param {() => number} now percent of the width
 * @param {(percent: number) => void} move
 */
function createDivider(sheet, now, move) {
  const divider = make("div", "seglab-divider");
  divider.append(make("div", "seglab-grip"));
  divider.tabIndex = 0;
  divider.setAttribute("role", "slider");
  divider.setAttribute("aria-valuemin", "0");
  divider.setAttribute("aria-valuemax", "100");
  sheet.append(divider);
  let dragged = false;
  divider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    dragged = true;
    divider.setPointerCapture(event.pointerId);
    divider.focus();
    take(event); // a click here sets no point
  });
  divider.addEventListener("pointermove", (event) => {
    const area = sheet.getBoundingClientRect();
    if (dragged) move((100 * (event.clientX - area.left)) / area.width);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    divider.addEventListener(end, () => {
      dragged = false;
    });
  }
  divider.addEventListener("keydown", (event) => {
    const percent = percentAfter(event, now());
    if (hasModifier(event) || (percent === null && event.key !== "Escape")) return;
    if (percent === null) divider.blur();
    else move(percent);
    take(event);
  });
  return divider;
}

/**
 * Where a key moves the divider; null where it does not.
 *
 * @param {KeyboardEvent} event
 * @param {number} at
 */
function percentAfter({ key, shiftKey }, at) {
  const step = shiftKey ? BY_KEY.large : BY_KEY.small;
  if (key === "ArrowLeft" || key === "ArrowDown") return at - step;
  if (key === "ArrowRight" || key === "ArrowUp") return at + step;
  return { Home: 0, End: 100 }[key] ?? null;
}

/**
 * A canvas' left edge and width, in percent of the sheet's.
 *
 * @param {HTMLCanvasElement} canvas
 */
const extent = ({ style }) => [parseFloat(style.left), parseFloat(style.width)];

/** A pane of two pictures: left of the divider the one, right of it the other. */
export class CurtainView extends PaneView {
  #right;
  /** @type {HTMLElement[]} */
  #titles;
  #divider;
  #percent = 50; // it stays where it was put when the pictures change
  #curtain;
  #own = new Overlay(); // marks over both sides

  /**
   * @param {string} name
   * @param {Pane} data
   * @param {PaneEvents} events
   */
  constructor(name, data, events) {
    super(name, data.parts[0], events);
    this.#curtain = data;
    this.#right = new PaneView(name, data.parts[1], events);
    this.svg.before(this.#right.canvas, this.#right.overlay.element, this.#own.element);
    this.#right.canvas.classList.add("seglab-over");
    this.#divider = createDivider(
      this.sheet,
      () => this.#percent,
      (percent) => this.#move(percent),
    );
    const sides = make("div", "seglab-sides");
    this.#titles = [this, this.#right].map(({ readout, key }) => {
      const side = make("div", "seglab-side");
      const title = make("div", "seglab-of");
      side.append(title, readout, key);
      sides.append(side);
      return title;
    });
    this.figure.append(sides);
  }

  /** @param {number} percent */
  #move(percent) {
    this.#percent = clamp(percent, 0, 100);
    const [at, names] = [this.#percent, this.#curtain.names];
    this.#divider.style.left = `${at}%`;
    const [start, wide] = extent(this.#right.canvas);
    const hidden = clamp(((at - start) / wide) * 100, 0, 100);
    this.#right.canvas.style.clipPath = `inset(0 0 0 ${hidden}%)`;
    // The left one ends at the divider too: where the right one has no value, the hatch shows.
    const [from, long] = extent(this.canvas);
    const cut = clamp(100 - ((at - from) / long) * 100, 0, 100);
    this.canvas.style.clipPath = `inset(0 ${cut}% 0 0)`;
    this.overlay.element.style.clipPath = `inset(0 ${100 - at}% 0 0)`;
    this.#right.overlay.element.style.clipPath = `inset(0 0 0 ${at}%)`;
    const told = `${Math.round(at)}% ${names[0]}, the rest ${names[1]}`;
    setAttribute(this.#divider, "aria-valuenow", String(Math.round(at)));
    setAttribute(this.#divider, "aria-valuetext", told);
  }

  /** @param {Pane} data */
  draw(data) {
    this.#curtain = data;
    super.draw(data.parts[0]);
    this.#right.draw(data.parts[1]);
    this.#own.draw(data.marks ?? [], data.frame);
    for (const [i, { canvas }] of [this, this.#right].entries()) {
      setText(this.#titles[i], data.names[i]);
      setAttribute(this.#titles[i], "title", data.names[i]);
      setAttribute(canvas, "aria-label", `${data.names[i]}: ${data.parts[i].alt}`);
    }
    const [left, right] = data.names;
    setAttribute(this.#divider, "aria-label", `Divider between ${left} and ${right}`);
    this.#move(this.#percent);
  }

  /** @param {Pair | null} at */
  point(at) {
    const hits = [super.point(at), this.#right.point(at)];
    const [, width] = this.#curtain.frame;
    const over = at && (100 * (at[1] + 0.5)) / width < this.#percent ? 0 : 1;
    const text = this.#curtain.names.map((side, i) => `${side} ${hits[i].text}`).join(", ");
    return { ...hits[over], text };
  }

  /**
   * @param {number} stageWidth
   * @param {number} aspect
   */
  fit(stageWidth, aspect) {
    super.fit(stageWidth, aspect);
    this.#right.fit(stageWidth, aspect);
    this.#own.fit(this.overlay.scale);
  }

  /** @param {Uses} uses */
  explain(uses) {
    super.explain(uses);
    this.#right.explain(uses);
  }
}
