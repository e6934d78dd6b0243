/* A part of board.js: number grids, and what a cell is computed from.
 *
 * The output's links say it all: along an axis, output o reads input stride * o - padding +
 * dilation * t through tap t; transposed, input i adds to output stride * i - padding + dilation * t.
 * Borders are drawn as cells, so a cell's number is its place in the data plus the border.
 */

const CELL = { most: 44, leastWritten: 13 }; // CSS pixels
const IN_A_SUM = 25; // more terms are cut short
const TIED = "\u00a0"; // a space at which no line ends
const HUNDRED = 100; // text units a cell: browsers round font sizes below one

/** A number as it is written in a cell: whole, or with at most so many decimals. */
function written(value, decimals = 3) {
  if (value === null) return "";
  const text = Number.isInteger(value) ? String(value) : String(Number(value.toFixed(decimals)));
  return minus(text === "-0" ? "0" : text);
}

/** Cells counted as the data counts them: the border has negative numbers. */
const inData = (pane, cell) => `(${cell.map((n) => minus(String(n - pane.border))).join(`,${TIED}`)})`;

const valueAt = (pane, [row, column]) => pane.values[row * pane.size[1] + column];

const inBorder = (pane, cell) =>
  cell.some((n, i) => n < pane.border || n >= pane.size[i] - pane.border);

const isLost = (pane, cell) => cell.some((n, i) => n >= pane.size[i] - pane.lost[i]);

function gridText(pane, cell) {
  const value = valueAt(pane, cell);
  const about = inBorder(pane, cell) ? `, ${pane.borderMeans}` : "";
  const lost = isLost(pane, cell) ? ", lost" : "";
  return value === null ? "no value" : written(value) + about + lost;
}

function gridRest(pane) {
  const inner = pair(pane.size.map((side) => side - 2 * pane.border));
  if (!pane.border) return inner;
  return pane.borderMeans === "padding" ? `${inner}, padded by ${pane.border}` : `${inner} stay`;
}

