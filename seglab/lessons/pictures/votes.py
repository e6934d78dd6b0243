"""Votes: the places that the pixels of objects point to, and the peak that takes each."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.draw import marks, paint
from seglab.draw.paint import Picture
from seglab.nets.finders import Finder
from seglab.ops.instances import Centers
from seglab.types import Image

EVERY = 6  # one pixel of so many in a row, and in a column, is shown
FEW = 3  # votes: a peak with fewer is noise, and nobody misses it
PALE = 0.72  # share of white over the picture
_LOST: marks.Colour = (110, 110, 110)
_INK: marks.Colour = (20, 20, 20)


class Votes(NamedTuple):
    """Votes of some pixels: their places and where they point, [N, 2] each, rows and columns.

    first, now: the peak nearest to where each points, of all peaks, and of those that are left;
    indices into all of them, -1 where none is left. kept: of each peak, whether it is left.
    """

    place: Tensor
    goal: Tensor
    first: Tensor
    now: Tensor
    kept: Tensor


def of_pixels(finder: Finder, peaks: Centers, threshold: float) -> Votes:
    """Votes of one pixel of six in a row and in a column that lies in an object."""
    grid = torch.zeros_like(finder.inside[0])
    grid[EVERY // 2 :: EVERY, EVERY // 2 :: EVERY] = True
    place = (finder.inside[0] & grid).nonzero()
    goal = place + finder.offsets[0, :, place[:, 0], place[:, 1]].T
    kept = peaks.score > threshold
    away = torch.cdist(goal, peaks.place.to(goal)) if len(peaks.place) else goal[:, :0]
    return Votes(place, goal, _nearest(away), _nearest(away, kept), kept)


def _nearest(away: Tensor, kept: Tensor | None = None) -> Tensor:
    if not away.shape[1] or (kept is not None and not kept.any()):
        return torch.full(away.shape[:1], -1, device=away.device)
    return (away if kept is None else away.masked_fill(~kept, torch.inf)).argmin(1)


def flights(votes: Votes) -> list[tuple[int, int]]:
    """Each lost peak that several pixels point to, and the peak that now takes most of them."""
    pairs = []
    for peak in (~votes.kept).nonzero()[:, 0].tolist():
        taken = votes.now[votes.first == peak]
        if len(taken) >= FEW and int(taken[0]) >= 0:
            pairs.append((peak, int(taken.mode().values)))
    return pairs


def drawn(image: Image, votes: Votes, peaks: Centers, objects: Picture, grouped: bool) -> Picture:
    """The votes over the picture, each in the colour of the object that its pixel belongs to.

    objects: the picture of the objects, whose colours are taken. grouped: pixels go to peaks, so
    that those of a lost peak fly to another one.
    """
    colours = objects.rgb()
    lines: list[marks.Mark] = []
    for (row, column), (to_row, to_column) in zip(
        votes.place.tolist(), votes.goal.tolist(), strict=True
    ):
        red, green, blue = (int(part) for part in colours[row, column])
        lines.append(marks.Arrow(row, column, to_row, to_column, (red, green, blue)))
    places = peaks.place.tolist()
    if grouped:
        for lost, taker in flights(votes):
            (row, column), (to_row, to_column) = places[lost], places[taker]
            lines.append(marks.Arrow(row, column, to_row, to_column, _INK))
    for (row, column), kept in zip(places, votes.kept.tolist(), strict=True):
        lines.append(marks.Dot(row, column, _INK if kept else _LOST, radius=4 if kept else 2))
    pale = image * (1 - PALE) + PALE
    return paint.rgb(pale, marks=lines)
