// What a lab says whose kernel has gone: its controls still move, but nothing answers.

const DISCONNECTED = "jupyter-widgets-disconnected"; // set by ipywidgets, not by anywidget

/** @import { Notice } from "../board/frames.js" */

/** @type {Notice} */
const SENTENCE = {
  text: "This lab is asleep: its kernel was restarted or stopped.",
  detail: "Run the cell again (Shift+Enter) to wake it, after the cells that it needs.",
  kind: "note",
};

/**
 * Tell when the lab around this element falls asleep, or wakes. Returns what ends this.
 *
 * @param {HTMLElement} el
 * @param {(sentence: Notice | null) => void} say
 */
export function watchSleep(el, say) {
  let asleep = false;
  const follow = () => {
    const lab = el.closest(".seglab-lab");
    if (!lab || lab.classList.contains(DISCONNECTED) === asleep) return;
    asleep = !asleep;
    lab.classList.toggle("seglab-asleep", asleep);
    for (const controls of lab.querySelectorAll(".seglab-controls, .seglab-tour"))
      controls.toggleAttribute("inert", asleep);
    say(asleep ? SENTENCE : null);
  };
  const changes = new MutationObserver(follow);
  const arrival = new ResizeObserver(() => {
    const lab = el.closest(".seglab-lab");
    if (!lab) return;
    arrival.disconnect();
    changes.observe(lab, { attributes: true, attributeFilter: ["class"] });
    follow();
  });
  arrival.observe(el); // its first size: only then it stands in its lab
  return () => {
    arrival.disconnect();
    changes.disconnect();
  };
}
