// A pane that is a diagram: shapes that fill it, small pictures among them, and handles over them.

import { paint } from "./colours.js";
import { hasModifier, make, makeCaption, makeSvg, setAttribute, setText, take } from "./dom.js";
import { KnobView } from "./handle.js";
import { kindOf } from "./kinds.js";
import { ARROWS } from "./pointer.js";
import { edgesOn, elementOf, isTold, scaleOf, shapeAt } from "./shapes.js";
import { NONE } from "./tools.js";

/** @import { BarShape, DiagramPane, HandleShape, Pair, Shape } from "./frames.js" */
/** @import { ThumbnailShape } from "./frames.js" */
/** @import { Light } from "./groups.js" */
/** @import { Reading } from "./kinds.js" */
/** @import { PaneEvents } from "./pointer.js" */
/** @import { Scale } from "./shapes.js" */

const TINY = 100; // a pane of so many units shows no text
const GESTURE = 500; // milliseconds: moves that follow each other sooner are one
const POINTS = "Arrow keys go from part to part; Enter sets what a part stands for; Escape leaves.";

/**
 * The bars that leave a ghost.
 *
 * @param {Shape[]} shapes
 * @returns {BarShape[]}
 */
const ghostly = (shapes) =>
  /** @type {BarShape[]} */ (shapes.filter((shape) => shape.kind === "bar" && shape.ghost));

/** @param {BarShape} bar */
const edgesKey = ({ left, top, right, bottom }) => [left, top, right, bottom].join();

/** A pane of shapes; it lies on no input. */
export class DiagramView {
  figure = make("figure", "seglab-pane");
  stage = make("div", "seglab-stage");
  #sheet = make("div", "seglab-sheet seglab-diagram");
  #svg = makeSvg("svg");
  #ground = makeSvg("g");
  #handles = makeSvg("g");
  #readout = make("div", "seglab-readout");
  /** @type {SVGElement[]} of the shapes, by their numbers; none for thumbnails and handles */
  #nodes = [];
  /** @type {KnobView[]} */
  #knobs = [];
  /** @type {HTMLCanvasElement[]} */
  #canvases = [];
  /** @type {BarShape[]} */
  #before = []; // where ghostly bars stood at the last rest
  #moved = 0;
  /** @type {Pair} */
  #size = [0, 0];
  #unit = 1;
  #here = -1; // the shape that is pointed at
  /** @type {number[]} */
  #lit = [];
  scale = 1;
  #events;

  /**
   * @param {string} name
   * @param {DiagramPane} data
   * @param {PaneEvents} events
   */
  constructor(name, data, events) {
    this.name = name;
    this.data = data;
    this.#events = events;
    const { figure, stage } = this;
    stage.tabIndex = 0;
    stage.setAttribute("role", "group");
    this.#ground.setAttribute("role", "img");
    this.#svg.append(this.#ground, this.#handles);
    this.#sheet.append(this.#svg);
    stage.append(this.#sheet);
    figure.append(makeCaption(name), stage, this.#readout);
    this.#listen();
  }

  #listen() {
    const { stage } = this;
    const events = this.#events;
    stage.addEventListener("pointermove", (event) => {
      const i = shapeAt(this.data.shapes, this.#placeUnder(event), this.#scaleNow());
      stage.classList.toggle("seglab-clicks", Boolean(this.data.shapes[i]?.sets));
      events.point(i < 0 ? null : [0, i], false);
    });
    stage.addEventListener("pointerleave", () => events.point(null, false));
    stage.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      this.#press(shapeAt(this.data.shapes, this.#placeUnder(event), this.#scaleNow()));
    });
    stage.addEventListener("keydown", (event) => {
      if (!hasModifier(event) && event.target === stage && this.#act(event.key)) take(event);
    });
    stage.addEventListener("blur", () => events.point(null, false));
  }

  /** @param {string} key */
  #act(key) {
    if (key in ARROWS) this.#step(ARROWS[key][0] + ARROWS[key][1]);
    else if (key === "Enter" || key === " ") return this.#press(this.#here);
    else if (key === "Escape" && this.#here >= 0) this.#events.point(null, false);
    else if (key === "Escape") this.stage.blur();
    else return false;
    return true;
  }

  /**
   * Point at the next shape that tells something.
   *
   * @param {number} by
   */
  #step(by) {
    const told = [...this.data.shapes.keys()].filter((i) => isTold(this.data.shapes[i]));
    if (!told.length) return;
    const now = told.indexOf(this.#here);
    const next = now < 0 && by < 0 ? told.length - 1 : now + by;
    this.#events.point([0, told[(next + told.length) % told.length]], true);
  }

  /**
   * Do what a click on a shape does; whether it does something.
   *
   * @param {number} i
   */
  #press(i) {
    const sets = this.data.shapes[i]?.sets;
    if (sets) this.#events.control(...sets);
    return Boolean(sets);
  }

