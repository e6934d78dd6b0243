/* A part of board.js: a line of code, and the button that copies it. */

/** Put text on the clipboard; where the page may not (plain http), select it instead. */
async function copy(text, node) {
  try {
    await navigator.clipboard.writeText(text);
    return "Copied";
  } catch {
    window.getSelection().selectAllChildren(node);
    return "Selected: press Ctrl+C or ⌘C";
  }
}

/** The cell of a number that is code: { element, set(text) }. */
function createCode() {
  const element = make("dd", "seglab-code");
  const code = make("code");
  const button = make("button", "seglab-step", "Copy");
  const says = make("span", "seglab-of");
  says.setAttribute("role", "status");
  button.type = "button";
  button.addEventListener("click", async () => {
    setText(says, await copy(code.textContent, code));
  });
  element.append(code, button, says);
  return {
    element,
    set(text) {
      if (code.textContent !== text) setText(says, "");
      setText(code, text);
    },
  };
}
