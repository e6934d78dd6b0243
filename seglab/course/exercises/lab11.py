"""Lab 11, checkerboards: how often outputs are written, what they meet, and an even kernel."""

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


def _kernel(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    # The first cases tell the classic mistakes apart; the rest are drawn.
    first = ((4, 2), (3, 2), (5, 2), (5, 3), (2, 3), (6, 3), (7, 1))
    k, s = first[i] if i < len(first) else (int(v) for v in random.integers((2, 2), (11, 6)))
    return {"kernel": torch.from_numpy(random.normal(size=k)).float(), "s": s}


def tap_sums(kernel: Tensor, s: int) -> Tensor:
    """For each place of a block, the sum of the taps that an output there meets, [s]."""
    return torch.stack([kernel[place::s].sum() for place in range(s)])


def _runs(kernel: Tensor, s: int) -> Tensor:
    length = -(-len(kernel) // s)
    return torch.stack([kernel[p * length : (p + 1) * length].sum() for p in range(s)])


def _first_taps(kernel: Tensor, s: int) -> Tensor:
    return (
        kernel[:s] if len(kernel) >= s else torch.cat((kernel, kernel.new_zeros(s - len(kernel))))
    )


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
        "tap_sums",
        _kernel,
        tap_sums,
        {
            "the taps are taken in runs of neighbours: an output meets every s-th tap": _runs,
            "the taps are counted: that is the overlap; add up their values": (
                lambda kernel, s: tap_sums(torch.ones_like(kernel), s)
            ),
            "only the first tap of each place is taken: a place meets the taps s further on too": (
                _first_taps
            ),
            "these are means: where the overlap is uneven, the places meet different numbers of "
            "taps, and their sums count": (
                lambda kernel, s: tap_sums(kernel, s) / tap_sums(torch.ones_like(kernel), s)
            ),
            "the kernel is turned round: place 0 meets the first tap, and not the last": (
                lambda kernel, s: tap_sums(kernel.flip(0), s)
            ),
        },
    ),
    Exercise(
        "smallest_even_kernel",
        _at_least,
        smallest_even_kernel,
        {
            "it always goes to the next multiple: if k is a multiple already, it stays": (
                lambda k, s: (k // s + 1) * s
            ),
            "it goes down: the kernel size must be at least k": lambda k, s: max(k // s, 1) * s,
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
                "They are, but not all outputs are written equally often: along a row, kernels "
                "that are 3 wide and 2 apart overlap at every second place.",
            ),
            Option(
                "a pattern of two values",
                "In a single row there are two. In two directions the counts multiply: 1, 2 and 4.",
            ),
            Option(
                "a pattern of three values",
                "1 or 2 inputs write to a place of a row, so 1, 2 or 4 to a place of the map: the "
                "checkerboard, before any training.",
                right=True,
            ),
            Option(
                "a pattern that goes away when training begins",
                "It is there from the start. Training can find weights that give a flat map, such "
                "as ½, 1, ½, but nothing makes sure that it does.",
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
                "By equally many, but with different weights: even and odd outputs meet different "
                "taps of the kernel.",
            ),
            Option(
                "no: outputs at different places in a block meet different weights",
                "An even overlap is not enough. The map is flat only if the taps that each place "
                "meets have the same sum, and random taps do not.",
                right=True,
            ),
            Option(
                "only if the kernel is symmetric",
                "A kernel of 4 that is its own mirror image, left to right and top to bottom, does "
                "give a flat map here. So do others: only the sums of the taps that each place "
                "meets must agree.",
            ),
        ),
        after=True,
    ),
)
