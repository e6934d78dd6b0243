// A pane of numbers: a plane with its values written in it.

import { make, makeSvg, setAttribute, setText } from "./dom.js";
import { rectangle } from "./geometry.js";
import { createList } from "./legend.js";
import { createLine, makePath } from "./lines.js";
import { cellsWhere, inBorder, isLost, meaningsOf } from "./numbergrid.js";
import { PaneView } from "./pane.js";
import { written } from "./text.js";

/** @import { GridPane, Pair } from "./frames.js" */
/** @import { Lit } from "./links.js" */
/** @import { PaneEvents } from "./pointer.js" */
/** @import { Uses } from "./pane.js" */

const CELL = { most: 44, leastWritten: 13, leastTagged: 34, leastLined: 5 }; // CSS pixels
const TAG = { least: 11, share: 25 }; // CSS pixels, and hundredths of a cell
const HUNDRED = 100; // text units a cell: browsers round font sizes below one

/**
 * Where a text stands in its cell, as parts of the cell's sides.
 *
 * @param {SVGTextElement} node
 * @param {Pair} cell
 * @param {number} down
 * @param {number} right
 */
function place(node, [row, column], down, right) {
  node.setAttribute("x", String((column + right) * HUNDRED));
  node.setAttribute("y", String((row + down) * HUNDRED));
}

/**
 * Dark ink on a light cell, light on a dark one; nothing stands out in a border.
 *
 * @param {GridPane} pane
 * @param {Pair} cell
 */
function inkClass(pane, cell) {
  if (inBorder(pane, cell)) return "seglab-soft";
  const code = pane.plane[cell[0] * pane.size[1] + cell[1]];
  const [r, g, b] = pane.palette.subarray(3 * code, 3 * code + 3);
  const dark = 0.299 * r + 0.587 * g + 0.114 * b < 130;
  return `${dark ? "seglab-light" : "seglab-dark"}${isLost(pane, cell) ? " seglab-faint" : ""}`;
}

/** @param {Pair[]} cells */
const outline = (cells) => cells.map(([row, column]) => rectangle(column, row, 1, 1)).join("");

/** A pane of numbers. */
export class GridView extends PaneView {
  #texts = makeSvg("g", "seglab-texts");
  #tags = makeSvg("g", "seglab-tags");
  #border = makePath("seglab-border");
  #lost = makePath("seglab-lost");
  #lines = makePath("seglab-lines");
  #link;
  #source;
  /** @type {SVGTextElement[]} */
  #nodes = []; // of the numbers, in reading order
  #nodesIn = 0; // columns
  #letters = 1; // of the longest number
  #linked = "";
  #tagSize = TAG.share; // hundredths of a cell
  #explains = "";

