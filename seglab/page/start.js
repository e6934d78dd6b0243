// A saved lab as a page of its own.

import { openPage } from "./page.js";

openPage();
