// An editor whose control has no say at the moment: greyed, and out of reach of mouse and keys.

/** @import { Context } from "./model.js" */

/**
 * Keep an editor out of use while its model says so; returns what ends this.
 *
 * @param {Context} context what the editor has been drawn into
 */
export function followDisabled({ model, el }) {
  const follow = () => {
    // Its children: what is inert itself shows no tooltip.
    for (const child of /** @type {Iterable<HTMLElement>} */ (el.children)) {
      child.inert = Boolean(model.get("disabled"));
    }
  };
  model.on("change:disabled", follow);
  follow();
  return () => model.off("change:disabled", follow);
}
