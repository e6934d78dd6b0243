import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal, tooLarge } from "../../seglab/web/decode.js";
import { described } from "../../seglab/web/described.js";
import { centeredSquare, tapsFor } from "../../seglab/web/lanczos.js";
import { filledLook, keyOf, refsOf } from "../../seglab/web/looks.js";
import { Program } from "../../seglab/web/program.js";
import { pyFormat } from "../../seglab/web/pyformat.js";

test("numbers are written as Python writes them", () => {
  // Each line is what Python gives for format(value, form).
  const cases = [
    [0.8891234, ".1%", "88.9%"],
    [0.0625, ".1%", "6.2%"], // a tie: the even digit
    [0.1875, ".1%", "18.8%"],
    [0.5, ".0f", "0"],
    [1.5, ".0f", "2"],
    [2.5, ".0%", "250%"],
    [0.125, ".2f", "0.12"],
    [-0.125, ".2f", "-0.12"],
    [1.005, ".2f", "1.00"],
    [1234567n, ",", "1,234,567"],
    [1234.5, ",.2f", "1,234.50"],
    [394n, "", "394"],
    [3, "", "3.0"],
    [0.00012345, ".3g", "0.000123"],
    [0.000012345, ".3g", "1.23e-05"],
    [123456, ".3g", "1.23e+05"],
    [2.5, ".4g", "2.5"],
    [100, ".4g", "100"],
    [Number.NaN, ".1f", "nan"],
    [Number.NEGATIVE_INFINITY, ".1%", "-inf%"],
  ];
  for (const [value, form, told] of cases) assert.equal(pyFormat(value, form), told, form);
  assert.throws(() => pyFormat(1, "x"));
});

test("a picture of its size stays as it is, and a flat one stays flat", () => {
  const flat = { data: new Uint8ClampedArray(40 * 30 * 4).fill(77), width: 40, height: 30 };
  const small = centeredSquare(flat, 7);
  assert.equal(small.length, 3 * 49);
  assert.ok(small.every((value) => Math.abs(value - 77 / 255) < 1e-7));
  const data = Uint8ClampedArray.from({ length: 4 * 4 * 4 }, (_, i) => (i * 37) % 256);
  const same = centeredSquare({ data, width: 4, height: 4 }, 4);
  for (let i = 0; i < 16; i++) assert.equal(Math.round(same[16 + i] * 255), data[4 * i + 1]);
});

test("the taps of a pixel add up to one, in whole numbers", () => {
  for (const [from, stretch, size] of [
    [451, [0, 300], 256],
    [64, [0, 64], 256],
    [1000, [125, 875], 33],
  ]) {
    for (const { first, taps } of tapsFor(from, stretch, size)) {
      assert.ok(first >= 0 && first + taps.length <= from);
      const sum = taps.reduce((total, tap) => total + tap, 0);
      assert.ok(Math.abs(sum - 2 ** 22) <= taps.length);
    }
  }
});

test("a look is filled from what is known, and asks for what is not", () => {
  const look = {
    $if: [0, 1],
    yes: { said: { $text: ["about ", [1, 0, ".1f"], " px"] }, range: [0, { $ref: [1, 0] }] },
    no: { why: "no" },
  };
  const known = new Map();
  assert.deepEqual([...refsOf(look, known).keys()], [keyOf([0, 1])]);
  known.set(keyOf([0, 1]), 1);
  assert.deepEqual([...refsOf(look, known).keys()], [keyOf([1, 0])]);
  known.set(keyOf([1, 0]), 2.25);
  assert.deepEqual(filledLook(look, known), { said: "about 2.2 px", range: [0, 2.25] });
  known.set(keyOf([0, 1]), 0);
  assert.deepEqual(filledLook(look, known), { why: "no" });
  assert.deepEqual(filledLook({ marks: [{ text: "a" }] }, known), { marks: [{ text: "a" }] });
});

/** A runtime in which every graph adds its first byte to all values. */
function adding() {
  const made = { sessions: 0, runs: 0 };
  const maker = {
    floats: (data, dims) => ({ type: "float32", data, dims }),
    session: async (graph, weights) => {
      made.sessions++;
      assert.deepEqual([...weights.keys()], ["w"]);
      return {
        release() {},
        async run({ i0 }) {
          made.runs++;
          return { o0: { ...i0, data: i0.data.map((value) => value + graph[0]) } };
        },
      };
    },
  };
  return { made, maker };
}

test("a call is run once for a picture, and its graph is opened once", async () => {
  const { made, maker } = adding();
  const table = {
    graphs: [[0, 1, "w"]],
    weights: { w: [1, 2] },
    calls: [
      [0, [-1, 0]],
      [0, [0, 0]],
    ],
    sources: [2],
  };
  const program = new Program(table, Uint8Array.of(5, 9), maker);
  const white = { data: new Uint8ClampedArray(16).fill(255), width: 2, height: 2 };
  program.show(white);
  assert.deepEqual(await program.values([[1, 0]]), [11]);
  assert.deepEqual(await program.values([[0, 0]]), [6]);
  assert.deepEqual(made, { sessions: 1, runs: 2 });
  program.show({ ...white, data: new Uint8ClampedArray(16) });
  assert.deepEqual(await program.values([[1, 0]]), [10]);
  assert.deepEqual(made, { sessions: 1, runs: 4 });
});

test("a file that cannot be read gets the notebook's sentence", () => {
  const bytes = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  assert.equal(refusal("a.png", bytes("")), "'a.png' is empty (0 bytes): choose the file again");
  assert.match(refusal("a.png", bytes("\x89PNG\r\n")), /is damaged or cut short/);
  assert.match(refusal("a.txt", bytes("hello")), /is no picture that can be read: use a PNG/);
  assert.match(refusal("a.heic", bytes("0000ftypheic")), /HEIC, as iPhones write it/);
  assert.match(refusal("a.tif", bytes("II*\0")), /is a TIFF/);
  assert.equal(tooLarge("a.png", { width: 5000, height: 10000 }), "");
  assert.match(tooLarge("a.png", { width: 6000, height: 10000 }), /has 60 megapixels/);
});

test("a computed pane is told in words", () => {
  const pane = { size: [2, 2], parts: [], alt: "; marked: x", open: true };
  const labels = { ...pane, kind: "labels", names: ["a", "b"], plane: Uint8Array.of(0, 1, 1, 255) };
  assert.equal(described(labels), "2 by 2 labels: b 50%, a 25%, 25% without a value; marked: x");
  const scalar = { ...pane, kind: "scalar", range: [0, 254], plane: Uint8Array.of(1, 3, 2, 2) };
  assert.equal(described(scalar), "2 by 2 values from 1 to 3, mean 2; marked: x");
  assert.equal(described({ ...scalar, open: false, alt: "as it is" }), "as it is");
});