/** A pane of numbers: a plane with its values written in it. */
function createGrid(name, events) {
  const base = createPane(name, events);
  const { stage, sheet, svg, key } = base;
  const [sheets, texts, tags] = ["sheets", "texts", "tags"].map((layer) => {
    const group = document.createElementNS(SVG, "g");
    group.setAttribute("class", `seglab-${layer}`);
    return group;
  });
  const [border, lost, lines] = ["border", "lost", "lines"].map((kind) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", `seglab-${kind}`);
    path.setAttribute("vector-effect", "non-scaling-stroke");
    sheets.append(path);
    return path;
  });
  svg.prepend(sheets, texts);
  const [mark, markSource] = [createMark(svg, "link"), createMark(svg, "source")];
  svg.append(tags);
  for (const group of [texts, tags]) group.setAttribute("transform", `scale(${1 / HUNDRED})`);
  stage.classList.add("seglab-numbered");

  let pane = null;
  let linked = "";
  let lettersOf = 1;
  let marked = "";
  let nodes = []; // of the numbers, in reading order
  let nodesOf = 0; // columns

  function draw(next) {
    pane = next;
    base.draw(pane);
    const [rows, columns] = pane.size;
    const across = Array.from({ length: rows - 1 }, (_, i) => `M0 ${i + 1}h${columns}`);
    const down = Array.from({ length: columns - 1 }, (_, i) => `M${i + 1} 0v${rows}`);
    setAttribute(lines, "d", across.concat(down).join(""));
    const b = pane.border;
    const inner = box(b, b, columns - 2 * b, rows - 2 * b);
    setAttribute(border, "d", b ? box(0, 0, columns, rows) + inner : "");
    setAttribute(lost, "d", every(pane, isLost).map(([r, c]) => `M${c} ${r + 1}l1 -1`).join(""));
    write();
    drawKey();
  }

  /** The numbers; left out where there are too many to be read. */
  function write() {
    const decimals = pane.values.length > 150 ? 1 : 2;
    const words = pane.values.length > 1600 ? [] : pane.values.map((v) => written(v, decimals));
    lettersOf = Math.max(1, ...words.map((word) => word.length));
    const [, columns] = pane.size;
    if (nodes.length !== words.length || nodesOf !== columns) {
      nodes = words.map((_, i) => {
        const node = document.createElementNS(SVG, "text");
        place(node, [Math.floor(i / columns), i % columns], 0.47, 0.5);
        return node;
      });
      nodesOf = columns;
      texts.replaceChildren(...nodes);
    }
    words.forEach((word, i) => {
      const cell = [Math.floor(i / columns), i % columns];
      const soft = inBorder(pane, cell) || isLost(pane, cell);
      setAttribute(nodes[i], "class", inBorder(pane, cell) ? "seglab-soft" : ink(i, soft));
      setText(nodes[i], word);
    });
  }

  /** Dark ink on a light cell, light on a dark one. */
  function ink(i, soft) {
    const [r, g, b] = pane.palette.subarray(3 * pane.plane[i], 3 * pane.plane[i] + 3);
    const dark = 0.299 * r + 0.587 * g + 0.114 * b < 130;
    return `${dark ? "seglab-light" : "seglab-dark"}${soft ? " seglab-faint" : ""}`;
  }

  function place(node, [row, column], down, right) {
    node.setAttribute("x", (column + right) * HUNDRED);
    node.setAttribute("y", (row + down) * HUNDRED);
  }

  function drawKey() {
    const marks = [];
    if (pane.border) marks.push(["border", pane.borderMeans]);
    if (pane.lost.some((count) => count > 0)) marks.push(["lost", "lost to flooring"]);
    if (marks.join() === marked) return;
    marked = marks.join();
    key.replaceChildren();
    if (!marks.length) return;
    const list = make("ul", "seglab-legend");
    for (const [kind, words] of marks) {
      const chip = make("li", "seglab-chip");
      chip.append(make("span", `seglab-swatch seglab-swatch-${kind}`), make("span", "", words));
      list.append(chip);
    }
    key.append(list);
  }

  /** One size of cell as far as it fits, so that linked grids look alike. */
  function fit(stageWidth, aspect) {
    if (!pane) return;
    const [rows, columns] = pane.size;
    const stageHeight = stageWidth / aspect;
    let cell = Math.min(CELL.most, stageWidth / columns, stageHeight / rows);
    if (cell >= 8) cell = Math.floor(cell); // equal cells of whole pixels
    sheet.style.width = `${(100 * cell * columns) / stageWidth}%`;
    sheet.style.height = `${(100 * cell * rows) / stageHeight}%`;
    base.canvas.style.imageRendering = "pixelated";
    const size = Math.min(46, 86 / (0.7 * lettersOf)); // a minus is wider than a digit;
    texts.setAttribute("font-size", size);
    const readable = (cell * size) / HUNDRED >= 6.5 && cell >= CELL.leastWritten;
    texts.style.display = readable ? "" : "none";
    lines.style.display = cell >= 5 ? "" : "none";
    tags.style.display = cell >= 28 ? "" : "none";
  }

  /** Light up cells: [{ cell, tag, source }]; the tag is the weight that multiplies there. */
  function showLinks(cells) {
    const now = JSON.stringify(cells);
    if (now === linked) return;
    linked = now;
    const outline = (some) => some.map(({ cell: [row, column] }) => box(column, row, 1, 1)).join("");
    mark(outline(cells.filter(({ source }) => !source)));
    markSource(outline(cells.filter(({ source }) => source)));
    tags.replaceChildren();
    for (const { cell, tag } of cells) {
      if (!tag) continue;
      const node = document.createElementNS(SVG, "text");
      place(node, cell, 0.83, 0.95);
      node.setAttribute("class", nodes[cell[0] * pane.size[1] + cell[1]]?.getAttribute("class"));
      setText(node, tag);
      tags.append(node);
    }
  }

  function explain(_setsPoint, _takesFile, holds) {
    stage.classList.toggle("seglab-holds", holds);
    const keys = holds ? " Enter holds a cell, Escape lets it go." : "";
    setAttribute(stage, "aria-label", `${name}. Arrow keys move from cell to cell.${keys}`);
  }

  return Object.assign(Object.create(base), { draw, fit, showLinks, explain });
}

