import assert from "node:assert/strict";
import { test } from "node:test";
import { axesOf, cellAt, pixelAt, stepped } from "../../seglab/board/geometry.js";
import { kindOf } from "../../seglab/board/kinds.js";
import {
  answerAt,
  answerFor,
  answerIn,
  answerText,
  carried,
  cutPath,
  pixelFor,
  pixelsPath,
  placeOnSheet,
  seenPath,
  sheetText,
  tilePath,
} from "../../seglab/board/tiles.js";

function tiles({ f = 4, size = [10, 9], origin = [2, 2], forwards = true } = {}) {
  const field = { size: [5, 5], stride: [f, f], padding: [0, 0], origin };
  return { map: "map", size, forwards, frame: [14, 13], field };
}

/** Where each score stands in the map, from the definition: part (y, x) goes to [y::f, x::f]. */
function byDefinition({ size: [height, width], field: { stride }, forwards }) {
  const f = stride[0];
  const at = new Map();
  for (let y = 0; y < f; y++) {
    for (let x = 0; x < f; x++) {
      const [top, left] = forwards ? [y, x] : [(f - y) % f, (f - x) % f];
      for (let row = 0; y + f * row < height && top + f * row < height; row++) {
        for (let column = 0; x + f * column < width && left + f * column < width; column++) {
          at.set(`${top + f * row},${left + f * column}`, [y, x, row, column].join());
        }
      }
    }
  }
  return at;
}

const flat = ({ shift, score }) => [...shift, ...score].join();

test("a pixel of the image has the score that stands over it, and the reverse", () => {
  for (const forwards of [true, false]) {
    for (const f of [1, 2, 3, 4, 8]) {
      const sheet = tiles({ f, forwards });
      const truth = byDefinition(sheet);
      for (let row = 0; row < 14; row++) {
        for (let column = 0; column < 13; column++) {
          const answer = answerFor(sheet, [row, column]);
          assert.equal(answer ? flat(answer) : undefined, truth.get(`${row - 2},${column - 2}`));
          if (answer) assert.deepEqual(pixelFor(sheet, answer), [row, column]);
        }
      }
    }
  }
});

test("forwards, map and sheet hold the same scores, each once", () => {
  const sheet = tiles();
  const places = new Set();
  for (let row = 2; row < 12; row++) {
    for (let column = 2; column < 11; column++) {
      const answer = answerFor(sheet, [row, column]);
      const place = placeOnSheet(sheet, answer);
      places.add(place.join());
      assert.deepEqual(answerAt(sheet, place), answer);
    }
  }
  assert.equal(places.size, 90);
  assert.equal(answerAt(sheet, [11, 0]), null); // pass (3, 0) has two rows of scores, not three
});

test("a place is carried from the map to the sheet and back, and to nothing else", () => {
  const photograph = { name: "photograph", frame: [14, 13], size: [14, 13] };
  const map = { ...photograph, name: "map", field: { ...tiles().field, stride: [1, 1] } };
  const sheet = { name: "sheet", frame: [12, 12], size: [12, 12], tiles: tiles() };
  assert.deepEqual(carried(map, sheet, [7, 8], [5, 6]), [1 * 3 + 1, 2 * 3 + 1]);
  assert.deepEqual(carried(sheet, map, [4, 7], [4, 7]), [7, 8]);
  assert.deepEqual(carried(photograph, sheet, [7, 8], [7, 8]), [4, 7]);
  assert.deepEqual(carried(photograph, map, [7, 8], [7, 8]), [7, 8]);
  assert.equal(carried(photograph, sheet, [1, 8], [1, 8]), null); // before the first score
  const stranger = { name: "stranger", frame: [12, 12], size: [12, 12] };
  assert.equal(carried(stranger, sheet, [4, 7], [4, 7]), null);
  assert.equal(carried(sheet, stranger, [4, 7], [4, 7]), null);
});

test("pictures of two spaces have no place in common", () => {
  const picture = { frame: [8, 8] };
  const spectrum = { frame: [8, 8], space: "frequency" };
  assert.equal(carried(picture, spectrum, [1, 2], null), null);
  assert.deepEqual(carried(spectrum, { ...spectrum }, [1, 2], null), [1, 2]);
});

test("a coarse cell is the first pass's score, wherever in it one points", () => {
  const one = { name: "one", frame: [14, 13], size: [3, 3], field: tiles().field };
  const sheet = tiles();
  for (const at of [
    [5, 6],
    [7, 7],
  ]) {
    const cell = axesOf(one).map((axis, i) => cellAt(axis, at[i]));
    assert.deepEqual(answerIn(sheet, one, at, cell), { shift: [0, 0], score: [1, 1] });
  }
  assert.equal(answerIn(sheet, { ...one, field: null }, [5, 6], [5, 6]), null);
});

test("with the wrong sign a score sees another place than that at which it stands", () => {
  const [right, wrong] = [true, false].map((forwards) => tiles({ forwards }));
  const at = [7, 8]; // of the map: row 5, column 6
  assert.equal(seenPath(right, answerFor(right, at)), "M6 5h5v5h-5z"); // its middle is (7, 8)
  assert.deepEqual(answerFor(wrong, at), { shift: [3, 2], score: [1, 1] });
  assert.equal(seenPath(wrong, answerFor(wrong, at)), "M6 7h5v5h-5z");
});

test("a pass lights its tile, its crop and its pixels", () => {
  const sheet = tiles();
  const answer = { shift: [1, 2], score: [0, 1] };
  assert.equal(tilePath(sheet, answer), "M6 3h3v3h-3z");
  assert.equal(cutPath(sheet, answer), "M0 0H13V1H2V14H0z");
  assert.equal(cutPath(sheet, { shift: [0, 0], score: [0, 0] }), "");
  const squares = pixelsPath(sheet, answer).split("M").slice(1);
  assert.equal(squares.length, 3 * 2); // rows 1, 5, 9 and columns 2, 6
  assert.equal(squares[0], "4 3h1v1h-1z");
});

test("a sheet is read as pass and pixel", () => {
  const sheet = tiles();
  assert.equal(answerText({ shift: [1, 2], score: [3, 4] }), "pass (1, 2), score (3, 4)");
  assert.equal(sheetText(sheet, [4, 7]), "pass 1, 2 → 7, 8");
  assert.equal(sheetText(sheet, [11, 0]), "");
  const pane = { size: [12, 12], frame: [12, 12], field: null, tiles: sheet };
  assert.equal(kindOf({ kind: "labels" }).rest(pane), "4 × 4 passes of 3 × 3");
});

test("the keys visit each pixel of a map whose centers lie between pixels", () => {
  const field = { size: [4, 4], stride: [1, 1], padding: [0, 0], origin: [1.5, 1.5] };
  const pane = { frame: [12, 12], size: [9, 9], field };
  const axes = axesOf(pane);
  for (let cell = 0; cell < 9; cell++) {
    assert.equal(cellAt(axes[0], pixelAt(axes[0], cell)), cell);
    const at = [pixelAt(axes[0], cell), pixelAt(axes[1], 4)];
    const next = stepped(axes, pane.frame, at, [1, 0], 1);
    assert.equal(cellAt(axes[0], next[0]), Math.min(cell + 1, 8));
  }
});
