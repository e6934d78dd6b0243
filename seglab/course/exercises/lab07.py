"""Lab 07, only convolutions: what a layer costs, and how many it takes to see far."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from seglab.course.declarations import Exercise, Option, Question


def multiply_adds(
    kernel_size: int, channels_in: int, channels_out: int, height: int, width: int, stride: int
) -> int:
    """Weights times the positions at which the kernel fits."""
    rows, columns = ((side - kernel_size) // stride + 1 for side in (height, width))
    return rows * columns * kernel_size**2 * channels_in * channels_out


def _layer(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = (
        (1, 1, 1, 2, 3, 1),
        (1, 2, 3, 3, 4, 1),
        (2, 1, 1, 4, 6, 1),
        (3, 1, 1, 3, 5, 1),
        (1, 1, 1, 5, 8, 2),
        (3, 2, 3, 7, 10, 2),
    )
    drawn = random.integers((2, 2, 2, 9, 9, 1), (6, 9, 9, 20, 20, 4))
    numbers = first[i] if i < len(first) else [int(n) for n in drawn]
    names = ("kernel_size", "channels_in", "channels_out", "height", "width", "stride")
    return dict(zip(names, numbers, strict=True))


def plain_depth(size: int, kernel_size: int) -> int:
    """The fewest layers of stride 1 whose field is at least `size` wide."""
    return -(-(size - 1) // (kernel_size - 1))


def _field(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = ((3, 3), (5, 3), (6, 3), (5, 5), (12, 5), (63, 3), (404, 3), (404, 7))
    if i < len(first):
        size, kernel_size = first[i]
    else:
        size, kernel_size = int(random.integers(4, 500)), (3, 5, 7)[i % 3]
    return {"size": size, "kernel_size": kernel_size}


def doubling_depth(size: int) -> int:
    """The fewest layers of 3 × 3 with dilations 1, 2, 4, ... that see at least `size` pixels."""
    return math.ceil(math.log2(size + 1)) - 1


def _size(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = (3, 4, 7, 8, 15, 16, 31, 33, 63, 64, 404)
    return {"size": first[i] if i < len(first) else int(random.integers(5, 2000))}


EXERCISES = (
    Exercise(
        "multiply_adds",
        _layer,
        multiply_adds,
        {
            "the kernel has one row only: it has k × k taps": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    multiply_adds(kernel_size, channels_in, channels_out, height, width, stride)
                    // kernel_size
                )
            ),
            "the kernel is placed at every pixel: without padding it must fit into the picture": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: multiply_adds(
                    kernel_size,
                    channels_in,
                    channels_out,
                    height + kernel_size - 1,
                    width + kernel_size - 1,
                    stride,
                )
            ),
            "the stride is ignored: it leaves places out": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: multiply_adds(
                    kernel_size, channels_in, channels_out, height, width, 1
                )
            ),
            "the stride leaves places out in one direction only: a picture has two": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    ((height - kernel_size) // stride + 1)
                    * (width - kernel_size + 1)
                    * kernel_size**2
                    * channels_in
                    * channels_out
                )
            ),
            "one kernel for all: every output channel has a kernel of its own": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: multiply_adds(
                    kernel_size, channels_in, 1, height, width, stride
                )
            ),
            "one input channel: a kernel reads all of them": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: multiply_adds(
                    kernel_size, 1, channels_out, height, width, stride
                )
            ),
            "the channels are added: every pair of an input and an output channel has taps": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    multiply_adds(kernel_size, 1, 1, height, width, stride)
                    * (channels_in + channels_out)
                )
            ),
            "these are the weights: each is used once at every place": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    kernel_size**2 * channels_in * channels_out
                )
            ),
            "the last place is missing: a kernel that just fits has one place, not none": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    ((height - kernel_size) // stride)
                    * ((width - kernel_size) // stride)
                    * kernel_size**2
                    * channels_in
                    * channels_out
                )
            ),
        },
        reveal=False,
    ),
    Exercise(
        "plain_depth",
        _field,
        plain_depth,
        {
            "rounded down: the last pixels take a layer of their own": (
                lambda size, kernel_size: (size - 1) // (kernel_size - 1)
            ),
            "each layer is given k pixels: it adds k - 1, since its kernel's middle is the unit "
            "that was there before": lambda size, kernel_size: -(-size // kernel_size),
            "each layer is given k - 1 pixels, but the first pixel is there before any layer": (
                lambda size, kernel_size: -(-size // (kernel_size - 1))
            ),
            "one layer too many: the first pixel is there before any layer, the last one must "
            "just be reached": lambda size, kernel_size: plain_depth(size, kernel_size) + 1,
            "every kernel is taken for one of 3: a larger one adds more": (
                lambda size, kernel_size: plain_depth(size, 3)
            ),
        },
    ),
    Exercise(
        "doubling_depth",
        _size,
        doubling_depth,
        {
            "nothing is dilated: each layer doubles what is added, not just adds 2": (
                lambda size: plain_depth(size, 3)
            ),
            "rounded down: a field that just misses the size takes another layer": (
                lambda size: math.floor(math.log2(size + 1)) - 1
            ),
            "one layer too many: the first layer alone sees 3 pixels": (
                lambda size: doubling_depth(size) + 1
            ),
            "one layer too few: n layers see 2 to the power n + 1, less 1": (
                lambda size: doubling_depth(size) - 1
            ),
            "close: with n layers the field is 1 + 2 (1 + 2 + 4 + ...) pixels, not a power of "
            "two": lambda size: math.ceil(math.log2(size)),
        },
    ),
)

QUESTIONS = (
    Question(
        "07-equal-parameters",
        "Three nets of five 3 × 3 convolutions, with equal numbers of weights. One steps over "
        "pixels (stride 2 in three layers), one does neither, one is dilated. Which needs the most "
        "multiplications for a picture?",
        (
            Option(
                "all need the same: the weights are as many",
                "A weight is used once at every place of its map, and strides make maps small.",
            ),
            Option(
                "the dilated one: its kernels are larger",
                "The gaps between its taps cost nothing. It has nine taps, as the others have.",
            ),
            Option(
                "the one with strides: it has to jump",
                "Jumping is leaving out. Behind three strides of 2, a layer has one place for "
                "64 pixels.",
            ),
            Option(
                "the two without strides, by far, and about equally much",
                "They use every weight at every pixel. What the stepping net saves, it pays with "
                "its coarse answer.",
                right=True,
            ),
        ),
    ),
    Question(
        "07-at-the-borders",
        "Of the three nets, the plain one sees 11 pixels and the other two 47. Which one is right "
        "most often close to a border between two textures?",
        (
            Option(
                "the plain one",
                "It knows least, but what it sees lies on one side of the border a little sooner. "
                "Context helps inside and hurts at borders, where a wide field sees both sides.",
                right=True,
            ),
            Option(
                "the dilated one: it has context and answers for every pixel",
                "It answers for every pixel, but the 47 pixels it sees there belong to two "
                "textures.",
            ),
            Option(
                "the stepping one: it has the most context for its price",
                "It sees both sides, as the dilated one does, and gives 8 × 8 pixels one label.",
            ),
        ),
    ),
    Question(
        "07-equal-dilations",
        "Five layers of 3 × 3, all with dilation 4: a field of 41 pixels. What will the labels "
        "look like?",
        (
            Option(
                "smooth, like those of the net with doubling dilations",
                "Both see far, but the doubling net's neighbouring units see nearly the same "
                "pixels, and this one's see none in common.",
            ),
            Option(
                "speckled, as if 16 nets had been interleaved",
                "A unit sees every fourth pixel only, and its neighbours see the ones between: "
                "16 coarse pictures that never meet, each labelled by itself.",
                right=True,
            ),
            Option(
                "coarse, in cells of 4 × 4 pixels",
                "There is no stride: every pixel has an answer of its own.",
            ),
        ),
    ),
)
