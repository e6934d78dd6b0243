import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { addressOf, readAddress } from "../../seglab/page/address.js";
import { nearest, placeOf, SavedLab } from "../../seglab/page/lab.js";
import { inflate, octets, Planes, unfilter } from "../../seglab/page/stored.js";
import { unitFor } from "../../seglab/page/unit.js";

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

const at = (...places) => ({ at: places, extra: -1 });

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
      extras: [{ at: [0, 1], idle: [0], panes: [1], numbers: [["7"]], charts: ["<svg/>"] }],
      charts: [{ name: "Draw", at: "", reach: [1], shown: ["a", "b", "c"] }],
      blobs: [],
    },
    "",
  );

test("a state is looked up: its panes, the planes that they need, its numbers", () => {
  const found = lab().lookUp(at(1, 1));
  assert.deepEqual(found.needs, [1, 2]);
  assert.deepEqual(found.numbers, [["count", "6", "code"]]);
  assert.equal(found.records[0].parts.length, 2);
  assert.equal(lab().lookUp(at(0, 2)).problem, "c is too much");
});

test("a control without effect is known by the state of those that decide it", () => {
  assert.deepEqual([...lab().idle(at(0, 2))], [1]);
  assert.deepEqual([...lab().idle(at(1, 2))], []);
});

test("a state of the tour is looked up in its own place", () => {
  const beside = { at: [0, 1], extra: 0 };
  const found = lab().lookUp(beside);
  assert.deepEqual(found.needs, [1, 2]);
  assert.deepEqual(found.numbers, [["count", "7"]]);
  assert.deepEqual([...lab().idle(beside)], [0]);
  assert.equal(lab().drawing(0, beside), "<svg/>");
  assert.equal(lab().drawing(0, at(1, 2)), "c");
});

/** A lab whose pane stops to change at min(a + 2, b), and whose number follows b in a = 1 alone. */
const ending = () =>
  new SavedLab(
    {
      controls: [control("0", "1"), control("a", "b", "c", "d", "e")],
      idle: [],
      panes: [{ name: "map", reach: [0, 1], shown: [0, 1, 2, 2, 2, 0, 1, 1, 3, 3] }],
      numbers: [{ name: "far", reach: [0], shown: [["x"], ["y"]] }],
      charts: [],
      blobs: [],
    },
    "",
  );

test("a control ends where it stops to change what is shown", () => {
  assert.equal(ending().lastOf(1, [0, 0]), 2);
  assert.equal(ending().lastOf(1, [1, 0]), 3); // an equal pair within is no end
  assert.equal(ending().lastOf(0, [0, 0]), 1); // the number tells the two apart
  assert.equal(ending().changes(1, [1, 0], 1, 2), false);
  assert.equal(ending().changes(1, [1, 0], 2, 3), true);
  assert.equal(lab().lastOf(1, [0, 0]), 2); // a problem is something else
  const deciding = lab();
  deciding.stored.panes[0].shown = [0, 0];
  assert.equal(deciding.lastOf(0, [0, 0]), 1); // it gives the other control its effect
});

const told = {
  controls: [
    { name: "f", spelled: ["2", "4", "8"], texts: ["2", "4", "8"], start: 1 },
    { name: "softmax", spelled: ["False", "True"], texts: ["off", "on"], start: 0 },
    { name: "pixel", spelled: ["4:5", "6:7"], texts: ["row 4", "row 6"], start: 0 },
    { name: "mode", spelled: ["a & b=c", "d, e"], texts: ["a & b=c", "d, e"], start: 0 },
  ],
  stands: [["photo", "coffee"]],
  tour: { steps: [{ extra: -1 }, { extra: 0 }] },
};

test("an address says where the controls stand, and comes back", () => {
  for (const f of [0, 1, 2])
    for (const softmax of [0, 1])
      for (const pixel of [0, 1])
        for (const mode of [0, 1]) {
          const address = addressOf(at(f, softmax, pixel, mode), told);
          const read = readAddress(address, told);
          assert.deepEqual(read, { at: [f, softmax, pixel, mode], step: -1, problems: [] });
        }
  assert.equal(addressOf(at(1, 0, 0, 0), told), "");
  assert.equal(addressOf(at(2, 1, 1, 0), told), "#f=8&softmax=True&pixel=6:7");
  assert.equal(addressOf({ at: [1, 0, 0, 0], extra: 0 }, told), "#tour=2");
  assert.equal(readAddress("#tour=2", told).step, 1);
  assert.deepEqual(readAddress("#softmax=on&photo=coffee", told).at, [1, 1, 0, 0]);
});

test("what an address says wrong is a sentence, and the rest of it counts", () => {
  const said = (hash) => readAddress(hash, told).problems;
  assert.deepEqual(said("#f=3&softmax=True"), ["f=3 is not in this page; f is 2, 4 or 8."]);
  assert.deepEqual(readAddress("#f=3&softmax=True", told).at, [1, 1, 0, 0]);
  assert.deepEqual(said("#g=1"), [
    "There is no control g in this page; there is f, softmax, pixel or mode.",
  ]);
  assert.deepEqual(said("#photo=horse"), ["In this page photo stands at coffee."]);
  assert.deepEqual(said("#tour=3"), ["The tour has the steps 1 to 2, but no 3."]);
  assert.deepEqual(said("#f=%"), ["f=% is not in this page; f is 2, 4 or 8."]);
  assert.deepEqual(said(""), []);
});

test("text has at least 16 pixels on a slide, and what explains a pane 14", () => {
  assert.ok(14 * unitFor(1280, 720) >= 16 && 12 * unitFor(1280, 720) >= 14);
  assert.ok(unitFor(1920, 1080) > 1.49 * unitFor(1280, 720)); // it uses its room
  for (let width = 300; width < 2600; width += 60)
    for (let height = 200; height < 1600; height += 60) {
      const unit = unitFor(width, height);
      assert.ok(12 * unit >= 11, `${width} x ${height}`); // legible in the smallest frame
      assert.ok(unitFor(width + 700, height + 60) >= unit * 0.9);
    }
  assert.equal(unitFor(390, 844), 1);
});

test("a pane that is shown already is the same object again", () => {
  const saved = lab();
  const planes = new Map([
    [0, PLANE],
    [1, PLANE],
    [2, PLANE],
  ]);
  const panes = (state) => saved.panes(saved.lookUp(state).records, planes);
  const [first] = panes(at(0, 0));
  assert.equal(first.plane, PLANE);
  assert.equal(panes(at(0, 1))[0], first);
  const [curtain] = panes(at(1, 1));
  assert.notEqual(curtain, first);
  assert.equal(curtain.plane, undefined);
  assert.equal(curtain.parts[1].plane, PLANE);
});

test("what may be asked for next is a step away, along the control that moved first", () => {
  assert.deepEqual(lab().neighbours(at(0, 1), 1), [at(0, 2), at(1, 1), at(0, 0)]);
  assert.deepEqual(lab().neighbours(at(1, 2), 0), [at(0, 2), at(1, 1)]);
  assert.deepEqual(lab().neighbours({ at: [0, 1], extra: 0 }, 1)[0], at(0, 2));
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
