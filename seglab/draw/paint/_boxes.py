"""Boxes over a picture, each with a short text such as a score."""

from collections.abc import Sequence

import torch
from torch import Tensor

from seglab.draw import palettes
from seglab.draw.marks import Box
from seglab.draw.paint._planes import rgb
from seglab.draw.picture import Picture
from seglab.draw.relations import Group
from seglab.types import Image


def boxes(
    image: Image | Picture,
    corners: Tensor,
    classes: Sequence[int],
    texts: Sequence[str],
    chosen: int | None = None,
    things: Sequence[int | None] | None = None,
) -> Picture:
    """Return the image [1, 3, H, W], or a picture, with a box for each row of corners.

    corners: float [N, 4], top, left, bottom, right in pixels; the middle of pixel i lies at i. What
    leaves the picture ends at its edge. classes: the label whose colour the box has; texts: what
    stands at its corner; chosen: the index of a box to draw thicker. The first box lies on top.
    things: the number of the object in each box, which lights it up in maps of objects.
    Raises ValueError unless there is one of each for each box.
    """
    if not len(corners) == len(classes) == len(texts):
        raise ValueError(
            f"{len(corners)} boxes, {len(classes)} classes and {len(texts)} texts; give one of "
            f"each for each box"
        )
    picture = image if isinstance(image, Picture) else rgb(image)
    height, width = picture.frame
    ends = torch.tensor([height, width, height, width]) - 0.5
    edges = corners.detach().float().cpu().clamp(-0.5).minimum(ends).tolist()
    marks = [
        Box(top, left, bottom, right, palettes.rgb(label), text, strong=number == chosen)
        for number, ((top, left, bottom, right), label, text) in enumerate(
            zip(edges, classes, texts, strict=True)
        )
    ]
    marked = picture.with_marks(*reversed(marks))
    if things is None:
        return marked
    others = [None] * len(picture.marks)
    return marked.related(group=Group("object", (*others, *reversed(things)), "mark"))
