"""Lab 05, classifier to heatmap: weights as a kernel, and scores as probabilities."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _head(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    """A fully connected layer behind a small map; sides differ, so that a swap shows."""
    shape = channels, height, width = 2 + i % 2, 1 + i // 4, 2 + i // 3
    count = channels * height * width
    # Distinct whole numbers, so that a wrong value also says where it came from.
    first = int(random.integers(0, 50))
    weight = first + torch.arange((1 + i % 3) * count).float().view(-1, count)
    return {"weight": weight, "shape": shape}


def as_kernel(weight: Tensor, shape: tuple[int, int, int]) -> Tensor:
    """The weights [outputs, C*h*w] of a layer behind a flattened map, as a kernel."""
    return weight.reshape(len(weight), *shape)


def _channels_last(weight: Tensor, shape: tuple[int, int, int]) -> Tensor:
    channels, height, width = shape
    return weight.reshape(len(weight), height, width, channels).permute(0, 3, 1, 2)


def _columns_first(weight: Tensor, shape: tuple[int, int, int]) -> Tensor:
    channels, height, width = shape
    return weight.reshape(len(weight), channels, width, height).transpose(2, 3)


def _inputs_first(weight: Tensor, shape: tuple[int, int, int]) -> Tensor:
    return weight.T.reshape(*shape, len(weight)).permute(0, 3, 1, 2)


def _scores(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    classes, height, width = 2 + i % 3, 1 + i // 3, 2 + i // 2
    scores = torch.from_numpy(random.normal(0, 2, (classes, height, width))).float()
    return {"scores": scores, "temperature": (1.0, 2.0, 0.5, 4.0)[i % 4]}


def tempered(scores: Tensor, temperature: float) -> Tensor:
    """Softmax over the classes, at every place, of scores [K, h, w] divided by the temperature."""
    return (scores / temperature).softmax(0)


def _over_places(scores: Tensor, temperature: float) -> Tensor:
    return (scores / temperature).flatten(1).softmax(1).view_as(scores)


def _over_all(scores: Tensor, temperature: float) -> Tensor:
    return (scores / temperature).flatten().softmax(0).view_as(scores)


def _afterwards(scores: Tensor, temperature: float) -> Tensor:
    return scores.softmax(0) / temperature


EXERCISES = (
    Exercise(
        "as_kernel",
        _head,
        as_kernel,
        {
            "the channels come last: flattening takes the whole first channel, row by row, and "
            "then the second": _channels_last,
            "rows and columns are swapped: within a channel, flattening goes along a row first": (
                _columns_first
            ),
            "inputs and outputs are swapped: a convolution's weight is [outputs, inputs, rows, "
            "columns], and the layer's weight has its outputs first too": _inputs_first,
            "the kernel is turned round: torch's convolution does not flip its kernel, so leave "
            "the order as it is": lambda weight, shape: as_kernel(weight, shape).flip(-1, -2),
            "it is a 1 × 1 kernel, which reads a map of one pixel: this layer reads the whole "
            "map, so the map's rows and columns become those of the kernel": (
                lambda weight, shape: weight[:, :, None, None]
            ),
        },
    ),
    Exercise(
        "tempered",
        _scores,
        tempered,
        {
            "each class sums to 1 over the picture: at every place the classes should sum to 1": (
                _over_places
            ),
            "all numbers together sum to 1: at every place the classes should sum to 1": _over_all,
            "the softmax goes over the rows of the map: the classes are the first axis": (
                lambda scores, temperature: (scores / temperature).softmax(1)
            ),
            "the softmax goes over the columns of the map: the classes are the first axis": (
                lambda scores, temperature: (scores / temperature).softmax(2)
            ),
            "the scores are multiplied by the temperature: a high one should make the "
            "probabilities more alike": (
                lambda scores, temperature: (scores * temperature).softmax(0)
            ),
            "the temperature comes too late: divide the scores, not the probabilities, which "
            "would no longer sum to 1": _afterwards,
            "the temperature is not used": lambda scores, temperature: scores.softmax(0),
            "each class is judged alone, by a sigmoid: the probabilities of a place do not sum "
            "to 1": lambda scores, temperature: (scores / temperature).sigmoid(),
            "the probabilities are their logarithms: leave out the log": (
                lambda scores, temperature: (scores / temperature).log_softmax(0)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "05-how-many-scores",
        "A classifier takes patches of 32 × 32 pixels. It has two pools of stride 2 and no "
        "padding. As convolutions, its weights run once over a picture of 256 × 256. How many "
        "scores does each class get?",
        (
            Option(
                "1",
                "One score is the answer to a patch of exactly 32 × 32. In a larger picture a "
                "convolution slides on.",
            ),
            Option(
                "8 × 8",
                "That would be patches side by side, 32 pixels apart. These overlap: the next one "
                "begins 4 pixels further on.",
            ),
            Option(
                "57 × 57",
                "One every 4 pixels, as long as the window fits: (256 - 32) / 4 + 1 = 57.",
                right=True,
            ),
            Option(
                "225 × 225",
                "That is a window at every pixel: 256 - 32 + 1 = 225. Two pools of stride 2 move "
                "the window by 2 · 2 = 4 pixels from one score to the next.",
            ),
        ),
    ),
    Question(
        "05-temperature",
        "You raise the temperature from 1 to 8. What happens to the map of the best class?",
        (
            Option(
                "nothing",
                "All scores of a place are divided by one number: the largest stays the largest. "
                "Only the probabilities come closer together.",
                right=True,
            ),
            Option(
                "its borders become smoother",
                "The probabilities come closer together, but each place is still judged alone, "
                "and the largest score stays the largest.",
            ),
            Option(
                "more places become the most frequent class",
                "All classes of a place are divided by the same number, so their order stays.",
            ),
        ),
        after=True,
    ),
)
