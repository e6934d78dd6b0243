"""Segments without a class, as clustering finds them: coloured so that neighbours differ."""

import torch

from seglab.draw import palettes
from seglab.draw.paint._overlays import overlay
from seglab.draw.paint._planes import labels as label_picture
from seglab.draw.paint._planes import rgb
from seglab.draw.picture import Picture
from seglab.ops import cluster
from seglab.types import Image, Labels

_BORDER = (255, 255, 0)


def segments(labels: Labels) -> Picture:
    """Segments [1, H, W], 0 to n - 1. Up to palettes.DISTINCT have a colour and a name each.

    Of more of them only those that touch have different colours, see cluster.colouring, and none
    has a name. Raises ValueError for more than one picture.
    """
    count = int(labels.max()) + 1
    if count <= palettes.DISTINCT:
        return label_picture(labels, [f"segment {label}" for label in range(count)])
    codes = cluster.colouring(cluster.region_graph(labels))
    table = torch.from_numpy(palettes.labels(int(codes.max()) + 1).copy()).to(labels.device)
    return rgb(table[codes][labels].movedim(-1, -3) / 255)


def outlined(image: Image, labels: Labels) -> Picture:
    """The image [1, 3, H, W] with the borders of segments [1, H, W] in yellow; see boundaries."""
    border = cluster.boundaries(labels).long()
    names, colours = ("inside", "border"), ((0, 0, 0), _BORDER)
    return overlay(image, label_picture(border, names, colours=colours), opacity=1, clear=(0,))
