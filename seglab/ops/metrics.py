"""How good a segmentation is, from counts: one confusion matrix, then one-line metrics.

Counts add up over pictures and batches; a metric is worked out once, from the sum. A mean of
per-picture values is another number. Per-class values are NaN where there is nothing to judge, and
the means leave those classes out. Metrics of objects (average precision, panoptic quality) are in
`instance_metrics` and offered here too.
"""

import torch
from torch import Tensor

from seglab.ops import arguments, morphology
from seglab.ops.heatmap import NONE
from seglab.ops.instance_metrics import (
    THRESHOLDS,
    PanopticQuality,
    average_precision,
    average_precision_by_class,
    mask_overlaps,
    panoptic_quality,
    panoptic_quality_by_class,
)
from seglab.types import Labels

__all__ = [
    "THRESHOLDS",
    "PanopticQuality",
    "average_precision",
    "average_precision_by_class",
    "boundary_counts",
    "boundary_iou",
    "confusion",
    "dice",
    "frequency_weighted_iou",
    "iou",
    "mask_overlaps",
    "mean_accuracy",
    "mean_boundary_iou",
    "mean_iou",
    "panoptic_quality",
    "panoptic_quality_by_class",
    "pixel_accuracy",
]


def confusion(labels: Labels, truth: Labels, classes: int, ignore: int = NONE) -> Tensor:
    """How many pixels of each true class (row) were given each label (column), int64 [K, K].

    labels, truth: whole numbers of one shape; classes: K. Pixels whose truth is `ignore` count
    nowhere. Raises ValueError for a label outside 0 to K - 1 on any other pixel. That includes
    `ignore`: no answer is not a right one; the message says how to judge answered pixels only.
    """
    judged = _judged(labels, truth, classes, ignore)
    # One more bin takes the pixels that are not judged: cheaper than to pick out the others.
    codes = (truth.long() * classes + labels).where(judged, classes**2)
    return _counts(codes, classes**2).view(classes, classes)


def pixel_accuracy(confusion: Tensor) -> Tensor:
    """The share of all pixels that are right."""
    return confusion.trace() / confusion.sum()


def mean_accuracy(confusion: Tensor) -> Tensor:
    """The share of each true class that is right (its recall), averaged over the true classes."""
    return (confusion.diagonal() / confusion.sum(1)).nanmean()


def iou(confusion: Tensor) -> Tensor:
    """Intersection over union (Jaccard index) of each class, [K]; NaN where it is nowhere.

    A class that was predicted but is not in the truth has 0.
    """
    right = confusion.diagonal()
    return right / (confusion.sum(0) + confusion.sum(1) - right)


def mean_iou(confusion: Tensor) -> Tensor:
    """The mean of iou over the classes that are in the truth or in the prediction."""
    return iou(confusion).nanmean()


def frequency_weighted_iou(confusion: Tensor) -> Tensor:
    """The mean of iou, each class weighted by its share of the true pixels."""
    return (confusion.sum(1) * iou(confusion).nan_to_num(0)).sum() / confusion.sum()


def dice(confusion: Tensor) -> Tensor:
    """Dice coefficient (F1 score) of each class, [K]: 2 iou / (1 + iou), NaN where iou is."""
    return 2 * confusion.diagonal() / (confusion.sum(0) + confusion.sum(1))


def boundary_iou(mask: Tensor, truth: Tensor, distance: int) -> Tensor:
    """IoU of the bands within `distance` pixels of each mask's own contour, on its inner side.

    mask, truth: bool [..., H, W]; one value for each pair of masks, [...]. As in the authors' code,
    distance counts erosions by 3 x 3 pixels, and a mask that the picture's border cuts off has a
    contour there. Two empty masks give NaN, one empty mask gives 0. With a distance as wide as the
    picture it is the ordinary IoU; the paper takes 2 % of the diagonal.
    Cheng et al., "Boundary IoU: improving object-centric image segmentation evaluation", 2021.
    """
    _alike("mask", mask, truth)
    for name, given in (("mask", mask), ("truth", truth)):
        if given.dtype != torch.bool:
            raise TypeError(f"{name} is {given.dtype}; use bool, such as labels == 1")
    arguments.whole("distance", distance)
    band, true_band = (m & morphology.edge(m, distance) for m in (mask, truth))
    return (band & true_band).sum((-2, -1)) / (band | true_band).sum((-2, -1))


