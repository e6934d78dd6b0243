"""Labels over the picture that they belong to."""

import numpy as np
import torch

from seglab.draw.paint._planes import rgb
from seglab.draw.picture import Picture
from seglab.types import Image


def overlay(
    image: Image, labels: Picture, opacity: float = 0.5, clear: tuple[int, ...] = (255,)
) -> Picture:
    """The picture [1, 3, H, W] under the colours of a label picture of its size.

    opacity: 0 is the picture alone, 1 the labels alone. clear: the codes under which the picture
    stays as it is, such as 0, the background; 255 is no label. Raises ValueError for an opacity
    outside 0 to 1, and for labels of another size.
    """
    if not 0 <= opacity <= 1:
        raise ValueError(f"opacity={opacity} must be from 0 to 1, such as 0.5")
    below = rgb(image).array
    if labels.array.shape != below.shape[:2]:
        raise ValueError(
            f"labels are {list(labels.array.shape)} pixels and image {list(below.shape[:2])}; "
            f"give both one size"
        )
    seen = ~np.isin(labels.array, clear)[..., None]
    mixed = below + opacity * seen * (labels.rgb().astype(float) - below)
    return rgb(torch.from_numpy(mixed / 255).permute(2, 0, 1))