function every(pane, holds) {
  const cells = [];
  for (let row = 0; row < pane.size[0]; row++) {
    for (let column = 0; column < pane.size[1]; column++) {
      if (holds(pane, [row, column])) cells.push([row, column]);
    }
  }
  return cells;
}

/* ---- links ---------------------------------------------------------------------------------- */

/** The groups of a frame: { output, input, kernel }, each the data of a number grid. */
function groupsOf(panes) {
  const grids = new Map(panes.filter((pane) => pane.kind === "grid").map((pane) => [pane.name, pane]));
  return [...grids.values()]
    .filter(({ links }) => links && grids.has(links.input) && grids.has(links.kernel))
    .map((output) => ({
      output, input: grids.get(output.links.input), kernel: grids.get(output.links.kernel),
    }));
}

const roleOf = (group, name) =>
  ["output", "input", "kernel"].find((role) => group[role].name === name);

/** Which output cell meets which input cell through which tap, along one axis. */
function meetings({ output, input, kernel }, i) {
  const { stride, padding, dilation, transposed } = output.links;
  const [from, to] = transposed ? [input, output] : [output, input];
  const found = [];
  for (let n = 0; n < from.size[i] - 2 * from.border; n++) {
    for (let tap = 0; tap < kernel.size[i]; tap++) {
      const m = stride[i] * n - padding[i] + dilation[i] * tap + to.border;
      const there = m >= 0 && m < to.size[i];
      const [here, other] = [n + from.border, there ? m : null];
      if (transposed && !there) continue;
      found.push(
        transposed ? { input: here, kernel: tap, output: other } : { output: here, kernel: tap, input: other },
      );
    }
  }
  return found;
}

/** Every product that a cell takes part in: [{ output, kernel, input }], input null: padding. */
function termsOf(group, role, cell) {
  const [rows, columns] = [0, 1].map((i) => meetings(group, i).filter((m) => m[role] === cell[i]));
  const both = (a, b) => (a === null || b === null ? null : [a, b]);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      output: [row.output, column.output],
      kernel: [row.kernel, column.kernel],
      input: both(row.input, column.input),
    })),
  );
}

/** What to light up in each of the three grids. */
function lit(group, role, terms) {
  const cells = { output: new Map(), kernel: new Map(), input: new Map() };
  for (const term of terms) {
    const tag = role === "kernel" ? "" : `×${written(valueAt(group.kernel, term.kernel), 2)}`;
    for (const kind of Object.keys(cells)) {
      if (!term[kind]) continue;
      const tagged = kind !== "kernel" && kind !== role;
      cells[kind].set(term[kind].join(), { cell: term[kind], tag: tagged ? tag : "" });
    }
  }
  return Object.fromEntries(Object.entries(cells).map(([kind, map]) => [kind, [...map.values()]]));
}

const bracketed = (value) => (value < 0 ? `(${written(value)})` : written(value));

/** The arithmetic of a cell as a sentence. */
function sentence(group, role, cell, terms) {
  const { output, input, kernel } = group;
  const pane = group[role];
  const value = valueAt(pane, cell);
  const at = inData(pane, cell);
  if (role === "output") {
    const cut = inBorder(pane, cell) ? ", cut off afterwards," : "";
    return `output ${at}${cut} ${sum(group, terms, value)}`;
  }
  if (role === "kernel") {
    return `weight ${at} = ${written(value)} multiplies one input for each of ${terms.length} outputs`;
  }
  const what = `${inBorder(pane, cell) ? "padding" : "input"} ${at} = ${written(value)}`;
  if (!terms.length) {
    const why = isLost(pane, cell) ? "the last step of the stride does not fit: it is lost" : "the kernel steps over it";
    return `${what} is read by no output; ${why}`;
  }
  const verb = output.links.transposed ? "adds to" : "is read by";
  const parts = terms.slice(0, IN_A_SUM).map((term) => {
    const weight = valueAt(kernel, term.kernel);
    return `${inData(output, term.output)} as ${written(weight)}·${bracketed(value)}`;
  });
  if (terms.length > IN_A_SUM) parts.push("…");
  const outputs = terms.length === 1 ? "1 output" : `${terms.length} outputs`;
  return `${what} ${verb} ${outputs}: ${parts.join(", ")}`;
}