  /**
   * @param {string} name
   * @param {GridPane} data
   * @param {PaneEvents} events
   */
  constructor(name, data, events) {
    super(name, data, events);
    this.data = data;
    const sheets = makeSvg("g", "seglab-sheets");
    sheets.append(this.#border, this.#lost, this.#lines);
    this.svg.prepend(sheets, this.#texts);
    this.#link = createLine(this.svg, "link");
    this.#source = createLine(this.svg, "source");
    this.svg.append(this.#tags);
    for (const group of [this.#texts, this.#tags]) {
      group.setAttribute("transform", `scale(${1 / HUNDRED})`);
    }
    this.stage.classList.add("seglab-numbered");
  }

  /** @param {GridPane} data */
  draw(data) {
    super.draw(data);
    this.data = data;
    const [rows, columns] = data.size;
    const across = Array.from({ length: rows - 1 }, (_, i) => `M0 ${i + 1}h${columns}`);
    const down = Array.from({ length: columns - 1 }, (_, i) => `M${i + 1} 0v${rows}`);
    setAttribute(this.#lines, "d", across.concat(down).join(""));
    const b = data.border;
    const inner = rectangle(b, b, columns - 2 * b, rows - 2 * b);
    setAttribute(this.#border, "d", b ? rectangle(0, 0, columns, rows) + inner : "");
    const lost = cellsWhere(data, isLost).map(([r, c]) => `M${c} ${r + 1}l1 -1`);
    setAttribute(this.#lost, "d", lost.join(""));
    this.#write();
    this.#drawMeanings();
  }

  /** The numbers; left out where there are too many to be read. */
  #write() {
    const { values, size } = this.data;
    const columns = size[1];
    const decimals = values.length > 150 ? 1 : 2;
    const words = values.length > 1600 ? [] : values.map((value) => written(value, decimals));
    /** @type {(i: number) => Pair} */
    const cellOf = (i) => [Math.floor(i / columns), i % columns];
    this.#letters = Math.max(1, ...words.map((word) => word.length));
    if (this.#nodes.length !== words.length || this.#nodesIn !== columns) {
      this.#nodes = words.map((_, i) => {
        const node = makeSvg("text");
        place(node, cellOf(i), 0.47, 0.5);
        return node;
      });
      this.#nodesIn = columns;
      this.#texts.replaceChildren(...this.#nodes);
    }
    for (const [i, word] of words.entries()) {
      setAttribute(this.#nodes[i], "class", inkClass(this.data, cellOf(i)));
      setText(this.#nodes[i], word);
    }
  }

  /** What border and strokes mean, beneath the pane. */
  #drawMeanings() {
    const meanings = meaningsOf(this.data);
    if (meanings.join() === this.#explains) return;
    this.#explains = meanings.join();
    this.key.replaceChildren();
    if (!meanings.length) return;
    const list = createList(
      meanings.map(([kind, words]) => [make("span", `seglab-swatch seglab-swatch-${kind}`), words]),
    );
    this.key.append(list.element);
  }

  /**
   * One size of cell as far as it fits, so that linked grids look alike.
   *
   * @param {number} stageWidth
   * @param {number} aspect
   * @param {number} [unit]
   */
  fit(stageWidth, aspect, unit = 1) {
    const [rows, columns] = this.data.size;
    const stageHeight = stageWidth / aspect;
    let cell = Math.min(CELL.most * unit, stageWidth / columns, stageHeight / rows);
    if (cell >= 8) cell = Math.floor(cell); // equal cells of whole pixels
    this.sheet.style.width = `${(100 * cell * columns) / stageWidth}%`;
    this.sheet.style.height = `${(100 * cell * rows) / stageHeight}%`;
    this.canvas.style.imageRendering = "pixelated";
    this.overlay.fit(cell);
    const size = Math.min(46, 86 / (0.7 * this.#letters)); // a minus is wider than a digit
    this.#texts.setAttribute("font-size", String(size));
    const readable = (cell * size) / HUNDRED >= 6.5 && cell >= CELL.leastWritten;
    this.#texts.style.display = readable ? "" : "none";
    this.#lines.style.display = cell >= CELL.leastLined ? "" : "none";
    this.#tags.style.display = cell >= CELL.leastTagged ? "" : "none";
    this.#tagSize = Math.max(TAG.share, (HUNDRED * TAG.least) / cell);
    this.#tags.setAttribute("font-size", String(this.#tagSize));
    this.#hideLongTags();
  }

  /**
   * Light up cells; a tag is the weight that multiplies there.
   *
   * @param {Lit[]} cells
   */
  showLinks(cells) {
    const now = JSON.stringify(cells);
    if (now === this.#linked) return;
    this.#linked = now;
    this.#link(outline(cells.filter(({ source }) => !source).map(({ cell }) => cell)));
    this.#source(outline(cells.filter(({ source }) => source).map(({ cell }) => cell)));
    this.#tags.replaceChildren(...cells.filter(({ tag }) => tag).map((lit) => this.#tag(lit)));
    this.#hideLongTags();
  }

  /** A tag that its cell has no room for is not written: the sentence below has it too. */
  #hideLongTags() {
    for (const tag of this.#tags.children) {
      const wide = 0.6 * this.#tagSize * (tag.textContent ?? "").length;
      tag.toggleAttribute("display", false);
      if (wide > HUNDRED) tag.setAttribute("display", "none");
    }
  }

  /** @param {Lit} lit */
  #tag({ cell, tag }) {
    const node = makeSvg("text", this.#nodes.length ? inkClass(this.data, cell) : "");
    place(node, cell, 0.83, 0.95);
    node.textContent = tag;
    return node;
  }

  /** @param {Uses} uses */
  explain({ holds }) {
    this.stage.classList.toggle("seglab-holds", holds);
    const keys = holds ? " Enter holds a cell, Escape lets it go." : "";
    const label = `${this.name}. Arrow keys move from cell to cell.${keys}`;
    setAttribute(this.stage, "aria-label", label);
  }

  /**
   * A grid leaves room in its stage, and there is no cell there.
   *
   * @param {MouseEvent} event
   */
  pixelUnder(event) {
    const { left, right, top, bottom } = this.sheet.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    return x < left || x > right || y < top || y > bottom ? null : super.pixelUnder(event);
  }
}
