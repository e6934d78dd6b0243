// The keys of a clicker: they walk the tour where the page is made so, and else turn the slides of
// the deck around the page, to which other keys go too.

import { hasModifier, take } from "../board/dom.js";

/** @typedef {{ forward(): boolean, backward(): boolean }} Walk */

/** @type {Record<string, string>} */
const ALWAYS = { PageDown: "next", PageUp: "prev" }; // what a clicker sends
/** @type {Record<string, string>} */
const WITHOUT_FOCUS = { ArrowRight: "next", ArrowLeft: "prev", " ": "next" };
const MOVED = "input, select"; // by the same keys

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

/**
 * @param {string} method
 * @param {Walk | null} walk
 */
const walked = (method, walk) => Boolean(method === "next" ? walk?.forward() : walk?.backward());

/**
 * @param {KeyboardEvent} event
 * @param {Walk | null} walk
 */
function onKey(event, walk) {
  if (hasModifier(event)) return;
  const { activeElement: active, body } = document;
  const framed = window.parent !== window;
  const free = active === body || active === null;
  const method = ALWAYS[event.key] ?? (framed && free ? WITHOUT_FOCUS[event.key] : undefined);
  if (method) {
    if (walked(method, walk)) take(event);
    else if (framed) {
      // Where no control would move by it, an article around the page may scroll by the key.
      if (active?.matches(MOVED)) take(event);
      else event.stopPropagation();
      forward(method);
    }
  } else if (framed && event.key === "Escape") {
    // First the board's own: a pinned cell is unpinned, and its pane keeps the focus.
    const pinned = document.querySelector(".seglab-pinned");
    setTimeout(() => pinned || blurFrame());
  }
}

/**
 * A deck that has the keyboard passes its clicker on: {"seglab": "next"} or {"seglab": "prev"}.
 *
 * @param {MessageEvent} event
 * @param {Walk | null} walk
 */
function onMessage({ source, data }, walk) {
  if (source !== window.parent || typeof data !== "string") return;
  const method = /^\{"seglab": ?"(next|prev)"\}$/.exec(data)?.[1];
  if (method && !walked(method, walk)) forward(method);
}

/** @param {Walk | null} walk the tour, where a clicker walks it */
export function listenForKeys(walk) {
  window.addEventListener("keydown", (event) => onKey(event, walk), true);
  if (window.parent !== window) window.addEventListener("message", (said) => onMessage(said, walk));
}
