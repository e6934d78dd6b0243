"""Lab 18, many resolutions: the loss of one side, of all sides together, and their mean answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.course.declarations import Exercise, Option, Question
from seglab.types import NO_LABEL


def _scores(random: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(2 * random.normal(size=shape)).float()


def _labels(random: np.random.Generator, classes: int, *shape: int) -> Tensor:
    labels = random.integers(0, classes, shape)
    labels.flat[0] = classes - 1  # never all of class 0
    labels.flat[-1] = NO_LABEL
    return torch.from_numpy(labels)


def _one_side(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    batch, classes, stride = 1 + i // 10, 2 + i // 5, (2, 4, 8)[i % 3]
    height, width = 1 + (i + 1) // 5, 2 + i // 5
    return {
        "scores": _scores(random, batch, classes, height, width),
        "labels": _labels(random, classes, batch, height * stride, width * stride),
    }


def _at_pixels(scores: Tensor, size: Sequence[int], **how: Any) -> Tensor:
    return F.interpolate(scores, tuple(size), **{"mode": "bilinear", **how})


def _entropy(scores: Tensor, labels: Tensor, **how: Any) -> Tensor:
    return F.cross_entropy(scores, labels, **{"ignore_index": NO_LABEL, **how})


def side_loss(scores: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of the scores enlarged to the labels' pixels; 255 is left out."""
    return _entropy(_at_pixels(scores, labels.shape[1:]), labels)


