"""Tensors to 8-bit pictures: a plane, its palette, and where it lies on the input.

The plane is reduced to 8 bits on the tensor's own device; the viewer maps it to colours.
Code 255 means "no value": NaN in a scalar plane, no label in a label plane.
Number grids, tables and curtains are made by modules of their own and offered here too.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from seglab.draw.curtains import curtain
from seglab.draw.grids import Links, grid
from seglab.draw.palettes import NONE
from seglab.draw.palettes import labels as label_colours
from seglab.draw.palettes import scalar as scalar_colours
from seglab.draw.picture import Picture
from seglab.draw.tables import table
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

__all__ = ["Links", "Picture", "curtain", "grid", "labels", "rgb", "scalar", "table"]


def rgb(image: Tensor) -> Picture:
    """A colour picture of an image, float [1, 3, H, W] or [3, H, W] in 0 to 1 (NaN shows black)."""
    plane = _plane(image, "image", dimensions=3)
    if not plane.is_floating_point():
        raise TypeError(
            f"image has dtype {plane.dtype}; give floats from 0 to 1, image.float() / 255"
        )
    if plane.shape[0] != 3:
        raise ValueError(f"image has {plane.shape[0]} channels; rgb needs 3 (red, green, blue)")
    return Picture(_bytes(plane.float()), "rgb")


def scalar(
    values: Tensor,
    *,
    low: float | None = None,
    high: float | None = None,
    palette: str = "viridis",
    frame: Size | None = None,
    field: ReceptiveField | None = None,
) -> Picture:
    """A map of values, [1, 1, H, W], [1, H, W] or [H, W].

    low, high: the values of the palette's ends; the plane's own extremes where not given.
    NaN has no colour; values beyond the ends take the colour of the end.
    """
    plane = _plane(values, "values", dimensions=2).float()
    if low is None or high is None:
        finite = plane[plane.isfinite()]
        least, most = map(float, finite.aminmax()) if finite.numel() else (0.0, 1.0)
        low = least if low is None else low
        high = most if high is None else high
    if high <= low:
        high = low + max(1.0, abs(low) / NONE)  # a share of low: 1e17 + 1 is 1e17
    codes = _codes(plane, low, high)
    return Picture(
        codes, "scalar", scalar_colours(palette), (low, high), (), frame or (0, 0), field
    )


def labels(
    labels: Tensor,
    names: Sequence[str],
    *,
    frame: Size | None = None,
    field: ReceptiveField | None = None,
) -> Picture:
    """A label map, int64 [1, H, W] or [H, W], one colour per name; 255 = no label.

    Raises ValueError for a label that has no name.
    """
    plane = _plane(labels, "labels", dimensions=2)
    if plane.is_floating_point():
        raise TypeError(f"labels has dtype {plane.dtype}; give whole numbers, labels.long()")
    plane = (
        plane.long()
    )  # as int8, 255 would be -1; and the codes below are then never the caller's
    known = ((plane >= 0) & (plane < len(names))) | (plane == NONE)
    if not bool(known.all()):
        stray = int(plane[~known][0])
        raise ValueError(
            f"labels holds {stray}, which has no name among {len(names)} names; "
            f"use 0 to {len(names) - 1}, or {NONE} for no label"
        )
    return Picture(
        _host(plane.to(torch.uint8)),
        "labels",
        label_colours(len(names)),
        None,
        tuple(names),
        frame or (0, 0),
        field,
    )


def _plane(tensor: Tensor, argument: str, dimensions: int) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{argument} is a {type(tensor).__name__}; give a torch tensor")
    plane = tensor.detach()
    while plane.ndim > dimensions and plane.shape[0] == 1:
        plane = plane[0]
    if plane.ndim != dimensions or 0 in plane.shape:
        raise ValueError(
            f"{argument} has shape {list(tensor.shape)}; one picture has "
            f"{'[1, 3, H, W]' if dimensions == 3 else '[1, H, W]'}, none of it empty"
        )
    return plane


# In main memory numpy does the reduction: torch splits even so little work over its threads, and
# where another process has a core, each operation waits for the slower thread.


def _codes(plane: Tensor, low: float, high: float) -> np.ndarray:
    if plane.device.type != "cpu":
        codes = ((plane - low) / (high - low) * (NONE - 1)).round().clamp(0, NONE - 1)
        return _host(codes.nan_to_num(NONE).to(torch.uint8))
    reduced = plane.numpy() - np.float32(low)
    reduced /= np.float32(high - low)
    reduced *= np.float32(NONE - 1)
    np.clip(np.rint(reduced, out=reduced), 0, NONE - 1, out=reduced)
    reduced[np.isnan(reduced)] = NONE
    return reduced.astype(np.uint8)


def _bytes(plane: Tensor) -> np.ndarray:
    """[3, H, W] in 0 to 1 as uint8 [H, W, 3]."""
    if plane.device.type != "cpu":
        codes = plane.nan_to_num(0).clamp(0, 1).mul(255).round().to(torch.uint8)
        return _host(codes.permute(1, 2, 0))
    reduced = np.clip(plane.numpy(), 0, 1)
    reduced *= np.float32(255)
    np.rint(reduced, out=reduced)
    reduced[np.isnan(reduced)] = 0
    return np.ascontiguousarray(reduced.astype(np.uint8).transpose(1, 2, 0))


def _host(codes: Tensor) -> np.ndarray:
    return codes.contiguous().cpu().numpy()
