"""Controls and first stages of the texture labs, and scores as labels or as one class."""

from dataclasses import replace

import torch
from torch import nn

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Photo
from seglab.nets import textures
from seglab.ops import dense, heatmap, receptive_field
from seglab.types import Image, Scores, Size

PHOTO = Photo("mosaic", "astronaut", "coffee", "chelsea", "rocket", "coins")
F = Choice(2, 4, 8, 16, default=8, label="downsampling factor f")
VIEW = Choice("labels", *textures.CLASSES, label="show")


def image(photo):
    return photos.load(photo)


def net(f):
    return textures.pretrained(output_stride=f)


def field(net):
    return receptive_field.of(net)


class Passes:
    """The f × f shifted passes over an image, each one run when it is first asked for."""

    def __init__(self, net: nn.Module, image: Image) -> None:
        self.net, self.image = net, image
        self.stride = receptive_field.of(net).stride[0]
        self.size = dense.dense_size(net, frame(image))
        self._done: list[Scores] = []

    def first(self, count: int) -> list[Scores]:
        """The scores of the first passes, in raster order of the shift (y, x)."""
        for index in range(len(self._done), min(count, self.stride**2)):
            y, x = divmod(index, self.stride)
            self._done.append(dense.coarse(self.net, self.image[..., y:, x:]))
        return self._done[:count]


def stitch(parts: list[Scores], f: int, size: Size, forwards: bool = True) -> Scores:
    """The first passes interleaved; not forwards is the classic mistake, the wrong sign."""
    if forwards:
        return dense.interleave(parts, f, size)
    out = parts[0].new_full((*parts[0].shape[:2], *size), torch.nan)
    for index, part in enumerate(parts):
        y, x = divmod(index, f)
        place = out[..., -y % f :: f, -x % f :: f]
        rows, columns = (min(a, b) for a, b in zip(place.shape[2:], part.shape[2:], strict=True))
        place[..., :rows, :columns] = part[..., :rows, :columns]
    return out


def picture(
    scores: Scores,
    view: str,
    size: Size | None = None,
    field: receptive_field.ReceptiveField | None = None,
) -> paint.Picture:
    """Scores as a label map, or as the probability of one class; size is that of the image."""
    if view == "labels":
        return paint.labels(heatmap.label_map(scores), textures.CLASSES, frame=size, field=field)
    share = scores.softmax(1)[:, textures.CLASSES.index(view)]
    return paint.scalar(share, low=0, high=1, frame=size, field=field)


def every_pixel(field: receptive_field.ReceptiveField) -> receptive_field.ReceptiveField:
    """Field of each unit of a map that has one score per pixel."""
    return replace(field, stride=(1, 1))


def frame(image: Image) -> Size:
    """(height, width) of an image."""
    return image.shape[-2], image.shape[-1]
