"""Times from the input event to the painted frame for that value, in JupyterLab.

    python benchmarks/live.py [--cores N] [--short | --labs]

A real JupyterLab with a real kernel in headless Chromium. A slider stands over three pictures of
256 x 256, drawn by seglab and by what one would use instead, one after the other in the same run;
the floor has all frames in the browser and asks no kernel. Prints a Markdown report.

The keyboard takes 60 steps and waits for each; the mouse drags for 5 seconds, 30 events a second.
A value counts as painted at the first animation frame that begins after its picture was drawn.
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
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

from measuring import (  # noqa: E402
    Parts,
    Target,
    machine,
    need,
    percentile,
    ratio,
    table,
    targets,
)

need("matplotlib", "playwright", "psutil", "websocket")

import chromium  # noqa: E402
import psutil  # noqa: E402
from browser import jupyter  # noqa: E402 # the tests' own hands
from ways import WAYS  # noqa: E402

from seglab import lessons  # noqa: E402

PATIENCE = 3000  # milliseconds in which a value must be painted

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
  const look = () => {
    const found = see();
    if (found !== undefined && found !== shown) bench.paints.push([performance.now(), found]);
    shown = found ?? shown;
    requestAnimationFrame(look);
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


FIRST = """() => new Promise((done) => {
  const look = () => (window.bench.paints.length ? setTimeout(done, 500) : setTimeout(look, 50));
  look();
})"""

PLACES = """() => ['.noUi-handle', '.noUi-target'].map((part) => {
  const found = document.querySelector('.bench-slider ' + part);
  const {x, y, width, height} = found.getBoundingClientRect();
  return {x, y, width, height};
})"""

COUNT = """
  window.traffic = {messages: 0, bytes: 0};
  const count = (data) => {
    window.traffic.messages += 1;
    window.traffic.bytes += data.byteLength ?? data.length;
  };
  const {send} = WebSocket.prototype;
  WebSocket.prototype.send = function (data) { count(data); return send.call(this, data); };
  const {set} = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');
  Object.defineProperty(WebSocket.prototype, 'onmessage', {
    set(hear) { set.call(this, (event) => { count(event.data); hear(event); }); },
  });
"""

RANGES = """() => [...document.querySelectorAll('.seglab-lab .noUi-handle')]
  .map((handle) => Math.round(Number(handle.getAttribute('aria-valuemax'))))"""

KEY = """([index, key]) => {
  document.querySelectorAll('.seglab-lab .noUi-handle')[index].dispatchEvent(
    new KeyboardEvent('keydown', {key, code: key, bubbles: true, cancelable: true}));
}"""

LESSON_STEP = """([index, key, patience]) => new Promise((done) => {
  const board = document.querySelector('.seglab-board');
  const step = board.dataset.step, start = performance.now();
  (KEY)([index, key]);
  const look = () => {
    const now = performance.now();
    if (board.dataset.step !== step) setTimeout(() => done(now - start), 150);
    else if (now - start > patience) done(null);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})""".replace("KEY", KEY)


LESSONS = ("08", "09", "10", "12")
KEYBOARD = ("median", "p95", "lost", "messages", "kB")
MOUSE = ("events/s", "painted/s", "skipped", "stale", "last value after, ms", "lag grew by, ms")
CHILDREN = {"ipykernel": "kernel", "jupyterlab": "server", "chrom": "browser"}


def processes() -> dict[str, list[psutil.Process]]:
    """The kernel, the server and the browser, which are this process's children."""
    found: dict[str, list[psutil.Process]] = {kind: [] for kind in CHILDREN.values()}
    for process in psutil.Process().children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        kind = next((kind for word, kind in CHILDREN.items() if word in line), None)
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


@contextmanager
def opened(server: jupyter.Server, cells: list[str]) -> Iterator[chromium.Page]:
    """The page of a notebook with these cells, run, in a browser of its own."""
    with chromium.started() as browser:
        with browser.watched() as page:
            page.set_viewport_size(dict(zip(("width", "height"), chromium.SIZE, strict=True)))
            page.add_init_script(COUNT)
            notebook = jupyter.JupyterLab(page, server).open(cells)
            notebook.run_all()
            page.wait_for_selector(".seglab-board[data-step], .bench-slider .noUi-handle")
            page.wait_for_timeout(500)
            address = page.url
        bare = browser.alone(address)
        yield bare
        bare.evaluate("() => jupyterapp.serviceManager.sessions.shutdownAll()")


def watch(page: chromium.Page, read: str) -> None:
    """Note from now on when the slider is moved, and when its value is painted."""
    page.evaluate(WATCH, read)
    page.evaluate(FIRST)
    page.evaluate("() => document.querySelector('.bench-slider .noUi-handle').focus()")


def keyboard(page: chromium.Page, steps: int) -> dict[str, Any]:
    """Steps of one value each, every one awaited."""
    for _ in range(3):  # the first steps compile and import
        page.press("ArrowRight")
        time.sleep(0.4)
    traffic, used = page.evaluate("() => ({...window.traffic})"), busy()
    took = []
    for _ in range(steps):
        before = page.evaluate("() => window.bench.events.length")
        page.press("ArrowRight")
        took.append(page.evaluate(STEP, [before, PATIENCE, 100]))
    after, now = busy(), page.evaluate("() => ({...window.traffic})")
    seen = [t for t in took if t is not None] or [float(PATIENCE)]
    return {
        "lost": took.count(None),
        "median": statistics.median(seen),
        "p95": percentile(seen, 95),
        "messages": (now["messages"] - traffic["messages"]) / steps,
        "kB": (now["bytes"] - traffic["bytes"]) / steps / 1000,
        "cpu": {kind: 1000 * (after[kind] - used[kind]) / steps for kind in used},
    }


def mouse(page: chromium.Page, seconds: float, rate: float = 30) -> dict[str, Any]:
    """A drag over the whole slider at a steady rate."""
    page.press("Home")
    time.sleep(2)
    handle, track = page.evaluate(PLACES)
    y = handle["y"] + handle["height"] / 2
    x = handle["x"] + handle["width"] / 2
    page.mouse("mouseMoved", x, y, pressed=False)
    page.mouse("mousePressed", x, y, pressed=True)
    page.evaluate("() => { window.bench.events.length = window.bench.paints.length = 0 }")
    start, moves = time.monotonic(), int(seconds * rate)
    for i in range(1, moves + 1):
        x = track["x"] + track["width"] * i / moves
        page.mouse("mouseMoved", x, y, pressed=True)
        time.sleep(max(0.0, start + i / rate - time.monotonic()))
    page.mouse("mouseReleased", x, y, pressed=True)
    time.sleep(PATIENCE / 1000)
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
        "events/s": len(wanted) / ((ended - began) / 1000),
        "painted/s": len(during) / ((ended - began) / 1000),
        "skipped": f"{len(set(wanted) - {value for _, value in paints})} of {len(wanted)}",
        "stale": None if arrived is None else len(paints) - 1 - arrived,
        "last value after, ms": None if arrived is None else paints[arrived][0] - ended,
        "lag grew by, ms": statistics.median(late) - statistics.median(early)
        if early and late
        else None,
    }


