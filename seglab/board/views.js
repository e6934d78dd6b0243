// What draws each kind of pane.

import { CurtainView } from "./curtain.js";
import { DiagramView } from "./diagram.js";
import { GridView } from "./grid.js";
import { PaneView } from "./pane.js";
import { TableView } from "./table.js";

/** @import { Pair, Pane } from "./frames.js" */
/** @import { Light } from "./groups.js" */
/** @import { Reading } from "./kinds.js" */
/** @import { Lit } from "./links.js" */
/** @import { Uses } from "./pane.js" */
/** @import { PaneEvents } from "./pointer.js" */

/**
 * A pane in the page.
 *
 * @typedef {{
 *   name: string, figure: HTMLElement, stage?: HTMLElement, data: Pane,
 *   readonly scale: number, draw(data: Pane): void,
 *   fit(stageWidth: number, aspect: number, unit?: number): void,
 *   point(at: Pair | null): Reading,
 *   showSeen(path: string): void,
 *   showLight(light: Light): void,
 *   showLinks(cells: Lit[]): void,
 *   showPoint(at: Pair | null): void,
 *   showPen?(path: string): void,
 *   explain(uses: Uses): void,
 * }} View
 * @typedef {Map<string, View>} Views by the panes' names
 *
 * onInput: the pane is a picture that lies on the lab's input, and takes its points and files.
 * below: it stands below the others.
 * @typedef {{
 *   View: new (name: string, data: any, events: PaneEvents) => View,
 *   onInput: boolean, below: boolean,
 * }} Maker
 */

/** @type {Maker} */
const PICTURE = { View: PaneView, onInput: true, below: false };
/** @type {Record<string, Maker>} */
const MAKERS = {
  rgb: PICTURE,
  scalar: PICTURE,
  labels: PICTURE,
  curtain: { ...PICTURE, View: CurtainView },
  grid: { View: GridView, onInput: false, below: false },
  diagram: { View: DiagramView, onInput: false, below: false },
  table: { View: TableView, onInput: false, below: true },
};

/** @param {{ kind: string }} pane */
export const makerOf = ({ kind }) => MAKERS[kind];
