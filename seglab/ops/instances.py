"""Instances: from a mask, a label map or a centre heatmap to one number for each object.

Instances are int64 [B, H, W], 0 = no object; numbers start anew in every picture of a batch and
have no upper end. Answers lie on the input's device: components and grouping are computed there on
CUDA, distance transform and watershed on the CPU. What can be asked of objects (areas, boxes,
matches) stands in `objects`.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import arguments
from seglab.ops.objects import (
    Matches,
    areas,
    boxes,
    centroids,
    check,
    ids,
    intersections,
    match,
    neighbours,
    number_like,
    overlaps,
    remove_small,
    renumber,
)
from seglab.types import Instances, Labels

__all__ = [
    "Centers",
    "Matches",
    "areas",
    "boxes",
    "center_targets",
    "centroids",
    "components",
    "distance",
    "find_centers",
    "group",
    "ids",
    "intersections",
    "match",
    "neighbours",
    "number_like",
    "overlaps",
    "remove_small",
    "renumber",
    "watershed",
]

NO_LABEL = 255
_AT_ONCE = 2**22  # numbers of an intermediate table: 16 to 32 MB


class Centers(NamedTuple):
    """Objects' centres in one picture, best first: place float [N, 2] (row, column), score [N]."""

    place: Tensor
    score: Tensor


def components(labels: Labels, connectivity: int = 8) -> Instances:
    """Connected regions of one label, numbered 1, 2, ... by their first pixel, row by row.

    labels: bool [B, H, W], or whole numbers, of which 0 (background) and 255 (no label) belong to
    no region. connectivity: 4 neighbours touch by an edge, 8 by a corner as well.
    On CUDA: hooking and pointer jumping (Shiloach and Vishkin, "An O(log n) parallel connectivity
    algorithm", 1982), with neighbouring pixels as the graph.
    Raises ValueError for another connectivity or shape, TypeError for floats.
    """
    check(labels, "labels", negative=True)
    _neighbours(connectivity)
    plane = labels.long()
    plane = plane.where(plane != NO_LABEL, 0) if labels.dtype != torch.bool else plane
    return _hook(plane, connectivity) if plane.is_cuda else _label(plane, connectivity)


def watershed(mask: Tensor, h: float = 1.0, min_size: int = 1, connectivity: int = 8) -> Instances:
    """Split a mask at its necks: flood minus its distance transform from the deepest points.

    mask: bool [B, H, W]. A peak of the distance is an object of its own if the way to any higher
    one leads down by more than h pixels: a small h splits more. Pieces of fewer than min_size
    pixels are dropped. Beyond the picture counts as outside the mask. Numbered by first pixel, row
    by row. Vincent and Soille, "Watersheds in digital spaces", 1991; h-maxima: Soille,
    "Morphological image analysis", 2003, ch. 6.
    Raises ValueError for a negative h.
    """
    if mask.dtype != torch.bool:
        raise TypeError(f"mask is {mask.dtype}; use bool, such as mask > 0")
    check(mask, "mask")
    _neighbours(connectivity)
    if not (math.isfinite(h) and h >= 0):
        raise ValueError(f"h={h} is no depth in pixels; use 0 or more, such as 1.0")
    planes = mask.cpu().numpy()
    pieces = np.stack([_split(plane, h, connectivity) for plane in planes])
    return remove_small(torch.from_numpy(pieces).to(mask.device), min_size)


def distance(mask: Tensor) -> Tensor:
    """How far every pixel of the mask lies from the nearest pixel outside, float32 [B, H, W].

    mask: bool [B, H, W]. Beyond the picture counts as outside.
    """
    check(mask, "mask")
    planes = [_distance(plane) for plane in mask.bool().cpu().numpy()]
    return torch.from_numpy(np.stack(planes)).float().to(mask.device)


