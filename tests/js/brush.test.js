import assert from "node:assert/strict";
import { test } from "node:test";
import { readStrokes, spellStrokes, strokeOf, thinnedPath } from "../../seglab/board/brush.js";

/** @import { Pair } from "../../seglab/board/frames.js" */

test("what is spelled is read as the same strokes, and the rest is left out", () => {
  const text = "object point 40:50; background line 1:2 3:4 9:9; object box 1:1 5:6";
  assert.equal(spellStrokes(readStrokes(text)), text);
  assert.deepEqual(readStrokes(""), []);
  assert.deepEqual(readStrokes("object point; object point 1:x"), []);
});

test("a click is a point though the hand shakes, a drag is a line, a box has two corners", () => {
  /** @type {Pair[]} */
  const path = [
    [5, 5],
    [5, 6],
    [6, 6],
  ];
  assert.deepEqual(strokeOf("object", "draw", path)?.tool, "point");
  assert.deepEqual(strokeOf("object", "draw", [...path, [5, 15]]), {
    label: "object",
    tool: "line",
    points: [
      [5, 5],
      [5, 15],
    ],
  });
  assert.deepEqual(strokeOf("object", "box", path)?.points, [path[0], path[2]]);
  assert.equal(strokeOf("object", "box", [path[0], path[1]]), null);
});

test("a path is thinned, and keeps its ends", () => {
  const path = Array.from({ length: 21 }, (_, i) => /** @type {Pair} */ ([0, i]));
  const thin = thinnedPath(path);
  assert.deepEqual(thin[0], [0, 0]);
  assert.deepEqual(thin.at(-1), [0, 20]);
  assert.deepEqual(
    thin.map(([, column]) => column),
    [0, 3, 6, 9, 12, 15, 18, 20],
  );
});
