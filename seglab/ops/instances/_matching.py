"""Two instance maps of one picture compared: shared pixels, IoU, and pairs of objects.

Instances are int64 [1, H, W], 0 = no object.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops._compact import compact
from seglab.ops._floats import widest
from seglab.ops.instances._objects import ids, single_picture
from seglab.types import Instances


class Matches(NamedTuple):
    """Pairs of objects in two maps of one picture: their numbers, int64, and IoU, float64.

    predicted, true, iou [M]: the pairs. spurious: predicted without a partner; missed: true ones.
    """

    predicted: Tensor
    true: Tensor
    iou: Tensor
    spurious: Tensor
    missed: Tensor


def match(instances: Instances, truth: Instances, threshold: float = 0.5) -> Matches:
    """Pair predicted and true objects whose IoU is above threshold; one picture each, [1, H, W].

    Above one half no object can have two partners, because objects of one map do not overlap
    (Kirillov et al., "Panoptic segmentation", 2019). Raises ValueError for a lower threshold.
    """
    if not 0.5 <= threshold < 1:
        raise ValueError(
            f"threshold={threshold} leaves more than one partner or none; use 0.5 up to below 1"
        )
    table = overlaps(instances, truth)
    predicted, true = ids(instances), ids(truth)
    row, column = (table > threshold).nonzero(as_tuple=True)
    alone = torch.ones_like(predicted, dtype=torch.bool).index_fill(0, row, False)
    missing = torch.ones_like(true, dtype=torch.bool).index_fill(0, column, False)
    return Matches(
        predicted[row], true[column], table[row, column], predicted[alone], true[missing]
    )


def intersections(instances: Instances, truth: Instances) -> Tensor:
    """Pixels that every predicted shares with every true object, int64 [P, T].

    One picture each, [1, H, W]; rows in the order of ids(instances), columns of ids(truth). Counted
    by a single bincount. Raises ValueError when the shapes differ.
    """
    return _table(instances, truth)[1:, 1:]


def overlaps(instances: Instances, truth: Instances) -> Tensor:
    """Intersection over union of every predicted with every true object, float64 [P, T].

    Rows and columns as those of intersections().
    """
    table = _table(instances, truth)
    both = table[1:, 1:]
    either = table[1:].sum(1)[:, None] + table[:, 1:].sum(0) - both
    return both.to(widest(both)) / either


def number_like(instances: Instances, truth: Instances) -> Instances:
    """Objects renumbered: one that matches a true object takes its number, others go on after them.

    One picture each, [1, H, W]; a match is an IoU above 0.5. So the same object can have the same
    colour in two panes.
    """
    matching = match(instances, truth)
    last = int(truth.long().max())
    numbers = torch.cat((matching.predicted, matching.spurious))
    later = torch.arange(last + 1, last + 1 + len(matching.spurious), device=instances.device)
    new = torch.cat((matching.true, later))
    order = numbers.argsort()
    numbers, new = numbers[order], new[order]
    given = instances.long()
    inside = given > 0
    out = torch.zeros_like(given)
    out[inside] = new[torch.searchsorted(numbers, given[inside])]
    return out


def _table(instances: Instances, truth: Instances) -> Tensor:
    """Pixels by predicted (row) and true (column) object, "none" being the first of each."""
    predicted, true = single_picture(instances), single_picture(truth, "truth")
    if predicted.shape != true.shape:
        raise ValueError(
            f"instances has shape {list(instances.shape)} and truth {list(truth.shape)}; "
            f"use two maps of the same picture"
        )
    if predicted.device != true.device:
        raise ValueError(
            f"instances is on {predicted.device} and truth on {true.device}; "
            f"use truth.to(instances.device)"
        )
    # A pixel of none in front, so that none is always there and always the first.
    none = predicted.new_zeros(1)
    a, row, _ = compact(torch.cat((none, predicted.flatten())))
    b, column, _ = compact(torch.cat((none, true.flatten())))
    codes = row * len(b) + column
    return torch.bincount(codes, minlength=len(a) * len(b)).view(len(a), len(b))
