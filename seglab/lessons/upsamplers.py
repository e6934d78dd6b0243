"""The upsamplers of the bench: one kernel shared by all channels, and who reads it in which way.

The kernel is [t, t]; t is what the type makes of the kernel size k that the student sets.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import upsample

NEAREST, BILINEAR, NAILS, UNPOOLING = "nearest", "bilinear", "bed of nails", "max unpooling"
TRANSPOSED, RESIZE, SHUFFLE = "transposed convolution", "resize-convolution", "pixel shuffle"
SIZES = {
    "1": lambda f: 1,
    "f": lambda f: f,
    "f + 1": lambda f: f + 1,
    "2f": lambda f: 2 * f,
    "2f + 1": lambda f: 2 * f + 1,
    "3f": lambda f: 3 * f,
}
TYPES = (NEAREST, BILINEAR, NAILS, UNPOOLING, TRANSPOSED, RESIZE, SHUFFLE)
WEIGHTED = (TRANSPOSED, RESIZE, SHUFFLE)


def taps(kind: str, f: int, k: int) -> int:
    """The side of the type's kernel in output pixels, 0 for a type without weights.

    A resize-convolution needs a middle, so an even k becomes k + 1. A pixel shuffle has one small
    kernel for each of the f * f places of a block; interleaved they are one of odd multiples of f.
    """
    if kind == RESIZE:
        return k | 1
    if kind == SHUFFLE:
        reach = 1
        while _start(f, k, reach * f) < 0 or _start(f, k, reach * f) + k > reach * f:
            reach += 2
        return reach * f
    return k if kind == TRANSPOSED else 0


def bilinear_kernel(kind: str, f: int, k: int) -> Tensor:
    """The kernel that interpolates when k fits f: k = 2f, or f + 1 for a resize-convolution.

    Another k gives the same shape, stretched: a triangle, or for the resize-convolution, whose
    first step has already repeated every value, a box.
    """
    if kind == RESIZE:
        line = torch.ones(k | 1)
        if len(line) > 1:
            line[[0, -1]] = 0.5
        line = line / line.sum()
    else:
        line = 1 - (torch.arange(k) - (k - 1) / 2).abs() / ((k + 1) // 2)
        line = line / line.sum() * min(k, f)
    return _fitted(kind, f, k, torch.outer(line, line))


def random_kernel(kind: str, f: int, k: int, seed: int = 0) -> Tensor:
    """Positive random weights, so large that a flat map keeps its level on average."""
    side = k | 1 if kind == RESIZE else k
    kernel = torch.rand(side, side, generator=torch.Generator().manual_seed(seed))
    level = 1 if kind == RESIZE else min(k, f) ** 2
    return _fitted(kind, f, k, kernel / kernel.sum() * level)


def operator(kind: str, f: int, kernel: Tensor | None = None, corners: bool = False):
    """A function [B, C, h, w] -> [B, C, h * f, w * f]: any type but max unpooling."""
    if kind == NEAREST:
        return partial(upsample.nearest, factor=f)
    if kind == BILINEAR:
        return partial(upsample.bilinear, factor=f, align_corners=corners)
    if kind == NAILS:
        return partial(upsample.bed_of_nails, factor=f)
    if kernel is None:
        raise ValueError(
            f"kind={kind!r} needs a kernel; give one of {taps(kind, f, f)} taps a side"
        )
    if kind == RESIZE:
        return partial(transposed, _with_box(kernel, f), f)
    return partial(_shuffled if kind == SHUFFLE else transposed, kernel, f)


def transposed(kernel: Tensor, f: int, x: Tensor) -> Tensor:
    """Each channel by the same kernel [k, k], f apart, cropped to f times the size of x."""
    if f == 1 and len(kernel) % 2 == 0:
        raise ValueError(
            f"a kernel of {len(kernel)} has no middle, so with stride 1 the map cannot keep its "
            f"size; use an odd kernel size, or a larger stride"
        )
    padding, extra = _crop(f, len(kernel))
    weight = kernel.to(x).expand(x.shape[1], 1, -1, -1)
    return upsample.transposed_conv(x, weight, f, padding, extra, groups=x.shape[1])


def unpooled(positions: Tensor, f: int, x: Tensor) -> Tensor:
    """Max unpooling by the positions that the pooling found, [B, C, h * f, w * f]."""
    return upsample.max_unpool(x, positions, (x.shape[2] * f, x.shape[3] * f))


def along(op, x: Tensor, f: int, rows: int) -> Tensor:
    """What op makes of a signal [1, 1, 1, n] that all rows of a picture share, [1, 1, 1, n * f].

    The mean of the first rows of the middle block.
    """
    count = x.shape[3] | 1  # as many rows as columns: in the middle no border is seen
    answer = op(x.expand(-1, -1, count, -1))
    first = count // 2 * f
    return answer[:, :, first : first + rows].mean(2, keepdim=True)


def _with_box(kernel: Tensor, f: int) -> Tensor:
    """Repeat f x f times, then this kernel, as the one kernel of a transposed convolution.

    The same numbers as upsample.resize_conv; of a large kernel by far the faster way.
    """
    box = kernel.new_ones(1, 1, f, f)
    return F.conv_transpose2d(kernel.flip(0, 1)[None, None], box)[0, 0]


def _shuffled(kernel: Tensor, f: int, x: Tensor) -> Tensor:
    """f * f small convolutions on the coarse map, laid out as blocks."""
    reach = len(kernel) // f
    # Tap f * j + q of a row writes to place q of the block reach // 2 - j further on.
    parts = kernel.to(x).view(reach, f, reach, f).permute(1, 3, 0, 2).flip(2, 3)
    one_by_one = x.flatten(0, 1)[:, None]
    small = F.conv2d(one_by_one, parts.reshape(f * f, 1, reach, reach), padding=reach // 2)
    return upsample.pixel_shuffle(small, f).unflatten(0, x.shape[:2])[:, :, 0]


def _crop(f: int, k: int) -> tuple[int, int]:
    """padding and output_padding with which the output is f times as large."""
    padding = max(0, -((f - k) // 2))
    return padding, f - k + 2 * padding


def _start(f: int, k: int, side: int) -> int:
    """Where a kernel of k taps begins in one of side taps, an odd multiple of f."""
    return (side - f) // 2 - _crop(f, k)[0]


def _fitted(kind: str, f: int, k: int, kernel: Tensor) -> Tensor:
    side = taps(kind, f, k)
    if kind != SHUFFLE:
        return kernel
    first = _start(f, k, side)
    last = side - k - first
    return F.pad(kernel, (first, last, first, last))
