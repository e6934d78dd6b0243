"""Labelled pixels from marks, drawn in order: later marks lie over earlier ones."""

from collections.abc import Iterable
from itertools import pairwise

import torch
from torch import Tensor

from seglab.ops import _validate, morphology
from seglab.stroke import Point, Stroke
from seglab.types import NO_LABEL, Labels, Size

OBJECT, BACKGROUND = 1, 0
NAMES = ("background", "object")  # of the two labels, by number
_CENTRAL = 0.15  # of a box's smaller side: the radius of the middle that is taken for the object


def seeds(
    strokes: Iterable[Stroke], size: Size, radius: float = 3, *, like: Tensor | None = None
) -> Labels:
    """Pixels that the strokes label, int64 [1, H, W]: 1 object, 0 background, 255 none.

    A point is a disc of this radius in pixels, a line a path of discs. A box says that the object
    lies inside: all outside becomes background, or the inside if its label is background; the
    middle of a box is taken for the object, which is a guess. On the device of `like`.
    Raises ValueError for a tool or label that is none.
    """
    device = None if like is None else like.device
    out = torch.full(size, NO_LABEL, dtype=torch.long, device=device)
    for stroke in strokes:
        if stroke.label not in NAMES:
            raise ValueError(f"label={stroke.label!r} must be one of {', '.join(NAMES)}")
        value = NAMES.index(stroke.label)
        if stroke.tool == "box":
            _box(out, stroke.points, value)
        elif stroke.tool in ("point", "line"):
            for at in _path(stroke.points):
                out[morphology.disc(size, at, radius, like=out)] = value
        else:
            raise ValueError(f"tool={stroke.tool!r} must be 'point', 'line' or 'box'")
    return out[None]


def put(labelled: Labels, at: Point, label: int, radius: float = 3) -> Labels:
    """Copy of labelled pixels [1, H, W] with a disc of this label around (row, column)."""
    out = labelled.clone()
    height, width = out.shape[-2:]
    out[0][morphology.disc((height, width), at, radius, like=out)] = label
    return out


def framed(labelled: Labels) -> Labels:
    """Labelled pixels [B, H, W] with the picture's border as background where nobody said anything.

    An assumption, right for an object that lies in the middle: methods that need both labels then
    have an answer from the first click on the object.
    """
    _validate.whole_numbers(labelled, "labelled")
    border = torch.zeros_like(labelled, dtype=torch.bool)
    border[:, [0, -1]] = True
    border[:, :, [0, -1]] = True
    return labelled.masked_fill(border & (labelled == NO_LABEL), BACKGROUND)


def _box(out: Tensor, corners: tuple[Point, ...], value: int) -> None:
    rows, columns = (sorted(axis) for axis in zip(*corners, strict=True))
    inside = torch.zeros_like(out, dtype=torch.bool)
    inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    if value == BACKGROUND:
        out[inside] = BACKGROUND
        return
    out[~inside] = BACKGROUND
    middle = sum(rows) // 2, sum(columns) // 2
    sides = rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1
    central = morphology.disc((out.shape[0], out.shape[1]), middle, _CENTRAL * min(sides), like=out)
    out[central & inside & (out == NO_LABEL)] = OBJECT


def _path(points: tuple[Point, ...]) -> list[Point]:
    """The points and the pixels on straight lines between them, each once."""
    path = [points[0]]
    for (row, column), (to_row, to_column) in pairwise(points):
        steps = max(abs(to_row - row), abs(to_column - column), 1)
        path += [
            (
                round(row + (to_row - row) * i / steps),
                round(column + (to_column - column) * i / steps),
            )
            for i in range(1, steps + 1)
        ]
    return list(dict.fromkeys(path))
