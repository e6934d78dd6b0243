// Lines and outlines over pictures far from square, so that no row can stand for a column.

import assert from "node:assert/strict";
import { test } from "node:test";
import { axesOf, crosshair, fieldPath, pointPath, stepped } from "../../seglab/board/geometry.js";
import { cutPath, pixelsPath, seenPath, tilePath } from "../../seglab/board/tiles.js";

const field = { size: [5, 9], stride: [2, 4], padding: [1, 3], origin: [1, 2] };
const endless = { ...field, size: [null, 9] };
const frame = [45, 90];
const sheet = { map: "map", size: [30, 70], forwards: true, frame, field }; // passes of 15 x 18
const answer = { shift: [1, 3], score: [4, 5] };
const axes = axesOf({ field, frame, size: [15, 17] });

test("the outlines of a pass have its own height and width", () => {
  assert.equal(tilePath(sheet, answer), "M54 15h18v15h-18z");
  assert.equal(seenPath(sheet, answer), "M20 8h9v5h-9z");
  assert.equal(seenPath({ ...sheet, field: endless }, answer), "M20 0h9v45h-9z");
  assert.equal(cutPath(sheet, answer), "M0 0H90V1H3V45H0z");
  const squares = pixelsPath(sheet, answer).split("M").slice(1);
  assert.equal(squares.length, 15 * 17); // rows 1, 3, ... 29 and columns 3, 7, ... 67
  assert.equal(squares.at(-1), "69 30h1v1h-1z");
});

test("a cell sees as many rows and columns as its field has", () => {
  assert.equal(fieldPath(field, [3, 5], frame), "M17 5h9v5h-9z");
  assert.equal(fieldPath(endless, [3, 5], frame), "M17 0h9v45h-9z");
  assert.equal(fieldPath({ ...field, size: [5, null] }, [3, 5], frame), "M0 5h90v5h-90z");
});

test("a crosshair leaves its middle free, and ends where the picture does", () => {
  const plain = crosshair(axes, frame, [7, 21], null);
  assert.equal(plain.cross, "M0 7.5H19.5M23.5 7.5H90M21.5 0V6.5M21.5 8.5V45");
  const last = crosshair(axes, frame, [44, 89], null);
  assert.equal(last.cross, "M0 44.5H87.5M90 44.5H90M89.5 0V43.5M89.5 45V45");
  const around = crosshair(axes, frame, [7, 21], [3, 5]);
  assert.equal(around.cross, "M0 7.5H20.5M24.5 7.5H90M21.5 0V6.5M21.5 8.5V45");
  assert.equal(around.cell, "M20.5 6.5h4v2h-4z");
});

test("the ring lies around the middle of its pixel", () => {
  const [, x, y, r] = /^M(\S+) (\S+)a(\S+) /.exec(pointPath([7, 21], frame)) ?? [];
  assert.equal(Number(y), 7.5);
  assert.equal(Number(x) + Number(r), 21.5);
});

test("the keys go from cell to cell along either axis, to its last one", () => {
  assert.deepEqual(stepped(axes, frame, [7, 21], [1, 0], 2), [11, 22]);
  assert.deepEqual(stepped(axes, frame, [7, 21], [0, 1], 2), [7, 30]);
  assert.deepEqual(stepped(axes, frame, [7, 21], [1, 1], 99), [29, 66]);
});
