// What a page stores in itself, and the runtime that the pages of a site have once beside them.

import { storedText } from "../page/page.js";

/** @typedef {{ seglabBeside?: Record<string, string> }} Shared what the script beside tells */

/** @type {Promise<void> | null} */
let loading = null;

/**
 * Load the script beside the page: `fetch` reads no file of a disk, but a script is let in there.
 *
 * @param {string} address
 * @returns {Promise<void>}
 */
function loadScript(address) {
  return new Promise((done, fail) => {
    const script = document.createElement("script");
    script.addEventListener("load", () => done());
    script.addEventListener("error", () => {
      script.remove();
      loading = null; // the next picture tries again
      fail(new Error("this page computes only where its site lies: its runtime is not beside it"));
    });
    script.src = address;
    document.head.append(script);
  });
}

/** The rest of a page is read while its first picture is drawn. */
function pageIsRead() {
  return new Promise((done) => {
    if (document.readyState !== "loading") done(undefined);
    else document.addEventListener("DOMContentLoaded", done, { once: true });
  });
}

/**
 * The text of an id, of the page itself or of the script beside it, which is loaded when it is
 * first asked for.
 *
 * @param {string} id
 * @returns {Promise<string>}
 */
export async function findText(id) {
  await pageIsRead();
  const beside = /** @type {HTMLLinkElement | null} */ (document.getElementById("seglab-beside"));
  if (!beside || document.getElementById(id)) return storedText(id);
  loading ??= loadScript(beside.href);
  await loading;
  return /** @type {Shared} */ (globalThis).seglabBeside?.[id] ?? "";
}
