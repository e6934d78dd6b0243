import assert from "node:assert/strict";
import { test } from "node:test";
import { groupsOf, litIn, roleOf, sentence, termsOf } from "../../seglab/board/links.js";
import { inData, nextCell, numberAt, numbersSize } from "../../seglab/board/numbergrid.js";

function grid(name, rows, more = {}) {
  const size = [rows.length, rows[0].length];
  const values = rows.flat();
  return { name, kind: "grid", size, values, border: 0, borderMeans: "", lost: [0, 0], ...more };
}

/** A convolution with its padding drawn, computed here from its definition. */
function convolution(image, kernel, { stride = 1, padding = 0, dilation = 1 } = {}) {
  const at = (r, c) => image[r]?.[c] ?? 0;
  const span = dilation * (kernel.length - 1) + 1;
  const side = Math.floor((image.length + 2 * padding - span) / stride) + 1;
  const places = [...Array(side).keys()];
  const output = places.map((r) =>
    places.map((c) => {
      let sum = 0;
      for (const [i, row] of kernel.entries()) {
        for (const [j, weight] of row.entries()) {
          const y = r * stride - padding + dilation * i;
          const x = c * stride - padding + dilation * j;
          sum += weight * at(y, x);
        }
      }
      return sum;
    }),
  );
  const wide = [...Array(image.length + 2 * padding).keys()].map((i) => i - padding);
  const padded = wide.map((r) => wide.map((c) => at(r, c)));
  const [pair, links] = [(n) => [n, n], { input: "input", kernel: "kernel", transposed: false }];
  Object.assign(links, { stride: pair(stride), padding: pair(padding), dilation: pair(dilation) });
  return [
    grid("input", padded, { border: padding, borderMeans: "padding" }),
    grid("kernel", kernel),
    grid("output", output, { links }),
  ];
}

const IMAGE = [
  [3, -2, 1, 0],
  [1, 4, -1, 2],
  [2, 3, 4, 1],
  [0, 1, 2, 5],
];
const KERNEL = [
  [1, 0],
  [-2, 3],
];

test("the terms of an output sum to its value", () => {
  for (const options of [
    {},
    { stride: 2 },
    { padding: 1 },
    { stride: 2, padding: 1, dilation: 2 },
  ]) {
    const panes = convolution(IMAGE, KERNEL, options);
    const [group] = groupsOf(panes);
    const { output, kernel, input } = group;
    for (const [i, value] of output.values.entries()) {
      const cell = [Math.floor(i / output.size[1]), i % output.size[1]];
      const terms = termsOf(group, "output", cell);
      assert.equal(terms.length, 4);
      const value_of = (pane, [r, c]) => pane.values[r * pane.size[1] + c];
      const products = terms.map((t) => value_of(kernel, t.kernel) * value_of(input, t.input));
      assert.equal(
        products.reduce((a, b) => a + b, 0),
        value,
      );
    }
  }
});

test("an input knows the outputs that know it", () => {
  const [group] = groupsOf(convolution(IMAGE, KERNEL, { padding: 1 }));
  const seen = termsOf(group, "input", [2, 2]);
  assert.equal(seen.length, 4);
  for (const { output } of seen) {
    const back = termsOf(group, "output", output).map(({ input }) => input.join());
    assert.ok(back.includes("2,2"));
  }
});

test("a transposed input adds to outputs, as far as they are there", () => {
  const panes = convolution(IMAGE, KERNEL);
  panes[2].links = { ...panes[2].links, transposed: true, stride: [2, 2], padding: [1, 1] };
  const [group] = groupsOf(panes);
  assert.deepEqual(
    termsOf(group, "input", [0, 0]).map(({ output }) => output),
    [[0, 0]],
  );
  assert.match(
    sentence(group, "input", [0, 0], termsOf(group, "input", [0, 0])),
    /adds to 1 output/,
  );
});

