"""The pages of films and slides: each state of a lab as a picture of its own."""

import io
from collections.abc import Iterable, Iterator
from time import perf_counter

from PIL import Image as Pillow

from seglab.files._forecast import Forecast
from seglab.files._plan import Plan
from seglab.lab import Run
from seglab.paper import still
from seglab.types import Progress

_WIDTH = 900  # units of the page that a forecast judges by


def pages(
    plan: Plan,
    width: int,
    height: int,
    scale: float,
    progress: Progress,
    heading: bool = True,
    grow: bool = False,
) -> list[bytes]:
    """A page for each state in order, each a PNG file; their heights may differ.

    width, height, scale, grow: as in seglab.paper.sheet. Compressed, as there may be hundreds.
    """
    made = []
    for done, run in enumerate(plan.runs()):
        progress(done, len(plan))
        page = still(run, heading=heading, grow=grow, width=width, height=height, scale=scale)
        buffer = io.BytesIO()
        Pillow.fromarray(page).save(buffer, "PNG", compress_level=3)
        made.append(buffer.getvalue())
    progress(len(plan), len(plan))
    return made


def equal(made: Iterable[bytes], even: bool = False) -> Iterator[Pillow.Image]:
    """The pages, all as large as the largest, on white paper; even: sizes that a film can have."""
    made = list(made)
    sizes = [Pillow.open(io.BytesIO(data)).size for data in made]
    width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
    if even:
        width, height = width + width % 2, height + height % 2
    for data in made:
        page = Pillow.new("RGB", (width, height), "white")
        page.paste(Pillow.open(io.BytesIO(data)))
        yield page


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of pictures of all states, judged from the first and the last one."""
    run = Run(plan.lab, plan.start)
    still(run)  # what is loaded once, such as weights, is not timed
    states = list(plan.states())
    sizes, times = [], []
    for state in (states[0], states[-1]):
        started = perf_counter()
        buffer = io.BytesIO()
        run = run.step(**state)
        Pillow.fromarray(still(run)).save(buffer, "PNG", compress_level=3)
        sizes.append(buffer.tell())
        times.append(perf_counter() - started)
    share = sum(sizes) / len(sizes) * ((px or _WIDTH) / _WIDTH)
    return Forecast(
        states=len(plan),
        pictures=len(plan),
        bytes=round(share * len(plan)),
        seconds=sum(times) / len(times) * len(plan),
        sizes={},
    )
