// Drawing on the panes: the tools above them, and the stroke that is being drawn.

import { make, makeButton } from "./dom.js";

/** @import { Frame, Pair } from "./frames.js" */
/** @import { View } from "./views.js" */

/**
 * A stroke as its control spells it: label, tool (point, line or box), and its pixels.
 *
 * @typedef {{ label: string, tool: string, points: Pair[] }} PenStroke
 *
 * What the tools ask of their board: the text of the strokes that there are, and to set it.
 * @typedef {{
 *   text(control: string): string | undefined, draw(control: string, text: string): void,
 * }} PenHost
 */

const SHAKY = 2; // pixels that a click may move
const APART = 3; // pixels between two points of a line
const PEN_KEYS = "draw: click, or drag; with Shift for the other label";

/**
 * The strokes that a text spells; a part that is no stroke is left out.
 *
 * @param {string} text
 * @returns {PenStroke[]}
 */
export function readStrokes(text) {
  return text.split(";").flatMap((part) => {
    const [label, tool, ...places] = part.trim().split(/\s+/);
    const points = places.map((place) => /** @type {Pair} */ (place.split(":").map(Number)));
    return points.length && points.flat().every(Number.isInteger) ? [{ label, tool, points }] : [];
  });
}

/** @param {PenStroke[]} strokes */
export const spellStrokes = (strokes) =>
  strokes
    .map(({ label, tool, points }) => [label, tool, ...points.map((at) => at.join(":"))].join(" "))
    .join("; ");

/**
 * A hand's path with fewer points: some pixels apart, its ends kept.
 *
 * @param {Pair[]} path
 * @returns {Pair[]}
 */
export function thinnedPath(path) {
  const last = path[path.length - 1];
  /** @type {Pair[]} */
  const kept = [];
  for (const at of path) {
    const [row, column] = kept.at(-1) ?? [Infinity, Infinity];
    if (Math.hypot(at[0] - row, at[1] - column) >= APART) kept.push(at);
  }
  if (kept.at(-1) !== last) kept.push(last);
  return kept;
}

/**
 * What a pen has drawn; null where it is nothing, such as a box of no size.
 *
 * @param {string} label
 * @param {"draw" | "box"} tool
 * @param {Pair[]} path
 * @returns {PenStroke | null}
 */
export function strokeOf(label, tool, path) {
  const [first, last] = [path[0], path[path.length - 1]];
  if (tool === "box") {
    const flat = first[0] === last[0] || first[1] === last[1];
    return flat ? null : { label, tool, points: [first, last] };
  }
  const far = path.some(([r, c]) => Math.hypot(r - first[0], c - first[1]) > SHAKY);
  if (!far) return { label, tool: "point", points: [first] };
  return { label, tool: "line", points: thinnedPath(path) };
}

/**
 * The path of a stroke that is being drawn, in an SVG whose unit is a pixel.
 *
 * @param {"draw" | "box"} tool
 * @param {Pair[]} path
 */
function penPath(tool, path) {
  const [[top, left], [bottom, right]] = [path[0], path[path.length - 1]];
  if (tool === "box") {
    return `M${left + 0.5} ${top + 0.5}H${right + 0.5}V${bottom + 0.5}H${left + 0.5}Z`;
  }
  return `M${path.map(([row, column]) => `${column + 0.5} ${row + 0.5}`).join("L")}h0.01`;
}

/** The brush of a board: which label and tool it has, and what it draws. */
export class BrushTools {
  element = make("div", "seglab-brush");
  #host;
  /** @type {Frame["brush"]} */
  #brush;
  #label = "";
  /** @type {"draw" | "box"} */
  #tool = "draw";
  /** @type {{ view: View, label: string, path: Pair[] } | null} */
  #pen = null;
  #built = "";
  /** @type {[button: HTMLButtonElement, isDown: () => boolean][]} */
  #buttons = [];

