"""A lab as still pictures: one state, a sheet of many, and the pages that films are made of."""

import io
from collections.abc import Iterable, Iterator
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from PIL import Image as Pillow

from seglab.draw import paint
from seglab.draw.picture import Picture
from seglab.lab import Run
from seglab.paper import palette, reduced, sheet, still
from seglab.slides.plan import MOST_BYTES, End, Forecast, Plan
from seglab.types import Progress


class Kind(NamedTuple):
    """A kind of file: how many states are chosen where nobody does, and the most it takes."""

    budget: int
    most: int


FILES = {
    ".png": Kind(1, 60),
    ".gif": Kind(16, 200),
    ".mp4": Kind(40, 600),
    ".pptx": Kind(24, 40),
}

_POSTER, _SHEET = 900, 1400  # units of the page's width
_TALL = 700  # units of height that a page is arranged for
_FINE = 2  # pixels of a unit, unless px says otherwise


def write(plan: Plan, path: Path, px: int | None, progress: Progress) -> None:
    """Write a PNG: a state as a poster, or all of the plan's states on one sheet.

    px: the width of the picture.
    """
    if len(plan) == 1:
        progress(0, 1)
        page = still(Run(plan.lab, plan.start), width=_POSTER, scale=(px or 2 * _POSTER) / _POSTER)
        progress(1, 1)
    else:
        page = contact(plan, px or _SHEET * _FINE, progress)
    Pillow.fromarray(page).save(path, "PNG", optimize=True)


def contact(plan: Plan, px: int, progress: Progress) -> np.ndarray:
    """All states on one sheet, px pixels wide: their panes, and a table of their numbers."""
    panes: dict[str, Picture | None] = {}
    ends = [end for end in plan.ends if end.kind == "pane"]
    still_ones = [end for end in ends if not end.reach]
    first = Run(plan.lab, plan.start)
    for end in still_ones:
        panes[end.name] = _shown(first, end)
    moving = [end for end in ends if end.reach]
    lines: list[list[str]] = []
    for done, run in enumerate(plan.runs()):
        progress(done, len(plan))
        words = state_words(plan, run)
        for end in moving:
            panes[f"{words}: {end.name}"] = _shown(run, end)
        values = [plan.lab.controls[n].words(run.state[n]) for n in plan.varied]
        lines.append(values + [_number(run, name) for name in plan.lab.numbers])
    progress(len(plan), len(plan))
    labels = [plan.lab.controls[n].label or n for n in plan.varied]
    panes["numbers"] = paint.table([*labels, *plan.lab.numbers], lines)
    fixed = [
        (plan.lab.controls[n].label or n, plan.lab.controls[n].words(value))
        for n, value in plan.fixed.items()
    ]
    return sheet(
        panes,
        title=plan.lab.title,
        summary=plan.lab.summary,
        controls=fixed,
        rows=_rows(panes, len(still_ones), len(plan)),
        width=_SHEET,
        scale=px / _SHEET,
    )


def _rows(panes: dict[str, Picture | None], still_ones: int, states: int) -> list[int]:
    """Rows in which each state's panes stand together, and those that never change come first."""
    tables = sum(isinstance(picture, paint.Table) for picture in panes.values())
    each = (len(panes) - tables - still_ones) // states
    if not each:
        return []
    beside = max(1, min(states, ceil(5 / each)))
    rows = [still_ones] if still_ones else []
    rows += [each * min(beside, states - start) for start in range(0, states, beside)]
    return rows


def _shown(run: Run, end: End) -> Picture | None:
    try:
        picture: Picture = run.panes[end.name]
    except Exception:  # an empty pane: this state has none
        return None
    return picture


def _number(run: Run, name: str) -> str:
    try:
        return str(run.numbers[name])
    except Exception:  # likewise
        return "–"


def state_words(plan: Plan, run: Run) -> str:
    """A state in words: its varied controls, such as 'f 8, shifts 4'."""
    return ", ".join(
        f"{control.label or name} {control.words(run.state[name])}"
        for name, control in ((n, plan.lab.controls[n]) for n in plan.varied)
    )


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


def write_gif(plan: Plan, path: Path, px: int | None, progress: Progress) -> None:
    """Write a GIF that shows each state for a second, again and again; px: its width."""
    width = 960
    made = pages(plan, width, 640, (px or width) / width, progress, grow=True)
    few = made[:: ceil(len(made) / 12)]
    colours = palette(np.concatenate([np.asarray(page) for page in equal(few)]))
    first, *rest = (reduced(np.asarray(page), colours) for page in equal(made))
    first.save(
        path, "GIF", save_all=True, append_images=rest, duration=1000, loop=0, optimize=False
    )


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """What pictures of all states will take, judged from the first and the last one."""
    run = Run(plan.lab, plan.start)
    still(run)  # what loads once is nobody's share
    states = list(plan.states())
    sizes, times = [], []
    for state in (states[0], states[-1]):
        started = perf_counter()
        buffer = io.BytesIO()
        run = run.step(**state)
        Pillow.fromarray(still(run)).save(buffer, "PNG", compress_level=3)
        sizes.append(buffer.tell())
        times.append(perf_counter() - started)
    share = sum(sizes) / len(sizes) * ((px or _POSTER) / _POSTER)
    return Forecast(
        states=len(plan),
        pictures=len(plan),
        bytes=round(share * len(plan)),
        seconds=sum(times) / len(times) * len(plan),
    )


def check(forecast: Forecast, force: bool) -> None:
    """Raise ValueError past 20 MB, unless forced."""
    if forecast.bytes > MOST_BYTES and not force:
        raise ValueError(
            f"{forecast.states} pages would take about {forecast.bytes / 1e6:.0f} MB, and a file "
            f"holds {MOST_BYTES // 10**6}; give a smaller px, fewer states, or force=True"
        )
