"""Votes: the places that the pixels of objects point to, and the peak that takes each."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.draw import paint, shapes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.paint import Picture
from seglab.draw.shapes import Shape
from seglab.nets.finders import Finder
from seglab.ops.instances import Centers
from seglab.types import Image

EVERY = 6  # one pixel of so many in a row, and in a column, is shown
FEW = 3  # votes: a peak with fewer is noise, and nobody misses it
PALE = 2.6  # how far below 0 black would lie, so that the picture is pale
# The picture is pale in a dark theme, too.
INK: shapes.Colour = (20, 20, 20)
WHITE: shapes.Colour = (255, 255, 255)


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


def drawn(
    image: Image, votes: Votes, peaks: Centers, objects: Picture, numbered: Tensor, grouped: bool
) -> Diagram:
    """The votes over the picture, each in the colour of the object that its pixel belongs to.

    objects: the picture of the objects, whose colours are taken; numbered: their map, [1, H, W].
    grouped: pixels go to peaks, so that those of a lost peak go to another one.
    A click on a peak takes it for the pixel.
    """
    height, width = image.shape[-2:]
    pale = paint.scalar(image.mean(1), low=-PALE, high=1, palette="gray")
    shown: list[Shape] = [
        shapes.Thumbnail(-0.5, -0.5, width - 0.5, height - 0.5, pale, "the picture, pale")
    ]
    colours, places = objects.rgb(), peaks.place.tolist()
    for (row, column), (to_row, to_column) in zip(
        votes.place.tolist(), votes.goal.tolist(), strict=True
    ):
        red, green, blue = (int(part) for part in colours[row, column])
        shown.append(shapes.Arrow(column, row, to_column, to_row, (red, green, blue), 1.2))
    lost = flights(votes) if grouped else []
    for one, taker in lost:
        (row, column), (to_row, to_column) = places[one], places[taker]
        says = f"most pixels of the lost peak {peaks.score[one]:.2f} go here now"
        shown.append(shapes.Arrow(column, row, to_column, to_row, INK, 2.5, says=says))
    for place, score, kept in zip(places, peaks.score.tolist(), votes.kept.tolist(), strict=True):
        shown += _peak(place, score, kept, numbered[0])
    kept = int(votes.kept.sum())
    told = f"; {len(lost)} lost peaks whose pixels go to another" if lost else ""
    return diagram(
        shown,
        says=f"{len(votes.place)} pixels point to {len(places)} peaks, {kept} of them kept{told}",
        x=(-0.5, width - 0.5),
        y=(-0.5, height - 0.5),
        margin=(0, 0, 0, 0),
        wide=True,
        tall=True,
        even=True,
        group="object",
    )


def _peak(place: list[float], score: float, kept: bool, numbers: Tensor) -> list[Shape]:
    row, column = (
        min(max(round(at), 0), side - 1) for at, side in zip(place, numbers.shape, strict=True)
    )
    y, x = place
    if not kept:  # a ring, white inside in a dark theme too
        says = f"score {score:.2f}: lost"
        return [shapes.Dot(x, y, INK, 4.5), shapes.Dot(x, y, WHITE, 3, says=says)]
    thing = int(numbers[row, column]) or None
    sets = ("pixel", (row, column))
    return [shapes.Dot(x, y, INK, 5, says=f"score {score:.2f}: kept", sets=sets, thing=thing)]
