"""Ways to go as colours: the direction is the hue, the length how strong the colour is.

As optical flow is drawn (Baker et al., "A database and evaluation methodology for optical flow",
2011); a wheel in the corner is the key.
"""

import numpy as np
import torch
from torch import Tensor

from seglab.draw.palettes import NONE_COLOUR
from seglab.draw.picture import Picture

FACTOR = 2  # how much larger the picture is drawn, so that the key is round
_KEY = 12  # pixels of the picture: the key's radius


def wheel(offsets: Tensor, longest: float, where: Tensor | None = None) -> Picture:
    """Offsets [1, 2, H, W] (rows down, columns to the right) as a colour picture.

    longest: the length in pixels from which on a colour is full; white is no way to go. where: bool
    [1, H, W], the pixels that have an offset; the others are grey, and so are those of NaN.
    Raises ValueError for another shape or a length that is not above 0.
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
    grey = torch.tensor(NONE_COLOUR, dtype=torch.uint8)
    colours = torch.where(missing[..., None], grey, colours)
    height, width = down.shape
    large = colours.repeat_interleave(FACTOR, 0).repeat_interleave(FACTOR, 1).numpy()
    return Picture(_with_key(large), "rgb", frame=(height, width))


def _with_key(picture: np.ndarray) -> np.ndarray:
    """The wheel in the top right corner, its rim white, where the picture is large enough."""
    radius = _KEY * FACTOR
    if min(picture.shape[:2]) < 6 * radius:
        return picture
    at = torch.arange(-radius, radius + 1).float()
    length = (at[:, None] ** 2 + at**2).sqrt()
    key = _colours(*torch.meshgrid(at / (radius - 2), at / (radius - 2), indexing="ij"))
    key[length > radius - 2] = 255
    inside = (length <= radius).numpy()
    picture[2 : 2 * radius + 3, -2 * radius - 3 : -2][inside] = key.numpy()[inside]
    return picture


def _colours(down: Tensor, right: Tensor) -> Tensor:
    """uint8 [H, W, 3]; lengths from 0 (white) to 1."""
    hue = torch.atan2(down, right) / (2 * torch.pi) * 6
    strength = (down**2 + right**2).sqrt().clamp(max=1)
    sixths = (hue[..., None] + torch.tensor([0.0, 4.0, 2.0])) % 6
    pure = ((sixths - 3).abs() - 1).clamp(0, 1)  # HSV of full value and strength
    colour = 1 - strength[..., None] * (1 - pure)
    return (colour.nan_to_num(0) * 255).round().to(torch.uint8)
