// Numbers as Python writes them. A bigint is a whole number, a number is a float.

const FORM = /^(,?)(?:\.(\d+))?([dfg%]?)$/;

/**
 * A float with so many digits behind the point; of two that are as near, the even one.
 *
 * @param {number} value
 * @param {number} digits
 */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  const rest = value.toFixed(Math.min(100, digits + 30)).slice(text.length + (digits ? 0 : 1));
  if (!/^50*$/.test(rest) || Number(text.at(-1)) % 2 === 0) return text;
  const unit = 10 ** -digits; // toFixed goes away from 0
  return (value - Math.sign(value) * unit * 0.25).toFixed(digits);
}

/**
 * @param {number} value
 * @param {number} digits
 */
function general(value, digits) {
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  const bare = (/** @type {string} */ text) =>
    text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  if (exponent >= -4 && exponent < digits) return bare(fixed(value, digits - 1 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${bare(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
}

/** @param {number} value */
function shortest(value) {
  const text = String(value);
  return Number.isInteger(value) && !text.includes("e") ? `${text}.0` : text;
}

/** @param {string} text */
const grouped = (text) => text.replace(/\d(?=(?:\d{3})+(?!\d))(?<!\.\d*)/g, "$&,");

/**
 * A number in one of Python's forms, such as ".1%".
 *
 * @param {number | bigint} value
 * @param {string} form
 */
export function pyFormat(value, form) {
  const [, comma, precision, kind] = FORM.exec(form) ?? [];
  if (kind === undefined) throw new Error(`The form ${form} is unknown.`);
  if (typeof value === "number" && !Number.isFinite(value)) {
    const word = Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
    return kind === "%" ? `${word}%` : word;
  }
  const digits = precision === undefined ? 6 : Number(precision);
  const told = () => {
    if (kind === "%") return `${fixed(Number(value) * 100, digits)}%`;
    if (kind === "f") return fixed(Number(value), digits);
    if (kind === "g" || precision !== undefined) return general(Number(value), Math.max(1, digits));
    return typeof value === "bigint" ? String(value) : shortest(value);
  };
  return comma ? grouped(told()) : told();
}
