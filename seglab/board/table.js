/* A part of board.js: a table of short texts and numbers. */

/** A pane that is a real table; it takes no pointer and lies on no input. */
function createTable(name) {
  const figure = make("figure", "seglab-pane");
  const view = make("div", "seglab-scroll");
  const table = make("table", "seglab-table");
  figure.append(make("figcaption", "seglab-caption", name), view);
  table.setAttribute("aria-label", name);
  view.append(table);
  let data = null;
  let shown = "";

  function draw(next) {
    data = next;
    const now = JSON.stringify([data.columns, data.rows, data.highlight]);
    if (now === shown) return;
    shown = now;
    const line = (texts, cell) => {
      const row = make("tr");
      texts.forEach((text, i) => {
        const node = make(cell, data.numeric[i] ? "seglab-figure" : "", text);
        if (cell === "th") node.scope = "col";
        row.append(node);
      });
      return row;
    };
    const [head, body] = [make("thead"), make("tbody")];
    head.append(line(data.columns, "th"));
    data.rows.forEach((texts, i) => {
      const row = line(texts, "td");
      if (i === data.highlight) {
        row.className = "seglab-lit";
        row.setAttribute("aria-current", "true");
      }
      body.append(row);
    });
    table.replaceChildren(head, body);
  }

  const nothing = () => {};
  return {
    figure, draw, fit: nothing, showField: nothing, showPoint: nothing, explain: nothing,
    point: () => ({ cell: null, code: NONE, text: "" }),
    get data() { return data; },
  };
}