  /** @param {PenHost} host */
  constructor(host) {
    this.#host = host;
    this.element.hidden = true;
    this.element.setAttribute("role", "toolbar");
    this.element.setAttribute("aria-label", "brush");
  }

  /** The size of the picture that is drawn on; null where there is no brush. */
  get size() {
    return this.#brush?.size ?? null;
  }

  /** @param {Frame["brush"]} brush */
  show(brush) {
    this.#brush = brush;
    this.element.hidden = !brush;
    if (!brush || this.#built === brush.labels.join()) return;
    this.#built = brush.labels.join();
    this.#label = brush.labels[0];
    const labels = brush.labels.map((label, i) =>
      this.#choice(
        label,
        () => this.#choose(label),
        `seglab-brush-${i}`,
        () => this.#label === label,
      ),
    );
    const tools = /** @type {("draw" | "box")[]} */ (["draw", "box"]).map((tool) =>
      this.#choice(
        tool,
        () => this.#take(tool),
        "",
        () => this.#tool === tool,
      ),
    );
    tools[0].title = PEN_KEYS;
    const undo = makeButton("seglab-brush-do", "Undo", () => this.#undo());
    const clear = makeButton("seglab-brush-do", "Clear", () => this.#put([]));
    this.element.replaceChildren(...labels, make("span", "seglab-brush-gap"), ...tools);
    this.element.append(make("span", "seglab-brush-gap"), undo, clear);
    this.#mark();
  }

  /**
   * @param {string} text
   * @param {() => void} act
   * @param {string} classes
   * @param {() => boolean} isDown
   */
  #choice(text, act, classes, isDown) {
    const button = makeButton(`seglab-brush-choice ${classes}`.trim(), text, act);
    this.#buttons.push([button, isDown]);
    return button;
  }

  #mark() {
    for (const [button, isDown] of this.#buttons) {
      button.setAttribute("aria-pressed", String(isDown()));
    }
  }

  /** @param {string} label */
  #choose(label) {
    this.#label = label;
    this.#mark();
  }

  /** @param {"draw" | "box"} tool */
  #take(tool) {
    this.#tool = tool;
    this.#mark();
  }

  /** @returns {PenStroke[]} */
  get #strokes() {
    const { control = "", text = "" } = this.#brush ?? {};
    return readStrokes(this.#host.text(control) ?? text);
  }

  /** @param {PenStroke[]} strokes */
  #put(strokes) {
    if (this.#brush) this.#host.draw(this.#brush.control, spellStrokes(strokes));
  }

  #undo() {
    this.#put(this.#strokes.slice(0, -1));
  }

  /**
   * Put the pen down. other: with the label after the chosen one.
   *
   * @param {View} view
   * @param {Pair} at
   * @param {boolean} other
   */
  begin(view, at, other) {
    const labels = this.#brush?.labels ?? [];
    const place = labels.indexOf(this.#label) + Number(other);
    this.#pen = { view, label: labels[place % labels.length], path: [at] };
  }

  /** @param {Pair} at */
  move(at) {
    const pen = this.#pen;
    if (!pen || pen.path[pen.path.length - 1].join() === at.join()) return;
    pen.path.push(at);
    pen.view.showPen?.(penPath(this.#tool, pen.path));
  }

  /** Lift the pen: what it has drawn is a stroke now. */
  lift() {
    const pen = this.#pen;
    this.#pen = null;
    if (!pen) return;
    pen.view.showPen?.("");
    const stroke = strokeOf(pen.label, this.#tool, pen.path);
    if (stroke) this.#put([...this.#strokes, stroke]);
  }

  /**
   * Keys over a pane: a number chooses a label, Backspace takes the last stroke back. Whether the
   * key was one of these.
   *
   * @param {string} key
   */
  press(key) {
    const label = this.#brush?.labels[Number(key) - 1];
    if (label) this.#choose(label);
    else if (this.#brush && key === "Backspace") this.#undo();
    return Boolean(label) || (Boolean(this.#brush) && key === "Backspace");
  }
}
