"""Lab 09, à trous: the same network with its strides taken out and its kernels dilated."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def dilation_rule(strides: Sequence[int]) -> list[int]:
    """For each layer the product of the strides taken out before it."""
    return [prod(strides[:layer]) for layer in range(len(strides))]


def _strides(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    # The first cases tell the classic mistakes apart; the rest are drawn.
    first: tuple[list[int], ...] = ([1], [2, 1], [2, 1, 1], [1, 2, 1], [2, 1, 2, 1], [3, 1, 2, 1])
    if i < len(first):
        return {"strides": first[i]}
    return {"strides": [int(n) for n in random.choice([1, 1, 2, 3], 2 + i // 3)]}


def _own_stride_too(strides: Sequence[int]) -> list[int]:
    return [prod(strides[: layer + 1]) for layer in range(len(strides))]


def _once(strides: Sequence[int]) -> list[int]:
    found = [next((s for s in strides[:layer] if s > 1), 1) for layer in range(len(strides))]
    return found


def _strided_forgotten(strides: Sequence[int]) -> list[int]:
    right = dilation_rule(strides)
    return [1 if s > 1 else d for s, d in zip(strides, right, strict=True)]


def _kernel(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = ((2, 2), (3, 3), (2, 3), (1, 2), (5, 5))[i % 5]
    shape = (1 + i // 6, 1 + i // 8, height, width)
    weight = torch.from_numpy(random.integers(1, 10, shape)).float()
    return {"weight": weight, "d": 2 if i == 0 else 1 + i % 4}


def dilate_kernel(weight: Tensor, d: int) -> Tensor:
    """The kernel with d - 1 zeros between its taps."""
    *channels, height, width = weight.shape
    out = weight.new_zeros(*channels, d * (height - 1) + 1, d * (width - 1) + 1)
    out[..., ::d, ::d] = weight
    return out


def _zeros_at_the_end(weight: Tensor, d: int) -> Tensor:
    *channels, height, width = weight.shape
    out = weight.new_zeros(*channels, d * height, d * width)
    out[..., ::d, ::d] = weight
    return out


def _rows_only(weight: Tensor, d: int) -> Tensor:
    *channels, height, width = weight.shape
    out = weight.new_zeros(*channels, d * (height - 1) + 1, width)
    out[..., ::d, :] = weight
    return out


def _columns_only(weight: Tensor, d: int) -> Tensor:
    return _rows_only(weight.mT, d).mT


def _framed(weight: Tensor, d: int) -> Tensor:
    *channels, height, width = weight.shape
    out = weight.new_zeros(*channels, d * (height - 1) + 1, d * (width - 1) + 1)
    top, left = (out.shape[-2] - height) // 2, (out.shape[-1] - width) // 2
    out[..., top : top + height, left : left + width] = weight
    return out


EXERCISES = (
    Exercise(
        "dilation_rule",
        _strides,
        dilation_rule,
        {
            "each layer's own stride is counted too: only the strides before a layer move its taps "
            "apart": _own_stride_too,
            "nothing is dilated: without a stride, the layers after it read a denser map, so "
            "their taps must move apart": lambda strides: [1] * len(strides),
            "only the layer right after a stride is dilated: the map stays dense, so all later "
            "layers need it too": lambda strides: [1, *strides[:-1]],
            "only the first stride counts here: each further one makes the map denser again": (
                _once
            ),
            "the strides are added up: two strides of 3 keep one answer in 9, not in 6": (
                lambda strides: [sum(strides[:layer]) or 1 for layer in range(len(strides))]
            ),
            "the dilation doubles with every layer: only a stride that is taken out changes it": (
                lambda strides: [2**layer for layer in range(len(strides))]
            ),
            "the layers with a stride of their own are not dilated: a pool after a pool needs a "
            "dilation too": _strided_forgotten,
            "these are the strides: a dilation is the product of the strides before the layer": (
                lambda strides: list(strides)
            ),
            "the strides after each layer are counted: look at those before it": (
                lambda strides: [prod(strides[layer + 1 :]) for layer in range(len(strides))]
            ),
        },
        reveal=False,
    ),
    Exercise(
        "dilate_kernel",
        _kernel,
        dilate_kernel,
        {
            "there are zeros after the last tap too: they stand only between taps, so the kernel "
            "ends with a tap": _zeros_at_the_end,
            "one zero too many between the taps: dilation 1 is the ordinary kernel": (
                lambda weight, d: dilate_kernel(weight, d + 1)
            ),
            "the taps are repeated: between them there are zeros, so that the number of weights "
            "stays the same": lambda weight, d: weight.repeat_interleave(d, -2).repeat_interleave(
                d, -1
            ),
            "only the rows are moved apart: the columns should be too": _rows_only,
            "only the columns are moved apart: the rows should be too": _columns_only,
            "the zeros stand around the kernel: the size is right, but they belong between the "
            "taps": _framed,
            "the kernel is unchanged: move its taps d apart": lambda weight, d: weight.clone(),
        },
    ),
)

QUESTIONS = (
    Question(
        "09-one-pool-forgotten",
        "All strides are taken out and all layers after them dilated, except one pool, which is "
        "forgotten and keeps its dilation of 1. What happens?",
        (
            Option(
                "nothing: a pool has no weights",
                "It has no weights, but it has taps: it takes the largest of some neighbours, "
                "and those are now the wrong neighbours.",
            ),
            Option(
                "the scores are the same, only coarser",
                "The map has as many scores as before. Their values change.",
            ),
            Option(
                "the scores are wrong, even at the pixels that the coarse map has",
                "The pool now compares neighbours that it never compared in training, and all "
                "layers after it work with these values.",
                right=True,
            ),
            Option(
                "the scores are wrong at the border only",
                "The pool is applied everywhere, so scores change everywhere. Labels change less "
                "often inside a texture, as the best class often stays the best.",
            ),
        ),
    ),
    Question(
        "09-what-it-costs",
        "Stitching takes f × f passes. À trous gives the same numbers in one pass over the "
        "rarefied network. What does that one pass cost?",
        (
            Option(
                "as much as one coarse pass: it has the same weights",
                "The weights are the same, but without strides the maps of the later layers are "
                "large: there are more places to compute.",
            ),
            Option(
                "more than a coarse pass, less than f × f of them",
                "The first layers, which stitching computes again and again, are computed once. "
                "The last layers are computed at every pixel, as in stitching.",
                right=True,
            ),
            Option(
                "as much as f × f passes: the same numbers need the same work",
                "That is true of the layers after the last stride only. The layers before it give "
                "the same values for many shifts: once is enough.",
            ),
            Option(
                "more than f × f passes: dilated kernels are larger",
                "The zeros between the taps are skipped: a dilated kernel has as many weights "
                "and multiplications as before.",
            ),
        ),
        after=True,
    ),
)
