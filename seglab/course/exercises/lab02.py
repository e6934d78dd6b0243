"""Lab 02, semantic, instance, panoptic: spreading numbers, one number a segment, and quality."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _numbered(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 3 + i // 5, 4 + i // 4
    mask = torch.from_numpy(random.random((height, width)) < 0.6)
    mask[1, 1] = mask[2, 2] = True  # corners touch here
    mask[1, 2] = mask[2, 1] = False
    numbers = torch.arange(1.0, height * width + 1).view(height, width) * mask
    return {"numbers": numbers, "mask": mask}


def spread(numbers: Tensor, mask: Tensor) -> Tensor:
    """The largest number of each pixel's 3 x 3 surroundings, inside the mask."""
    return F.max_pool2d(numbers[None], 3, stride=1, padding=1)[0] * mask


def _four(numbers: Tensor, mask: Tensor) -> Tensor:
    line = F.max_pool2d(numbers[None], (3, 1), stride=1, padding=(1, 0))
    column = F.max_pool2d(numbers[None], (1, 3), stride=1, padding=(0, 1))
    return torch.maximum(line, column)[0] * mask


def _without_itself(numbers: Tensor, mask: Tensor) -> Tensor:
    around = F.unfold(numbers[None, None], 3, padding=1)[0]
    return around[[0, 1, 2, 3, 5, 6, 7, 8]].amax(0).view_as(numbers) * mask


def _smallest(numbers: Tensor, mask: Tensor) -> Tensor:
    """The smallest number of the pixels of the mask around each of them."""
    high = torch.where(mask, -numbers, -torch.inf)
    return torch.where(mask, -F.max_pool2d(high[None], 3, stride=1, padding=1)[0], 0.0)


def _to_the_end(numbers: Tensor, mask: Tensor) -> Tensor:
    for _ in range(mask.numel()):
        numbers = spread(numbers, mask)
    return numbers


