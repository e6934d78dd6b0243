"""Tiles with a margin of any width, exact or not."""

import math
from collections.abc import Iterator

import torch
from torch import nn

from seglab.ops import _validate
from seglab.ops.dense import check_image
from seglab.ops.tiles._axis import Part
from seglab.ops.tiles._plan import Crop
from seglab.types import Image, Scores, Size


def crops(
    size: Size, step: int | Size, margin: int | Size, alignment: int | Size = 1
) -> list[Crop]:
    """Crops of a picture (height, width): tiles of `step` pixels, with `margin` around each.

    A crop ends at the picture's border. It starts at the nearest multiple of `alignment` before
    its margin, and ends at the nearest behind. In raster order.
    """
    steps = _validate.pair("step", step)
    margins = _validate.pair("margin", margin, least=0)
    aligned = _validate.pair("alignment", alignment)
    rows, columns = (
        list(_parts(*settings)) for settings in zip(size, steps, margins, aligned, strict=True)
    )
    return [Crop(row, column) for row in rows for column in columns]


def stitched(
    net: nn.Module,
    image: Image,
    step: int | Size,
    margin: int | Size,
    alignment: int | Size = 1,
) -> Scores:
    """Scores of every pixel from tiles with a margin of any width, [B, C, H, W] to [B, K, H, W].

    net gives a score for every pixel of what it is given. Equal to net(image) where the margin
    reaches as far as the net's field and tiles are aligned to its strides; `predict` chooses both.
    Raises ValueError for a net that gives no score for every pixel of a tile.
    """
    check_image(net, image)
    height, width = image.shape[-2:]
    out = None
    with torch.no_grad():
        for crop in crops((height, width), step, margin, alignment):
            pixels = image[(..., *crop.source)]
            scores = net(pixels)
            if scores.shape[-2:] != pixels.shape[-2:]:
                raise ValueError(
                    f"net gives {list(scores.shape[-2:])} scores for a tile of "
                    f"{list(pixels.shape[-2:])} pixels; give a net with a score for every pixel"
                )
            if out is None:
                out = scores.new_empty(*scores.shape[:-2], height, width)
            out[(..., *crop.target)] = scores[(..., *crop.kept)]
    assert out is not None  # a picture has a pixel
    return out


def _parts(length: int, step: int, margin: int, alignment: int) -> Iterator[Part]:
    for first in range(0, length, step):
        end = min(length, first + step)
        start = max(0, math.floor((first - margin) / alignment) * alignment)
        stop = min(length, math.ceil((end + margin) / alignment) * alignment)
        yield Part(start, stop, first, end, start)
