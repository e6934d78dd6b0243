// Keys that belong to the lab. JupyterLab and Notebook 7 listen for their shortcuts on the
// document, before any control does, and look for this attribute from the focused element up.

const SUPPRESS = "data-lm-suppress-shortcuts";

/**
 * True for a key that a control may take: whatever is pressed alone. Ctrl+S still saves the
 * notebook, and Shift+Enter still runs the cell.
 *
 * @param {Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">} event
 */
export function belongsToLab({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return !(ctrlKey || metaKey || altKey || (shiftKey && key === "Enter"));
}

/**
 * Keep the notebook's shortcuts away from what has the focus in a lab. Returns what ends this.
 *
 * @param {() => Element | null} labOf
 */
export function keepKeys(labOf) {
  /** @param {KeyboardEvent} event */
  const mark = (event) => {
    const target = /** @type {Element} */ (event.target);
    if (!(target instanceof Element && labOf()?.contains(target))) return;
    const all = target.parentElement?.closest(`[${SUPPRESS}]`); // an editor, which knows undo
    target.toggleAttribute(SUPPRESS, Boolean(all) || belongsToLab(event));
  };
  window.addEventListener("keydown", mark, true); // the window hears of it before the document
  return () => window.removeEventListener("keydown", mark, true);
}
