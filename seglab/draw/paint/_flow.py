"""Optical-flow colour coding: the direction is the hue, the length how strong the colour is.

After Baker et al., "A database and evaluation methodology for optical flow" (2011).
"""

import torch
from torch import Tensor

from seglab.draw.marks import Colour
from seglab.draw.palettes import NO_VALUE_COLOUR
from seglab.draw.picture import Picture

_WAYS = (("→", 0.0, 1.0), ("↓", 1.0, 0.0), ("←", 0.0, -1.0), ("↑", -1.0, 0.0))


def flow(offsets: Tensor, longest: float, where: Tensor | None = None, key: bool = True) -> Picture:
    """Return offsets [1, 2, H, W] (rows down, columns to the right) as a colour picture.

    longest: the length in pixels from which on a colour is full; an offset of 0 is white. where:
    bool [1, H, W], the pixels that have an offset; the others are grey, and so are those of NaN.
    key: whether the picture's legend says which colour goes where. Raises ValueError for another
    shape or a length that is not above 0.
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
    return Picture(colours.numpy(), "rgb", legend=_legend() if key else ())


def _legend() -> tuple[tuple[str, Colour], ...]:
    """Each direction with its colour."""
    return tuple(
        (name, tuple(_colours(torch.tensor([[down]]), torch.tensor([[right]]))[0, 0].tolist()))
        for name, down, right in _WAYS
    )


def _colours(down: Tensor, right: Tensor) -> Tensor:
    """uint8 [H, W, 3]; lengths from 0 (white) to 1."""
    hue = torch.atan2(down, right) / (2 * torch.pi) * 6
    strength = (down**2 + right**2).sqrt().clamp(max=1)
    sixths = (hue[..., None] + torch.tensor([0.0, 4.0, 2.0])) % 6
    pure = ((sixths - 3).abs() - 1).clamp(0, 1)  # HSV of full value and strength
    colour = 1 - strength[..., None] * (1 - pure)
    return (colour.nan_to_num(0) * 255).round().to(torch.uint8)
