"""Optical-flow colour coding: the direction is the hue, the length how strong the colour is.

After Baker et al., "A database and evaluation methodology for optical flow" (2011).
"""

import math
from itertools import product

import torch
from torch import Tensor

from seglab.draw.marks import Arrow
from seglab.draw.palettes import NO_VALUE_COLOUR
from seglab.draw.picture import Picture

_KEY, _INNER, _EDGE = 10.0, 3.0, 3.0  # pixels: the key's radius, its hole, its way to the edge
_LEAST = 64  # pixels of a side: on a smaller picture the key would hide too much


def flow(offsets: Tensor, longest: float, where: Tensor | None = None, key: bool = True) -> Picture:
    """Return offsets [1, 2, H, W] (rows down, columns to the right) as a colour picture.

    longest: the length in pixels from which on a colour is full; an offset of 0 is white. where:
    bool [1, H, W], the pixels that have an offset; the others are grey, and so are those of NaN.
    key: whether eight arrows in the top right corner, on a picture of 64 pixels a side or more, say
    which colour goes where. Raises ValueError for another shape or a length that is not above 0.
    """
    if offsets.ndim != 4 or offsets.shape[:2] != (1, 2):
        raise ValueError(f"offsets has shape {list(offsets.shape)}; use [1, 2, H, W]")
    if not longest > 0:
        raise ValueError(f"longest={longest} must be above 0; use pixels, such as 16.0")
    down, right = offsets[0].detach().float().cpu()
    colours = _colours(down / longest, right / longest)
    missing = ~(down.isfinite() & right.isfinite())
    if where is not None:
        missing |= ~where[0].cpu()
    grey = torch.tensor(NO_VALUE_COLOUR, dtype=torch.uint8)
    colours = torch.where(missing[..., None], grey, colours)
    picture = Picture(colours.numpy(), "rgb")
    return (
        picture.with_marks(*_key(picture.size[1])) if key and min(down.shape) >= _LEAST else picture
    )


def _key(width: int) -> list[Arrow]:
    """An arrow in each of eight directions, in its own colour."""
    middle = (_KEY + _EDGE, width - 1 - _KEY - _EDGE)
    arrows = []
    for down, right in product((-1.0, 0.0, 1.0), repeat=2):
        if down or right:
            length = math.hypot(down, right)
            way = (down / length, right / length)
            red, green, blue = _colours(*(torch.tensor([[part]]) for part in way))[0, 0].tolist()
            row, column, to_row, to_column = (
                at + radius * part
                for radius in (_INNER, _KEY)
                for at, part in zip(middle, way, strict=True)
            )
            arrows.append(Arrow(row, column, to_row, to_column, (red, green, blue)))
    return arrows


def _colours(down: Tensor, right: Tensor) -> Tensor:
    """uint8 [H, W, 3]; lengths from 0 (white) to 1."""
    hue = torch.atan2(down, right) / (2 * torch.pi) * 6
    strength = (down**2 + right**2).sqrt().clamp(max=1)
    sixths = (hue[..., None] + torch.tensor([0.0, 4.0, 2.0])) % 6
    pure = ((sixths - 3).abs() - 1).clamp(0, 1)  # HSV of full value and strength
    colour = 1 - strength[..., None] * (1 - pure)
    return (colour.nan_to_num(0) * 255).round().to(torch.uint8)