  /** @param {MouseEvent} event */
  #placeUnder({ clientX, clientY }) {
    const { left, top, width } = this.#sheet.getBoundingClientRect();
    const zoom = this.#size[0] / (width || 1);
    return /** @type {Pair} */ ([(clientX - left) * zoom, (clientY - top) * zoom]);
  }

  #scaleNow() {
    return scaleOf(this.data, this.#size, this.#unit);
  }

  /** @param {DiagramPane} data */
  draw(data) {
    this.#remember(ghostly(this.data.shapes), ghostly(data.shapes));
    this.data = data;
    if (this.#size[0]) this.#drawShapes();
  }

  /**
   * Keep where the bars stood before a gesture began.
   *
   * @param {BarShape[]} last
   * @param {BarShape[]} next
   */
  #remember(last, next) {
    if (last.map(edgesKey).join() === next.map(edgesKey).join()) return;
    const now = performance.now();
    if (now - this.#moved > GESTURE || this.#before.length !== next.length) this.#before = last;
    if (last.length !== next.length) this.#before = [];
    this.#moved = now;
  }

  #drawShapes() {
    const { data } = this;
    const scale = this.#scaleNow();
    setAttribute(this.#ground, "aria-label", `${this.name}: ${data.alt}`);
    const ghosts = this.#ghosts(data.shapes);
    const shapes = [...data.shapes, ...ghosts];
    const nodes = shapes.map((shape, i) => this.#drawShape(i, shape, scale));
    for (const node of this.#nodes.slice(nodes.length)) node.remove();
    this.#nodes = nodes;
    for (const [i, node] of nodes.entries()) {
      node.classList.toggle("seglab-ghost", i >= data.shapes.length);
      node.classList.toggle("seglab-here", i === this.#here);
      node.classList.toggle("seglab-lit-here", this.#lit.includes(i));
    }
    this.#drawThumbnails(scale);
    this.#drawHandles(scale);
  }

  /**
   * Outlines of the bars that have moved.
   *
   * @param {Shape[]} shapes
   * @returns {Shape[]}
   */
  #ghosts(shapes) {
    const now = ghostly(shapes).map(edgesKey);
    return this.#before
      .filter((bar, i) => edgesKey(bar) !== now[i])
      .map((bar) => ({ ...bar, hollow: true, dashed: true, says: "", colour: "ink" }));
  }

  /**
   * @param {number} i
   * @param {Shape} shape
   * @param {Scale} scale
   */
  #drawShape(i, shape, scale) {
    const drawn = elementOf(shape, scale);
    const tag = drawn?.tag ?? "g";
    let node = this.#nodes[i];
    if (node?.tagName !== tag) {
      const fresh = makeSvg(tag);
      if (node) node.replaceWith(fresh);
      else this.#ground.append(fresh);
      node = fresh;
    }
    if (!drawn) return node;
    setAttribute(node, "class", drawn.classes);
    setAttribute(node, "color", drawn.color);
    for (const [name, value] of Object.entries(drawn.attributes)) {
      setAttribute(node, name, String(value));
    }
    if (drawn.text) setText(node, drawn.text);
    return node;
  }

  /** @param {Scale} scale */
  #drawThumbnails(scale) {
    const thumbnails = /** @type {ThumbnailShape[]} */ (
      this.data.shapes.filter(({ kind }) => kind === "thumbnail")
    );
    while (this.#canvases.length < thumbnails.length) {
      const canvas = make("canvas", "seglab-plane seglab-thumbnail");
      canvas.setAttribute("aria-hidden", "true");
      this.#canvases.push(canvas);
      this.#svg.before(canvas);
    }
    for (const canvas of this.#canvases.splice(thumbnails.length)) canvas.remove();
    for (const [i, shape] of thumbnails.entries()) {
      const part = this.data.parts[shape.picture];
      const { left, top, right, bottom } = edgesOn(shape, scale);
      paint(this.#canvases[i], part, kindOf(part).paint);
      Object.assign(this.#canvases[i].style, {
        left: `${left}px`,
        top: `${top}px`,
        width: `${right - left}px`,
        height: `${bottom - top}px`,
        // Shrunk, it would alias.
        imageRendering: right - left < part.size[1] ? "auto" : "pixelated",
      });
    }
  }

  /** @param {Scale} scale */
  #drawHandles(scale) {
    const shapes = /** @type {HandleShape[]} */ (
      this.data.shapes.filter(({ kind }) => kind === "handle")
    );
    while (this.#knobs.length < shapes.length) {
      const knob = new KnobView(
        (event) => this.#placeUnder(event),
        (control, value) => this.#events.control(control, value),
        (control) => this.#events.labelOf(control),
      );
      this.#knobs.push(knob);
      this.#handles.append(knob.element);
    }
    for (const knob of this.#knobs.splice(shapes.length)) knob.element.remove();
    for (const [i, shape] of shapes.entries()) this.#knobs[i].draw(shape, scale);
  }

  /**
   * Fill the stage, whatever its form.
   *
   * @param {number} stageWidth in CSS pixels
   * @param {number} aspect of the stage
   * @param {number} unit
   */
  fit(stageWidth, aspect, unit = 1) {
    this.#size = [stageWidth, stageWidth / aspect];
    this.#unit = unit;
    this.#sheet.classList.toggle("seglab-tiny", stageWidth < TINY * unit);
    setAttribute(this.#svg, "viewBox", `0 0 ${this.#size.map((n) => n.toFixed(1)).join(" ")}`);
    this.#drawShapes();
  }

  /**
   * Point at a shape, by its number as the column; returns what it says.
   *
   * @param {Pair | null} at
   * @returns {Reading}
   */
  point(at) {
    const i = at ? at[1] : -1;
    const shape = this.data.shapes[i];
    if (i !== this.#here) {
      this.#nodes[this.#here]?.classList.remove("seglab-here");
      this.#nodes[i]?.classList.add("seglab-here");
      this.#here = i;
    }
    const text = shape?.says ?? "";
    setText(this.#readout, text);
    setAttribute(this.#readout, "title", text);
    return { cell: null, code: NONE, colour: "", text };
  }

  /**
   * Light up the shapes of a thing.
   *
   * @param {Light} light
   */
  showLight({ shapes = [] }) {
    if (shapes.join() === this.#lit.join()) return;
    for (const i of this.#lit) this.#nodes[i]?.classList.remove("seglab-lit-here");
    for (const i of shapes) this.#nodes[i]?.classList.add("seglab-lit-here");
    this.#lit = shapes;
  }

  explain() {
    const points = this.data.shapes.some(isTold) ? ` ${POINTS}` : "";
    setAttribute(this.stage, "aria-label", `${this.name}.${points}`);
  }

  showSeen() {}
  showLinks() {}
  showPoint() {}
}
