import assert from "node:assert/strict";
import { test } from "node:test";
import { chipsOf, inkOn, strokesOf } from "../../seglab/board/marks.js";

const LOOK = { colour: [255, 0, 0], text: "" };
const box = (at, more = {}) => ({
  kind: "box",
  at,
  strong: false,
  dashed: false,
  ...LOOK,
  ...more,
});
const outline = (points, more = {}) => ({
  kind: "outline",
  points,
  closed: true,
  ...LOOK,
  ...more,
});
const dot = (at, more = {}) => ({ kind: "dot", at, radius: 3, ...LOOK, ...more });
const arrow = (at, to, more = {}) => ({ kind: "arrow", at, to, ...LOOK, ...more });
const pathOf = (mark, scale = 10) => strokesOf([mark], scale)[0].d;

/** The points of a path that is written with absolute coordinates. */
const points = (d) => [...d.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [+y, +x]);

test("the box around pixels 3 to 5 covers just these pixels", () => {
  assert.equal(pathOf(box([2.5, 2.5, 5.5, 7.5])), "M3 3h5v3h-5z");
});

test("lines go through the middles of pixels, closed or not", () => {
  const corners = [
    [0, 0],
    [4, 1],
    [2.25, 3],
  ];
  assert.equal(pathOf(outline(corners)), "M0.5 0.5L1.5 4.5L3.5 2.75z");
  assert.equal(pathOf(outline(corners, { closed: false })), "M0.5 0.5L1.5 4.5L3.5 2.75");
});

test("thickness and a dot's radius are in screen pixels, whatever the scale", () => {
  for (const scale of [0.5, 1, 20]) {
    const width = (mark) => strokesOf([mark], scale)[0].width;
    assert.equal(width(box([0, 0, 4, 4])), 2);
    assert.equal(width(box([0, 0, 4, 4], { strong: true })), 4);
    assert.equal(width(dot([1, 2], { radius: 5 })), 10);
    assert.equal(pathOf(dot([1, 2]), scale), "M2.5 1.5h0");
  }
});

test("an arrow's head is nine screen pixels long and points at its end", () => {
  for (const scale of [1, 4, 10]) {
    const mark = arrow([10, 20], [10, 60]);
    const [tail, base, tip, left, right] = points(pathOf(mark, scale));
    assert.deepEqual(tail, [10.5, 20.5]);
    assert.ok(Math.abs(60.5 - base[1] - 9 / scale) < 1e-3);
    assert.ok(Math.abs(60.5 - tip[1] - 1 / scale) < 1e-3); // its line is two pixels thick
    assert.ok(Math.abs(Math.abs(left[0] - right[0]) - 7 / scale) < 2e-3);
    assert.equal(left[1], base[1]);
  }
});

test("a short arrow is all head, and one of no length is nothing", () => {
  const [tail, base] = points(pathOf(arrow([5, 5], [6, 6]), 1));
  assert.deepEqual(base, tail);
  assert.deepEqual(strokesOf([arrow([5, 5], [5, 5])], 1), []);
});

test("neighbours that look alike are one line; the last lies on top", () => {
  const red = dot([0, 0]);
  const blue = dot([1, 1], { colour: [0, 0, 255] });
  assert.equal(strokesOf([red, red, red], 1).length, 1);
  assert.equal(strokesOf([red, red], 1)[0].d, "M0.5 0.5h0M0.5 0.5h0");
  assert.deepEqual(
    strokesOf([red, blue, red], 1).map(({ colour }) => colour[0]),
    [255, 0, 255],
  );
  assert.equal(strokesOf([red, { ...red, radius: 4 }], 1).length, 2);
  const at = [0, 0, 4, 4];
  assert.equal(strokesOf([box(at), box(at, { dashed: true })], 1).length, 2);
  assert.equal(strokesOf([box(at), box(at, { strong: true })], 1).length, 2);
});

test("without a colour a mark has the board's accent", () => {
  assert.deepEqual(strokesOf([dot([0, 0], { colour: null })], 1)[0].colour, [11, 102, 195]);
});

test("a text stands in the corner of what it names, beside a dot, and over all else", () => {
  const text = "one";
  const marks = [
    box([1.5, 3.5, 6, 8], { text }),
    outline(
      [
        [5, 9],
        [3, 4],
        [8, 6],
      ],
      { text },
    ),
    dot([4, 4], { text, radius: 5 }),
    arrow([2, 2], [9, 9], { text }),
    { kind: "text", at: [4.5, 9.5], ...LOOK, text },
    dot([1, 1]),
  ];
  const chips = chipsOf(marks, [10, 20]);
  assert.equal(chips.length, 5);
  assert.deepEqual(
    chips.map(({ y, x }) => [y, x]),
    [
      [0.2, 0.2],
      [0.35, 0.225],
      [0.45, 0.225],
      [0.25, 0.125],
      [0.5, 0.5],
    ],
  );
  assert.deepEqual(
    chips.map(({ anchor }) => anchor),
    [
      [0, 0],
      [0, 0],
      [0.5, 0],
      [0.5, 0.5],
      [0.5, 0.5],
    ],
  );
  assert.deepEqual(
    chips.map(({ shift }) => shift),
    [0, 0, 8.5, 0, 0],
  );
});

test("a text has a contrast of 4.5 at least on every colour", () => {
  const linear = (part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const parts = [...Array(18).keys()].map((i) => 15 * i);
  for (const r of parts) {
    for (const g of parts) {
      for (const b of parts) {
        const ground = luminance([r, g, b]) + 0.05;
        const contrast = inkOn([r, g, b]) === "#fff" ? 1.05 / ground : ground / 0.05;
        assert.ok(contrast >= 4.5, `${[r, g, b]}: ${contrast}`);
      }
    }
  }
});