def boundary_counts(
    labels: Labels, truth: Labels, classes: int, distance: int, ignore: int = NONE
) -> Tensor:
    """Pixels in the intersection and in the union of each class's two bands, int64 [K, 2].

    labels, truth: whole numbers [..., H, W]; the bands are those of boundary_iou, with labels == k
    and truth == k for its masks. The counts of several batches may be added up. Pixels whose truth
    is `ignore` count nowhere, and both contours run along them, as along the picture's border.
    """
    judged = _judged(labels, truth, classes, ignore)
    arguments.whole("distance", distance)
    labels, truth = (m.long().where(judged, -1) for m in (labels, truth))
    near, true_near = (morphology.edge(m, distance) & judged for m in (labels, truth))
    band, true_band, shared = (
        _counts(truth.where(where, classes) if of_truth else labels.where(where, classes), classes)
        for of_truth, where in (
            (False, near),
            (True, true_near),
            (True, near & true_near & (labels == truth)),
        )
    )
    return torch.stack((shared, band + true_band - shared), 1)


def mean_boundary_iou(
    labels: Labels, truth: Labels, classes: int, distance: int, ignore: int = NONE
) -> Tensor:
    """Boundary IoU of each class over all pictures together, averaged over the classes.

    labels, truth: whole numbers [..., H, W]. Classes that are nowhere are left out. The picture's
    border counts as a contour, so the background agrees there at once; see boundary_iou.
    """
    shared, union = boundary_counts(labels, truth, classes, distance, ignore).unbind(1)
    return (shared / union).nanmean()


def _judged(labels: Tensor, truth: Tensor, classes: int, ignore: int) -> Tensor:
    """The pixels that count; refuses labels of no class on them."""
    _alike("labels", labels, truth)
    arguments.whole("classes", classes)
    judged = truth != ignore
    for name, given in (("truth", truth), ("labels", labels)):
        if given.is_floating_point() or given.is_complex():
            raise TypeError(f"{name} is {given.dtype}; use whole numbers, such as {name}.long()")
        for stray in given.long().where(judged, 0).aminmax():
            if 0 <= stray < classes:
                continue
            if stray == ignore:
                raise ValueError(
                    f"{name} holds {ignore}, no label, where the truth has one: an error, but of "
                    f"no class; to judge answered pixels only, use "
                    f"truth.masked_fill(labels == {ignore}, {ignore})"
                )
            raise ValueError(
                f"{name} holds {int(stray)}, which is none of the {classes} classes; use 0 to "
                f"{classes - 1}, or {ignore} in truth for a pixel that is not judged"
            )
    return judged


def _alike(name: str, given: Tensor, truth: Tensor) -> None:
    for argument, value in ((name, given), ("truth", truth)):
        if not isinstance(value, Tensor):
            raise TypeError(f"{argument} is {type(value).__name__}; use a tensor [B, H, W]")
    if given.shape != truth.shape or not given.numel():
        raise ValueError(
            f"{name} has shape {list(given.shape)} and truth {list(truth.shape)}; "
            f"use one shape for both, with at least one pixel"
        )
    if given.device != truth.device:
        raise ValueError(
            f"{name} is on {given.device} and truth on {truth.device}; use {name}.to(truth.device)"
        )


def _counts(codes: Tensor, below: int) -> Tensor:
    """How often each code from 0 to below - 1 stands there; `below` itself is not counted."""
    return codes.flatten().bincount(minlength=below + 1)[:-1]
