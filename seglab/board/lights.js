// What a step of the tour speaks of, lit: the controls that it moves, and where it says to look.

const LIT = "seglab-pointed-at";

/**
 * @param {Element} page
 * @param {string[]} controls by name
 * @param {string} look the name of a pane, a number or a chart
 */
export function light(page, controls, look) {
  for (const node of page.querySelectorAll(`.${LIT}`)) node.classList.remove(LIT);
  const named = [...page.querySelectorAll("figure, .seglab-numbers > div")].filter(
    (node) => node.querySelector("figcaption, dt")?.textContent === look,
  );
  const moved = controls.flatMap((name) => [...page.querySelectorAll(`.seglab-control-${name}`)]);
  for (const node of [...named, ...moved]) node.classList.add(LIT);
}
