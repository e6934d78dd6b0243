// The frames that a notebook's board has been sent.

import { bytes } from "../board/tools.js";

/** @import { Frame, RawPane } from "../board/frames.js" */

const MOST = 64 * 2 ** 20; // bytes of planes; the kernel believes in half at most (client_cache.py)

/**
 * A pane, or only what is new in it: its name, and the entries of its header that have changed.
 *
 * @typedef {RawPane | ({ name: string } & Partial<RawPane>)} ShortPane
 *
 * A frame as it is sent: with all of its panes, with some of them short, or by its name only.
 * @typedef {Omit<Frame, "panes"> & { panes?: ShortPane[] }} ShortFrame
 */

/**
 * @param {ShortPane} pane
 * @returns {pane is RawPane}
 */
const isWhole = (pane) => "plane" in pane;

/** @param {ShortFrame} frame */
export const keyOf = ({ key }) => (key ? JSON.stringify(key) : "");

/**
 * @param {RawPane[]} panes
 * @returns {number}
 */
const sizeOf = (panes) =>
  panes.reduce((sum, { plane, parts }) => sum + bytes(plane).length + sizeOf(parts ?? []), 0);

/**
 * The panes of a frame, completed from its base; null where something is missing there. What is
 * the same in both stays one object.
 *
 * @param {ShortPane[]} panes
 * @param {RawPane[]} base
 */
export function completed(panes, base) {
  const before = new Map(base.map((pane) => [pane.name, pane]));
  /** @type {RawPane[]} */
  const all = [];
  for (const pane of panes) {
    const lent = before.get(pane.name);
    if (isWhole(pane)) all.push(pane);
    else if (!lent) return null;
    else all.push(Object.keys(pane).length > 1 ? { ...lent, ...pane } : lent);
  }
  return all;
}

/**
 * Put the buffers of a message where they belong: a plane and a palette of each whole pane.
 *
 * @param {ShortPane[]} panes
 * @param {DataView[]} buffers
 */
export function fill(panes, buffers) {
  const left = buffers.values();
  const next = () => bytes(left.next().value);
  /** @param {ShortPane} pane */
  function take(pane) {
    if (!isWhole(pane)) return;
    [pane.plane, pane.palette] = [next(), next()];
    pane.parts?.forEach(take);
  }
  panes.forEach(take);
}

/** Frames by where the controls stand, the longest unused forgotten first. */
export class Memory {
  /** @type {Map<string, Frame>} */
  #frames = new Map();
  #most;
  #size = 0;
  #codeVersion = 0;

  /** @param {number} most bytes of planes */
  constructor(most = MOST) {
    this.#most = most;
  }

  /** Bytes of all planes that are remembered. */
  get size() {
    return this.#size;
  }

  /** @param {Frame} frame */
  put(frame) {
    if (!frame.key) return;
    if ((frame.codeVersion ?? 0) !== this.#codeVersion) {
      this.#frames.clear(); // a stage has changed: nothing older holds
      [this.#size, this.#codeVersion] = [0, frame.codeVersion ?? 0];
    }
    const key = keyOf(frame);
    this.#drop(key);
    this.#frames.set(key, frame);
    this.#size += sizeOf(frame.panes);
    for (const oldest of this.#frames.keys()) {
      if (this.#size <= this.#most || this.#frames.size === 1) break;
      this.#drop(oldest);
    }
  }

  /** @param {string} key */
  #drop(key) {
    const old = this.#frames.get(key);
    if (old) this.#size -= sizeOf(old.panes);
    this.#frames.delete(key);
  }

  /** @param {string} key */
  get(key) {
    const frame = this.#frames.get(key);
    if (!frame) return null;
    this.#frames.delete(key);
    this.#frames.set(key, frame);
    return frame;
  }

  /**
   * A frame with all its panes, remembered from here on. Null where what it is completed from is
   * not remembered.
   *
   * @param {ShortFrame} frame
   * @returns {Frame | null}
   */
  whole(frame) {
    if (!frame.panes) return this.get(keyOf(frame));
    const base = frame.base ? (this.get(JSON.stringify(frame.base))?.panes ?? []) : [];
    const panes = completed(frame.panes, base);
    if (!panes) return null;
    const whole = { ...frame, base: undefined, panes };
    this.put(whole);
    return whole;
  }
}
