"""Touching objects split at their necks: the watershed of a mask's distance transform."""

import math

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances._components import steps_to_neighbours
from seglab.ops.instances._objects import remove_small
from seglab.types import Instances


def distance_watershed(
    mask: Tensor, h: float = 1.0, min_size: int = 1, connectivity: int = 8
) -> Instances:
    """Split a mask at its necks: flood minus its distance transform from the deepest points.

    mask: bool [B, H, W]. A peak of the distance is an object of its own if the way to any higher
    one leads down by more than h pixels: a small h splits more. Pieces of fewer than min_size
    pixels are dropped. Beyond the picture counts as outside the mask. Numbered by first pixel, row
    by row. Vincent and Soille, "Watersheds in digital spaces", 1991; h-maxima: Soille,
    "Morphological image analysis", 2003, ch. 6.
    Raises ValueError for a negative h.
    """
    _validate.masks(mask, "mask", "[B, H, W]", "mask > 0")
    _validate.whole_numbers(mask, "mask")
    steps_to_neighbours(connectivity)
    if not (math.isfinite(h) and h >= 0):
        raise ValueError(f"h={h} is no depth in pixels; use 0 or more, such as 1.0")
    planes = mask.cpu().numpy()
    pieces = np.stack([_split(plane, h, connectivity) for plane in planes])
    return remove_small(torch.from_numpy(pieces).to(mask.device), min_size)


def distance(mask: Tensor) -> Tensor:
    """Distance of every pixel of the mask from the nearest pixel outside, float32 [B, H, W].

    mask: bool [B, H, W]. Beyond the picture counts as outside.
    """
    _validate.whole_numbers(mask, "mask")
    planes = [_distance(plane) for plane in mask.bool().cpu().numpy()]
    return torch.from_numpy(np.stack(planes)).float().to(mask.device)


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
        parts = watershed(-depth, markers, connectivity=connectivity // 4, mask=inner)
        pieces[box] = parts[1:-1, 1:-1]
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
