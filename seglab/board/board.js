// The board: every pane of a lab, drawn from one frame. `createBoard` knows no kernel; a host
// (the notebook, or a slide's stored frames) feeds it and hears what is clicked.
//
// A frame: { step, panes, numbers: [[name, text, "code"?]], status, pixel: {at, size} | null,
// takesFile }. A pane: { name, kind, size, frame, palette, range, names, field, alt, plane, parts };
// the plane holds one byte a cell (three for rgb), and 255 means "no value"; the palette is r, g, b,
// r, g, ... A number grid also has { values, border, borderMeans, lost, links }, a table { columns,
// rows, numeric, highlight }, a curtain two panes as its parts. Positions are (row, column).
//
// One module in parts: tools.js, pane.js, this file, grid.js, curtain.js, table.js, code.js and
// a host's own, such as live/notebook.js.

const LEGEND_IN_PANE = 6; // a longer legend stands below the panes, where there is room
// CSS pixels; two rows are kept small enough to be seen at once. board.css has the same gap.
const PANE = { least: 236, most: 340, mostInRows: 272, gap: 20 };

/* ---- legends ------------------------------------------------------------------------------- */

/** The names that a legend shows: of many objects, their names are for the pointer only. */
const listed = ({ names, listed }) => names.slice(0, listed ?? names.length);

function createLegend(pane, title = "") {
  const element = make("ul", "seglab-legend");
  if (title) element.setAttribute("aria-label", title);
  const chips = listed(pane).map((name, code) => {
    const chip = make("li", "seglab-chip");
    const swatch = make("span", "seglab-swatch");
    swatch.style.background = css(pane.palette, code);
    chip.append(swatch, make("span", "", name));
    element.append(chip);
    return chip;
  });
  return { element, chips };
}

const legendsOf = new WeakMap(); // a pane's data -> what its legend depends on

/** What a legend depends on; empty for none. */
function legendOf(pane) {
  if (!legendsOf.has(pane)) {
    const names = pane.kind === "labels" ? listed(pane) : [];
    legendsOf.set(pane, names.length ? `${names.join("\n")}|${pane.palette.slice(0, 3 * names.length)}` : "");
  }
  return legendsOf.get(pane);
}

/* ---- the board ----------------------------------------------------------------------------- */

const MAKERS = { grid: createGrid, curtain: createCurtain, table: createTable };
const makerOf = ({ kind }) => MAKERS[kind] ?? createPane;

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
  let arrived = []; // the frame's panes as the host gave them
  let drawn = new Map(); // name -> the data that its pane shows
  let width = 0; // of the board, in CSS pixels; to read it anew costs a layout of the page
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
    drawn = new Map();
    shapes = ""; // the new panes have no size yet
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
    // A host that gives a pane's object again says that nothing in it has changed.
    const before = new Map(arrived.map((pane, i) => [pane, frame.panes[i]]));
    frame = { ...next, panes: next.panes.map((pane) => before.get(pane) ?? unpack(pane)) };
    arrived = next.panes;
    const now = frame.panes.map((data) => `${makerOf(data).name} ${data.name}`).join("\n");
    if (now !== built) rebuild();
    built = now;
    groups = groupsOf(frame.panes);
    placeArithmetic();
    const planes = frame.panes.flatMap((data) => (data.parts.length ? data.parts : [data]));
    const shared = planes.map(legendOf);
    const moved = planes.filter((data, i) => {
      const again = shared.filter((legend) => legend === shared[i]).length > 1;
      const [was, below] = [data.legendBelow, shared[i] !== "" && (again || listed(data).length > LEGEND_IN_PANE)];
      data.legendBelow = below;
      return was !== below;
    });
    for (const data of frame.panes) {
      const again = drawn.get(data.name) === data && ![data, ...data.parts].some((one) => moved.includes(one));
      if (!again) panes.get(data.name).draw(data);
      drawn.set(data.name, data);
    }
    drawLegends(planes);
    drawNumbers();
    setText(status, frame.status || "");
    root.dataset.step = frame.step; // what tests and benchmarks wait for
    showProgress(null);
    const shape = JSON.stringify(frame.panes.concat(planes).map((pane) => [pane.frame, pane.size, pane.field]));
    if (shape !== shapes) (width ? arrange : fit)();
    shapes = shape;
    const drop = frame.takesFile && filePane();
    for (const [name, pane] of panes) pane.explain(hasPoint(pane) && Boolean(host.onPixel), name === drop, Boolean(roleIn(pane)));
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

  function fit() {
    width = root.clientWidth;
    arrange();
  }

  /** As many columns as fit, no row left nearly empty; all stages of one shape. */
  function arrange() {
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
    if (!text && banner.hidden) return;
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
    if (bar.hidden === going) bar.hidden = !going;
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
    fit,
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
