"""The seven upsamplers as objects that answer the same questions."""

from dataclasses import dataclass
from functools import cached_property

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.upsample._functional import (
    bed_of_nails,
    bilinear,
    max_unpool,
    nearest,
    pixel_shuffle,
    transposed_conv,
)
from seglab.ops.upsample._kernels import (
    BILINEAR,
    NAILS,
    NEAREST,
    RESIZE,
    SHUFFLE,
    UNPOOLING,
    WEIGHTED,
    check_kind,
    crop_of,
    kernel_side,
)
from seglab.ops.upsample._linear import as_matrix, impulse_response

_FAINTEST = 1e-7  # a smaller weight is what rounding leaves


@dataclass(frozen=True, eq=False)
class Upsampler:
    """A linear operator [B, C, h, w] -> [B, C, h * factor, w * factor] of one of TYPES.

    kernel: [t, t] for a type with weights, t as kernel_side() says; all channels share it, and a
    gradient flows to it. align_corners: of "bilinear", see bilinear(). positions: of "max
    unpooling", int64 [B, C, h, w], as F.max_pool2d gives them with return_indices=True; no other
    type reads them. Raises ValueError for an unknown type, or where what the type needs is missing.
    """

    kind: str
    factor: int
    kernel: Tensor | None = None
    align_corners: bool = False
    positions: Tensor | None = None

    def __post_init__(self) -> None:
        check_kind(self.kind)
        _validate.whole_number("factor", self.factor)
        if self.kind in WEIGHTED and self.kernel is None:
            side = kernel_side(self.kind, self.factor, self.factor)
            raise ValueError(f"kind={self.kind!r} needs a kernel; give one of {side} taps a side")
        if self.kind == UNPOOLING and self.positions is None:
            raise ValueError(
                f"kind={self.kind!r} needs positions; give those that "
                f"F.max_pool2d(..., return_indices=True) found"
            )

    def __call__(self, x: Tensor) -> Tensor:
        """The larger map; every value of x adds its multiple of the same pattern."""
        if self.kind == NEAREST:
            return nearest(x, self.factor)
        if self.kind == BILINEAR:
            return bilinear(x, self.factor, self.align_corners)
        if self.kind == NAILS:
            return bed_of_nails(x, self.factor)
        if self.kind == UNPOOLING:
            return _unpooled(x, self._positions, self.factor)
        if self.kind == SHUFFLE:
            return _shuffled(x, self._kernel, self.factor)
        return _transposed(x, self._taps, self.factor)

    def matrix(self) -> Tensor:
        """The type as a matrix that stretches a short row of values, [n * factor, n].

        Each output is the mean over the rows of a block; of unpooling, whose positions are the
        picture's own, those of the middle row of the coarse map.
        """
        if self.kind == UNPOOLING:
            middle = self._positions.shape[2] // 2
            row = self._positions[:, :1, middle : middle + 1, : self._side].cpu() % self.factor
            places = torch.arange(row.shape[3]) * self.factor + row
            return as_matrix(lambda x: _unpooled_row(x, places, self.factor), row.shape[3])
        return as_matrix(self._along, self._side)

    def level(self) -> Tensor:
        """Answer to a map of ones in one block, [1, 1, f, f]: each output's sum of weights.

        0 and 1 for unpooling, where the picture decides which output has which.
        """
        if self.kind == UNPOOLING:
            return torch.tensor([0.0, 1.0])
        block = self._side // 2 * self.factor
        middle = slice(block, block + self.factor)
        return self(torch.ones(1, 1, self._side, self._side))[..., middle, middle]

    def impulse(self) -> Tensor:
        """Answer to a single 1 in the middle of a small map, [1, 1, n * f, n * f]."""
        if self.kind == UNPOOLING:
            corner = self._corner
            op = lambda x: _unpooled(x, corner, self.factor)  # noqa: E731 # an operator, as self
            return impulse_response(op, (corner.shape[2], corner.shape[3]))
        return impulse_response(self, self._side)

    def fan_in(self) -> Tensor:
        """Number of inputs of each output of a small square map, [.., n * f, n * f]."""
        if self.kind == UNPOOLING:
            corner = self._corner
            return _unpooled(torch.ones_like(corner).float(), corner, self.factor)
        line = (self.matrix().abs() > _FAINTEST).sum(1)
        return torch.outer(line, line)

    def parameters(self) -> int:
        """The number of weights, 0 for a type without."""
        return self._kernel.numel() if self.kind in WEIGHTED else 0

    @property
    def _kernel(self) -> Tensor:
        assert self.kernel is not None
        return self.kernel

    @property
    def _positions(self) -> Tensor:
        assert self.positions is not None
        return self.positions

    @cached_property
    def _taps(self) -> Tensor:
        """The kernel of the transposed convolution that the type is."""
        return _with_box(self._kernel, self.factor) if self.kind == RESIZE else self._kernel

    @property
    def _side(self) -> int:
        """Number of coarse values in a row that are looked at: more than one output can see."""
        reach = len(self._kernel) // self.factor if self.kind in WEIGHTED else 0
        return max(8, reach + 2)

    @property
    def _rows(self) -> int:
        """The rows of a block that are written at all; the others are empty."""
        if self.kind == NAILS:
            return 1
        if self.kind in WEIGHTED and self.kind != RESIZE:
            return 1 if int((self._kernel != 0).any(1).sum()) <= 1 else self.factor
        return self.factor

    @property
    def _corner(self) -> Tensor:
        """The positions of the first rows and columns, as in a map that is as small as they."""
        f, wide = self.factor, self._positions.shape[3] * self.factor
        corner = self._positions[:, :1, : self._side, : self._side].cpu()
        rows, columns = (torch.arange(n) * f for n in corner.shape[2:])
        down, right = corner // wide % f, corner % f
        return (rows[:, None] + down) * corner.shape[3] * f + columns + right

    def _along(self, x: Tensor) -> Tensor:
        """Answer to a signal [1, 1, 1, n] that all rows share, [1, 1, 1, n * f].

        The mean of the first rows of the middle block.
        """
        count = x.shape[3] | 1  # as many rows as columns: in the middle no border is seen
        answer = self(x.expand(-1, -1, count, -1))
        first = count // 2 * self.factor
        return answer[:, :, first : first + self._rows].mean(2, keepdim=True)


