// An editor whose control has no effect at the moment: greyed, and out of reach of mouse and keys.

/** @import { Context } from "./model.js" */

/**
 * Keep an editor out of use while its model says so; returns what ends this.
 *
 * @param {Context} context what the editor has been drawn into
 */
export function followDisabled({ model, el }) {
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
