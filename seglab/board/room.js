// How much room a board has for its panes. The page's layout is read only where the browser has
// just laid it out.

/**
 * What is measured. root: the board; area: its panes; numbers, notice: what stands above them.
 *
 * @typedef {{
 *   root: HTMLElement, area: HTMLElement, numbers: HTMLElement, notice: HTMLElement,
 * }} Measured
 */

/** Watches the room of a board, and tells of every change. */
export class RoomWatch {
  #sizes = new ResizeObserver(() => this.measure());
  #parts;
  #visible;
  #hear;
  /** @type {HTMLElement | null} */
  #lab = null;
  #width = 0;
  #numbers = 0; // their greatest height at this width: panes do not jump when a text grows
  #onResize = () => this.measure();

  /**
   * @param {Measured} parts
   * @param {() => number} visible the height in which the whole lab is to be seen
   * @param {(width: number, height: number) => void} hear
   */
  constructor(parts, visible, hear) {
    this.#parts = parts;
    this.#visible = visible;
    this.#hear = hear;
    this.#sizes.observe(parts.root);
    window.addEventListener("resize", this.#onResize);
  }

  /** The lab around the board, once there is one. */
  get lab() {
    return this.#lab ?? this.#parts.root;
  }

  /** Begin to watch what is around the board; it is not there when the board is made. */
  #watchLab() {
    const found = /** @type {HTMLElement | null} */ (this.#parts.root.closest(".seglab-lab"));
    if (!found || found === this.#lab) return;
    this.#lab = found;
    this.#sizes.observe(found);
    const scroller = scrollerOf(found);
    if (scroller) this.#sizes.observe(scroller);
  }

  /** Read the room, and tell it. */
  measure() {
    const { root, area, numbers, notice } = this.#parts;
    this.#watchLab();
    const width = root.clientWidth;
    if (!width) return;
    if (width !== this.#width) this.#numbers = 0;
    this.#width = width;
    const tall = numbers.offsetHeight;
    this.#numbers = Math.max(this.#numbers, tall);
    const passing = area.offsetHeight + tall + notice.offsetHeight;
    const row = /** @type {HTMLElement} */ (root.closest(".seglab-bench") ?? root); // with a chart
    const around = this.lab.offsetHeight - row.offsetHeight;
    const others = around + root.offsetHeight - passing + this.#numbers;
    this.#hear(width, this.#visible() - others);
  }

  stop() {
    this.#sizes.disconnect();
    window.removeEventListener("resize", this.#onResize);
  }
}

/**
 * What scrolls a notebook: JupyterLab's and Jupyter Notebook's panel; null elsewhere.
 *
 * @param {HTMLElement} element
 */
export const scrollerOf = (element) =>
  element.closest(".jp-WindowedPanel-outer, .jp-NotebookPanel-notebook");
