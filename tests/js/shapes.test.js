import assert from "node:assert/strict";
import { test } from "node:test";
import { elementOf, nearestStop, scaleOf, shapeAt } from "../../seglab/board/shapes.js";
import { nearestSpelled } from "../../seglab/page/lab.js";

const DIAGRAM = { x: [0, 10], y: [1, 0], margin: [10, 20, 30, 40] };
const SCALE = scaleOf(DIAGRAM, [260, 140], 1);

test("coordinates fill the stage within the margins, whichever way an axis goes", () => {
  assert.deepEqual([SCALE.x(0), SCALE.x(10)], [40, 240]);
  assert.deepEqual([SCALE.y(1), SCALE.y(0)], [10, 110]);
});

test("margins and lines grow with the unit", () => {
  const large = scaleOf(DIAGRAM, [520, 280], 2);
  assert.deepEqual([large.x(0), large.y(0)], [80, 220]);
  const line = {
    kind: "line",
    points: [
      [0, 0],
      [10, 1],
    ],
  };
  const { attributes } = elementOf(line, large);
  assert.deepEqual([attributes["stroke-width"], attributes.d], [4, "M80 220L480 20"]);
});

test("a bar is a rectangle with its corner at the top left", () => {
  const bar = { kind: "bar", left: 0, top: 0, right: 5, bottom: 0.5 };
  const { tag, attributes } = elementOf(bar, SCALE);
  const { x, y, width, height } = attributes;
  assert.deepEqual([tag, x, y, width, height], ["rect", 40, 60, 100, 50]);
});

test("a colour of the page is a class, any other one is written out", () => {
  const dot = { kind: "dot", x: 5, y: 0.5 };
  assert.match(elementOf(dot, SCALE).classes, /seglab-in-accent/);
  assert.equal(elementOf({ ...dot, colour: [1, 2, 3] }, SCALE).color, "rgb(1 2 3)");
});

test("an arrow ends at its tip", () => {
  const arrow = { kind: "arrow", x: 0, y: 0, to_x: 10, to_y: 0 };
  assert.match(elementOf(arrow, SCALE).attributes.d, /^M40 110L231 110M240 110L/);
  assert.equal(elementOf({ ...arrow, to_x: 0 }, SCALE).attributes.d, "");
});

test("one points at the nearest shape that tells something, the topmost of several", () => {
  const dot = (x, more) => ({ kind: "dot", x, y: 0.5, ...more });
  const shapes = [
    dot(2, { says: "a" }),
    dot(2, { thing: 0 }),
    dot(3),
    dot(8, { sets: ["f", "2"] }),
  ];
  assert.equal(shapeAt(shapes, [SCALE.x(2), SCALE.y(0.5)], SCALE), 1);
  assert.equal(shapeAt(shapes, [SCALE.x(3) + 3, SCALE.y(0.5)], SCALE), -1);
  assert.equal(shapeAt(shapes, [SCALE.x(8) + 15, SCALE.y(0.5)], SCALE), 3);
  assert.equal(shapeAt(shapes, [SCALE.x(8) + 17, SCALE.y(0.5)], SCALE), -1);
});

test("a handle snaps to the stop that is nearest on the screen", () => {
  const stops = [
    [0, 0, "10"],
    [5, 1, "20"],
    [10, 1, "40"],
  ];
  assert.equal(nearestStop(stops, [45, 100], SCALE), 0);
  assert.equal(nearestStop(stops, [150, 20], SCALE), 1);
  assert.equal(nearestStop(stops, [200, 0], SCALE), 2);
});

test("a page goes to the stored value, or to the nearest number", () => {
  assert.equal(nearestSpelled(["1", "10", "100"], "10"), 1);
  assert.equal(nearestSpelled(["1", "10", "100"], "60"), 2);
  assert.equal(nearestSpelled(["left", "right"], "right"), 1);
  assert.equal(nearestSpelled(["left", "right"], "up"), -1);
  assert.equal(nearestSpelled([], "1"), -1);
});

test("an even diagram has one scale, and lies in the middle of what is left", () => {
  const { x, y } = scaleOf(
    { x: [0, 10], y: [5, 0], margin: [10, 20, 10, 20], even: true },
    [340, 120],
    1,
  );
  assert.deepEqual([x(0), x(10)], [70, 270]);
  assert.deepEqual([y(5), y(0)], [10, 110]);
});
