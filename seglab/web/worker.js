// The worker of a page that computes: it stands behind the runtime's own script, which names `ort`.

import { inflate, octets } from "../page/stored.js";
import { Program } from "./program.js";

/** @import { Pixels } from "./lanczos.js" */
/** @import { Ref } from "./looks.js" */
/** @import { Maker, Table } from "./program.js" */

/**
 * @typedef {{
 *   id: number, open?: { binary: string, table: Table, bytes: string }, picture?: Pixels,
 *   refs?: Ref[],
 * }} Task
 */

const runtime = /** @type {any} */ (globalThis).seglabRuntime;

/** @type {Maker} */
const maker = {
  session: (graph, weights) =>
    runtime.InferenceSession.create(graph, {
      executionProviders: ["wasm"],
      externalData: [...weights].map(([path, data]) => ({ path, data })),
    }),
  floats: (data, dims) => new runtime.Tensor("float32", data, dims),
};

/** @type {Program} */
let program;

/** @param {Task} task */
async function answer({ open, picture, refs }) {
  if (open) {
    const [binary, bytes] = [inflate(octets(open.binary)), inflate(octets(open.bytes))];
    runtime.env.wasm.numThreads = 1;
    runtime.env.wasm.wasmBinary = await binary;
    program = new Program(open.table, await bytes, maker);
  }
  if (picture) program.show(picture);
  return refs ? program.values(refs) : [];
}

let last = Promise.resolve();
self.addEventListener("message", ({ data }) => {
  const task = /** @type {Task} */ (data);
  last = last
    .then(() => answer(task))
    .then(
      (values) => self.postMessage({ id: task.id, values }),
      (error) => self.postMessage({ id: task.id, error: String(error?.message ?? error) }),
    );
});
