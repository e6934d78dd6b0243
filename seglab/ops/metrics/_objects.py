"""Counts of objects that are found, missed, merged and split."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances import areas, intersections, match
from seglab.types import Instances


class ObjectMistakes(NamedTuple):
    """Merged and spurious found objects, split and missed true ones, as numbers."""

    merged: int
    split: int
    missed: int
    spurious: int


class DetectionCounts(NamedTuple):
    """Numbers of true objects that are found and missed, and of found ones that are none."""

    found: int
    missed: int
    false: int


def object_mistakes(instances: Instances, truth: Instances) -> ObjectMistakes:
    """Mistakes of an instance map, one picture each, [1, H, W].

    A found object is merged if it holds more than half of two true ones or more; a true one is
    split if it holds more than half of two found ones or more. missed and spurious have no partner
    with an IoU above 0.5; see instances.match.
    """
    shared = intersections(instances, truth)
    area, true_area = areas(instances), areas(truth)
    pairs = match(instances, truth)
    return ObjectMistakes(
        merged=int(((2 * shared > true_area).sum(1) > 1).sum()),
        split=int(((2 * shared > area[:, None]).sum(0) > 1).sum()),
        missed=len(pairs.missed),
        spurious=len(pairs.spurious),
    )


def detection_counts(
    overlaps: Tensor, classes: Tensor, true_classes: Tensor, threshold: float = 0.5
) -> DetectionCounts:
    """Counts of found and true objects that agree in class with an IoU above the threshold.

    overlaps: float [N, M], of N found with M true objects, which do not overlap each other;
    classes: int64 [N], true_classes: int64 [M]. Raises ValueError for a threshold below one half,
    above which no two true objects can claim one found object, and for shapes that do not agree.
    """
    if not 0.5 <= threshold < 1:
        raise ValueError(
            f"threshold={threshold} leaves more than one partner or none; use 0.5 up to below 1"
        )
    _validate.overlaps(overlaps)
    for name, given in (("classes", classes), ("true_classes", true_classes)):
        if not isinstance(given, Tensor):
            raise TypeError(f"{name} is a {type(given).__name__}; use a tensor, int64")
    if overlaps.shape != (*classes.shape, *true_classes.shape):
        raise ValueError(
            f"overlaps has shape {list(overlaps.shape)}, but {list(classes.shape)} classes and "
            f"{list(true_classes.shape)} true_classes; use [N, M], [N] and [M]"
        )
    # torch compares uint16, and its wider kin, with no other type.
    kinds, true_kinds = (k if k.is_floating_point() else k.long() for k in (classes, true_classes))
    alike = kinds[:, None] == true_kinds
    agree = torch.where(alike, overlaps, torch.zeros_like(overlaps)) > threshold
    found = int(agree.any(0).sum())
    return DetectionCounts(found, len(true_classes) - found, len(classes) - found)
