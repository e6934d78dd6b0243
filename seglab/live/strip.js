// A lab's title, controls and Reset as one widget, of the browser's own elements.

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
  strip.append(
    ...labels,
    makeButton("seglab-strip-reset", "Reset", () => model.send({ kind: "reset" })),
  );
  const follow = () => {
    const [places, told, idle] = ["places", "told", "idle"].map((name) => model.get(name));
    for (const [i, row] of rows.entries()) {
      row.set(places[i], told[i]);
      labels[i].classList.toggle("seglab-strip-idle", idle.includes(described[i].name));
    }
  };
  for (const name of ["places", "told", "idle"]) model.on(`change:${name}`, follow);
  follow();
  el.classList.add("seglab-strip");
  el.append(make("h3", "", title), make("p", "", summary), strip);
  return () => {
    for (const name of ["places", "told", "idle"]) model.off(`change:${name}`, follow);
  };
}

export default { render };
