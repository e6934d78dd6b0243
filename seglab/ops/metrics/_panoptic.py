"""Panoptic quality: how well segments of label and instance maps are found and outlined."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._compact import compact
from seglab.types import NO_LABEL, Instances, Labels


class PanopticQuality(NamedTuple):
    """Panoptic quality, and its parts segmentation quality and recognition quality."""

    pq: Tensor
    sq: Tensor
    rq: Tensor


def panoptic_quality(
    labels: Labels,
    instances: Instances,
    true_labels: Labels,
    true_instances: Instances,
    classes: int,
    ignore: int = NO_LABEL,
) -> PanopticQuality:
    """Panoptic quality over all pictures: the means over the classes that occur.

    As pq, sq and rq are three means, pq is not sq * rq; see panoptic_quality_by_class.
    """
    each = panoptic_quality_by_class(
        labels, instances, true_labels, true_instances, classes, ignore
    )
    return PanopticQuality(*(value.nanmean() for value in each))


def panoptic_quality_by_class(
    labels: Labels,
    instances: Instances,
    true_labels: Labels,
    true_instances: Instances,
    classes: int,
    ignore: int = NO_LABEL,
) -> PanopticQuality:
    """Panoptic quality of each class, [K] each; NaN for a class that is nowhere.

    A segment is all pixels of a picture with one label and one instance number (0 for what is not
    counted, such as a background). A found and a true segment of one class match if their IoU is
    above 0.5, so no segment has two partners. With TP pairs, FP found and FN true segments alone:
    SQ is the mean IoU of the pairs, RQ = TP / (TP + FP / 2 + FN / 2), PQ = SQ * RQ.
    Pixels whose true label is `ignore` (void) count in no area, and a found segment of which more
    than half is void is no false positive. A label `ignore` that was found is of no segment.
    All four: whole numbers [B, H, W]. Kirillov et al., "Panoptic segmentation", 2019.
    """
    maps = {
        "labels": labels,
        "instances": instances,
        "true_labels": true_labels,
        "true_instances": true_instances,
    }
    maps = _checked(maps, _validate.whole_number("classes", classes), ignore)
    kinds, area, place = _segments(maps["labels"], maps["instances"], classes, ignore)
    true_kinds, true_area, true_place = _segments(
        maps["true_labels"], maps["true_instances"], classes, ignore
    )
    # One sort over the pixels; all else is asked of its short table of overlapping segments.
    pair, shared = (true_place * len(kinds) + place).unique(return_counts=True)
    true, predicted = pair // len(kinds), pair % len(kinds)
    void = torch.zeros_like(kinds).index_add(0, predicted, shared.where(true_kinds[true] < 0, 0))
    union = true_area[true] + (area - void)[predicted] - shared
    match = (kinds[predicted] == true_kinds[true]) & (kinds[predicted] >= 0) & (2 * shared > union)

    alone, missed = kinds >= 0, true_kinds >= 0
    alone = alone.index_fill(0, predicted[match], False) & (2 * void <= area)
    missed = missed.index_fill(0, true[match], False)
    right, spurious, lost = (
        k.bincount(minlength=classes)
        for k in (kinds[predicted[match]], kinds[alone], true_kinds[missed])
    )
    quality = shared[match] / union[match]
    total = torch.zeros(classes, device=labels.device, dtype=quality.dtype)
    total = total.index_add(0, kinds[predicted[match]], quality)
    objects = right + (spurious + lost) / 2
    sq = (total / right.clamp(min=1)).where(objects > 0, torch.nan)
    return PanopticQuality(total / objects, sq, right / objects)


def _segments(
    labels: Tensor, instances: Tensor, classes: int, ignore: int
) -> tuple[Tensor, Tensor, Tensor]:
    """The class and the area of each segment of each picture, [S], and each pixel's segment.

    What has no label is one more segment of its picture, of class -1.
    """
    # Numbers without gaps, so that the codes below stay small: COCO's go up to 2**24.
    numbers, which, _ = compact(instances)
    width = classes * len(numbers) + 1
    picture = torch.arange(len(labels), device=labels.device)[:, None, None]
    code = (labels * len(numbers) + which + 1).where(labels != ignore, 0) + picture * width
    codes, place, area = compact(code)
    return (codes % width - 1) // len(numbers), area, place


def _checked(maps: dict[str, Tensor], classes: int, ignore: int) -> dict[str, Tensor]:
    """The maps as int64, which are whole numbers of one shape, and labels of the classes."""
    _validate.ignored(classes, ignore)
    maps = {
        name: _validate.whole_numbers(given, name, negative=name.endswith("labels"))
        for name, given in maps.items()
    }
    for name, given in maps.items():
        if given.shape != maps["labels"].shape:
            raise ValueError(
                f"{name} has shape {list(given.shape)} and labels {list(maps['labels'].shape)}; "
                f"use one shape for all four"
            )
        if name.endswith("labels"):
            for stray in given.where(given != ignore, 0).aminmax():
                if not 0 <= stray < classes:
                    raise ValueError(
                        f"{name} holds {int(stray)}, which is none of the {classes} classes; use 0 "
                        f"to {classes - 1}, or {ignore} for no label"
                    )
    return maps
