"""Costs of a page that computes: its size, its first answer, and a step on a picture of one's own.

    python benchmarks/web.py [LAB ...] [--steps N]

Saves each lab with live=True and opens it in headless Chromium without a network. Poster: from the
navigation to the first paint, of the still picture that a page opens with. First picture: to the
first frame with pictures that answer. First answer: from the choice of a picture file to its panes.
A step: from a new state to its drawn panes, first where a graph is met for the first time, then on
another picture, of which nothing is known. Beside it the same states of the same picture in a
notebook, on one thread, of which nothing is known either: what its kernel computes until a frame
can go out, and what a student waits for, from the key to the panes that JupyterLab has drawn.
Prints a Markdown report.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "tests")]

import saved  # noqa: E402
from measuring import Parts, Target, machine, need, table, targets  # noqa: E402

need("playwright", "onnx", "websocket")

import torch  # noqa: E402
from browser import jupyter  # noqa: E402 # the tests' own hands
from live import opened  # noqa: E402

from seglab import lessons, save  # noqa: E402
from seglab.board import frames  # noqa: E402
from seglab.files import Plan  # noqa: E402
from seglab.images import photos  # noqa: E402
from seglab.lab import Run, image_control  # noqa: E402
from seglab.user_photo import UserPhoto, Visitor  # noqa: E402

# Few states, which a page is soon compiled for; each step changes a map.
VARIED: dict[str, dict[str, Any]] = {
    "05": {"shown": None, "windows_done": [171, 3481]},
    "06": {"softmax": None, "rule": None},
    "08": {"shifts": [1, 5, 16, 24, 64], "sign": None},
    "09": {"dilations": None},
    "10": {"first": ["nearest", "bilinear", "max unpooling"], "f": [4, 8]},
    "16": {"threshold": None, "behind": None},
}
PICTURES = [photos.FOLDER / photos.FILES[name] for name in ("chelsea", "coffee")]
MOST_STEP = {"09": 60.0, "16": 100.0}  # milliseconds; elsewhere, the notebook's cold step
PATIENCE = 20_000  # milliseconds in which a step must be drawn
POSTER = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
# Walk through states by their addresses, without a rest in which the page could prepare the next.
# What waits asks for no time of the processor, which the page itself needs.
DRAWN = """(element, attribute, isThere) => new Promise((done, fail) => {
  const late = setTimeout(() => fail(new Error("a step was not drawn")), PATIENCE);
  new MutationObserver((_, self) => {
    if (!isThere()) return;
    self.disconnect();
    clearTimeout(late);
    done(performance.now());
  }).observe(element, { attributes: true, attributeFilter: [attribute] });
})""".replace("PATIENCE", str(PATIENCE))
WALK = """async (states) => {
  const drawn = DRAWN;
  const page = document.querySelector('.seglab-page');
  const taken = [];
  for (const [address, places] of states) {
    const start = performance.now();
    const end = drawn(page, 'data-state', () => page.dataset.state === places);
    location.hash = address;
    taken.push(await end - start);
  }
  return taken;
}""".replace("DRAWN", DRAWN)
# A slider whose places are the states of a walk, over the lab.
NOTEBOOK = """
import ipywidgets, seglab.live.session
from pathlib import Path
from seglab import lessons, show
from seglab.files import Plan
from seglab.user_photo import UserPhoto
seglab.live.session.CHEAP = -1  # nothing is sent ahead
plan = Plan(lessons.find({number!r}), {vary!r})
own = {{{image!r}: UserPhoto.read(Path({picture!r}))}}
states = [{{name: values[at] for (name, values), at in zip(plan.varied.items(), places)}}
          for places in {places!r}]
