// Planes that lie deflated in the page, and are decoded when they are needed.

const FILTER = { none: 0, sub: 1, up: 2, paeth: 3, changed: 4 }; // _planes.py applies them
const REMEMBERED = 64 * 2 ** 20; // bytes of decoded planes

/**
 * Where a plane lies in the page's text, and what undoes its filter: the bytes of a row and of a
 * pixel; reference: the plane that it is a change of.
 *
 * @typedef {[start: number, end: number, length: number, row: number, step: number,
 *   filter: number, reference: number]} Blob64
 */

/**
 * The bytes of a base64 text.
 *
 * @param {string} text
 */
export function octets(text) {
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i);
  return out;
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 */
export async function inflate(packed) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter(); // a Blob's stream would come by way of another process
  for (const done of [writer.write(packed), writer.close()]) done.catch(() => {}); // it is read
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/**
 * What PNG's Paeth filter predicts: of the three neighbours, the one nearest to left + above -
 * corner.
 *
 * @param {number} left
 * @param {number} above
 * @param {number} corner
 */
function paeth(left, above, corner) {
  const a = Math.abs(above - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + above - 2 * corner);
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/**
 * @param {Uint8Array} plane
 * @param {number} row
 * @param {number} step
 */
function undoPaeth(plane, row, step) {
  for (let start = 0; start < plane.length; start += row) {
    for (let i = start; i < start + row; i++) {
      const inside = i >= start + step;
      const left = inside ? plane[i - step] : 0;
      const above = start ? plane[i - row] : 0;
      const corner = inside && start ? plane[i - row - step] : 0;
      plane[i] += paeth(left, above, corner);
    }
  }
}

/**
 * Undo a plane's filter, in place; row and step are the bytes of a row and of a pixel.
 *
 * @param {Uint8Array<ArrayBuffer>} plane
 * @param {number} filter
 * @param {number} row
 * @param {number} step
 */
export function unfilter(plane, filter, row, step) {
  if (filter === FILTER.sub) {
    for (let start = 0; start < plane.length; start += row) {
      for (let i = start + step; i < start + row; i++) plane[i] += plane[i - step];
    }
  } else if (filter === FILTER.up) {
    for (let i = row; i < plane.length; i++) plane[i] += plane[i - row];
  } else if (filter === FILTER.paeth) {
    undoPaeth(plane, row, step);
  }
  return plane;
}

/** The planes of a page. */
export class Planes {
  #table;
  #text;
  /** @type {Map<number, Uint8Array<ArrayBuffer>>} */
  #decoded = new Map(); // the oldest first
  /** @type {Map<number, Promise<Uint8Array<ArrayBuffer>>>} */
  #coming = new Map();
  #total = 0;

  /**
   * @param {Blob64[]} table
   * @param {string} text
   */
  constructor(table, text) {
    this.#table = table;
    this.#text = text;
  }

  /** @param {number} number */
  async #decode(number) {
    const [start, end, , row, step, filter, reference] = this.#table[number];
    const plane = await inflate(octets(this.#text.slice(start, end)));
    if (filter !== FILTER.changed) return unfilter(plane, filter, row, step);
    const first = await this.#load(reference);
    for (let i = 0; i < plane.length; i++) plane[i] ^= first[i];
    return plane;
  }

  /**
   * @param {number} number
   * @param {Uint8Array<ArrayBuffer>} plane
   */
  #keep(number, plane) {
    this.#coming.delete(number);
    this.#decoded.set(number, plane);
    this.#total += plane.length;
    for (const [old, bytes] of this.#decoded) {
      if (this.#total <= REMEMBERED) break;
      this.#decoded.delete(old);
      this.#total -= bytes.length;
    }
    return plane;
  }

  /** @param {number} number */
  #load(number) {
    const decoded = this.#decoded.get(number);
    if (decoded) return decoded;
    const coming =
      this.#coming.get(number) ?? this.#decode(number).then((plane) => this.#keep(number, plane));
    this.#coming.set(number, coming);
    return coming;
  }

  /**
   * Every plane of these numbers, now where all are decoded already, else as a promise.
   *
   * @param {number[]} numbers
   * @returns {Map<number, Uint8Array> | Promise<Map<number, Uint8Array>>}
   */
  loadAll(numbers) {
    const planes = numbers.map((number) => this.#load(number));
    /** @type {(list: Uint8Array[]) => Map<number, Uint8Array>} */
    const named = (list) => new Map(numbers.map((number, i) => [number, list[i]]));
    /** @type {Uint8Array[]} */
    const ready = [];
    for (const plane of planes) if (plane instanceof Uint8Array) ready.push(plane);
    return ready.length < planes.length ? Promise.all(planes).then(named) : named(ready);
  }
}
