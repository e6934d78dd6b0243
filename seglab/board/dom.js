// Elements of the page, changed only where something differs.

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} classes
 * @param {string} text
 */
export function make(tag, classes = "", text = "") {
  const node = document.createElement(tag);
  if (classes) node.className = classes;
  if (text) node.textContent = text;
  return node;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} classes
 */
export function makeSvg(tag, classes = "") {
  const node = document.createElementNS(SVG, tag);
  if (classes) node.setAttribute("class", classes);
  return node;
}

/**
 * A button that sends no form.
 *
 * @param {string} classes
 * @param {string} text
 * @param {() => void} act
 */
export function makeButton(classes, text, act) {
  const button = make("button", classes, text);
  button.type = "button";
  button.addEventListener("click", act);
  return button;
}

/**
 * Write a text. What is written already is not written again: the browser would lay the page out
 * anew.
 *
 * @param {Element} node
 * @param {string} text
 */
export function setText(node, text) {
  const only = node.firstChild;
  if (!(only instanceof Text) || only.nextSibling) node.textContent = text;
  else if (only.data !== text) only.data = text;
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * The caption of a pane: one line, which says all of itself where it is cut.
 *
 * @param {string} text
 */
export function makeCaption(text) {
  const caption = make("figcaption", "seglab-caption", text);
  caption.title = text;
  return caption;
}

/** @param {KeyboardEvent} event */
export const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

/**
 * Take an event: neither the page nor its host acts on it too.
 *
 * @param {Event} event
 */
export function take(event) {
  event.preventDefault();
  event.stopPropagation();
}
