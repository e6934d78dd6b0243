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
 * Pass a clicker on to the lab of a slide; at the end of its tour the lab turns the slide itself.
 *
 * @param {Element | undefined} sheet
 * @param {"next" | "prev"} turn
 * @returns {boolean} whether there is a lab with a tour
 */
export function walkTour(sheet, turn) {
  const frame = sheet?.querySelector("iframe");
  if (!frame?.contentDocument?.querySelector(".seglab-live .seglab-tour")) return false;
  frame.contentWindow?.postMessage(JSON.stringify({ seglab: turn }), "*");
  return true;
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
