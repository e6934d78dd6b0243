/* A part of the slide: a lab's controls over its stored states, in a page that nothing else feeds. */

const PLAY = 400; // milliseconds a step, as in the notebook
const SCALES = [1.6, 1.5, 1.4, 1.3, 1.2, 1.1, 1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6];
const NARROW = 640; // CSS pixels: a telephone scrolls, everything else shows the lab whole

/* ---- controls ------------------------------------------------------------------------------ */

/** Each maker returns { element, set(index) } and calls moved(index) when the hand moves it. */
const CONTROLS = {
  range(control, id, moved) {
    const element = make("div", "seglab-control");
    const label = make("label", "", control.label);
    const input = make("input");
    const output = make("output", "", "");
    Object.assign(input, { type: "range", id, min: 0, max: control.texts.length - 1, step: 1 });
    label.htmlFor = id;
    output.htmlFor = id;
    output.style.minWidth = `${Math.max(...control.texts.map((text) => text.length))}ch`;
    input.addEventListener("input", () => moved(Number(input.value)));
    element.append(label, input, output);
    return {
      element,
      set(index) {
        if (Number(input.value) !== index) input.value = index;
        setAttribute(input, "aria-valuetext", control.texts[index]);
        setText(output, control.texts[index]);
      },
    };
  },

  select(control, id, moved) {
    const element = make("div", "seglab-control");
    const label = make("label", "", control.label);
    const input = make("select");
    input.id = id;
    label.htmlFor = id;
    input.append(...control.texts.map((text) => make("option", "", text)));
    input.addEventListener("change", () => moved(input.selectedIndex));
    element.append(label, input);
    return { element, set: (index) => { input.selectedIndex = index; } };
  },

  buttons(control, id, moved) {
    const element = make("div", "seglab-control");
    const group = make("div", "seglab-group");
    const title = make("span", "", control.label);
    title.id = `${id}-label`;
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-labelledby", title.id);
    const inputs = control.texts.map((text, index) => {
      const label = make("label");
      const input = make("input");
      Object.assign(input, { type: "radio", name: id });
      input.addEventListener("change", () => moved(index));
      label.append(input, make("span", "", text));
      group.append(label);
      return input;
    });
    element.append(title, group);
    return { element, set: (index) => { inputs[index].checked = true; } };
  },

  toggle(control, id, moved) {
    const element = make("div", "seglab-control");
    const label = make("label", "seglab-toggle");
    const input = make("input");
    input.type = "checkbox";
    input.addEventListener("change", () => moved(control.values.indexOf(Number(input.checked))));
    label.append(input, make("span", "", control.label));
    element.append(label);
    return { element, set: (index) => { input.checked = Boolean(control.values[index]); } };
  },

  /** Set by a click on a pane; a list stands in for the hand that has no pointer. */
  pixel: (control, id, moved) => CONTROLS.select(control, id, moved),
};

/** A button that steps a control to its end, and again from the start. */
function createPlay(label, step) {
  const button = make("button", "seglab-play");
  let timer = 0;
  button.type = "button";
  function stop() {
    clearInterval(timer);
    timer = 0;
    setText(button, "▶");
    button.setAttribute("aria-label", `play ${label}`);
  }
  button.addEventListener("click", () => {
    if (timer) return stop();
    setText(button, "❚❚");
    button.setAttribute("aria-label", `stop ${label}`);
    step(true);
    timer = setInterval(() => step(false) || stop(), PLAY);
    return undefined;
  });
  stop();
  return { button, stop };
}

/* ---- charts ---------------------------------------------------------------------------------- */

function createChart(chart, at) {
  const element = make("div", "seglab-plot");
  const button = make("button", "seglab-step", chart.name);
  const sheet = make("div", "seglab-drawing");
  const says = make("span", "seglab-of", chart.at && `at ${chart.at}`);
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  element.append(button, says, sheet);
  sheet.hidden = true;
  says.hidden = true;
  let drawn = -1;
  function draw() {
    const index = sheet.hidden ? drawn : at(chart);
    if (index === drawn) return;
    drawn = index;
    if (!chart.shown[index]) {
      sheet.replaceChildren(make("p", "seglab-of", "There is no chart of this state."));
      return;
    }
    const parsed = new DOMParser().parseFromString(chart.shown[index], "image/svg+xml");
    sheet.replaceChildren(document.importNode(parsed.documentElement, true));
  }
  button.addEventListener("click", () => {
    sheet.hidden = !sheet.hidden;
    says.hidden = sheet.hidden;
    button.setAttribute("aria-expanded", String(!sheet.hidden));
    draw();
    window.dispatchEvent(new Event("resize"));
  });
  return { element, draw };
}

