// The editor of a stack of layers: one column per layer, from the image on; numbers are typed or
// stepped with the arrow keys. The kernel hears one change per edit.

const KINDS = ["conv", "pool"];
// [place in a row, its name, its letter, the least value]
const NUMBERS = [
  [1, "kernel size", "k", 1],
  [2, "stride", "s", 1],
  [3, "padding", "p", 0],
  [4, "dilation", "d", 1],
];
const FRESH = ["conv", 3, 1, 1, 1];
const LARGEST = 99;
const OWN = "your own";

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function button(text, title, act) {
  const node = make("button", "jupyter-button", text);
  node.type = "button";
  node.title = title;
  node.addEventListener("click", act);
  return node;
}

function render({ model, el }) {
  let picked = model.get("rows").length - 1;
  const rows = () => model.get("rows");
  const label = model.get("label");

  const box = make("div", "seglab-stack");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", label);
  box.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab would take some keys
  const bar = make("div", "seglab-stack-bar");
  const preset = make("select");
  const tag = make("label", "seglab-stack-label", label);
  tag.append(preset);
  const which = make("span", "seglab-stack-which");
  which.setAttribute("aria-live", "polite");
  const add = button("Add after", "add a layer after the chosen one", () => {
    const next = rows().slice();
    next.splice(picked + 1, 0, FRESH.slice());
    commit(next, picked + 1);
  });
  const remove = button("Remove", "remove the chosen layer", () => {
    const next = rows().filter((_, i) => i !== picked);
    commit(next, Math.max(0, picked - 1));
  });
  const earlier = button("◂ Earlier", "move the chosen layer towards the image", () => move(-1));
  const later = button("Later ▸", "move the chosen layer away from the image", () => move(1));
  bar.append(tag, which, add, remove, earlier, later);
  const scroll = make("div", "seglab-stack-scroll");
  const table = make("table");
  scroll.append(table);
  box.append(bar, scroll);
  el.append(box);

  let cells = []; // cells[place][layer]: the node that shows this number of this layer

  function commit(next, pick = picked) {
    picked = pick;
    model.set("rows", next);
    model.save_changes();
    draw();
  }

  function change(layer, place, value) {
    if (rows()[layer][place] === value) return draw();
    commit(rows().map((row, i) => (i === layer ? Object.assign([...row], { [place]: value }) : row)), layer);
  }

  function move(by) {
    const next = rows().slice();
    [next[picked], next[picked + by]] = [next[picked + by], next[picked]];
    commit(next, picked + by);
  }

  function pick(layer) {
    if (picked === layer) return;
    picked = layer;
    mark();
  }

  function build() {
    const count = rows().length;
    cells = [[], [], [], [], []];
    const heads = make("tr");
    heads.append(make("th", "seglab-stack-name", "layer"));
    const kinds = make("tr");
    kinds.append(make("th", "seglab-stack-name", "kind"));
    const bodies = NUMBERS.map(([, name, letter]) => {
      const row = make("tr");
      const head = make("th", "seglab-stack-name", `${name} `);
      head.scope = "row";
      head.append(make("i", "", letter));
      row.append(head);
      return row;
    });
    for (let layer = 0; layer < count; layer += 1) {
      const number = button(`${layer + 1}`, `choose layer ${layer + 1}`, () => pick(layer));
      const head = make("th");
      head.scope = "col";
      head.append(number);
      heads.append(head);
      const kind = button("", "", () => {
        const next = KINDS[(KINDS.indexOf(rows()[layer][0]) + 1) % KINDS.length];
        change(layer, 0, next);
      });
      kind.addEventListener("focus", () => pick(layer));
      cells[0].push(kind);
      const cell = make("td");
      cell.append(kind);
      kinds.append(cell);
      NUMBERS.forEach(([place, name, , least], i) => {
        const input = make("input");
        input.type = "number";
        input.min = least;
        input.max = LARGEST;
        input.setAttribute("aria-label", `layer ${layer + 1}, ${name}`);
        input.addEventListener("focus", () => pick(layer));
        const typed = () => {
          if (cells[place][layer] !== input) return; // blurred because the table is built anew
          const value = Number(input.value);
          const whole = input.value !== "" && Number.isInteger(value);
          change(layer, place, whole ? Math.min(LARGEST, Math.max(least, value)) : rows()[layer][place]);
        };
        for (const end of ["change", "blur"]) input.addEventListener(end, typed);
        input.addEventListener("keydown", (event) => {
          if (event.key === "Enter") typed(); // JupyterLab keeps Enter from making a change
        });
        cells[place].push(input);
        const slot = make("td");
        slot.append(input);
        bodies[i].append(slot);
      });
    }
    const head = make("thead");
    head.append(heads);
    const body = make("tbody");
    body.append(kinds, ...bodies);
    table.replaceChildren(head, body);
  }

  /** Show the chosen layer, and what can be done with it. */
  function mark() {
    const count = rows().length;
    picked = Math.min(picked, count - 1);
    which.textContent = `layer ${picked + 1}:`;
    add.disabled = count >= model.get("most");
    remove.disabled = count <= 1;
    earlier.disabled = picked === 0;
    later.disabled = picked === count - 1;
    for (const row of table.rows) {
      [...row.cells].slice(1).forEach((cell, i) => cell.classList.toggle("seglab-chosen", i === picked));
    }
    [...table.tHead.querySelectorAll("button")].forEach((node, i) =>
      node.setAttribute("aria-pressed", String(i === picked)));
  }

  function draw() {
    if (cells.length === 0 || cells[0].length !== rows().length) build();
    rows().forEach((row, layer) => {
      const kind = cells[0][layer];
      kind.textContent = row[0];
      kind.className = `seglab-kind seglab-kind-${row[0]}`;
      const other = KINDS[(KINDS.indexOf(row[0]) + 1) % KINDS.length];
      kind.setAttribute("aria-label", `layer ${layer + 1}, ${row[0]}; press for ${other}`);
      kind.title = `press for ${other}`;
      for (const [place] of NUMBERS) {
        const input = cells[place][layer];
        if (input.value !== String(row[place])) input.value = row[place];
        input.classList.toggle("seglab-usual", row[place] === (place === 3 ? 0 : 1) && place !== 1);
      }
    });
    const now = JSON.stringify(rows());
    const named = model.get("presets").find(([, layers]) => JSON.stringify(layers) === now);
    const names = model.get("presets").map(([name]) => name);
    preset.replaceChildren(
      ...(named ? names : [...names, OWN]).map((name) => {
        const option = make("option", "", name);
        option.value = name;
        return option;
      }),
    );
    preset.value = named ? named[0] : OWN;
    mark();
  }

  preset.addEventListener("change", () => {
    const found = model.get("presets").find(([name]) => name === preset.value);
    if (found) commit(found[1].map((row) => row.slice()), found[1].length - 1);
  });
  const follow = () => draw();
  model.on("change:rows", follow);
  draw();
  return () => model.off("change:rows", follow);
}

export default { render };
