// The board: every pane of a lab, drawn from one frame. `createBoard` knows no kernel; a host
// (the notebook below, or a slide's stored frames) feeds it and hears what is clicked.
//
// A frame: { step, panes, numbers: [[name, text, "code"?]], status, pixel: {at, size} | null,
// takesFile }. A pane: { name, kind, size, frame, palette, range, names, field, alt, plane, parts };
// the plane holds one byte a cell (three for rgb), and 255 means "no value"; the palette is r, g, b,
// r, g, ... A number grid also has { values, border, borderMeans, lost, links }, a table { columns,
// rows, numeric, highlight }, a curtain two panes as its parts. Positions are (row, column).
//
// grid.js, curtain.js, table.js and code.js are further parts of this module.

const NONE = 255;
const SVG = "http://www.w3.org/2000/svg";
const KEYS = "Arrow keys move the crosshair, with Shift by ten cells; Escape leaves.";
const SETS = " Enter sets the point.";
const LEGEND_IN_PANE = 6; // a longer legend stands below the panes, where there is room
// CSS pixels; two rows are kept small enough to be seen at once. board.css has the same gap.
const PANE = { least: 236, most: 340, mostInRows: 272, gap: 20 };

/* ---- small tools ---------------------------------------------------------------------- */

function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

/** A plane or a palette, however it arrives: typed array, view, buffer or list. */
function bytes(data) {
  if (data instanceof Uint8Array) return data;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

const minus = (text) => text.replace("-", "−");

/** A value on a scale from low to high, in steps of the scale that show its place on it. */
function onScale(value, [low, high], steps) {
  const step = (high - low) / steps;
  if (step < 1e-7 || Math.max(Math.abs(low), Math.abs(high)) >= 1e6) {
    return minus(value.toExponential(2));
  }
  const text = value.toFixed(clamp(Math.ceil(-Math.log10(step)), 0, 8));
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** The end of a scale, without noughts that say nothing. */
const short = (value, range) => onScale(value, range, 99).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const pair = ([rows, columns]) => `${rows} × ${columns}`;

/* ---- where the cells of a plane lie on the input ------------------------------------------ */

/** Start and step of the cells along one axis, in pixels of the input from its outer edge. */
function axis(pane, i) {
  if (!pane.field) return { start: 0, step: pane.frame[i] / pane.size[i], count: pane.size[i] };
  const stride = pane.field.stride[i];
  return { start: pane.field.origin[i] + (1 - stride) / 2, step: stride, count: pane.size[i] };
}

/** The cell over an input pixel along one axis; null where there is none. */
function cellAt({ start, step, count }, pixel) {
  const cell = Math.floor((pixel + 0.5 - start) / step);
  return cell >= 0 && cell < count ? cell : null;
}

/** The input pixel nearest to a cell's centre. */
const pixelAt = ({ start, step }, cell) => Math.floor(start + (cell + 0.5) * step);

/* ---- paint ------------------------------------------------------------------------------- */

function table(palette) {
  const colours = new Uint32Array(256); // 0 is transparent: the hatch behind shows
  for (let code = 0, i = 0; i < palette.length; code++, i += 3) {
    colours[code] = ((255 << 24) | (palette[i + 2] << 16) | (palette[i + 1] << 8) | palette[i]) >>> 0;
  }
  return colours;
}

function paint(canvas, pane) {
  const [rows, columns] = pane.size;
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  const { plane } = pane;
  const image = new ImageData(columns, rows);
  const out = new Uint32Array(image.data.buffer);
  if (pane.kind === "rgb") {
    for (let i = 0, j = 0; i < out.length; i++, j += 3) {
      out[i] = ((255 << 24) | (plane[j + 2] << 16) | (plane[j + 1] << 8) | plane[j]) >>> 0;
    }
  } else {
    const colours = table(pane.palette);
    for (let i = 0; i < out.length; i++) out[i] = colours[plane[i]];
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

function css(palette, code) {
  return code === NONE ? "" : `rgb(${palette.slice(3 * code, 3 * code + 3).join(" ")})`;
}

/* ---- marks over a pane --------------------------------------------------------------------- */

/** A line drawing over a pane, haloed so that it reads on any picture. */
function createMark(svg, name) {
  const strokes = ["halo", "ink"].map((layer) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", `seglab-${layer} seglab-${name}`);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    svg.append(path);
    return path;
  });
  let last = "";
  return (d) => {
    if (d === last) return;
    last = d;
    for (const stroke of strokes) stroke.setAttribute("d", d);
  };
}

const box = (x, y, width, height) => `M${x} ${y}h${width}v${height}h${-width}z`;

/* ---- one pane ------------------------------------------------------------------------------ */

function createPane(name, events) {
  const figure = make("figure", "seglab-pane");
  const caption = make("figcaption", "seglab-caption", name);
  const stage = make("div", "seglab-stage");
  const sheet = make("div", "seglab-sheet");
  const canvas = make("canvas", "seglab-plane");
  const svg = document.createElementNS(SVG, "svg");
  const readout = make("div", "seglab-readout");
  const key = make("div", "seglab-key");
  canvas.setAttribute("role", "img");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("preserveAspectRatio", "none");
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", name);
  sheet.append(canvas, svg);
  stage.append(sheet);
  figure.append(caption, stage, readout, key);
  const marks = Object.fromEntries(
    ["cell", "field", "cross", "point"].map((kind) => [kind, createMark(svg, kind)]),
  );
  const swatch = make("span", "seglab-swatch");
  const words = make("span");
  readout.append(swatch, words);

  let pane = null;
  let axes = null;
  let layOf = "";
  let keyOf = "";
  let needle = null;
  let chips = [];

  function draw(next) {
    pane = next;
    axes = [axis(pane, 0), axis(pane, 1)];
    paint(canvas, pane);
    lay();
    canvas.setAttribute("aria-label", `${name}: ${pane.alt}`);
    drawKey();
  }

  /** Put the canvas where its cells lie on the input. */
  function lay() {
    const now = [pane.frame, ...axes.map((line) => Object.values(line))].join();
    if (now === layOf) return;
    layOf = now;
    const percent = axes.map((line, i) => {
      return [line.start, line.count * line.step].map((v) => `${(100 * v) / pane.frame[i]}%`);
    });
    const [[top, height], [left, width]] = percent;
    Object.assign(canvas.style, { top, left, height, width });
    svg.setAttribute("viewBox", `0 0 ${pane.frame[1]} ${pane.frame[0]}`);
  }

  /** Fit the sheet, which has the input's shape, into the stage, and choose how it is enlarged. */
  function fit(stageWidth, aspect) {
    if (!pane) return;
    const [height, width] = pane.frame;
    const own = width / height;
    sheet.style.width = `${100 * Math.min(1, own / aspect)}%`;
    sheet.style.height = `${100 * Math.min(1, aspect / own)}%`;
    const shown = stageWidth * Math.min(1, own / aspect) * (axes[1].step / width);
    const enlarged = shown * (window.devicePixelRatio || 1) >= 0.999;
    canvas.style.imageRendering = enlarged ? "pixelated" : "auto"; // shrunk, pixelated would alias
  }

  function drawKey() {
    const own = pane.kind === "labels" ? !pane.legendBelow : pane.kind === "scalar";
    const now = own ? [pane.kind, pane.range, pane.names.join("\n"), pane.palette].join("|") : "";
    if (now === keyOf) return;
    keyOf = now;
    needle = null;
    chips = [];
    key.replaceChildren();
    if (!own) return;
    if (pane.kind === "labels") {
      const legend = createLegend(pane);
      chips = legend.chips;
      key.append(legend.element);
    } else {
      const bar = make("div", "seglab-bar");
      const colours = make("canvas", "seglab-colours");
      const codes = Uint8Array.from({ length: NONE }, (_, code) => code);
      paint(colours, { ...pane, kind: "scalar", size: [1, NONE], plane: codes });
      colours.setAttribute("aria-hidden", "true");
      needle = make("div", "seglab-needle");
      bar.append(colours, needle);
      const ends = make("div", "seglab-ends");
      ends.append(...pane.range.map((end) => make("span", "", short(end, pane.range))));
      key.append(bar, ends);
    }
  }

  function codeAt(at) {
    const cell = at && [cellAt(axes[0], at[0]), cellAt(axes[1], at[1])];
    if (!cell || cell[0] === null || cell[1] === null) return { cell: null, code: NONE, text: "no value" };
    const index = cell[0] * pane.size[1] + cell[1];
    const { plane } = pane;
    if (pane.kind === "grid") {
      return { cell, code: plane[index], colour: css(pane.palette, plane[index]), text: gridText(pane, cell) };
    }
    if (pane.kind === "rgb") {
      const [r, g, b] = plane.subarray(3 * index, 3 * index + 3);
      return { cell, code: NONE, colour: `rgb(${r} ${g} ${b})`, text: `${r} ${g} ${b}` };
    }
    const code = plane[index];
    if (code === NONE) return { cell, code, text: "no value" };
    const colour = css(pane.palette, code);
    if (pane.kind === "labels") return { cell, code, colour, text: pane.names[code] };
    const [low, high] = pane.range;
    const value = low + (code / (NONE - 1)) * (high - low);
    return { cell, code, colour, text: onScale(value, pane.range, NONE - 1) };
  }

  /** What the pane is, when nothing points at it. */
  function rest() {
    if (pane.kind === "grid") return gridRest(pane);
    const [height, width] = pane.frame;
    const cells = pair(pane.size);
    if (pane.size[0] === height && pane.size[1] === width && !pane.field) return cells;
    if (!pane.field) return cells;
    const { stride } = pane.field;
    const size = pane.field.size.map((side, i) => side ?? pane.frame[i]);
    const step = stride[0] === stride[1] ? stride[0] : pair(stride);
    const every = stride[0] === 1 && stride[1] === 1 ? "" : `, one every ${step} px`;
    return `${cells}${every} · sees ${pair(size)}`;
  }

  /** Point at an input pixel (null: at nothing); returns the reading in words. */
  function point(at) {
    const hit = codeAt(at);
    setText(words, at ? hit.text : rest());
    swatch.style.background = (at && hit.colour) || "";
    swatch.hidden = !(at && hit.colour);
    readout.classList.toggle("seglab-rest", !at);
    if (needle) {
      needle.hidden = !at || hit.code === NONE;
      needle.style.left = `${(100 * hit.code) / (NONE - 1)}%`;
    }
    chips.forEach((chip, code) => chip.classList.toggle("seglab-here", Boolean(at) && code === hit.code));
    const [height, width] = pane.frame;
    const [y, x] = axes;
    if (!at) {
      for (const kind of ["cross", "cell"]) marks[kind]("");
      return hit;
    }
    const [row, column] = hit.cell ?? [null, null];
    const big = hit.cell && x.step >= width / 80;
    const [top, left] = big ? [y.start + row * y.step, x.start + column * x.step] : [at[0], at[1]];
    const [tall, wide] = big ? [y.step, x.step] : [1, 1];
    const [cy, cx] = [at[0] + 0.5, at[1] + 0.5];
    const gap = big ? [tall / 2, wide / 2] : [height / 45, width / 45];
    const middle = big ? [top + tall / 2, left + wide / 2] : [cy, cx];
    const [up, down] = [middle[0] - gap[0], middle[0] + gap[0]];
    const [before, after] = [middle[1] - gap[1], middle[1] + gap[1]];
    marks.cross(
      pane.kind === "grid" ? "" : `M0 ${cy}H${Math.max(before, 0)}M${Math.min(after, width)} ${cy}H${width}` +
        `M${cx} 0V${Math.max(up, 0)}M${cx} ${Math.min(down, height)}V${height}`,
    );
    marks.cell(big ? box(left, top, wide, tall) : "");
    return hit;
  }

  /** The part of the input that another pane's cell sees. */
  function showField(field, cell) {
    if (!field || pane.field) return marks.field("");
    const [[top, tall], [left, wide]] = [0, 1].map((i) => {
      if (field.size[i] === null) return [0, pane.frame[i]]; // unbounded: all of the input
      return [cell[i] * field.stride[i] - field.padding[i], field.size[i]];
    });
    return marks.field(box(left, top, wide, tall));
  }

  function showPoint(at) {
    if (!at) return marks.point("");
    const [y, x] = [at[0] + 0.5, at[1] + 0.5];
    const r = Math.max(pane.frame[0], pane.frame[1]) / 42;
    return marks.point(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`);
  }

  function explain(setsPoint, takesFile) {
    const blank = pane.kind !== "rgb" && /without a value|nothing has a value/.test(pane.alt);
    const part = axes.some((a, i) => a.start > 0.001 || a.start + a.count * a.step < pane.frame[i] - 0.001);
    const hatch = blank || part ? "Hatched: no value there. " : "";
    const drop = takesFile ? "Drop a picture of your own here. " : "";
    if (stage.title !== hatch + drop) stage.title = hatch + drop;
    stage.classList.toggle("seglab-sets", setsPoint);
    const label = `${name}. ${hatch}${KEYS}${setsPoint ? SETS : ""}`;
    if (stage.getAttribute("aria-label") !== label) stage.setAttribute("aria-label", label);
  }

  /* events, in pixels of the input */
  function pixelUnder(event) {
    const area = sheet.getBoundingClientRect();
    const [height, width] = pane.frame;
    return [
      clamp(Math.floor(((event.clientY - area.top) / area.height) * height), 0, height - 1),
      clamp(Math.floor(((event.clientX - area.left) / area.width) * width), 0, width - 1),
    ];
  }
  /** A grid leaves room in its stage, and there is no cell there. */
  function beside(event) {
    const { left, right, top, bottom } = sheet.getBoundingClientRect();
    const out = event.clientX < left || event.clientX > right || event.clientY < top || event.clientY > bottom;
    return pane.kind === "grid" && out;
  }
  let pressed = false; // here: a slider's handle may be dragged across
  stage.addEventListener("pointermove", (event) => {
    const at = beside(event) ? null : pixelUnder(event);
    events.point(at, false);
    if (pressed && at) events.set(at, true);
  });
  stage.addEventListener("pointerleave", () => events.point(null, false));
  stage.addEventListener("pointerdown", (event) => {
    const takes = ["seglab-sets", "seglab-holds"].some((kind) => stage.classList.contains(kind));
    if (event.button !== 0 || !takes || beside(event)) return;
    pressed = true;
    stage.setPointerCapture(event.pointerId);
    events.set(pixelUnder(event), false);
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    stage.addEventListener(end, () => { pressed = false; });
  }
  stage.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (move) {
      events.point(stepped(events.at(), move, event.shiftKey ? 10 : 1), true);
    } else if (event.key === "Enter" || event.key === " ") {
      if (events.at()) events.set(events.at(), false);
    } else if (event.key === "Escape") {
      if (!events.release()) {
        events.point(null, false);
        stage.blur();
      }
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  stage.addEventListener("blur", () => events.point(null, false));
  stage.addEventListener("focus", () => {
    if (stage.matches(":focus-visible") && !events.at()) events.point(stepped(null, [0, 0], 1), true);
  });

  function stepped(at, move, times) {
    return axes.map((line, i) => {
      const now = cellAt(line, at ? at[i] : Math.floor(pane.frame[i] / 2));
      const from = now ?? (at && at[i] + 0.5 < line.start ? 0 : line.count - 1);
      const cell = now === null && at ? from : clamp(from + move[i] * times, 0, line.count - 1);
      return clamp(pixelAt(line, cell), 0, pane.frame[i] - 1);
    });
  }

  return {
    figure, stage, sheet, canvas, svg, readout, key, draw, fit, point, showField, showPoint, explain,
    get data() { return pane; },
  };
}

/* ---- legends ------------------------------------------------------------------------------- */

function createLegend(pane, title = "") {
  const element = make("ul", "seglab-legend");
  if (title) element.setAttribute("aria-label", title);
  const chips = pane.names.map((name, code) => {
    const chip = make("li", "seglab-chip");
    const swatch = make("span", "seglab-swatch");
    swatch.style.background = css(pane.palette, code);
    chip.append(swatch, make("span", "", name));
    element.append(chip);
    return chip;
  });
  return { element, chips };
}

const legendOf = ({ kind, names, palette }) => (kind === "labels" ? `${names.join("\n")}|${palette}` : "");

/* ---- the board ----------------------------------------------------------------------------- */

const MAKERS = () => ({ grid: createGrid, curtain: createCurtain, table: createTable });
const makerOf = ({ kind }) => MAKERS()[kind] ?? createPane;

/** A pane as it arrived, with its planes as bytes. */
const unpack = (pane) => ({
  ...pane, plane: bytes(pane.plane), palette: bytes(pane.palette), parts: (pane.parts ?? []).map(unpack),
});

/**
 * A board in `element`. host.onPixel(at) hears a click when the frame has a pixel;
 * host.onFile(file) receives a dropped file when the frame takesFile.
 */
export function createBoard(element, host = {}) {
  const root = make("div", "seglab-board");
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take the arrows
  const banner = make("div", "seglab-notice");
  banner.setAttribute("role", "status");
  const grid = make("div", "seglab-panes");
  const tables = make("div", "seglab-tables");
  const arithmetic = createArithmetic(walk);
  const legends = make("div", "seglab-legends");
  const numbers = make("dl", "seglab-numbers");
  const foot = make("div", "seglab-foot");
  const place = make("span", "seglab-place");
  const status = make("span", "seglab-status");
  const bar = make("progress", "seglab-progress");
  const spoken = make("div", "seglab-spoken");
  spoken.setAttribute("aria-live", "polite");
  bar.hidden = true;
  bar.setAttribute("aria-label", "progress");
  foot.append(status, bar, place);
  root.append(banner, grid, tables, legends, numbers, foot, spoken);
  element.append(root);
  showNotice(null);

  let frame = null;
  let panes = new Map();
  let below = []; // legends that stand below the panes
  let belowKey = "";
  let at = null; // the input pixel pointed at
  let held = null; // { pane, at }: the grid cell that is held
  let groups = []; // number grids that hang together
  let built = "";
  let shapes = "";
  let source = null; // the pane in which it is pointed at
  let timer = 0;
  let rows = []; // of the numbers
  let kindsOfNumbers = null;

  /** Tell a screen reader, once the hand has come to rest. */
  function say(text) {
    clearTimeout(timer);
    timer = setTimeout(() => setText(spoken, text), 500);
  }

  function rebuild() {
    panes = new Map();
    for (const data of frame.panes) {
      const pane = makerOf(data)(data.name, {
        at: () => at ?? (held && held.pane === pane ? held.at : null),
        point: (next, byKey) => {
          if (byKey && held && held.pane === pane) held.at = next;
          pointAt(next, pane, byKey);
        },
        set: (next, dragged) => (roleIn(pane) ? hold(next, pane, dragged) : setPoint(next, pane)),
        release,
      });
      panes.set(data.name, pane);
    }
    held = null;
    const isTable = ({ kind }) => kind === "table";
    const figures = (which) => frame.panes.filter(which).map(({ name }) => panes.get(name).figure);
    grid.replaceChildren(...figures((data) => !isTable(data)));
    tables.replaceChildren(...figures(isTable));
    const first = panes.get(filePane());
    if (first) acceptFiles(first.stage);
  }

  /** The panes of pictures and grids, in runs: the line of arithmetic stands below linked grids. */
  function runs() {
    const shown = frame.panes.filter(({ kind }) => kind !== "table");
    const linked = shown.map(({ name }) => groups.some((group) => roleOf(group, name)));
    const end = linked.lastIndexOf(true) + 1;
    return [shown.slice(0, end), shown.slice(end)].filter((run) => run.length);
  }

  function placeArithmetic() {
    const last = groups.length && panes.get(runs()[0].at(-1).name).figure;
    if (last && last.nextSibling !== arithmetic.element) last.after(arithmetic.element);
  }

  /** The first pane with a picture in it takes a dropped file. */
  const filePane = () => frame.panes.find(({ kind }) => kind !== "table" && kind !== "grid")?.name;

  function draw(next) {
    if (!next || !next.panes) return;
    const first = frame === null;
    frame = { ...next, panes: next.panes.map(unpack) };
    const now = frame.panes.map((data) => `${makerOf(data).name} ${data.name}`).join("\n");
    if (now !== built) rebuild();
    built = now;
    groups = groupsOf(frame.panes);
    placeArithmetic();
    const planes = frame.panes.flatMap((data) => (data.parts.length ? data.parts : [data]));
    const shared = planes.map(legendOf);
    planes.forEach((data, i) => {
      const again = shared.filter((legend) => legend === shared[i]).length > 1;
      data.legendBelow = data.kind === "labels" && (again || data.names.length > LEGEND_IN_PANE);
    });
    for (const data of frame.panes) panes.get(data.name).draw(data);
    drawLegends(planes);
    drawNumbers();
    setText(status, frame.status || "");
    root.dataset.step = frame.step; // what tests and benchmarks wait for
    showProgress(null);
    const shape = JSON.stringify(frame.panes.map((pane) => [pane.frame, pane.size, pane.field]));
    if (shape !== shapes) fit(); // it reads the page's layout, which costs milliseconds
    shapes = shape;
    const drop = frame.takesFile && filePane();
    for (const [name, pane] of panes) pane.explain(hasPoint(pane), name === drop, Boolean(roleIn(pane)));
    if (held && !inside(held.pane.data, held.at)) held = null;
    mark(frame.pixel && frame.pixel.at);
    pointAt(at, source, false);
    if (!first && frame.numbers.length) say(frame.numbers.map(([name, text]) => `${name} ${text}`).join(", "));
  }

  function drawLegends(planes) {
    const wanted = new Map();
    for (const pane of planes.filter(({ legendBelow }) => legendBelow)) {
      const legend = legendOf(pane);
      wanted.set(legend, [...(wanted.get(legend) ?? []), pane]);
    }
    const now = [...wanted.keys()].join("\n");
    if (now === belowKey) return;
    belowKey = now;
    below = [...wanted.values()].map((group) => {
      const title = group.map((pane) => pane.name).join(", ");
      return { names: new Set(group.map((p) => p.name)), title, ...createLegend(group[0], title) };
    });
    legends.replaceChildren();
    for (const legend of below) {
      const row = make("div", "seglab-shared");
      if (below.length > 1) row.append(make("span", "seglab-of", legend.title));
      row.append(legend.element);
      legends.append(row);
    }
  }

  function drawNumbers() {
    const kinds = frame.numbers.map(([, , kind]) => kind ?? "").join();
    if (kinds !== kindsOfNumbers) {
      kindsOfNumbers = kinds;
      rows = frame.numbers.map(([, , kind]) => {
        const [element, name] = [make("div"), make("dt")];
        const value = kind === "code" ? createCode() : plain();
        if (kind === "code") element.className = "seglab-line";
        element.append(name, value.element);
        return { element, name, value };
      });
      numbers.replaceChildren(...rows.map((row) => row.element));
    }
    frame.numbers.forEach(([name, text], i) => {
      setText(rows[i].name, name);
      rows[i].value.set(text);
    });
  }

  function plain() {
    const element = make("dd");
    return { element, set: (text) => setText(element, text) };
  }

  /** As many columns as fit, no row left nearly empty; all stages of one shape. */
  function fit() {
    const width = root.clientWidth;
    const parts = frame ? runs().map((run) => run.length) : [];
    if (!parts.length || !width) return;
    const room = Math.max(1, Math.floor((width + PANE.gap) / (PANE.least + PANE.gap)));
    const rows = parts.reduce((sum, count) => sum + Math.ceil(count / room), 0);
    const columns = Math.max(...parts.map((count) => Math.ceil(count / Math.ceil(count / room))));
    const most = rows > 1 && columns > 1 ? PANE.mostInRows : PANE.most;
    const pane = Math.min(most, Math.floor((width - (columns - 1) * PANE.gap) / columns));
    grid.style.gridTemplateColumns = `repeat(${columns}, ${pane}px)`;
    const [tall, wide] = runs()[0][0].frame;
    const aspect = clamp(wide / tall, 0.75, 2);
    root.style.setProperty("--seglab-aspect", aspect);
    for (const one of panes.values()) one.fit(pane, aspect);
  }

  /** Whether a place in the one is the same place in the other; linked grids have links instead. */
  const sameFrame = (a, b) =>
    a && b && a.frame[0] === b.frame[0] && a.frame[1] === b.frame[1] &&
    (a === b || ![a, b].some((data) => data.kind === "table" || (data.name && groups.some((g) => roleOf(g, data.name)))));

  function pointAt(next, from, aloud) {
    at = next;
    source = next ? from : null;
    const data = source && source.data;
    let hit = null;
    const words = [];
    for (const [name, pane] of panes) {
      const here = at && sameFrame(pane.data, data) ? at : null;
      const found = pane.point(here);
      if (pane === source) hit = found;
      if (here) words.push(`${name} ${found.text}`);
    }
    for (const pane of panes.values()) {
      const sees = data && data.field && hit.cell && sameFrame(pane.data, data);
      pane.showField(sees ? data.field : null, hit && hit.cell);
    }
    for (const legend of below) {
      const code = data && hit && legend.names.has(data.name) ? hit.code : -1;
      legend.chips.forEach((chip, i) => chip.classList.toggle("seglab-here", i === code));
    }
    setText(place, at ? where(at, data, hit) : "");
    const told = showLinks();
    if (at && aloud) say(told || `row ${at[0]}, column ${at[1]}: ${words.join("; ")}`);
  }

  /* ---- linked number grids */

  const groupWith = (pane) => pane && groups.find((group) => roleOf(group, pane.data.name));
  const roleIn = (pane) => groupWith(pane) && roleOf(groupWith(pane), pane.data.name);
  const inside = (data, cell) => cell.every((n, i) => n < data.size[i]);

  /** Light up what belongs to the held cell, or else the one pointed at; returns the arithmetic. */
  function showLinks() {
    const from = held ?? (roleIn(source) ? { pane: source, at } : null);
    const group = from && groupWith(from.pane);
    for (const pane of panes.values()) pane.showLinks?.([]);
    let text = "";
    if (group) {
      const role = roleIn(from.pane);
      const terms = termsOf(group, role, from.at);
      const cells = lit(group, role, terms);
      cells[role] = [{ cell: from.at, tag: "", source: true }];
      for (const [kind, list] of Object.entries(cells)) panes.get(group[kind].name).showLinks(list);
      text = sentence(group, role, from.at, terms);
    }
    arithmetic.show(groups.length > 0, text);
    root.classList.toggle("seglab-held", Boolean(held));
    return text;
  }

  function hold(cell, pane, dragged) {
    const again = held && held.pane === pane && held.at.join() === cell.join();
    if (again && dragged) return;
    held = again ? null : { pane, at: cell };
    arithmetic.stop();
    showLinks();
  }

  function release() {
    const was = held;
    held = null;
    arithmetic.stop();
    showLinks();
    return Boolean(was);
  }

  /** The kernel goes to the next cell: of the output, or of the input that a transposed one reads. */
  function walk(direction) {
    const [group] = groups;
    const pane = group && panes.get((group.output.links.transposed ? group.input : group.output).name);
    const next = pane && nextCell(pane.data, held && held.pane === pane ? held.at : null, direction);
    if (!next) return false;
    held = { pane, at: next };
    say(showLinks());
    return true;
  }

  function where(pixel, data, hit) {
    const [row, column] = pixel.map((n) => minus(String(n - (data.border ?? 0))));
    const text = `row ${row}, column ${column}`;
    const coarse = data.field && hit.cell && (data.field.stride[0] > 1 || data.field.stride[1] > 1);
    return coarse ? `${text} · cell (${hit.cell.join(", ")})` : text;
  }

  /** Whether the lab's point lies on this pane's input. */
  const hasPoint = (pane) =>
    Boolean(frame.pixel) && pane.data.kind !== "grid" && sameFrame(pane.data, { frame: frame.pixel.size });

  function setPoint(pixel, pane) {
    if (!hasPoint(pane) || !host.onPixel) return;
    mark(pixel);
    host.onPixel(pixel);
  }

  /** Draw the lab's point in every pane that it lies in. */
  function mark(pixel) {
    for (const pane of panes.values()) pane.showPoint(pixel && hasPoint(pane) ? pixel : null);
  }

  /** A calm sentence above the panes: { text, detail, kind: "error" | "note" }; null clears it. */
  function showNotice(notice) {
    const text = notice && notice.text;
    banner.hidden = !text;
    banner.replaceChildren();
    if (!text) return;
    banner.dataset.kind = notice.kind || "note";
    banner.append(make("span", "seglab-says", text));
    if (notice.detail) banner.append(make("span", "seglab-detail", notice.detail));
    showProgress(null);
  }

  function showProgress(progress) {
    const going = Boolean(progress && progress[1] > 0);
    bar.hidden = !going;
    if (going) [bar.value, bar.max] = progress;
  }

  function acceptFiles(stage) {
    const over = (on) => stage.classList.toggle("seglab-drop", on);
    const taking = (event) => frame.takesFile && host.onFile && event.dataTransfer.types.includes("Files");
    stage.addEventListener("dragover", (event) => {
      if (!taking(event)) return;
      event.preventDefault();
      event.stopPropagation();
      over(true);
    });
    stage.addEventListener("dragleave", () => over(false));
    stage.addEventListener("drop", (event) => {
      over(false);
      if (!taking(event)) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.dataTransfer.files[0]) host.onFile(event.dataTransfer.files[0]);
    });
  }

  const sizes = new ResizeObserver(fit);
  sizes.observe(root);

  return {
    draw,
    mark,
    showNotice,
    showProgress,
    remove() {
      arithmetic.stop();
      sizes.disconnect();
      clearTimeout(timer);
      root.remove();
    },
  };
}

/* ---- a student's own file --------------------------------------------------------------------- */

const LONGEST = 512; // pixels; no lab looks at more
const LARGEST = 8 * 2 ** 20; // bytes; the websocket takes 10 MB

/**
 * A picture file as bytes that are small enough to send: shrunk to a PNG where the browser can
 * decode it, else as it is. Throws, in one sentence, for what is too large to send.
 */
export async function readPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) {
    if (file.size <= LARGEST) return new Uint8Array(await file.arrayBuffer());
    const size = (file.size / 2 ** 20).toFixed(0);
    throw new Error(
      `${file.name} has ${size} MB and this browser cannot read it: save it as JPEG or PNG first.`,
    );
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Uint8Array(await blob.arrayBuffer());
}

/* ---- in the notebook ---------------------------------------------------------------------------- */

async function send(model, file) {
  try {
    const data = await readPhoto(file);
    model.send({ kind: "file", name: file.name }, undefined, [data.buffer]);
  } catch (error) {
    model.send({ kind: "refused", text: error.message });
  }
}

/** ipywidgets gives a slider's handle neither a name nor the text of its value. */
function nameSliders(el) {
  const lab = el.closest(".seglab-lab");
  for (const row of lab ? lab.querySelectorAll(".widget-slider") : []) {
    const [label, value] = [".widget-label", ".widget-readout"].map((part) => row.querySelector(part));
    for (const handle of row.querySelectorAll("[role=slider]")) {
      if (label) handle.setAttribute("aria-label", label.textContent);
      if (value) handle.setAttribute("aria-valuetext", value.textContent);
    }
  }
}

function renderBoard({ model, el }) {
  const board = createBoard(el, {
    onPixel(at) {
      model.set("pixel", at);
      model.save_changes(); // sends the latest only, one at a time
    },
    onFile: (file) => send(model, file),
  });
  const pixel = () => (model.get("pixel").length ? model.get("pixel") : null);
  model.on("change:frame", () => {
    board.draw(model.get("frame"));
    nameSliders(el);
  });
  model.on("change:notice", () => board.showNotice(model.get("notice")));
  model.on("change:progress", () => board.showProgress(model.get("progress")));
  model.on("change:pixel", () => board.mark(pixel()));
  board.draw(model.get("frame"));
  board.showNotice(model.get("notice"));
  const named = setTimeout(() => nameSliders(el), 300); // when its neighbours are there too
  return () => {
    clearTimeout(named);
    board.remove();
  };
}

function renderUpload({ model, el }) {
  const button = make("button", "seglab-upload jupyter-button", "Your own…");
  const input = make("input");
  button.type = "button";
  button.title = "Use a picture of your own; it stays on this computer and its Jupyter server";
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.setAttribute("aria-label", "A picture of your own");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    button.disabled = true;
    await send(model, file);
    button.disabled = false;
    input.value = ""; // so that the same file can be chosen again
  });
  el.append(button, input);
}

export default {
  render(context) {
    return context.model.get("kind") === "upload" ? renderUpload(context) : renderBoard(context);
  },
};
