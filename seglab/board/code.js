// A line of code, and the button that copies it.

import { make, makeButton, setText } from "./dom.js";

/**
 * Put text on the clipboard; where the page may not (plain http), select it instead.
 *
 * @param {string} text
 * @param {Node} node
 */
async function copyText(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    window.getSelection()?.selectAllChildren(node);
    return "Selected: press Ctrl+C or ⌘C";
  }
}

/** The cell of a number that is code. */
export function createCode() {
  const element = make("dd", "seglab-code");
  const code = make("code");
  const says = make("span", "seglab-of");
  const button = makeButton("seglab-step", "Copy", async () => {
    setText(says, await copyText(code.textContent ?? "", code));
  });
  says.setAttribute("role", "status");
  element.append(code, button, says);
  return {
    element,
    /** @param {string} text */
    set(text) {
      if (code.textContent !== text) setText(says, "");
      setText(code, text);
    },
  };
}
