/* A part of board.js: the frames that a notebook's board has been sent. */

const MOST = 64 * 2 ** 20; // bytes of planes; the kernel believes in half as many (memory.py)

const sizeOf = (panes) =>
  panes.reduce((sum, pane) => sum + (pane.plane?.byteLength ?? 0) + sizeOf(pane.parts ?? []), 0);

/** Frames by the place of the controls, the longest unused forgotten first. */
export function createMemory(most = MOST) {
  const frames = new Map();
  let [size, era] = [0, 0];

  function drop(key) {
    const old = frames.get(key);
    if (old) size -= sizeOf(old.panes);
    frames.delete(key);
  }

  return {
    put(frame) {
      if (!frame.at) return;
      if (frame.era !== era) {
        frames.clear(); // a stage has changed: nothing older holds
        [size, era] = [0, frame.era];
      }
      const key = JSON.stringify(frame.at);
      drop(key);
      frames.set(key, frame);
      size += sizeOf(frame.panes);
      for (const oldest of frames.keys()) {
        if (size <= most || frames.size === 1) break;
        drop(oldest);
      }
    },
    get(key) {
      const frame = frames.get(key);
      if (!frame) return null;
      frames.delete(key);
      frames.set(key, frame);
      return frame;
    },
    get size() { return size; },
  };
}

/**
 * What the boards of one model show. A control that moves to a place whose frame is here is
 * answered at once; what the kernel sends is drawn unless the hand is further already.
 */
function createScreen(model) {
  const memory = createMemory();
  const boards = new Set();
  const controls = []; // [model, attribute], in the order of a frame's place
  let [shown, latest] = [null, null]; // what is drawn, and what the kernel has sent to be drawn

  const keyOf = (frame) => (frame.at ? JSON.stringify(frame.at) : "");

  /** Where the controls stand here; empty where that cannot be seen. */
  const here = () =>
    controls.length ? JSON.stringify(controls.map(([control, name]) => control.get(name))) : "";

  function show(frame) {
    shown = frame;
    for (const board of boards) board.draw(frame);
  }

  /**
   * A frame with all its panes; what is the same in its base comes from there, be it a pane or all
   * of it but some entries, and a frame without panes is one that was sent before. Null where that
   * is not remembered here.
   */
  function whole(frame) {
    if (!frame.panes) return memory.get(keyOf(frame));
    if (frame.base) {
      const base = memory.get(JSON.stringify(frame.base));
      const panes = new Map(base?.panes.map((pane) => [pane.name, pane]));
      const merged = (short, before) =>
        before && Object.keys(short).length > 1 ? { ...before, ...short } : before;
      const all = frame.panes.map((pane) => (pane.kind ? pane : merged(pane, panes.get(pane.name))));
      if (!all.every(Boolean)) return null;
      frame = { ...frame, base: undefined, panes: all };
    }
    memory.put(frame);
    return frame;
  }

  function receive() {
    const told = model.get("frame");
    const frame = whole(told);
    if (!frame) {
      model.send({ kind: "missing", at: told.at });
      return;
    }
    latest = frame;
    const now = here();
    if (shown && now && keyOf(shown) === now && keyOf(frame) !== now) return;
    if (frame !== shown) show(frame);
  }

  function predict(control) {
    // Moved by the kernel, which sends the frame too; for a hand in another window, before this.
    const byHand = !control._state_lock;
    if (!byHand && (!latest || keyOf(latest) !== here())) return;
    const frame = byHand ? memory.get(here()) : latest;
    if (!frame || frame === shown) return;
    for (const board of boards) board.showNotice(null);
    show(frame);
  }

  async function watch() {
    const found = await Promise.all(
      (model.get("sources") ?? []).map(async ([id, name]) => [await model.widget_manager.get_model(id), name]),
    );
    for (const [control, name] of found) {
      const moved = () => predict(control);
      control.on(`change:${name}`, moved);
      controls.push([control, name]);
      stops.push(() => control.off(`change:${name}`, moved));
    }
  }

  function hear(content, buffers) {
    if (content.kind !== "ahead") return;
    const { frame } = content;
    let i = 0;
    const fill = (pane) => {
      if (!pane.kind) return;
      [pane.plane, pane.palette] = [bytes(buffers[i]), bytes(buffers[i + 1])];
      i += 2;
      pane.parts.forEach(fill);
    };
    frame.panes.forEach(fill);
    whole(frame);
  }

  const stops = [];
  model.on("change:frame", receive);
  model.on("msg:custom", hear);
  if (model.get("frame").panes) whole(model.get("frame"));
  watch().catch(() => {}); // without its controls the board still follows the kernel

  return {
    /** Show what there is on one more board. */
    add(board) {
      boards.add(board);
      if (shown) board.draw(shown);
      else receive();
    },
    remove: (board) => boards.delete(board),
    stop: () => stops.forEach((stop) => stop()),
  };
}
