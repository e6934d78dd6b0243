"""Costs to a lecturer: how long a lab takes to save, how large it is, and how quick a step.

    python benchmarks/slides.py [LAB ...] [--steps N]

Saves each lab as one HTML file and opens that in headless Chromium without a network. Ready: from
the navigation to the first animation frame with pictures. A step: from a slider's input event until
the page has drawn. Prints a Markdown report.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

from measuring import Parts, Target, machine, need, percentile, table, targets  # noqa: E402

need("playwright")

from seglab import _browser, device, lessons, save  # noqa: E402

LABS = ("08", "10")
READY = """
const look = () => {
  if (document.querySelector('.seglab-board')?.dataset.step !== undefined)
    window.ready = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
STEPS = """async (steps) => {
  const root = document.querySelector('.seglab-lab');
  const board = root.querySelector('.seglab-board');
  const taken = [];
  for (const knob of root.querySelectorAll('input[type=range]')) {
    const most = Number(knob.max);
    for (let i = 0; i < steps && most; i++) {
      const before = board.dataset.step, value = String((Number(knob.value) + 1) % (most + 1));
      const start = performance.now();
      knob.value = value;
      knob.dispatchEvent(new Event('input'));
      while (board.dataset.step === before && performance.now() - start < 2000)
        await new Promise((next) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = next;
          channel.port2.postMessage(0);
        });
      taken.push(performance.now() - start);
      await new Promise((next) => setTimeout(next, 100));
    }
  }
  return taken;
}"""


class Slide(NamedTuple):
    """The cost of a saved lab: seconds, megabytes, seconds, and milliseconds of every step."""

    stem: str
    export: float
    size: float
    ready: float
    steps: list[float]


def measure(browser: Any, number: str, folder: Path, steps: int) -> Slide:
    """Save one lab, open it, and move its sliders."""
    stem = lessons.stem(number)
    start = time.perf_counter()
    path = save(lessons.find(stem), folder / f"{stem}.html", progress=lambda done, total: None)
    export = time.perf_counter() - start
    opened = []
    for _ in range(5):
        context = browser.new_context(viewport={"width": 1200, "height": 800})
        page = context.new_page()
        page.add_init_script(READY)
        page.goto(path.as_uri())
        page.wait_for_function("() => window.ready")
        opened.append(page.evaluate("() => window.ready") / 1000)
        if len(opened) < 5:
            context.close()
    page.wait_for_timeout(500)
    taken = page.evaluate(STEPS, steps)
    context.close()
    return Slide(stem, export, path.stat().st_size / 1e6, statistics.median(opened), taken)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("labs", nargs="*", default=LABS)
    parser.add_argument("--steps", type=int, default=20, help="of each slider")
    options = parser.parse_args(arguments)
    device.share_cores()
    print("# Slides\n")
    print(machine() + "\n")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_browser.find(), args=["--no-sandbox", "--disable-gpu"]
        )
        found, parts = [], Parts()
        for lab in options.labs:
            with parts.part(f"lab {lab}"):
                found.append(measure(browser, lab, Path(folder), options.steps))
        browser.close()
    table(
        ["lab", "save, s", "MB", "ready, s", "step, ms: median", "p95"],
        (
            (s.stem, s.export, s.size, s.ready, statistics.median(s.steps), percentile(s.steps, 95))
            for s in found
        ),
    )
    targets(
        [
            one
            for s in found
            for one in (
                Target(f"{s.stem}: MB", s.size, "<=", 5),
                Target(f"{s.stem}: ready, s", s.ready, "<=", 0.5),
                Target(f"{s.stem}: median step, ms", statistics.median(s.steps), "<=", 16),
            )
        ]
    )
    parts.end()


if __name__ == "__main__":
    main()
