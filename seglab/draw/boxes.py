"""Boxes over a picture, each with a short text such as a score."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from seglab.draw import palettes
from seglab.draw.paint import rgb
from seglab.draw.picture import Picture
from seglab.types import Image

FACTOR = 4  # how much larger the picture is drawn, so that a number can be read
_TEXT = 18  # pixels of the enlarged picture
_DARK, _LIGHT = (20, 20, 20), (255, 255, 255)


def boxes(
    image: Image,
    corners: Tensor,
    kinds: Sequence[int],
    texts: Sequence[str],
    chosen: int | None = None,
) -> Picture:
    """The picture [1, 3, H, W] with a box for each row of corners, the first on top.

    corners: float [N, 4], left, top, right, bottom in pixels; the middle of pixel i lies at i.
    kinds: the label whose colour the box has; texts: what stands at its top left corner; chosen:
    the index of a box to draw thicker. Raises ValueError unless there is one of each for each box.
    """
    from PIL import Image as Pillow
    from PIL import ImageDraw, ImageFont

    if not len(corners) == len(kinds) == len(texts):
        raise ValueError(
            f"{len(corners)} boxes, {len(kinds)} kinds and {len(texts)} texts; give one of each "
            f"for each box"
        )
    height, width = image.shape[-2:]
    plain = rgb(image).array
    large = Pillow.fromarray(plain.repeat(FACTOR, 0).repeat(FACTOR, 1))
    pen = ImageDraw.Draw(large)
    font = ImageFont.load_default(_TEXT)
    last = (FACTOR * width - 1, FACTOR * height - 1)
    placed = ((corners.detach().cpu() + 0.5) * FACTOR).round().int().tolist()
    for number in reversed(range(len(placed))):
        left, top, right, bottom = (
            min(max(at, 0), last[i % 2]) for i, at in enumerate(placed[number])
        )
        right, bottom = max(left, right), max(top, bottom)
        colour = tuple(palettes.labels(kinds[number] + 1)[kinds[number]].tolist())
        pen.rectangle(
            (left, top, right, bottom), outline=colour, width=8 if number == chosen else 4
        )
        _, _, wide, high = pen.textbbox((0, 0), texts[number], font=font)
        x, y = min(left, last[0] - wide - 3), min(top, last[1] - high - 1)
        pen.rectangle((x, y, x + wide + 3, y + high + 1), fill=colour)
        bright = 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] > 128
        pen.text((x + 2, y), texts[number], fill=_DARK if bright else _LIGHT, font=font)
    return Picture(np.asarray(large), "rgb", frame=(height, width))


def corners(masks: Tensor) -> Tensor:
    """The smallest box around each mask, bool [N, H, W]: float [N, 4] as `boxes` takes them.

    A box of no size at the top left corner for a mask without a pixel.
    """
    sides = []
    for axis in (1, 2):
        touched = masks.any(axis)  # columns, then rows
        some, line = touched.any(1), touched.to(torch.uint8)
        first, last = line.argmax(1), line.shape[1] - line.flip(1).argmax(1)
        sides.append((torch.where(some, first, 0) - 0.5, torch.where(some, last, 0) - 0.5))
    (left, right), (top, bottom) = sides
    return torch.stack([left, top, right, bottom], 1)
