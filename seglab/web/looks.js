// What a pane or a number shows, with places in it that are filled once the page has computed them.

import { octets } from "../page/stored.js";
import { pyFormat } from "./pyformat.js";

/**
 * Output `output` of call `call`; call -1 - n: picture n.
 * @typedef {[call: number, output: number]} Ref
 * @typedef {Uint8Array | number | bigint} Value what the worker says of an output
 *
 * The text of which some pieces are numbers, each with its form.
 * @typedef {string | { $text: (string | [number, number, string])[] }} Words
 *
 * A look: a sentence that says why there is none, a choice by a condition, or what is shown, in
 * which { $ref } stands for a value, { $bytes } for bytes and { $text } for a text.
 * @typedef {{ why: Words }} Why
 * @typedef {{ $if: Ref, yes: Look, no: Look }} Choice
 * @typedef {Why | Choice | Record<string, any>} Look
 */

/** @param {readonly number[]} ref */
export const keyOf = ([call, output]) => `${call}/${output}`;

/**
 * The outputs that a look needs, but for those behind a condition that is not known yet.
 *
 * @param {any} look
 * @param {Map<string, Value>} known
 * @param {Map<string, Ref>} found
 */
export function refsOf(look, known, found = new Map()) {
  if (look === null || typeof look !== "object") return found;
  if (Array.isArray(look)) for (const part of look) refsOf(part, known, found);
  else if (look.$ref) found.set(keyOf(look.$ref), look.$ref);
  else if (look.$text) {
    for (const piece of look.$text) {
      if (typeof piece !== "string") found.set(keyOf(piece), [piece[0], piece[1]]);
    }
  } else if (look.$if) {
    const condition = known.get(keyOf(look.$if));
    if (condition === undefined) found.set(keyOf(look.$if), look.$if);
    else refsOf(condition ? look.yes : look.no, known, found);
  } else for (const part of Object.values(look)) refsOf(part, known, found);
  return found;
}

/**
 * A look with everything in its place; a choice becomes what was chosen.
 *
 * @param {any} look
 * @param {Map<string, Value>} known
 * @returns {any}
 */
export function filledLook(look, known) {
  const value = (/** @type {readonly number[]} */ ref) =>
    /** @type {Value} */ (known.get(keyOf(ref)));
  if (look === null || typeof look !== "object") return look;
  if (Array.isArray(look)) return look.map((part) => filledLook(part, known));
  if (look.$ref) {
    const found = value(look.$ref);
    return typeof found === "bigint" ? Number(found) : found;
  }
  if (look.$text) {
    const said = (/** @type {string | [number, number, string]} */ piece) =>
      typeof piece === "string"
        ? piece
        : pyFormat(/** @type {number | bigint} */ (value([piece[0], piece[1]])), piece[2]);
    return look.$text.map(said).join("");
  }
  if (look.$bytes !== undefined) return octets(look.$bytes);
  if (look.$if) return filledLook(value(look.$if) ? look.yes : look.no, known);
  return Object.fromEntries(
    Object.entries(look).map(([name, part]) => [name, filledLook(part, known)]),
  );
}
