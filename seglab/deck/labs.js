// The labs of a deck, each a page in a frame.

/** @type {{ pieces: string[], pages: number[][] }} */
const stored = JSON.parse(document.getElementById("seglab-pages")?.textContent ?? "{}");

const HEAD = '<html lang="en"';
const theme = document.documentElement.dataset.theme ?? "auto";

/**
 * Give a frame its lab in the deck's theme; what several labs share is in the deck once.
 *
 * @param {HTMLIFrameElement} frame
 */
export function fillFrame(frame) {
  if (frame.srcdoc) return;
  const page = stored.pages[Number(frame.dataset.page)];
  const text = page.map((piece) => stored.pieces[piece]).join("");
  frame.srcdoc = theme === "auto" ? text : text.replace(HEAD, `${HEAD} data-theme="${theme}"`);
}

/**
 * Let the labs of slides that nobody sees stand still.
 *
 * @param {Element[]} sheets
 */
export function stopPlaying(sheets) {
  for (const frame of sheets.flatMap((sheet) => [...sheet.querySelectorAll("iframe")])) {
    frame.contentWindow?.dispatchEvent(new Event("pagehide")); // as where the page is left
  }
}
