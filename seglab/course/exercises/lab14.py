"""Lab 14, measuring: a confusion matrix, mean IoU from it, and the band of the boundary."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question
from seglab.ops import metrics, morphology
from seglab.types import NO_LABEL


def _label_maps(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes = 2 + (i + 1) // 4
    shape = (1, 2 + i // 4, 3 + i // 3)
    truth = random.integers(0, classes, shape)
    labels = np.where(random.random(shape) < 0.6, truth, random.integers(0, classes, shape))
    truth.flat[0], labels.flat[0] = 0, 1  # never symmetric
    if i > 0:
        truth.flat[-1] = NO_LABEL
    return {
        "labels": torch.from_numpy(labels),
        "truth": torch.from_numpy(truth),
        "classes": classes,
    }


def confusion_matrix(labels: Tensor, truth: Tensor, classes: int) -> Tensor:
    """Pixels of each true class (row) by the label they got (column); 255 in truth is left out."""
    return metrics.confusion(labels, truth, classes)


def _void_is_background(labels: Tensor, truth: Tensor, classes: int) -> Tensor:
    return confusion_matrix(labels, truth.where(truth != NO_LABEL, 0), classes)


def _void_breaks_it(labels: Tensor, truth: Tensor, classes: int) -> Tensor:
    pairs = (truth * classes + labels).flatten()
    return pairs.bincount(minlength=classes**2).view(classes, classes)


def _counts(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes = 2 + i // 4
    counts = random.integers(0, 9, (classes, classes)) + np.diag(random.integers(5, 30, classes))
    counts[0, -1] += 10  # never symmetric
    absent = random.integers(0, classes) if i % 3 == 1 and classes > 2 else None
    if absent is not None:
        counts[absent], counts[:, absent] = 0, 0
    elif i % 3 == 2:
        counts[-1] = 0  # a class that is only predicted
    return {"confusion": torch.from_numpy(counts)}


def mean_iou(confusion: Tensor) -> float:
    """Mean over the classes of intersection over union; a class that is nowhere is left out."""
    return float(metrics.mean_iou(confusion))


def _ious(confusion: Tensor) -> Tensor:
    return metrics.iou(confusion)


def _union_twice(confusion: Tensor) -> float:
    each = confusion.diagonal() / (confusion.sum(0) + confusion.sum(1))
    return float(each.nanmean())


def _true_classes_only(confusion: Tensor) -> float:
    return float(_ious(confusion)[confusion.sum(1) > 0].mean())


def _masks(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 5 + i // 2, 6 + i // 2 + int(random.integers(0, 4))
    mask = torch.zeros(height, width, dtype=torch.bool)
    top, left = (0, 1) if i % 3 == 1 else (1, 0) if i % 3 == 2 else (1, 1)
    mask[top : height - 1, left : width - 1] = True
    mask[height // 2, width // 2] = bool(i % 2) or i < 3
    # A notch, so that a square window and a diamond differ.
    mask[-3:, -3:] = False
    return {"mask": mask, "distance": 1 + (i // 3) % 2}


def boundary_band(mask: Tensor, distance: int) -> Tensor:
    """The pixels of the mask whose square of 2 distance + 1 pixels is not all inside it."""
    return mask & morphology.edge(mask, distance)


def _outside(mask: Tensor, distance: int) -> Tensor:
    return morphology.dilate(mask, distance) & ~mask


def _both_sides(mask: Tensor, distance: int) -> Tensor:
    return boundary_band(mask, distance) | _outside(mask, distance)


def _diamond(mask: Tensor, distance: int) -> Tensor:
    inner = F.pad(mask, (1, 1, 1, 1))
    for _ in range(distance):
        inner[1:-1, 1:-1] &= (
            inner[:-2, 1:-1] & inner[2:, 1:-1] & inner[1:-1, :-2] & inner[1:-1, 2:]
        ).clone()
    return mask & ~inner[1:-1, 1:-1]


def _no_border(mask: Tensor, distance: int) -> Tensor:
    return mask & morphology.dilate(~mask, distance)


EXERCISES = (
    Exercise(
        "confusion_matrix",
        _label_maps,
        confusion_matrix,
        {
            "rows and columns have changed places: a row is a true class, a column what it was "
            "called": lambda labels, truth, classes: confusion_matrix(labels, truth, classes).T,
            "pixels without a true class (255) are counted as class 0: they count nowhere": (
                _void_is_background
            ),
            "pixels without a true class (255) give numbers that no cell of the matrix has: leave "
            "them out before you count": _void_breaks_it,
            "only the right pixels are counted: the errors are what the matrix is for": (
                lambda labels, truth, classes: (
                    confusion_matrix(labels, truth, classes).diagonal().diag()
                )
            ),
            "these are shares of each true class: counts can be added up over pictures, shares "
            "cannot": lambda labels, truth, classes: (
                confusion_matrix(labels, truth, classes)
                / confusion_matrix(labels, truth, classes).sum(1, keepdim=True)
            ),
        },
    ),
    Exercise(
        "mean_iou",
        _counts,
        mean_iou,
        {
            "a class that is nowhere counts as 0: it has no IoU, and the mean leaves it out": (
                lambda confusion: float(_ious(confusion).nan_to_num(0).mean())
            ),
            "a class that is nowhere counts as 1: it has no IoU, and the mean leaves it out": (
                lambda confusion: float(_ious(confusion).nan_to_num(1).mean())
            ),
            "this is the mean accuracy: what was wrongly called by a class's name belongs to its "
            "union too": lambda confusion: float(metrics.mean_accuracy(confusion)),
            "this is the mean precision: what a class has lost to others belongs to its union "
            "too": lambda confusion: float(metrics.mean_accuracy(confusion.T)),
            "the union holds the intersection twice: row and column both contain it": _union_twice,
            "this is the mean Dice coefficient, which counts the intersection twice above and "
            "below": lambda confusion: float(metrics.dice(confusion).nanmean()),
            "this is pixel accuracy, in which a large class weighs more: compute every class's "
            "IoU, then the mean": lambda confusion: float(metrics.pixel_accuracy(confusion)),
            "a class that was predicted but is nowhere in the truth is left out: its IoU is 0": (
                _true_classes_only
            ),
        },
    ),
    Exercise(
        "boundary_band",
        _masks,
        boundary_band,
        {
            "the band lies outside the mask: it is the part of the mask near its contour": _outside,
            "the band lies on both sides of the contour: it is the part inside the mask": (
                _both_sides
            ),
            "the corners are missing: 3 × 3 pixels have diagonal neighbours too": _diamond,
            "where the picture's border cuts the mask off there is no band: what is outside the "
            "picture is not in the mask": _no_border,
            "the band is one pixel wide whatever the distance": (
                lambda mask, distance: boundary_band(mask, 1)
            ),
            "this is the inside without the band": (
                lambda mask, distance: mask & ~boundary_band(mask, distance)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "14-all-background",
        "A picture is 95 % background, the rest is objects of one class. A net answers "
        '"background" for every pixel. Its pixel accuracy is 95 %. What is its mean IoU?',
        (
            Option(
                "about 95 %",
                "IoU is computed for each class by itself, however small. What is the IoU of the "
                "objects' class?",
            ),
            Option(
                "just under 50 %",
                "The background has an IoU of 95 %, the objects of 0 %, and both count the same: "
                "47.5 %.",
                right=True,
            ),
            Option(
                "0 %",
                "The objects' IoU is 0. But the background is a class too, and it is nearly right.",
            ),
            Option("5 %", "Not one pixel of these 5 % is right."),
        ),
    ),
    Question(
        "14-which-metric",
        "Two nets find the same objects in 1000 aerial pictures of large fields. You want to know "
        "which one draws the fields' edges better. What do you look at?",
        (
            Option(
                "pixel accuracy",
                "Nearly all pixels lie far from any edge, and both nets have them right.",
            ),
            Option(
                "mean IoU",
                "It notices, but little: twice as large a side gives four times the area and only "
                "twice the edge.",
            ),
            Option(
                "mean Dice",
                "For one class it ranks nets as IoU does, and it changes even less.",
            ),
            Option(
                "boundary IoU",
                "It looks only within d pixels of the contours, so the size of the fields hardly "
                "matters.",
                right=True,
            ),
        ),
        after=True,
    ),
)
