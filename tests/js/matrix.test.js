import assert from "node:assert/strict";
import { test } from "node:test";
import { kindAfter, wholeNumber } from "../../seglab/live/layers.js";
import { cellText, parse, resized, stepOf } from "../../seglab/live/matrix.js";

test("a text means a number, with a decimal comma, a minus sign or a fraction", () => {
  const meanings = {
    2: 2,
    " −0.5 ": -0.5,
    "–3": -3,
    "0,5": 0.5,
    ".25": 0.25,
    "7.": 7,
    "+1e-2": 0.01,
    "1/9": 1 / 9,
    "−1 / 4": -0.25,
  };
  for (const [text, value] of Object.entries(meanings)) assert.equal(parse(text), value, text);
});

test("what is no number is NaN, never a guess", () => {
  for (const text of ["", "two", "1 2", "1/0", "1/2/3", "0x10", "Infinity", "1e999", "-"]) {
    assert.ok(Number.isNaN(parse(text)), text);
  }
});

test("a number is written so that it means itself again, a fraction where that is shorter", () => {
  assert.equal(cellText(-0.5), "−0.5");
  assert.equal(cellText(1 / 9), "1/9");
  assert.equal(cellText(-2 / 3), "−2/3");
  assert.equal(cellText(0.123456), "0.1235");
  for (let below = 1; below <= 64; below++) {
    for (let above = -3; above <= 3; above++) {
      const value = above / below;
      assert.ok(Math.abs(parse(cellText(value)) - value) < 1e-15, `${above}/${below}`);
    }
  }
});

test("a grid is cut from its middle, or set into zeros, and comes back", () => {
  const three = [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8, 9],
  ];
  assert.deepEqual(resized(three, 1), [[5]]);
  assert.deepEqual(resized(three, 2), [
    [5, 6],
    [8, 9],
  ]);
  assert.deepEqual(resized([[5]], 3), [
    [0, 0, 0],
    [0, 5, 0],
    [0, 0, 0],
  ]);
  for (const side of [3, 5, 7]) assert.deepEqual(resized(resized(three, side), 3), three);
});

test("a single row is cut at its end, or goes on with zeros", () => {
  assert.deepEqual(resized([[1, 2, 3]], 2, 1), [[1, 2]]);
  assert.deepEqual(resized([[1, 2, 3]], 5, 1), [[1, 2, 3, 0, 0]]);
});

test("arrows leave a cell where the caret is at its end", () => {
  const caret = (start, end) => ({ selectionStart: start, selectionEnd: end, value: "123" });
  assert.deepEqual(stepOf("ArrowUp", caret(1, 1)), [-1, 0]);
  assert.deepEqual(stepOf("ArrowDown", caret(1, 1)), [1, 0]);
  assert.equal(stepOf("ArrowLeft", caret(1, 1)), null);
  assert.equal(stepOf("ArrowRight", caret(1, 1)), null);
  assert.deepEqual(stepOf("ArrowLeft", caret(0, 0)), [0, -1]);
  assert.deepEqual(stepOf("ArrowRight", caret(3, 3)), [0, 1]);
  assert.deepEqual(stepOf("ArrowLeft", caret(0, 3)), [0, -1]);
  assert.deepEqual(stepOf("ArrowRight", caret(0, 3)), [0, 1]);
  assert.equal(stepOf("a", caret(0, 3)), null);
});

test("a layer's kinds take turns, and its numbers are whole and within bounds", () => {
  assert.equal(kindAfter("conv"), "pool");
  assert.equal(kindAfter("pool"), "conv");
  assert.equal(wholeNumber("3", 1), 3);
  assert.equal(wholeNumber("0", 1), 1);
  assert.equal(wholeNumber("100", 0), 99);
  for (const text of ["", "2.5", "two"]) assert.equal(wholeNumber(text, 0), null);
});
