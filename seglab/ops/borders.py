"""Mirror images at the border of a map, as far as asked, however small the map is."""

import torch
from torch import Tensor

from seglab.types import Size


def mirrored(x: Tensor, rows: Size, columns: Size, repeat_edge: bool = False) -> Tensor:
    """Map [..., h, w] continued by mirror images of itself, [..., h', w'].

    rows: how many to add (above, below); columns: how many to add (left, right). The outermost
    pixels are repeated only if repeat_edge is true. A mirror image that is used up is mirrored
    again.
    """
    down, across = (
        mirror_indices(length, *added, x.device, repeat_edge)
        for length, added in zip(x.shape[-2:], (rows, columns), strict=True)
    )
    return x[..., down, :][..., across]


def mirror_indices(
    length: int, before: int, after: int, device: torch.device, repeat_edge: bool = False
) -> Tensor:
    """Indices int64 [before + length + after] into a line of `length` pixels and its mirror images.

    The first and the last pixel are repeated only if repeat_edge is true (or there is no other).
    """
    last = 2 * length - 1 if repeat_edge else 2 * length - 2
    period = 2 * length if repeat_edge else max(1, last)
    index = torch.arange(-before, length + after, device=device) % period
    return torch.minimum(index, last - index) if last > 0 else index
