// A deck: reveal.js turns the slides, labs stand in frames, notes have a window of their own.

import { fillFrame, stopPlaying, walkTour } from "./labs.js";
import { PresenterView } from "./presenter.js";
import { fitAll } from "./sizes.js";

/**
 * What is used of reveal.js here.
 *
 * @typedef {{
 *   initialize(options: object): Promise<void>, getCurrentSlide(): Element,
 *   isOverview(): boolean,
 *   on(event: string, act: () => void): void, next(): void, prev(): void,
 *   addKeyBinding(
 *     key: { keyCode: number, key: string, description: string }, act: () => void
 *   ): void,
 * }} RevealDeck
 * @typedef {"next" | "prev"} Turn
 */

/** @type {Record<string, Turn>} */
const TURNS = {
  PageDown: "next",
  ArrowRight: "next",
  " ": "next",
  PageUp: "prev",
  ArrowLeft: "prev",
};
const NEAR = 200; // milliseconds until the next slides' labs are filled
const OPTIONS = {
  width: 1280,
  height: 720,
  margin: 0,
  center: false,
  controls: false,
  progress: true,
  hash: true,
  transition: "none",
  navigationMode: "linear", // a clicker and the arrows go through every slide
  display: "block",
};

/** @type {RevealDeck} */
const reveal = Reflect.get(globalThis, "Reveal");
const root = document.documentElement;
const sheets = [...document.querySelectorAll(".sheet")];
const here = () => sheets.findIndex((sheet) => reveal.getCurrentSlide().contains(sheet));

/**
 * Walk the tour of the slide's lab, where the deck is made so and the tour goes on; else turn.
 *
 * @param {Turn} turn
 */
function go(turn) {
  const walked = root.dataset.tour !== undefined && !reveal.isOverview();
  if (!walked || !walkTour(sheets[here()], turn)) reveal[turn]();
}

/** The keys of a clicker, by their number in reveal.js. */
const CLICKER = Object.fromEntries(
  [
    [34, 39, 32, 78],
    [33, 37, 80],
  ].flatMap((keys, i) => keys.map((key) => [key, () => go(i ? "prev" : "next")])),
);

/* ---- code ---- */

/**
 * Open or fold the code of a slide.
 *
 * @param {Element} sheet
 */
function toggleCode(sheet) {
  const button = sheet.querySelector("[data-code]");
  if (!button) return;
  button.setAttribute("aria-expanded", String(sheet.classList.toggle("coding")));
  fitAll([sheet], false);
}

/** @param {Element} sheet */
function addCodeButton(sheet) {
  if (!sheet.querySelector(".code")) return;
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "Code", title: "open the code (C)" });
  button.dataset.code = "";
  button.setAttribute("aria-expanded", "false");
  sheet.querySelector("nav")?.prepend(button);
}

/* ---- paper ---- */

/** Show all slides one under the other, with the labs' pictures and all code. */
function layOut() {
  root.classList.add("paper");
  fitAll(sheets, true);
}

function takeUp() {
  root.classList.remove("paper");
  fitAll(sheets, false);
}

/* ---- the deck ---- */

const onNotesKey = (/** @type {KeyboardEvent} */ event) => {
  if (!(event.key in TURNS)) return;
  event.preventDefault();
  go(TURNS[event.key]);
};
const presenterView = new PresenterView(sheets, here, onNotesKey);

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
  const button = target instanceof HTMLElement ? target.closest("button") : null;
  const turn = button?.dataset.go;
  if (turn === "next" || turn === "prev") go(turn);
  if (button?.dataset.code !== undefined) toggleCode(sheets[here()]);
}

function onTurn() {
  const now = here();
  stopPlaying(sheets.filter((_, i) => i !== now));
  fillNear();
  presenterView.show();
}

async function start() {
  takeUp();
  await reveal.initialize({ ...OPTIONS, keyboard: root.dataset.tour === undefined || CLICKER });
  document.addEventListener("click", onClick);
  window.addEventListener("beforeprint", layOut);
  window.addEventListener("afterprint", takeUp);
  const bind = (/** @type {string} */ key, /** @type {string} */ description) => ({
    keyCode: key.charCodeAt(0),
    key,
    description,
  });
  reveal.addKeyBinding(bind("S", "Notes"), () => presenterView.open());
  reveal.addKeyBinding(bind("C", "Code"), () => toggleCode(sheets[here()]));
  reveal.on("slidechanged", onTurn);
  fillNear();
}

async function openDeck() {
  for (const [i, sheet] of sheets.entries()) {
    const number = sheet.querySelector(".number");
    if (number) number.textContent = `${i + 1} / ${sheets.length}`;
    addCodeButton(sheet);
  }
  if (location.search.includes("print-pdf")) layOut();
  else await start();
  document.body.classList.add("ready");
}

openDeck();
