import assert from "node:assert/strict";
import { test } from "node:test";
import { cameraRefusal, hasCamera } from "../../seglab/live/camera.js";
import { belongsToLab } from "../../seglab/live/keys.js";
import { pieces } from "../../seglab/live/photo.js";

const pressed = (key, held = {}) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});

test("keys that are pressed alone belong to the lab, and the notebook keeps the others", () => {
  for (const key of ["ArrowDown", "Enter", "Escape", "d", "F", " "])
    assert.ok(belongsToLab(pressed(key)), key);
  assert.ok(belongsToLab(pressed("ArrowLeft", { shiftKey: true })));
  assert.ok(!belongsToLab(pressed("Enter", { shiftKey: true })));
  for (const held of ["ctrlKey", "metaKey", "altKey"])
    assert.ok(!belongsToLab(pressed("s", { [held]: true })), held);
});

test("a file is sent in pieces that together are the file", () => {
  const data = Uint8Array.from({ length: 2 ** 20 + 7 }, (_, i) => i % 251);
  const parts = pieces(data);
  assert.deepEqual(
    parts.map(({ length }) => length),
    [2 ** 19, 2 ** 19, 7],
  );
  for (const part of parts) assert.equal(part.buffer.byteLength, part.length);
  assert.deepEqual(Uint8Array.from(parts.flatMap((part) => [...part])), data);
  assert.equal(pieces(new Uint8Array(0)).length, 1);
});

test("a camera that is not there or not allowed is one sentence with a remedy", () => {
  assert.equal(hasCamera(), false); // Node has none
  const named = (name) => Object.assign(new Error("busy"), { name });
  assert.match(
    cameraRefusal(named("NotAllowedError")),
    /^The camera is not allowed here: allow it/,
  );
  assert.match(cameraRefusal(named("NotFoundError")), /^There is no camera: connect one/);
  for (const error of [named("NotReadableError"), "busy"])
    assert.match(
      cameraRefusal(error),
      /^The camera cannot be used \(busy\): close what else uses it/,
    );
});
