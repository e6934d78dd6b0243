// Shapes of a diagram as elements of an SVG, in screen pixels: what each looks like, and how far a
// place is from it.

import { clamp } from "./tools.js";

/** @import { ArrowShape, BarShape, DiagramPane, Edges, LabelShape, Pair } from "./frames.js" */
/** @import { Shape, ShapeColour } from "./frames.js" */

/**
 * How coordinates lie on the screen. unit: screen pixels of a pixel of the style sheet.
 *
 * @typedef {{ x(value: number): number, y(value: number): number, unit: number }} Scale
 *
 * An element to draw.
 * @typedef {{
 *   tag: "path" | "rect" | "circle" | "text", classes: string, color: string, text: string,
 *   attributes: Record<string, string | number>,
 * }} Element
 */

const HEAD_OF_ARROW = { long: 9, half: 4 };
const TEXT = { large: 11.5, small: 10.5, letter: 0.56, tall: 1.2 };

/** @param {number} value */
const tenth = (value) => Math.round(value * 10) / 10;

/**
 * How a diagram's coordinates lie in a stage; even: as far apart across as down, in its middle.
 *
 * @param {Pick<DiagramPane, "x" | "y" | "margin" | "even">} diagram
 * @param {Pair} size width and height of the stage in screen pixels
 * @param {number} unit
 * @returns {Scale}
 */
export function scaleOf({ x, y, margin, even }, [width, height], unit) {
  const [top, right, bottom, left] = margin.map((one) => one * unit);
  const room = [width - left - right, height - top - bottom];
  const spans = [x[1] - x[0], y[1] - y[0]];
  const one = Math.min(...spans.map((span, i) => room[i] / Math.abs(span)));
  const [across, down] = spans.map((span, i) => (even ? one * Math.sign(span) : room[i] / span));
  const spare = [room[0] - Math.abs(across * spans[0]), room[1] - Math.abs(down * spans[1])];
  return {
    x: (value) => left + spare[0] / 2 + (value - x[0]) * across,
    y: (value) => top + spare[1] / 2 + (value - y[0]) * down,
    unit,
  };
}

/**
 * @param {Pair[]} points
 * @param {Scale} scale
 * @returns {Pair[]}
 */
const placesOf = (points, scale) => points.map(([x, y]) => [scale.x(x), scale.y(y)]);

/** @param {Pair[]} places */
const pathOf = (places) => `M${places.map((place) => place.map(tenth).join(" ")).join("L")}`;

/**
 * Left, top, right and bottom on the screen, whichever way the axes go.
 *
 * @param {Edges} edges
 * @param {Scale} scale
 */
export function edgesOn({ left, top, right, bottom }, scale) {
  const [x, y] = [
    [scale.x(left), scale.x(right)],
    [scale.y(top), scale.y(bottom)],
  ].map((pair) => pair.sort((a, b) => a - b));
  return { left: x[0], top: y[0], right: x[1], bottom: y[1] };
}

/**
 * A shaft and a head, which ends at the tip.
 *
 * @param {ArrowShape} arrow
 * @param {Scale} scale
 */
function arrowOf(arrow, scale) {
  const from = [scale.x(arrow.x), scale.y(arrow.y)];
  const to = [scale.x(arrow.to_x), scale.y(arrow.to_y)];
  const long = Math.hypot(to[0] - from[0], to[1] - from[1]);
  if (!long) return "";
  const [x, y] = [(to[0] - from[0]) / long, (to[1] - from[1]) / long];
  const head = Math.min(HEAD_OF_ARROW.long * scale.unit, long);
  const half = (head * HEAD_OF_ARROW.half) / HEAD_OF_ARROW.long;
  const base = [to[0] - head * x, to[1] - head * y];
  /** @type {Pair[]} */
  const sides = [
    [base[0] - half * y, base[1] + half * x],
    [base[0] + half * y, base[1] - half * x],
  ];
  const tip = /** @type {Pair} */ (to);
  const shaft = /** @type {Pair[]} */ ([from, base]);
  return `${pathOf(shaft)}${pathOf([tip, ...sides])}z`;
}

/**
 * @param {LabelShape} label
 * @param {Scale} scale
 */
function textOf(label, scale) {
  const { unit } = scale;
  const [right, down] = label.shift ?? [0, 0];
  return {
    x: tenth(scale.x(label.x) + right * unit),
    y: tenth(scale.y(label.y) + down * unit),
    size: (label.small ? TEXT.small : TEXT.large) * unit,
  };
}

/**
 * @param {BarShape} bar
 * @param {Scale} scale
 */
function boxOf(bar, scale) {
  const { left, top, right, bottom } = edgesOn(bar, scale);
  return {
    x: tenth(left),
    y: tenth(top),
    width: tenth(right - left),
    height: tenth(bottom - top),
  };
}

/**
 * The class and the colour that give an element its colour.
 *
 * @param {ShapeColour} colour
 */
export const clothes = (colour) =>
  typeof colour === "string"
    ? { classes: `seglab-in-${colour}`, color: "" }
    : { classes: "", color: `rgb(${colour.join(" ")})` };

/**
 * What is drawn for a shape; null for thumbnails and handles, which are no elements of the SVG's
 * ground.
 *
 * @param {Shape} shape
 * @param {Scale} scale
 * @returns {Element | null}
 */
export function elementOf(shape, scale) {
  const { unit } = scale;
  const painted = paintedOf(shape, scale);
  if (!painted) return null;
  const { classes, color } = clothes(shape.colour ?? DEFAULTS[shape.kind] ?? "ink");
  const stroke = shape.kind === "line" || shape.kind === "arrow" ? (shape.width ?? 2) : 1.5;
  return {
    tag: painted.tag,
    classes: `seglab-shape ${painted.look} ${classes}`,
    color,
    text: shape.kind === "label" ? shape.text : "",
    attributes: { "stroke-width": tenth(stroke * unit), ...painted.attributes },
  };
}

