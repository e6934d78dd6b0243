"""Boxes around objects: always rows first, (top, left, bottom, right).

torchvision wants columns first: boxes[:, [1, 0, 3, 2]] goes from one order to the other.
"""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.instances._objects import ids, single_picture
from seglab.types import Instances


def boxes(instances: Instances) -> Tensor:
    """First row, first column, end row, end column of each object, in the order of ids().

    instances: one picture [1, H, W]. int64 [N, 4]; the ends are one past the last, so
    that they slice a tensor; less one half they are edges as mask_boxes() gives them.
    """
    numbers, picture = ids(instances), single_picture(instances)
    place = picture.nonzero()
    which = torch.searchsorted(numbers, picture[picture > 0])
    edges = []
    for axis, length in enumerate(picture.shape):
        touched = torch.zeros(len(numbers), length, dtype=torch.uint8, device=picture.device)
        touched[which, place[:, axis]] = 1
        if len(numbers):
            edges.append((touched.argmax(1), length - touched.flip(1).argmax(1)))
        else:
            edges.append((numbers, numbers))
    (top, bottom), (left, right) = edges
    return torch.stack((top, left, bottom, right), 1)


def mask_boxes(masks: Tensor) -> Tensor:
    """The edges of the smallest box around each mask, float [N, 4]: top, left, bottom, right.

    masks: bool [N, H, W]; they may overlap. The middle of pixel i lies at i, so the box around
    pixels 3 to 5 goes from 2.5 to 5.5. A mask without a pixel has a box of no size at the top left
    corner. Raises TypeError or ValueError for what is no stack of masks.
    """
    _validate.masks(masks, "masks")
    if masks.ndim != 3:
        raise ValueError(f"masks has shape {list(masks.shape)}; use [N, H, W]")
    first_edges, last_edges = [], []
    for axis in (2, 1):
        touched = masks.any(axis)  # rows, then columns
        some, line = touched.any(1), touched.to(torch.uint8)
        first, last = line.argmax(1), line.shape[1] - line.flip(1).argmax(1)
        first_edges.append(torch.where(some, first, 0) - 0.5)
        last_edges.append(torch.where(some, last, 0) - 0.5)
    return torch.stack(first_edges + last_edges, 1)


def nearest_box(boxes: Tensor, at: tuple[int, int]) -> int | None:
    """The index of the first box that holds the point (row, column), or of the nearest; or None.

    boxes: [N, 4], top, left, bottom, right. None where there is no box.
    """
    if not len(boxes):
        return None
    point = boxes.new_tensor(at)
    away = torch.cat([boxes[:, :2] - point, point - boxes[:, 2:]], 1).amax(1)
    return int(away.clamp(min=0).argmin())
