// The lecturer's notes, in a window of their own.

const CLOCK = 10000; // milliseconds

/**
 * The window with the lecturer's notes. reveal's own loads the deck, and each lab, twice more.
 */
export class PresenterView {
  /** @type {Window | null} */
  #window = null;
  #started = Date.now();
  #sheets;
  #here;
  #onKey;

  /**
   * @param {Element[]} sheets
   * @param {() => number} here
   * @param {(event: KeyboardEvent) => void} onKey
   */
  constructor(sheets, here, onKey) {
    this.#sheets = sheets;
    this.#here = here;
    this.#onKey = onKey;
    setInterval(() => this.show(), CLOCK);
  }

  open() {
    const opened = window.open("", "seglab-notes", "width=760,height=720");
    const style = document.getElementById("seglab-style");
    if (!opened || !style) return;
    this.#window = opened;
    const page = opened.document;
    page.title = `Notes: ${document.title}`;
    page.documentElement.lang = document.documentElement.lang;
    page.documentElement.dataset.theme = document.documentElement.dataset.theme;
    page.head.replaceChildren(page.importNode(style, true));
    page.body.className = "presenter";
    page.body.replaceChildren(...["p", "div", "p"].map((tag) => page.createElement(tag)));
    opened.onkeydown = this.#onKey;
    this.show();
  }

  show() {
    if (!this.#window || this.#window.closed) return;
    const page = this.#window.document;
    const [clock, notes, after] = page.body.children;
    const here = this.#here();
    const minutes = Math.floor((Date.now() - this.#started) / 60000);
    clock.textContent = `Slide ${here + 1} of ${this.#sheets.length} · ${minutes} min`;
    const said = [".notes:not(.also)", ".notes.also"].flatMap((kind) => [
      ...(this.#sheets[here]?.querySelectorAll(kind) ?? []),
    ]);
    const copies = said.map((aside) => page.importNode(aside, true));
    notes.replaceChildren(...copies.flatMap((aside) => [...aside.childNodes]));
    const heading = this.#sheets[here + 1]?.querySelector("h1, h3, h2, iframe");
    const title = heading instanceof HTMLElement ? heading.title || heading.textContent : "";
    after.textContent = title ? `Next: ${title}` : "";
  }
}
