// What the editors of rows share: they are drawn anew when the rows change, and an editor whose
// control has no effect at the moment is greyed, and out of reach of mouse and keys.

/** @import { Context } from "./model.js" */

/**
 * Draw an editor now, and again whenever its rows change; returns what ends this.
 *
 * @param {Context} context what the editor is drawn into
 * @param {() => void} draw
 */
export function followRows(context, draw) {
  context.model.on("change:rows", draw);
  draw();
  const stop = followDisabled(context);
  return () => {
    context.model.off("change:rows", draw);
    stop();
  };
}

/**
 * Keep an editor out of use while its model says so; returns what ends this.
 *
 * @param {Context} context what the editor has been drawn into
 */
function followDisabled({ model, el }) {
  const follow = () => {
    const disabled = Boolean(model.get("disabled"));
    el.classList.toggle("seglab-idle", disabled); // anywidget hears of no class that comes later
    // Its children: what is inert itself is not under the mouse, and cannot say why.
    for (const child of /** @type {Iterable<HTMLElement>} */ (el.children)) child.inert = disabled;
  };
  model.on("change:disabled", follow);
  follow();
  return () => model.off("change:disabled", follow);
}
