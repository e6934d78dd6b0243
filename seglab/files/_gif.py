"""A lab as a GIF: each state for a second, again and again."""

from math import ceil
from pathlib import Path

import numpy as np

from seglab.files._forecast import Limits
from seglab.files._images import equal, forecast, pages
from seglab.files._look import Look
from seglab.files._plan import Plan
from seglab.paper import palette, reduced
from seglab.types import Progress

__all__ = ["LIMITS", "forecast", "write"]

LIMITS = Limits(budget=16, most=200)

_WIDTH, _HEIGHT = 960, 640  # units of a page


def write(plan: Plan, path: Path, px: int | None, progress: Progress, _look: Look) -> None:
    """Write a GIF that shows each state for a second, again and again; px: its width."""
    made = pages(plan, _WIDTH, _HEIGHT, (px or _WIDTH) / _WIDTH, progress, grow=True)
    few = made[:: ceil(len(made) / 12)]
    colours = palette(np.concatenate([np.asarray(page) for page in equal(few)]))
    first, *rest = (reduced(np.asarray(page), colours) for page in equal(made))
    first.save(
        path, "GIF", save_all=True, append_images=rest, duration=1000, loop=0, optimize=False
    )
