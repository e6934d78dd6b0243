// A lab that fills the window, for a lecture: by a button or the key F; Escape leaves.

import { hasModifier, makeButton, take } from "./dom.js";

const TYPED = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
const SHORTCUTS = "data-lm-suppress-shortcuts"; // JupyterLab listens before the lab does

/**
 * Whether keys that are pressed there are meant as text.
 *
 * @param {EventTarget | null} target
 */
const isTyped = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches(TYPED));

/** The button of a lab that fills the window, and its keys. */
export class Theatre {
  button = makeButton("seglab-fill", "", () => this.toggle());
  on = false;
  /** @type {HTMLElement | null} */
  #lab = null;
  #restore;
  #hear;

  /**
   * @param {() => boolean} restore put back what is enlarged; whether there was something
   * @param {() => void} hear the window is filled, or is left
   */
  constructor(restore, hear) {
    this.#restore = restore;
    this.#hear = hear;
    this.#name();
    document.addEventListener("keydown", this.#onKey, true); // nothing may have the focus
  }

  /**
   * Fill the window with this element from now on; in a frame there is no window to fill.
   *
   * @param {HTMLElement} lab
   */
  stand(lab) {
    if (lab === this.#lab) return;
    this.#lab = lab;
    lab.append(this.button); // last: the notebook counts those before it
    this.button.hidden = window.parent !== window;
  }

  #name() {
    this.button.title = this.on ? "Leave the full window (Esc)" : "Fill the window (F)";
    this.button.setAttribute("aria-label", this.on ? "Leave the full window" : "Fill the window");
    this.button.setAttribute("aria-pressed", String(this.on));
  }

  toggle() {
    const lab = this.#lab;
    if (!lab || this.button.hidden) return;
    const { activeElement: active } = document;
    this.on = !this.on;
    lab.classList.toggle("seglab-theatre", this.on);
    lab.toggleAttribute(SHORTCUTS, this.on);
    if (this.on) {
      // Above all of the page, whatever contains it.
      lab.popover = "manual";
      lab.showPopover?.();
    } else {
      lab.hidePopover?.();
      lab.removeAttribute("popover");
    }
    const inside = active instanceof HTMLElement && lab.contains(active);
    (inside ? active : this.button).focus({ preventScroll: true });
    this.#name();
    this.#hear();
  }

  /** @type {(event: KeyboardEvent) => void} */
  #onKey = (event) => {
    if (hasModifier(event) || event.defaultPrevented || isTyped(event.target)) return;
    const here = /** @type {Node} */ (event.target);
    const mine = this.on || here === document.body || Boolean(this.#lab?.contains(here));
    if (!mine) return;
    if (event.key === "Escape") this.#escape(event);
    else if (event.key.toLowerCase() === "f" && this.#lab && !this.button.hidden) {
      take(event);
      this.toggle();
    }
  };

  /**
   * First a held cell is let go, which its pane does; then a pane goes back; then the lab.
   *
   * @param {KeyboardEvent} event
   */
  #escape(event) {
    if (this.#lab?.querySelector(".seglab-held")) return;
    const restored = this.#restore();
    if (!restored && !this.on) return;
    take(event);
    if (!restored) this.toggle();
  }

  stop() {
    if (this.on) this.toggle();
    this.button.remove();
    document.removeEventListener("keydown", this.#onKey, true);
  }
}