def find_centers(
    heatmap: Tensor, threshold: float = 0.1, kernel_size: int = 7, top_k: int = 200
) -> list[Centers]:
    """Peaks of a centre heatmap, one Centers for each picture, best first.

    heatmap: float [B, 1, H, W]. A peak is above threshold and the highest of the kernel_size x
    kernel_size pixels around it (of equal ones the first, row by row); the top_k highest are kept.
    Cheng et al., "Panoptic-DeepLab", 2020, which uses threshold 0.1, kernel 7 and the top 200.
    Raises ValueError for an even kernel_size, which has no middle.
    """
    if not isinstance(heatmap, Tensor) or heatmap.ndim != 4 or heatmap.shape[1] != 1:
        given = list(heatmap.shape) if isinstance(heatmap, Tensor) else type(heatmap).__name__
        raise ValueError(f"heatmap is {given}; use a float tensor [B, 1, H, W]")
    if not heatmap.is_floating_point():
        raise TypeError(f"heatmap is {heatmap.dtype}; use floats, such as heatmap.float()")
    arguments.whole("top_k", top_k)
    if arguments.whole("kernel_size", kernel_size) % 2 == 0:
        raise ValueError(f"kernel_size={kernel_size} has no middle; use an odd number, such as 7")
    height, width = heatmap.shape[2:]
    found = []
    for scores in heatmap.detach().flatten(1):
        order = scores.argsort(descending=True, stable=True)
        # Ranks differ where scores are equal: a flat top is one peak, and not all its pixels.
        rank = torch.empty_like(order).scatter(0, order, torch.arange(len(order), 0, -1).to(order))
        rank = rank.float() if len(order) < 2**24 else rank.double()
        around = F.max_pool2d(rank.view(1, height, width), kernel_size, 1, kernel_size // 2)
        peak = (around.flatten() == rank) & (scores > threshold)
        best = order[peak[order]][:top_k]
        place = torch.stack((best // width, best % width), 1).to(scores.dtype)
        found.append(Centers(place, scores[best]))
    return found


def group(centers: Sequence[Centers], offsets: Tensor, foreground: Tensor) -> Instances:
    """Every foreground pixel goes to the centre nearest to its place + offset, [B, H, W].

    centers: as from find_centers, one for each picture; the first one's object has number 1, the
    second one's 2, ...; a centre to which no pixel goes leaves its number out. offsets: float
    [B, 2, H, W], rows and columns to go, in pixels. foreground: bool [B, H, W].
    Cheng et al., "Panoptic-DeepLab", 2020. Raises ValueError unless the three agree in shape.
    """
    check(foreground, "foreground")
    size = foreground.shape
    if offsets.shape != (size[0], 2, *size[1:]):
        raise ValueError(
            f"offsets has shape {list(offsets.shape)}, but foreground has {list(size)}; "
            f"use [B, 2, H, W] of the same B, H and W"
        )
    if len(centers) != size[0]:
        raise ValueError(
            f"centers holds {len(centers)} pictures and foreground {size[0]}; give each a Centers"
        )
    instances = torch.zeros(size, dtype=torch.int64, device=foreground.device)
    for picture, (place, _), offset, inside in zip(
        instances, centers, offsets, foreground.bool(), strict=True
    ):
        if len(place):
            goal = inside.nonzero() + offset[:, inside].T
            # In pieces, for 500 centres and a large picture would fill the memory.
            pieces = goal.split(max(1, _AT_ONCE // len(place)))
            exact = "donot_use_mm_for_euclid_dist"
            nearest = [
                torch.cdist(piece, place.to(goal), compute_mode=exact).argmin(1) for piece in pieces
            ]
            picture[inside] = torch.cat(nearest) + 1
    return instances


def center_targets(instances: Instances, sigma: float = 8.0) -> tuple[Tensor, Tensor]:
    """What a net is to predict: the centre heatmap [B, 1, H, W] and offsets [B, 2, H, W], float32.

    A Gaussian of sigma pixels stands at every object's mean place (rounded to a pixel), the larger
    one where two meet; a pixel's offset leads to the mean place of its object, and is 0 outside.
    Cheng et al., "Panoptic-DeepLab", 2020. Raises ValueError for a sigma that is not above 0.
    """
    check(instances, "instances")
    if not sigma > 0:
        raise ValueError(f"sigma={sigma} must be above 0; use pixels, such as 8.0")
    batch, height, width = instances.shape
    heatmap = torch.zeros(batch, 1, height, width, device=instances.device)
    offsets = torch.zeros(batch, 2, height, width, device=instances.device)
    rows, columns = (torch.arange(n, device=instances.device) for n in (height, width))
    for heat, offset, picture in zip(heatmap, offsets, instances, strict=True):
        centers = centroids(picture[None])
        for some in centers.round().split(64) if len(centers) else ():
            down, right = rows - some[:, :1], columns - some[:, 1:]
            away = down.square()[:, :, None] + right.square()[:, None]
            heat.copy_(torch.maximum(heat, (-away / (2 * sigma**2)).exp().amax(0)))
        inside = picture > 0
        which = torch.searchsorted(ids(picture[None]), picture[inside])
        offset[:, inside] = (centers[which] - inside.nonzero()).T.float()
    return heatmap, offsets


def _neighbours(connectivity: int) -> tuple[tuple[int, int], ...]:
    """Steps (down, right) to half of the neighbours; the other half see the pixel themselves."""
    if connectivity not in (4, 8):
        raise ValueError(f"connectivity={connectivity!r} is unknown; use 4 or 8")
    return ((0, 1), (1, 0)) if connectivity == 4 else ((0, 1), (1, 0), (1, 1), (1, -1))


def _label(plane: Tensor, connectivity: int) -> Instances:
    from skimage.measure import label

    pictures = plane.cpu().numpy()
    found = [label(picture, background=0, connectivity=connectivity // 4) for picture in pictures]
    return torch.from_numpy(np.stack(found).astype(np.int64)).to(plane.device)


def _hook(plane: Tensor, connectivity: int) -> Instances:
    """Every pixel points at an earlier pixel of its region, in the end at the first."""
    batch, height, width = plane.shape
    place = torch.arange(plane.numel(), device=plane.device).view_as(plane)
    here, there = [], []
    for down, right in _neighbours(connectivity):
        lower = (slice(None), slice(down, None), slice(max(right, 0), width + min(right, 0)))
        upper = (slice(None), slice(height - down), slice(max(-right, 0), width - max(right, 0)))
        joined = (plane[lower] == plane[upper]) & (plane[lower] != 0)
        here.append(place[upper][joined])
        there.append(place[lower][joined])
    one, other = torch.cat(here), torch.cat(there)
    parent = place.flatten()
    while True:
        a, b = parent[one], parent[other]
        apart = a != b
        if not bool(apart.any()):
            break
        one, other, a, b = one[apart], other[apart], a[apart], b[apart]
        parent = parent.scatter_reduce(0, torch.maximum(a, b), torch.minimum(a, b), "amin")
        while not torch.equal(parent, up := parent[parent]):
            parent = up
    first = (parent == place.flatten()) & (plane.flatten() != 0)
    number = first.view(batch, -1).long().cumsum(1).flatten()[parent]
    return number.view_as(plane).where(plane != 0, 0)


def _distance(mask: np.ndarray) -> np.ndarray:
    from scipy.ndimage import distance_transform_edt

    inner: np.ndarray = distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    return inner


def _split(mask: np.ndarray, h: float, connectivity: int) -> np.ndarray:
    from scipy.ndimage import find_objects
    from skimage.measure import label
    from skimage.segmentation import watershed

    pieces = np.zeros(mask.shape, np.int64)
    for box in find_objects(mask.astype(np.uint8)):
        inner = np.pad(mask[box], 1)  # a mask without an outside has no local maximum
        depth = np.pad(_distance(mask[box]), 1)
        markers = label(_peaks(inner, depth, h, connectivity), connectivity=connectivity // 4)
        found = watershed(-depth, markers, connectivity=connectivity // 4, mask=inner)
        pieces[box] = found[1:-1, 1:-1]
    return pieces


def _peaks(mask: np.ndarray, depth: np.ndarray, h: float, connectivity: int) -> np.ndarray:
    """The h-maxima of the depth, component by component: a peak must not be drowned by another's.

    mask, depth: [H, W], with a frame of nothing around.
    """
    from scipy.ndimage import find_objects
    from skimage.measure import label
    from skimage.morphology import local_maxima, reconstruction

    reach = connectivity // 4
    peaks: np.ndarray = local_maxima(depth, connectivity=reach) & mask
    if h == 0:
        return peaks
    footprint = np.ones((3, 3), bool)
    if connectivity == 4:
        footprint[::2, ::2] = False
    blobs, tops = label(mask, connectivity=reach), label(peaks, connectivity=reach)
    for blob, box in enumerate(find_objects(blobs), 1):
        inside = blobs[box] == blob
        if len(np.unique(tops[box][inside])) == 2:  # 0 and its only one
            continue
        walled = np.pad(np.where(inside, depth[box], -1 - h), 1, constant_values=-1 - h)
        lowered = reconstruction(np.maximum(walled - h, -1 - h), walled, footprint=footprint)
        highest = local_maxima(lowered, connectivity=reach)[1:-1, 1:-1]
        peaks[box][inside] = highest[inside]
    return peaks