def _thinned(scores: Tensor, labels: Tensor) -> Tensor:
    stride = labels.shape[1] // scores.shape[2]
    return _entropy(scores, labels[:, stride // 2 :: stride, stride // 2 :: stride])


def _void_is_background(scores: Tensor, labels: Tensor) -> Tensor:
    return side_loss(scores, labels.where(labels != NO_LABEL, 0))


def _void_costs_nothing(scores: Tensor, labels: Tensor) -> Tensor:
    return _entropy(_at_pixels(scores, labels.shape[1:]), labels, reduction="none").mean()


def _several_sides(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    batch, classes, count = 1 + i // 10, 2 + i // 5, 2 + i // 7
    side = 2 ** (count - 1)
    height, width = side * (1 + i // 8), side * (1 + (i + 1) // 8)
    # Two weights differ, one is 0 now and then, and they do not add up to 1 or to their number.
    weights = [(0.5, 2.0, 0.0, 1.5)[(i + n) % 4] for n in range(count)]
    return {
        "outputs": [
            _scores(random, batch, classes, height // 2**n, width // 2**n)
            for n in reversed(range(count))
        ],
        "labels": _labels(random, classes, batch, height, width),
        "weights": weights,
    }


def total_loss(outputs: Sequence[Tensor], labels: Tensor, weights: Sequence[float]) -> Tensor:
    """The sum over the sides of weight times side_loss."""
    terms = [w * side_loss(o, labels) for w, o in zip(weights, outputs, strict=True)]
    return torch.stack(terms).sum()


def _one_answer(outputs: Sequence[Tensor], labels: Tensor, weights: Sequence[float]) -> Tensor:
    terms = [w * _at_pixels(o, labels.shape[1:]) for w, o in zip(weights, outputs, strict=True)]
    return _entropy(torch.stack(terms).sum(0), labels)


def _sides_and_size(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    given = _several_sides(random, i)
    return {"outputs": given["outputs"], "size": tuple(given["labels"].shape[1:])}


def mean_of_sides(outputs: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    """The mean over the sides of the probabilities at the pixels, [B, K, H, W]."""
    return torch.stack([_at_pixels(o, size).softmax(1) for o in outputs]).mean(0)


def _of_scores(outputs: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    return torch.stack([_at_pixels(o, size) for o in outputs]).mean(0).softmax(1)


def _early_softmax(outputs: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    return torch.stack([_at_pixels(o.softmax(1), size) for o in outputs]).mean(0)


EXERCISES = (
    Exercise(
        "side_loss",
        _one_side,
        side_loss,
        {
            "the labels are made coarse: every side is compared with the same truth, that of the "
            "pixels. Enlarge the scores": _thinned,
            "pixels of label 255 count as background: they have no class": _void_is_background,
            "pixels of label 255 cost nothing, but they still count in the mean: divide by the "
            "number of pixels that have a class": _void_costs_nothing,
            "the scores are repeated: enlarge them bilinearly": lambda scores, labels: _entropy(
                _at_pixels(scores, labels.shape[1:], mode="nearest"), labels
            ),
            "the corners of the two maps are laid on each other: the middles of the cells count": (
                lambda scores, labels: _entropy(
                    _at_pixels(scores, labels.shape[1:], align_corners=True), labels
                )
            ),
            "that is the sum over the pixels: take the mean": lambda scores, labels: _entropy(
                _at_pixels(scores, labels.shape[1:]), labels, reduction="sum"
            ),
            "the softmax is taken twice: cross_entropy takes scores": lambda scores, labels: (
                side_loss(scores.softmax(1), labels)
            ),
        },
    ),
    Exercise(
        "total_loss",
        _several_sides,
        total_loss,
        {
            "the weights are left out: each loss is multiplied by its own": (
                lambda outputs, labels, weights: total_loss(outputs, labels, [1.0] * len(weights))
            ),
            "that is the mean of the weighted losses: add them": lambda outputs, labels, weights: (
                total_loss(outputs, labels, weights) / len(outputs)
            ),
            "the sum is divided by the weights: add the weighted losses, no more": (
                lambda outputs, labels, weights: total_loss(outputs, labels, weights) / sum(weights)
            ),
            "the weights stand in the wrong order: the first belongs to the first side": (
                lambda outputs, labels, weights: total_loss(outputs, labels, weights[::-1])
            ),
            "the scores are added, and the sum has one loss: here every side has a loss of its "
            "own": _one_answer,
            "only the last side has a loss": lambda outputs, labels, weights: (
                weights[-1] * side_loss(outputs[-1], labels)
            ),
        },
    ),
    Exercise(
        "mean_of_sides",
        _sides_and_size,
        mean_of_sides,
        {
            "the scores are averaged, and then comes the softmax: average the probabilities": (
                _of_scores
            ),
            "the softmax comes before the enlarging: enlarge the scores first": _early_softmax,
            "that is the sum of the probabilities: take the mean": lambda outputs, size: (
                mean_of_sides(outputs, size) * len(outputs)
            ),
            "that is the last side alone": lambda outputs, size: _at_pixels(
                outputs[-1], size
            ).softmax(1),
            "the scores are repeated: enlarge them bilinearly": lambda outputs, size: torch.stack(
                [_at_pixels(o, size, mode="nearest").softmax(1) for o in outputs]
            ).mean(0),
        },
    ),
)

QUESTIONS = (
    Question(
        "18-no-loss-of-its-own",
        "Two equal U-Nets are trained. In one, a head at every stride has a loss. In the other, "
        "only the finest answer has one; its heads at strides 16, 8, 4 and 2 learn too, but their "
        "losses change nothing in the net. How do the answers compare?",
        (
            Option(
                "all are about as good: the coarse maps hold the same information",
                "A map holds what its net has a use for. At stride 8, mean IoU is 0.87 with a loss "
                "there, and less than half of that without.",
            ),
            Option(
                "the net with all losses is better at the coarse strides and clearly worse at the "
                "finest, since it has to serve five losses",
                "The finest answers are equally good here: mean IoU differs by less than 0.01.",
            ),
            Option(
                "the net with all losses is far better at the coarse strides; at the finest both "
                "are about equal",
                "Without a loss of its own, the map of stride 16 says next to nothing of the "
                "classes to a linear head. The net finds another way to its finest answer.",
                right=True,
            ),
            Option(
                "the net with all losses is clearly better at every stride, the finest too",
                "Not at the finest: mean IoU differs by less than 0.01. This net is small, and its "
                "skips are a short way for the gradient.",
            ),
        ),
    ),
    Question(
        "18-deep-supervision",
        "What is deep supervision?",
        (
            Option(
                "one network for each resolution, each with its own loss",
                "It is one network, whose weights all losses share; only the heads are apart.",
            ),
            Option(
                "losses for hidden layers of one network, beside the loss at its end",
                "Each hidden layer in question has a small head, and the weighted losses are "
                "added.",
                right=True,
            ),
            Option(
                "one network that is given the picture at several sizes",
                "That is an image pyramid: it works without any loss at a hidden layer.",
            ),
            Option(
                "a loss at the end that goes back through very many layers",
                "That is ordinary training. Deep supervision gives layers a loss close to them.",
            ),
        ),
        after=True,
    ),
    Question(
        "18-cut-at-four",
        "The lab's net with a loss at every side is to be faster. It ends at stride 4 on the way "
        "up, and the rest is cut away. What is saved?",
        (
            Option(
                "nearly half of the multiply-adds, for about 0.02 of mean IoU; the way down stays "
                "whole",
                "52% are left. All maps on the way down still have to be computed, for stride 4 on "
                "the way up needs the coarser ones, and they need the finer ones.",
                right=True,
            ),
            Option(
                "15 of 16 parts, since a map of stride 4 has a sixteenth of the pixels",
                "The way down begins with all the pixels, and it is needed. 52% are left.",
            ),
            Option(
                "both ends: the maps of strides 1 and 2, down and up",
                "The coarse maps are made of those of strides 1 and 2: on the way down nothing "
                "can go.",
            ),
            Option(
                "nothing, until the net is trained again without the last sides",
                "Nothing that stride 4 needs comes after it. With the rest cut away, its scores "
                "are the same.",
            ),
        ),
        after=True,
    ),
)
