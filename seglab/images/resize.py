"""Pictures and their labels at another size."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.types import Image, Labels, Size


def image(image: Image, size: Size) -> Image:
    """Picture [B, 3, H, W] at another (height, width): bilinear, and without aliasing."""
    return F.interpolate(image, size, mode="bilinear", antialias=True)


def labels(labels: Labels, size: Size) -> Labels:
    """Label maps [B, H, W] at another (height, width): each pixel has the label that is nearest.

    Any other way would mix the numbers of two classes into that of a third.
    """
    given = labels.long()
    rows, columns = (
        _nearest(new, old, labels.device) for new, old in zip(size, given.shape[1:], strict=True)
    )
    return given[:, rows][..., columns]


def _nearest(new: int, old: int, device: torch.device) -> Tensor:
    """The pixel of `old` that each of `new` pixels lies in, by their middles; halves go up."""
    return (2 * torch.arange(new, device=device) + 1) * old // (2 * new)
