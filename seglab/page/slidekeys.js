// A slide in the frame of a deck: keys that turn the deck's slides go to the deck.

import { hasModifier, take } from "../board/dom.js";

/** @type {Record<string, string>} */
const ALWAYS = { PageDown: "next", PageUp: "prev" }; // what a clicker sends
/** @type {Record<string, string>} */
const WITHOUT_FOCUS = { ArrowRight: "next", ArrowLeft: "prev", " ": "next" };

/** Give the keyboard back to the page around this one. */
function blurFrame() {
  const { activeElement: active, body } = document;
  if (active instanceof HTMLElement && active !== body) active.blur();
  window.parent.focus(); // of the parent, all that another origin allows
}

/**
 * Reveal's own message. It says nothing of the lecture, so that any page may hear it.
 *
 * @param {string} method
 */
function forward(method) {
  window.parent.postMessage(JSON.stringify({ method, args: [] }), "*");
  blurFrame();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (window.parent === window || hasModifier(event)) return;
  const { activeElement: active, body } = document;
  const free = active === body || active === null;
  const method = ALWAYS[event.key] ?? (free ? WITHOUT_FOCUS[event.key] : undefined);
  if (method) {
    take(event);
    forward(method);
  } else if (event.key === "Escape") {
    // First the board's own: a pinned cell is unpinned, and its pane keeps the focus.
    const pinned = document.querySelector(".seglab-pinned");
    setTimeout(() => pinned || blurFrame());
  }
}

export function forwardKeys() {
  window.addEventListener("keydown", onKey, true);
}
