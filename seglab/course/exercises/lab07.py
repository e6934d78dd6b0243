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
            "these are twice as many: one multiply-add is one multiplication with its addition": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    2 * multiply_adds(kernel_size, channels_in, channels_out, height, width, stride)
                )
            ),
            "the map has height // stride rows: that needs padding, and there is none": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: (
                    (height // stride)
                    * (width // stride)
                    * kernel_size**2
                    * channels_in
                    * channels_out
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
            "the output channels are missing: every output channel has a kernel of its own": (
                lambda kernel_size, channels_in, channels_out, height, width, stride: multiply_adds(
                    kernel_size, channels_in, 1, height, width, stride
                )
            ),
            "the input channels are missing: a kernel reads all of them": (
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
            "rounded down: the last pixels need one more layer": (
                lambda size, kernel_size: (size - 1) // (kernel_size - 1)
            ),
            "each layer adds k pixels here: it should add k - 1": (
                lambda size, kernel_size: -(-size // kernel_size)
            ),
            "the first pixel is forgotten: before any layer the field is 1 pixel wide": (
                lambda size, kernel_size: -(-size // (kernel_size - 1))
            ),
            "one layer too many: the field may be just as wide as asked": (
                lambda size, kernel_size: plain_depth(size, kernel_size) + 1
            ),
            "the kernel size is not used: a kernel of 5 adds more than one of 3": (
                lambda size, kernel_size: plain_depth(size, 3)
            ),
        },
    ),
    Exercise(
        "doubling_depth",
        _size,
        doubling_depth,
        {
            "nothing is dilated: each layer adds twice as much as the one before, not always 2": (
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
            "the field is taken as a power of two: with n layers it is 1 + 2 (1 + 2 + 4 + ...) "
            "pixels": lambda size: math.ceil(math.log2(size)),
        },
    ),
)

QUESTIONS = (
    Question(
        "07-equal-parameters",
        "Three nets of five 3 × 3 convolutions, with equal numbers of weights. One has stride 2 in "
        "three layers, one is plain, one is dilated. Which needs the most multiplications for a "
        "picture?",
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
                "the strided one: it takes larger steps",
                "Larger steps leave places out. Behind three strides of 2, a layer has one place "
                "for 64 pixels.",
            ),
            Option(
                "the plain and the dilated one, by far",
                "They use every weight at every pixel. (Without padding the dilated net's maps "
                "lose more at the border, so it needs a little less.)",
                right=True,
            ),
        ),
    ),
    Question(
        "07-at-the-borders",
        "The plain net sees 11 pixels, the other two 47. All three learned from patches that show "
        "one texture each. Which one is right most often within 8 pixels of a border between two "
        "textures?",
        (
            Option(
                "the plain one",
                "Its small field lies on one texture most often, as in the training. But this is "
                "the training, not a law: after training on mosaics, which have borders, the "
                "dilated net is first.",
                right=True,
            ),
            Option(
                "the dilated one: it has context and answers for every pixel",
                "Its 47 pixels show two textures there, and its training showed one at a time. "
                "Trained on mosaics, which have borders, it would be first.",
            ),
            Option(
                "the strided one: it has the most context for its price",
                "It sees both sides, as the dilated one does, and gives one label to 8 × 8 pixels.",
            ),
        ),
    ),
    Question(
        "07-equal-dilations",
        "Five layers of 3 × 3, all with dilation 4: a field of 41 pixels. What do the labels look "
        "like?",
        (
            Option(
                "smooth, like those of the net with doubling dilations",
                "Both see far. But with doubling dilations neighbouring units see nearly the same "
                "pixels; with dilation 4 everywhere they have no pixel in common.",
            ),
            Option(
                "speckled, like 16 interleaved nets",
                "A unit sees every fourth pixel only, and its neighbours see the pixels between: "
                "16 coarse pictures, each labelled without the others.",
                right=True,
            ),
            Option(
                "coarse, in cells of 4 × 4 pixels",
                "There is no stride: every pixel has an answer of its own.",
            ),
        ),
        after=True,
    ),
)
