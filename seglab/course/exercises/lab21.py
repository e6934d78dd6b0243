"""Lab 21, clicks: what a border costs, the cheapest cut of a row, and the next click."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question
from seglab.ops import instances


def _mask_and_costs(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 2 + i // 4, 3 + i // 3
    return {
        "mask": torch.from_numpy(random.random((height, width)) < 0.5),
        "down": torch.from_numpy(random.integers(1, 100, (height - 1, width))),
        "across": torch.from_numpy(random.integers(1, 100, (height, width - 1))),
    }


def cut_cost(mask: Tensor, down: Tensor, across: Tensor) -> int:
    """Cost of a mask's border: the sum over all pairs of neighbours of which one is inside."""
    vertical = down[mask[1:] != mask[:-1]].sum()
    return int(vertical + across[mask[:, 1:] != mask[:, :-1]].sum())


def _only(axis: int, mask: Tensor, down: Tensor, across: Tensor) -> int:
    if axis:
        return int(across[mask[:, 1:] != mask[:, :-1]].sum())
    return int(down[mask[1:] != mask[:-1]].sum())


def _inside(mask: Tensor, down: Tensor, across: Tensor) -> int:
    vertical = down[mask[1:] & mask[:-1]].sum()
    return int(vertical + across[mask[:, 1:] & mask[:, :-1]].sum())


def _leaving(mask: Tensor, down: Tensor, across: Tensor) -> int:
    vertical = down[mask[:-1] & ~mask[1:]].sum()
    return int(vertical + across[mask[:, :-1] & ~mask[:, 1:]].sum())


def _length(mask: Tensor, down: Tensor, across: Tensor) -> int:
    return cut_cost(mask, torch.ones_like(down), torch.ones_like(across))


