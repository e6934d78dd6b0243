import assert from "node:assert/strict";
import { test } from "node:test";
import { CODES, COLOURS, css } from "../../seglab/board/colours.js";
import { unpack } from "../../seglab/board/frames.js";
import {
  axesOf,
  cellAt,
  crosshair,
  fieldPath,
  leavesBare,
  pixelAt,
  rectangle,
  stepped,
} from "../../seglab/board/geometry.js";
import { kindOf } from "../../seglab/board/kinds.js";
import { legendKey } from "../../seglab/board/legend.js";
import { onScale, scaleEnd, sizeText, written } from "../../seglab/board/text.js";
import { bytes, NONE, same } from "../../seglab/board/tools.js";

/* ---- bytes and texts ------------------------------------------------------------------------ */

test("planes are bytes however they arrive", () => {
  const buffer = Uint8Array.from([9, 1, 2, 3]).buffer;
  const own = new Uint8Array([1]);
  assert.equal(bytes(own), own);
  assert.deepEqual([...bytes(new DataView(buffer, 1, 2))], [1, 2]);
  assert.deepEqual([...bytes(buffer)], [9, 1, 2, 3]);
  assert.deepEqual([...bytes([4, 5])], [4, 5]);
  assert.equal(bytes(null).length, 0);
});

test("planes are the same where their bytes are", () => {
  const plane = Uint8Array.from([1, 2, 3]);
  assert.ok(same(plane, plane.slice()));
  assert.ok(same(plane, new Uint8Array(plane.buffer)));
  assert.ok(!same(plane, Uint8Array.from([1, 2, 4])));
  assert.ok(!same(plane, plane.slice(0, 2)));
  assert.ok(!same(new Uint8Array(plane.buffer, 0, 2), new Uint8Array(plane.buffer, 1, 2)));
});

test("panes are unpacked with their parts, and all else is kept", () => {
  const part = { name: "left", plane: [1], palette: [2, 3, 4] };
  const pane = unpack({ name: "both", kind: "curtain", parts: [part] });
  assert.equal(pane.kind, "curtain");
  assert.equal(pane.plane.length, 0);
  assert.deepEqual([...pane.parts[0].plane, ...pane.parts[0].palette], [1, 2, 3, 4]);
  assert.deepEqual(pane.parts[0].parts, []);
});

test("a value is written with the digits that its scale has", () => {
  assert.equal(onScale(0.5, [0, 1], 254), "0.500");
  assert.equal(onScale(-12.3456, [-100, 100], 254), "−12.3");
  assert.equal(onScale(-0.0001, [-1, 1], 254), "0.000");
  assert.equal(onScale(1234567, [0, 2e6], 254), "1.23e+6");
  assert.equal(scaleEnd(1, [0, 1]), "1");
  assert.equal(scaleEnd(0.25, [0, 0.25]), "0.25");
  assert.equal(scaleEnd(100, [0, 100]), "100");
  assert.equal(sizeText([3, 4]), "3 × 4");
});

test("a number in a cell is whole or short, and never a negative zero", () => {
  assert.equal(written(3), "3");
  assert.equal(written(-2.5), "−2.5");
  assert.equal(written(1 / 3), "0.333");
  assert.equal(written(1 / 3, 1), "0.3");
  assert.equal(written(-0.0001), "0");
  assert.equal(written(null), "");
});

/* ---- where cells lie ------------------------------------------------------------------------ */

const scores = {
  name: "scores",
  kind: "scalar",
  size: [15, 15],
  frame: [128, 128],
  field: { size: [16, 16], stride: [8, 8], padding: [0, 0], origin: [7.5, 7.5] },
};

test("a cell lies around the center of its field", () => {
  const [y] = axesOf(scores);
  assert.deepEqual(y, { start: 4, step: 8, count: 15 });
  assert.equal(cellAt(y, 3), null);
  assert.equal(cellAt(y, 4), 0);
  assert.equal(cellAt(y, 11), 0);
  assert.equal(cellAt(y, 12), 1);
  assert.equal(cellAt(y, 123), 14);
  assert.equal(cellAt(y, 124), null);
  for (let cell = 0; cell < 15; cell++) assert.equal(cellAt(y, pixelAt(y, cell)), cell);
  assert.ok(leavesBare(axesOf(scores), scores.frame));
});

test("a cell that begins amid a pixel has the pixel's middle", () => {
  const [y] = axesOf({ ...scores, field: { ...scores.field, origin: [7, 7] } });
  assert.equal(y.start, 3.5);
  assert.equal(cellAt(y, 2), null);
  assert.equal(cellAt(y, 3), 0);
});

test("a plane without a field covers its input", () => {
  const half = { ...scores, size: [64, 32], field: null };
  const [y, x] = axesOf(half);
  assert.deepEqual([y.step, x.step], [2, 4]);
  assert.equal(cellAt(x, 127), 31);
  assert.ok(!leavesBare([y, x], half.frame));
});

