// A lab's title, controls, tour, buttons and chart as one widget, of the browser's own elements.

import { make, makeButton, setText } from "../board/dom.js";

/** @import { Context } from "./model.js" */

/**
 * A control. on: the place of a toggle's True.
 * @typedef {{ name: string, label: string, kind: string, texts: string[], on: number }} Described
 * @typedef {{ element: HTMLElement, set(place: number, told: string): void }} Row
 * @typedef {(described: Described, moved: (place: number) => void) => Row} Maker
 */

/** @type {Maker} */
function createRange({ texts }, moved) {
  const element = make("span");
  const input = make("input");
  const output = make("output");
  Object.assign(input, { type: "range", min: 0, max: texts.length - 1, step: 1 });
  input.addEventListener("input", () => moved(Number(input.value)));
  element.append(input, output);
  return {
    element,
    set(place, told) {
      input.value = String(place);
      input.setAttribute("aria-valuetext", told);
      setText(output, told);
    },
  };
}

/** @type {Maker} */
function createToggle({ on }, moved) {
  const element = make("input");
  element.type = "checkbox";
  element.addEventListener("change", () => moved(element.checked ? on : 1 - on));
  return {
    element,
    set(place) {
      element.checked = place === on;
    },
  };
}

/** @type {Maker} */
function createSelect({ texts }, moved) {
  const element = make("select");
  const own = make("option");
  element.append(...texts.map((text) => make("option", "", text)));
  element.addEventListener("change", () => moved(element.selectedIndex));
  return {
    element,
    set(place, told) {
      setText(own, told);
      if (place < 0) element.append(own);
      else own.remove();
      element.selectedIndex = place < 0 ? texts.length : place;
    },
  };
}

/** @type {Record<string, Maker>} */
const MAKERS = {
  range: createRange,
  toggle: createToggle,
  buttons: createSelect,
  select: createSelect,
};

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
function createButtons(model) {
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
  const rows = described.map((one, i) =>
    MAKERS[one.kind](one, (place) => {
      model.set("places", model.get("places").with(i, place));
      model.save_changes();
    }),
  );
  const strip = make("div", "seglab-strip-controls");
  const labels = described.map(({ label }, i) => {
    const element = make("label", "", label);
    element.append(rows[i].element);
    return element;
  });
  strip.append(...labels);
  const parts = [createTour(model), createButtons(model), createDrawing(model)];
  const follow = () => {
    const [places, told, idle, lit] = FOLLOWED.map((name) => model.get(name));
    for (const [i, row] of rows.entries()) {
      const { name } = described[i];
      row.set(places[i], told[i]);
      labels[i].classList.toggle("seglab-strip-idle", idle.includes(name));
      labels[i].classList.toggle("seglab-strip-lit", lit.includes(name));
    }
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

export default { render };
