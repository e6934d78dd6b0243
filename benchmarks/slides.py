"""Costs to a lecturer: how long a lab takes to save, how large it is, and how quick a step.

    python benchmarks/slides.py [LAB ...] [--steps N]

Saves each lab as one HTML file and opens that in headless Chromium without a network. Ready: from
the navigation to the first animation frame with pictures. A step: from a slider's input event until
the page has drawn. Prints a Markdown report.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

import saved  # noqa: E402
from measuring import Target, machine, need, percentile, table, targets  # noqa: E402

need("playwright")

from seglab import device, lessons, save  # noqa: E402

LABS = ("08", "10")
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
        await soon();
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
    page, seconds = saved.opened(browser, path, 5)
    page.wait_for_timeout(500)
    taken = page.evaluate(STEPS, steps)
    page.context.close()
    return Slide(stem, export, path.stat().st_size / 1e6, statistics.median(seconds), taken)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("labs", nargs="*", default=LABS)
    parser.add_argument("--steps", type=int, default=20, help="of each slider")
    options = parser.parse_args(arguments)
    device.share_cores()
    print("# Slides\n")
    print(machine() + "\n")
    found, parts = saved.each(options.labs, partial(measure, steps=options.steps))
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
