/* A part of board.js: the board in a notebook, and a student's own file. */

/* ---- a student's own file --------------------------------------------------------------------- */

const LONGEST = 512; // pixels; no lab looks at more
const LARGEST = 8 * 2 ** 20; // bytes; the websocket takes 10 MB

/**
 * A picture file as bytes that are small enough to send: shrunk to a PNG where the browser can
 * decode it, else as it is. Throws, in one sentence, for what is too large to send.
 */
export async function readPhoto(file) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) {
    if (file.size <= LARGEST) return new Uint8Array(await file.arrayBuffer());
    const size = (file.size / 2 ** 20).toFixed(0);
    throw new Error(
      `${file.name} has ${size} MB and this browser cannot read it: save it as JPEG or PNG first.`,
    );
  }
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return new Uint8Array(await blob.arrayBuffer());
}

/* ---- in the notebook ---------------------------------------------------------------------------- */

async function send(model, file) {
  try {
    const data = await readPhoto(file);
    model.send({ kind: "file", name: file.name }, undefined, [data.buffer]);
  } catch (error) {
    model.send({ kind: "refused", text: error.message });
  }
}

/** ipywidgets gives a slider's handle neither a name nor the text of its value. */
function nameSliders(el) {
  const lab = el.closest(".seglab-lab");
  for (const row of lab ? lab.querySelectorAll(".widget-slider") : []) {
    const [label, value] = [".widget-label", ".widget-readout"].map((part) => row.querySelector(part));
    for (const handle of row.querySelectorAll("[role=slider]")) {
      if (label) handle.setAttribute("aria-label", label.textContent);
      if (value) handle.setAttribute("aria-valuetext", value.textContent);
    }
  }
}

function renderBoard({ model, el }, screen) {
  const board = createBoard(el, {
    onPixel(at) {
      model.set("pixel", [...at, Date.now()]); // so that the same place can be clicked again
      model.save_changes(); // sends the latest only, one at a time
    },
    onFile: (file) => send(model, file),
  });
  const view = {
    ...board,
    draw(frame) {
      board.draw(frame);
      nameSliders(el);
    },
  };
  model.on("change:notice", () => board.showNotice(model.get("notice")));
  model.on("change:progress", () => board.showProgress(model.get("progress")));
  model.on("change:pixel", () => board.mark(model.get("pixel")));
  screen.add(view);
  board.showNotice(model.get("notice"));
  const named = setTimeout(() => nameSliders(el), 300); // when its neighbours are there too
  return () => {
    clearTimeout(named);
    screen.remove(view);
    board.remove();
  };
}

function renderUpload({ model, el }) {
  const button = make("button", "seglab-upload jupyter-button", "Your own…");
  const input = make("input");
  button.type = "button";
  button.title = "Use a picture of your own; it stays on this computer and its Jupyter server";
  input.type = "file";
  input.accept = "image/*";
  input.hidden = true;
  input.setAttribute("aria-label", "A picture of your own");
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    button.disabled = true;
    await send(model, file);
    button.disabled = false;
    input.value = ""; // so that the same file can be chosen again
  });
  el.append(button, input);
}

/** One of these for each model; its views share what they have been sent. */
export default () => {
  let screen = null;
  return {
    initialize({ model }) {
      if (model.get("kind") === "upload") return undefined;
      screen = createScreen(model);
      return screen.stop;
    },
    render: (context) => (screen ? renderBoard(context, screen) : renderUpload(context)),
  };
};
