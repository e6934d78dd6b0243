"""The pages of films and slides: each state of a lab as a picture of its own."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from math import ceil
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as Pillow

from seglab._text import plain
from seglab.controls import spread
from seglab.files._forecast import Forecast
from seglab.files._plan import Plan, fingerprint
from seglab.lab import Run, State
from seglab.paper import Caption, still
from seglab.types import Progress

WIDE, HIGH = 1088, 612  # units of a page of a film: 16 to 9
_MORE = 1.15, 1.3, 1.5  # as many units for a lab that needs more room: all of it is smaller
_WORDS = 2.6  # that are read in a second
_LEAST = 3  # seconds for a caption
_PAIRS = 2  # of pages, of each kind, that are made to judge a long file


Draw = Callable[..., np.ndarray]


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


class _Cue(NamedTuple):
    """A page that is not yet made: its state, its captions with its own first, its seconds."""

    state: State
    captions: tuple[Caption, ...] = ()
    seconds: int = 1


def shown(plan: Plan) -> Iterator[Shown]:
    """The pages of a plan in order: of a tour the question and the answer of each step.

    States that look like the one before them are left out.
    """
    return sifted(plan, _made(plan, _script(plan)))


def sifted(plan: Plan, pages: Iterable[Shown]) -> Iterator[Shown]:
    """Pages without those that look like the one before them; of a tour all have own words."""
    before = b""
    for page in pages:
        now = b"" if plan.tour else fingerprint(page.run)
        if plan.tour or now != before:
            yield page
        before = now


def _script(plan: Plan) -> list[_Cue]:
    """The pages that a plan is to show, states that look alike among them."""
    if not plan.tour:
        return [_Cue(state) for state in plan.states()]
    words = [(plain(step.say), plain(step.then)) for step, _ in plan.stops]
    others = tuple(Caption(*pair, False) for pair in words)
    cues, before = [], plan.opening
    for (say, then), (_, after) in zip(words, plan.stops, strict=True):
        for state, text, told in ((before, say, False), (after, then, True)):
            cues.append(_Cue(state, (Caption(say, then, told), *others), _seconds(text)))
        before = after
    return cues


def _made(plan: Plan, cues: Iterable[_Cue]) -> Iterator[Shown]:
    run = plan.run()
    for state, captions, seconds in cues:
        run = run.step(**state)
        yield Shown(run, captions, seconds)


def _seconds(text: str) -> int:
    return max(_LEAST, ceil(len(text.split()) / _WORDS))


def film(plan: Plan, px: int, progress: Progress) -> list[Page]:
    """The pages of a film, all of px pixels by 9/16 of that, for H.264 in even numbers."""
    total = len(plan) * (2 if plan.tour else 1)

    def told() -> Iterator[Shown]:
        for done, page in enumerate(shown(plan)):
            progress(min(done, total), total)
            yield page
        progress(total, total)

    return filmed(told(), px)


def filmed(pages: Iterable[Shown], px: int, draw: Draw | None = None) -> list[Page]:
    """Some pages as those of a film; draw: what remembers what drawn() has drawn."""
    draw = draw or drawn
    wide, high = px + px % 2, 2 * round(px * HIGH / WIDE / 2)
    seen: list[Shown] = []
    made: list[np.ndarray] = []
    for page in pages:
        seen.append(page)
        made.append(draw(page, px))
    tallest = max(range(len(made)), key=lambda i: made[i].shape[0])
    if made[tallest].shape[0] > high:
        fitting = (units for units in _MORE if draw(seen[tallest], px, units).shape[0] <= high)
        units = next(fitting, _MORE[-1])
        made = [draw(page, px, units) for page in seen]
    scale = min(1.0, *(high / page.shape[0] for page in made))
    sheets = (_png(_placed(page, wide, high, scale)) for page in made)
    return [Page(data, page.seconds) for data, page in zip(sheets, seen, strict=True)]


def drawn(page: Shown, px: int, units: float = 1) -> np.ndarray:
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


def slide(run: Run, width: int, height: int, scale: float) -> bytes:
    """A page without a heading, as a PNG file; width, height, scale: as in seglab.paper.sheet."""
    page = still(run, heading=False, grow=False, width=width, height=height, scale=scale)
    return _png(Pillow.fromarray(page))


def pages(
    plan: Plan, width: int, height: int, scale: float, progress: Progress
) -> list[tuple[Run, bytes]]:
    """A slide for each state in order; their heights may differ."""
    made = []
    for done, run in enumerate(plan.runs()):
        progress(done, len(plan))
        made.append((run, slide(run, width, height, scale)))
    progress(len(plan), len(plan))
    return made


def forecast(
    plan: Plan, weigh: Callable[[Sequence[Shown]], int], row: int = 1, whole: int = 0
) -> Forecast:
    """The size and time of a file, judged from some pages that are made as in it.

    weigh: makes pages, and tells the bytes of a file that holds them. row: so many pages stand in
    a row of one picture. whole: the seconds of a film after which a page is stored whole again;
    0 where none is.
    """
    cues = _script(plan)
    count = len(cues)
    run = plan.run().step(**cues[0].state)
    fingerprint(run)  # what is loaded once, such as weights, is not timed
    turns = _turns(cues)
    if count <= 2 * max(row, _PAIRS * len(turns)):
        started = perf_counter()
        size, made = float(weigh(list(_made(plan, cues)))), count
    elif row > 1:
        some = [*cues[:row], *cues[count // 2 :][:row]]
        pages = list(_made(plan, some))
        started = perf_counter()
        size, made = float(weigh(pages)), len(pages)
        first = weigh(pages[:row])
        size = first + (size - first) / (made - row) * (count - row)
    else:
        started = perf_counter()
        first = size = weigh([Shown(run, cues[0].captions, 1)])
        made = 1
        for places in turns:
            firsts = spread(places, _PAIRS)
            pages = list(_made(plan, [cues[at + n] for at in firsts for n in (0, 1)]))
            size += (weigh(pages) - weigh(pages[::2])) / len(firsts) * len(places)
            made += len(pages)
        size += first * (sum(cue.seconds for cue in cues) // whole if whole else 0)
    seconds = (perf_counter() - started) / made * count
    return Forecast(
        states=len(plan), pictures=len(plan), bytes=round(size), seconds=seconds, sizes={}
    )


def _turns(cues: list[_Cue]) -> list[list[int]]:
    """Places after which the same control moves, or of a tour the same half of a step ends.

    The values of the control that moves slowest are each a row of pages, and so on: where it moves
    more changes than inside a row.
    """
    kinds: dict[Any, list[int]] = {}
    for place, (now, then) in enumerate(pairwise(cues)):
        moved = next((name for name in now.state if now.state[name] != then.state[name]), "")
        kind = now.captions[0].told if now.captions else moved
        kinds.setdefault(kind, []).append(place)
    return list(kinds.values())
