"""A lab as a GIF: each state for a second, or a tour with its words, again and again."""

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
_SHARE = 0.45  # of a page's bytes as a PNG
_SAMPLES = 12  # pages from which the colours are taken


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """The size and time of a GIF of this width."""
    return _images.forecast(plan, px or _PX, _SHARE)


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write a GIF that shows the pages of a film again and again; px: its width."""
    made = _images.film(plan, px or _PX, progress)
    few = made[:: ceil(len(made) / _SAMPLES)]
    colours = palette(np.concatenate([page.picture() for page in few]))
    first, *rest = (reduced(page.picture(), colours) for page in made)
    times = [1000 * page.seconds for page in made]
    first.save(
        path, "GIF", save_all=True, append_images=rest, duration=times, loop=0, optimize=False
    )
