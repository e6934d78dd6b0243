"""How well objects are found: average precision for scored ones, panoptic quality for label maps.

Both match found with true objects by IoU, picture by picture, and count over the whole data set.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import arguments
from seglab.ops.heatmap import NONE
from seglab.ops.objects import check
from seglab.types import Instances, Labels

THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))  # COCO's: 0.5, 0.55, ... 0.95
_RECALLS = 101  # COCO reads precision at recall 0, 0.01, ... 1


class PanopticQuality(NamedTuple):
    """Panoptic quality, and its parts segmentation quality and recognition quality."""

    pq: Tensor
    sq: Tensor
    rq: Tensor


def mask_overlaps(masks: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of every found with every true mask, float [N, M].

    masks: bool [N, H, W], truth: bool [M, H, W]; masks may overlap, and N or M may be 0. Two empty
    masks have 0. For instance maps see objects.overlaps, for boxes torchvision.ops.box_iou.
    """
    for name, given in (("masks", masks), ("truth", truth)):
        if given.dtype != torch.bool:
            raise TypeError(f"{name} is {given.dtype}; use bool [N, H, W], such as masks > 0.5")
    if masks.ndim != 3 or truth.ndim != 3 or masks.shape[1:] != truth.shape[1:]:
        raise ValueError(
            f"masks has shape {list(masks.shape)} and truth {list(truth.shape)}; "
            f"use [N, H, W] and [M, H, W] of one picture"
        )
    found, true = masks.flatten(1).float(), truth.flatten(1).float()  # exact below 2^24 pixels
    shared = found @ true.T
    return shared / (found.sum(1)[:, None] + true.sum(1) - shared).clamp(min=1)


def average_precision(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor] | None = None,
    true_classes: Sequence[Tensor] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Tensor:
    """Average precision at each IoU threshold, as COCO works it out, float [T].

    Its mean is COCO's AP; its first value, with the thresholds as they are, AP50.
    For each picture: overlaps float [N, M], IoU of N found with M true objects (objects.overlaps,
    mask_overlaps or torchvision's box_iou); scores float [N]. The best-scored object chooses first,
    and takes the free true object of the same picture with the largest IoU, at least the threshold;
    who gets none is a false positive. Precision, made monotonic, is read at recall 0, 0.01, ... 1.
    Of equal scores the one that stands first is better. Without found objects AP is 0; without true
    ones there is nothing to judge: NaN.
    classes int64 [N], true_classes [M]: objects match in their class only, and the answer is the
    mean over the classes that are in the truth. COCO's limit of 100 objects per picture and its
    crowd regions are left to the caller.
    Lin et al., "Microsoft COCO", 2014; Everingham et al., "The PASCAL VOC challenge", 2010.
    """
    if (classes is None) != (true_classes is None):
        raise ValueError("classes and true_classes belong together; give both or neither")
    _check(overlaps, scores, classes, true_classes, thresholds)
    if classes is None or true_classes is None:
        return _average_precision(overlaps, scores, thresholds)
    present = torch.cat([c.flatten() for c in true_classes]).unique()
    if not len(present):
        return torch.full((len(thresholds),), torch.nan, device=present.device)
    kinds = present.tolist()
    return _by_class(overlaps, scores, classes, true_classes, kinds, thresholds).mean(0)


def average_precision_by_class(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor],
    true_classes: Sequence[Tensor],
    kinds: Sequence[int],
    thresholds: Sequence[float] = THRESHOLDS,
) -> Tensor:
    """Average precision of each class at each IoU threshold, float [K, T].

    kinds: the K classes, in the order of the rows; one without a true object has NaN. All else as
    in average_precision, which is the mean over the classes that are in the truth.
    """
    if not len(kinds):
        raise ValueError("kinds names no class; give at least one, such as (1, 2)")
    _check(overlaps, scores, classes, true_classes, thresholds)
    return _by_class(overlaps, scores, classes, true_classes, kinds, thresholds)


