// Number grids that hang together: a cell pointed at or pinned lights up what belongs to it.

import { Arithmetic } from "./arithmetic.js";
import { groupsOf, litIn, ROLES, roleOf, sentence, termsOf } from "./links.js";
import { nextCell } from "./numbergrid.js";

/** @import { Pair, Pane } from "./frames.js" */
/** @import { Lit, Role } from "./links.js" */
/** @import { View, Views } from "./views.js" */

/**
 * @param {Pane} data
 * @param {Pair} cell
 */
const isInside = (data, cell) => cell.every((n, i) => n < data.size[i]);

/** The linked grids of a board: at most one cell is pinned. */
export class Linked {
  arithmetic = new Arithmetic((direction) => this.#walk(direction));
  /** @type {ReturnType<typeof groupsOf>} */
  #groups = [];
  /** @type {{ view: View, at: Pair } | null} */
  #pinned = null;
  /** @type {{ view: View, at: Pair } | null} */
  #pointed = null;
  #root;
  #views;
  #say;

  /**
   * @param {HTMLElement} root
   * @param {Views} views
   * @param {(text: string) => void} say
   */
  constructor(root, views, say) {
    this.#root = root;
    this.#views = views;
    this.#say = say;
  }

  /** @param {Pane[]} panes */
  update(panes) {
    this.#groups = groupsOf(panes);
    const pinned = this.#pinned;
    if (pinned && !(this.#views.get(pinned.view.name) === pinned.view)) this.#pinned = null;
  }

  /** Let go of a cell that is there no more. */
  dropOutside() {
    if (this.#pinned && !isInside(this.#pinned.view.data, this.#pinned.at)) this.#pinned = null;
  }

  /** @param {string} name */
  has(name) {
    return this.#groups.some((group) => roleOf(group, name));
  }

  /**
   * The cell that is pinned in this view.
   *
   * @param {View} view
   */
  pinnedIn(view) {
    return this.#pinned?.view === view ? this.#pinned.at : null;
  }

  /**
   * Light up what belongs to the pinned cell, or to the one pointed at; returns the arithmetic.
   *
   * @param {View | null} view
   * @param {Pair | null} at
   */
  point(view, at) {
    this.#pointed = view && at && { view, at };
    return this.#show();
  }

  #show() {
    const from = this.#pinned ?? this.#pointed;
    const group = from && this.#groups.find((one) => roleOf(one, from.view.data.name));
    /** @type {Map<string, Lit[]>} */
    const cells = new Map();
    let text = "";
    if (group) {
      const chosen = /** @type {Role} */ (roleOf(group, from.view.data.name));
      const terms = termsOf(group, chosen, from.at);
      for (const role of ROLES) cells.set(group[role].name, litIn(group, chosen, role, terms));
      cells.set(group[chosen].name, [{ cell: from.at, tag: "", source: true }]);
      text = sentence(group, chosen, from.at, terms);
    }
    for (const [name, view] of this.#views) view.showLinks(cells.get(name) ?? []);
    this.arithmetic.show(this.#groups.length > 0, text);
    this.#root.classList.toggle("seglab-pinned", Boolean(this.#pinned));
    return text;
  }

  /**
   * Pin a cell, or unpin it when it is pinned already.
   *
   * @param {View} view
   * @param {Pair} at
   * @param {boolean} dragged
   */
  pin(view, at, dragged) {
    const again = this.pinnedIn(view)?.join() === at.join();
    if (again && dragged) return;
    this.#pinned = again ? null : { view, at };
    this.arithmetic.stop();
    this.#show();
  }

  /**
   * Keys move the pinned cell.
   *
   * @param {View} view
   * @param {Pair} at
   */
  movePinned(view, at) {
    if (this.pinnedIn(view)) this.#pinned = { view, at };
  }

  /** Unpin the cell; says whether there was one. */
  release() {
    const was = this.#pinned;
    this.#pinned = null;
    this.arithmetic.stop();
    this.#show();
    return Boolean(was);
  }

  /**
   * The kernel goes to the next cell: of the output, or of the input that a transposed one reads.
   *
   * @param {1 | -1} direction
   */
  #walk(direction) {
    const [group] = this.#groups;
    if (!group) return false;
    const pane = group.output.links.transposed ? group.input : group.output;
    const view = this.#views.get(pane.name);
    const at = view ? nextCell(pane, this.pinnedIn(view), direction) : null;
    if (!view || !at) return false;
    this.#pinned = { view, at };
    this.#say(this.#show());
    return true;
  }
}
