import assert from "node:assert/strict";
import { test } from "node:test";
import { completed, fill, Memory } from "../../seglab/live/memory.js";
import { isDeep, readAsIs, readPhoto, shrunk } from "../../seglab/live/photo.js";

const pane = (name, bytes = 10) => ({
  name,
  kind: "scalar",
  plane: new Uint8Array(bytes),
  palette: new Uint8Array(0),
  parts: [],
});
const frame = (key, panes, codeVersion = 0) => ({ step: 1, key: [key], codeVersion, panes });

test("a frame is found by where the controls stand", () => {
  const memory = new Memory();
  const one = frame(1, [pane("a")]);
  memory.put(one);
  memory.put({ ...one, key: undefined });
  assert.equal(memory.get("[1]"), one);
  assert.equal(memory.get("[2]"), null);
  assert.equal(memory.size, 10);
});

test("the longest unused is forgotten first, and the last one never", () => {
  const memory = new Memory(30);
  for (const key of [1, 2, 3]) memory.put(frame(key, [pane("a")]));
  memory.get("[1]");
  memory.put(frame(4, [pane("a")]));
  assert.deepEqual(
    [1, 2, 3, 4].filter((key) => memory.get(`[${key}]`)),
    [1, 3, 4],
  );
  assert.equal(memory.size, 30);
  memory.put(frame(5, [pane("a", 1000)]));
  assert.equal(memory.get("[4]"), null);
  assert.notEqual(memory.get("[5]"), null);
});

test("a frame that comes again takes the place of the old one; parts count too", () => {
  const memory = new Memory();
  memory.put(frame(1, [pane("a", 7)]));
  const curtain = { ...pane("b", 0), parts: [pane("left", 3), pane("right", 4)] };
  const buffer = { ...pane("c", 0), plane: new DataView(new ArrayBuffer(5)) };
  memory.put(frame(1, [curtain, buffer]));
  assert.equal(memory.size, 12);
});

test("nothing of older code is remembered", () => {
  const memory = new Memory();
  memory.put(frame(1, [pane("a")]));
  memory.put(frame(2, [pane("a")], 1));
  assert.equal(memory.get("[1]"), null);
  assert.equal(memory.size, 10);
});

test("panes that stay come from the base, as the same objects", () => {
  const memory = new Memory();
  const [a, b, fresh] = [pane("a"), pane("b"), pane("b")];
  memory.put(frame(1, [a, b]));
  const whole = memory.whole({ ...frame(2, [{ name: "a" }, fresh]), base: [1] });
  assert.equal(whole.panes[0], a);
  assert.equal(whole.panes[1], fresh);
  assert.equal(memory.get("[2]"), whole);
  assert.equal(memory.whole({ step: 3, key: [2] }), whole);
});

test("entries that are sent alone are laid over the pane's own; its bytes stay", () => {
  const before = { ...pane("a"), alt: "before", marks: [] };
  const marks = [{ kind: "dot", at: [1, 2], radius: 3, colour: null, text: "" }];
  const [after] = completed([{ name: "a", alt: "after", marks }], [before]);
  assert.deepEqual(after, { ...before, alt: "after", marks });
  assert.equal(after.plane, before.plane);
  assert.equal(before.alt, "before");
});

test("what cannot be completed is null, so that it is asked for", () => {
  const memory = new Memory();
  assert.equal(memory.whole({ step: 1, key: [1] }), null);
  assert.equal(memory.whole({ ...frame(2, [{ name: "a" }]), base: [1] }), null);
  memory.put(frame(1, [pane("b")]));
  assert.equal(memory.whole({ ...frame(2, [{ name: "a", alt: "new" }]), base: [1] }), null);
  assert.equal(memory.get("[2]"), null);
});

test("buffers go to the panes that are whole, parts in order", () => {
  const view = (...bytes) => new DataView(Uint8Array.from(bytes).buffer);
  const sides = [pane("left"), pane("right")];
  const panes = [{ name: "stays" }, { ...pane("both"), parts: sides }, pane("last")];
  fill(panes, [view(), view(), view(1), view(2), view(3), view(4), view(5, 6), view(7)]);
  assert.deepEqual(panes[0], { name: "stays" });
  assert.deepEqual([...sides[0].plane, ...sides[0].palette], [1, 2]);
  assert.deepEqual([...sides[1].plane, ...sides[1].palette], [3, 4]);
  assert.deepEqual([...panes[2].plane], [5, 6]);
  assert.deepEqual([...panes[2].palette], [7]);
});

test("a photo keeps its shape and is at most 512 pixels long", () => {
  assert.deepEqual(shrunk({ width: 300, height: 200 }), [300, 200]);
  assert.deepEqual(shrunk({ width: 5472, height: 3648 }), [512, 341]);
  assert.deepEqual(shrunk({ width: 2, height: 4000 }), [1, 512]);
});

test("a file that cannot be decoded is sent as it is, unless it is too large", async () => {
  const small = {
    name: "a.tif",
    size: 3,
    arrayBuffer: async () => new Uint8Array([1, 2, 3]).buffer,
  };
  assert.deepEqual([...(await readAsIs(small))], [1, 2, 3]);
  await assert.rejects(readAsIs({ name: "scan.tif", size: 9 * 2 ** 20 }), /scan\.tif has 9 MB/);
});

test("a PNG of 16 bits a number is sent as it is, for a canvas would keep 8", async () => {
  const head = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, ...new Array(16).fill(0)];
  const deep = new Blob([new Uint8Array([...head, 16, 0, 7])]);
  assert.equal(await isDeep(deep), true);
  assert.deepEqual([...(await readPhoto(deep))].slice(-2), [0, 7]);
  assert.equal(await isDeep(new Blob([new Uint8Array([...head, 8])])), false);
  assert.equal(await isDeep(new Blob([new Uint8Array(30).fill(16)])), false);
  assert.equal(await isDeep(new Blob([])), false);
});
