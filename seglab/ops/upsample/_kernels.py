"""Kernels of the upsamplers that have weights: one kernel, shared by all channels.

A kernel is [t, t]; t is what the type makes of the kernel size k, see kernel_side().
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate

NEAREST, BILINEAR, NAILS, UNPOOLING = "nearest", "bilinear", "bed of nails", "max unpooling"
TRANSPOSED, RESIZE, SHUFFLE = "transposed convolution", "resize-convolution", "pixel shuffle"
TYPES = (NEAREST, BILINEAR, NAILS, UNPOOLING, TRANSPOSED, RESIZE, SHUFFLE)
WEIGHTED = (TRANSPOSED, RESIZE, SHUFFLE)


def kernel_side(kind: str, factor: int, k: int) -> int:
    """The side of the type's kernel in output pixels, 0 for a type without weights.

    A resize-convolution needs a middle, so an even k becomes k + 1. A pixel shuffle has one small
    kernel for each of the f * f places of a block; interleaved they are one of odd multiples of f.
    Raises ValueError for an unknown type.
    """
    check_kind(kind)
    _validate.whole_number("factor", factor)
    _validate.whole_number("k", k)
    if kind == RESIZE:
        return k | 1
    if kind == SHUFFLE:
        reach = 1
        while (
            _start(factor, k, reach * factor) < 0
            or _start(factor, k, reach * factor) + k > reach * factor
        ):
            reach += 2
        return reach * factor
    return k if kind == TRANSPOSED else 0


def interpolating_kernel(kind: str, factor: int, k: int) -> Tensor:
    """The kernel that interpolates when k fits f: 2f, or f + 1 for a resize-convolution.

    [side, side], with the side that kernel_side gives. Another k gives the same shape, stretched: a
    triangle, or for the resize-convolution, whose first step has already repeated every value, a
    box with half weights at its ends.
    """
    _check_weighted(kind)
    if kind == RESIZE:
        line = torch.ones(k | 1)
        if len(line) > 1:
            line[[0, -1]] = 0.5
        line = line / line.sum()
    else:
        line = 1 - (torch.arange(k) - (k - 1) / 2).abs() / ((k + 1) // 2)
        line = line / line.sum() * min(k, factor)
    return _fitted(kind, factor, k, torch.outer(line, line))


def random_kernel(kind: str, factor: int, k: int, seed: int = 0) -> Tensor:
    """Positive random weights [side, side], so large that a flat map keeps its level on average."""
    _check_weighted(kind)
    side = k | 1 if kind == RESIZE else k
    kernel = torch.rand(side, side, generator=torch.Generator().manual_seed(seed))
    level = 1 if kind == RESIZE else min(k, factor) ** 2
    return _fitted(kind, factor, k, kernel / kernel.sum() * level)


def check_kind(kind: str) -> None:
    """Refuse what is none of TYPES."""
    if kind not in TYPES:
        raise ValueError(f"kind={kind!r} is unknown; use one of {', '.join(map(repr, TYPES))}")


def crop_of(factor: int, k: int) -> tuple[int, int]:
    """padding and output_padding with which the output is `factor` times as large."""
    padding = max(0, -((factor - k) // 2))
    return padding, factor - k + 2 * padding


def _check_weighted(kind: str) -> None:
    check_kind(kind)
    if kind not in WEIGHTED:
        raise ValueError(
            f"kind={kind!r} has no weights; use one of {', '.join(map(repr, WEIGHTED))}"
        )


def _start(factor: int, k: int, side: int) -> int:
    """The tap at which a kernel of k begins in one of `side` taps, an odd multiple of factor."""
    return (side - factor) // 2 - crop_of(factor, k)[0]


def _fitted(kind: str, factor: int, k: int, kernel: Tensor) -> Tensor:
    if kind != SHUFFLE:
        return kernel
    side = kernel_side(kind, factor, k)
    first = _start(factor, k, side)
    last = side - k - first
    return F.pad(kernel, (first, last, first, last))
