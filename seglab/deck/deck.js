// A deck: reveal.js turns the slides, labs stand in frames, notes have a window of their own.

/**
 * What is used of reveal.js here.
 *
 * @typedef {{
 *   initialize(options: object): Promise<void>, getCurrentSlide(): Element,
 *   on(event: string, act: () => void): void, next(): void, prev(): void,
 *   addKeyBinding(
 *     key: { keyCode: number, key: string, description: string }, act: () => void
 *   ): void,
 * }} RevealDeck
 * @typedef {"next" | "prev"} Turn
 */

/* ---- as large as a slide allows ------------------------------------------------------------ */

const SIZES = [1.16, 1.08, 1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52, 0.46, 0.4];
const LINES = [24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9]; // CSS pixels of code
const WRAPPED = 18; // and of a long line that is printed

/**
 * The first of the sizes, the largest first, at which nothing is cut off.
 *
 * @param {number[]} sizes
 * @param {(size: number) => void} apply
 * @param {() => boolean} fits
 */
function fit(sizes, apply, fits) {
  for (const size of sizes) {
    apply(size);
    if (fits()) return;
  }
}

/** @param {HTMLElement} pre */
function fitCode(pre) {
  const isOutput = pre.matches(".output");
  const fits = () => pre.scrollWidth <= pre.clientWidth;
  pre.style.whiteSpace = "";
  fit(
    isOutput ? LINES.filter((size) => size >= WRAPPED) : LINES,
    (size) => pre.style.setProperty("--line", `${size}px`),
    fits,
  );
  if (isOutput && !fits()) pre.style.whiteSpace = "pre-wrap";
}

/** @param {Element[]} sheets */
function fitAll(sheets) {
  document.body.classList.add("measuring");
  for (const sheet of sheets) {
    const content = /** @type {HTMLElement} */ (sheet.querySelector(".content"));
    content.querySelectorAll("pre").forEach(fitCode);
    fit(
      SIZES,
      (size) => content.style.setProperty("--fit", String(size)),
      () =>
        content.scrollHeight <= content.clientHeight && content.scrollWidth <= content.clientWidth,
    );
  }
  document.body.classList.remove("measuring");
}

/* ---- the lecturer's notes ------------------------------------------------------------------- */

/** @type {Record<string, Turn>} */
const TURNS = {
  PageDown: "next",
  ArrowRight: "next",
  " ": "next",
  PageUp: "prev",
  ArrowLeft: "prev",
};
const CLOCK = 10000; // milliseconds

/** The window with the lecturer's notes. reveal's own loads the deck, and each lab, twice more. */
class PresenterView {
  /** @type {Window | null} */
  #window = null;
  #started = Date.now();
  #sheets;
  #here;

  /**
   * @param {Element[]} sheets
   * @param {() => number} here
   */
  constructor(sheets, here) {
    this.#sheets = sheets;
    this.#here = here;
  }

  open() {
    const opened = window.open("", "seglab-notes", "width=760,height=720");
    const style = document.querySelector("style");
    if (!opened || !style) return;
    this.#window = opened;
    const page = opened.document;
    page.title = `Notes: ${document.title}`;
    page.head.replaceChildren(page.importNode(style, true));
    page.body.className = "presenter";
    page.body.replaceChildren(...["p", "div", "p"].map((tag) => page.createElement(tag)));
    opened.onkeydown = (event) => {
      if (!(event.key in TURNS)) return;
      event.preventDefault();
      reveal[TURNS[event.key]]();
    };
    this.show();
  }

  show() {
    if (!this.#window || this.#window.closed) return;
    const page = this.#window.document;
    const [clock, notes, after] = page.body.children;
    const here = this.#here();
    const minutes = Math.floor((Date.now() - this.#started) / 60000);
    clock.textContent = `Slide ${here + 1} of ${this.#sheets.length} · ${minutes} min`;
    const said = [...(this.#sheets[here]?.querySelectorAll("aside.notes") ?? [])];
    const copies = said.map((aside) => page.importNode(aside, true));
    notes.replaceChildren(...copies.flatMap((aside) => [...aside.childNodes]));
    const heading = this.#sheets[here + 1]?.querySelector("h1, h2, h3, iframe");
    const title = heading instanceof HTMLElement ? heading.title || heading.textContent : "";
    after.textContent = title ? `Next: ${title}` : "";
  }
}

/* ---- the deck ------------------------------------------------------------------------------- */

const NEAR = 200; // milliseconds until the next slides' labs are filled

/** @type {RevealDeck} */
const reveal = Reflect.get(globalThis, "Reveal");
/** @type {{ pieces: string[], pages: number[][] }} */
const stored = JSON.parse(document.getElementById("seglab-pages")?.textContent ?? "{}");
const sheets = [...document.querySelectorAll(".sheet")];
const here = () => sheets.findIndex((sheet) => reveal.getCurrentSlide().contains(sheet));
const presenterView = new PresenterView(sheets, here);

/**
 * Give a frame its lab; what several labs share is in the deck once.
 *
 * @param {HTMLIFrameElement} frame
 */
function fillFrame(frame) {
  if (frame.srcdoc) return undefined;
  const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  const page = stored.pages[Number(frame.dataset.page)];
  frame.srcdoc = page.map((piece) => stored.pieces[piece]).join("");
  return loaded;
}

/** Fill the labs of this slide, and those of the next ones while nobody waits. */
function fillNear() {
  const now = here();
  const fill = (/** @type {Element | undefined} */ sheet) =>
    sheet?.querySelectorAll("iframe").forEach(fillFrame);
  fill(sheets[now]);
  setTimeout(() => sheets.slice(now + 1, now + 3).forEach(fill), NEAR);
}

/** @param {MouseEvent} event */
function onClick({ target }) {
  const link = target instanceof Element ? target.closest("[data-go]") : null;
  const turn = link instanceof HTMLElement ? link.dataset.go : undefined;
  if (turn === "next" || turn === "prev") reveal[turn]();
}

async function start() {
  const printed = location.search.includes("print-pdf");
  for (const [i, sheet] of sheets.entries()) {
    const number = sheet.querySelector(".number");
    if (number) number.textContent = `${i + 1} / ${sheets.length}`;
  }
  if (printed) {
    fitAll(sheets);
    document.body.classList.add("printed");
    await Promise.all([...document.querySelectorAll("iframe")].map(fillFrame));
  }
  await reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    controls: false,
    progress: true,
    hash: true,
    transition: "none",
    navigationMode: "linear", // a clicker and the arrows go through every slide
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    display: "block",
  });
  document.addEventListener("click", onClick);
  if (printed) reveal.on("pdf-ready", () => fitAll(sheets));
  else fitAll(sheets);
  const notes = { keyCode: 83, key: "S", description: "Notes" };
  reveal.addKeyBinding(notes, () => presenterView.open());
  reveal.on("slidechanged", () => {
    fillNear();
    presenterView.show();
  });
  setInterval(() => presenterView.show(), CLOCK);
  if (!printed) fillNear();
  document.body.classList.add("ready");
}

start();
