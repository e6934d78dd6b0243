"""A lab as a GIF: each state for a second, or a tour with its words, again and again."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path

import numpy as np

from seglab.files import _images
from seglab.files._forecast import Forecast, Limits
from seglab.files._look import Look
from seglab.files._plan import Plan
from seglab.paper import palette, reduced
from seglab.types import Progress

__all__ = ["LIMITS", "forecast", "write"]

LIMITS = Limits(budget=16, most=200)

_PX = 1280  # of its width, unless px says otherwise: small letters can be read
_SAMPLES = 12  # pages from which the colours are taken


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of a GIF of this width."""

    draw = cache(_images.drawn)

    def weigh(pages: Sequence[_images.Shown]) -> int:
        file = BytesIO()
        _save(_images.filmed(pages, px or _PX, draw), file)
        return len(file.getvalue())

    return _images.forecast(plan, weigh)


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write a GIF that shows the pages of a film again and again; px: its width."""
    _save(_images.film(plan, px or _PX, progress), path)


def _save(made: list[_images.Page], file: Path | BytesIO) -> None:
    few = made[:: ceil(len(made) / _SAMPLES)]
    colours = palette(np.concatenate([page.picture() for page in few]))
    first, *rest = (reduced(page.picture(), colours) for page in made)
    times = [1000 * page.seconds for page in made]
    first.save(
        file, "GIF", save_all=True, append_images=rest, duration=times, loop=0, optimize=False
    )
