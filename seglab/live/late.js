// A script that takes two seconds to load, on a busy computer or over a slow line, never hears the
// kernel: anywidget keeps all later messages from its model. Here they come through.

/** @import { Model } from "./model.js" */

/**
 * @typedef {{
 *   _handle_comm_msg(message: unknown): Promise<void>,
 *   comm: { on_msg(hear: (message: unknown) => unknown): void, send(data: unknown): void },
 *   views: Record<string, Promise<{ el: HTMLElement }>>,
 *   get(name: string): any,
 *   on(event: string, listener: () => void): void,
 * }} Whole a model of ipywidgets, of which anywidget shows a part
 */

/**
 * Whether messages come through to a model; told once its script is loaded, or came too late.
 *
 * @param {Whole} whole
 */
async function hears(whole) {
  try {
    await whole._handle_comm_msg({ content: { data: {} } }); // says nothing
    return true;
  } catch {
    return false;
  }
}

/**
 * Do with a message what ipywidgets does, without anywidget's wait before it.
 *
 * @param {Whole} whole
 * @param {unknown} message
 */
function deliver(whole, message) {
  const own = whole._handle_comm_msg;
  let kind = Object.getPrototypeOf(whole);
  while (kind._handle_comm_msg === own) kind = Object.getPrototypeOf(kind);
  return kind._handle_comm_msg.call(whole, message);
}

/** @param {Whole} whole */
async function setClasses(whole) {
  for (const { el } of await Promise.all(Object.values(whole.views)))
    el.classList.add(...whole.get("_dom_classes"));
}

/**
 * Let a widget hear the kernel however late its script, which is loaded now, has come; and ask for
 * all that it has missed. Never fails: a host without such models has no such wait.
 *
 * @param {Model} model
 */
export async function catchUp(model) {
  try {
    /** @type {Whole} */
    const whole = /** @type {any} */ (await model.widget_manager.get_model(model.get("own_id")));
    if (await hears(whole)) return;
    whole.on("change:_dom_classes", () => setClasses(whole)); // which anywidget does not follow
    whole.comm.on_msg((message) => deliver(whole, message));
    whole.comm.send({ method: "request_state" });
  } catch {}
}

/** @param {{ model: Model }} context */
export function hearLate({ model }) {
  catchUp(model); // not awaited: anywidget waits for who begins
}
