"""Boxes over a picture, each with a short text such as a score."""

from collections.abc import Sequence

import torch
from torch import Tensor

from seglab.draw import palettes
from seglab.draw.marks import Box
from seglab.draw.paint._planes import rgb
from seglab.draw.picture import Picture
from seglab.types import Image


def boxes(
    image: Image | Picture,
    corners: Tensor,
    classes: Sequence[int],
    texts: Sequence[str],
    chosen: int | None = None,
) -> Picture:
    """Return the image [1, 3, H, W], or a picture, with a box for each row of corners.

    corners: float [N, 4], left, top, right, bottom in pixels; the middle of pixel i lies at i. What
    leaves the picture ends at its edge. classes: the label whose colour the box has; texts: what
    stands at its corner; chosen: the index of a box to draw thicker. The first box lies on top.
    Raises ValueError unless there is one of each for each box.
    """
    if not len(corners) == len(classes) == len(texts):
        raise ValueError(
            f"{len(corners)} boxes, {len(classes)} classes and {len(texts)} texts; give one of "
            f"each for each box"
        )
    picture = image if isinstance(image, Picture) else rgb(image)
    height, width = picture.frame
    ends = torch.tensor([width, height, width, height]) - 0.5
    edges = corners.detach().float().cpu().clamp(-0.5).minimum(ends).tolist()
    marks = [
        Box(top, left, bottom, right, _colour(label), text, strong=number == chosen)
        for number, ((left, top, right, bottom), label, text) in enumerate(
            zip(edges, classes, texts, strict=True)
        )
    ]
    return picture.with_marks(*reversed(marks))


def corners(masks: Tensor) -> Tensor:
    """Return the smallest box around each mask, bool [N, H, W]: float [N, 4] as `boxes` takes them.

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


def _colour(label: int) -> tuple[int, int, int]:
    red, green, blue = palettes.labels(label + 1)[label].tolist()
    return red, green, blue