def _unpooled(x: Tensor, positions: Tensor, factor: int) -> Tensor:
    return max_unpool(x, positions, (x.shape[2] * factor, x.shape[3] * factor))


def _unpooled_row(x: Tensor, places: Tensor, factor: int) -> Tensor:
    return x.new_zeros(1, 1, 1, x.shape[3] * factor).scatter(3, places, x)


def _transposed(x: Tensor, kernel: Tensor, factor: int) -> Tensor:
    """Each channel by the same kernel [k, k], `factor` apart, cropped to factor times the size."""
    if factor == 1 and len(kernel) % 2 == 0:
        raise ValueError(
            f"a kernel of {len(kernel)} has no middle, so with stride 1 the map cannot keep its "
            f"size; use an odd kernel size, or a larger stride"
        )
    padding, extra = crop_of(factor, len(kernel))
    weight = kernel.to(x).expand(x.shape[1], 1, -1, -1)
    return transposed_conv(x, weight, factor, padding, extra, groups=x.shape[1])


def _with_box(kernel: Tensor, factor: int) -> Tensor:
    """Repeat f x f times, then this kernel, as the one kernel of a transposed convolution.

    The same numbers as resize_conv; of a large kernel by far the faster way.
    """
    box = kernel.new_ones(1, 1, factor, factor)
    return F.conv_transpose2d(kernel.flip(0, 1)[None, None], box)[0, 0]


def _shuffled(x: Tensor, kernel: Tensor, factor: int) -> Tensor:
    """f * f small convolutions on the coarse map, laid out as blocks."""
    f, reach = factor, len(kernel) // factor
    # Tap f * j + q of a row writes to place q of the block reach // 2 - j further on.
    parts = kernel.to(x).view(reach, f, reach, f).permute(1, 3, 0, 2).flip(2, 3)
    one_by_one = x.flatten(0, 1)[:, None]
    small = F.conv2d(one_by_one, parts.reshape(f * f, 1, reach, reach), padding=reach // 2)
    return pixel_shuffle(small, f).unflatten(0, x.shape[:2])[:, :, 0]
