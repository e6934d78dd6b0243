"""Lab 19, losses: the focal loss, soft Dice, and the weight at which two classes pull alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _of_right_class(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    p = random.uniform(0.02, 0.98, (1 + i // 3, 2 + i // 2))
    return {"p": torch.from_numpy(p).float(), "gamma": float((2, 0, 1, 5, 0.5)[i % 5])}


def focal_loss(p: Tensor, gamma: float) -> float:
    """Mean of -(1 - p)^gamma log p over the pixels."""
    return float((-((1 - p) ** gamma) * p.log()).mean())


def _chances(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    shape = (1 + i // 7, 2 + i // 4, 3 + i // 3)
    p, y = random.uniform(0.02, 0.98, shape), random.random(shape) < 0.3
    y.flat[0], y.flat[-1] = True, False
    if i % 5 == 4:
        y[:] = False  # a picture without the object
    return {"p": torch.from_numpy(p).float(), "y": torch.from_numpy(y)}


def soft_dice_loss(p: Tensor, y: Tensor) -> float:
    """1 - (2 sum py + 1) / (sum p + sum y + 1), over the pixels of all pictures."""
    return float(1 - (2 * p[y].sum() + 1) / (p.sum() + y.sum() + 1))


def _dice_of(p: Tensor, y: Tensor, smooth: float = 1) -> float:
    return float(1 - (2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth))


def _squared(p: Tensor, y: Tensor) -> float:
    return float(1 - (2 * p[y].sum() + 1) / ((p**2).sum() + y.sum() + 1))


def _jaccard(p: Tensor, y: Tensor) -> float:
    both = p[y].sum()
    return float(1 - (both + 1) / (p.sum() + y.sum() - both + 1))


def _once(p: Tensor, y: Tensor) -> float:
    return float(1 - (p[y].sum() + 1) / (p.sum() + y.sum() + 1))


def _by_picture(p: Tensor, y: Tensor) -> float:
    return sum(soft_dice_loss(*pair) for pair in zip(p, y, strict=True)) / len(p)


def _two_classes(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    given = dict(_chances(random, i))
    given["y"].view(-1)[0] = True
    return given


def balancing_weight(p: Tensor, y: Tensor) -> float:
    """Sum of p over the background, divided by the sum of 1 - p over the object."""
    return float(p[~y].sum() / (1 - p[y]).sum())


EXERCISES = (
    Exercise(
        "focal_loss",
        _of_right_class,
        focal_loss,
        {
            "the factor grows with p: a pixel that is right already should count less": (
                lambda p, gamma: float((-(p**gamma) * p.log()).mean())
            ),
            "the sign is wrong: log p is below 0, and a loss is not": (
                lambda p, gamma: -focal_loss(p, gamma)
            ),
            "this is the sum: take the mean over the pixels": (
                lambda p, gamma: focal_loss(p, gamma) * p.numel()
            ),
            "gamma multiplies here: it is an exponent": (
                lambda p, gamma: float((-gamma * (1 - p) * p.log()).mean())
            ),
            "p is raised to gamma before it is taken from 1: raise the difference": (
                lambda p, gamma: float((-(1 - p**gamma) * p.log()).mean())
            ),
            "this is the cross-entropy: gamma has no effect yet": (
                lambda p, gamma: float(-p.log().mean())
            ),
            "the mean is taken before the product: each pixel has a factor of its own": (
                lambda p, gamma: float(-((1 - p) ** gamma).mean() * p.log().mean())
            ),
        },
    ),
    Exercise(
        "soft_dice_loss",
        _chances,
        soft_dice_loss,
        {
            "this is the coefficient, which is best at 1: a loss is best at 0": (
                lambda p, y: 1 - soft_dice_loss(p, y)
            ),
            "p is turned into labels first: then the loss has no slope to follow": (
                lambda p, y: _dice_of((p > 0.5).float(), y)
            ),
            "the sums of the denominator are of squares: this task has plain sums": _squared,
            "the denominator counts what both have only once: that is IoU": _jaccard,
            "what both have counts twice above": _once,
            "nothing is smoothed: add 1 above and below, or an empty picture is 0 / 0": (
                lambda p, y: _dice_of(p, y, 0)
            ),
            "this is the mean over the pictures: sum over the pixels of all of them": _by_picture,
        },
    ),
    Exercise(
        "balancing_weight",
        _two_classes,
        balancing_weight,
        {
            "this is one over it: the weight is for the object's pixels": (
                lambda p, y: 1 / balancing_weight(p, y)
            ),
            "pixels are counted, as if all of them pulled alike: how hard one pulls depends on p": (
                lambda p, y: float((~y).sum() / y.sum())
            ),
            "a pixel of the object pulls with 1 - p, not with p: it lacks that much": (
                lambda p, y: float(p[~y].sum() / p[y].sum())
            ),
            "a pixel of the background pulls with p, not with 1 - p: it has that much too much": (
                lambda p, y: float((1 - p[~y]).sum() / (1 - p[y]).sum())
            ),
            "these are means: a class pulls with the sum over its pixels": (
                lambda p, y: float(p[~y].mean() / (1 - p[y]).mean())
            ),
            "these are the losses of the pixels: the pull is their slope": (
                lambda p, y: float((1 - p[~y]).log().sum() / p[y].log().sum())
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "19-accuracy",
        "A disc covers 1% of each picture. A net labels 99% of the pixels rightly. How much of the "
        "discs has it found?",
        (
            Option(
                "99% of their pixels",
                "99% is the share of all pixels. It says nothing about one class alone.",
            ),
            Option(
                "at least half of them",
                "All errors together are 1% of the pixels, and so are the discs: every pixel of "
                "every disc may be among the errors.",
            ),
            Option(
                "perhaps nothing at all",
                "A net that always says *background* is right at 99% of the pixels. In the lab "
                "below, the cross-entropy comes near to this.",
                right=True,
            ),
        ),
    ),
    Question(
        "19-half",
        "A net has learned with the cross-entropy from discs of 1%. On new pictures p is above 0.5 "
        "at hardly any pixel of a disc, so next to nothing is found. What helps at once?",
        (
            Option(
                "nothing: the net has learned nothing about discs",
                "Look at p: it is far larger in the discs than elsewhere, though below 0.5.",
            ),
            Option(
                "a lower threshold",
                "The discs are still in p. In the lab a threshold of 0.2 finds more than a third "
                "of their pixels, and accuracy does not fall.",
                right=True,
            ),
            Option(
                "to measure with accuracy, which is 99%",
                "A number does not change what is found. Accuracy is high because the background "
                "is.",
            ),
        ),
        after=True,
    ),
    Question(
        "19-missed",
        "A tumour covers 1% of a scan. To miss a part of it is bad; a doctor looks at every pixel "
        "that is marked, so a false one costs little. Which loss fits best?",
        (
            Option(
                "plain cross-entropy",
                "All pixels count alike, and 99% of them are background: in the lab it finds "
                "2% of a disc of this size.",
            ),
            Option(
                "Tversky with beta = 0.1",
                "beta weighs what is missed. With 0.1 a false pixel costs nine times as much.",
            ),
            Option(
                "Tversky with beta = 0.9",
                "A missed pixel costs nine times as much as a false one, so more of the object is "
                "found, with more false pixels around it.",
                right=True,
            ),
        ),
        after=True,
    ),
)
