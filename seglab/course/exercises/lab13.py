"""Lab 13, train your own: class weights, an honest split, and the step at which to stop."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question
from seglab.types import NO_LABEL


def _label_maps(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes = 2 + (i + 1) // 3
    shape = (1 + i // 8, 3 + i // 3, 4 + i // 3)
    shares = random.dirichlet(np.full(classes, 1.5))
    labels = random.choice(classes, shape, p=shares)
    present = np.arange(classes)
    if i % 4 == 3:  # the last class is nowhere
        labels[labels == classes - 1] = 0
        present = present[:-1]
    labels.flat[: len(present)] = present
    labels.flat[len(present)] = 0  # never balanced
    if i > 1:
        labels.flat[-1] = NO_LABEL
    return {"labels": torch.from_numpy(labels), "classes": classes}


def balanced_weights(labels: Tensor, classes: int) -> Tensor:
    """Labelled pixels / (classes that occur * pixels of the class); 0 for one that does not."""
    counts = labels[labels != NO_LABEL].bincount(minlength=classes).float()
    weights = counts.sum() / (counts.count_nonzero() * counts)
    return weights.masked_fill(counts == 0, 0)


def _void_counts(labels: Tensor, classes: int) -> Tensor:
    counts = labels[labels != NO_LABEL].bincount(minlength=classes).float()
    weights = labels.numel() / (counts.count_nonzero() * counts)
    return weights.masked_fill(counts == 0, 0)


def _absent_infinite(labels: Tensor, classes: int) -> Tensor:
    counts = labels[labels != NO_LABEL].bincount(minlength=classes).float()
    return counts.sum() / (counts.count_nonzero() * counts)


def _all_classes(labels: Tensor, classes: int) -> Tensor:
    counts = labels[labels != NO_LABEL].bincount(minlength=classes).float()
    return (counts.sum() / (classes * counts)).masked_fill(counts == 0, 0)


def _shares(labels: Tensor, classes: int) -> Tensor:
    counts = labels[labels != NO_LABEL].bincount(minlength=classes).float()
    return counts / counts.sum()


def _void_is_a_class(labels: Tensor, classes: int) -> Tensor:
    counts = labels.flatten().bincount(minlength=classes).float()
    weights = counts.sum() / (counts.count_nonzero() * counts)
    return weights.masked_fill(counts == 0, 0)


def _sources(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    # Crops of one photograph stand together, as files do, and not always in order.
    photos = 3 + i // 3
    source = [photo for photo in range(photos) for _ in range(1 + int(random.integers(1, 4)))]
    source += [int(random.integers(photos)) for _ in range(2)]
    names = random.permutation(photos)
    held_out = {int(name) for name in names[: 1 + i // 6]}
    return {"sources": [int(names[s]) for s in source], "held_out": held_out}


def split(sources: list[int], held_out: set[int]) -> tuple[list[int], list[int]]:
    """Positions of the crops for training, and of those for validation."""
    learn = [i for i, source in enumerate(sources) if source not in held_out]
    judge = [i for i, source in enumerate(sources) if source in held_out]
    return learn, judge


def _by_crop(sources: list[int], held_out: set[int]) -> tuple[list[int], list[int]]:
    count = sum(source in held_out for source in sources)
    numbers = list(range(len(sources)))
    return numbers[: len(numbers) - count], numbers[len(numbers) - count :]


def _one_each(sources: list[int], held_out: set[int]) -> tuple[list[int], list[int]]:
    judge = [i for i, s in enumerate(sources) if s in held_out and s not in sources[:i]]
    return [i for i in range(len(sources)) if i not in judge], judge


def _curve(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    length, patience = 4 + i, 1 + i % 4
    rise = np.cumsum(random.normal(0.04, 0.05, length))
    fall = np.maximum(0, np.arange(length) - length * 0.4) * random.choice([0, 0.05, 0.1])
    values = np.clip(0.2 + rise - fall, 0.01, 0.99).round(2)
    if i % 3 == 2:  # the best value comes twice
        values[-1] = values.max()
    return {"mean_ious": [float(value) for value in values], "patience": patience}


def stop_at(mean_ious: list[float], patience: int) -> int:
    """The measurement whose weights are kept."""
    best = 0
    for now, value in enumerate(mean_ious):
        if value > mean_ious[best]:
            best = now
        elif now - best >= patience:
            break
    return best


def _latest_best(mean_ious: list[float], patience: int) -> int:
    best = 0
    for now, value in enumerate(mean_ious):
        if value >= mean_ious[best]:
            best = now
        elif now - best >= patience:
            break
    return best


def _where_it_stopped(mean_ious: list[float], patience: int) -> int:
    best = 0
    for now, value in enumerate(mean_ious):
        if value > mean_ious[best]:
            best = now
        elif now - best >= patience:
            return now
    return len(mean_ious) - 1


def _one_late(mean_ious: list[float], patience: int) -> int:
    return stop_at(mean_ious, patience + 1)


def _one_early(mean_ious: list[float], patience: int) -> int:
    return stop_at(mean_ious, patience - 1)


def _falls_in_a_row(mean_ious: list[float], patience: int) -> int:
    best, falls = 0, 0
    for now in range(1, len(mean_ious)):
        falls = falls + 1 if mean_ious[now] <= mean_ious[now - 1] else 0
        if mean_ious[now] > mean_ious[best]:
            best = now
        if falls >= patience:
            break
    return best


EXERCISES = (
    Exercise(
        "balanced_weights",
        _label_maps,
        balanced_weights,
        {
            "pixels without a class (255) are counted among all: they count nowhere": _void_counts,
            "255 has become a class, so there are 256 weights: leave its pixels out first": (
                _void_is_a_class
            ),
            "a class that is nowhere weighs infinitely much: it has no pixel to weigh, give it 0": (
                _absent_infinite
            ),
            "a class that is nowhere counts among the classes: divide by those that occur": (
                _all_classes
            ),
            "these are the frequencies themselves: what is rare should weigh more, not less": (
                _shares
            ),
            "the proportions are right, but not the size: an average pixel should weigh 1": (
                lambda labels, classes: (
                    balanced_weights(labels, classes) / balanced_weights(labels, classes).sum()
                )
            ),
            "this is the square root of the weights": (
                lambda labels, classes: balanced_weights(labels, classes).sqrt()
            ),
        },
    ),
    Exercise(
        "split",
        _sources,
        split,
        {
            "crops are split, not photographs: two crops of one photograph are nearly the same "
            "picture, and the net is tested on what it has learned by heart": _by_crop,
            "only one crop of each held-out photograph is held out: the net learns from the rest": (
                _one_each
            ),
            "training and validation have changed places": (
                lambda sources, held_out: split(sources, held_out)[::-1]
            ),
            "all crops are used for training, the held-out ones too": (
                lambda sources, held_out: (
                    list(range(len(sources))),
                    split(sources, held_out)[1],
                )
            ),
            "these are the photographs: give the positions of the crops": (
                lambda sources, held_out: tuple(
                    [sources[i] for i in part] for part in split(sources, held_out)
                )
            ),
        },
    ),
    Exercise(
        "stop_at",
        _curve,
        stop_at,
        {
            "this is where the training stops: keep the weights of the best measurement before": (
                _where_it_stopped
            ),
            "this is the best of all: the training has stopped before it saw the later ones": (
                lambda mean_ious, patience: int(np.argmax(mean_ious))
            ),
            "an equal value counts as better: a flat curve would never stop": _latest_best,
            "training stops one measurement too late: when `patience` of them have not been "
            "better, it stops at the last of these": _one_late,
            "training stops one measurement too early: `patience` of them come after the best": (
                _one_early
            ),
            "falls in a row are counted: count from the best measurement, also when the values go "
            "up and down after it": _falls_in_a_row,
        },
    ),
)

QUESTIONS = (
    Question(
        "13-four-scenes",
        "A net with 120,000 weights is trained on four pictures, again and again, until it labels "
        "them nearly without an error. Then it gets a new picture of the same kind. What happens?",
        (
            Option(
                "the same quality, for it has seen every class",
                "It has seen them in four pictures only. In the lab below, mean IoU on new scenes "
                "is far below that on the four.",
            ),
            Option(
                "much worse: it has learned the four pictures by heart",
                "With so many weights it can use any detail of the four pictures, such as one dark "
                "pixel, and such details are not in the new picture.",
                right=True,
            ),
            Option(
                "it refuses, or labels nothing",
                "One of the scores is always the largest, so each pixel gets a label, right or "
                "wrong.",
            ),
        ),
    ),
    Question(
        "13-nan",
        "The loss of a training has become NaN (not a number). What helps?",
        (
            Option(
                "to wait: it will come back",
                "NaN plus anything is NaN. After one step with it, every weight is NaN.",
            ),
            Option(
                "to go back to the last good weights, with a smaller learning rate",
                "The steps were too large. Small enough, a step against the gradient lowers the "
                "loss.",
                right=True,
            ),
            Option(
                "more training scenes",
                "The steps are too large with any scenes: the same rate fails on 4 and on endless "
                "ones.",
            ),
        ),
        after=True,
    ),
)
