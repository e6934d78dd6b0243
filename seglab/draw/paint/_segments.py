"""Segments without a class, as clustering finds them: coloured so that neighbours differ."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from seglab.draw import marks, palettes
from seglab.draw.paint._overlays import overlay
from seglab.draw.paint._planes import labels as label_picture
from seglab.draw.paint._planes import rgb
from seglab.draw.picture import Picture
from seglab.ops import cluster
from seglab.types import Image, Labels

_BORDER = (255, 255, 0)


@dataclass(frozen=True, eq=False)
class Segments(Picture):
    """A label picture whose names are for the pointer: none stands in a legend."""

    listed: int = 0

    def header(self) -> dict[str, Any]:
        """Everything but the plane, as plain JSON values, for a viewer."""
        return {**super().header(), "listed": self.listed}


def segments(labels: Labels) -> Picture:
    """Segments [1, H, W], 0 to n - 1. Up to palettes.DISTINCT have a colour and a number each.

    Of more of them only those that touch have different colours, see cluster.colouring, and none
    has a name. Raises ValueError for more than one picture.
    """
    count = int(labels.max()) + 1
    if count <= palettes.DISTINCT:
        drawn = label_picture(labels, [f"segment {label}" for label in range(count)])
        return Segments(**vars(drawn))
    codes = cluster.colouring(cluster.region_graph(labels))
    table = torch.from_numpy(palettes.labels(int(codes.max()) + 1).copy()).to(labels.device)
    return rgb(table[codes][labels].movedim(-1, -3) / 255)


def outlined(image: Image, labels: Labels) -> Picture:
    """The image [1, 3, H, W] with the borders of segments [1, H, W] in yellow; see boundaries."""
    border = cluster.boundaries(labels).long()
    names, colours = ("inside", "border"), ((0, 0, 0), _BORDER)
    return overlay(image, label_picture(border, names, colours=colours), opacity=1, clear=(0,))


def contours(mask: torch.Tensor, colour: marks.Colour | None = None) -> tuple[marks.Outline, ...]:
    """The borders of a mask, bool [1, H, W], as marks: lines halfway between its pixels and others.

    Marks travel without the picture that they lie on, which stays the same while the mask changes.
    """
    from skimage.measure import find_contours

    wide = np.pad(mask[0].cpu().numpy(), 1).astype(np.float32)  # closed at the picture's border
    return tuple(
        marks.Outline(tuple(map(tuple, _corners(line[:-1] - 1).tolist())), colour)
        for line in find_contours(wide, 0.5)
    )


def _corners(line: np.ndarray) -> np.ndarray:
    """The points of a closed line at which it turns."""
    steps = np.diff(line, axis=0, append=line[:1])
    return line[(steps != np.roll(steps, 1, axis=0)).any(1)]
