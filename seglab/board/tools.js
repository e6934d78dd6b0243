/* A part of board.js: what the other parts share. */

const NONE = 255;
const NO_BYTES = new Uint8Array(0);

function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** What is written already is not written again: the browser would lay the page out anew. */
function setText(node, text) {
  const only = node.firstChild;
  if (only?.nodeType !== Node.TEXT_NODE || only.nextSibling) node.textContent = text;
  else if (only.data !== text) only.data = text;
}

const setAttribute = (node, name, value) => {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
};

/** Whether two planes hold the same bytes; a plane is never changed in place. */
function same(a, b) {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** A plane or a palette, however it arrives: typed array, view, buffer, list or nothing. */
function bytes(data) {
  if (data instanceof Uint8Array) return data;
  if (!data) return NO_BYTES;
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

const minus = (text) => text.replace("-", "−");

/** A value on a scale from low to high, in steps of the scale that show its place on it. */
function onScale(value, [low, high], steps) {
  const step = (high - low) / steps;
  if (step < 1e-7 || Math.max(Math.abs(low), Math.abs(high)) >= 1e6) {
    return minus(value.toExponential(2));
  }
  const text = value.toFixed(clamp(Math.ceil(-Math.log10(step)), 0, 8));
  return minus(Number(text) === 0 ? text.replace("-", "") : text);
}

/** The end of a scale, without noughts that say nothing. */
const short = (value, range) => onScale(value, range, 99).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");

const pair = ([rows, columns]) => `${rows} × ${columns}`;