def _row(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    costs = random.permutation(100)[: 2 + i].tolist()
    return {"costs": torch.tensor(costs) + 1}


def cut_row(costs: Tensor) -> Tensor:
    """Mask of a row whose first pixel is object and whose last is not, cut where it costs least.

    costs: of the cut behind each pixel but the last, int64 [n - 1]. Returns bool [n].
    """
    return torch.arange(len(costs) + 1) <= costs.argmin()


def _before(costs: Tensor) -> Tensor:
    return torch.arange(len(costs) + 1) < costs.argmin()


def _dearest(costs: Tensor) -> Tensor:
    return torch.arange(len(costs) + 1) <= costs.argmax()


def _below_mean(costs: Tensor) -> Tensor:
    first = torch.ones(1, dtype=torch.bool)
    return torch.cat([first, costs > costs.float().mean()])


def _mask_and_truth(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    size = 5 + i // 2, 6 + i // 2
    while True:
        mask, truth = (_blob(random, size) for _ in range(2))
        depth = torch.cat([_depth(truth & ~mask), _depth(mask & ~truth)])
        if int((depth == depth.max()).sum()) == 1:
            return {"mask": mask, "truth": truth}


def _blob(random: np.random.Generator, size: tuple[int, int]) -> Tensor:
    rows, columns = (np.sort(random.integers(0, side + 1, 2)) for side in size)
    blob = torch.from_numpy(random.random(size) < 0.1)
    blob[rows[0] : rows[1], columns[0] : columns[1]] = True
    return blob


def _depth(wrong: Tensor) -> Tensor:
    return instances.distance(wrong[None])[0]


def next_click(mask: Tensor, truth: Tensor) -> tuple[int, int, int]:
    """Row, column and label of the next click: the pixel that lies deepest in the errors.

    label: 1 where the object is missed, 0 where the mask is too large.
    """
    return _deepest(truth & ~mask, mask & ~truth)


def _deepest(missed: Tensor, extra: Tensor) -> tuple[int, int, int]:
    depths = torch.stack([_depth(extra), _depth(missed)])
    label, row, column = np.unravel_index(int(depths.argmax()), tuple(depths.shape))
    return int(row), int(column), int(label)


def _first_error(mask: Tensor, truth: Tensor) -> tuple[int, int, int]:
    row, column = (mask != truth).nonzero()[0].tolist()
    return row, column, int(truth[row, column])


def _middle(mask: Tensor, truth: Tensor) -> tuple[int, int, int]:
    wrong = (mask != truth).nonzero().float().mean(0).round().long()
    row, column = wrong.tolist()
    return row, column, int(truth[row, column])


def _other_label(mask: Tensor, truth: Tensor) -> tuple[int, int, int]:
    row, column, label = next_click(mask, truth)
    return row, column, 1 - label


def _one_region(mask: Tensor, truth: Tensor) -> tuple[int, int, int]:
    depth = _depth(mask != truth)
    row, column = np.unravel_index(int(depth.argmax()), tuple(depth.shape))
    return int(row), int(column), int(truth[int(row), int(column)])


EXERCISES = (
    Exercise(
        "cut_cost",
        _mask_and_costs,
        cut_cost,
        {
            "only borders between a pixel and the one below count: those to the right cost too": (
                lambda mask, down, across: _only(0, mask, down, across)
            ),
            "only borders between a pixel and the one to its right count: those below cost too": (
                lambda mask, down, across: _only(1, mask, down, across)
            ),
            "pairs inside the mask cost: a pair costs when the border lies between its two": (
                _inside
            ),
            "a border costs only where the mask ends, not where it begins: count both": _leaving,
            "this is the length of the border: each piece of it has a cost of its own": _length,
        },
    ),
    Exercise(
        "cut_row",
        _row,
        cut_row,
        {
            "the cut lies one pixel too far left: the cost of place i is that behind pixel i": (
                _before
            ),
            "this is the dearest cut: take the cheapest": _dearest,
            "the row is cut more than once: one cut parts the two ends": _below_mean,
        },
    ),
    Exercise(
        "next_click",
        _mask_and_truth,
        next_click,
        {
            "this is the first error of the picture: take the one that lies deepest": _first_error,
            "this is the mean of all errors, where there may be none: take the deepest": _middle,
            "the label is the wrong way round: 1 says that the object is missed there": (
                _other_label
            ),
            "missed and too much are taken for one region: where they touch, the depth is too "
            "large": _one_region,
        },
    ),
)

QUESTIONS = (
    Question(
        "21-one-click",
        "You click once, in the middle of a green star on green grass. Min-cut looks for the "
        "cheapest border between your click and the picture's border. What will it call object?",
        (
            Option(
                "the star, and nothing else",
                "It would, if a cut along the star's border were nearly free. Here the colours "
                "differ little, and the border is long.",
            ),
            Option(
                "little more than the pixels of the click",
                "35 pixels. Each piece of the border costs something, so a short border is cheap.",
                right=True,
            ),
            Option(
                "everything green",
                "Min-cut knows no colours, only differences between neighbours. In the grass "
                "these are large everywhere.",
            ),
        ),
    ),
    Question(
        "21-one-more-click",
        "You add a click. What does the click net compute anew?",
        (
            Option(
                "all of it: the clicks are a part of its input",
                "In many such nets they are. In this one the encoder reads the picture alone.",
            ),
            Option(
                "the decoder only",
                "The features of the picture do not depend on clicks. They are computed once and "
                "kept; the clicks join at the decoder.",
                right=True,
            ),
            Option(
                "its weights: it learns from the click",
                "A click is an input, not a training. The weights stay as they are.",
            ),
        ),
        after=True,
    ),
    Question(
        "21-what-a-box-says",
        "You draw a box around an object. Which pixels have a sure label now?",
        (
            Option(
                "those inside: they are the object",
                "Some of them are background: no object fills its box, unless it is a box itself.",
            ),
            Option(
                "those outside: they are background",
                "The object lies inside, so none of it lies outside. Of the pixels inside, none "
                "is sure.",
                right=True,
            ),
            Option(
                "those on the box's own border: they are the object's border",
                "A tight box touches the object on each side, but in few pixels, and the box does "
                "not say which.",
            ),
        ),
        after=True,
    ),
)
