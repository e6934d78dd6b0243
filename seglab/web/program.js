// The graphs of a page and what they have computed. This runs in a worker.

import { centeredSquare } from "./lanczos.js";

/** @import { Pixels } from "./lanczos.js" */
/** @import { Ref, Value } from "./looks.js" */

const REMEMBERED_TENSORS = 128 * 2 ** 20; // bytes of what was computed
const SESSIONS = 96; // graphs that are ready

/**
 * A tensor of the runtime.
 * @typedef {{ type: string, data: any, dims: readonly number[] }} OrtTensor
 * @typedef {{
 *   run(feeds: Record<string, OrtTensor>): Promise<Record<string, OrtTensor>>, release(): void,
 * }} OrtSession
 *
 * How a program is stored: each graph with the hashes of its weights, a call with its graph and
 * arguments, and the sides of the pictures that are asked for.
 * @typedef {{
 *   graphs: [start: number, end: number, ...weights: string[]][],
 *   weights: Record<string, [start: number, end: number]>,
 *   calls: [graph: number, ...refs: Ref[]][], sources: number[],
 * }} Table
 *
 * What makes sessions and tensors: the runtime, or another in a test.
 * @typedef {{
 *   session(graph: Uint8Array, weights: Map<string, Uint8Array>): Promise<OrtSession>,
 *   floats(data: Float32Array, dims: number[]): OrtTensor,
 * }} Maker
 */

/** @param {OrtTensor} tensor */
const sizeOf = ({ data }) => data.byteLength;

/** Programs with what they remember. */
export class Program {
  #table;
  #bytes;
  #maker;
  /** @type {Pixels | null} */
  #picture = null;
  /** @type {Map<number, Promise<OrtSession>>} */
  #sessions = new Map(); // the latest last
  /** @type {Map<number, OrtTensor[]>} */
  #known = new Map(); // outputs of calls, the latest last
  /** @type {Map<number, OrtTensor>} */
  #squares = new Map();
  #total = 0;

  /**
   * @param {Table} table
   * @param {Uint8Array} bytes
   * @param {Maker} maker
   */
  constructor(table, bytes, maker) {
    this.#table = table;
    this.#bytes = bytes;
    this.#maker = maker;
  }

  /** @param {Pixels} picture */
  show(picture) {
    this.#picture = picture;
    this.#known.clear();
    this.#squares.clear();
    this.#total = 0;
  }

  /**
   * The values of some outputs.
   *
   * @param {Ref[]} refs
   * @returns {Promise<Value[]>}
   */
  async values(refs) {
    const found = [];
    for (const [call, output] of refs) {
      const { type, data } = (await this.#outputs(call))[output];
      found.push(type === "uint8" ? data : data[0]);
    }
    return found;
  }

  /**
   * @param {number} call
   * @returns {Promise<OrtTensor[]>}
   */
  async #outputs(call) {
    if (call < 0) return [this.#square(-1 - call)];
    const known = this.#known.get(call);
    if (known) {
      this.#known.delete(call);
      this.#known.set(call, known);
      return known;
    }
    const [graph, ...refs] = this.#table.calls[call];
    /** @type {Record<string, OrtTensor>} */
    const feeds = {};
    for (const [i, [other, output]] of refs.entries()) {
      feeds[`i${i}`] = (await this.#outputs(other))[output];
    }
    const session = await this.#session(graph);
    const made = await session.run(feeds);
    const outputs = Object.keys(made).map((_, i) => made[`o${i}`]);
    this.#keep(call, outputs);
    return outputs;
  }

  /**
   * @param {number} call
   * @param {OrtTensor[]} outputs
   */
  #keep(call, outputs) {
    const bytes = (/** @type {OrtTensor[]} */ list) => list.reduce((n, one) => n + sizeOf(one), 0);
    this.#known.set(call, outputs);
    this.#total += bytes(outputs);
    for (const [old, list] of this.#known) {
      if (this.#total <= REMEMBERED_TENSORS || old === call) break;
      this.#known.delete(old);
      this.#total -= bytes(list);
    }
  }

  /** @param {number} source */
  #square(source) {
    const side = this.#table.sources[source];
    const known = this.#squares.get(side);
    if (known) return known;
    const planes = centeredSquare(/** @type {Pixels} */ (this.#picture), side);
    const square = this.#maker.floats(planes, [1, 3, side, side]);
    this.#squares.set(side, square);
    return square;
  }

  /** @param {number} graph */
  #session(graph) {
    const ready = this.#sessions.get(graph) ?? this.#open(graph);
    this.#sessions.delete(graph);
    this.#sessions.set(graph, ready);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > SESSIONS) {
      this.#sessions.get(oldest)?.then((session) => session.release());
      this.#sessions.delete(oldest);
    }
    return ready;
  }

  /** @param {number} graph */
  #open(graph) {
    const [start, end, ...weights] = this.#table.graphs[graph];
    const part = (/** @type {[number, number]} */ [from, to]) => this.#bytes.subarray(from, to);
    const named = weights.map(
      (key) => /** @type {const} */ ([key, part(this.#table.weights[key])]),
    );
    return this.#maker.session(part([start, end]), new Map(named));
  }
}
