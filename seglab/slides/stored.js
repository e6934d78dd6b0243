/* A part of the slide: planes that lie deflated in the page, and are decoded when they are needed. */

const FILTER = { none: 0, sub: 1, up: 2, paeth: 3, changed: 4 }; // planes.py applies them
const REMEMBERED = 64 * 2 ** 20; // bytes of decoded planes

function octets(text) {
  const binary = atob(text);
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i);
  return out;
}

async function inflate(packed) {
  const { readable, writable } = new DecompressionStream("deflate-raw");
  const writer = writable.getWriter(); // a Blob's stream would come by way of another process
  for (const done of [writer.write(packed), writer.close()]) done.catch(() => {}); // the reader says it
  return new Uint8Array(await new Response(readable).arrayBuffer());
}

/** Undo a plane's filter, in place; row and step are the bytes of a row and of a pixel. */
function unfilter(plane, filter, row, step) {
  if (filter === FILTER.sub) {
    for (let start = 0; start < plane.length; start += row) {
      for (let i = start + step; i < start + row; i++) plane[i] += plane[i - step];
    }
  } else if (filter === FILTER.up) {
    for (let i = row; i < plane.length; i++) plane[i] += plane[i - row];
  } else if (filter === FILTER.paeth) {
    for (let start = 0; start < plane.length; start += row) {
      for (let i = start; i < start + row; i++) {
        const inside = i >= start + step;
        const left = inside ? plane[i - step] : 0;
        const above = start ? plane[i - row] : 0;
        const corner = inside && start ? plane[i - row - step] : 0;
        const a = Math.abs(above - corner);
        const b = Math.abs(left - corner);
        const c = Math.abs(left + above - 2 * corner);
        plane[i] += a <= b && a <= c ? left : b <= c ? above : corner;
      }
    }
  }
  return plane;
}

/** The planes of a page: table[number] is [start, end, length, row, step, filter, reference] in the text. */
function createPlanes(table, text) {
  const decoded = new Map(); // the oldest first
  const coming = new Map();
  let total = 0;

  async function decode(number) {
    const [start, end, , row, step, filter, reference] = table[number];
    const plane = await inflate(octets(text.slice(start, end)));
    if (filter !== FILTER.changed) return unfilter(plane, filter, row, step);
    const first = await load(reference);
    for (let i = 0; i < plane.length; i++) plane[i] ^= first[i];
    return plane;
  }

  function load(number) {
    if (decoded.has(number)) return decoded.get(number);
    if (!coming.has(number)) {
      coming.set(number, decode(number).then((plane) => {
        coming.delete(number);
        decoded.set(number, plane);
        total += plane.length;
        for (const [old, bytes] of decoded) {
          if (total <= REMEMBERED) break;
          decoded.delete(old);
          total -= bytes.length;
        }
        return plane;
      }));
    }
    return coming.get(number);
  }

  /** Every plane of these numbers, now or as a promise. */
  function loadAll(numbers) {
    const planes = numbers.map(load);
    const keep = (list) => new Map(numbers.map((number, i) => [number, list[i]]));
    return planes.some((plane) => plane instanceof Promise) ? Promise.all(planes).then(keep) : keep(planes);
  }

  return { loadAll };
}
