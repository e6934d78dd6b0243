/* A deck: reveal.js turns the slides, labs stand in frames, notes have a window of their own. */

const { pieces, pages } = JSON.parse(document.getElementById("seglab-pages").textContent);
const printed = /print-pdf/.test(location.search);
const sheets = [...document.querySelectorAll(".sheet")];
const SIZES = [1.16, 1.08, 1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.52, 0.46, 0.4];
const LINES = [24, 22, 20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9]; // CSS pixels of code
const WRAPPED = 18; // and of a long line that is printed

/* ---- as large as a slide allows ------------------------------------------------------------- */

/** The first of the sizes, the largest first, at which nothing is cut off. */
function fit(sizes, apply, fits) {
  for (const size of sizes) {
    apply(size);
    if (fits()) return;
  }
}

function fitAll() {
  document.body.classList.add("measuring");
  for (const sheet of sheets) {
    const content = sheet.querySelector(".content");
    for (const pre of content.querySelectorAll("pre")) {
      const scale = (size) => pre.style.setProperty("--line", `${size}px`);
      const fits = () => pre.scrollWidth <= pre.clientWidth;
      pre.style.whiteSpace = "";
      if (!pre.matches(".output")) {
        fit(LINES, scale, fits);
        continue;
      }
      fit(LINES.filter((size) => size >= WRAPPED), scale, fits);
      if (!fits()) pre.style.whiteSpace = "pre-wrap";
    }
    fit(
      SIZES,
      (size) => content.style.setProperty("--fit", size),
      () => content.scrollHeight <= content.clientHeight && content.scrollWidth <= content.clientWidth,
    );
  }
  document.body.classList.remove("measuring");
}

/* ---- labs ------------------------------------------------------------------------------------ */

/** Give a frame its lab; what several labs share is in the deck once. */
function fill(frame) {
  if (frame.srcdoc) return undefined;
  const loaded = new Promise((done) => frame.addEventListener("load", done, { once: true }));
  frame.srcdoc = pages[frame.dataset.page].map((piece) => pieces[piece]).join("");
  return loaded;
}

/** The labs of this slide, and of the next ones while nobody waits. */
function fillNear() {
  const here = sheets.findIndex((sheet) => Reveal.getCurrentSlide().contains(sheet));
  sheets[here]?.querySelectorAll("iframe").forEach(fill);
  setTimeout(() => {
    sheets.slice(here + 1, here + 3).forEach((sheet) => sheet.querySelectorAll("iframe").forEach(fill));
  }, 200);
}

/* ---- the lecturer's notes -------------------------------------------------------------------- */

const started = Date.now();
let desk = null;

function openNotes() {
  desk = window.open("", "seglab-notes", "width=760,height=720");
  if (!desk) return;
  const { document: page } = desk;
  page.title = `Notes: ${document.title}`;
  page.head.replaceChildren(page.importNode(document.querySelector("style"), true));
  page.body.className = "desk";
  page.body.replaceChildren(...["p", "div", "p"].map((tag) => page.createElement(tag)));
  desk.onkeydown = (event) => {
    const go = { PageDown: "next", ArrowRight: "next", " ": "next", PageUp: "prev", ArrowLeft: "prev" }[event.key];
    if (!go) return;
    event.preventDefault();
    Reveal[go]();
  };
  showNotes();
}

function showNotes() {
  if (!desk || desk.closed) return;
  const [clock, notes, after] = desk.document.body.children;
  const here = sheets.findIndex((sheet) => Reveal.getCurrentSlide().contains(sheet));
  const minutes = Math.floor((Date.now() - started) / 60000);
  clock.textContent = `Slide ${here + 1} of ${sheets.length} · ${minutes} min`;
  const said = [...(sheets[here]?.querySelectorAll("aside.notes") ?? [])];
  notes.replaceChildren(...said.flatMap((aside) => [...desk.document.importNode(aside, true).childNodes]));
  const heading = sheets[here + 1]?.querySelector("h1, h2, h3, iframe");
  after.textContent = heading ? `Next: ${heading.title || heading.textContent}` : "";
}

/* ---- the deck -------------------------------------------------------------------------------- */

async function begin() {
  sheets.forEach((sheet, i) => { sheet.querySelector(".number").textContent = `${i + 1} / ${sheets.length}`; });
  if (printed) {
    fitAll();
    document.body.classList.add("printed");
    await Promise.all([...document.querySelectorAll("iframe")].map(fill));
  }
  await Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    controls: false,
    progress: true,
    hash: true,
    transition: "none",
    navigationMode: "linear", // a clicker and the arrows go through every slide
    pdfSeparateFragments: false,
    pdfMaxPagesPerSlide: 1,
    display: "block",
  });
  document.addEventListener("click", (event) => {
    const go = event.target.closest?.("[data-go]")?.dataset.go;
    if (go) Reveal[go]();
  });
  if (printed) Reveal.on("pdf-ready", fitAll);
  else fitAll();
  Reveal.addKeyBinding({ keyCode: 83, key: "S", description: "Notes" }, openNotes);
  Reveal.on("slidechanged", () => { fillNear(); showNotes(); });
  setInterval(showNotes, 10000);
  if (!printed) fillNear();
  document.body.classList.add("ready");
}

begin();
