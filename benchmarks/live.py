"""What a hand feels: from the input event to the painted frame for that value, in JupyterLab.

    python benchmarks/live.py [--cores N] [--short]

A real JupyterLab with a real kernel in headless Chromium. A slider stands over three pictures of
256 x 256, drawn by seglab and by what one would use instead, one after the other in the same run;
the floor has all frames in the browser and asks no kernel. Prints a Markdown report.

The keyboard takes 60 steps and waits for each; the mouse drags for 5 seconds, 30 events a second.
A value counts as painted at the first animation frame that begins after its picture was drawn. Each
picture carries its value in its first pixels, so that it is read and not believed.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser import jupyter  # noqa: E402 # the tests' own hands

VALUES = 160  # each of the mouse's events goes to a new one
PATIENCE = 3000  # milliseconds in which a value must be painted

COMMON = f"""
import warnings; warnings.filterwarnings("ignore")
import numpy as np, ipywidgets as w
def planes(i):
    '''Three pictures whose first pixels are i.'''
    found = [np.roll(base, i, axis) for base, axis in BASES]
    for plane in found:
        plane[:16, :16] = i
    return found
VALUES = {VALUES}
y, x = np.mgrid[:256, :256]
BASES = [((x ^ y).astype(np.uint8), 0), (((x + y) // 2).astype(np.uint8), 1),
         ((x * y // 256).astype(np.uint8), 0)]
def slider():
    made = w.IntSlider(0, 0, {VALUES - 1}, description="value", layout={{"width": "100%"}})
    made.add_class("bench-slider")
    return made
"""

SEGLAB = """
import torch
from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab
def pictures(value):
    return [torch.from_numpy(plane.astype(np.float32)) for plane in planes(value)]
def pane(n):
    return lambda pictures: paint.scalar(pictures[n], low=0, high=254, palette="gray")
LAB = Lab(title="bench", controls={"value": Choice(*range(VALUES))}, stages=(pictures,),
          panes={name: pane(n) for n, name in enumerate("abc")})
lab = show(LAB)
lab.controls["value"].layout.width = "100%"
lab.controls["value"].add_class("bench-slider")
lab
"""

COLD = """
import seglab.live.lab
seglab.live.lab._CHEAP = -1  # nothing is sent ahead
"""

INTERACT = """
%matplotlib inline
%config InlineBackend.print_figure_kwargs = {"bbox_inches": None}
import matplotlib.pyplot as plt
def draw(value):
    figure, axes = plt.subplots(1, 3, figsize=(7.68, 2.56), dpi=100)
    figure.subplots_adjust(0, 0, 1, 1, 0, 0)
    for axis, plane in zip(axes, planes(value)):
        axis.imshow(plane, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        axis.axis("off")
    plt.show()
w.interact(draw, value=slider())
"""

IMAGE = """
import io
from PIL import Image
shown = [w.Image(format="png", layout={"width": "256px"}) for _ in range(3)]
for one in shown:
    one.add_class("bench-image")
def draw(change):
    for one, plane in zip(shown, planes(change.new)):
        file = io.BytesIO()
        Image.fromarray(plane).save(file, "png", compress_level=1)
        one.value = file.getvalue()
moving = slider()
moving.observe(draw, "value")
class Start: new = 0
draw(Start)
w.VBox([moving, w.HBox(shown)])
"""

PLOTLY = """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = go.FigureWidget(make_subplots(1, 3))
for n, plane in enumerate(planes(0)):
    figure.add_trace(go.Heatmap(z=plane, zmin=0, zmax=255, showscale=False), 1, n + 1)
figure.update_layout(width=900, height=320)
def draw(change):
    with figure.batch_update():
        for trace, plane in zip(figure.data, planes(change.new)):
            trace.z = plane
moving = slider()
moving.observe(draw, "value")
w.VBox([moving, figure])
"""

FLOOR = """
import anywidget, traitlets
class Floor(anywidget.AnyWidget):
    _esm = '''
    export default { async render({ model, el }) {
      const { buffer, byteOffset, byteLength } = model.get("frames");
      const all = new Uint8Array(buffer, byteOffset, byteLength);
      const slider = await model.widget_manager.get_model(model.get("slider"));
      const canvases = [0, 1, 2].map(() => {
        const canvas = document.createElement("canvas");
        canvas.width = canvas.height = 256;
        canvas.className = "bench-canvas";
        el.append(canvas);
        return canvas;
      });
      const colours = Uint32Array.from({ length: 256 }, (_, i) => (255 << 24) | (i * 65793));
      const draw = () => canvases.forEach((canvas, n) => {
        const image = new ImageData(256, 256);
        const out = new Uint32Array(image.data.buffer);
        const from = (3 * slider.get("value") + n) * 65536;
        for (let i = 0; i < 65536; i++) out[i] = colours[all[from + i]];
        canvas.getContext("2d").putImageData(image, 0, 0);
      });
      slider.on("change:value", draw);
      draw();
    } };
    '''
    frames = traitlets.Bytes().tag(sync=True)
    slider = traitlets.Unicode().tag(sync=True)
moving = slider()
every = b"".join(plane.tobytes() for i in range(VALUES) for plane in planes(i))
w.VBox([moving, Floor(frames=every, slider=moving.model_id)])
"""

# What the picture says its value is; undefined while there is none.
CANVAS = "document.querySelector('%s')?.getContext('2d').getImageData(4, 4, 1, 1).data[0]"
# The gray palette has 255 colours for 0 to 255.
READ_BOARD = f"() => Math.round({CANVAS % 'canvas.seglab-plane'} * 254 / 255)"
READ_FLOOR = "() => " + CANVAS % "canvas.bench-canvas"
READ_IMAGE = """() => {
  const all = [...document.querySelectorAll('%s')];
  const image = all.at(-1);
  if (!image?.complete || !image.naturalWidth) return undefined;
  if (image !== window.seen?.image || image.src !== window.seen.src) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0, 8, 8, 0, 0, 8, 8);
    window.seen = {image, src: image.src, value: context.getImageData(5, 5, 1, 1).data[0]};
  }
  return window.seen.value;
}"""
READ_PLOTLY = """() => {
  const plot = document.querySelector('.js-plotly-plot');
  if (plot && !plot.bench && plot.on) {
    plot.bench = true;
    const note = () => {
      const z = plot._fullData.at(-1).z;
      window.seenPlot = z?.[0]?.[0] ?? z?.[0] ?? z?._inputArray?.[0];
    };
    note();
    plot.on('plotly_afterplot', note);
  }
  return window.seenPlot;
}"""

WATCH = """(read) => {
  const see = eval(read);
  const handle = document.querySelector('.bench-slider .noUi-handle');
  const bench = window.bench = {events: [], paints: [], at: 0};
  for (const kind of ['keydown', 'pointermove', 'mousemove'])
    window.addEventListener(kind, (event) => { bench.at = event.timeStamp; }, true);
  const value = () => Math.round(Number(handle.getAttribute('aria-valuenow')));
  let last = value();
  new MutationObserver(() => {
    if (value() === last) return;
    last = value();
    bench.events.push([bench.at, last]);
  }).observe(handle, {attributes: true, attributeFilter: ['aria-valuenow']});
  let shown;
  const look = (now) => {
    const found = see();
    if (found !== undefined && found !== shown) bench.paints.push([performance.now(), found]);
    shown = found ?? shown;
    bench.frame = requestAnimationFrame(look);
  };
  look();
}"""

STEP = """([before, patience, rest]) => new Promise((done) => {
  const {events, paints} = window.bench;
  const start = performance.now();
  const look = () => {
    const event = events[before];
    const hit = event && paints.find(([at, value]) => value === event[1] && at >= event[0]);
    if (hit) setTimeout(() => done(hit[0] - event[0]), rest);
    else if (performance.now() - start > patience) done(null);
    else setTimeout(look, 4);
  };
  look();
})"""


class Way(NamedTuple):
    """One way to show the pictures: its cells, and how its value is read."""

    name: str
    cells: list[str]
    read: str


WAYS = [
    Way("floor: all frames in the browser", [COMMON, FLOOR], READ_FLOOR),
    Way("seglab, warm", [COMMON, SEGLAB], READ_BOARD),
    Way("seglab, cold", [COMMON, SEGLAB, COLD], READ_BOARD),
    Way("ipywidgets.Image", [COMMON, IMAGE], READ_IMAGE % ".bench-image"),
    Way("Plotly FigureWidget", [COMMON, PLOTLY], READ_PLOTLY),
    Way("interact + matplotlib", [COMMON, INTERACT], READ_IMAGE % ".jp-OutputArea img"),
]
LESSONS = ("08", "09", "10", "12")


class Traffic:
    """Messages and bytes over the page's websockets, both ways."""

    def __init__(self, page: Any) -> None:
        self.messages = self.bytes = 0
        page.on("websocket", self._opened)

    def _opened(self, socket: Any) -> None:
        socket.on("framereceived", self._count)
        socket.on("framesent", self._count)

    def _count(self, payload: Any) -> None:
        self.messages += 1
        self.bytes += len(payload)


def processes() -> dict[str, list[psutil.Process]]:
    """The kernel, the server and the browser, which are this process's children."""
    found: dict[str, list[psutil.Process]] = {"kernel": [], "server": [], "browser": []}
    for process in psutil.Process().children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        kinds = {"ipykernel": "kernel", "jupyterlab": "server", "chrom": "browser"}
        kind = next((k for word, k in kinds.items() if word in line), None)
        if kind:
            found[kind].append(process)
    return found


def busy() -> dict[str, float]:
    """Seconds of processor time that each has used."""
    total = {}
    for kind, group in processes().items():
        total[kind] = 0.0
        for process in group:
            try:
                times = process.cpu_times()
            except psutil.Error:
                continue
            total[kind] += times.user + times.system
    return total


def quantile(values: list[float], share: float) -> float:
    """The nearest-rank quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


@contextmanager
def opened(lab: Any, way: Way) -> Iterator[Any]:
    """A notebook with this way in it, run and watched."""
    notebook = lab.open(way.cells)
    try:
        notebook.run_all()
        notebook.page.wait_for_selector(".bench-slider .noUi-handle")
        notebook.page.evaluate(WATCH, way.read)
        notebook.page.wait_for_function(
            "() => window.bench.paints.length", timeout=60_000, polling=50
        )
        notebook.page.wait_for_timeout(500)
        yield notebook
    finally:
        notebook.page.evaluate("() => cancelAnimationFrame(window.bench?.frame)")
        notebook.close()


def keyboard(notebook: Any, traffic: Traffic, steps: int) -> dict[str, Any]:
    """Steps of one value each, every one awaited."""
    handle = notebook.page.locator(".bench-slider .noUi-handle").first
    handle.focus()
    for _ in range(3):  # the first steps compile and import
        handle.press("ArrowRight")
        notebook.page.wait_for_timeout(400)
    messages, size, used = traffic.messages, traffic.bytes, busy()
    took = []
    for _ in range(steps):
        before = notebook.page.evaluate("() => window.bench.events.length")
        handle.press("ArrowRight")
        took.append(notebook.page.evaluate(STEP, [before, PATIENCE, 100]))
    after = busy()
    seen = [t for t in took if t is not None] or [float(PATIENCE)]
    return {
        "steps": steps,
        "lost": took.count(None),
        "median": statistics.median(seen),
        "p95": quantile(seen, 0.95),
        "messages": (traffic.messages - messages) / steps,
        "bytes": (traffic.bytes - size) / steps,
        "cpu": {kind: 1000 * (after[kind] - used[kind]) / steps for kind in used},
    }


def mouse(notebook: Any, seconds: float, rate: float = 30) -> dict[str, Any]:
    """A drag over the whole slider at a steady rate."""
    page = notebook.page
    handle = page.locator(".bench-slider .noUi-handle").first
    handle.press("Home")
    page.wait_for_timeout(2000)
    box = handle.bounding_box()
    track = page.locator(".bench-slider .noUi-target").first.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.evaluate("() => { window.bench.events.length = window.bench.paints.length = 0 }")
    start, moves = time.monotonic(), int(seconds * rate)
    for i in range(1, moves + 1):
        page.mouse.move(track["x"] + track["width"] * i / moves, y)
        time.sleep(max(0.0, start + i / rate - time.monotonic()))
    page.mouse.up()
    page.wait_for_timeout(PATIENCE)
    events, paints = page.evaluate("() => [window.bench.events, window.bench.paints]")
    began, ended = events[0][0], events[-1][0]
    wanted = {value: at for at, value in events}
    lags = [(at, at - wanted[value]) for at, value in paints if value in wanted]
    third = (ended - began) / 3
    early = [lag for at, lag in lags if at < began + third]
    late = [lag for at, lag in lags if began + 2 * third < at <= ended]
    last = events[-1][1]
    arrived = next((i for i, (_, value) in enumerate(paints) if value == last), None)
    during = {value for at, value in paints if at <= ended + 50}
    return {
        "events": len(wanted) / ((ended - began) / 1000),
        "fps": len(during) / ((ended - began) / 1000),
        "skipped": len(set(wanted) - {value for _, value in paints}),
        "of": len(wanted),
        "stale": None if arrived is None else len(paints) - 1 - arrived,
        "last lag": None if arrived is None else paints[arrived][0] - ended,
        "growth": statistics.median(late) - statistics.median(early) if early and late else None,
    }


def lesson(lab: Any, stem: str) -> list[float]:
    """Milliseconds of the steps over all sliders of a lab's notebook, there and back."""
    from seglab import lessons

    name = lessons.stem(stem)
    notebook = lab.open([f"from seglab import lessons, show\nshow(lessons.find({name!r}))"])
    took: list[float] = []
    try:
        notebook.run_all()
        notebook.page.wait_for_selector(".seglab-board[data-step]")
        notebook.page.evaluate(
            WATCH.replace("'.bench-slider .noUi-handle'", "'.seglab-lab .noUi-handle'"),
            "() => document.querySelector('.seglab-board').dataset.step",
        )
        handles = notebook.page.locator(".seglab-lab .noUi-handle").all()
        for handle in handles:
            most = round(float(handle.get_attribute("aria-valuemax") or 0))
            handle.press("Home")
            notebook.page.wait_for_timeout(1500)
            for key in ["ArrowRight"] * most + ["ArrowLeft"] * most:
                found = notebook.page.evaluate(
                    """([index, key, patience]) => new Promise((done) => {
                      const handle = document.querySelectorAll('.seglab-lab .noUi-handle')[index];
                      const board = document.querySelector('.seglab-board');
                      const step = board.dataset.step, start = performance.now();
                      handle.dispatchEvent(new KeyboardEvent('keydown',
                        {key, code: key, bubbles: true, cancelable: true}));
                      const look = () => {
                        const now = performance.now();
                        if (board.dataset.step !== step) setTimeout(() => done(now - start), 150);
                        else if (now - start > patience) done(null);
                        else requestAnimationFrame(look);
                      };
                      requestAnimationFrame(look);
                    })""",
                    [handles.index(handle), key, PATIENCE],
                )
                if found is not None:
                    took.append(found)
    finally:
        notebook.close()
    return took


def number(value: float | None, digits: int = 0) -> str:
    """A number for the table."""
    return "–" if value is None else f"{value:.{digits}f}"


def report(results: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """The two tables, and the targets as ratios of one run."""
    print("## Keyboard: one step, milliseconds from key to painted picture\n")
    print("| way | median | p95 | lost | messages | kB | kernel ms | server ms | browser ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (keys, _) in results.items():
        cpu = " | ".join(number(keys["cpu"][kind]) for kind in ("kernel", "server", "browser"))
        print(
            f"| {name} | {keys['median']:.0f} | {keys['p95']:.0f} | {keys['lost']} | "
            f"{keys['messages']:.1f} | {keys['bytes'] / 1000:.0f} | {cpu} |"
        )
    print("\n## Mouse: 30 events a second for 5 seconds\n")
    print(
        "| way | events/s | painted/s | skipped | stale | last value after, ms | lag grew by, ms |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, (_, drag) in results.items():
        print(
            f"| {name} | {drag['events']:.1f} | {drag['fps']:.1f} | "
            f"{drag['skipped']} of {drag['of']} | {number(drag['stale'])} | "
            f"{number(drag['last lag'])} | {number(drag['growth'])} |"
        )
    floor, warm, cold, slow = (
        results[name][0]
        for name in (WAYS[0].name, WAYS[1].name, WAYS[2].name, "interact + matplotlib")
    )
    drag = results[WAYS[1].name][1]
    rows = [
        ("warm median : floor", warm["median"] / floor["median"], "<=", 1.3),
        ("warm p95 : floor p95", warm["p95"] / floor["p95"], "<=", 2.0),
        ("cold median : floor", cold["median"] / floor["median"], "<=", 2.5),
        ("interact + matplotlib : cold", slow["median"] / cold["median"], ">=", 6.0),
        ("interact + matplotlib : warm", slow["median"] / warm["median"], ">=", 10.0),
        ("painted a second in the drag", drag["fps"], ">=", 28.0),
        ("stale frames after the last", drag["stale"], "<=", 0.0),
        ("lag grew by, ms (a frame has 17)", drag["growth"], "<=", 17.0),
    ]
    print("\n## Targets\n\n| what | measured | target | |\n|---|---|---|---|")
    for what, value, sign, target in rows:
        held = value is not None and (value <= target if sign == "<=" else value >= target)
        print(
            f"| {what} | {number(value, 2)} | {sign} {target:g} | {'held' if held else 'MISSED'} |"
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cores", type=int, help="run everything on so many cores")
    parser.add_argument("--short", action="store_true", help="20 steps and 2 seconds; no lessons")
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: options.cores]))
    steps, seconds = (20, 2.0) if options.short else (60, 5.0)
    print("# Live steps\n")
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} at the start.\n")
    results = {}
    lessons_took: dict[str, list[float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter.serve(Path(folder)) as server,
        jupyter.browse(server) as lab,
    ):
        traffic = Traffic(lab.page)
        for way in WAYS:
            with opened(lab, way) as notebook:
                keys = keyboard(notebook, traffic, steps)
                results[way.name] = keys, mouse(notebook, seconds)
                print(f"measured: {way.name}", file=sys.stderr)
        for stem in () if options.short else LESSONS:
            try:
                lessons_took[stem] = lesson(lab, stem)
            except ValueError:
                continue  # no such lab
    report(results)
    if lessons_took:
        print("\n## Real labs: every step of every slider, there and back, milliseconds\n")
        print("| lab | steps | median | p95 | target: p95 <= 100 |\n|---|---|---|---|---|")
        for stem, took in lessons_took.items():
            p95 = quantile(took, 0.95)
            held = "held" if p95 <= 100 else "MISSED"
            print(f"| {stem} | {len(took)} | {statistics.median(took):.0f} | {p95:.0f} | {held} |")


if __name__ == "__main__":
    main()
