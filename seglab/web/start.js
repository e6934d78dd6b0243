// A saved lab that computes by itself: the page, with a picture of the visitor's own.

import { openPage } from "../page/page.js";
import { findText } from "./beside.js";
import { Visitor } from "./visitor.js";

openPage((lab, events) => {
  const { compiled } = /** @type {any} */ (lab.stored);
  return new Visitor(compiled, lab, findText, events);
});
