// The input pixel that is pointed at: read in every pane that lies on the same input.

import { setText } from "./dom.js";
import { fieldPath } from "./geometry.js";
import { shows } from "./groups.js";
import { minus } from "./text.js";
import { answerIn, answerText, carried, pixelFor, seenPath } from "./tiles.js";
import { NONE } from "./tools.js";

/** @import { GridPane, Pair, Pane } from "./frames.js" */
/** @import { Thing } from "./groups.js" */
/** @import { Reading } from "./kinds.js" */
/** @import { Legends } from "./legend.js" */
/** @import { Lighting } from "./lighting.js" */
/** @import { Linked } from "./linked.js" */
/** @import { Answer } from "./tiles.js" */
/** @import { View, Views } from "./views.js" */

/** @param {Pair} pixel */
const pixelText = (pixel) => {
  const [row, column] = pixel.map((n) => minus(String(n)));
  return `row ${row}, column ${column}`;
};

/**
 * The place in words, with the cell where a cell is more than a pixel, or the score that it holds.
 *
 * @param {Pair} at
 * @param {Pane} data
 * @param {Pair | null} cell
 * @param {Answer | null} answer
 */
function placeText(at, data, cell, answer) {
  if (["table", "diagram"].includes(data.kind)) return "";
  if (data.tiles) {
    const pixel = answer && pixelFor(data.tiles, answer);
    if (!answer) return "no score stands here";
    return `${answerText(answer)}${pixel ? ` · ${pixelText(pixel)}` : ""}`;
  }
  const { border = 0 } = /** @type {Partial<GridPane>} */ (data);
  const text = pixelText([at[0] - border, at[1] - border]);
  if (answer) return `${text} · ${answerText(answer)}`;
  const coarse = data.field?.stride.some((step) => step > 1);
  return coarse && cell ? `${text} · cell (${cell.join(", ")})` : text;
}

/** Where it is pointed at, and all that shows it. */
export class Pointing {
  /** @type {Pair | null} */
  at = null;
  /** @type {View | null} */
  #view = null; // the pane in which it is pointed at
  #place;
  #views;
  #legends;
  #linked;
  #lighting;
  #say;

  /**
   * @param {HTMLElement} place where the place is written
   * @param {{
   *   views: Views, legends: Legends, linked: Linked, lighting: Lighting,
   *   say(text: string): void,
   * }} board
   */
  constructor(place, { views, legends, linked, lighting, say }) {
    this.#place = place;
    this.#views = views;
    this.#legends = legends;
    this.#linked = linked;
    this.#lighting = lighting;
    this.#say = say;
  }

  /**
   * Where in a pane the place lies that is pointed at in another; linked grids have links instead.
   *
   * @param {Pane} from
   * @param {Pane} to
   * @param {Pair} at
   * @param {Pair | null} cell
   */
  #carry(from, to, at, cell) {
    if (from === to) return at;
    const apart = [from, to].some(
      ({ kind, name }) => ["table", "diagram"].includes(kind) || this.#linked.has(name),
    );
    return apart ? null : carried(from, to, at, cell);
  }

  /**
   * @param {Pair | null} at null: at nothing
   * @param {View | null} view
   * @param {boolean} aloud
   */
  point(at, view, aloud) {
    this.at = view && at;
    this.#view = at && view;
    const { hit, words } = this.#readAll();
    const data = this.#view?.data;
    const passes = this.#passes(hit);
    this.#showSeen(hit, passes?.answer ?? null);
    const code = hit?.code ?? NONE;
    this.#legends.point(data?.name ?? "", code);
    const thing = this.#lighting.point(this.#view, this.at, code, passes);
    const where =
      this.at && data ? placeText(this.at, data, hit?.cell ?? null, passes?.answer ?? null) : "";
    setText(this.#place, [where, this.#matchText(thing)].filter(Boolean).join(" · "));
    const told = this.#linked.point(this.#view, this.at);
    if (!this.at || !aloud) return;
    this.#say(told || [where || "here", words.join("; ")].join(": "));
  }

  #readAll() {
    const [at, source] = [this.at, this.#view];
    /** @type {Reading | null} */
    const hit = at && source ? source.point(at) : null;
    /** @type {string[]} */
    const words = [];
    for (const [name, view] of this.#views) {
      const here = at && source ? this.#carry(source.data, view.data, at, hit?.cell ?? null) : null;
      const reading = view === source && hit ? hit : view.point(here);
      if (here && reading.text) words.push(`${name} ${reading.text}`);
    }
    return { hit, words };
  }

  /**
   * The score of a pass that stands where it is pointed at, where a sheet shows the passes.
   *
   * @param {Reading | null} hit
   */
  #passes(hit) {
    const sheet = [...this.#views.values()].find(({ data }) => data.tiles);
    if (!this.at || !this.#view || !sheet?.data.tiles) return null;
    const answer = answerIn(sheet.data.tiles, this.#view.data, this.at, hit?.cell ?? null);
    return answer && { sheet, answer };
  }

  /**
   * Outline, in the panes that are seen by what is pointed at, the part that it sees.
   *
   * @param {Reading | null} hit
   * @param {Answer | null} answer
   */
  #showSeen(hit, answer) {
    const data = this.#view?.data;
    const tiles = [...this.#views.values()].find((one) => one.data.tiles)?.data.tiles;
    for (const view of this.#views.values()) {
      const other = view.data;
      let path = "";
      if (data && this.at && hit?.cell && !other.field && !other.tiles) {
        const sees = this.#carry(data, other, this.at, hit.cell);
        if (sees && answer && tiles) path = seenPath(tiles, answer);
        else if (sees && data.field) path = fieldPath(data.field, hit.cell, other.frame);
      }
      view.showSeen(path);
    }
  }

  /**
   * Whether an object has its match in another map.
   *
   * @param {Thing | null} thing
   */
  #matchText(thing) {
    const maps = [...this.#views.values()].map(({ data }) => data);
    const others = maps.filter(
      ({ group }) => thing && group?.name === thing.name && group.by === "code",
    );
    if (!thing || others.length < 2) return "";
    return others.every((data) => shows(data, thing)) ? "has a match" : "no match";
  }

  /** Say the same again, of what the panes show now; a pane made anew takes its old one's place. */
  again() {
    const view = this.#view && (this.#views.get(this.#view.name) ?? null);
    this.point(this.at, view, false);
  }
}
