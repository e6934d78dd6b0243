"""The pages of films and slides: each state of a lab as a picture of its own."""

import io
from collections.abc import Iterator
from math import ceil
from time import perf_counter
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from seglab._text import plain
from seglab.files._forecast import Forecast
from seglab.files._plan import Plan
from seglab.lab import Run
from seglab.paper import Caption, still
from seglab.types import Progress

WIDE, HIGH = 1088, 612  # units of a page of a film: 16 to 9
_MORE = 1.15, 1.3, 1.5  # as many units for a lab that needs more room: all of it is smaller
_WORDS = 2.6  # that are read in a second
_LEAST = 3  # seconds for a caption


class Shown(NamedTuple):
    """A page of a film: its run, its captions with its own first, and the seconds it stays."""

    run: Run
    captions: tuple[Caption, ...]
    seconds: int


class Page(NamedTuple):
    """A picture as a PNG file, and the seconds for which it is shown."""

    data: bytes
    seconds: int

    def picture(self) -> np.ndarray:
        """The pixels, uint8 [H, W, 3]."""
        return np.asarray(Pillow.open(io.BytesIO(self.data)))


def shown(plan: Plan) -> Iterator[Shown]:
    """The pages of a plan in order: of a tour the question and the answer of each step.

    States that look like the one before them are left out.
    """
    if not plan.tour:
        yield from (Shown(run, (), 1) for run in plan.changes())
        return
    words = [(plain(step.say), plain(step.then)) for step, _ in plan.stops]
    run = plan.run().step(**plan.opening)
    for (say, then), (_, state) in zip(words, plan.stops, strict=True):
        others = tuple(Caption(*pair, False) for pair in words)
        yield Shown(run, (Caption(say, then, False), *others), _seconds(say))
        run = run.step(**state)
        yield Shown(run, (Caption(say, then, True), *others), _seconds(then))


def _seconds(text: str) -> int:
    return max(_LEAST, ceil(len(text.split()) / _WORDS))


def film(plan: Plan, px: int, progress: Progress) -> list[Page]:
    """The pages of a film, all of px pixels by 9/16 of that, for H.264 in even numbers."""
    wide, high = px + px % 2, 2 * round(px * HIGH / WIDE / 2)
    seen: list[Shown] = []
    made: list[np.ndarray] = []
    total = len(plan) * (2 if plan.tour else 1)
    for page in shown(plan):
        progress(min(len(made), total), total)
        seen.append(page)
        made.append(_drawn(page, px))
    progress(total, total)
    tallest = max(range(len(made)), key=lambda i: made[i].shape[0])
    if made[tallest].shape[0] > high:
        fitting = (units for units in _MORE if _drawn(seen[tallest], px, units).shape[0] <= high)
        units = next(fitting, _MORE[-1])
        made = [_drawn(page, px, units) for page in seen]
    scale = min(1.0, *(high / page.shape[0] for page in made))
    sheets = (_png(_placed(page, wide, high, scale)) for page in made)
    return [Page(data, page.seconds) for data, page in zip(sheets, seen, strict=True)]


def _drawn(page: Shown, px: int, units: float = 1) -> np.ndarray:
    """A page of so many times as many units."""
    width, height = round(WIDE * units), round(HIGH * units)
    return still(
        page.run, captions=page.captions, grow=False, width=width, height=height, scale=px / width
    )


def _placed(page: np.ndarray, wide: int, high: int, scale: float) -> Pillow.Image:
    """A page on a white sheet of this size, smaller where one of the film does not fit."""
    picture = Pillow.fromarray(page)
    if scale < 1:
        size = round(picture.width * scale), min(high, round(picture.height * scale))
        picture = picture.resize(size, Pillow.Resampling.LANCZOS)
    sheet = Pillow.new("RGB", (wide, high), "white")
    sheet.paste(picture, ((wide - picture.width) // 2, 0))
    return sheet


def _png(picture: Pillow.Image) -> bytes:
    """A PNG file, quickly: there may be hundreds."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def pages(
    plan: Plan, width: int, height: int, scale: float, progress: Progress
) -> list[tuple[Run, bytes]]:
    """A page without a heading for each state in order, as a PNG file; their heights may differ.

    width, height, scale: as in seglab.paper.sheet.
    """
    made = []
    for done, run in enumerate(plan.runs()):
        progress(done, len(plan))
        page = still(run, heading=False, grow=False, width=width, height=height, scale=scale)
        made.append((run, _png(Pillow.fromarray(page))))
    progress(len(plan), len(plan))
    return made


def forecast(plan: Plan, px: int, share: float = 1, more: int = 0) -> Forecast:
    """The size and time of pictures of all states, judged from the first and the last one.

    px: the width of a state's picture. share: the bytes that a writer makes of one byte of PNG.
    more: bytes beside each picture.
    """
    run = Run(plan.lab, plan.start)
    _drawn(Shown(run, (), 1), px)  # what is loaded once, such as weights, is not timed
    states = list(plan.states())
    sizes, times = [], []
    for state in (states[0], states[-1]):
        started = perf_counter()
        run = run.step(**state)
        sizes.append(len(_png(Pillow.fromarray(_drawn(Shown(run, (), 1), px)))))
        times.append(perf_counter() - started)
    count = len(plan) * (2 if plan.tour else 1)
    return Forecast(
        states=len(plan),
        pictures=len(plan),
        bytes=round((sum(sizes) / len(sizes) * share + more) * count),
        seconds=sum(times) / len(times) * count,
        sizes={},
    )
