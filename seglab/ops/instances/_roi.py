"""Regions of interest: a box's content brought to a fixed size, and put back again.

He et al., "Mask R-CNN", 2017: RoIAlign reads between pixels instead of rounding the box to them.
A box is (top, left, bottom, right) in pixels, and the middle of pixel i lies at i, so the box
around pixels 3 to 5 goes from 2.5 to 5.5.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.ops import _validate
from seglab.types import Size


def roi_align(x: Tensor, boxes: Tensor, side: int) -> Tensor:
    """The content of each box, read bilinearly at side x side places, [N, C, side, side].

    x: float [1, C, H, W], or [N, C, H, W] with a box for each. boxes: float [N, 4]. Places are the
    middles of a side x side grid over the box (RoIAlign with one sample in each cell); outside x
    is 0. Raises ValueError where x and boxes do not agree.
    """
    boxes = _checked(boxes)
    _validate.whole_number("side", side)
    if x.ndim != 4 or not x.is_floating_point():
        raise ValueError(f"x is {x.dtype} of shape {list(x.shape)}; use floats [B, C, H, W]")
    if len(x) not in (1, len(boxes)):
        raise ValueError(
            f"x holds {len(x)} maps and boxes {len(boxes)} boxes; give one map, or one for each box"
        )
    if not len(boxes):
        return x.new_zeros(0, x.shape[1], side, side)
    height, width = x.shape[-2:]
    cell = (torch.arange(side, device=boxes.device, dtype=boxes.dtype) + 0.5) / side
    rows, columns = (
        boxes[:, axis, None] + cell * (boxes[:, axis + 2] - boxes[:, axis])[:, None]
        for axis in (0, 1)
    )
    grid = _grid((2 * rows + 1) / height - 1, (2 * columns + 1) / width - 1)
    return _sampled(x.expand(len(boxes), *x.shape[1:]), grid)


def roi_paste(crops: Tensor, boxes: Tensor, size: Size) -> Tensor:
    """Each crop enlarged bilinearly to its box in a picture of this size, [N, H, W].

    crops: float [N, side, side]; boxes: float [N, 4]. 0 outside the box, and from half a cell
    before its border on the value sinks towards 0, as beyond it there is nothing.
    Raises ValueError for crops and boxes that do not fit each other.
    """
    boxes = _checked(boxes)
    if crops.ndim != 3 or len(crops) != len(boxes):
        raise ValueError(
            f"crops has shape {list(crops.shape)} for {len(boxes)} boxes; use [N, side, side]"
        )
    if not len(boxes):
        return crops.new_zeros(0, *size)
    rows, columns = (
        2
        * (torch.arange(count, device=boxes.device) - boxes[:, axis, None])
        / (boxes[:, axis + 2] - boxes[:, axis])[:, None].clamp(min=1e-3)
        - 1
        for axis, count in enumerate(size)
    )
    return _sampled(crops[:, None], _grid(rows, columns))[:, 0]


def _grid(rows: Tensor, columns: Tensor) -> Tensor:
    """Places [N, h, w, 2] for grid_sample from rows [N, h] and columns [N, w], -1 to 1."""
    shape = (len(rows), rows.shape[1], columns.shape[1])
    return torch.stack([columns[:, None].expand(shape), rows[:, :, None].expand(shape)], -1)


def _sampled(x: Tensor, grid: Tensor) -> Tensor:
    """The values of x at the places of the grid, in x's type; places have at least 32 bits."""
    exact = x.to(torch.promote_types(x.dtype, torch.float32))
    return F.grid_sample(exact, grid.to(exact), align_corners=False).to(x)


def _checked(boxes: Tensor) -> Tensor:
    """Boxes with at least 32 bits, so that no place is rounded; refuses what is no box."""
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not boxes.is_floating_point():
        raise ValueError(
            f"boxes is {boxes.dtype} of shape {list(boxes.shape)}; use floats [N, 4]: top, left, "
            f"bottom, right"
        )
    return boxes.to(torch.promote_types(boxes.dtype, torch.float32))
