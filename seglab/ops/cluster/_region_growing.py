"""Growing a region from one pixel by its colour: the flood fill of paint programs."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate


def colour_distance(colours: Tensor, at: tuple[int, int]) -> Tensor:
    """Difference in colour of every pixel from the one at (row, column): CIE76 delta E, [B, H, W].

    colours: L*a*b*, float [B, 3, H, W], such as cielab(image, exact=True). About 2.3 is
    just noticeable (M. Mahy et al., 1994). Raises ValueError when `at` lies outside.
    """
    row, column = _inside(at, colours)
    apart = colours - colours[..., row, column, None, None]
    return apart.square().sum(1).sqrt()  # norm(dim=1) takes twenty times as long


def grow_region(distance: Tensor, at: tuple[int, int], tolerance: float) -> Tensor:
    """The connected region around (row, column) whose distance is at most tolerance.

    distance: float [B, H, W]. Neighbours touch by an edge or a corner. Returns bool [B, H, W].
    Raises ValueError when `at` lies outside or tolerance is negative.
    """
    from skimage.measure import label as connected

    row, column = _inside(at, distance)
    if tolerance < 0:
        raise ValueError(f"tolerance={tolerance} is negative; give 0 or more")
    similar = (distance <= tolerance).cpu().numpy()
    pieces = np.stack([connected(plane, connectivity=2) for plane in similar])
    chosen = pieces[:, row, column][:, None, None]
    return torch.from_numpy((pieces == chosen) & similar).to(distance.device)


class Leap(NamedTuple):
    """Tolerance at which a region takes in most pixels at once, how many, and through which."""

    tolerance: float
    pixels: int
    at: tuple[int, int]


def joining_tolerance(distance: Tensor, at: tuple[int, int] | Tensor) -> Tensor:
    """The smallest tolerance at which each pixel is in the region around (row, column).

    distance: float [B, H, W], finite. The answer has its form: where it is at most t, grow_region
    is True at tolerance t. It is the smallest, over all paths from (row, column), of the largest
    distance on the path; computed as a morphological reconstruction by erosion.
    at: also a bool [B, H, W] of all pixels from which the region grows.
    Raises ValueError when `at` lies outside.
    """
    from skimage.morphology import reconstruction

    planes = distance.cpu().numpy()
    start = np.full_like(planes, planes.max())
    if isinstance(at, Tensor):
        begins = _validate.masks(at, "at", "[B, H, W]").cpu().numpy()
        start[begins] = planes[begins]
    else:
        row, column = _inside(at, distance)
        start[:, row, column] = planes[:, row, column]
    corners = np.ones((3, 3))
    joined = [
        reconstruction(seed, plane, method="erosion", footprint=corners)
        for seed, plane in zip(start, planes, strict=True)
    ]
    return torch.from_numpy(np.stack(joined)).to(distance)


def largest_leap(joining: Tensor) -> Leap:
    """The tolerance at which most pixels join at once; of equal ones the smallest.

    joining: what joining_tolerance gives for one picture, [1, H, W].
    """
    from skimage.measure import label as connected
    from skimage.morphology import dilation

    _validate.one_picture(joining, "joining")
    plane = joining[0].cpu().numpy()
    values, counts = np.unique(plane, return_counts=True)
    value = values[counts.argmax()]
    pieces = connected(plane == value, connectivity=2)
    largest = pieces == np.bincount(pieces.flat, minlength=2)[1:].argmax() + 1
    entries = largest & dilation(plane < value, np.ones((3, 3)))
    row, column = np.argwhere(entries if entries.any() else largest)[0]
    return Leap(float(value), int(counts.max()), (int(row), int(column)))


def _inside(at: tuple[int, int], plane: Tensor) -> tuple[int, int]:
    row, column = at
    height, width = plane.shape[-2:]
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"at=({row}, {column}) lies outside the {height} by {width} picture; "
            f"rows go from 0 to {height - 1}, columns from 0 to {width - 1}"
        )
    return row, column
