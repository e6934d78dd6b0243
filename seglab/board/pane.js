// One picture, where it lies on the input, and what is drawn over it.

import { paint } from "./colours.js";
import { make, makeCaption, makeSvg, setAttribute, setText } from "./dom.js";
import { axesOf, cellAt, crosshair, leavesBare, pointPath, stepped } from "./geometry.js";
import { kindOf } from "./kinds.js";
import { createBar, createLegend, legendKey } from "./legend.js";
import { createArea, createLine } from "./lines.js";
import { Overlay } from "./overlay.js";
import { listen } from "./pointer.js";
import { sheetText } from "./tiles.js";
import { clamp, NONE } from "./tools.js";

/** @import { Pair, Pane } from "./frames.js" */
/** @import { Light } from "./groups.js" */
/** @import { Key } from "./legend.js" */
/** @import { Reading } from "./kinds.js" */
/** @import { Lit } from "./links.js" */
/** @import { PaneEvents } from "./pointer.js" */

const KEPT = 6; // canvases of a pane
const KEYS = "Arrow keys move the crosshair, with Shift by ten cells; Escape leaves.";
const SETS = " Enter sets the point.";
const DRAWS =
  " Enter draws a point; 1, 2 and so on choose its label; Backspace takes the last back.";

/**
 * What a pane is good for, besides being seen: whether a click sets the lab's point in it, whether
 * a file may be dropped on it, whether a click holds a cell, and whether a brush draws on it.
 *
 * @typedef {{ setsPoint: boolean, takesFile: boolean, holds: boolean, draws: boolean }} Uses
 */

/** The canvas of a pane; a few are kept, which costs less than to change the size of one. */
class Canvases {
  current = make("canvas", "seglab-plane");
  /** @type {Map<string, HTMLCanvasElement>} */
  #bySize = new Map(); // the latest last
  /** @type {WeakMap<HTMLCanvasElement, string>} */
  #lies = new WeakMap();

  constructor() {
    this.current.setAttribute("role", "img");
  }

