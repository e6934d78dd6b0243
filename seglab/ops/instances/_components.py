"""Connected components: one number for each region of one label."""

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.types import NO_LABEL, Instances, Labels


def components(labels: Labels, connectivity: int = 8, ignore: int | None = NO_LABEL) -> Instances:
    """Connected regions of one label, numbered 1, 2, ... by their first pixel, row by row.

    labels: bool [B, H, W], or whole numbers, of which 0 (background) and `ignore` (no label) belong
    to no region. connectivity: 4 neighbours touch by an edge, 8 by a corner as well.
    On CUDA: hooking and pointer jumping (Shiloach and Vishkin, "An O(log n) parallel connectivity
    algorithm", 1982), with neighbouring pixels as the graph.
    Raises ValueError for another connectivity or shape, and where labels holds 255 and larger
    numbers, so that 255 may be a region as well; TypeError for floats.
    """
    plane = _validate.whole_numbers(labels, "labels", negative=True)
    steps_to_neighbours(connectivity)
    if ignore is not None and labels.dtype != torch.bool:
        if int(plane.max()) > ignore == NO_LABEL:
            _validate.told_apart(plane.unique().tolist(), ignore)
        plane = plane.where(plane != ignore, 0)
    return hook(plane, connectivity) if plane.is_cuda else _label(plane, connectivity)


def steps_to_neighbours(connectivity: int) -> tuple[tuple[int, int], ...]:
    """Steps (down, right) to half of the neighbours; the other half see the pixel themselves."""
    if connectivity not in (4, 8):
        raise ValueError(f"connectivity={connectivity!r} is unknown; use 4 or 8")
    return ((0, 1), (1, 0)) if connectivity == 4 else ((0, 1), (1, 0), (1, 1), (1, -1))


def _label(plane: Tensor, connectivity: int) -> Instances:
    from skimage.measure import label

    pictures = plane.cpu().numpy()
    pieces = [label(picture, background=0, connectivity=connectivity // 4) for picture in pictures]
    return torch.from_numpy(np.stack(pieces).astype(np.int64)).to(plane.device)


def hook(plane: Tensor, connectivity: int) -> Instances:
    """Every pixel points at an earlier pixel of its region, in the end at the first."""
    batch, height, width = plane.shape
    place = torch.arange(plane.numel(), device=plane.device).view_as(plane)
    here, there = [], []
    for down, right in steps_to_neighbours(connectivity):
        lower = (slice(None), slice(down, None), slice(max(right, 0), width + min(right, 0)))
        upper = (slice(None), slice(height - down), slice(max(-right, 0), width - max(right, 0)))
        joined = (plane[lower] == plane[upper]) & (plane[lower] != 0)
        here.append(place[upper][joined])
        there.append(place[lower][joined])
    first_ends, second_ends = torch.cat(here), torch.cat(there)
    parent = place.flatten()
    while True:
        a, b = parent[first_ends], parent[second_ends]
        apart = a != b
        if not bool(apart.any()):
            break
        first_ends, second_ends, a, b = first_ends[apart], second_ends[apart], a[apart], b[apart]
        parent = parent.scatter_reduce(0, torch.maximum(a, b), torch.minimum(a, b), "amin")
        while not torch.equal(parent, up := parent[parent]):
            parent = up
    first = (parent == place.flatten()) & (plane.flatten() != 0)
    number = first.view(batch, -1).long().cumsum(1).flatten()[parent]
    return number.view_as(plane).where(plane != 0, 0)
