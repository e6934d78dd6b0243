"""Growing, shrinking and moving what is drawn: label maps and masks [..., H, W], 0 = nothing.

Distances are counted in steps of a king on a chessboard: within d steps means inside a square of
2d + 1 pixels. Outside the picture there is nothing, so an object that the border cuts off has an
edge there. All keep dtype and device.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate
from seglab.types import NO_LABEL, Image, Size

Index = tuple[Any, ...]

_UNCOMPUTED = (torch.uint16, torch.uint32, torch.uint64)  # of which torch knows next to nothing


def edge(labels: Tensor, steps: int, border: bool = True) -> Tensor:
    """Pixels within `steps` of another label or of the border, bool [..., H, W].

    Every label counts, 0 and 255 too: the band along the inner side of each segment's own contour.
    border: whether the picture's border is an edge; if not, a map of one label has none.
    """
    labels = _map("labels", labels)
    _validate.whole_number("steps", steps)
    band = torch.zeros_like(labels, dtype=torch.bool)
    if border:
        for line in ((..., 0, slice(None)), (..., -1, slice(None)), (..., 0), (..., -1)):
            band[line] = True
    for step in ((0, 1), (1, 0), (1, 1), (1, -1)):
        first, second = _pairs(labels.shape[-2:], step)
        differ = labels[first] != labels[second]
        band[first] |= differ
        band[second] |= differ
    return _spread(_spread(band, steps - 1, -2), steps - 1, -1)


def compare_edges(labels: Tensor, truth: Tensor, steps: int, border: bool = True) -> Tensor:
    """Edges of two label maps compared, int64 [..., H, W]; edges as edge() finds them.

    0 where both have one and the same label, 1 where labels has one, 2 where truth has one (and
    where both have one but another label), 255 elsewhere. border: as edge() takes it.
    Raises ValueError for maps of two shapes.
    """
    for name, given in (("labels", labels), ("truth", truth)):
        if not isinstance(given, Tensor):
            raise TypeError(f"{name} is {type(given).__name__}; use a tensor [..., H, W]")
    if labels.shape != truth.shape:
        raise ValueError(
            f"labels has shape {list(labels.shape)} and truth {list(truth.shape)}; use one shape"
        )
    labels, truth = _map("labels", labels), _map("truth", truth)
    here, there = edge(labels, steps, border), edge(truth, steps, border)
    which = torch.full_like(labels, NO_LABEL, dtype=torch.long)
    which[here], which[there], which[here & there & (labels == truth)] = 1, 2, 0
    return which


def erode(labels: Tensor, steps: int) -> Tensor:
    """Take `steps` pixels off the edge of each object, [..., H, W]; 0 steps take none.

    Of a mask this is `steps` binary erosions with a square of 3 x 3.
    """
    numbers = _map("labels", labels)
    if _validate.whole_number("steps", steps, least=0) == 0:
        return labels.clone()
    return numbers.masked_fill(edge(numbers, steps), 0).to(labels.dtype)


def dilate(labels: Tensor, steps: int) -> Tensor:
    """Put `steps` pixels on at the edge of each object, where there was nothing, [..., H, W].

    Objects do not grow over one another; where two meet in the same step, the larger number wins.
    """
    grown = _map("labels", labels).clone()
    for _ in range(_validate.whole_number("steps", steps, least=0)):
        grown = torch.where(grown == 0, _largest_around(grown), grown)
    return grown.to(labels.dtype)


def shift(x: Tensor, by: Size, fill: float = 0) -> Tensor:
    """The map moved by whole pixels (down, right); what comes in from outside is `fill`.

    Negative numbers move up and left. Any tensor [..., H, W].
    Raises ValueError when `by` is not a pair.
    """
    if not isinstance(by, tuple | list) or len(by) != 2:
        raise ValueError(f"by={by!r} must be a pair (down, right); use such as (0, 1)")
    out = torch.full_like(x, fill)
    taken, put = _pairs(x.shape[-2:], by)
    out[put] = x[taken]
    return out


def disc(size: Size, at: tuple[int, int], radius: float, *, like: Tensor | None = None) -> Tensor:
    """The pixels whose middle is within `radius` of that of (row, column), bool [H, W].

    The mark of a round brush. It is on the device of `like`; at may lie outside.
    """
    device = None if like is None else like.device
    rows, columns = (torch.arange(n, device=device) - a for n, a in zip(size, at, strict=True))
    return rows[:, None] ** 2 + columns**2 <= radius**2


def bright_objects(image: Image, widest: int) -> Tensor:
    """Parts of a picture that are brighter than what lies around, bool [B, H, W].

    Around: a morphological opening, which nothing narrower than `widest` pixels outlives (so this
    is a white top-hat); brighter: above the threshold of N. Otsu, "A threshold selection method
    from gray-level histograms", 1979, of each picture by itself.
    """
    from skimage.filters import threshold_otsu
    from skimage.morphology import white_tophat

    _validate.whole_number("widest", widest)
    square = np.ones((widest, widest), np.float32)
    raised = [white_tophat(plane, square) for plane in image.mean(1).cpu().numpy()]
    bright = np.stack([plane > threshold_otsu(plane) for plane in raised])
    return torch.from_numpy(bright).to(image.device)


def _map(name: str, labels: Tensor) -> Tensor:
    """The map in a type that torch computes with; refuses what is no map of whole numbers."""
    if not isinstance(labels, Tensor):
        raise TypeError(f"{name} is {type(labels).__name__}; use a tensor [..., H, W]")
    if labels.ndim < 2 or 0 in labels.shape:
        raise ValueError(f"{name} has shape {list(labels.shape)}; use [..., H, W], not empty")
    if labels.is_floating_point() or labels.is_complex():
        raise TypeError(f"{name} is {labels.dtype}; use whole numbers or bool, {name}.long()")
    return _validate.whole(labels, name) if labels.dtype in _UNCOMPUTED else labels


def _pairs(size: Sequence[int], step: Size) -> tuple[Index, Index]:
    """Indices of the pixels with a neighbour one step (down, right) away, and of that neighbour."""
    moves = [max(-n, min(n, by)) for n, by in zip(size, step, strict=True)]
    ends = [(n - max(0, by), n + min(0, by)) for n, by in zip(size, moves, strict=True)]
    return (
        (..., *(slice(max(0, -by), end) for by, (end, _) in zip(moves, ends, strict=True))),
        (..., *(slice(max(0, by), end) for by, (_, end) in zip(moves, ends, strict=True))),
    )


def _spread(mask: Tensor, steps: int, axis: int) -> Tensor:
    """The mask with `steps` pixels put on at both ends along an axis."""
    out, length = mask.clone(), mask.shape[axis]
    for step in range(1, min(steps, length - 1) + 1):
        out.narrow(axis, step, length - step).logical_or_(mask.narrow(axis, 0, length - step))
        out.narrow(axis, 0, length - step).logical_or_(mask.narrow(axis, step, length - step))
    return out


def _largest_around(labels: Tensor) -> Tensor:
    """The largest number in the 3 x 3 pixels around each, as exact as the dtype."""
    rows = F.pad(labels, (1, 1, 1, 1))
    rows = rows[..., :-2, :].maximum(rows[..., 1:-1, :]).maximum(rows[..., 2:, :])
    return rows[..., :-2].maximum(rows[..., 1:-1]).maximum(rows[..., 2:])
