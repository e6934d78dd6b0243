import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { nearest, placeOf, SavedLab } from "../../seglab/page/lab.js";
import { inflate, octets, Planes, unfilter } from "../../seglab/page/stored.js";

/** Node before 20.12 cannot inflate what has no header; every browser can. */
function skipped() {
  try {
    new DecompressionStream("deflate-raw");
    return false;
  } catch (error) {
    return error.message;
  }
}

const ROW = 12;
const STEP = 3;
const PLANE = Uint8Array.from({ length: 5 * ROW }, (_, i) => (i * i * 37 + 11 * i) % 256);

/** PNG's filters, written from their definition. */
function filtered(plane, filter) {
  const at = (i, dx, dy) => {
    const column = (i % ROW) - dx * STEP;
    const row = Math.floor(i / ROW) - dy;
    return column < 0 || row < 0 ? 0 : plane[row * ROW + column];
  };
  const predict = [
    () => 0,
    (i) => at(i, 1, 0),
    (i) => at(i, 0, 1),
    (i) => {
      const [left, above, corner] = [at(i, 1, 0), at(i, 0, 1), at(i, 1, 1)];
      const guess = left + above - corner;
      const away = [left, above, corner].map((value) => Math.abs(guess - value));
      return [left, above, corner][away.indexOf(Math.min(...away))];
    },
  ][filter];
  return plane.map((value, i) => value - predict(i));
}

test("every filter is undone", () => {
  const flat = PLANE.map((value) => value % 4); // neighbours that are equally near
  for (const plane of [PLANE, flat]) {
    for (const filter of [0, 1, 2, 3]) {
      assert.deepEqual(unfilter(filtered(plane, filter), filter, ROW, STEP), plane, `${filter}`);
    }
  }
});

test("what is deflated and written in base64 is read", { skip: skipped() }, async () => {
  const text = deflateRawSync(PLANE).toString("base64");
  assert.deepEqual(await inflate(octets(text)), PLANE);
});

/** A table of planes and the text in which they lie. */
function stored(entries) {
  let text = "";
  const table = entries.map(([data, filter, reference]) => {
    const start = text.length;
    text += deflateRawSync(data).toString("base64");
    return [start, text.length, data.length, ROW, STEP, filter, reference];
  });
  return [table, text];
}

test("planes are decoded once, and then are there at once", { skip: skipped() }, async () => {
  const other = PLANE.map((value, i) => (i % 7 ? value : value ^ 5));
  const change = other.map((value, i) => value ^ PLANE[i]);
  const planes = new Planes(
    ...stored([
      [filtered(PLANE, 3), 3, -1],
      [change, 4, 0],
    ]),
  );
  const found = await planes.loadAll([1, 0]);
  assert.deepEqual(found.get(0), PLANE);
  assert.deepEqual(found.get(1), other);
  const again = planes.loadAll([0, 1]);
  assert.ok(again instanceof Map);
  assert.equal(again.get(1), found.get(1));
});

const control = (...texts) => ({ name: "", label: "", kind: "range", texts, start: 0, values: [] });

test("a state's place counts the last control first", () => {
  const counts = [2, 3, 4];
  const places = [];
  for (const a of [0, 1])
    for (const b of [0, 1, 2, 3]) places.push(placeOf([0, 2], counts, [a, 9, b]));
  assert.deepEqual(places, [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.equal(placeOf([], counts, [1, 2, 3]), 0);
});

const record = (name, plane) => ({ name, kind: "scalar", plane, palette: -1, parts: [] });
const lab = () =>
  new SavedLab(
    {
      controls: [control("1", "2"), control("a", "b", "c")],
      idle: [{ name: "", control: 1, reach: [0], shown: [1, 0] }],
      panes: [{ name: "map", reach: [0], shown: [0, 1] }],
      numbers: [{ name: "count", reach: [1], shown: [["5"], ["6", "code"], -1] }],
      pictures: [
        record("map", 0),
        { ...record("map", -1), parts: [record("l", 1), record("r", 2)] },
      ],
      problems: ["c is too much"],
      blobs: [],
    },
    "",
  );

test("a state is looked up: its panes, the planes that they need, its numbers", () => {
  const found = lab().lookUp([1, 1]);
  assert.deepEqual(found.needs, [1, 2]);
  assert.deepEqual(found.numbers, [["count", "6", "code"]]);
  assert.equal(found.records[0].parts.length, 2);
  assert.equal(lab().lookUp([0, 2]).problem, "c is too much");
});

test("a control without effect is known by the state of those that decide it", () => {
  assert.deepEqual([...lab().idle([0, 2])], [1]);
  assert.deepEqual([...lab().idle([1, 2])], []);
});

test("a pane that is shown already is the same object again", () => {
  const saved = lab();
  const planes = new Map([
    [0, PLANE],
    [1, PLANE],
    [2, PLANE],
  ]);
  const panes = (state) => saved.panes(saved.lookUp(state).records, planes);
  const [first] = panes([0, 0]);
  assert.equal(first.plane, PLANE);
  assert.equal(panes([0, 1])[0], first);
  const [curtain] = panes([1, 1]);
  assert.notEqual(curtain, first);
  assert.equal(curtain.plane, undefined);
  assert.equal(curtain.parts[1].plane, PLANE);
});

test("what may be asked for next is a step away, along the control that moved first", () => {
  assert.deepEqual(lab().neighbours([0, 1], 1), [
    [0, 2],
    [1, 1],
    [0, 0],
  ]);
  assert.deepEqual(lab().neighbours([1, 2], 0), [
    [0, 2],
    [1, 1],
  ]);
});

test("a click goes to the nearest place", () => {
  const places = [
    [0, 0],
    [10, 10],
    [10, 40],
  ];
  assert.equal(nearest(places, [9, 20]), 1);
  assert.equal(nearest(places, [9, 30]), 2);
  assert.equal(nearest(places, [1, 1]), 0);
});
