// What a host gives to the board: the mirror of frames.py, and of a Picture's header. Positions
// are (row, column), sizes (height, width).

import { bytes } from "./tools.js";

/** @import { Tiles } from "./tiles.js" */

/**
 * @typedef {[number, number]} Pair
 * @typedef {[number, number]} Range the least and the greatest value of a scale
 * @typedef {[number, number, number]} Colour red, green and blue, 0 to 255
 * @typedef {ArrayBufferView | ArrayBuffer | number[] | null | undefined} Data
 */

/**
 * Which part of the input a cell sees; a size of null: all of the input.
 *
 * @typedef {{
 *   size: [number | null, number | null], stride: Pair, padding: Pair, origin: Pair,
 * }} Field
 */

/**
 * What is drawn over a pane, in pixels of its frame: the middle of pixel i lies at i. A colour of
 * null is the board's accent; a dot's radius is in screen pixels.
 *
 * @typedef {{ colour: Colour | null, text: string }} Label
 * @typedef {Label & { kind: "box", at: [number, number, number, number], strong: boolean,
 *   dashed: boolean }} BoxMark top, left, bottom, right
 * @typedef {Label & { kind: "outline", points: Pair[], closed: boolean }} OutlineMark
 * @typedef {Label & { kind: "dot", at: Pair, radius: number }} DotMark
 * @typedef {Label & { kind: "arrow", at: Pair, to: Pair }} ArrowMark
 * @typedef {Label & { kind: "text", at: Pair }} TextMark
 * @typedef {BoxMark | OutlineMark | DotMark | ArrowMark | TextMark} Mark
 */

/**
 * Which things a pane shows: with each code, row, column or mark, or as a whole; null: none. What
 * shows the same thing of the same name lights up with it, and so do these controls.
 *
 * @typedef {{
 *   name: string, by: "code" | "row" | "column" | "mark" | "shape" | "picture",
 *   ids: (number | null)[], marks: Mark[], controls: string[],
 * }} Group
 */

/**
 * The header of a pane: all but its cells. The names of the first `listed` codes stand in the
 * legend; all of them where it is not given. whole: the values of a scale are whole numbers.
 * space: what rows and columns are where they are no pixels; tiles: how a sheet lies on an image.
 *
 * @typedef {{
 *   name: string, kind: string, size: Pair, frame: Pair, range: Range | null, names: string[],
 *   listed?: number, field: Field | null, alt: string, marks?: Mark[], whole?: boolean,
 *   space?: string, tiles?: Tiles, group?: Group,
 * }} Header
 */

/**
 * A pane as it arrives. The plane holds one byte a cell (three for rgb), and 255 means "no value";
 * the palette is r, g, b, r, g, ... A curtain has two panes as its parts.
 *
 * @typedef {Header & { plane: Data, palette: Data, parts?: RawPane[] }} RawPane
 */

/**
 * A pane as it is drawn. legendBelow: its legend stands below the panes.
 *
 * @typedef {Header & {
 *   plane: Uint8Array, palette: Uint8Array, parts: Pane[], legendBelow?: boolean,
 * }} Pane
 * @typedef {Pane & { range: Range }} ScalarPane
 */

/**
 * How an output's cells come from an input and a kernel, both named: along an axis, output o reads
 * input stride * o - padding + dilation * t through tap t; transposed, input i adds to output
 * stride * i - padding + dilation * t.
 *
 * @typedef {{
 *   input: string, kernel: string, stride: Pair, padding: Pair, dilation: Pair,
 *   transposed: boolean,
 * }} LinksOf
 */

/**
 * A number grid. Borders are drawn as cells, so a cell's number is its place in the data plus the
 * border. lost: how many rows and columns at the end nothing reads.
 *
 * @typedef {Pane & {
 *   values: (number | null)[], border: number, borderMeans: string, lost: Pair,
 *   links: LinksOf | null,
 * }} GridPane
 * @typedef {Pane & {
 *   columns: string[], rows: string[][], numeric: boolean[], highlight: number | null,
 * }} TablePane
 */

/**
 * A colour of a diagram, which may be one of the page's own.
 *
 * @typedef {Colour | "ink" | "faint" | "accent" | "paper"} ShapeColour
 *
 * What shapes have in common; what stands at its default is left out. says: read where one points;
 * sets: a click sets this control to this value; thing: what it shows.
 * @typedef {{
 *   colour?: ShapeColour, says?: string, sets?: [control: string, value: string], thing?: number,
 * }} AnyShape
 *
 * Shapes of a diagram: positions are (x, y) in its coordinates; widths, radii and shifts are in
 * screen pixels.
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Edges
 * @typedef {AnyShape & { kind: "line", points: Pair[], width?: number, dashed?: boolean
 *   }} LineShape
 * @typedef {AnyShape & { kind: "area", points: Pair[], opacity?: number }} AreaShape
 * @typedef {AnyShape & Edges & { kind: "bar", hollow?: boolean, dashed?: boolean,
 *   opacity?: number, ghost?: boolean }} BarShape
 * @typedef {AnyShape & { kind: "dot", x: number, y: number, radius?: number, hollow?: boolean
 *   }} DotShape
 * @typedef {AnyShape & { kind: "arrow", x: number, y: number, to_x: number, to_y: number,
 *   width?: number }} ArrowShape
 * @typedef {AnyShape & { kind: "label", text: string, x: number, y: number,
 *   align?: "start" | "middle" | "end", shift?: Pair, bold?: boolean, small?: boolean }} LabelShape
 * @typedef {AnyShape & Edges & { kind: "thumbnail", picture: number, name: string }} ThumbnailShape
 *
 * stops: x, y and the control's value at each place; now: the number of the stop where it stands.
 * @typedef {AnyShape & { kind: "handle", control: string, stops: [number, number, string][],
 *   now: number }} HandleShape
 * @typedef {LineShape | AreaShape | BarShape | DotShape | ArrowShape | LabelShape |
 *   ThumbnailShape | HandleShape} Shape
 *
 * x: the coordinates at the left and right edge, y: at the top and bottom edge; margin: screen
 * pixels outside them: top, right, bottom, left. wide: it takes the room of two panes;
 * tall: and of two rows. even: x and y have one scale.
 * @typedef {Pane & {
 *   shapes: Shape[], x: Range, y: Range, margin: [number, number, number, number], wide?: boolean,
 *   tall?: boolean, even?: boolean,
 * }} DiagramPane
 */

/**
 * A control that is drawn: the picture's size, what a stroke may say, and the strokes as text.
 *
 * @typedef {{ control: string, size: Pair, labels: string[], text: string }} BrushOf
 */

/**
 * A state of a lab. key: where its controls stand; codeVersion: which code it comes from; base: the
 * state that lends the panes which are not given whole.
 *
 * @typedef {{
 *   step: number | string, panes: RawPane[],
 *   numbers: [name: string, text: string, kind?: string][],
 *   status: string, pixel: { at: Pair, size: Pair } | null, takesFile: boolean, brush?: BrushOf,
 *   key?: unknown, codeVersion?: number, base?: unknown,
 * }} Frame
 */

/**
 * A calm sentence above the panes.
 *
 * @typedef {{ text?: string, detail?: string, kind?: "error" | "note" }} Notice
 */

/**
 * A pane with its planes as bytes.
 *
 * @param {RawPane} pane
 * @returns {Pane}
 */
export const unpack = (pane) => ({
  ...pane,
  plane: bytes(pane.plane),
  palette: bytes(pane.palette),
  parts: (pane.parts ?? []).map(unpack),
});
