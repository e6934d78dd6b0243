/* A part of board.js: one picture, where it lies on the input, and the marks over it. */

const SVG = "http://www.w3.org/2000/svg";
const KEYS = "Arrow keys move the crosshair, with Shift by ten cells; Escape leaves.";
const KEPT = 6; // canvases of a pane
const SETS = " Enter sets the point.";

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

// Colours as signed integers: an opaque one is then small, and needs no number object on the heap.
const OPAQUE = 255 << 24;

function table(palette) {
  const colours = new Int32Array(256); // 0 is transparent: the hatch behind shows
  for (let code = 0, i = 0; i < palette.length; code++, i += 3) {
    colours[code] = OPAQUE | (palette[i + 2] << 16) | (palette[i + 1] << 8) | palette[i];
  }
  return colours;
}

function colourRgb(out, plane) {
  for (let i = 0, j = 0; i < out.length; i++, j += 3) {
    out[i] = OPAQUE | (plane[j + 2] << 16) | (plane[j + 1] << 8) | plane[j];
  }
}

function colourCodes(out, plane, colours) {
  for (let i = 0; i < out.length; i++) out[i] = colours[plane[i]];
}

const painted = new WeakMap(); // canvas -> what is on it, and what painted it

/** Paint a pane's plane; what the canvas shows already is not painted again. */
function paint(canvas, { kind, size: [rows, columns], plane, palette }) {
  let there = painted.get(canvas);
  if (!there || there.rows !== rows || there.columns !== columns) {
    Object.assign(canvas, { width: columns, height: rows });
    const image = new ImageData(columns, rows);
    const out = new Int32Array(image.data.buffer);
    there = { context: canvas.getContext("2d"), image, out, rows, columns, kind: "", palette: NO_BYTES };
    painted.set(canvas, there);
  }
  const recolour = kind !== there.kind || !same(there.palette, palette);
  if (!recolour && same(there.plane, plane)) return;
  if (kind === "rgb") {
    colourRgb(there.out, plane);
  } else {
    if (recolour) there.colours = table(palette);
    colourCodes(there.out, plane, there.colours);
  }
  Object.assign(there, { kind, plane, palette });
  there.context.putImageData(there.image, 0, 0);
}

function css(palette, code) {
  return code === NONE ? "" : `rgb(${palette.slice(3 * code, 3 * code + 3).join(" ")})`;
}

const CODES = Uint8Array.from({ length: NONE }, (_, code) => code);

/** The colours of a scale, its two ends, and a needle that points at a code (NONE: at nothing). */
function createBar() {
  const bar = make("div", "seglab-bar");
  const colours = make("canvas", "seglab-colours");
  const needle = make("div", "seglab-needle");
  const ends = make("div", "seglab-ends");
  const texts = [make("span"), make("span")];
  colours.setAttribute("aria-hidden", "true");
  bar.append(colours, needle);
  ends.append(...texts);
  needle.hidden = true;
  return {
    elements: [bar, ends],
    draw({ palette, range }) {
      paint(colours, { kind: "scalar", size: [1, NONE], plane: CODES, palette });
      texts.forEach((node, i) => setText(node, short(range[i], range)));
    },
    point(code) {
      needle.hidden = code === NONE;
      if (code !== NONE) needle.style.left = `${(100 * code) / (NONE - 1)}%`;
    },
  };
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
  let canvas = make("canvas", "seglab-plane");
  const canvases = new Map(); // by size, the latest last
  const laid = new WeakMap(); // canvas -> where it lies
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
  let keyOf = "";
  let bar = null;
  let chips = [];
  let resting = null; // the data that the readout tells of while nothing points at it
  let explained = "";

  function draw(next) {
    pane = next;
    axes = [axis(pane, 0), axis(pane, 1)];
    resize();
    paint(canvas, pane);
    lay();
    setAttribute(canvas, "aria-label", `${name}: ${pane.alt}`);
    drawKey();
  }

  /** Take a canvas of the plane's size: to keep a few costs less than to change the size of one. */
  function resize() {
    const size = pane.size.join();
    const next = canvases.get(size) ?? (canvases.size ? canvas.cloneNode() : canvas);
    canvases.delete(size);
    canvases.set(size, next);
    if (canvases.size > KEPT) canvases.delete(canvases.keys().next().value);
    if (next !== canvas) canvas.replaceWith(next);
    canvas = next;
  }

  /** Put the canvas where its cells lie on the input. */
  function lay() {
    setAttribute(svg, "viewBox", `0 0 ${pane.frame[1]} ${pane.frame[0]}`);
    const now = [pane.frame, ...axes.map((line) => Object.values(line))].join();
    if (now === laid.get(canvas)) return;
    laid.set(canvas, now);
    const percent = axes.map((line, i) => {
      return [line.start, line.count * line.step].map((v) => `${(100 * v) / pane.frame[i]}%`);
    });
    const [[top, height], [left, width]] = percent;
    Object.assign(canvas.style, { top, left, height, width });
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
    const now = own ? pane.kind + legendOf(pane) : "";
    if (now !== keyOf) {
      keyOf = now;
      const legend = own && pane.kind === "labels" ? createLegend(pane) : null;
      bar = own && !legend ? createBar() : null;
      chips = legend ? legend.chips : [];
      key.replaceChildren(...(legend ? [legend.element] : bar ? bar.elements : []));
    }
    if (bar) bar.draw(pane);
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
    if (!at && resting === pane) return hit;
    resting = at ? null : pane;
    setText(words, at ? hit.text : rest());
    swatch.style.background = (at && hit.colour) || "";
    swatch.hidden = !(at && hit.colour);
    readout.classList.toggle("seglab-rest", !at);
    if (bar) bar.point(at ? hit.code : NONE);
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
    const now = [pane.kind, pane.alt, laid.get(canvas), setsPoint, takesFile].join();
    if (now === explained) return;
    explained = now;
    const blank = pane.kind !== "rgb" && /without a value|nothing has a value/.test(pane.alt);
    const part = axes.some((a, i) => a.start > 0.001 || a.start + a.count * a.step < pane.frame[i] - 0.001);
    const hatch = blank || part ? "Hatched: no value there. " : "";
    const drop = takesFile ? "Drop a picture of your own here. " : "";
    if (stage.title !== hatch + drop) stage.title = hatch + drop;
    stage.classList.toggle("seglab-sets", setsPoint);
    setAttribute(stage, "aria-label", `${name}. ${hatch}${KEYS}${setsPoint ? SETS : ""}`);
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
    figure, stage, sheet, svg, readout, key, draw, fit, point, showField, showPoint, explain,
    get canvas() { return canvas; },
    get data() { return pane; },
  };
}
