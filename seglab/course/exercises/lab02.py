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
    ious = torch.zeros(found, true, dtype=torch.float64)
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


def _unhalved(ious: Tensor) -> float:
    matches = ious[ious > 0.5]
    found, true = ious.shape
    return float(matches.sum() / (found + true - len(matches)))


EXERCISES = (
    Exercise(
        "spread",
        _numbered,
        spread,
        {
            "numbers flow out of the mask: outside there is no object": lambda numbers, mask: (
                F.max_pool2d(numbers[None], 3, stride=1, padding=1)[0]
            ),
            "corners do not touch: of the eight neighbours, four are missing": _four,
            "a pixel looks at its neighbours only: its own number may be the largest": (
                _without_itself
            ),
            "the numbers stay where they were": lambda numbers, mask: numbers * mask,
        },
    ),
    Exercise(
        "panoptic_ids",
        _segments,
        panoptic_ids,
        {
            "stuff has an instance number too: all of a stuff class is one segment": (
                lambda labels, instances, things: labels * 1000 + instances
            ),
            "the class is lost: two objects of different classes may have one number": (
                lambda labels, instances, things: (
                    instances * torch.isin(labels, torch.tensor(things))
                )
            ),
            "stuff is lost: a panoptic map has a segment for every pixel": (
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
            "that is SQ, the mean IoU of the matches: what found no partner counts as well": (
                lambda ious: float(ious[ious > 0.5].mean())
            ),
            "that is RQ, which counts the matches: each counts by its IoU": lambda ious: float(
                2 * (ious > 0.5).sum() / sum(ious.shape)
            ),
            "an IoU of exactly one half is taken for a match": lambda ious: float(
                ious[ious >= 0.5].sum() / (sum(ious.shape) / 2)
            ),
            "a segment without a partner counts half, in the found map and in the true one": (
                _unhalved
            ),
            "IoUs below one half are added: they belong to no match": lambda ious: float(
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
                "It compares the class of every pixel, and every one is right. It cannot count.",
            ),
            Option(
                "AP and PQ",
                "Both match whole objects: one coin that is really two overlaps each of them by "
                "half, and half is not enough.",
                right=True,
            ),
            Option(
                "all of them",
                "Two of them. Which one looks at single pixels, and never at objects?",
            ),
        ),
    ),
    Question(
        "02-panoptic-or-instance",
        "A pixel of the grass between two objects: which map has a segment for it?",
        (
            Option(
                "the instance map",
                "It knows objects only; what is no object is left over.",
            ),
            Option(
                "the semantic and the panoptic map",
                "Grass is a class, so the semantic map has it. It is stuff, so the panoptic map "
                "has it once, without a number.",
                right=True,
            ),
            Option(
                "all three",
                "Grass cannot be counted. What does a map of countable objects do with it?",
            ),
        ),
    ),
)
