// A figure of Plotly's. Its own script has megabytes: a page asks for it once, and the figure is
// drawn as the kernel has it when the script is there.

import { catchUp } from "./late.js";

/** @import { Context, Model } from "./model.js" */

/**
 * @typedef {{
 *   initialize?(context: { model: Model }): void,
 *   render(context: Context): unknown,
 * }} Widget
 * @typedef {{ default: Widget | (() => Widget | Promise<Widget>) }} Script
 */

const AGAIN = 2000; // milliseconds until a question is repeated, then five times as many

/**
 * What the kernel answers. A busy one may not listen yet when it is asked first.
 *
 * @param {Model} model
 * @param {string} kind
 * @returns {Promise<DataView[]>}
 */
function ask(model, kind) {
  return new Promise((hear) => {
    let wait = AGAIN;
    /** @type {ReturnType<typeof setTimeout>} */
    let timer;
    const say = () => {
      model.send({ kind });
      timer = setTimeout(say, wait);
      wait *= 5; // a kernel that is long busy answers all of them, with megabytes
    };
    /** @type {(content: { kind: string }, buffers: DataView[]) => void} */
    const listen = (content, buffers) => {
      if (content.kind !== kind) return;
      clearTimeout(timer);
      model.off("msg:custom", listen);
      hear(buffers);
    };
    model.on("msg:custom", listen);
    say();
  });
}

/**
 * @param {Model} model
 * @returns {Promise<Script>}
 */
async function loadScript(model) {
  const parts = /** @type {BlobPart[]} */ (await ask(model, "script"));
  const address = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return await import(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

/**
 * Of the page: each figure has its own copy of this script.
 *
 * @type {{ seglabFigures?: Script }}
 */
const page = /** @type {any} */ (globalThis);

/** @param {Model} model */
async function begin(model) {
  await catchUp(model);
  page.seglabFigures ??= await loadScript(model);
  const script = page.seglabFigures.default;
  const widget = typeof script === "function" ? await script() : script;
  await ask(model, "state");
  widget.initialize?.({ model });
  return widget;
}

export default () => {
  /** @type {Promise<Widget>} */
  let begun;
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      begun = begin(model); // not awaited: anywidget waits two seconds, and then never hears more
    },
    /** @param {Context} context */
    async render(context) {
      return (await begun).render(context);
    },
  };
};
