import assert from "node:assert/strict";
import test from "node:test";
import { CODES, COLOURS, paint } from "../../seglab/board/colours.js";

// What a browser has, as far as painting needs it.
globalThis.ImageData ??= class {
  constructor(width, height) {
    this.data = new Uint8ClampedArray(4 * width * height);
  }
};

/** A canvas that keeps what is put on it. */
function makeCanvas() {
  const canvas = { puts: 0, pixels: [], width: 0, height: 0 };
  const context = {
    putImageData(image) {
      canvas.puts++;
      canvas.pixels = [...image.data];
    },
  };
  return Object.assign(canvas, { getContext: () => context });
}

const RED_BLUE = Uint8Array.from([255, 0, 0, 0, 0, 255]);
const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];
const GREEN = [0, 255, 0, 255];
const codes = (rows, columns, ...cells) => ({
  size: [rows, columns],
  plane: Uint8Array.from(cells),
  palette: RED_BLUE,
});

test("a canvas takes the size of its plane, also where one side alone changes", () => {
  const canvas = makeCanvas();
  for (const [rows, columns] of [
    [1, 2],
    [3, 2],
    [3, 1],
    [3, 1],
    [2, 4],
  ]) {
    const cells = Array.from({ length: rows * columns }, (_, i) => i % 2);
    paint(canvas, codes(rows, columns, ...cells), CODES);
    assert.deepEqual([canvas.height, canvas.width], [rows, columns]);
    assert.deepEqual(
      canvas.pixels,
      cells.flatMap((code) => (code ? BLUE : RED)),
    );
  }
});

test("what is there is not painted again, and what differs is", () => {
  const canvas = makeCanvas();
  const first = codes(1, 2, 0, 1);
  paint(canvas, first, CODES);
  paint(canvas, codes(1, 2, 0, 1), CODES);
  assert.equal(canvas.puts, 1);
  paint(canvas, codes(1, 2, 1, 1), CODES);
  assert.deepEqual([canvas.puts, canvas.pixels], [2, [...BLUE, ...BLUE]]);
  paint(canvas, { ...first, palette: Uint8Array.from([0, 255, 0, 0, 0, 255]) }, CODES);
  assert.deepEqual([canvas.puts, canvas.pixels], [3, [...GREEN, ...BLUE]]);
  paint(canvas, { size: [1, 1], plane: Uint8Array.from([0, 255, 0]), palette: RED_BLUE }, COLOURS);
  assert.deepEqual([canvas.puts, canvas.pixels], [4, GREEN]);
});

test("each canvas has its own", () => {
  const [one, other] = [makeCanvas(), makeCanvas()];
  paint(one, codes(1, 1, 0), CODES);
  paint(other, codes(1, 1, 0), CODES);
  paint(one, codes(1, 1, 1), CODES);
  assert.deepEqual([one.pixels, other.pixels], [BLUE, RED]);
});
