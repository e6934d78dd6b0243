"""Borders of an image: how far it goes on, and its mirror image there."""

import torch.nn.functional as F
from torch import Tensor

from seglab.ops.borders import mirrored
from seglab.types import Size


def margins(length: int, origin: int, growth: int, smallest: int) -> Size:
    """Pixels to add before and after: the first score comes to sit on the first pixel."""
    before = max(0, origin)
    after = max(0, -origin) - growth - before
    return before, max(0, after, smallest - length - before)


def reflected(x: Tensor, rows: Size, columns: Size) -> Tensor:
    """Mirrored at its border pixels, as often as needed; a lone pixel is repeated."""
    height, width = x.shape[-2:]
    if max(rows) < height and max(columns) < width:
        return F.pad(x, (*columns, *rows), mode="reflect")  # once is all that torch can do
    return mirrored(x, rows, columns)
