"""Lab 11, checkerboards: who writes where, when that is even, and a kernel that makes it so."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _layer(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    # The first cases tell the classic mistakes apart; the rest are drawn.
    first = ((2, 1, 2), (3, 2, 2), (3, 2, 3), (2, 3, 2), (4, 2, 3), (5, 2, 4))
    k, s, n = (
        first[i] if i < len(first) else (int(v) for v in random.integers((1, 1, 1), (9, 5, 7)))
    )
    return {"k": k, "s": s, "n": n}


def overlap(k: int, s: int, n: int) -> Tensor:
    """Number of the n inputs that write to each output of a kernel k with stride s."""
    out = torch.zeros(s * (n - 1) + k, dtype=torch.int64)
    for i in range(n):
        out[i * s : i * s + k] += 1
    return out


def _too_long(k: int, s: int, n: int) -> Tensor:
    found = overlap(k, s, n)
    out = found.new_zeros(max(s * n, len(found)))
    out[: len(found)] = found
    return out if len(out) != len(found) else torch.cat((found, found.new_zeros(1)))


def _pair(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = ((2, 2), (3, 2), (4, 2), (2, 3), (2, 4), (6, 3), (5, 1), (6, 4))
    k, s = first[i] if i < len(first) else (int(v) for v in random.integers((1, 1), (13, 7)))
    return {"k": k, "s": s}


def is_even(k: int, s: int) -> bool:
    """True if every output away from the border is written equally often."""
    return k % s == 0


def _at_least(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    first = ((3, 2), (4, 2), (1, 2), (5, 3), (2, 4), (9, 4))
    k, s = first[i] if i < len(first) else (int(v) for v in random.integers((1, 1), (20, 8)))
    return {"k": k, "s": s}


def smallest_even_kernel(k: int, s: int) -> int:
    """The smallest kernel, at least k, that stride s overlaps evenly."""
    return -(-k // s) * s


EXERCISES = (
    Exercise(
        "overlap",
        _layer,
        overlap,
        {
            "the stride is left out: input i begins to write at i * s": (
                lambda k, s, n: overlap(k, 1, n)
            ),
            "kernel and stride have changed places": lambda k, s, n: overlap(s, k, n),
            "every output is counted once: where kernels overlap, each of them counts": (
                lambda k, s, n: overlap(k, s, n).clamp(max=1)
            ),
            "the last of the n inputs is missing": lambda k, s, n: (
                overlap(k, s, n - 1) if n > 1 else torch.zeros(0, dtype=torch.int64)
            ),
            "the output is too long: after the last kernel there is nothing": _too_long,
            "the counts are of a map in two directions: a single row is asked for": (
                lambda k, s, n: overlap(k, s, n) ** 2
            ),
        },
    ),
    Exercise(
        "is_even",
        _pair,
        is_even,
        {
            "the other way round: the kernel must be a multiple of the stride": (
                lambda k, s: s % k == 0
            ),
            "an even number is not an even overlap: compare the kernel with the stride": (
                lambda k, s: k % 2 == 0
            ),
            "this says when it is uneven": lambda k, s: k % s != 0,
            "a kernel as large as the stride leaves no gaps, but it may still overlap unevenly": (
                lambda k, s: k >= s
            ),
            "only kernel = stride counts: larger multiples overlap evenly too": (
                lambda k, s: k == s
            ),
        },
        reveal=False,
    ),
    Exercise(
        "smallest_even_kernel",
        _at_least,
        smallest_even_kernel,
        {
            "it always goes to the next multiple: a kernel that is one already can stay": (
                lambda k, s: (k // s + 1) * s
            ),
            "it goes down: the kernel should be at least k": lambda k, s: max(k // s, 1) * s,
            "twice the stride is even, but not always the smallest, and may be less than k": (
                lambda k, s: 2 * s
            ),
            "the next even number: what is asked for is a multiple of the stride": (
                lambda k, s: k + k % 2
            ),
        },
        reveal=False,
    ),
)

QUESTIONS = (
    Question(
        "11-flat",
        "A map of ones goes through a transposed convolution with stride 2 and a 3 × 3 kernel of "
        "ones. What comes out, away from the border?",
        (
            Option(
                "a flat map: all inputs and all weights are equal",
                "They are, but not all outputs are written equally often: in one direction, "
                "kernels 3 wide and 2 apart meet at every second place.",
            ),
            Option(
                "a pattern of two values",
                "In a single row there are two. In two directions the counts multiply: 1, 2 and 4.",
            ),
            Option(
                "a pattern of three values",
                "1 and 2 writers in each direction, so 1, 2 or 4 in both: the checkerboard, "
                "before any training.",
                right=True,
            ),
            Option(
                "a pattern that goes away when training begins",
                "Training can work against it, but it must learn to. The pattern itself is there "
                "from the start.",
            ),
        ),
    ),
    Question(
        "11-kernel-four",
        "Kernel 4 and stride 2 overlap evenly. The weights are random. A map of ones comes in. Is "
        "what comes out flat?",
        (
            Option(
                "yes: every output is written by equally many inputs",
                "By equally many, but with other weights: even and odd outputs meet different "
                "taps of the kernel.",
            ),
            Option(
                "no: outputs at different places in a block meet different weights",
                "An even overlap is not enough. The sums of the taps that each place meets would "
                "have to agree, and random ones do not.",
                right=True,
            ),
            Option(
                "only if the kernel is symmetric",
                "Every symmetric kernel of 4 is flat here, but a flat one need not be symmetric: "
                "only the sums of the taps that each place meets must agree.",
            ),
        ),
    ),
)
