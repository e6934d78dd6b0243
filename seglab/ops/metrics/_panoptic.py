"""Panoptic quality: how well segments of label and instance maps are found and outlined."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._compact import compact
from seglab.ops._floats import widest
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
    labels, instances, true_labels, true_instances = maps.values()
    instances, true_instances, highest = _numbers(instances, true_instances, classes)
    predicted_codes = _codes(labels, instances, highest, ignore)
    true_codes = _codes(true_labels, true_instances, highest, ignore)
    # One sort over the pixels; all else is asked of its short table of overlapping segments.
    width = classes * highest + 1
    picture = torch.arange(len(labels), device=labels.device)[:, None, None]
    table = (picture * width + true_codes) * width + predicted_codes
    pair, shared = table.unique(return_counts=True)
    segment, predicted = (pair // width**2 * width + pair % width).unique(return_inverse=True)
    true_segment, true = (pair // width).unique(return_inverse=True)
    kinds, true_kinds = ((code % width - 1) // highest for code in (segment, true_segment))

    area = torch.zeros_like(segment).index_add(0, predicted, shared)
    true_area = torch.zeros_like(true_segment).index_add(0, true, shared)
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
    # One after the other: in 32 bits, thousands of them would lose digits.
    quality = shared[match].to(widest(shared)) / union[match]
    total = torch.zeros(classes, device=labels.device, dtype=quality.dtype)
    total = total.index_add(0, kinds[predicted[match]], quality)
    objects = right + (spurious + lost) / 2
    sq = (total / right.clamp(min=1)).where(objects > 0, torch.nan)
    each = total / objects, sq, right / objects
    return PanopticQuality(*(value.to(objects.dtype) for value in each))


def _numbers(instances: Tensor, true_instances: Tensor, classes: int) -> tuple[Tensor, Tensor, int]:
    """Both maps, and one more than their largest number; renumbered where codes would overflow.

    A code holds the picture and a segment of each map in one int64. COCO's numbers go up to 2**24.
    """
    maps = instances, true_instances
    for renumbered in (False, True):
        if renumbered:
            maps = compact(instances).place, compact(true_instances).place
        highest = max(int(m.max()) for m in maps) + 1
        if len(instances) * (classes * highest + 1) ** 2 < 2**63:
            return *maps, highest
    raise ValueError(
        f"instances holds up to {highest} objects of {classes} classes in {len(instances)} "
        f"pictures, more than can be counted at once; judge fewer pictures at a time"
    )


def _codes(labels: Tensor, instances: Tensor, highest: int, ignore: int) -> Tensor:
    """Each pixel's segment within its picture, from 1; 0 is no segment."""
    return (labels * highest + instances + 1).where(labels != ignore, 0)


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
