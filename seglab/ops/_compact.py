"""Numbers of a map without gaps, so that they can be counted and put into codes."""

from typing import NamedTuple

import torch
from torch import Tensor


class Compact(NamedTuple):
    """Numbers that occur, ascending; where each pixel's stands among them; pixels of each."""

    numbers: Tensor
    place: Tensor
    pixels: Tensor


def compact(picture: Tensor) -> Compact:
    """Number the values of a map without gaps."""
    if int(picture.max()) > 4 * picture.numel() + 1000:  # no room to count them
        return Compact(*picture.unique(return_inverse=True, return_counts=True))
    # Counting needs no sort, and no threads, which wait for each other on a busy machine.
    count = picture.flatten().bincount()
    numbers = count.nonzero()[:, 0]
    rank = torch.zeros_like(count)
    rank[numbers] = torch.arange(len(numbers), device=count.device)
    return Compact(numbers, rank[picture], count[numbers])
