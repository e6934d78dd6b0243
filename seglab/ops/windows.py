"""Square cut-outs of a picture that may hang over its edge."""

from typing import NamedTuple

from torch import Tensor


class Window(NamedTuple):
    """A square of pixels: its first row, its first column and its side; it may hang over."""

    top: int
    left: int
    side: int

    def cut(self, plane: Tensor, around: Tensor | float) -> Tensor:
        """The window of a plane [..., H, W]; `around` shows where it hangs over the edge."""
        height, width = plane.shape[-2:]
        out = plane.new_zeros((*plane.shape[:-2], self.side, self.side)) + around
        rows = slice(max(0, self.top), min(height, self.top + self.side))
        columns = slice(max(0, self.left), min(width, self.left + self.side))
        inner = plane[..., rows, columns]
        top, left = rows.start - self.top, columns.start - self.left
        out[..., top : top + inner.shape[-2], left : left + inner.shape[-1]] = inner
        return out
