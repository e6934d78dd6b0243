"""Pictures and their labels at another size."""

import torch.nn.functional as F

from seglab.types import Image, Labels, Size


def image(image: Image, size: Size) -> Image:
    """Picture [B, 3, H, W] at another (height, width): bilinear, and without aliasing."""
    return F.interpolate(image, size, mode="bilinear", antialias=True)


def labels(labels: Labels, size: Size) -> Labels:
    """Label maps [B, H, W] at another (height, width): each pixel has the label that is nearest.

    Any other way would mix the numbers of two classes into that of a third.
    """
    return F.interpolate(labels[:, None].double(), size, mode="nearest-exact")[:, 0].long()
