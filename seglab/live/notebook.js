// The board in a notebook, and the button for a student's own file.

import { Board } from "../board/board.js";
import { make, makeButton } from "../board/dom.js";
import { light } from "../board/lights.js";
import { scrollerOf } from "../board/room.js";
import { watchSleep } from "./asleep.js";
import { cameraRefusal, hasCamera, takePhoto } from "./camera.js";
import { keepKeys } from "./keys.js";
import { hearLate } from "./late.js";
import { layControls } from "./pairs.js";
import { pieces, readPhoto } from "./photo.js";
import { Screen } from "./screen.js";

/** @import { Pair } from "../board/frames.js" */
/** @import { Context, Model } from "./model.js" */

const MARGIN = 8; // CSS pixels around a lab that is seen whole
const IN_FRAME = 600;
const NEIGHBOURS = 300; // milliseconds until the controls beside the board are there too

/**
 * @param {Model} model
 * @param {File} file
 */
async function sendFile(model, file) {
  try {
    const parts = pieces(await readPhoto(file));
    for (const [part, { buffer }] of parts.entries())
      model.send({ kind: "file", name: file.name, part, of: parts.length }, undefined, [buffer]);
  } catch (error) {
    model.send({ kind: "refused", text: error instanceof Error ? error.message : String(error) });
  }
}

/**
 * Keep the controls beside the board on their grid; they may come after the board. Returns what
 * ends this.
 *
 * @param {HTMLElement} el
 */
function followControls(el) {
  const sizes = new ResizeObserver(() => {
    const lab = el.closest(".seglab-lab");
    if (!lab) return;
    sizes.observe(lab);
    const controls = /** @type {HTMLElement | null} */ (lab.querySelector(".seglab-controls"));
    // Not the board's own width: a chart may stand beside it.
    if (controls) layControls(controls, controls.clientWidth);
  });
  sizes.observe(el);
  return () => sizes.disconnect();
}

/**
 * Give the sliders of a lab a name and the text of their value: ipywidgets gives neither.
 *
 * @param {HTMLElement} el
 */
function nameSliders(el) {
  for (const row of el.closest(".seglab-lab")?.querySelectorAll(".widget-slider") ?? []) {
    const label = row.querySelector(".widget-label")?.textContent;
    const value = row.querySelector(".widget-readout")?.textContent;
    for (const handle of row.querySelectorAll("[role=slider]")) {
      if (label != null) handle.setAttribute("aria-label", label);
      if (value != null) handle.setAttribute("aria-valuetext", value);
    }
  }
}

/**
 * The height that is visible at once: of the notebook's panel, or else of the window. A frame may
 * be as tall as what is in it, and then says nothing.
 *
 * @param {HTMLElement} el
 */
function visibleHeight(el) {
  const room = scrollerOf(el)?.clientHeight ?? window.innerHeight;
  return Math.max(room, window.parent === window ? 0 : IN_FRAME) - MARGIN;
}

/**
 * @param {Context} context
 * @param {Screen} screen
 */
function renderBoard({ model, el }, screen) {
  const board = new Board(el, {
    /** @param {Pair} at */
    onPixel(at) {
      model.set("pixel", [...at, Date.now()]); // so that the same place can be clicked again
      model.save_changes(); // sends the latest only, one at a time
    },
    onControl(name, value) {
      if (screen.move(name, value)) return undefined;
      model.set("moved", [name, value, Date.now()]);
      model.save_changes();
      return undefined;
    },
    labelOf: (name) => model.get("labels")[name],
    spelledOf: (name) => screen.spelledOf(name),
    onFile: (file) => sendFile(model, file),
    visibleHeight: () => visibleHeight(el),
  });
  /** @type {Parameters<Screen["add"]>[0]} */
  const view = {
    draw(frame) {
      board.draw(frame);
      nameSliders(el);
    },
    showNotice: (notice) => board.showNotice(notice),
  };
  model.on("change:notice", () => board.showNotice(model.get("notice")));
  model.on("change:progress", () => board.showProgress(model.get("progress")));
  model.on("change:pixel", () => board.mark(model.get("pixel")));
  model.on("change:lights", () => {
    const lab = el.closest(".seglab-lab");
    const { controls, look } = model.get("lights");
    if (lab) light(lab, controls, look);
  });
  screen.add(view);
  board.showNotice(model.get("notice"));
  const stops = [
    followControls(el),
    keepKeys(() => el.closest(".seglab-lab")),
    watchSleep(el, (sentence) => board.showNotice(sentence)),
  ];
  const named = setTimeout(() => nameSliders(el), NEIGHBOURS);
  return () => {
    clearTimeout(named);
    for (const stop of stops) stop();
    screen.remove(view);
    board.remove();
  };
}

/**
 * The button that takes a photograph; it asks for the camera when it is clicked.
 *
 * @param {Model} model
 */
function makeCameraButton(model) {
  const button = makeButton("seglab-upload jupyter-button", "Camera…", async () => {
    button.disabled = true;
    try {
      const file = await takePhoto();
      if (file) await sendFile(model, file);
    } catch (error) {
      model.send({ kind: "refused", text: cameraRefusal(error) });
    }
    button.disabled = model.get("disabled");
  });
  button.title = "Take a photograph; it stays on this computer and its Jupyter server";
  return button;
}

/** @param {Context} context */
function renderUpload({ model, el }) {
  const input = make("input");
  const button = makeButton("seglab-upload jupyter-button", "Your own…", () => input.click());
  button.title = "Use a picture of your own; it stays on this computer and its Jupyter server";
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.setAttribute("aria-label", "A picture of your own");
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    button.disabled = true;
    await sendFile(model, file);
    button.disabled = model.get("disabled");
    input.value = ""; // so that the same file can be chosen again
  });
  const buttons = [button];
  if (model.get("camera") && hasCamera()) buttons.push(makeCameraButton(model));
  const follow = () => {
    for (const each of buttons) each.disabled = model.get("disabled");
  };
  follow();
  model.on("change:disabled", follow);
  el.append(...buttons, input);
}

/** One of these for each model; its views share what they have been sent. */
export default () => {
  /** @type {Screen | null} */
  let screen = null;
  return {
    /** @param {{ model: Model }} context */
    initialize({ model }) {
      hearLate({ model });
      if (model.get("kind") === "upload") return undefined;
      const made = new Screen(model);
      screen = made;
      return () => made.stop();
    },
    /** @param {Context} context */
    render: (context) => (screen ? renderBoard(context, screen) : renderUpload(context)),
  };
};
