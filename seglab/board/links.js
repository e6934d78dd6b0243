// What a cell of a number grid is computed from: which cells of an output, an input and a kernel
// meet, and the arithmetic as a sentence.

import { inBorder, inData, isLost, TIED, valueAt } from "./numbergrid.js";
import { minus, written } from "./text.js";

/** @import { GridPane, LinksOf, Pair, Pane } from "./frames.js" */

/**
 * Three number grids that hang together.
 *
 * @typedef {"output" | "input" | "kernel"} Role
 * @typedef {{ output: GridPane & { links: LinksOf }, input: GridPane, kernel: GridPane }} Group
 *
 * A product: weight times input, for an output; null: in the padding, or cut off.
 * @typedef {{ output: Pair | null, kernel: Pair, input: Pair | null }} Term
 *
 * A cell to light up. source: all the others are lit because of it.
 * @typedef {{ cell: Pair, tag: string, source?: boolean }} Lit
 */

/** @type {Role[]} */
export const ROLES = ["output", "input", "kernel"];
const IN_A_SUM = 25; // more terms are cut short

/**
 * The groups of a frame.
 *
 * @param {Pane[]} panes
 * @returns {Group[]}
 */
export function groupsOf(panes) {
  const grids = /** @type {GridPane[]} */ (panes.filter(({ kind }) => kind === "grid"));
  const byName = new Map(grids.map((pane) => [pane.name, pane]));
  return grids.flatMap((output) => {
    const { links } = output;
    const [input, kernel] = [links?.input, links?.kernel].map((name) => byName.get(name ?? ""));
    return links && input && kernel ? [{ output: { ...output, links }, input, kernel }] : [];
  });
}

/**
 * @param {Group} group
 * @param {string} name
 */
export const roleOf = (group, name) => ROLES.find((role) => group[role].name === name);

/**
 * Which output cell meets which input cell through which tap, along one axis.
 *
 * @param {Group} group
 * @param {0 | 1} i
 */
function meetings({ output, input, kernel }, i) {
  const { stride, padding, dilation, transposed } = output.links;
  const [from, to] = transposed ? [input, output] : [output, input];
  /** @type {{ output: number | null, kernel: number, input: number | null }[]} */
  const found = [];
  for (let n = 0; n < from.size[i] - 2 * from.border; n++) {
    for (let tap = 0; tap < kernel.size[i]; tap++) {
      const place = stride[i] * n - padding[i] + dilation[i] * tap + to.border;
      const [here, there] = [n + from.border, place >= 0 && place < to.size[i] ? place : null];
      if (!transposed) found.push({ output: here, kernel: tap, input: there });
      else if (there !== null) found.push({ output: there, kernel: tap, input: here });
    }
  }
  return found;
}

/**
 * @param {number | null} row
 * @param {number | null} column
 * @returns {Pair | null}
 */
const both = (row, column) => (row === null || column === null ? null : [row, column]);

/**
 * Every product that a cell takes part in.
 *
 * @param {Group} group
 * @param {Role} role
 * @param {Pair} cell
 * @returns {Term[]}
 */
export function termsOf(group, role, cell) {
  const rows = meetings(group, 0).filter((meeting) => meeting[role] === cell[0]);
  const columns = meetings(group, 1).filter((meeting) => meeting[role] === cell[1]);
  return rows.flatMap((row) =>
    columns.map((column) => ({
      output: both(row.output, column.output),
      kernel: [row.kernel, column.kernel],
      input: both(row.input, column.input),
    })),
  );
}

/**
 * What to light up in one of the three grids, when a cell of another is chosen.
 *
 * @param {Group} group
 * @param {Role} chosen
 * @param {Role} role
 * @param {Term[]} terms
 * @returns {Lit[]}
 */
export function litIn(group, chosen, role, terms) {
  const tagged = chosen !== "kernel" && role !== "kernel" && role !== chosen;
  /** @type {Map<string, Lit>} */
  const cells = new Map();
  for (const term of terms) {
    const cell = term[role];
    const tag = tagged ? `×${written(valueAt(group.kernel, term.kernel), 2)}` : "";
    if (cell) cells.set(cell.join(), { cell, tag });
  }
  return [...cells.values()];
}

/* ---- in words ------------------------------------------------------------------------------- */

/** @param {number} value */
const bracketed = (value) => (value < 0 ? `(${written(value)})` : written(value));

/** @param {number} value */
const isWritten = (value) => Math.abs(value * 1000 - Math.round(value * 1000)) < 1e-9;

/**
 * "= 1·0 + 2·(−1) − 1·3 = −5": weight times input, in the order of the taps.
 *
 * @param {Group} group
 * @param {Term[]} terms
 * @param {number} value
 */
function sumOf({ kernel, input }, terms, value) {
  if (!terms.length) return "= 0: no input reaches it";
  /** @param {Term} term */
  const weight = (term) => valueAt(kernel, term.kernel) ?? 0;
  const long = terms.length > IN_A_SUM;
  const said = long ? terms.filter((term) => weight(term) !== 0) : terms;
  let exact = written(value) === minus(String(value));
  const parts = said.map((term, i) => {
    const w = weight(term);
    const x = term.input ? (valueAt(input, term.input) ?? 0) : 0;
    exact &&= isWritten(w) && isWritten(x);
    const sign = w < 0 ? "−" : i ? "+" : "";
    return `${i ? ` ${sign} ` : sign}${written(Math.abs(w))}·${bracketed(x)}`;
  });
  if (parts.length > IN_A_SUM) parts.splice(12, parts.length - 15, " + … ");
  const left = terms.length - said.length;
  const unsaid = left ? ` (and ${left} terms with weight 0)` : "";
  return `= ${parts.join("") || "0"} ${exact ? "=" : "≈"}${TIED}${written(value)}${unsaid}`;
}

/**
 * @param {Group} group
 * @param {Pair} cell
 * @param {Term[]} terms
 */
function sentenceOfInput({ input, output, kernel }, cell, terms) {
  const value = valueAt(input, cell) ?? 0;
  const where = inBorder(input, cell) ? "padding" : "input";
  const what = `${where} ${inData(input, cell)} = ${written(value)}`;
  if (!terms.length) {
    const lost = "the last step of the stride does not fit: it is lost";
    const why = isLost(input, cell) ? lost : "the kernel steps over it";
    return `${what} is read by no output; ${why}`;
  }
  const parts = terms.slice(0, IN_A_SUM).map((term) => {
    const at = term.output ? inData(output, term.output) : "";
    return `${at} as ${written(valueAt(kernel, term.kernel))}·${bracketed(value)}`;
  });
  if (terms.length > IN_A_SUM) parts.push("…");
  const verb = output.links.transposed ? "adds to" : "is read by";
  const outputs = terms.length === 1 ? "1 output" : `${terms.length} outputs`;
  return `${what} ${verb} ${outputs}: ${parts.join(", ")}`;
}

/**
 * The arithmetic of a cell as a sentence.
 *
 * @param {Group} group
 * @param {Role} role
 * @param {Pair} cell
 * @param {Term[]} terms
 */
export function sentence(group, role, cell, terms) {
  if (role === "input") return sentenceOfInput(group, cell, terms);
  const pane = group[role];
  const [at, value] = [inData(pane, cell), valueAt(pane, cell) ?? 0];
  if (role === "kernel") {
    const outputs = `one input for each of ${terms.length} outputs`;
    return `weight ${at} = ${written(value)} multiplies ${outputs}`;
  }
  const cut = inBorder(pane, cell) ? ", cut off afterwards," : "";
  return `output ${at}${cut} ${sumOf(group, terms, value)}`;
}
