"""Effective receptive fields: how much each pixel of its field moves a unit, over several nets.

W. Luo, Y. Li, R. Urtasun and R. Zemel, "Understanding the effective receptive field in deep
convolutional neural networks", 2016: the middle of a field counts far more than its border.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn

from seglab.ops import receptive_field
from seglab.ops._floats import unhalved
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Image, Size

_STRONGEST = 0.005  # of the field's pixels
_SMALLEST = 1e-12


@dataclass(frozen=True, eq=False)
class EffectiveField:
    """The gradient of a unit by the pixels of a picture, [H, W], and the box of its field.

    gradient: not negative; it adds up to 1, or to 0 where no pixel moves the unit. box: first row,
    first column, end row, end column of the field within the picture.
    """

    gradient: Tensor
    box: tuple[int, int, int, int]

    @property
    def pixels(self) -> int:
        """The number of pixels of the picture in the field, those without a path included."""
        top, left, bottom, right = self.box
        return (bottom - top) * (right - left)

    @cached_property
    def ranked(self) -> Tensor:
        """The gradient at each pixel of the field, the strongest first, float64 on the CPU."""
        top, left, bottom, right = self.box
        inner = self.gradient[top:bottom, left:right]
        # On the CPU: the sums of holding() need 64 bits, which not every device has.
        return inner.flatten().sort(descending=True).values.cpu().double()

    def holding(self, share: float = 0.95) -> int:
        """The number of pixels that hold this share of the gradient, the strongest first.

        Raises ValueError for a share that is not between 0 and 1.
        """
        if not 0 < share < 1:
            raise ValueError(f"share={share} is not between 0 and 1; use such as 0.95")
        return int((self.ranked.cumsum(0) < share * self.ranked.sum()).sum()) + 1

    def strength(self, strongest: float = _STRONGEST) -> Tensor:
        """The gradient from 0 to 1, [H, W] float32; the strongest share of pixels is cut off at 1.

        Those few would hide all the others. Raises ValueError for a share outside 0 to 1.
        """
        if not 0 <= strongest < 1:
            raise ValueError(f"strongest={strongest} is no share of pixels; use 0 up to below 1")
        top = max(float(self.ranked[int(strongest * self.pixels)]), _SMALLEST)
        return (self.gradient / top).clamp(max=1).float()


def of(
    nets: Sequence[nn.Module], image: Image, unit: Size, field: ReceptiveField | None = None
) -> EffectiveField:
    """The effective field of the unit at (row, column) of the nets' output, averaged over nets.

    nets: of one architecture; what a single one does is the accident of its weights. image:
    [B, 3, H, W]. field: of their output; traced when None. Each net's gradient is scaled to add up
    to 1 first. Only the part of the image that the unit sees goes through the nets.
    Raises ValueError without a net, and as receptive_field.measured does.
    """
    if not nets:
        raise ValueError("nets holds no net; give at least one")
    if field is None:
        field = receptive_field.of(nets[0])
    height, width = image.shape[-2:]
    top, left, bottom, right = field.box(*unit)
    box = (
        int(max(0, top)),
        int(max(0, left)),
        int(min(height, bottom + 1)),
        int(min(width, right + 1)),
    )
    # Cut at a multiple of the stride, so that the units keep their places.
    strides = [int(step) for step in field.stride]
    first = [edge // step * step for edge, step in zip(box[:2], strides, strict=True)]
    rows, columns = slice(first[0], box[2]), slice(first[1], box[3])
    part = image[..., rows, columns]
    row, column = (at - start // step for at, start, step in zip(unit, first, strides, strict=True))
    total = torch.zeros_like(unhalved(image[0, 0]))  # in half precision, most would be 0
    for net in nets:
        try:
            gradient = unhalved(receptive_field.measured(net, part, (row, column)))
        except (RuntimeError, ValueError):  # where a unit outside leaves a part below a kernel
            receptive_field.measured(net, image, unit)  # says so, of the whole image
            raise
        total[rows, columns] += gradient / gradient.sum().clamp_min(_SMALLEST)
    return EffectiveField(total / len(nets), box)