/* ---- the lab ---------------------------------------------------------------------------------- */

async function open(page) {
  const read = (id) => document.getElementById(id).textContent;
  const lab = JSON.parse(new TextDecoder().decode(await inflate(octets(read("seglab-stored")))));
  const planes = createPlanes(lab.blobs, read("seglab-planes"));
  const chosen = lab.controls.map((control) => control.start);
  const pixel = lab.controls.findIndex(({ kind }) => kind === "pixel");
  const board = createBoard(page, pixel < 0 ? {} : { onPixel: (at) => set(pixel, nearest(at)) });
  const row = make("div", "seglab-row");
  const charts = lab.charts.map((chart) => createChart(chart, (of) => placeOf(of, chosen)));
  const players = [];
  let steps = 0;
  let busy = false;
  let again = false;
  let last = 0; // the control that moved last
  let before = []; // the panes that the board shows, each with its record

  const controls = lab.controls.map((control, i) => {
    const made = CONTROLS[control.kind](control, `seglab-${i}`, (index) => {
      players.forEach(({ stop }) => stop());
      set(i, index);
    });
    if (control.play) {
      const player = createPlay(control.label, (fresh) => {
        const end = chosen[i] === control.texts.length - 1;
        if (end && !fresh) return false;
        set(i, end ? 0 : chosen[i] + 1);
        return true;
      });
      players.push(player);
      made.element.prepend(player.button);
    }
    row.append(made.element);
    return made;
  });
  if (controls.length) {
    const reset = make("button", "seglab-step", "Reset");
    reset.type = "button";
    reset.addEventListener("click", () => {
      players.forEach(({ stop }) => stop());
      lab.controls.forEach((control, i) => { chosen[i] = control.start; });
      show();
    });
    row.append(reset);
  }
  page.querySelector(".seglab-head").after(row);
  page.append(...charts.map(({ element }) => element));

  function nearest(at) {
    const away = lab.controls[pixel].values.map(([y, x]) => (y - at[0]) ** 2 + (x - at[1]) ** 2);
    return away.indexOf(Math.min(...away));
  }

  /** The place of a state among those that an end tells apart. */
  const placeOf = ({ reach }, state) =>
    reach.reduce((place, i) => place * lab.controls[i].texts.length + state[i], 0);
  const partsOf = (record) => (record.parts.length ? record.parts.flatMap(partsOf) : [record]);

  /** The panes' records in a state, or the sentence that stands in their place. */
  function lookUp(state) {
    const ends = [...lab.panes, ...lab.numbers].map((end) => end.shown[placeOf(end, state)]);
    const problem = ends.find((shown) => typeof shown === "number" && shown < 0);
    if (problem !== undefined) return { problem: lab.problems[-1 - problem] };
    const records = ends.slice(0, lab.panes.length).map((number) => lab.pictures[number]);
    const numbers = records.flatMap(partsOf).flatMap(({ plane, palette }) => [plane, palette]);
    const needs = [...new Set(numbers.filter((number) => number >= 0))];
    const texts = ends.slice(lab.panes.length).map((shown, i) => [lab.numbers[i].name, ...shown]);
    return { records, needs, numbers: texts };
  }

  function filled(record, found) {
    const parts = record.parts.map((part) => filled(part, found));
    return { ...record, plane: found.get(record.plane), palette: found.get(record.palette), parts };
  }

  function set(i, index) {
    if (chosen[i] === index) return;
    chosen[i] = index;
    last = i;
    show();
  }

  /** Draw the state that the controls say; while one is decoded, only the latest waits. */
  async function show() {
    lab.controls.forEach((_, i) => controls[i].set(chosen[i]));
    again = true;
    if (busy) return;
    busy = true;
    while (again) {
      again = false;
      const state = [...chosen];
      const { problem, records, needs, numbers } = lookUp(state);
      if (problem) {
        board.showNotice({ text: problem, detail: "The pictures show the last state that worked.", kind: "error" });
        continue;
      }
      let found = planes.loadAll(needs);
      if (found instanceof Promise) found = await found;
      const point = lab.pixel && { ...lab.pixel, ...(pixel >= 0 && { at: lab.controls[pixel].values[state[pixel]] }) };
      before = records.map((record, i) =>
        before[i]?.record === record ? before[i] : { record, pane: filled(record, found) });
      const panes = before.map(({ pane }) => pane);
      board.draw({ step: ++steps, panes, numbers, status: lab.fixed, pixel: point, takesFile: false });
      board.showNotice(null);
      charts.forEach((chart) => chart.draw());
      page.dataset.state = state.join(" ");
    }
    busy = false;
    clearTimeout(idle);
    idle = setTimeout(rest, 40);
  }

  let idle = 0;
  /** When the hand rests: see that all fits, and decode what it may ask for next. */
  async function rest() {
    refit(true);
    const here = steps;
    const order = [last, ...lab.controls.keys()].filter((i, place, all) => i in lab.controls && all.indexOf(i) === place);
    for (const step of [1, -1]) {
      for (const i of order) {
        const next = [...chosen];
        next[i] += step;
        if (next[i] < 0 || next[i] >= lab.controls[i].texts.length) continue;
        await planes.loadAll(lookUp(next).needs ?? []);
        if (busy || steps !== here) return;
      }
    }
  }

  const refit = createFit(page, board);
  await show();
  page.classList.add("seglab-live");
  refit(false);
  window.addEventListener("resize", () => refit(false));
  window.addEventListener("pagehide", () => players.forEach(({ stop }) => stop()));
}

