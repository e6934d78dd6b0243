"""The shifted passes of a net, one by one: what shift-and-stitch is made of."""

from collections.abc import Sequence

import torch
from torch import nn
from torch.nn import functional as F

from seglab import scalars
from seglab.ops.dense._analysis import analyze
from seglab.ops.dense._interleaving import Interleaving
from seglab.ops.dense._predict import coarse
from seglab.ops.dense._stitching import dense_size, interleave, shifted, woven
from seglab.types import Image, Progress, Scores, Size


class Passes:
    """The f × f shifted passes of a net over an image, each run when it is first asked for.

    net: a net with one stride f for rows and columns, as ops.dense takes it; image: [B, C, H, W].
    stride: f. size: (height, width) of the dense map. count: f * f.
    Raises ValueError, with the layer's name, for a net that has no dense map.
    """

    def __init__(self, net: nn.Module, image: Image) -> None:
        self.net, self.image = net, image
        self.stride = analyze(net).up_to().output().stride[0]
        self.size = dense_size(net, (image.shape[-2], image.shape[-1]))
        self.count = self.stride**2
        self._done: list[Scores] = []
        if scalars.is_open():  # a page hands them on, and runs none of them twice
            self.first()

    def first(self, count: int | None = None, progress: Progress | None = None) -> list[Scores]:
        """The scores of the first passes, or of all, in raster order of the shift (y, x)."""
        wanted = self.count if count is None else min(count, self.count)
        if wanted == self.count and not self._done:
            self._done = shifted(self.net, self.image, progress=progress)  # in batches
        for index in range(len(self._done), wanted):
            y, x = divmod(index, self.stride)
            self._done.append(coarse(self.net, self.image[..., y:, x:]))
        return self._done[:wanted]

    def stitched(self, count: int | None = None, forwards: bool = True) -> Scores:
        """The first passes interleaved, [B, K, *size]; NaN where none of them answers.

        forwards=False puts them where the wrong sign of the shift would: the classic mistake.
        """
        parts = self.first(count)
        if forwards:
            return interleave(parts, self.stride, self.size)
        return interleave_backwards(parts, self.stride, self.size)

    def interleaving(self, forwards: bool = True) -> Interleaving:
        """The score and the pass that stand at each pixel of the map that stitched() gives."""
        return Interleaving(self.stride, self.size, forwards)

    def side_by_side(self, count: int | None = None) -> Scores:
        """The first passes as tiles: pass (y, x) in tile row y, tile column x; NaN elsewhere."""
        parts, f = self.first(count), self.stride
        if scalars.is_open():
            return _tiled(parts, f)
        height, width = parts[0].shape[2:]
        sheet = parts[0].new_full((*parts[0].shape[:2], f * height, f * width), torch.nan)
        for index, part in enumerate(parts):
            row, column = (index // f) * height, (index % f) * width
            sheet[..., row : row + part.shape[2], column : column + part.shape[3]] = part
        return sheet


def interleave_backwards(parts: Sequence[Scores], f: int, size: Size) -> Scores:
    """Passes with the wrong sign of the shift: part (y, x) at out[..., -y % f::f, -x % f::f]."""
    if scalars.is_open():
        return _woven_backwards(parts, f, size)
    out = parts[0].new_full((*parts[0].shape[:2], *size), torch.nan)
    for index, part in enumerate(parts):
        y, x = divmod(index, f)
        place = out[..., -y % f :: f, -x % f :: f]
        rows, columns = (min(a, b) for a, b in zip(place.shape[2:], part.shape[2:], strict=True))
        place[..., :rows, :columns] = part[..., :rows, :columns]
    return out


# While a lab is compiled for a page nothing is written into a map: the same is made of whole parts.


def _fitted(part: Scores, size: Size) -> Scores:
    """A part of another size: cut, or with NaN below and right of it."""
    rows, columns = (min(a, b) for a, b in zip(size, part.shape[2:], strict=True))
    missing = (0, size[1] - columns, 0, size[0] - rows)
    return F.pad(part[..., :rows, :columns], missing, value=torch.nan)


def _tiled(parts: Sequence[Scores], f: int) -> Scores:
    size = parts[0].shape[2:]
    none = torch.full_like(parts[0], torch.nan)
    tiles = [*(_fitted(part, (size[0], size[1])) for part in parts), *[none] * (f * f - len(parts))]
    return torch.cat([torch.cat(tiles[f * y : f * y + f], 3) for y in range(f)], 2)


def _woven_backwards(parts: Sequence[Scores], f: int, size: Size) -> Scores:
    cells = -(-size[0] // f), -(-size[1] // f)
    none = parts[0].new_full((*parts[0].shape[:2], *cells), torch.nan)
    placed = [none] * (f * f)
    for index, part in enumerate(parts):
        y, x = divmod(index, f)
        row, column = -y % f, -x % f
        room = tuple(-(-(n - first) // f) for n, first in zip(size, (row, column), strict=True))
        inside = _fitted(part, (room[0], room[1]))
        placed[row * f + column] = _fitted(inside, cells)
    return woven(placed, (f, f), size)