/** @type {Record<string, ShapeColour>} */
const DEFAULTS = { area: "accent", bar: "accent", dot: "accent", handle: "accent" };

/**
 * @param {Shape} shape
 * @param {Scale} scale
 * @returns {{ tag: Element["tag"], look: string, attributes: Element["attributes"] } | null}
 */
function paintedOf(shape, scale) {
  switch (shape.kind) {
    case "line": {
      const look = `seglab-stroked${shape.dashed ? " seglab-dashed" : ""}`;
      return { tag: "path", look, attributes: { d: pathOf(placesOf(shape.points, scale)) } };
    }
    case "area": {
      const d = `${pathOf(placesOf(shape.points, scale))}z`;
      const attributes = { d, "fill-opacity": shape.opacity ?? 0.25 };
      return { tag: "path", look: "seglab-filled", attributes };
    }
    case "bar": {
      const hollow = `seglab-stroked${shape.dashed ? " seglab-dashed" : ""}`;
      const look = shape.hollow ? hollow : "seglab-filled";
      const attributes = { ...boxOf(shape, scale), opacity: shape.opacity ?? 1 };
      return { tag: "rect", look, attributes };
    }
    case "dot": {
      const [cx, cy] = [tenth(scale.x(shape.x)), tenth(scale.y(shape.y))];
      const attributes = { cx, cy, r: tenth((shape.radius ?? 4) * scale.unit) };
      return { tag: "circle", look: shape.hollow ? "seglab-ring" : "seglab-filled", attributes };
    }
    case "arrow":
      return { tag: "path", look: "seglab-pointed", attributes: { d: arrowOf(shape, scale) } };
    case "label": {
      const { x, y, size } = textOf(shape, scale);
      const look = `seglab-label${shape.bold ? " seglab-bold" : ""}`;
      const attributes = { x, y, "text-anchor": shape.align ?? "middle", "font-size": tenth(size) };
      return { tag: "text", look, attributes };
    }
    default:
      return null;
  }
}

/**
 * @param {Pair} at
 * @param {Edges} edges
 */
const fromBox = ([x, y], { left, top, right, bottom }) =>
  Math.hypot(x - clamp(x, left, right), y - clamp(y, top, bottom));

/**
 * @param {Pair} at
 * @param {Pair[]} places
 */
function fromLine([x, y], places) {
  let least = Infinity;
  for (let i = 1; i < places.length; i++) {
    const [[ax, ay], [bx, by]] = [places[i - 1], places[i]];
    const long = (bx - ax) ** 2 + (by - ay) ** 2 || 1;
    const along = clamp(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / long, 0, 1);
    least = Math.min(least, Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay)));
  }
  return least;
}

/**
 * Screen pixels from a place to a shape; 0 inside.
 *
 * @param {Shape} shape
 * @param {Pair} at
 * @param {Scale} scale
 */
export function distanceTo(shape, at, scale) {
  switch (shape.kind) {
    case "line":
      return fromLine(at, placesOf(shape.points, scale));
    case "arrow":
      return fromLine(
        at,
        placesOf(
          [
            [shape.x, shape.y],
            [shape.to_x, shape.to_y],
          ],
          scale,
        ),
      );
    case "dot": {
      const away = Math.hypot(at[0] - scale.x(shape.x), at[1] - scale.y(shape.y));
      return Math.max(0, away - (shape.radius ?? 4) * scale.unit);
    }
    case "area": {
      const places = placesOf(shape.points, scale);
      const [xs, ys] = [0, 1].map((i) => places.map((place) => place[i]));
      const [left, right] = [Math.min(...xs), Math.max(...xs)];
      return fromBox(at, { left, right, top: Math.min(...ys), bottom: Math.max(...ys) });
    }
    case "label": {
      const { x, y, size } = textOf(shape, scale);
      const wide = shape.text.length * TEXT.letter * size;
      const left = x - { start: 0, middle: wide / 2, end: wide }[shape.align ?? "middle"];
      const half = (size * TEXT.tall) / 2;
      return fromBox(at, { left, right: left + wide, top: y - half, bottom: y + half });
    }
    case "bar":
    case "thumbnail":
      return fromBox(at, edgesOn(shape, scale));
    default:
      return Infinity;
  }
}

/** @param {Shape} shape */
export const isTold = (shape) =>
  shape.kind !== "handle" && Boolean(shape.says || shape.sets || shape.thing !== undefined);

/**
 * The shape that one points at, by its number: the nearest that tells or does something, the
 * topmost of several; -1: none.
 *
 * @param {Shape[]} shapes
 * @param {Pair} at
 * @param {Scale} scale
 */
export function shapeAt(shapes, at, scale) {
  let [found, least] = [-1, 12 * scale.unit];
  for (const [i, shape] of shapes.entries()) {
    const away = isTold(shape) ? distanceTo(shape, at, scale) : Infinity;
    if (away <= least) [found, least] = [i, away];
  }
  return found;
}

/**
 * The stop of a handle that is nearest to a place.
 *
 * @param {[number, number, string][]} stops
 * @param {Pair} at
 * @param {Scale} scale
 */
export function nearestStop(stops, at, scale) {
  const away = stops.map(([x, y]) => Math.hypot(scale.x(x) - at[0], scale.y(y) - at[1]));
  return away.indexOf(Math.min(...away));
}
