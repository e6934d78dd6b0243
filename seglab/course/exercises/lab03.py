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
            "rounded up: a step that does not fit whole is not taken": (
                lambda i, k, s, p, d: -(-(i + 2 * p - d * (k - 1) - 1) // s) + 1
            ),
            "not rounded: the kernel cannot stand at a fraction of a position": (
                lambda i, k, s, p, d: (i + 2 * p - d * (k - 1) - 1) / s + 1
            ),
            "the padding is on one side only: it is added on both": (
                lambda i, k, s, p, d: (i + p - d * (k - 1) - 1) // s + 1
            ),
            "the dilation is not there: with it the kernel spans more than k": (
                lambda i, k, s, p, d: (i + 2 * p - k) // s + 1
            ),
            "the dilation stretches too far: k taps have k - 1 gaps between them": (
                lambda i, k, s, p, d: (i + 2 * p - d * k) // s + 1
            ),
            "the stride is not there: only every s-th position is used": (
                lambda i, k, s, p, d: i + 2 * p - d * (k - 1)
            ),
            "the kernel is not subtracted: near the end it would hang over": (
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
            "only the size that fits exactly: with a stride, sizes that lose some rows give the "
            "same output": lambda o, k, s, p: [(o - 1) * s + k - 2 * p],
            "one size too many: with s more rows, one more window fits": (
                lambda o, k, s, p: (lambda sizes: [*sizes, sizes[-1] + 1])(input_sizes(o, k, s, p))
            ),
            "the sizes lie below the one that fits exactly: what is lost comes on top of it": (
                lambda o, k, s, p: list(
                    range((o - 2) * s + k - 2 * p + 1, (o - 1) * s + k - 2 * p + 1)
                )
            ),
            "the padding is added: it is already there, so the input may be smaller": (
                lambda o, k, s, p: list(range((o - 1) * s + k + 2 * p, o * s + k + 2 * p))
            ),
            "the padding is not there: two times p of the width needs no input": (
                lambda o, k, s, p: list(range((o - 1) * s + k, o * s + k))
            ),
            "o windows are o - 1 steps apart, not o": (
                lambda o, k, s, p: list(range(o * s + k - 2 * p, (o + 1) * s + k - 2 * p))
            ),
            "an input has at least one row: a size below 1 is none": (
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
            "i inputs are i - 1 steps apart, not i": lambda i, k, s, p, a: s * i + k - 2 * p + a,
            "the last stamp reaches k cells, not one": (
                lambda i, k, s, p, a: s * (i - 1) + 1 - 2 * p + a
            ),
            "the padding is added: in a transposed convolution it cuts rows off": (
                lambda i, k, s, p, a: s * (i - 1) + k + 2 * p + a
            ),
            "the padding is taken off on one side only": (
                lambda i, k, s, p, a: s * (i - 1) + k - p + a
            ),
            "the output padding is not there: it gives back rows that flooring lost": (
                lambda i, k, s, p, a: s * (i - 1) + k - 2 * p
            ),
            "the output padding is on both sides: it is added at the end only": (
                lambda i, k, s, p, a: s * (i - 1) + k - 2 * p + 2 * a
            ),
            "this is the formula of an ordinary convolution: here every input is a stamp of k by "
            "k, and stamps stand s apart": lambda i, k, s, p, a: (i + 2 * p - k) // s + 1,
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
                "A fourth window would begin at row 6 and need row 8. The last row of an 8 × 8 "
                "input is row 7.",
            ),
            Option(
                "it stays 3 × 3, and the last row and column are never read",
                "The step that does not fit whole is not taken: this is the floor in the formula.",
                right=True,
            ),
            Option(
                "it stays 3 × 3, and the windows move apart to cover all of the input",
                "Windows stand exactly s apart, whatever the input's size.",
            ),
            Option(
                "PyTorch refuses an input that does not fit",
                "It takes it without a word: a net simply never looks at those rows.",
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
                "The sizes go back, the values do not: every value of the map is a sum, and no "
                "one can tell its parts from it.",
            ),
            Option(
                "something of the picture's size, at most, with other values",
                "It undoes the size, up to what flooring lost. It is the transpose of the "
                "convolution's matrix, not its inverse.",
                right=True,
            ),
            Option(
                "the picture, blurred by the kernel",
                "Only where the kernel happens to blur, and even then its weight at a pixel "
                "depends on the place.",
            ),
        ),
    ),
)
