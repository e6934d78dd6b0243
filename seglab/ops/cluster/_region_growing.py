"""Growing a region from one pixel by its colour: the flood fill of paint programs."""

import numpy as np
import torch
from torch import Tensor


def colour_distance(colours: Tensor, at: tuple[int, int]) -> Tensor:
    """Difference in colour of every pixel from the one at (row, column): CIE76 delta E, [B, H, W].

    colours: L*a*b*, float [B, 3, H, W], such as cielab(image, exact=True). About 2.3 is
    just noticeable (M. Mahy et al., 1994). Raises ValueError when `at` lies outside.
    """
    row, column = _inside(at, colours)
    return (colours - colours[..., row, column, None, None]).norm(dim=1)


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


def _inside(at: tuple[int, int], plane: Tensor) -> tuple[int, int]:
    row, column = at
    height, width = plane.shape[-2:]
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"at=({row}, {column}) lies outside the {height} by {width} picture; "
            f"rows go from 0 to {height - 1}, columns from 0 to {width - 1}"
        )
    return row, column
