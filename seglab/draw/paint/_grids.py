"""A matrix of numbers, cell by cell, and the rule by which three of them hang together.

The rule travels with the picture, so that a viewer can light up what a cell is computed from
without asking for it.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from seglab.draw.palettes import NO_VALUE
from seglab.draw.palettes import scalar as scalar_colours
from seglab.draw.picture import Picture
from seglab.types import Size

LARGEST = 128  # cells along a side: with more, no number could be read

Border = Literal["padding", "cut off"]


@dataclass(frozen=True)
class Links:
    """The rule by which cells of an input, a kernel and an output depend on each other.

    It is attached to the output.

    input, kernel: the titles of their panes.
    Output o reads input stride * o - padding + dilation * t through tap t; transposed, input i
    adds to output stride * i - padding + dilation * t. A number stands for both axes.
    """

    input: str
    kernel: str
    stride: int | Size = 1
    padding: int | Size = 0
    dilation: int | Size = 1
    transposed: bool = False

    def rule(self) -> dict[str, Any]:
        """The rule as plain JSON values, every number as a pair (rows, columns)."""
        return {
            "input": self.input,
            "kernel": self.kernel,
            "stride": _pair(self.stride),
            "padding": _pair(self.padding),
            "dilation": _pair(self.dilation),
            "transposed": self.transposed,
        }


@dataclass(frozen=True, eq=False)
class Grid(Picture):
    """Cells with their numbers written in them.

    values: float [H, W]; NaN is an empty cell.
    border: that many rings of cells on the outside are marked, as `border_means` says.
    lost: the last rows and the last columns that no window reaches.
    links: where the cells come from; None when that is not told.
    """

    values: np.ndarray = None  # type: ignore[assignment] # a dataclass wants a default here
    border: int = 0
    border_means: Border = "padding"
    lost: Size = (0, 0)
    links: Links | None = None

    def header(self) -> dict[str, Any]:
        """Everything but the plane, as plain JSON values, for a viewer."""
        numbers = self.values.ravel().tolist()
        return {
            **super().header(),
            "values": [number if math.isfinite(number) else None for number in numbers],
            "border": self.border,
            "borderMeans": self.border_means,
            "lost": list(self.lost),
            "links": self.links and self.links.rule(),
        }

    def _described(self) -> str:
        """The grid in words, with its numbers, for a reader who does not see it."""
        rows, columns = self.size
        said = f"{rows} by {columns} numbers"
        if self.border:
            said += f", the outer {self.border} on each side {self.border_means}"
        for count, line in zip(self.lost, ("row", "column"), strict=True):
            if count:
                said += f", the last {line if count == 1 else f'{count} {line}s'} lost"
        if self.values.size > 200:
            finite = self.values[np.isfinite(self.values)]
            ends = f" from {finite.min():.3g} to {finite.max():.3g}" if finite.size else ""
            return said + ends
        lines = (" ".join(f"{number:.3g}" for number in row) for row in self.values)
        return f"{said}: {'; '.join(lines)}"


def grid(
    values: Tensor,
    *,
    low: float | None = None,
    high: float | None = None,
    palette: str = "vik",
    border: int = 0,
    border_means: Border = "padding",
    lost: int | Size = 0,
    links: Links | None = None,
) -> Grid:
    """A number grid of [1, 1, H, W], [1, H, W] or [H, W]; cells are shaded by their value.

    low, high: the values of the palette's ends; where not given, 0 is the palette's middle.
    border: rings of cells that are padding (shown with their zeros) or are cut off afterwards.
    lost: rows and columns at the end that flooring leaves out.
    Raises ValueError for another shape, too many cells, and a border that leaves nothing.
    """
    plane = values.detach().cpu().double()
    while plane.ndim > 2 and plane.shape[0] == 1:
        plane = plane[0]
    if plane.ndim != 2 or not all(1 <= side <= LARGEST for side in plane.shape):
        raise ValueError(
            f"values has shape {list(values.shape)}; a number grid is [H, W], 1 to {LARGEST} a side"
        )
    if border < 0 or 2 * border >= min(plane.shape):
        raise ValueError(
            f"border={border} leaves nothing of {list(plane.shape)} cells; use a smaller one"
        )
    finite = plane[plane.isfinite()].abs()
    # Numbers stand on the palette's paler half.
    most = 2.2 * float(finite.max()) if finite.numel() else 1.0
    high = (most or 1.0) if high is None else high
    low = -high if low is None else low
    if high <= low:
        raise ValueError(f"low={low} is not below high={high}; exchange them")
    codes = ((plane - low) / (high - low) * (NO_VALUE - 1)).round().clamp(0, NO_VALUE - 1)
    rows, columns = _pair(lost)
    return Grid(
        array=codes.nan_to_num(NO_VALUE).to(torch.uint8).numpy(),
        kind="grid",
        palette=scalar_colours(palette),
        range=(low, high),
        values=plane.numpy(),
        border=border,
        border_means=border_means,
        lost=(rows, columns),
        links=links,
    )


def _pair(value: int | Size) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value)