lab = show(plan.lab, **{{**plan.start, **own}})
place = ipywidgets.IntSlider(0, 0, len(states))
place.add_class("bench-slider")
place.observe(lambda change: lab.set(**states[change.new - 1]), "value")
ipywidgets.VBox([place, lab])
"""
KEYS = """async (count) => {
  const drawn = DRAWN;
  const board = document.querySelector('.seglab-board');
  const handle = document.querySelector('.bench-slider .noUi-handle');
  const taken = [];
  for (let i = 0; i < count; i++) {
    const before = board.dataset.step, start = performance.now();
    const end = drawn(board, 'data-step', () => board.dataset.step !== before);
    handle.dispatchEvent(new KeyboardEvent(
      'keydown', {key: 'ArrowRight', code: 'ArrowRight', bubbles: true, cancelable: true}));
    taken.push(await end - start);
    await new Promise((done) => setTimeout(done, 200)); // the kernel comes to rest
  }
  return taken;
}""".replace("DRAWN", DRAWN)


class Page(NamedTuple):
    """The cost of a page: seconds, megabytes, three times seconds, and milliseconds of steps."""

    number: str
    made: float
    size: float
    poster: float
    first: float
    answer: float
    opening: float
    step: float
    kernel: float


def measure(browser: Any, number: str, folder: Path, steps: int) -> Page:
    """Save one lab, open it, show it two pictures, and walk through its states."""
    lab, vary = lessons.find(number), VARIED[number]
    path, start = folder / f"{number}.html", time.perf_counter()
    save(lab, path, vary=vary, px=128, progress=lambda done, total: None, live=True)
    made = time.perf_counter() - start
    plan = Plan(lab, vary)
    states = chosen(plan, steps)
    told = [
        (
            "&".join(f"{n}={lab.controls[n].spelling(state[n])}" for n in plan.varied),
            " ".join(str(values.index(state[n])) for n, values in plan.varied.items()),
        )
        for state in states
    ]
    page, firsts = saved.opened(browser, path, 3, offline=True)
    poster = page.evaluate(POSTER) / 1000
    answers, walks = [], []
    for picture in PICTURES:
        page.get_by_role("button", name="Reset").click()
        before = page.locator(".seglab-board").get_attribute("data-step")
        start = time.perf_counter()
        page.locator(".seglab-own input[type=file]").set_input_files(picture)
        page.wait_for_function(
            "(b) => document.querySelector('.seglab-board').dataset.step !== b", arg=before
        )
        answers.append(time.perf_counter() - start)
        walks.append(statistics.median(page.evaluate(WALK, told)))
    page.context.close()
    return Page(
        number, made, path.stat().st_size / 1e6, poster, statistics.median(firsts), answers[0],
        *walks, kernel(lab, plan, states, PICTURES[1]),
    )  # fmt: skip


def chosen(plan: Plan, steps: int) -> list[dict[str, Any]]:
    """The states of a walk: other ones than the start, in an order that is the same each time."""
    states = list(plan.states())
    random.Random(0).shuffle(states)
    return [state for state in states if state != plan.start][:steps]


def kernel(lab: Any, plan: Plan, states: list[dict[str, Any]], picture: Path) -> float:
    """Milliseconds of the same steps in Python: the median of panes, numbers and their frame."""
    mine = UserPhoto.read(picture)
    name = image_control(lab)
    visitor = mine if lab.controls[name].takes_file else Visitor("", lambda n: photos.load(mine, n))
    run = Run(lab, {**plan.start, name: visitor})
    frames.frame(run.panes, run.numbers)
    taken = []
    for state in states:
        start = time.perf_counter()
        run = run.step(**{**state, name: visitor})
        frames.frame(run.panes, run.numbers)
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken)


def notebook(server: jupyter.Server, number: str, steps: int) -> float:
    """Milliseconds of the same steps in JupyterLab: the median from a key to the drawn panes."""
    plan = Plan(lessons.find(number), VARIED[number])
    states = chosen(plan, steps)
    cell = NOTEBOOK.format(
        number=number,
        vary=VARIED[number],
        image=image_control(plan.lab),
        picture=str(PICTURES[1]),
        places=[[v.index(state[n]) for n, v in plan.varied.items()] for state in states],
    )
    with opened(server, [cell]) as page:
        return statistics.median(page.evaluate(KEYS, len(states)))


def in_notebooks(labs: Sequence[str], steps: int, parts: Parts) -> dict[str, float]:
    """The steps of each lab in a JupyterLab, whose kernels have one thread."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, jupyter.serve(Path(folder)) as server:
        for number in labs:
            with parts.part(f"lab {number} in a notebook"):
                found[number] = notebook(server, number, steps)
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("labs", nargs="*", default=list(VARIED))
    parser.add_argument("--steps", type=int, default=12, help="of each walk")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    print("# Pages that compute\n")
    print(machine() + "\n")
    found, parts = saved.each(options.labs, partial(measure, steps=options.steps))
    waited = dict.fromkeys(options.labs, None) | in_notebooks(options.labs, options.steps, parts)
    table(
        [
            *("lab", "save, s", "MB", "poster, s", "first picture, s", "first own answer, s"),
            *("step, a graph's first, ms", "step, ms", "kernel's cold step, ms"),
            "notebook's cold step, ms",
        ],
        ([*page, waited[page.number]] for page in found),
    )
    targets(
        [
            one
            for page in found
            for one in (
                Target(f"{page.number}: MB", page.size, "<=", 8),
                Target(f"{page.number}: first picture, s", page.first, "<=", 0.5),
                Target(f"{page.number}: first own answer, s", page.answer, "<=", 2),
                Target(
                    f"{page.number}: step, ms",
                    page.step,
                    "<=",
                    MOST_STEP.get(page.number, waited[page.number] or 0),
                ),
            )
        ]
    )
    parts.end()


if __name__ == "__main__":
    main()
