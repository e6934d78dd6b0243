import assert from "node:assert/strict";
import { test } from "node:test";
import { lightOf, regionPath, shows, thingAt } from "../../seglab/board/groups.js";

const plane = Uint8Array.from([0, 1, 1, 0, 1, 2, 255, 2, 2]);
const object = { name: "object", by: "code", ids: [null, 7, 3], marks: [], controls: [] };
const labels = { kind: "labels", size: [3, 3], frame: [6, 6], plane, field: null, group: object };
const box = (top, left, bottom, right) => ({
  ...{ kind: "box", at: [top, left, bottom, right], strong: false, dashed: false },
  ...{ colour: null, text: "" },
});

/** The length of all lines of a path of M, h and v. */
const length = (path) =>
  [...path.matchAll(/[hv](-?[\d.]+)/g)].reduce((sum, [, n]) => sum + Number(n), 0);

test("a code shows a thing, and no value shows none", () => {
  assert.deepEqual(thingAt(labels, [0, 2], 1), { name: "object", id: 7 });
  assert.equal(thingAt(labels, [0, 0], 0), null);
  assert.equal(thingAt(labels, [4, 0], 255), null);
  assert.equal(thingAt({ ...labels, group: undefined }, [0, 2], 1), null);
});

test("a region's border goes around its cells, in pixels of the frame", () => {
  assert.equal(length(regionPath(labels, (code) => code === 1)), 2 * 8); // an L of three cells
  assert.equal(length(regionPath(labels, (code) => code === 0)), 2 * 6); // two, one above the other
  assert.equal(
    regionPath(labels, (code) => code === 9),
    "",
  );
  assert.equal(
    regionPath(labels, (code) => code === 255),
    "M0 4h2M0 6h2M0 4v2M2 4v2",
  );
});

test("a thing lights up where its number is shown, and only there", () => {
  const light = lightOf(labels, { name: "object", id: 3 }, 1);
  assert.equal(
    light.line,
    regionPath(labels, (code) => code === 2),
  );
  assert.deepEqual(lightOf(labels, { name: "object", id: 4 }, 1), {});
  assert.deepEqual(lightOf(labels, { name: "layer", id: 3 }, 1), {});
  assert.ok(shows(labels, { name: "object", id: 7 }));
  assert.ok(!shows({ ...labels, group: undefined }, { name: "object", id: 7 }));
});

test("of boxes over a place the smallest counts", () => {
  const group = { ...object, by: "mark", ids: [1, 2, null] };
  const marks = [box(0, 0, 9, 9), box(2, 2, 5, 5), box(6, 6, 8, 8)];
  const pane = { ...labels, marks, group };
  assert.equal(thingAt(pane, [3, 3], 0).id, 2);
  assert.equal(thingAt(pane, [1, 8], 0).id, 1);
  assert.equal(thingAt(pane, [7, 7], 0), null);
  assert.equal(thingAt(pane, [10, 1], 0), null);
  assert.equal(lightOf(pane, { name: "object", id: 2 }, 1).line, "M2.5 2.5h3v3h-3z");
});

test("marks of a group are seen only while they are lit", () => {
  const group = { ...object, by: "mark", ids: [1], marks: [box(1, 1, 2, 2)] };
  const pane = { ...labels, marks: [box(0, 0, 9, 9)], group };
  assert.equal(thingAt(pane, [5, 5], 0), null);
  assert.equal(lightOf(pane, { name: "object", id: 1 }, 1).line, "M1.5 1.5h1v1h-1z");
});

test("rows, columns and whole pictures show things too", () => {
  const table = (by) => ({ kind: "table", group: { ...object, by, ids: [null, 5, 6] } });
  assert.equal(thingAt(table("row"), [2, 0], 255).id, 6);
  assert.equal(thingAt(table("row"), [-1, 2], 255), null); // the head
  assert.equal(thingAt(table("column"), [-1, 2], 255).id, 6);
  assert.deepEqual(lightOf(table("row"), { name: "object", id: 5 }, 1), { row: 1 });
  assert.deepEqual(lightOf(table("column"), { name: "object", id: 5 }, 1), { column: 1 });
  const picture = { ...labels, group: { ...object, by: "picture", ids: [8] } };
  assert.equal(thingAt(picture, [0, 0], 255).id, 8);
  assert.deepEqual(lightOf(picture, { name: "object", id: 8 }, 1), { whole: true });
});

test("a shape of a diagram shows its thing, and all shapes of a thing light up", () => {
  const pane = { group: { name: "skip", by: "shape", ids: [null, 4, 4, 7], marks: [] } };
  assert.deepEqual(thingAt(pane, [0, 2], 255), { name: "skip", id: 4 });
  assert.equal(thingAt(pane, [0, 0], 255), null);
  assert.deepEqual(lightOf(pane, { name: "skip", id: 4 }, 1), { shapes: [1, 2] });
});