def _segments(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    shape = (2 + i // 6, 3 + i // 4)
    labels = torch.from_numpy(random.integers(0, 4, shape))
    instances = torch.from_numpy(random.integers(1, 4, shape))
    labels[0, 0], instances[0, 0] = 0, 2  # stuff that was given a number
    labels[0, 1], instances[0, 1] = 2, 1
    labels[0, 2], instances[0, 2] = 3, 1  # the same number in another class
    return {"labels": labels, "instances": instances, "things": [2, 3]}


def panoptic_ids(labels: Tensor, instances: Tensor, things: list[int]) -> Tensor:
    """Class times 1000, and for things the number of the instance added."""
    is_thing = torch.isin(labels, torch.tensor(things))
    return labels * 1000 + instances * is_thing


def _ious(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    found, true = 2 + i // 4, 3 + i // 3
    ious = torch.zeros(found, true)
    for n in range(min(found, true)):
        ious[n, n] = 0.55 + 0.4 * random.random() if n % 2 == 0 else 0.45 * random.random()
    ious[1, 1] = 0.5  # exactly one half is no match
    ious[0, 1] = 0.1
    return {"ious": ious[torch.from_numpy(random.permutation(found))]}


def panoptic_quality(ious: Tensor) -> float:
    """The sum of the matches' IoU over TP + FP / 2 + FN / 2."""
    matches = ious[ious > 0.5]
    found, true = ious.shape
    return float(matches.sum() / ((found + true) / 2))


def _quality(ious: Tensor, spurious: float = 0.5, missed: float = 0.5) -> float:
    """Panoptic quality with other shares of FP and FN."""
    matches = ious[ious > 0.5]
    found, true = (side - len(matches) for side in ious.shape)
    return float(matches.sum() / (len(matches) + spurious * found + missed * true))


def _unhalved(ious: Tensor) -> float:
    return _quality(ious, 1, 1)


EXERCISES = (
    Exercise(
        "spread",
        _numbered,
        spread,
        {
            "numbers spread outside the mask: there they stay 0": lambda numbers, mask: (
                F.max_pool2d(numbers[None], 3, stride=1, padding=1)[0]
            ),
            "the neighbours at the corners are missing: take all eight": _four,
            "a pixel's own number is missing: it can be the largest": _without_itself,
            "the smallest number spreads: take the largest": _smallest,
            "this is more than one round: take the largest of the 3 × 3 pixels once": (
                lambda numbers, mask: spread(spread(numbers, mask), mask)
            ),
            "the rounds go on until nothing changes: write one round only": _to_the_end,
            "the numbers stay where they are: each pixel takes the largest one around it": (
                lambda numbers, mask: numbers * mask
            ),
        },
    ),
    Exercise(
        "panoptic_ids",
        _segments,
        panoptic_ids,
        {
            "stuff has instance numbers here: all of a stuff class is one segment": (
                lambda labels, instances, things: labels * 1000 + instances
            ),
            "stuff is the class alone, which is the rule of Cityscapes: here it is class × 1000": (
                lambda labels, instances, things: torch.where(
                    torch.isin(labels, torch.tensor(things)), labels * 1000 + instances, labels
                )
            ),
            "every pixel is class × 1000: add the number of the instance for things": (
                lambda labels, instances, things: labels * 1000
            ),
            "the class is missing: two objects of different classes can have one number": (
                lambda labels, instances, things: (
                    instances * torch.isin(labels, torch.tensor(things))
                )
            ),
            "stuff is 0: a panoptic map has a segment for every pixel": (
                lambda labels, instances, things: (
                    (labels * 1000 + instances) * torch.isin(labels, torch.tensor(things))
                )
            ),
            "class and instance have changed places": lambda labels, instances, things: (
                labels + 1000 * instances * torch.isin(labels, torch.tensor(things))
            ),
        },
    ),
    Exercise(
        "panoptic_quality",
        _ious,
        panoptic_quality,
        {
            "this is SQ, the mean IoU of the matches: segments without a match count, too": (
                lambda ious: float(ious[ious > 0.5].mean())
            ),
            "this is RQ, in which each match counts 1: let it count by its IoU": lambda ious: float(
                2 * (ious > 0.5).sum() / sum(ious.shape)
            ),
            "an IoU of exactly 0.5 is a match here: it must be above 0.5": lambda ious: float(
                ious[ious >= 0.5].sum() / (sum(ious.shape) / 2)
            ),
            "FP and FN count whole here: each counts one half": _unhalved,
            "true segments without a match are missing: FN counts one half each": (
                lambda ious: _quality(ious, missed=0)
            ),
            "found segments without a match are missing: FP counts one half each": (
                lambda ious: _quality(ious, spurious=0)
            ),
            "IoUs of 0.5 and less are added: only matches count": lambda ious: float(
                ious.sum() / (sum(ious.shape) / 2)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "02-which-metric",
        "Two coins touch, and the program takes them for one coin. Every pixel of both is still "
        "called coin. Which of these metrics falls?",
        (
            Option(
                "mean IoU",
                "It compares the class of every pixel, and every class is right. It does not count "
                "objects.",
            ),
            Option(
                "AP and PQ",
                "Both compare objects. The one found coin can match one of the two at most, if its "
                "IoU is large enough. The other coin is missed.",
                right=True,
            ),
            Option(
                "all of them",
                "Two of them fall. Mean IoU compares single pixels and never objects.",
            ),
        ),
    ),
    Question(
        "02-panoptic-or-instance",
        "A pixel of the grass between two objects: which map has a segment for it?",
        (
            Option(
                "the instance map",
                "It has segments for objects only, and grass is no object.",
            ),
            Option(
                "the semantic and the panoptic map",
                "Grass is a class, so the semantic map has it. It is stuff, so the panoptic map "
                "has it once, without a number.",
                right=True,
            ),
            Option(
                "all three",
                "Grass cannot be counted, so a map of objects has no segment for it.",
            ),
        ),
        after=True,
    ),
)
