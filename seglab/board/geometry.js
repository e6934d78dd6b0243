// Where the cells of a plane lie on the input, and lines over it, as the data of SVG paths.

import { clamp } from "./tools.js";

/** @import { Field, Header, Pair } from "./frames.js" */

/**
 * The cells along one axis, in pixels of the input from its outer edge.
 *
 * @typedef {{ start: number, step: number, count: number }} Axis
 * @typedef {[y: Axis, x: Axis]} Axes
 */

/**
 * @param {Header} pane
 * @param {0 | 1} i
 * @returns {Axis}
 */
function axis({ field, frame, size }, i) {
  if (!field) return { start: 0, step: frame[i] / size[i], count: size[i] };
  const step = field.stride[i];
  return { start: field.origin[i] + (1 - step) / 2, step, count: size[i] };
}

/**
 * @param {Header} pane
 * @returns {Axes}
 */
export const axesOf = (pane) => [axis(pane, 0), axis(pane, 1)];

/**
 * The cell over an input pixel along one axis; null where there is none.
 *
 * @param {Axis} axis
 * @param {number} pixel
 */
export function cellAt({ start, step, count }, pixel) {
  const cell = Math.floor((pixel + 0.5 - start) / step);
  return cell >= 0 && cell < count ? cell : null;
}

/**
 * The input pixel nearest to a cell's center that lies in the cell.
 *
 * @param {Axis} axis
 * @param {number} cell
 */
export function pixelAt({ start, step }, cell) {
  const center = start + (cell + 0.5) * step;
  return Math.min(Math.floor(center), Math.ceil(center + step / 2 - 0.5) - 1);
}

/**
 * Whether the cells leave a part of the input bare.
 *
 * @param {Axes} axes
 * @param {Pair} frame
 */
export const leavesBare = (axes, frame) =>
  axes.some(
    ({ start, step, count }, i) => start > 0.001 || start + count * step < frame[i] - 0.001,
  );

/**
 * The pixel of the cell that lies so many cells away; from nowhere, of the cell in the middle.
 *
 * @param {Axes} axes
 * @param {Pair} frame
 * @param {Pair | null} at
 * @param {Pair} move
 * @param {number} times
 * @returns {Pair}
 */
export function stepped(axes, frame, at, move, times) {
  /** @param {0 | 1} i */
  const along = (i) => {
    const line = axes[i];
    const now = cellAt(line, at ? at[i] : Math.floor(frame[i] / 2));
    const from = now ?? (at && at[i] + 0.5 < line.start ? 0 : line.count - 1);
    const outside = now === null && at;
    const cell = outside ? from : clamp(from + move[i] * times, 0, line.count - 1);
    return clamp(pixelAt(line, cell), 0, frame[i] - 1);
  };
  return [along(0), along(1)];
}

/* ---- paths ---------------------------------------------------------------------------------- */

/**
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} height
 */
export const rectangle = (x, y, width, height) => `M${x} ${y}h${width}v${height}h${-width}z`;

/**
 * The lines of a crosshair, and the outline of the cell in its middle where that is large enough.
 *
 * @param {Axes} axes
 * @param {Pair} frame
 * @param {Pair} at
 * @param {Pair | null} cell
 */
export function crosshair([y, x], [height, width], at, cell) {
  const large = cell && x.step >= width / 80 ? cell : null;
  const [top, left] = large ? [y.start + large[0] * y.step, x.start + large[1] * x.step] : at;
  const [cy, cx] = [at[0] + 0.5, at[1] + 0.5];
  const gap = large ? [y.step / 2, x.step / 2] : [height / 45, width / 45];
  const middle = large ? [top + y.step / 2, left + x.step / 2] : [cy, cx];
  const [up, down] = [Math.max(middle[0] - gap[0], 0), Math.min(middle[0] + gap[0], height)];
  const [before, after] = [Math.max(middle[1] - gap[1], 0), Math.min(middle[1] + gap[1], width)];
  return {
    cross: `M0 ${cy}H${before}M${after} ${cy}H${width}M${cx} 0V${up}M${cx} ${down}V${height}`,
    cell: large ? rectangle(left, top, x.step, y.step) : "",
  };
}

/**
 * The part of the input that a cell sees.
 *
 * @param {Field} field
 * @param {Pair} cell
 * @param {Pair} frame
 */
export function fieldPath({ size, stride, padding }, cell, frame) {
  /** @param {0 | 1} i */
  const along = (i) => {
    const side = size[i];
    return side === null ? [0, frame[i]] : [cell[i] * stride[i] - padding[i], side];
  };
  const [[top, tall], [left, wide]] = [along(0), along(1)];
  return rectangle(left, top, wide, tall);
}

/**
 * The ring around the lab's point.
 *
 * @param {Pair} at
 * @param {Pair} frame
 */
export function pointPath(at, frame) {
  const [y, x] = [at[0] + 0.5, at[1] + 0.5];
  const r = Math.max(frame[0], frame[1]) / 42;
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`;
}
