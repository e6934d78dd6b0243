"""Answers of nets that find objects: a mask, a class and a score for each. How good they are."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import report, weights
from seglab.nets.report import Figures, figure
from seglab.ops import instances as ops
from seglab.ops import metrics
from seglab.types import Image, Instances, Labels

MOST = 100  # objects of a picture that count, as in COCO
SCENES = 300  # of the test split, for the figures; all with the default objects and difficulty
COLUMNS = {
    "weights": figure("parameters"),
    "scenes": figure("scenes"),
    "AP50": figure("ap50", digits=3),
    "AP": figure("ap", digits=3),
    **{f"AP50 {kind}": figure("per_class", kind, digits=3) for kind in scenes.CLASSES[1:]},
}


class Detections(NamedTuple):
    """Objects found in one picture, best first.

    masks: bool [N, H, W]; they may overlap. labels: int64 [N]. scores: float [N], 0 to 1.
    """

    masks: Tensor
    labels: Tensor
    scores: Tensor

    def pick(self, which: Tensor | slice) -> "Detections":
        """Detections at these indices, or where this mask is true."""
        return Detections(self.masks[which], self.labels[which], self.scores[which])


class Regions(NamedTuple):
    """Objects, their boxes, and each one's mask over its own box.

    boxes: float [N, 4], top, left, bottom, right; see instances.mask_boxes.
    crops: float [N, side, side], 0 to 1.
    """

    objects: Detections
    boxes: Tensor
    crops: Tensor


def regions(detections: Detections, side: int) -> Regions:
    """Detections with the smallest box around each mask, and the mask read at side x side places.

    So masks of any origin can be shown like those of Mask R-CNN.
    """
    boxes = ops.mask_boxes(detections.masks)
    return Regions(
        detections, boxes, ops.roi_align(detections.masks[:, None].float(), boxes, side)[:, 0]
    )


def of_instances(
    instances: Instances, share: Tensor, peaks: Tensor | None = None, min_size: int = 1
) -> Detections:
    """Objects of an instance map [1, H, W], each with the class that most of it belongs to.

    share: probabilities [1, K, H, W], class 0 being background. An object's score is the mean
    probability of its class, times peaks[number - 1] where peaks [N] are given. Objects of fewer
    than min_size pixels are left out.
    """
    numbers, picture = ops.ids(instances), instances[0]
    inside = picture > 0
    which = torch.searchsorted(numbers, picture[inside])
    total = share.new_zeros(len(numbers), share.shape[1])
    total.index_add_(0, which, share[0][:, inside].T)
    area = ops.areas(instances)
    best = (total[:, 1:] / area[:, None]).max(1)
    scores = best.values if peaks is None else best.values * peaks[numbers - 1]
    order = scores.argsort(descending=True, stable=True)
    order = order[area[order] >= min_size]
    masks = picture == numbers[order][:, None, None]
    return Detections(masks, best.indices[order] + 1, scores[order])


def as_instances(detections: Detections) -> Instances:
    """Instance map [1, H, W] of detections: 1 is the best, seen where it overlaps with others."""
    count = len(detections.masks)
    if not count:
        return detections.masks.new_zeros(1, *detections.masks.shape[1:], dtype=torch.int64)
    rank = torch.arange(count, 0, -1, device=detections.masks.device)[:, None, None]
    top = (detections.masks * rank).amax(0, keepdim=True)
    return torch.where(top > 0, count + 1 - top, 0)


def as_labels(detections: Detections) -> Labels:
    """Label map [1, H, W] of detections: the class of the best object at each pixel, 0 = none."""
    return F.pad(detections.labels, (1, 0))[as_instances(detections)]


def figures(
    net: nn.Module, find: Callable[[Image], Detections], losses: Sequence[float]
) -> Figures:
    """Figures of a trained net, COLUMNS and more. find: its objects in an image [1, 3, H, W]."""
    return {
        "parameters": weights.count(net),
        **measure(find),
        "loss": report.curve(losses),
    }


def measure(
    find: Callable[[Image], Detections], split: str = "test", count: int = SCENES
) -> Figures:
    """Average precision of masks on the first `count` scenes of a split, as COCO works it out.

    ap50: at an IoU of 0.5; ap: the mean over 0.5, 0.55, ... 0.95; both are means over the classes.
    per_class: ap50 of each. At most 100 objects of a picture count.
    """
    pictures: list[list[Tensor]] = []
    for seed in range(count):
        scene = scenes.make(seed, split=split)
        with torch.no_grad():
            detections = find(scene.image).pick(slice(MOST))
        judged = compare(detections, scene.labels, scene.instances)
        pictures.append([part.cpu() for part in judged])
    kinds = range(1, len(scenes.CLASSES))
    overlaps, scores, classes, truths = zip(*pictures, strict=True)
    each = metrics.average_precision_by_class(overlaps, scores, classes, truths, kinds)
    every = each.nanmean(0)
    return {
        "scenes": count,
        "ap50": round(float(every[0]), 3),
        "ap": round(float(every.mean()), 3),
        "per_class": {
            name: round(float(precision[0]), 3)
            for name, precision in zip(scenes.CLASSES[1:], each, strict=True)
        },
    }


class Compared(NamedTuple):
    """Comparison of the N predicted objects of one picture with its M true ones.

    overlaps: IoU, float [N, M]. scores: float [N]. classes: int64 [N], true_classes: int64 [M].
    """

    overlaps: Tensor
    scores: Tensor
    classes: Tensor
    true_classes: Tensor


def compare(detections: Detections, labels: Labels, instances: Instances) -> Compared:
    """Detections against the true objects of a scene, each map [1, H, W]."""
    masks, classes = true_objects(labels, instances)
    return Compared(
        metrics.mask_overlaps(detections.masks, masks),
        detections.scores,
        detections.labels,
        classes,
    )


def average_precision(
    pictures: Sequence[Compared], thresholds: Sequence[float] = metrics.THRESHOLDS
) -> Tensor:
    """Average precision over all the pictures at each IoU threshold, [T]; see metrics."""
    overlaps, scores, classes, truths = zip(*pictures, strict=True)
    return metrics.average_precision(overlaps, scores, classes, truths, thresholds)


def true_objects(labels: Labels, instances: Instances) -> tuple[Tensor, Tensor]:
    """Masks of a scene, bool [M, H, W], and classes, int64 [M], in the order of their numbers."""
    masks = instances == ops.ids(instances)[:, None, None]
    return masks, (masks * labels).flatten(1).amax(1)