def panoptic_quality(
    labels: Labels,
    instances: Instances,
    true_labels: Labels,
    true_instances: Instances,
    classes: int,
    ignore: int = NONE,
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
    ignore: int = NONE,
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
    _check_maps(maps, arguments.whole("classes", classes), ignore)
    highest = int(torch.maximum(instances.max(), true_instances.max())) + 1
    found_codes = _codes(labels, instances, highest, ignore)
    true_codes = _codes(true_labels, true_instances, highest, ignore)
    # One sort over the pixels; all else is asked of its short table of overlapping segments.
    width = classes * highest + 1
    picture = torch.arange(len(labels), device=labels.device)[:, None, None]
    table = (picture * width + true_codes) * width + found_codes
    pair, shared = table.unique(return_counts=True)
    segment, found = (pair // width**2 * width + pair % width).unique(return_inverse=True)
    true_segment, true = (pair // width).unique(return_inverse=True)
    kinds, true_kinds = ((code % width - 1) // highest for code in (segment, true_segment))

    area = torch.zeros_like(segment).index_add(0, found, shared)
    true_area = torch.zeros_like(true_segment).index_add(0, true, shared)
    void = torch.zeros_like(segment).index_add(0, found, shared.where(true_kinds[true] < 0, 0))
    union = true_area[true] + (area - void)[found] - shared
    match = (kinds[found] == true_kinds[true]) & (kinds[found] >= 0) & (2 * shared > union)

    alone, missed = kinds >= 0, true_kinds >= 0
    alone = alone.index_fill(0, found[match], False) & (2 * void <= area)
    missed = missed.index_fill(0, true[match], False)
    right, spurious, lost = (
        k.bincount(minlength=classes)
        for k in (kinds[found[match]], kinds[alone], true_kinds[missed])
    )
    quality = shared[match] / union[match]
    total = torch.zeros(classes, device=labels.device, dtype=quality.dtype)
    total = total.index_add(0, kinds[found[match]], quality)
    objects = right + (spurious + lost) / 2
    sq = (total / right.clamp(min=1)).where(objects > 0, torch.nan)
    return PanopticQuality(total / objects, sq, right / objects)


def _by_class(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor],
    true_classes: Sequence[Tensor],
    kinds: Sequence[int],
    thresholds: Sequence[float],
) -> Tensor:
    each = []
    for kind in kinds:
        rows, columns = ([part == kind for part in parts] for parts in (classes, true_classes))
        tables = [t[r][:, c] for t, r, c in zip(overlaps, rows, columns, strict=True)]
        own = [s[r] for s, r in zip(scores, rows, strict=True)]
        each.append(_average_precision(tables, own, thresholds))
    return torch.stack(each)


def _average_precision(
    overlaps: Sequence[Tensor], scores: Sequence[Tensor], thresholds: Sequence[float]
) -> Tensor:
    true = sum(table.shape[1] for table in overlaps)
    place = overlaps[0].device
    if not true:
        return torch.full((len(thresholds),), torch.nan, device=place)
    right = torch.cat(
        [_right(t, s, thresholds) for t, s in zip(overlaps, scores, strict=True)], dim=1
    )
    order = torch.cat(list(scores)).argsort(descending=True, stable=True)
    hits = right[:, order].cumsum(1)
    precision = hits / torch.arange(1, len(order) + 1, device=place)
    best_from_here = precision.flip(1).cummax(1).values.flip(1) if len(order) else precision
    # Whole numbers on both sides: the share 7 / 20 is exactly recall 0.35, in floats it may not be.
    recalls = torch.arange(_RECALLS, device=place) * true
    reached = torch.searchsorted(hits * (_RECALLS - 1), recalls.expand(len(hits), -1).contiguous())
    beyond = torch.zeros_like(precision[:, :1]) if len(order) else precision.new_zeros(len(hits), 1)
    return torch.cat((best_from_here, beyond), 1).gather(1, reached).mean(1)


def _right(table: Tensor, scores: Tensor, thresholds: Sequence[float]) -> Tensor:
    """Which objects of one picture find a partner at each threshold, bool [T, N]."""
    least = torch.tensor(thresholds, dtype=table.dtype, device=table.device)
    right = torch.zeros(len(least), len(table), dtype=torch.bool, device=table.device)
    if not table.shape[1]:
        return right
    free = torch.ones(len(least), table.shape[1], dtype=torch.bool, device=table.device)
    for n in scores.argsort(descending=True, stable=True).tolist():
        best = table[n].where(free & (table[n] >= least[:, None]), -1).max(1)
        right[:, n] = best.values >= 0
        free &= ~torch.zeros_like(free).scatter(1, best.indices[:, None], right[:, n : n + 1])
    return right


def _codes(labels: Tensor, instances: Tensor, highest: int, ignore: int) -> Tensor:
    """Each pixel's segment within its picture, from 1; 0 is no segment."""
    return (labels.long() * highest + instances + 1).where(labels != ignore, 0)


def _check(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor] | None,
    true_classes: Sequence[Tensor] | None,
    thresholds: Sequence[float],
) -> None:
    counts = {
        "overlaps": overlaps,
        "scores": scores,
        "classes": classes,
        "true_classes": true_classes,
    }
    lengths = {name: len(given) for name, given in counts.items() if given is not None}
    if len(set(lengths.values())) != 1 or not len(overlaps):
        raise ValueError(f"there are {lengths} pictures; give one of each for every picture")
    if not len(thresholds) or not all(0 < level <= 1 for level in thresholds):
        raise ValueError(f"thresholds={thresholds} must be IoUs above 0 up to 1, such as (0.5,)")
    for number, (table, own) in enumerate(zip(overlaps, scores, strict=True)):
        if table.ndim != 2 or own.shape != table.shape[:1]:
            raise ValueError(
                f"picture {number} has overlaps {list(table.shape)} and scores {list(own.shape)}; "
                f"use [N, M] and [N]: a row and a score for each found object"
            )
        if bool(own.isnan().any()):
            raise ValueError(f"picture {number} has a score NaN, which has no rank; use numbers")
    for number, (table, found, true) in enumerate(
        zip(overlaps, classes or [], true_classes or [], strict=False)
    ):
        if (*found.shape, *true.shape) != tuple(table.shape):
            raise ValueError(
                f"picture {number} has overlaps {list(table.shape)}, but {list(found.shape)} "
                f"classes and {list(true.shape)} true_classes; use [N] and [M]"
            )


def _check_maps(maps: dict[str, Tensor], classes: int, ignore: int) -> None:
    for name, given in maps.items():
        check(given, name, negative=name.endswith("labels"))
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
