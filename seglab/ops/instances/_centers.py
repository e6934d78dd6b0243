"""Objects from a center heatmap and offsets, and the targets of a net that predicts the two.

B. Cheng et al., "Panoptic-DeepLab", 2020.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances._objects import centroids, ids
from seglab.types import Instances

_EXACT = 2**24  # whole numbers up to it are exact in float32
_AT_ONCE = 2**22  # numbers of an intermediate table: 16 to 32 MB


class Centers(NamedTuple):
    """Objects' centers in one picture, best first: place float [N, 2] (row, column), score [N]."""

    place: Tensor
    score: Tensor


def find_centers(
    heatmap: Tensor, threshold: float = 0.1, kernel_size: int = 7, top_k: int = 200
) -> list[Centers]:
    """Peaks of a center heatmap, one Centers for each picture, best first.

    heatmap: float [B, 1, H, W]. A peak is above threshold and the highest of the kernel_size x
    kernel_size pixels around it (of equal ones the first, row by row); the top_k highest are kept.
    NaN is no peak and hides none. Places have at least 32 bits, also where the heatmap has 16.
    Cheng et al., "Panoptic-DeepLab", 2020, which uses threshold 0.1, kernel 7 and the top 200.
    Raises ValueError for an even kernel_size, which has no middle.
    """
    if not isinstance(heatmap, Tensor) or heatmap.ndim != 4 or heatmap.shape[1] != 1:
        given = list(heatmap.shape) if isinstance(heatmap, Tensor) else type(heatmap).__name__
        raise ValueError(f"heatmap is {given}; use a float tensor [B, 1, H, W]")
    if not heatmap.is_floating_point():
        raise TypeError(f"heatmap is {heatmap.dtype}; use floats, such as heatmap.float()")
    _validate.whole_number("top_k", top_k)
    if _validate.whole_number("kernel_size", kernel_size) % 2 == 0:
        raise ValueError(f"kernel_size={kernel_size} has no middle; use an odd number, such as 7")
    height, width = heatmap.shape[2:]
    peaks = []
    for scores in heatmap.detach().where(~heatmap.isnan(), -math.inf).flatten(1):
        order = scores.argsort(descending=True, stable=True)
        # Ranks differ where scores are equal: a flat top is one peak, and not all its pixels.
        rank = torch.empty_like(order).scatter(0, order, torch.arange(len(order), 0, -1).to(order))
        # On the CPU, where every device has them: 64 bits, which larger numbers take.
        rank = rank.float() if len(order) < _EXACT else rank.cpu().double()
        around = F.max_pool2d(rank.view(1, height, width), kernel_size, 1, kernel_size // 2)
        peak = (around.flatten() == rank).to(scores.device) & (scores > threshold)
        best = order[peak[order]][:top_k]
        place = torch.stack((best // width, best % width), 1).to(_for_places(scores))
        peaks.append(Centers(place, scores[best]))
    return peaks


def group(centers: Sequence[Centers], offsets: Tensor, foreground: Tensor) -> Instances:
    """Every foreground pixel goes to the center nearest to its place + offset, [B, H, W].

    centers: as from find_centers, one for each picture; the first one's object has number 1, the
    second one's 2, ...; a center to which no pixel goes leaves its number out. offsets: float
    [B, 2, H, W], rows and columns to go, in pixels. foreground: bool [B, H, W].
    Cheng et al., "Panoptic-DeepLab", 2020. Raises ValueError unless the three agree in shape.
    """
    foreground = _validate.whole_numbers(foreground, "foreground").bool()
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
        instances, centers, offsets, foreground, strict=True
    ):
        if len(place):
            goal = inside.nonzero() + offset[:, inside].T.to(_for_places(offset))
            # In pieces, for 500 centers and a large picture would fill the memory.
            pieces = goal.split(max(1, _AT_ONCE // len(place)))
            exact = "donot_use_mm_for_euclid_dist"
            nearest = [
                torch.cdist(piece, place.to(goal), compute_mode=exact).argmin(1) for piece in pieces
            ]
            picture[inside] = torch.cat(nearest) + 1
    return instances


def center_targets(instances: Instances, sigma: float = 8.0) -> tuple[Tensor, Tensor]:
    """Targets of a net: the center heatmap [B, 1, H, W] and offsets [B, 2, H, W], float32.

    A Gaussian of sigma pixels stands at every object's mean place (rounded to a pixel), the larger
    one where two meet; a pixel's offset leads to the mean place of its object, and is 0 outside.
    Cheng et al., "Panoptic-DeepLab", 2020. Raises ValueError for a sigma that is not above 0.
    """
    instances = _validate.whole_numbers(instances, "instances")
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


def _for_places(x: Tensor) -> torch.dtype:
    """A type in which whole pixels are exact: bfloat16 knows no 301."""
    return torch.promote_types(x.dtype, torch.float32)