def lesson(page: chromium.Page) -> list[float]:
    """Milliseconds of the steps over all sliders of a lab, there and back."""
    took: list[float | None] = []
    for index, most in enumerate(page.evaluate(RANGES)):
        page.evaluate(KEY, [index, "Home"])
        time.sleep(1.5)
        for key in ["ArrowRight"] * most + ["ArrowLeft"] * most:
            took.append(page.evaluate(LESSON_STEP, [index, key, PATIENCE]))
    return [t for t in took if t is not None]


def report(results: dict[str, tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """The two tables, and the targets as ratios of one run."""
    print("## Keyboard: one step, milliseconds from key to painted picture\n")
    spent = CHILDREN.values()
    table(
        ["way", *KEYBOARD, *(f"{kind} ms" for kind in spent)],
        (
            [name, *(keys[what] for what in KEYBOARD), *(keys["cpu"][kind] for kind in spent)]
            for name, (keys, _) in results.items()
        ),
    )
    print("\n## Mouse: 30 events a second for 5 seconds\n")
    table(
        ["way", *MOUSE],
        ([name, *(drag[what] for what in MOUSE)] for name, (_, drag) in results.items()),
    )
    floor, warm, cold, slow = (
        results[name][0] if name in results else {"median": None, "p95": None}
        for name in (WAYS[0].name, "seglab, warm", "seglab, cold", "interact + matplotlib")
    )
    drag = results["seglab, warm"][1] if "seglab, warm" in results else dict.fromkeys(MOUSE)
    targets(
        [
            Target("warm median : floor", ratio(warm["median"], floor["median"]), "<=", 1.3),
            Target("warm p95 : floor p95", ratio(warm["p95"], floor["p95"]), "<=", 2),
            Target("cold median : floor", ratio(cold["median"], floor["median"]), "<=", 2.5),
            Target("interact + matplotlib : cold", ratio(slow["median"], cold["median"]), ">=", 6),
            Target("interact + matplotlib : warm", ratio(slow["median"], warm["median"]), ">=", 10),
            Target("painted a second in the drag", drag["painted/s"], ">=", 28),
            Target("stale frames after the last", drag["stale"], "<=", 0),
            Target("lag grew by, ms (a frame has 17)", drag["lag grew by, ms"], "<=", 17),
        ]
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cores", type=int, help="run everything on so many cores")
    parser.add_argument("--short", action="store_true", help="20 steps and 2 seconds; no labs")
    parser.add_argument("--labs", action="store_true", help="the real labs only")
    options = parser.parse_args()
    if options.cores:
        os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: options.cores]))
    steps, seconds = (20, 2.0) if options.short else (60, 5.0)
    print("# Live steps\n")
    print(machine() + "\n")
    results = {}
    took: dict[str, list[float]] = {}
    parts = Parts()
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter.serve(Path(folder), threads=None) as server,
    ):
        for way in () if options.labs else WAYS:
            with parts.part(way.name), opened(server, way.cells) as page:
                watch(page, way.read)
                keys = keyboard(page, steps)
                results[way.name] = keys, mouse(page, seconds)
                print(f"measured: {way.name}", file=sys.stderr)
        for number in () if options.short else LESSONS:
            name = lessons.stem(number)
            cells = [f"from seglab import lessons, show\nshow(lessons.find({name!r}))"]
            with parts.part(name), opened(server, cells) as page:
                took[number] = lesson(page)
    if results:
        report(results)
    if took:
        print("\n## Real labs: every step of every slider, there and back, milliseconds\n")
        table(
            ["lab", "steps", "median", "p95"],
            (
                [lab, str(len(each)), statistics.median(each), percentile(each, 95)]
                for lab, each in took.items()
            ),
        )
        targets(
            [
                Target(f"lab {lab}, p95", percentile(each, 95), "<=", 100)
                for lab, each in took.items()
            ]
        )
    parts.end()


if __name__ == "__main__":
    main()
