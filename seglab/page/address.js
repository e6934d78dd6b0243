// The address of a state: lab.html#f=8&shifts=64, its values spelled as on the command line.

/** @import { State, StoredLab } from "./lab.js" */

const TOUR = "tour"; // its value is the number of a step

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a bare % is one
  }
}

/** @param {string} text */
const encoded = (text) => encodeURIComponent(text).replaceAll("%3A", ":").replaceAll("%2C", ",");

/**
 * The state that an address names, or the step of the tour; what it says wrong, in sentences, and
 * the rest counts.
 *
 * @param {string} hash
 * @param {StoredLab} lab
 * @returns {{ at: number[], step: number, problems: string[] }}
 */
export function readAddress(hash, lab) {
  const { controls, stands, tour } = lab;
  const at = controls.map(({ start }) => start);
  /** @type {string[]} */
  const problems = [];
  let step = -1;
  for (const pair of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const [name, ...rest] = pair.split("=").map(decoded);
    const value = rest.join("=");
    const i = controls.findIndex((control) => control.name === name);
    const fixed = stands.find(([other]) => other === name);
    if (i >= 0) {
      const { spelled, texts } = controls[i];
      const place = [spelled, texts].map((list) => list.indexOf(value)).find((one) => one >= 0);
      if (place !== undefined) at[i] = place;
      else problems.push(`${name}=${value} is not in this page; ${name} is ${inWords(spelled)}.`);
    } else if (fixed) {
      if (fixed[1] !== value) problems.push(`In this page ${name} stands at ${fixed[1]}.`);
    } else if (name === TOUR && tour.steps.length) {
      const number = Number(value);
      if (tour.steps[number - 1]) step = number - 1;
      else problems.push(`The tour has the steps 1 to ${tour.steps.length}, but no ${value}.`);
    } else {
      const names = controls.map((control) => control.name);
      problems.push(`There is no control ${name} in this page; there is ${inWords(names)}.`);
    }
  }
  return { at, step, problems };
}

/** @param {string[]} names */
const inWords = (names) =>
  names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : (names[0] ?? "none");

/**
 * The address of a state, without a value for a control that stands at its start; empty for the
 * start.
 *
 * @param {State} state
 * @param {StoredLab} lab
 */
export function addressOf({ at, extra }, { controls, tour }) {
  if (extra >= 0) return `#${TOUR}=${tour.steps.findIndex((step) => step.extra === extra) + 1}`;
  const moved = controls.flatMap(({ name, spelled, start }, i) =>
    at[i] === start ? [] : [`${name}=${encoded(spelled[at[i]])}`],
  );
  return moved.length ? `#${moved.join("&")}` : "";
}
