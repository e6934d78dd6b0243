"""Lab 04, receptive fields: how wide, where, and which pixels in between are left out."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from seglab.course.declarations import Exercise, Option, Question

Numbers = Sequence[int]


def field_size(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    """1 + the sum of d (k - 1) times the strides before the layer."""
    size, step = 1, 1
    for kernel_size, stride, dilation in zip(kernel_sizes, strides, dilations, strict=True):
        size += dilation * (kernel_size - 1) * step
        step *= stride
    return size


# The first cases tell the classic mistakes apart; the rest are drawn.
_STACKS: tuple[tuple[Numbers, Numbers, Numbers], ...] = (
    ([5], [1], [1]),
    ([3, 3], [1, 1], [1, 1]),
    ([3, 3], [2, 1], [1, 1]),
    ([5, 3, 3], [1, 2, 1], [1, 1, 1]),
    ([3, 3], [1, 1], [1, 2]),
    ([3, 2, 3], [1, 2, 1], [1, 1, 2]),
)


def _stack(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    if i < len(_STACKS):
        kernel_sizes, strides, dilations = (list(numbers) for numbers in _STACKS[i])
    else:
        depth = 2 + i // 4
        kernel_sizes = [int(n) for n in random.choice([2, 3, 5], depth)]
        strides = [int(n) for n in random.choice([1, 1, 2, 3], depth)]
        dilations = [int(n) for n in random.choice([1, 1, 2, 4], depth)]
    return {"kernel_sizes": kernel_sizes, "strides": strides, "dilations": dilations}


def _own_stride_too(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    terms = zip(kernel_sizes, dilations, strict=True)
    return 1 + sum(d * (k - 1) * prod(strides[: n + 1]) for n, (k, d) in enumerate(terms))


def _strides_after(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    terms = zip(kernel_sizes, dilations, strict=True)
    return 1 + sum(d * (k - 1) * prod(strides[n + 1 :]) for n, (k, d) in enumerate(terms))


def _whole_kernels(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    return field_size([k + 1 for k in kernel_sizes], strides, dilations) - 1


def _strides_added(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    terms = zip(kernel_sizes, dilations, strict=True)
    return 1 + sum(d * (k - 1) * (sum(strides[:n]) or 1) for n, (k, d) in enumerate(terms))


def _last_stride_only(kernel_sizes: Numbers, strides: Numbers, dilations: Numbers) -> int:
    before = [1, *strides[:-1]]
    return 1 + sum(d * (k - 1) * s for k, s, d in zip(kernel_sizes, before, dilations, strict=True))


def center(u: int, size: int, stride: int, padding: int) -> float:
    """The middle of the pixels u * stride - padding to u * stride - padding + size - 1."""
    return u * stride - padding + (size - 1) / 2


def _unit(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = ((0, 3, 1, 0), (0, 3, 1, 1), (2, 4, 2, 0), (1, 5, 4, 3), (3, 6, 8, 5))
    if i < len(first):
        u, size, stride, padding = first[i]
    else:
        u, size, stride = (int(n) for n in random.integers((0, 2, 1), (12, 60, 33)))
        padding = int(random.integers(0, size))
    return {"u": u, "size": size, "stride": stride, "padding": padding}


def reached(dilations: Numbers) -> list[int]:
    """Every sum of one of -d, 0, d for each layer."""
    offsets = {0}
    for d in dilations:
        offsets = {offset + tap for offset in offsets for tap in (-d, 0, d)}
    return sorted(offsets)


def _dilations(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first: tuple[Numbers, ...] = ([1], [2], [1, 1], [2, 2], [1, 2], [1, 4], [2, 3], [1, 2, 4])
    if i < len(first):
        return {"dilations": list(first[i])}
    return {"dilations": [int(n) for n in random.choice([1, 2, 3, 4, 8], 2 + i // 6)]}


def _no_middle(dilations: Numbers) -> list[int]:
    offsets = {0}
    for d in dilations:
        offsets = {offset + tap for offset in offsets for tap in (-d, d)}
    return sorted(offsets)


def _twice(dilations: Numbers) -> list[int]:
    offsets = [0]
    for d in dilations:
        offsets = [offset + tap for offset in offsets for tap in (-d, 0, d)]
    return sorted(offsets)


def _all_between(dilations: Numbers) -> list[int]:
    return list(range(-sum(dilations), sum(dilations) + 1))


def _side_by_side(dilations: Numbers) -> list[int]:
    return sorted({0} | {sign * d for d in dilations for sign in (-1, 1)})


EXERCISES = (
    Exercise(
        "field_size",
        _stack,
        field_size,
        {
            "each layer's own stride counts here too: only the strides before a layer make its "
            "steps wide": _own_stride_too,
            "the strides after each layer count here: only the strides before a layer, on the side "
            "of the image, make its steps wide": _strides_after,
            "the strides are ignored: after a stride of 2, one step of the map is two pixels": (
                lambda kernel_sizes, strides, dilations: field_size(
                    kernel_sizes, [1] * len(strides), dilations
                )
            ),
            "the dilations are ignored: weights that are d apart reach d times as far": (
                lambda kernel_sizes, strides, dilations: field_size(
                    kernel_sizes, strides, [1] * len(dilations)
                )
            ),
            "one pixel is missing: before the first layer, a unit sees one pixel, itself": (
                lambda kernel_sizes, strides, dilations: (
                    field_size(kernel_sizes, strides, dilations) - 1
                )
            ),
            "whole kernels are added: k weights have k - 1 steps between them": _whole_kernels,
            "each layer begins again at 1: a layer adds to the field of the layers before it": (
                lambda kernel_sizes, strides, dilations: sum(
                    d * (k - 1) + 1 for k, d in zip(kernel_sizes, dilations, strict=True)
                )
            ),
            "the dilation is added once for a layer: it widens each of the k - 1 steps": (
                lambda kernel_sizes, strides, dilations: field_size(
                    [k + d - 1 for k, d in zip(kernel_sizes, dilations, strict=True)],
                    strides,
                    [1] * len(dilations),
                )
            ),
            "the strides are added up: two strides of 3 make a step of 9 pixels, not of 6": (
                _strides_added
            ),
            "only the stride just before each layer counts: all strides on the way to the image "
            "multiply": _last_stride_only,
        },
        reveal=False,
    ),
    Exercise(
        "center",
        _unit,
        center,
        {
            "the padding is missing: it moves the first field to the left of pixel 0": (
                lambda u, size, stride, padding: u * stride + (size - 1) / 2
            ),
            "the padding has the wrong sign: padded pixels lie before pixel 0": (
                lambda u, size, stride, padding: u * stride + padding + (size - 1) / 2
            ),
            "half a pixel too far: the middle of the pixels 0, 1, 2 is 1, not 1.5": (
                lambda u, size, stride, padding: u * stride - padding + size / 2
            ),
            "rounded down: the middle of an even number of pixels lies between two of them": (
                lambda u, size, stride, padding: u * stride - padding + (size - 1) // 2
            ),
            "this is the first pixel of the field: return its center": (
                lambda u, size, stride, padding: u * stride - padding
            ),
            "this is the last pixel of the field: return its center": (
                lambda u, size, stride, padding: u * stride - padding + size - 1
            ),
            "the fields are one field size apart: they overlap, and are one stride apart": (
                lambda u, size, stride, padding: u * size - padding + (size - 1) / 2
            ),
        },
    ),
    Exercise(
        "reached",
        _dilations,
        reached,
        {
            "every pixel of the field is in it: dilated kernels leave pixels out": _all_between,
            "the middle weight is missing: a kernel of 3 has weights at -d, 0 and d": _no_middle,
            "each layer starts from the unit itself: it starts from every offset that the other "
            "layers reach": _side_by_side,
            "an offset that two paths reach is in the list twice: name each offset once": _twice,
            "the offsets are not sorted: give the smallest first": (
                lambda dilations: reached(dilations)[::-1]
            ),
            "nothing is dilated: the weights of a layer are d apart": (
                lambda dilations: reached([1] * len(dilations))
            ),
            "only one side is there: a kernel has weights on both sides of the unit": (
                lambda dilations: [offset for offset in reached(dilations) if offset >= 0]
            ),
            "only the two ends of the field are there: name the offsets between them too": (
                lambda dilations: [-sum(dilations), sum(dilations)]
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "04-how-wide",
        "VGG-16 has thirteen convolutions of 3 × 3 and five poolings of 2 × 2, then a layer of "
        "7 × 7. How wide a part of the picture does one unit of that last layer see?",
        (
            Option(
                "7 pixels",
                "These are 7 units of the map before it, and each of them already sees a large "
                "part of the picture.",
            ),
            Option(
                "13 × 2 + 5 + 6 + 1 = 38 pixels",
                "This adds the kernels as if all of them read pixels. After five poolings, one "
                "step of the map is 32 pixels.",
            ),
            Option(
                "224 pixels, the size of its pictures",
                "The field depends on the layers alone, not on the size of the picture.",
            ),
            Option(
                "404 pixels",
                "The last layer alone adds 6 steps of 32 pixels. The field is larger than the "
                "pictures of 224 pixels in the training.",
                right=True,
            ),
        ),
    ),
    Question(
        "04-which-dilations",
        "Three layers of 3 × 3 kernels, all with stride 1. With which dilations does a unit see "
        "the most different pixels along a row?",
        (
            Option(
                "1, 1, 1",
                "It sees 7 pixels, without a gap: each layer adds one on both sides.",
            ),
            Option(
                "1, 2, 4",
                "It sees 15 pixels, without a gap: each layer fills the gaps of the next one.",
                right=True,
            ),
            Option(
                "2, 2, 2",
                "The field is 13 wide, but it sees only every second pixel: 7, as without any "
                "dilation.",
            ),
            Option(
                "4, 4, 4",
                "The field is 25 wide, the widest here, but it sees only every fourth pixel: 7.",
            ),
        ),
        after=True,
    ),
    Question(
        "04-what-training-moves",
        "A unit's receptive field is 404 × 404 pixels. What can be said about the pixels in it?",
        (
            Option(
                "all of them change the unit equally",
                "From a pixel in the middle many more paths lead to the unit than from a corner.",
            ),
            Option(
                "none outside can change it; inside, those in the middle usually count most",
                "The field is only a bound. How much a pixel counts depends on the weights. With "
                "random weights it is most in the middle, on average.",
                right=True,
            ),
            Option(
                "the unit describes just these pixels, so the label is theirs",
                "The next unit, 32 pixels to the right, sees nearly the same pixels. The label "
                "belongs to the 32 × 32 cell at the field's center.",
            ),
        ),
        after=True,
    ),
)