/** "= 1·0 + 2·(−1) − 1·3 = −5": weight times input, in the order of the taps. */
function sum({ kernel, input }, terms, value) {
  if (!terms.length) return "= 0: no input reaches it";
  const weighty = terms.filter((term) => valueAt(kernel, term.kernel) !== 0);
  const all = terms.length;
  if (all > IN_A_SUM) terms = weighty;
  let exact = written(value) === minus(String(value));
  const parts = terms.map((term, i) => {
    const weight = valueAt(kernel, term.kernel);
    const x = term.input ? valueAt(input, term.input) : 0;
    exact &&= [weight, x].every((number) => Math.abs(number * 1000 - Math.round(number * 1000)) < 1e-9);
    const sign = weight < 0 ? (i ? " − " : "−") : i ? " + " : "";
    return `${sign}${written(Math.abs(weight))}·${bracketed(x)}`;
  });
  const shown = parts.length > IN_A_SUM ? [...parts.slice(0, 12), " + … ", ...parts.slice(-3)] : parts;
  if (!shown.length) shown.push("0");
  const left = all - terms.length ? ` (and ${all - terms.length} terms with weight 0)` : "";
  return `= ${shown.join("")} ${exact ? "=" : "≈"}${TIED}${written(value)}${left}`;
}

/* ---- the line beneath, and the walk ------------------------------------------------------------ */

const STEP = 700; // milliseconds a cell, when the kernel walks by itself

/** The bar with the arithmetic and the buttons that walk; walk(direction) returns false at the end. */
function createArithmetic(walk) {
  const element = make("div", "seglab-arithmetic");
  const buttons = make("div", "seglab-walk");
  const words = make("div", "seglab-sum");
  const button = (text, label, act) => {
    const node = make("button", "seglab-step", text);
    node.type = "button";
    node.setAttribute("aria-label", label);
    node.title = label;
    node.addEventListener("click", act);
    buttons.append(node);
    return node;
  };
  button("‹", "Previous cell", () => { stop(); walk(-1); });
  button("›", "Next cell", () => { stop(); walk(1); });
  const play = button("Walk", "Walk the kernel over the cells", () => (timer ? stop() : start()));
  element.append(buttons, words);
  let timer = 0;

  function start() {
    setText(play, "Stop");
    walk(1);
    timer = setInterval(() => { if (!walk(1)) stop(); }, STEP);
  }

  function stop() {
    clearInterval(timer);
    timer = 0;
    setText(play, "Walk");
  }

  return {
    element,
    stop,
    show(there, text) {
      element.hidden = !there;
      if (!there) stop();
      setText(words, text || "Point at a cell of the output, the input or the kernel; a click holds it.");
      words.classList.toggle("seglab-rest", !text);
    },
  };
}

/** The next cell in reading order, inside the border; null past either end. */
function nextCell(pane, cell, direction) {
  const inner = pane.size.map((side) => side - 2 * pane.border);
  const now = cell && !inBorder(pane, cell)
    ? (cell[0] - pane.border) * inner[1] + cell[1] - pane.border
    : direction > 0 ? -1 : inner[0] * inner[1];
  const next = now + direction;
  if (next < 0 || next >= inner[0] * inner[1]) return null;
  return [Math.floor(next / inner[1]) + pane.border, (next % inner[1]) + pane.border];
}
