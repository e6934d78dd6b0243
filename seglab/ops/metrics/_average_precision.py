"""Average precision of objects that have a score, and the IoU of masks that may overlap."""

from collections.abc import Sequence

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import share

THRESHOLDS = tuple(percent / 100 for percent in range(50, 100, 5))  # COCO's: 0.5, 0.55, ... 0.95
_EXACT = 2**24  # to here, float32 counts
_RECALLS = 101  # COCO reads precision at recall 0, 0.01, ... 1


def mask_overlaps(masks: Tensor, truth: Tensor) -> Tensor:
    """Intersection over union of every predicted with every true mask, float [N, M].

    masks: bool [N, H, W], truth: bool [M, H, W]; masks may overlap, and N or M may be 0. Two empty
    masks have 0. For instance maps see instances.overlaps, for boxes torchvision.ops.box_iou.
    Raises TypeError for masks that are not bool, ValueError for other shapes.
    """
    for name, given in (("masks", masks), ("truth", truth)):
        _validate.masks(given, name)
    if masks.ndim != 3 or truth.ndim != 3 or masks.shape[1:] != truth.shape[1:]:
        raise ValueError(
            f"masks has shape {list(masks.shape)} and truth {list(truth.shape)}; "
            f"use [N, H, W] and [M, H, W] of one picture"
        )
    predicted, true = masks.flatten(1), truth.flatten(1)
    shared = torch.zeros(len(masks), len(truth), dtype=torch.int64, device=masks.device)
    for some, others in zip(predicted.split(_EXACT, 1), true.split(_EXACT, 1), strict=True):
        shared += (some.float() @ others.float().T).long()
    return share(shared, (predicted.sum(1)[:, None] + true.sum(1) - shared).clamp(min=1))


def average_precision(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor] | None = None,
    true_classes: Sequence[Tensor] | None = None,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Tensor:
    """Average precision at each IoU threshold, as COCO works it out, float [T].

    Its mean is COCO's AP; its first value, with the thresholds as they are, AP50.
    For each picture: overlaps float [N, M], IoU of N predicted, M true objects (instances.overlaps,
    mask_overlaps or torchvision's box_iou); scores float [N]. The best-scored object chooses first,
    and takes the free true object of the same picture with the largest IoU, at least the threshold;
    who gets none is a false positive. Precision, made monotonic, is read at recall 0, 0.01, ... 1.
    Of equal scores the one that stands first is better. Without predicted objects AP is 0; without
    true ones there is nothing to judge: NaN.
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
    class_ids = present.tolist()
    return _by_class(overlaps, scores, classes, true_classes, class_ids, thresholds).mean(0)


def average_precision_by_class(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor],
    true_classes: Sequence[Tensor],
    class_ids: Sequence[int],
    thresholds: Sequence[float] = THRESHOLDS,
) -> Tensor:
    """Average precision of each class at each IoU threshold, float [K, T].

    class_ids: the K classes, in the order of the rows; one without a true object has NaN. All else
    as in average_precision, which is the mean over the classes that are in the truth.
    Raises ValueError for no class, and as average_precision does.
    """
    if not len(class_ids):
        raise ValueError("class_ids names no class; give at least one, such as (1, 2)")
    _check(overlaps, scores, classes, true_classes, thresholds)
    return _by_class(overlaps, scores, classes, true_classes, class_ids, thresholds)


def _by_class(
    overlaps: Sequence[Tensor],
    scores: Sequence[Tensor],
    classes: Sequence[Tensor],
    true_classes: Sequence[Tensor],
    class_ids: Sequence[int],
    thresholds: Sequence[float],
) -> Tensor:
    each = []
    for class_id in class_ids:
        rows, columns = ([part == class_id for part in parts] for parts in (classes, true_classes))
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
    """Objects of one picture that find a partner at each threshold, bool [T, N]."""
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
        _validate.overlaps(table, f"overlaps[{number}]")
        if not isinstance(own, Tensor):
            raise TypeError(f"scores[{number}] is a {type(own).__name__}; use a tensor [N]")
        if own.shape != table.shape[:1]:
            raise ValueError(
                f"picture {number} has overlaps {list(table.shape)} and scores {list(own.shape)}; "
                f"use [N, M] and [N]: a row and a score for each found object"
            )
        if bool(own.isnan().any()):
            raise ValueError(f"picture {number} has a score NaN, which has no rank; use numbers")
    for number, (table, predicted, true) in enumerate(
        zip(overlaps, classes or [], true_classes or [], strict=False)
    ):
        for name, kinds in (("classes", predicted), ("true_classes", true)):
            if not isinstance(kinds, Tensor):
                raise TypeError(f"{name}[{number}] is a {type(kinds).__name__}; use a tensor")
        if (*predicted.shape, *true.shape) != tuple(table.shape):
            raise ValueError(
                f"picture {number} has overlaps {list(table.shape)}, but {list(predicted.shape)} "
                f"classes and {list(true.shape)} true_classes; use [N] and [M]"
            )
