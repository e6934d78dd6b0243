// A lab's title, controls, tour, buttons and chart as one widget, of the browser's own elements.

import { make, makeButton, setText } from "../board/dom.js";
import { createInput, showIdle } from "../board/inputs.js";
import { light } from "../board/lights.js";
import { hearLate } from "./late.js";

/** @import { Described } from "../board/inputs.js" */
/** @import { Context } from "./model.js" */

/** @param {Context["model"]} model */
function createTour(model) {
  const element = make("div", "seglab-strip-tour");
  element.setAttribute("aria-live", "polite");
  const set = () => {
    const [text = "", count = ""] = model.get("tour");
    element.hidden = !text;
    const page = new DOMParser().parseFromString(text, "text/html"); // escaped by the kernel
    element.replaceChildren(...page.body.childNodes, make("p", "", count));
  };
  return { element, set };
}

/** @param {Context["model"]} model */
function createLabButtons(model) {
  const element = make("div", "seglab-strip-buttons");
  /** @type {string[][]} */
  const described = model.get("buttons");
  const all = described.map(([name]) =>
    makeButton("seglab-strip-button", name, () => model.send({ kind: "press", name })),
  );
  element.append(...all);
  const set = () => {
    for (const [i, [, text, able]] of model.get("buttons").entries()) {
      setText(all[i], text);
      all[i].disabled = !able;
    }
  };
  return { element, set };
}

/** @param {Context["model"]} model */
function createDrawing(model) {
  const element = make("figure", "seglab-strip-chart");
  const sheet = make("div");
  const caption = make("figcaption");
  const close = makeButton("seglab-strip-button", "×", () => model.send({ kind: "close" }));
  close.setAttribute("aria-label", "close the chart");
  element.append(close, sheet, caption);
  const set = () => {
    const [name = "", says = "", text = ""] = model.get("chart");
    element.hidden = !name;
    setText(caption, says);
    const parsed = new DOMParser().parseFromString(text || "<svg/>", "image/svg+xml");
    sheet.replaceChildren(document.importNode(parsed.documentElement, true));
  };
  return { element, set };
}

const FOLLOWED = ["places", "told", "idle", "lit", "tour", "buttons", "chart"];

/** @param {Context} context */
function render({ model, el }) {
  /** @type {Described[]} */
  const described = model.get("described");
  const [title, summary] = model.get("head");
  const own = Math.random().toString(36).slice(2); // there may be several strips
  const rows = described.map((one, i) =>
    createInput(one, `seglab-${own}-${i}`, (place) => {
      model.set("places", model.get("places").with(i, place));
      model.save_changes();
    }),
  );
  const strip = make("div", "seglab-strip-controls");
  strip.append(...rows.map(({ element }) => element));
  const parts = [createTour(model), createLabButtons(model), createDrawing(model)];
  const follow = () => {
    const [places, told, idle, lit] = FOLLOWED.map((name) => model.get(name));
    for (const [i, { element, set }] of rows.entries()) {
      const off = places[i] < 0 ? told[i] : undefined;
      set(Math.max(0, places[i]), described[i].texts.length - 1, off);
      showIdle(element, idle.includes(described[i].name));
    }
    light(strip, lit, "");
    for (const part of parts) part.set();
  };
  for (const name of FOLLOWED) model.on(`change:${name}`, follow);
  follow();
  el.classList.add("seglab-strip");
  el.append(make("h3", "", title), make("p", "", summary), strip);
  el.append(...parts.map(({ element }) => element));
  return () => {
    for (const name of FOLLOWED) model.off(`change:${name}`, follow);
  };
}

export default { initialize: hearLate, render };
