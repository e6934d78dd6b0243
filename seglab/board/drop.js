// A picture file that is dropped on a pane.

import { take } from "./dom.js";

/**
 * @param {HTMLElement} stage
 * @param {() => ((file: File) => void) | null} taker who takes a file now; null: nobody
 */
export function acceptFiles(stage, taker) {
  /** @param {boolean} on */
  const mark = (on) => stage.classList.toggle("seglab-drop", on);
  /** @param {DragEvent} event */
  const takerOf = (event) => (event.dataTransfer?.types.includes("Files") ? taker() : null);
  stage.addEventListener("dragover", (event) => {
    if (!takerOf(event)) return;
    take(event);
    mark(true);
  });
  stage.addEventListener("dragleave", () => mark(false));
  stage.addEventListener("drop", (event) => {
    mark(false);
    const onFile = takerOf(event);
    if (!onFile) return;
    take(event);
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  });
}
