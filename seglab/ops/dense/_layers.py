"""Layers without their stride, taps spread apart, for maps that have every position."""

import copy
import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from seglab.ops._floats import unhalved
from seglab.ops.dense._layer_effects import Pad, Window
from seglab.types import Size


def unstrided(op: Window, spread: Size) -> nn.Module:
    """The window's layer at stride 1, its taps and padding spread by (rows, columns)."""
    if op.kind != "convolution":
        return (MaxPool if op.kind == "max_pool" else AveragePool)(op, spread)
    # a shallow copy shares the tables of parameters and buffers
    convolution: nn.Conv2d = copy.copy(op.module)
    convolution.stride = (1, 1)
    if op.mode != "zeros":
        return convolution  # its padding stands before every stride, so nothing is spread
    convolution.dilation = _times(op.dilation, spread)
    before, after = _times(op.before, spread), _times(op.after, spread)
    convolution.padding = before if before == after else (0, 0)
    if before == after:
        return convolution
    return nn.Sequential(nn.ZeroPad2d(_sides(before, after)), convolution)


class MaxPool(nn.Module):
    """Max pooling at stride 1 as a running maximum of shifted views, one axis after the other.

    Much faster than torch's, which keeps the indices; padding may exceed half the kernel.
    """

    def __init__(self, op: Window, spread: Size) -> None:
        super().__init__()
        self.kernel_size, self.dilation = op.kernel_size, _times(op.dilation, spread)
        self.sides = _sides(_times(op.before, spread), _times(op.after, spread))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        if any(self.sides):
            x = F.pad(x, self.sides, value=-torch.inf)
        return _slide(x, self.kernel_size, self.dilation, torch.maximum)

    def extra_repr(self) -> str:
        """The settings that print shows."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.sides}"


class AveragePool(nn.Module):
    """Average pooling at stride 1: sums of shifted views, over the number of pixels that count."""

    def __init__(self, op: Window, spread: Size) -> None:
        super().__init__()
        self.kernel_size, self.dilation = op.kernel_size, _times(op.dilation, spread)
        self.before, self.after = _times(op.before, spread), _times(op.after, spread)
        self.divisor: int | None = op.module.divisor_override
        self.counted: Size = self.before if op.module.count_include_pad else (0, 0)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        exact = unhalved(x)
        rows, columns = self.counts((x.shape[-2], x.shape[-1]), exact)
        return (self.sums(exact) / (rows[:, None] * columns)).to(x.dtype)

    def sums(self, x: Tensor) -> Tensor:
        """The sum of every window."""
        sides = _sides(self.before, self.after)
        return _slide(F.pad(x, sides) if any(sides) else x, self.kernel_size, self.dilation, _add)

    def counts(self, size: Size, like: Tensor) -> tuple[Tensor, Tensor]:
        """The divisor of every window, as a factor per row and one per column.

        Torch clips a window to the input, or with count_include_pad to the padded input; the
        overhang of ceil_mode never counts.
        """
        factors = []
        for axis in (0, 1):
            k, d, n = self.kernel_size[axis], self.dilation[axis], size[axis]
            windows = n + self.before[axis] + self.after[axis] - d * (k - 1)
            first = torch.arange(windows, device=like.device) - self.before[axis]
            taps = first[:, None] + d * torch.arange(k, device=like.device)
            edge = self.counted[axis]
            inside = (taps >= -edge) & (taps < n + edge)
            factors.append(inside.sum(dim=1).to(like.dtype))
        rows, columns = factors
        if self.divisor is not None:
            return torch.full_like(rows, self.divisor), torch.ones_like(columns)
        return rows, columns

    def extra_repr(self) -> str:
        """The settings that print shows."""
        sides = _sides(self.before, self.after)
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={sides}"


def crop(x: Tensor, bottom: int, right: int) -> Tensor:
    """The map without its last rows and columns."""
    return x[..., : x.shape[-2] - bottom, : x.shape[-1] - right]


def padding(op: Pad, spread: Size) -> nn.Module:
    """Explicit padding, spread; a mode other than constant stands before every stride."""
    sides = _sides(_times(op.before, spread), _times(op.after, spread))
    if op.mode == "constant":
        return nn.ConstantPad2d(sides, op.value)
    layers = {"reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d}
    return layers.get(op.mode, nn.CircularPad2d)(sides)


def _slide(
    x: Tensor, taps: Size, step: Size, combine: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    for axis, dim in enumerate((-2, -1)):
        length = x.shape[dim] - (taps[axis] - 1) * step[axis]
        views = [x.narrow(dim, tap * step[axis], length) for tap in range(taps[axis])]
        x = functools.reduce(combine, views)
    return x


def _add(a: Tensor, b: Tensor) -> Tensor:
    return a + b


def _times(a: Size, b: Size) -> Size:
    return a[0] * b[0], a[1] * b[1]


def _sides(before: Size, after: Size) -> tuple[int, int, int, int]:
    """The amounts in the order that torch pads: left, right, top, bottom."""
    return before[1], after[1], before[0], after[0]