test("grids belong together where the output names them and they are there", () => {
  const [input, kernel, output] = convolution(IMAGE, KERNEL);
  assert.equal(groupsOf([input, output]).length, 0);
  assert.equal(groupsOf([input, { ...kernel, kind: "scalar" }, output]).length, 0);
  const [group] = groupsOf([output, kernel, input]);
  assert.equal(roleOf(group, "kernel"), "kernel");
  assert.equal(roleOf(group, "other"), undefined);
});

test("weights stand at the cells that they multiply, and at no other", () => {
  const [group] = groupsOf(convolution(IMAGE, KERNEL));
  const terms = termsOf(group, "output", [0, 1]);
  assert.deepEqual(litIn(group, "output", "input", terms), [
    { cell: [0, 1], tag: "×1" },
    { cell: [0, 2], tag: "×0" },
    { cell: [1, 1], tag: "×−2" },
    { cell: [1, 2], tag: "×3" },
  ]);
  assert.ok(litIn(group, "output", "kernel", terms).every(({ tag }) => tag === ""));
});

test("the arithmetic is a sentence that is true", () => {
  const [group] = groupsOf(convolution(IMAGE, KERNEL));
  const said = (role, cell) =>
    sentence(group, role, cell, termsOf(group, role, cell)).replaceAll("\u00a0", " ");
  assert.equal(said("output", [0, 0]), "output (0, 0) = 1·3 + 0·(−2) − 2·1 + 3·4 = 13");
  assert.equal(
    said("kernel", [1, 0]),
    "weight (1, 0) = −2 multiplies one input for each of 9 outputs",
  );
  assert.equal(said("input", [0, 0]), "input (0, 0) = 3 is read by 1 output: (0, 0) as 1·3");
});

test("an input that is not read says why", () => {
  const panes = convolution(
    IMAGE,
    [
      [1, 1],
      [1, 1],
    ],
    { stride: 3 },
  );
  const [group] = groupsOf(panes);
  assert.match(sentence(group, "input", [2, 2], []), /the kernel steps over it/);
  group.input.lost = [1, 1];
  assert.match(sentence(group, "input", [3, 3], []), /it is lost/);
});

test("a long sum leaves out weights of zero, then its middle, and says so", () => {
  const side = [...Array(7).keys()];
  const ones = side.map(() => side.map(() => 1));
  const sparse = side.map((r) => side.map((c) => (r === 3 && c > 4 ? 0.5 : 0)));
  const [few] = groupsOf(convolution(ones, sparse));
  const said = (group) => sentence(group, "output", [0, 0], termsOf(group, "output", [0, 0]));
  assert.match(said(few), /= 0\.5·1 \+ 0\.5·1 =.1 \(and 47 terms with weight 0\)$/u);
  const [many] = groupsOf(convolution(ones, ones));
  assert.match(said(many), /1·1 \+ … {2}\+ 1·1 \+ 1·1 \+ 1·1 =.49$/u);
});

test("borders have negative numbers, and the size is that of the data", () => {
  const [input] = convolution(IMAGE, KERNEL, { padding: 1 });
  assert.equal(inData(input, [0, 3]), "(−1,\u00a02)");
  assert.equal(numberAt(input, [0, 0]), "0, padding");
  assert.equal(numberAt(input, [1, 2]), "−2");
  assert.equal(numberAt({ ...input, lost: [2, 0] }, [4, 1]), "0, lost");
  assert.equal(numbersSize(input), "4 × 4, padded by 1");
});

test("the walk goes over the cells inside the border, in reading order, and ends", () => {
  const [input] = convolution(IMAGE, KERNEL, { padding: 1 });
  for (const direction of [1, -1]) {
    const seen = [];
    for (let cell = null; ; ) {
      cell = nextCell(input, cell, direction);
      if (!cell) break;
      seen.push((cell[0] - 1) * 4 + cell[1] - 1);
    }
    const all = [...Array(16).keys()];
    assert.deepEqual(seen, direction > 0 ? all : all.reverse());
  }
  assert.deepEqual(nextCell(input, [0, 0], 1), [1, 1]);
});
