// What the board says besides its panes: a sentence above them, how far a long step has come, and
// words for a screen reader.

import { make, setText } from "./dom.js";

/** @import { Notice } from "./frames.js" */

const REST = 500; // milliseconds: what moves fast is not spoken

/** The sentence above the panes; null clears it. */
export function createNotice() {
  const element = make("div", "seglab-notice");
  element.setAttribute("role", "status");
  element.hidden = true;
  return {
    element,
    /** @param {Notice | null} notice */
    show(notice) {
      const text = notice?.text;
      if (!text && element.hidden) return;
      element.hidden = !text;
      element.replaceChildren();
      if (!text) return;
      element.dataset.kind = notice.kind || "note";
      element.append(make("span", "seglab-says", text));
      if (notice.detail) element.append(make("span", "seglab-detail", notice.detail));
    },
  };
}

/** The bar of a long step: [done, total]; it hides for anything else. */
export function createProgress() {
  const element = make("progress", "seglab-progress");
  element.setAttribute("aria-label", "progress");
  element.hidden = true;
  return {
    element,
    /** @param {number[] | null} progress */
    show(progress) {
      const going = progress !== null && progress?.[1] > 0;
      if (element.hidden === going) element.hidden = !going;
      if (going) [element.value, element.max] = progress;
    },
  };
}

/** Words for a screen reader, said once nothing has moved for a while. */
export function createSpeech() {
  const element = make("div", "seglab-spoken");
  element.setAttribute("aria-live", "polite");
  let timer = 0;
  return {
    element,
    /** @param {string} text */
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => setText(element, text), REST);
    },
    stop: () => clearTimeout(timer),
  };
}
