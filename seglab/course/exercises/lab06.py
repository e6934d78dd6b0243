"""Lab 06, heatmap to labels: no label below a level, labels at full size, and a score's cell."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question
from seglab.types import NO_LABEL


def _probabilities(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes, height, width = 2 + i % 3, 1 + i // 5, 2 + i // 4
    level = (0.5625, 0.625, 0.25, 0.75)[i % 4]
    draws = [_shares(random, classes) for _ in range(height * width)]
    probabilities = torch.tensor(draws).T.reshape(classes, height, width)
    probabilities[:, 0, 0] = 0
    probabilities[-2:, 0, 0] = torch.tensor([1 - level, level])  # one class exactly at the level
    return {"probabilities": probabilities, "level": level}


def _shares(random: np.random.Generator, classes: int) -> list[float]:
    """Sixteenths, which are exact floats, that sum to 1, with one best class."""
    while True:
        shares = random.multinomial(16, random.dirichlet(np.ones(classes))) / 16
        if (shares == shares.max()).sum() == 1:
            return [float(share) for share in shares]


def labels_or_none(probabilities: Tensor, level: float) -> Tensor:
    """The best class of [K, h, w] where it has at least the level, 255 elsewhere."""
    best = probabilities.max(0)
    return torch.where(best.values >= level, best.indices, NO_LABEL)


def _argmax_of_zeros(probabilities: Tensor, level: float) -> Tensor:
    return torch.where(probabilities >= level, probabilities, 0).argmax(0)


def _first_that_reaches(probabilities: Tensor, level: float) -> Tensor:
    reached = probabilities >= level
    return torch.where(reached.any(0), reached.int().argmax(0), NO_LABEL)


def _only_one(probabilities: Tensor, level: float) -> Tensor:
    reached = (probabilities >= level).sum(0)
    return torch.where(reached == 1, probabilities.argmax(0), NO_LABEL)


def _negative(probabilities: Tensor, level: float) -> Tensor:
    best = probabilities.max(0)
    return torch.where(best.values >= level, best.indices, -1)


def _scores(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes, height, width = 2 + i % 3, 1 + i // 3, 2 + i // 4
    scores = torch.from_numpy(random.normal(0, 4, (1, classes, height, width))).float()
    # Two certain neighbours, of which one is louder: here the order of the steps shows.
    scores[0, :, 0, :2] = 0
    scores[0, -1, 0, 0], scores[0, -2, 0, 1] = 12, 3
    return {"scores": scores, "f": (4, 8, 2, 3)[i % 4]}


def labels_at_full_size(scores: Tensor, f: int) -> Tensor:
    """The best class of bilinearly upsampled scores, [B, K, h, w] to [B, h * f, w * f]."""
    return _bilinear(scores, f).argmax(1)


def _labels_first(scores: Tensor, f: int) -> Tensor:
    return scores.argmax(1).repeat_interleave(f, 1).repeat_interleave(f, 2)


def _softmax_first(scores: Tensor, f: int) -> Tensor:
    return _bilinear(scores.softmax(1), f).argmax(1)


def _blended_numbers(scores: Tensor, f: int) -> Tensor:
    numbers = scores.argmax(1, keepdim=True).to(scores.dtype)
    return _bilinear(numbers, f)[:, 0].round().long()


def _corners(scores: Tensor, f: int) -> Tensor:
    return F.interpolate(scores, scale_factor=f, mode="bilinear", align_corners=True).argmax(1)


def _bilinear(x: Tensor, f: int) -> Tensor:
    return F.interpolate(x, scale_factor=f, mode="bilinear")


def _unit(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    stride = (4, 8, 16, 2, 32)[i % 5]
    size = stride + 3 + 2 * int(random.integers(0, 20)) + i % 2
    padding = int(random.integers(1, 1 + size // 2))
    return {"u": 1 + i // 3, "size": size, "stride": stride, "padding": padding}


def cell(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    """First and last row of the cell of score u: stride rows in the middle of its field."""
    first = u * stride - padding + (size - stride) // 2
    return first, first + stride - 1


def _field(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    return u * stride - padding, u * stride - padding + size - 1


def _start_of_field(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    return u * stride - padding, u * stride - padding + stride - 1


def _unpadded(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    return cell(u, size, stride, 0)


def _past_the_end(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    first, last = cell(u, size, stride, padding)
    return first, last + 1


def _from_the_center(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    center = u * stride - padding + (size - 1) // 2
    return center, center + stride - 1


def _rounded_up(u: int, size: int, stride: int, padding: int) -> tuple[int, int]:
    first = u * stride - padding + (size - stride + 1) // 2
    return first, first + stride - 1


EXERCISES = (
    Exercise(
        "labels_or_none",
        _probabilities,
        labels_or_none,
        {
            "a pixel that no class reaches gets class 0: argmax of zeros alone is 0": (
                _argmax_of_zeros
            ),
            "where several classes reach the level, the first of them wins: the best one should": (
                _first_that_reaches
            ),
            "a pixel that two classes reach stays without a label: one of them is still the best": (
                _only_one
            ),
            "every pixel has a label: below the level there should be none": (
                lambda probabilities, level: probabilities.argmax(0)
            ),
            "a class exactly at the level has at least the level": lambda probabilities, level: (
                torch.where(probabilities.amax(0) > level, probabilities.argmax(0), NO_LABEL)
            ),
            "the two cases are swapped: where the best class reaches the level there is no label": (
                lambda probabilities, level: torch.where(
                    probabilities.amax(0) < level, probabilities.argmax(0), NO_LABEL
                )
            ),
            "no label is written as -1: here it is 255": _negative,
        },
    ),
    Exercise(
        "labels_at_full_size",
        _scores,
        labels_at_full_size,
        {
            "the labels come in whole blocks: interpolate the scores bilinearly (nearest is the "
            "default mode), then take the best class": _labels_first,
            "the probabilities were upsampled: leave the softmax out, or put it after": (
                _softmax_first
            ),
            "the class numbers were interpolated: halfway between class 1 and class 3 there is "
            "no class 2": _blended_numbers,
            "the outermost values lie on the outermost pixels: here each value lies in the middle "
            "of its own f × f block (align_corners=False)": _corners,
        },
    ),
    Exercise(
        "cell",
        _unit,
        cell,
        {
            "these are all the rows of the field: fields overlap, so every row would get the "
            "labels of several scores": _field,
            "the cell lies where its field begins: it should lie in the field's middle": (
                _start_of_field
            ),
            "the padding is missing: it moves every field towards the top": _unpadded,
            "the padding is added: it moves every field towards the top, so subtract it": (
                lambda u, size, stride, padding: cell(u, size, stride, -padding)
            ),
            "this is right for a net without padding whose field is as wide as its stride: here "
            "the field has another place and size": lambda u, size, stride, padding: (
                u * stride,
                (u + 1) * stride - 1,
            ),
            "the last row is one too far: the cell has as many rows as the stride": _past_the_end,
            "the cell begins at the field's center: it should lie around it": _from_the_center,
            "where the middle falls between two rows, the cell is one row too low: take the "
            "upper one": _rounded_up,
        },
    ),
)

QUESTIONS = (
    Question(
        "06-half",
        "At every pixel the probabilities of seven classes sum to 1. A pixel gets the label of "
        "each class that has at least 0.6. How many labels does it get?",
        (
            Option(
                "exactly one",
                "That is what argmax does. Where two classes have 0.5 each, or seven classes have "
                "1/7 each, none reaches 0.6.",
            ),
            Option(
                "one or none",
                "Two classes with 0.6 would sum to more than 1. And no class needs to have 0.6.",
                right=True,
            ),
            Option(
                "none, one or several",
                "That is true of scores, and of probabilities with a level of 0.5 or less. Two "
                "probabilities of 0.6 sum to more than 1.",
            ),
        ),
    ),
    Question(
        "06-loud",
        "Two neighbouring cells: one has the scores grass 10, brick 0, the other grass 0, brick "
        "2. The scores are interpolated linearly between the two, and then the larger one wins. "
        "Where does the boundary lie?",
        (
            Option(
                "in the middle between them",
                "There the interpolated scores are grass 5 and brick 1: still grass.",
            ),
            Option(
                "closer to the cell that says brick",
                "The larger score reaches further: grass loses only where 10 (1 - t) = 2 t, at t = "
                "5/6 of the way.",
                right=True,
            ),
            Option(
                "closer to the cell that says grass",
                "The other way round: the cell with the large score wins more of the way.",
            ),
        ),
        after=True,
    ),
)