/* ---- as large as the window allows ------------------------------------------------------------ */

/** fit(only if something is cut off): the largest scale at which the whole lab is to be seen. */
function createFit(page, board) {
  let scale = 1;
  const room = () => [document.documentElement.clientWidth, window.innerHeight];
  const fits = () => page.offsetHeight * scale <= room()[1];
  function apply(next) {
    scale = next;
    page.style.width = scale === 1 ? "" : `${room()[0] / scale}px`;
    page.style.transform = scale === 1 ? "" : `scale(${scale})`;
    board.fit();
  }
  return (cutOnly) => {
    const [width, height] = room();
    if (!width || !height || (cutOnly && fits())) return; // without a size, it is not shown yet
    if (width < NARROW) {
      apply(1);
      return;
    }
    let [first, last] = [0, SCALES.length - 1]; // between them is the first scale that fits
    while (first < last) {
      const middle = (first + last) >> 1; // each look costs a layout of the page
      apply(SCALES[middle]);
      if (fits()) last = middle;
      else first = middle + 1;
    }
    apply(SCALES[first]);
    // Another number of columns may be taller than the scale before it.
    while (!fits() && first + 1 < SCALES.length) apply(SCALES[++first]);
  };
}

/* ---- a slide in a deck -------------------------------------------------------------------------- */

const DECK = { PageDown: "next", PageUp: "prev" }; // what a clicker sends
const FREE = { ArrowRight: "next", ArrowLeft: "prev", " ": "next" }; // while nothing has the focus

/** Give the keyboard back to the page around this one. */
function leave() {
  if (document.activeElement && document.activeElement !== document.body) document.activeElement.blur();
  window.parent.focus(); // of the parent, all that another origin allows
}

/** Reveal's own message. It says nothing of the lecture, so that any page may hear it. */
function handOn(method) {
  window.parent.postMessage(JSON.stringify({ method, args: [] }), "*");
  leave();
}

function heed(event) {
  if (window.parent === window || event.ctrlKey || event.metaKey || event.altKey) return;
  const free = document.activeElement === document.body || document.activeElement === null;
  const method = DECK[event.key] ?? (free ? FREE[event.key] : undefined);
  if (method) {
    event.preventDefault();
    event.stopPropagation();
    handOn(method);
  } else if (event.key === "Escape") {
    // First the board's own: a held cell is let go, and its pane keeps the focus.
    const held = document.querySelector(".seglab-held");
    setTimeout(() => held || leave());
  }
}

window.addEventListener("keydown", heed, true);
const page = document.querySelector(".seglab-page");
open(page).catch((error) => {
  const said = make("p", "seglab-notice", `This slide shows one state only: ${error.message}`);
  page.querySelector(".seglab-head").after(said);
});
