"""Lab 03, convolution arithmetic: how often a kernel fits, and which inputs look alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from seglab.course.declarations import Exercise, Option, Question
from seglab.ops import arithmetic


def output_size(i: int, k: int, s: int, p: int, d: int) -> int:
    """Number of positions of a kernel along one side."""
    return arithmetic.conv_output_size(i, k, s, p, d)


def input_sizes(o: int, k: int, s: int, p: int) -> list[int]:
    """All input sizes that give an output of o, smallest first."""
    first = (o - 1) * s + k - 2 * p
    return [i for i in range(first, first + s) if i >= 1]


def transposed_size(i: int, k: int, s: int, p: int, a: int) -> int:
    """The output size of a transposed convolution with an output padding of a."""
    return arithmetic.transposed_output_size(i, k, s, p, a)


def _window(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    # The first cases are plain; stride, padding and dilation come one after the other.
    k = int(random.integers(2, 4 + i // 5))
    s = int(random.integers(2, 5)) if i >= 3 else 1
    p = int(random.integers(1, 4)) if i >= 6 else 0
    d = int(random.integers(2, 4)) if i >= 9 else 1
    return {"i": d * (k - 1) + 1 + int(random.integers(0, 12)), "k": k, "s": s, "p": p, "d": d}


def _answered(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    k = int(random.integers(2, 5))
    s = int(random.integers(2, 5)) if i >= 2 else 1
    p = int(random.integers(0, k)) if i >= 5 else 0
    # The last case is one whose smallest inputs would be empty.
    if i == 19:
        return {"o": 1, "k": 2, "s": 4, "p": 1}
    return {"o": 2 + i // 4 + p, "k": k, "s": s, "p": p}


def _grown(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    s = int(random.integers(2, 5))
    k = int(random.integers(2, 6))
    p = int(random.integers(1, 3)) if i >= 4 else 0
    a = int(random.integers(1, s)) if i >= 8 else 0
    return {"i": 2 + p + i // 3, "k": k, "s": s, "p": p, "a": a}


EXERCISES = (
    Exercise(
        "output_size",
        _window,
        output_size,
        {
            "the last window is missing: a kernel that just fits has one position, not none": (
                lambda i, k, s, p, d: (i + 2 * p - d * (k - 1) - 1) // s
            ),
            "the kernel is one cell too short: it covers d (k - 1) + 1 cells": (
                lambda i, k, s, p, d: (i + 2 * p - d * (k - 1)) // s + 1
            ),
            "the kernel is one cell too long: it covers d (k - 1) + 1 cells": (
                lambda i, k, s, p, d: (i + 2 * p - d * (k - 1) - 2) // s + 1
            ),
            "rounded to the nearest whole number: a step that does not fit whole is not taken": (
                lambda i, k, s, p, d: round((i + 2 * p - d * (k - 1) - 1) / s) + 1
            ),
            "rounded, after the 1 is added, to the nearest whole number: round down": (
                lambda i, k, s, p, d: round((i + 2 * p - d * (k - 1) - 1) / s + 1)
            ),
            "rounded up: a step that does not fit whole is not taken": (
                lambda i, k, s, p, d: -(-(i + 2 * p - d * (k - 1) - 1) // s) + 1
            ),
            "not rounded: a kernel has a whole number of positions": (
                lambda i, k, s, p, d: (i + 2 * p - d * (k - 1) - 1) / s + 1
            ),
            "the padding is on one side only: add it on both": (
                lambda i, k, s, p, d: (i + p - d * (k - 1) - 1) // s + 1
            ),
            "the dilation is missing: with it the kernel covers more than k cells": (
                lambda i, k, s, p, d: (i + 2 * p - k) // s + 1
            ),
            "the kernel covers d k cells here: k weights have k - 1 gaps between them": (
                lambda i, k, s, p, d: (i + 2 * p - d * k) // s + 1
            ),
            "the kernel covers d k + 1 cells here: k weights have k - 1 gaps between them": (
                lambda i, k, s, p, d: (i + 2 * p - d * k - 1) // s + 1
            ),
            "the kernel covers d k - 1 cells here: k weights have k - 1 gaps between them": (
                lambda i, k, s, p, d: (i + 2 * p - d * k + 1) // s + 1
            ),
            "the stride is missing: only every s-th position is used": (
                lambda i, k, s, p, d: i + 2 * p - d * (k - 1)
            ),
            "the kernel is not subtracted: at the end there must be room for all of it": (
                lambda i, k, s, p, d: (i + 2 * p) // s
            ),
        },
        reveal=False,
    ),
    Exercise(
        "input_sizes",
        _answered,
        input_sizes,
        {
            "only the size that fits exactly is there: with a stride, larger sizes give the same "
            "output": lambda o, k, s, p: [(o - 1) * s + k - 2 * p],
            "one size too many: with s rows more, one window more fits": (
                lambda o, k, s, p: (lambda sizes: [*sizes, sizes[-1] + 1])(input_sizes(o, k, s, p))
            ),
            "the sizes end at the one that fits exactly: they begin there": (
                lambda o, k, s, p: list(
                    range((o - 2) * s + k - 2 * p + 1, (o - 1) * s + k - 2 * p + 1)
                )
            ),
            "the padding is added: subtract it, because the input needs fewer rows": (
                lambda o, k, s, p: list(range((o - 1) * s + k + 2 * p, o * s + k + 2 * p))
            ),
            "the padding is missing: 2 p of the rows are padding": (
                lambda o, k, s, p: list(range((o - 1) * s + k, o * s + k))
            ),
            "o windows are o - 1 steps apart, not o": (
                lambda o, k, s, p: list(range(o * s + k - 2 * p, (o + 1) * s + k - 2 * p))
            ),
            "a size below 1 is in the list: an input has at least one row": (
                lambda o, k, s, p: list(range((o - 1) * s + k - 2 * p, o * s + k - 2 * p))
            ),
        },
        reveal=False,
    ),
    Exercise(
        "transposed_size",
        _grown,
        transposed_size,
        {
            "the output padding is missing: it is added at the end": (
                lambda i, k, s, p, a: s * (i - 1) + k - 2 * p
            ),
            "i inputs have i - 1 steps between them, not i": (
                lambda i, k, s, p, a: s * i + k - 2 * p + a
            ),
            "i inputs have i - 1 steps between them, not i, and the output padding is missing": (
                lambda i, k, s, p, a: s * i + k - 2 * p
            ),
            "the last copy of the kernel has k cells, not one": (
                lambda i, k, s, p, a: s * (i - 1) + 1 - 2 * p + a
            ),
            "the padding is added: in a transposed convolution it cuts rows off": (
                lambda i, k, s, p, a: s * (i - 1) + k + 2 * p + a
            ),
            "the padding is cut off on one side only: cut it off on both": (
                lambda i, k, s, p, a: s * (i - 1) + k - p + a
            ),
            "the output padding is on both sides: it is added at the end only": (
                lambda i, k, s, p, a: s * (i - 1) + k - 2 * p + 2 * a
            ),
            "this is the formula of an ordinary convolution: here every input puts down a copy of "
            "the kernel, and the copies are s apart": lambda i, k, s, p, a: (
                (i + 2 * p - k) // s + 1
            ),
        },
        reveal=False,
    ),
)

QUESTIONS = (
    Question(
        "03-seven-and-eight",
        "A 3 × 3 kernel with stride 2 and no padding turns a 7 × 7 input into a 3 × 3 output. The "
        "input grows to 8 × 8. What happens to the output?",
        (
            Option(
                "it grows to 4 × 4",
                "A fourth window begins at row 6 and needs row 8. The last row of an 8 × 8 input "
                "is row 7.",
            ),
            Option(
                "it stays 3 × 3, and the last row and column are never read",
                "A step that does not fit whole is not taken. This is the floor in the formula.",
                right=True,
            ),
            Option(
                "it stays 3 × 3, and the windows move apart to cover all of the input",
                "Windows are always s cells apart, whatever the size of the input.",
            ),
            Option(
                "PyTorch refuses an input that does not fit",
                "There is no error and no warning. The net never reads those rows.",
            ),
        ),
    ),
    Question(
        "03-there-and-back",
        "A convolution turns a picture into a smaller map. A transposed convolution with the same "
        "kernel, stride and padding takes this map. What comes out?",
        (
            Option(
                "the picture",
                "The size comes back, the values do not: every value of the map is a sum, and "
                "different pictures have the same sums.",
            ),
            Option(
                "a map of the picture's size or a little less, with other values",
                "The size comes back, without the rows that the floor left out. The operation is "
                "the transpose of the convolution's matrix, not its inverse.",
                right=True,
            ),
            Option(
                "the picture, blurred by the kernel",
                "Not even with a blur kernel: with a stride of 2, some pixels count in more sums "
                "than others.",
            ),
        ),
        after=True,
    ),
)