test("keys step from cell to cell, from the middle on, and not past the end", () => {
  const axes = axesOf(scores);
  const step = (at, move, times = 1) => stepped(axes, scores.frame, at, move, times);
  assert.deepEqual(step(null, [0, 0]), [64, 64]);
  assert.deepEqual(step([64, 64], [-1, 0]), [56, 64]);
  assert.deepEqual(step([64, 64], [0, -1], 10), [64, 8]);
  assert.deepEqual(step([0, 64], [1, 0]), [8, 72 - 8]);
  assert.deepEqual(step([127, 127], [1, 1]), [120, 120]);
});

test("the crosshair leaves its middle free, and large cells are outlined", () => {
  const small = crosshair(
    axesOf({ size: [90, 90], frame: [90, 90] }),
    [90, 90],
    [10, 20],
    [10, 20],
  );
  assert.equal(small.cell, "");
  assert.equal(small.cross, "M0 10.5H18.5M22.5 10.5H90M20.5 0V8.5M20.5 12.5V90");
  const large = crosshair(axesOf(scores), scores.frame, [70, 101], [8, 12]);
  assert.equal(large.cell, rectangle(100, 68, 8, 8));
  const corner = crosshair(axesOf(scores), scores.frame, [0, 0], null);
  assert.equal(corner.cell, "");
  assert.ok(corner.cross.startsWith("M0 0.5H0M"));
});

test("a field is drawn where its cell sees, all of an unbounded side", () => {
  const { field, frame } = scores;
  assert.equal(fieldPath(field, [8, 12], frame), "M96 64h16v16h-16z");
  assert.equal(fieldPath({ ...field, padding: [3, 1] }, [0, 0], frame), "M-1 -3h16v16h-16z");
  assert.equal(fieldPath({ ...field, size: [null, 16] }, [8, 0], frame), "M0 0h16v128h-16z");
});

/* ---- kinds of panes ------------------------------------------------------------------------- */

const palette = Uint8Array.from([10, 20, 30, 40, 50, 60]);

test("planes become colours, and no value stays clear", () => {
  const out = new Int32Array(2);
  COLOURS.colour(out, Uint8Array.from([1, 2, 3, 255, 0, 128]));
  assert.deepEqual([...new Uint8Array(out.buffer)], [1, 2, 3, 255, 255, 0, 128, 255]);
  const table = new Int32Array(256);
  table[1] = -1;
  CODES.colour(out, Uint8Array.from([1, NONE]), table);
  assert.deepEqual([...out], [-1, 0]);
  assert.equal(css(palette, 1), "rgb(40 50 60)");
  assert.equal(css(palette, NONE), "");
});

test("each kind reads its cells in its own words", () => {
  const plane = Uint8Array.from([0, 1, NONE, 254]);
  const labels = { kind: "labels", plane, palette, names: ["sky", "sea"], size: [2, 2] };
  const read = (pane, index) => kindOf(pane).text(pane, index, [0, index]);
  assert.deepEqual(read(labels, 1), { code: 1, colour: "rgb(40 50 60)", text: "sea" });
  assert.equal(read(labels, 2).text, "no value");
  const scalar = { kind: "scalar", plane, palette, range: [-1, 1] };
  assert.equal(read(scalar, 0).text, "−1.000");
  assert.equal(read(scalar, 3).text, "1.000");
  assert.equal(read(scalar, 2).code, NONE);
  const counts = { ...scalar, range: [0, 25], whole: true, plane: Uint8Array.from([10, 163]) };
  assert.deepEqual([read(counts, 0).text, read(counts, 1).text], ["1", "16"]);
  const rgb = { kind: "rgb", plane: Uint8Array.from([1, 2, 3, 4, 5, 6]) };
  assert.deepEqual(read(rgb, 1), { code: NONE, colour: "rgb(4 5 6)", text: "4 5 6" });
});

test("a pane at rest says how large it is, how coarse, and what a cell sees", () => {
  const rest = (pane) => kindOf(pane).rest(pane);
  assert.equal(rest(scores), "15 × 15, one every 8 px · sees 16 × 16");
  assert.equal(rest({ ...scores, field: null }), "15 × 15");
  const field = { size: [null, 3], stride: [1, 2], padding: [0, 0], origin: [0, 0] };
  assert.equal(rest({ ...scores, field }), "15 × 15, one every 1 × 2 px · sees 128 × 3");
});

test("panes share a legend where names and colours are equal", () => {
  const pane = (names, own = palette) => ({ kind: "labels", names, palette: own, size: [1, 1] });
  const key = legendKey(pane(["sky", "sea"]));
  assert.equal(legendKey(pane(["sky", "sea"])), key);
  assert.notEqual(legendKey(pane(["sky", "land"])), key);
  assert.notEqual(legendKey(pane(["sky", "sea"], Uint8Array.from([1, 2, 3, 4, 5, 6]))), key);
  assert.equal(legendKey({ ...pane(["sky"]), kind: "scalar" }), "");
  assert.equal(legendKey({ ...pane(["object 1"]), listed: 0 }), "");
});