  /**
   * Take the canvas of a plane's size.
   *
   * @param {Pair} size
   */
  take(size) {
    const key = size.join();
    const fresh = () =>
      /** @type {HTMLCanvasElement} */ (
        this.#bySize.size ? this.current.cloneNode() : this.current
      );
    const next = this.#bySize.get(key) ?? fresh();
    this.#bySize.delete(key);
    this.#bySize.set(key, next);
    const [oldest] = this.#bySize.keys();
    if (this.#bySize.size > KEPT) this.#bySize.delete(oldest);
    if (next !== this.current) this.current.replaceWith(next);
    this.current = next;
  }

  /**
   * Put the canvas where its cells lie on the input.
   *
   * @param {ReturnType<typeof axesOf>} axes
   * @param {Pair} frame
   */
  lay(axes, frame) {
    const now = [frame, ...axes.map((line) => Object.values(line))].join();
    if (now === this.#lies.get(this.current)) return;
    this.#lies.set(this.current, now);
    const [[top, height], [left, width]] = axes.map(({ start, step, count }, i) =>
      [start, count * step].map((value) => `${(100 * value) / frame[i]}%`),
    );
    Object.assign(this.current.style, { top, left, height, width });
  }
}

/** A pane of a picture: figure is what stands in the page, data is what it shows. */
export class PaneView {
  figure = make("figure", "seglab-pane");
  stage = make("div", "seglab-stage");
  sheet = make("div", "seglab-sheet");
  overlay = new Overlay();
  svg = makeSvg("svg");
  readout = make("div", "seglab-readout");
  key = make("div", "seglab-key");
  #canvases = new Canvases();
  #swatch = make("span", "seglab-swatch");
  #words = make("span");
  #area;
  #lines;
  /** @type {Key | null} */
  #key = null;
  #keyBelow = "";
  #explained = "";
  #whole = false; // all of it is lit
  /** @type {Pane | null} */
  #resting = null; // the data that the readout tells of while nothing points at it

  /**
   * @param {string} name
   * @param {Pane} data
   * @param {PaneEvents} events
   */
  constructor(name, data, events) {
    const { figure, stage, sheet, svg, readout } = this;
    this.name = name;
    this.data = data;
    this.axes = axesOf(data);
    svg.setAttribute("aria-hidden", "true");
    svg.setAttribute("preserveAspectRatio", "none");
    stage.tabIndex = 0;
    stage.setAttribute("role", "group");
    stage.setAttribute("aria-label", name);
    sheet.append(this.canvas, this.overlay.element, svg);
    stage.append(sheet);
    figure.append(makeCaption(name), stage, readout, this.key);
    readout.append(this.#swatch, this.#words);
    this.#area = createArea(svg);
    this.#lines = {
      light: createLine(svg, "light"),
      cell: createLine(svg, "cell"),
      field: createLine(svg, "field"),
      cross: createLine(svg, "cross"),
      point: createLine(svg, "point"),
      pen: createLine(svg, "pen"),
    };
    this.#listen(events);
  }

  get canvas() {
    return this.#canvases.current;
  }

  /** @param {PaneEvents} events */
  #listen(events) {
    const { stage } = this;
    const uses = ["seglab-sets", "seglab-holds"];
    listen(
      {
        stage,
        pixelUnder: (event) => this.pixelUnder(event),
        stepped: (at, move, times) => stepped(this.axes, this.data.frame, at, move, times),
        takesClicks: () => uses.some((name) => stage.classList.contains(name)),
      },
      events,
    );
  }

  /** @param {Pane} data */
  draw(data) {
    const [height, width] = data.frame;
    this.data = data;
    this.axes = axesOf(data);
    this.#canvases.take(data.size);
    paint(this.canvas, data, kindOf(data).paint);
    setAttribute(this.svg, "viewBox", `0 0 ${width} ${height}`);
    this.#canvases.lay(this.axes, data.frame);
    this.overlay.draw(data.marks ?? [], data.frame);
    setAttribute(this.canvas, "aria-label", `${this.name}: ${data.alt}`);
    this.#drawKey();
  }

  /** The legend or the bar beneath, unless it stands below all panes or is another's work. */
  #drawKey() {
    const { data, key } = this;
    const kind = data.legendBelow ? "own" : kindOf(data).key;
    const now = kind === "own" ? "" : kind + legendKey(data);
    if (now !== this.#keyBelow) {
      this.#keyBelow = now;
      this.#key = { legend: () => createLegend(data), bar: createBar, own: () => null }[kind]();
      key.replaceChildren(...(this.#key?.elements ?? []));
    }
    this.#key?.draw(data);
  }

  /**
   * Fit the sheet, which has the input's shape, into the stage, and choose how it is enlarged.
   *
   * @param {number} stageWidth in CSS pixels
   * @param {number} aspect of the stage
   * @param {number} [_unit] of the style sheet, in CSS pixels
   */
  fit(stageWidth, aspect, _unit) {
    const [height, width] = this.data.frame;
    const own = width / height;
    this.sheet.style.width = `${100 * Math.min(1, own / aspect)}%`;
    this.sheet.style.height = `${100 * Math.min(1, aspect / own)}%`;
    const scale = (stageWidth * Math.min(1, own / aspect)) / width;
    this.overlay.fit(scale);
    const enlarged = scale * this.axes[1].step * (window.devicePixelRatio || 1) >= 0.999;
    this.canvas.style.imageRendering = enlarged ? "pixelated" : "auto"; // shrunk, it would alias
  }

  /**
   * @param {Pair | null} at
   * @returns {Reading}
   */
  #read(at) {
    const { axes, data } = this;
    const [row, column] = at ? axes.map((line, i) => cellAt(line, at[i])) : [null, null];
    if (row === null || column === null) {
      return { cell: null, code: NONE, colour: "", text: "no value" };
    }
    const index = row * data.size[1] + column;
    const reading = kindOf(data).text(data, index, [row, column]);
    const where = data.tiles && at ? sheetText(data.tiles, at) : "";
    const text = where ? `${reading.text} · ${where}` : reading.text;
    return { cell: [row, column], ...reading, text };
  }

  /**
   * Point at an input pixel (null: at nothing); returns what is read there.
   *
   * @param {Pair | null} at
   */
  point(at) {
    const hit = this.#read(at);
    if (!at && this.#resting === this.data) return hit;
    this.#resting = at ? null : this.data;
    const colour = at ? hit.colour : "";
    const words = at ? hit.text : kindOf(this.data).rest(this.data);
    setText(this.#words, words);
    setAttribute(this.readout, "title", words); // where it is cut
    this.#swatch.style.background = colour;
    this.#swatch.hidden = !colour;
    this.readout.classList.toggle("seglab-rest", !at);
    this.#key?.point(at ? hit.code : NONE);
    const { cross, cell } = at
      ? crosshair(this.axes, this.data.frame, at, hit.cell)
      : { cross: "", cell: "" };
    this.#lines.cross(kindOf(this.data).move === "crosshair" ? cross : "");
    this.#lines.cell(cell);
    return hit;
  }

  /**
   * Outline the part of the input that another pane's cell sees.
   *
   * @param {string} path
   */
  showSeen(path) {
    this.#lines.field(path);
  }

  /**
   * Light up what belongs to what is pointed at elsewhere.
   *
   * @param {Light} light
   */
  showLight({ line = "", area = "", whole = false }) {
    this.#lines.light(line);
    this.#area(area);
    if (whole === this.#whole) return;
    this.#whole = whole;
    this.figure.classList.toggle("seglab-lit-here", whole);
  }

  /** Screen pixels of a pixel of the frame. */
  get scale() {
    return this.overlay.scale;
  }

  /** @param {Pair | null} at */
  showPoint(at) {
    this.#lines.point(at ? pointPath(at, this.data.frame) : "");
  }

  /**
   * Draw a stroke that is not finished.
   *
   * @param {string} path
   */
  showPen(path) {
    this.#lines.pen(path);
  }

  /**
   * Light up cells that belong together; pictures have none.
   *
   * @param {Lit[]} _cells
   */
  showLinks(_cells) {}

  /** @param {Uses} uses */
  explain({ setsPoint, takesFile, draws }) {
    const { axes, data, name, stage } = this;
    const blank =
      kindOf(data).paint.indexed && /without a value|nothing has a value/.test(data.alt);
    const hatch = blank || leavesBare(axes, data.frame) ? "Hatched: no value there. " : "";
    const title = hatch + (takesFile ? "Drop a picture of your own here. " : "");
    const label = `${name}. ${hatch}${KEYS}${draws ? DRAWS : setsPoint ? SETS : ""}`;
    if (title + label === this.#explained) return;
    this.#explained = title + label;
    stage.title = title;
    stage.classList.toggle("seglab-sets", setsPoint || draws);
    stage.classList.toggle("seglab-draws", draws);
    stage.setAttribute("aria-label", label);
  }

  /**
   * The input pixel under the pointer.
   *
   * @param {MouseEvent} event
   * @returns {Pair | null}
   */
  pixelUnder({ clientX, clientY }) {
    const { top, left, height, width } = this.sheet.getBoundingClientRect();
    const [rows, columns] = this.data.frame;
    return [
      clamp(Math.floor(((clientY - top) / height) * rows), 0, rows - 1),
      clamp(Math.floor(((clientX - left) / width) * columns), 0, columns - 1),
    ];
  }
}
