// Legends: the names of a label plane's codes, the bar of a scale, and the legends that several
// panes share, which stand below them all.

import { CODES, css, paint } from "./colours.js";
import { make, setText } from "./dom.js";
import { chipWidth } from "./layout.js";
import { scaleEnd } from "./text.js";
import { NONE } from "./tools.js";

/** @import { Pane, ScalarPane } from "./frames.js" */

const IN_PANE = { names: 2, letters: 24 }; // a longer legend stands below the panes, in one line

/**
 * The names that a legend shows: of many objects, their names are for the pointer only.
 *
 * @param {Pane} pane
 */
export const listed = ({ names, listed: count }) => names.slice(0, count ?? names.length);

/** @param {string[]} names */
const isLong = (names) => names.length > IN_PANE.names && names.join("").length > IN_PANE.letters;

/** @type {WeakMap<Pane, string>} */
const legendKeys = new WeakMap();

/** @param {Pane} pane */
function listKey(pane) {
  const names = pane.kind === "labels" ? listed(pane) : [];
  return names.length ? `${names.join("\n")}|${pane.palette.slice(0, 3 * names.length)}` : "";
}

/**
 * What a pane's legend depends on; empty for none.
 *
 * @param {Pane} pane
 */
export function legendKey(pane) {
  const key = legendKeys.get(pane) ?? listKey(pane);
  legendKeys.set(pane, key);
  return key;
}

/**
 * A list of chips: a colour and its name, each.
 *
 * @param {[swatch: HTMLElement, name: string][]} entries
 */
export function createList(entries) {
  const element = make("ul", "seglab-legend");
  const chips = entries.map(([swatch, name]) => {
    const chip = make("li", "seglab-chip");
    chip.append(swatch, make("span", "", name));
    return chip;
  });
  element.append(...chips);
  return { element, chips };
}

/**
 * The legend of a label plane; point(code) underlines a name, NONE none of them.
 *
 * @param {Pane} pane
 */
export function createLegend(pane) {
  const { element, chips } = createList(
    listed(pane).map((name, code) => {
      const swatch = make("span", "seglab-swatch");
      swatch.style.background = css(pane.palette, code);
      return [swatch, name];
    }),
  );
  return {
    elements: [element],
    draw() {},
    /** @param {number} code */
    point(code) {
      for (const [i, chip] of chips.entries()) chip.classList.toggle("seglab-here", i === code);
    },
  };
}

const ALL_CODES = Uint8Array.from({ length: NONE }, (_, code) => code);

/** The colours of a scale, its two ends, and a needle that points at a code, NONE at nothing. */
export function createBar() {
  const scale = make("div", "seglab-scale");
  const bar = make("div", "seglab-bar");
  const colours = make("canvas", "seglab-colours");
  const needle = make("div", "seglab-needle");
  const texts = [make("span", "seglab-of"), make("span", "seglab-of")];
  colours.setAttribute("aria-hidden", "true");
  bar.append(colours, needle);
  scale.append(texts[0], bar, texts[1]);
  needle.hidden = true;
  return {
    elements: [scale],
    /** @param {Pane} pane */
    draw(pane) {
      const { palette, range } = /** @type {ScalarPane} */ (pane);
      paint(colours, { size: [1, NONE], plane: ALL_CODES, palette }, CODES);
      for (const [i, node] of texts.entries()) setText(node, scaleEnd(range[i], range));
    },
    /** @param {number} code */
    point(code) {
      needle.hidden = code === NONE;
      if (code !== NONE) needle.style.left = `${(100 * code) / (NONE - 1)}%`;
    },
  };
}

/** @typedef {ReturnType<typeof createLegend> | ReturnType<typeof createBar>} Key */

/** The legends below the panes: those that panes share, and those that are too long for a pane. */
export class Legends {
  element = make("div", "seglab-legends");
  #drawn = "";
  /** @type {{ names: Set<string>, legend: Key, row: HTMLElement, chips: number[] }[]} */
  #legends = [];

  /**
   * Say of each plane whether its legend stands below; returns those of which it was not so.
   *
   * @param {Pane[]} planes
   */
  share(planes) {
    const keysOf = planes.map(legendKey);
    return planes.filter((pane, i) => {
      const again = keysOf.filter((key) => key === keysOf[i]).length > 1;
      const below = keysOf[i] !== "" && (again || isLong(listed(pane)));
      const was = pane.legendBelow;
      pane.legendBelow = below;
      return was !== below;
    });
  }

  /** @param {Pane[]} planes */
  draw(planes) {
    /** @type {Map<string, Pane[]>} */
    const groups = new Map();
    for (const pane of planes.filter(({ legendBelow }) => legendBelow)) {
      const key = legendKey(pane);
      groups.set(key, [...(groups.get(key) ?? []), pane]);
    }
    const now = [...groups.keys()].join("\n");
    if (now === this.#drawn) return;
    this.#drawn = now;
    this.#legends = [];
    this.element.replaceChildren(
      ...[...groups.values()].map((group) => this.#row(group, groups.size > 1)),
    );
  }

  /**
   * @param {Pane[]} group
   * @param {boolean} titled
   */
  #row(group, titled) {
    const row = make("div", "seglab-shared");
    const names = group.map(({ name }) => name);
    const title = names.join(", ");
    const legend = createLegend(group[0]);
    legend.elements[0].setAttribute("aria-label", title);
    if (titled) row.append(make("span", "seglab-of", title));
    row.append(...legend.elements);
    const titles = titled ? [title] : [];
    const chips = [...titles, ...listed(group[0])].map(chipWidth);
    this.#legends.push({ names: new Set(names), legend, row, chips });
    return row;
  }

  /** Which panes each legend tells of, and about how wide its chips are. */
  get needs() {
    return this.#legends.map(({ names, chips }) => ({ names, chips }));
  }

  /**
   * A legend is seen while one of its panes is.
   *
   * @param {string[]} shown names of panes
   */
  follow(shown) {
    for (const { names, row } of this.#legends) row.hidden = !shown.some((name) => names.has(name));
  }

  /**
   * Underline the name of a pane's code in the legend that the pane shares.
   *
   * @param {string} name
   * @param {number} code
   */
  point(name, code) {
    for (const { names, legend } of this.#legends) legend.point(names.has(name) ? code : NONE);
  }
}
