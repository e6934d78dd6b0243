"""Lab 12, skip connections: where a cell lies, adding class scores, cropping and concatenating."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.course.declarations import Exercise, Option, Question


def _cell(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    index = (0, 1, 3, 2, 5)[i % 5] + i // 5 * int(random.integers(1, 9))
    return {"index": index, "stride": (2, 8, 1, 16, 32, 4)[i % 6]}


def cell_center(index: int, stride: int) -> float:
    """The middle of the cell's pixels stride * index to stride * index + stride - 1."""
    return stride * index + (stride - 1) / 2


def _values(random: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(random.normal(size=shape)).float()


def _two_scores(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    batch, classes, height, width = 1 + i // 8, 1 + i // 4, 1 + (i + 1) // 3, 2 + i // 4
    return {
        "coarse": _values(random, batch, classes, height, width),
        "skip": _values(random, batch, classes, 2 * height, 2 * width),
    }


def _twice(x: Tensor, **how: Any) -> Tensor:
    return F.interpolate(x, scale_factor=2, **{"mode": "bilinear", **how})


def _zeros_outside(coarse: Tensor, skip: Tensor) -> Tensor:
    line = torch.tensor([0.25, 0.75, 0.75, 0.25])
    kernel = torch.outer(line, line).expand(coarse.shape[1], 1, 4, 4)
    return F.conv_transpose2d(coarse, kernel, stride=2, padding=1, groups=coarse.shape[1]) + skip


def fuse_scores(coarse: Tensor, skip: Tensor) -> Tensor:
    """The coarse scores enlarged twice, bilinearly between cell middles, plus the skip's scores."""
    return _twice(coarse) + skip


def _shifted(coarse: Tensor, skip: Tensor) -> Tensor:
    return _twice(coarse) + skip.roll(1, -1)


def _two_features(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    batch, height, width = 1 + i // 9, 1 + i // 4, 1 + i // 3
    above, beside = 1 + i // 5, 1 + (i + 1) // 6
    return {
        "skip": _values(random, batch, 1 + i // 6, height + 2 * above, width + 2 * beside),
        "below": _values(random, batch, 1 + i // 7, height, width),
    }


def crop_and_concatenate(skip: Tensor, below: Tensor) -> Tensor:
    """The middle of the skip, as large as the features from below, and then those."""
    height, width = below.shape[-2:]
    top, left = (skip.shape[-2] - height) // 2, (skip.shape[-1] - width) // 2
    return torch.cat([skip[..., top : top + height, left : left + width], below], 1)


def _corner(skip: Tensor, below: Tensor) -> Tensor:
    return torch.cat([skip[..., : below.shape[-2], : below.shape[-1]], below], 1)


def _shrunk(skip: Tensor, below: Tensor) -> Tensor:
    return torch.cat([F.interpolate(skip, below.shape[-2:], mode="bilinear"), below], 1)


def _padded(skip: Tensor, below: Tensor) -> Tensor:
    down, right = (a - b for a, b in zip(skip.shape[-2:], below.shape[-2:], strict=True))
    around = (right // 2, right - right // 2, down // 2, down - down // 2)
    return torch.cat([skip, F.pad(below, around)], 1)


EXERCISES = (
    Exercise(
        "cell_center",
        _cell,
        cell_center,
        {
            "that is the cell's first pixel: its middle lies further on": lambda index, stride: (
                stride * index
            ),
            "that is half a pixel too far: pixel 0 has its middle at 0, so that the middle of "
            "pixels 0 and 1 is 0.5": lambda index, stride: stride * (index + 0.5),
            "that is the cell's last pixel: its middle lies before it": lambda index, stride: (
                stride * (index + 1) - 1
            ),
            "that counts the cells from 1: the first has index 0": lambda index, stride: (
                stride * (index - 1) + (stride - 1) / 2
            ),
        },
    ),
    Exercise(
        "fuse_scores",
        _two_scores,
        fuse_scores,
        {
            "the corners of the two maps are laid on each other: then no other pixel lies in the "
            "right place. The middles of the cells count": lambda coarse, skip: (
                _twice(coarse, align_corners=True) + skip
            ),
            "the coarse scores are repeated: that is nearest neighbour; interpolate them": (
                lambda coarse, skip: _twice(coarse, mode="nearest") + skip
            ),
            "inside, all is right: this is the transposed convolution of the FCN paper, which "
            "takes zeros from outside the map. Interpolation repeats the scores at the border": (
                _zeros_outside
            ),
            "the coarse scores are interpolated with cubic curves, which can be higher than every "
            "score there is; interpolate bilinearly": lambda coarse, skip: (
                _twice(coarse, mode="bicubic") + skip
            ),
            "the maps are averaged: FCN adds them, and learns how large each must be": (
                lambda coarse, skip: (_twice(coarse) + skip) / 2
            ),
            "the maps lie beside each other as channels: that is U-Net's way. FCN adds scores of "
            "the same class": lambda coarse, skip: torch.cat([_twice(coarse), skip], 1),
            "the skip is missing: without it there are no fine details": lambda coarse, skip: (
                _twice(coarse)
            ),
            "the fine scores are made coarse: the answer has the size of the skip": (
                lambda coarse, skip: coarse + F.avg_pool2d(skip, 2)
            ),
            "the skip lies a pixel too far to the right": _shifted,
        },
    ),
    Exercise(
        "crop_and_concatenate",
        _two_features,
        crop_and_concatenate,
        {
            "the skip is cropped at the top left: a valid convolution takes as much from every "
            "side, so it is the middle that belongs to the other map": _corner,
            "the features from below come first: the skip's do": lambda skip, below: torch.cat(
                crop_and_concatenate(skip, below).split([skip.shape[1], below.shape[1]], 1)[::-1], 1
            ),
            "the skip is shrunk until it fits: its pixels then lie on no pixel of the other map": (
                _shrunk
            ),
            "the smaller map is padded: nobody knows what a valid convolution took away": _padded,
        },
    ),
)

QUESTIONS = (
    Question(
        "12-shift-by-one",
        "FCN-8s adds the scores of a map of stride 8. You move that map by one of its pixels to "
        "the right. What becomes of the labels?",
        (
            Option(
                "nothing that one can see",
                "More than a tenth of the pixels get another label, mostly along the contours.",
            ),
            Option(
                "they all move to the right by one pixel",
                "One pixel of that map is eight pixels of the picture.",
            ),
            Option(
                "they get worse than without that skip",
                "Cut it in the lab below: without it they are even worse. Its scores are only one "
                "of its pixels away from their right place, so they still say what is near.",
            ),
            Option(
                "most of them move by eight pixels, and much of what that skip brings is lost",
                "The scores of this skip are large, so most things move with it. Mean IoU is "
                "better than without the skip, and worse than that of FCN-16s, a net that was "
                "trained without it.",
                right=True,
            ),
        ),
    ),
    Question(
        "12-what-is-added",
        "What does a skip connection carry in FCN, and what in U-Net?",
        (
            Option(
                "features in both",
                "In FCN each map is first turned into class scores, by a 1 × 1 convolution.",
            ),
            Option(
                "class scores in FCN, which are added; features in U-Net, which are concatenated",
                "FCN adds scores of the same class. In U-Net, later layers learn what to make of "
                "the features.",
                right=True,
            ),
            Option(
                "upsampled labels in both",
                "There are no labels yet at a skip. And skips come from finer maps than those that "
                "they join, so they need no upsampling.",
            ),
        ),
        after=True,
    ),
)
