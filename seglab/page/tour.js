// The tour of a saved lab: one step at a time, each with a button that sets its state.

import { make, makeButton, setText } from "../board/dom.js";

/** @import { State } from "./lab.js" */

/**
 * Words in paragraphs of texts, each with a tag or an empty one.
 * @typedef {["" | "b" | "i" | "code", string][][]} Words
 *
 * A step: its words, the controls that it sets, where to look, and its state.
 * @typedef {{
 *   say: Words, then: Words, look: string, sets: string[], at: number[], extra: number,
 * }} Step
 *
 * Who shows a tour. go: show a step's state, or the start's. light: light what a step speaks of.
 * @typedef {{ go(state: State | null): void, light(step: Step): void }} Guide
 */

/** @param {Words[number]} pieces */
function createParagraph(pieces) {
  const paragraph = make("p");
  paragraph.append(...pieces.map(([tag, text]) => (tag ? make(tag, "", text) : text)));
  return paragraph;
}

/**
 * The words of a step. All steps lie over one another, so that nothing moves when they turn.
 *
 * @param {Step} step
 */
function createWords({ say, then }) {
  const element = make("div", "seglab-step-words");
  const [said, shown] = [make("div", "seglab-say"), make("div", "seglab-then")];
  said.append(...say.map(createParagraph));
  shown.append(...then.map(createParagraph));
  element.append(said, shown);
  return { element, shown };
}

/** A strip with the words of a step, and buttons. */
export class Tour {
  element = make("section", "seglab-tour");
  #steps;
  #guide;
  #at = 0;
  #shown = false;
  #count = make("span", "seglab-count");
  #words;
  #back = makeButton("seglab-step", "Back", () => this.#turn(-1));
  #show = makeButton("seglab-step", "Show me", () => this.showStep());
  #next = makeButton("seglab-step", "Next", () => this.#turn(1));

  /**
   * @param {Step[]} steps
   * @param {Guide} guide
   */
  constructor(steps, guide) {
    this.#steps = steps;
    this.#guide = guide;
    this.#words = steps.map(createWords);
    const texts = make("div", "seglab-texts-of-tour");
    const row = make("div", "seglab-tour-buttons");
    texts.append(...this.#words.map(({ element }) => element));
    texts.setAttribute("aria-live", "polite");
    row.append(this.#show, this.#count, this.#back, this.#next);
    this.element.append(texts, row);
    this.element.setAttribute("aria-label", "Tour");
    this.#follow();
  }

  get #step() {
    return this.#steps[this.#at];
  }

  /** @param {number} by */
  #turn(by) {
    this.#at = Math.min(Math.max(this.#at + by, 0), this.#steps.length - 1);
    this.#shown = false;
    this.#follow();
    this.#guide.light(this.#step);
  }

  /** Set the step's state, and say what was to be seen. */
  showStep() {
    this.#shown = true;
    this.#follow();
    this.#guide.go(this.#step);
    this.#guide.light(this.#step);
  }

  /**
   * Show a step; the first one is 0.
   *
   * @param {number} number
   */
  open(number) {
    this.#at = number;
    this.showStep();
  }

  /** On with a clicker: what is to be seen, then the next step; whether there was one. */
  forward() {
    if (!this.#shown) this.showStep();
    else if (this.#at + 1 < this.#steps.length) this.#turn(1);
    else return false;
    return true;
  }

  /** Back with a clicker, by the same way; whether there was one. */
  backward() {
    if (this.#shown) {
      this.#shown = false;
      this.#follow();
      this.#guide.go(this.#steps[this.#at - 1] ?? null);
      this.#guide.light(this.#step);
    } else if (this.#at) {
      this.open(this.#at - 1);
    } else return false;
    return true;
  }

  #follow() {
    for (const [i, { element, shown }] of this.#words.entries()) {
      const here = i === this.#at;
      element.classList.toggle("seglab-now", here);
      element.setAttribute("aria-hidden", String(!here));
      shown.classList.toggle("seglab-untold", here && !this.#shown);
    }
    setText(this.#count, `${this.#at + 1} of ${this.#steps.length}`);
    this.#back.disabled = this.#at === 0;
    this.#next.disabled = this.#at === this.#steps.length - 1;
  }
}
