// A grid of number cells with presets, and a size; every accepted change sends all rows once.

function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

const equal = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** A number as it reads in a cell: a fraction where that is shorter than its decimals. */
function written(value) {
  const plain = String(Number(value.toFixed(4)));
  if (Math.abs(value - Number(plain)) > 1e-12) {
    for (let below = 2; below <= 64; below++) {
      const above = Math.round(value * below);
      if (Math.abs(value - above / below) < 1e-9) return `${above}/${below}`.replace("-", "−");
    }
  }
  return plain.replace("-", "−");
}

/** The number that a text means: 2, −0.5, 0,5 or 1/9; NaN for anything else. */
export function parse(text) {
  const plain = text.trim().replace(/[−–]/g, "-").replace(",", ".");
  const number = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?";
  const match = plain.match(new RegExp(`^(${number})(?:\\s*/\\s*(${number}))?$`));
  const value = match ? Number(match[1]) / (match[2] === undefined ? 1 : Number(match[2])) : NaN;
  return Number.isFinite(value) ? value : NaN;
}

/** The same numbers in a grid of another size: cut from the middle, or set into zeros. */
export function resized(rows, side) {
  const shift = [rows.length, rows[0].length].map((old) => Math.floor((side - old) / 2));
  return Array.from({ length: side }, (_, r) =>
    Array.from({ length: side }, (_, c) => rows[r - shift[0]]?.[c - shift[1]] ?? 0),
  );
}

function render({ model, el }) {
  const root = make("div", "seglab-matrix");
  const label = make("span", "widget-label", model.get("label"));
  const choose = make("select");
  const size = make("select");
  const cells = make("div", "seglab-matrix-cells");
  const says = make("div", "seglab-matrix-says");
  const side = make("div", "seglab-matrix-side");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", model.get("label"));
  root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take the keys
  says.setAttribute("role", "status");
  choose.setAttribute("aria-label", `${model.get("label")}: preset`);
  size.setAttribute("aria-label", `${model.get("label")}: size`);
  for (const [name] of model.get("presets")) choose.append(new Option(name, name));
  for (let n = 1; n <= model.get("largest"); n++) size.append(new Option(`${n} × ${n}`, n));
  const head = make("div", "seglab-matrix-head");
  head.append(label, choose, size);
  side.append(head, says);
  root.append(side, cells);
  el.append(root);

  const rows = () => model.get("rows");
  const inputs = () => [...cells.querySelectorAll("input")];

  function send(next) {
    says.textContent = "";
    if (equal(next, rows())) return;
    model.set("rows", next);
    model.save_changes();
  }

  function draw() {
    const now = rows();
    const shape = `${now.length} ${now[0].length}`;
    if (cells.dataset.shape !== shape) {
      cells.dataset.shape = shape;
      cells.style.gridTemplateColumns = `repeat(${now[0].length}, 1fr)`;
      cells.replaceChildren(
        ...now.flatMap((row, r) => row.map((_, c) => createCell(r, c))),
      );
    }
    const values = now.flat();
    inputs().forEach((input, i) => {
      input.value = written(values[i]);
      input.removeAttribute("aria-invalid");
    });
    const preset = model.get("presets").find(([, those]) => equal(those, now));
    const own = [...choose.options].find((option) => option.value === "");
    if (!preset && !own) choose.append(new Option("your own", ""));
    if (preset && own) own.remove();
    choose.value = preset ? preset[0] : "";
    size.value = now.length === now[0].length ? String(now.length) : "";
  }

  function createCell(row, column) {
    const input = make("input");
    input.inputMode = "decimal";
    input.autocomplete = "off";
    input.spellcheck = false;
    input.setAttribute("aria-label", `row ${row}, column ${column}`);
    input.addEventListener("focus", () => input.select());
    input.addEventListener("change", () => take(input, row, column));
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // the notebook has keys of its own
      if (event.key === "Enter") take(input, row, column);
      else if (event.key === "Escape") {
        input.value = written(rows()[row][column]);
        input.removeAttribute("aria-invalid");
        says.textContent = "";
        input.blur();
      } else move(event, input, row, column);
    });
    return input;
  }

  function take(input, row, column) {
    const value = parse(input.value);
    const wrong = Number.isNaN(value);
    if (wrong) {
      input.setAttribute("aria-invalid", "true");
      says.textContent = `“${input.value}” is no number; write 2, −0.5 or 1/9`;
      return;
    }
    const unchanged = written(rows()[row][column]) === written(value); // 1/9 keeps all its digits
    const next = rows().map((line) => [...line]);
    if (!unchanged) next[row][column] = value;
    input.removeAttribute("aria-invalid");
    input.value = written(unchanged ? rows()[row][column] : value);
    send(next);
  }

  /** Arrows go to the neighbouring cell; within a text they first move the caret. */
  function move(event, input, row, column) {
    if (event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const [start, end] = [input.selectionEnd === 0, input.selectionStart === input.value.length];
    const step = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      ArrowLeft: all || start ? [0, -1] : null,
      ArrowRight: all || end ? [0, 1] : null,
    }[event.key];
    if (!step) return;
    const [height, width] = [rows().length, rows()[0].length];
    const [r, c] = [row + step[0], column + step[1]];
    if (r >= 0 && r < height && c >= 0 && c < width) inputs()[r * width + c].focus();
    event.preventDefault();
  }

  choose.addEventListener("change", () => {
    const preset = model.get("presets").find(([name]) => name === choose.value);
    if (preset) send(preset[1]);
  });
  size.addEventListener("change", () => send(resized(rows(), Number(size.value))));
  model.on("change:rows", draw);
  draw();
  return () => model.off("change:rows", draw);
}

export default { render };
