"""Checks of what upsamplers and heatmaps are given: each names argument, value and remedy."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from seglab import scalars
from seglab.types import NO_LABEL, Size


def whole_number(name: str, value: Any, least: int = 1) -> int:
    """Return value, an int of at least `least`; a bool is refused, for True would pass as 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r} must be a whole number; use an int, such as {least}")
    if value < least:
        raise ValueError(f"{name}={value} is too small; use at least {least}")
    return value


def pair(name: str, value: Any, least: int = 1) -> Size:
    """Return (height, width); one int stands for both axes."""
    if not isinstance(value, tuple | list):
        return whole_number(name, value, least), value
    if len(value) != 2:
        raise ValueError(
            f"{name}={value!r} has {len(value)} entries; use one int or a pair (height, width)"
        )
    return whole_number(f"{name}[0]", value[0], least), whole_number(f"{name}[1]", value[1], least)


def maps(x: Any, floating: bool = True, name: str = "x") -> None:
    """Refuse x unless it is a tensor [B, C, h, w], of a floating dtype unless said otherwise."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is {type(x).__name__}; use a tensor [B, C, h, w]")
    shape = f"{name} has shape {list(x.shape)}"
    if x.ndim != 4:
        raise ValueError(f"{shape}, which is {x.ndim}-D; use [B, C, h, w], such as {name}[None]")
    if 0 in x.shape:
        raise ValueError(f"{shape}, which holds no value; use at least one")
    if floating and not x.is_floating_point():
        raise TypeError(f"{name} is {x.dtype}, whose values cannot be weighted; use {name}.float()")


def weights(weight: Any, x: Tensor, channel_axis: int, groups: int = 1) -> None:
    """Refuse weight unless it is 4-D, reads x's channels, and has x's dtype and device."""
    if x.shape[1] % whole_number("groups", groups):
        raise ValueError(
            f"groups={groups} does not divide the {x.shape[1]} channels of x; "
            f"use 1, or {x.shape[1]} for a kernel per channel"
        )
    read = x.shape[1] // groups if channel_axis else x.shape[1]
    layout = ("[C_in, C_out, kh, kw]", "[C_out, C_in, kh, kw]")[channel_axis]
    if not isinstance(weight, Tensor):
        raise TypeError(f"weight is {type(weight).__name__}; use a tensor {layout}")
    if weight.ndim != 4 or weight.shape[channel_axis] != read or 0 in weight.shape:
        raise ValueError(
            f"weight has shape {list(weight.shape)}, but x has {x.shape[1]} channels; "
            f"use {layout} with C_in={read}"
        )
    if weight.shape[0] % groups:
        raise ValueError(
            f"groups={groups} does not divide the {weight.shape[0]} kernels of weight; "
            f"use a multiple of {groups}"
        )
    same_dtype = weight.dtype == x.dtype or torch.is_autocast_enabled(x.device.type)
    if not same_dtype or weight.device != x.device:
        raise ValueError(
            f"weight is {weight.dtype} on {weight.device} and x is {x.dtype} on {x.device}; "
            f"use weight.to(x)"
        )


def positions(indices: Any, x: Tensor, size: Size) -> None:
    """Refuse indices unless they name, for every value of x, a place in a plane of this size."""
    where = "use those that max_pool2d(..., return_indices=True) gave with x"
    if not isinstance(indices, Tensor) or indices.dtype != torch.int64:
        kind = indices.dtype if isinstance(indices, Tensor) else type(indices).__name__
        raise TypeError(f"indices are {kind}, not an int64 tensor; {where}")
    if indices.shape != x.shape:
        raise ValueError(
            f"indices have shape {list(indices.shape)}, but x has shape {list(x.shape)}; {where}"
        )
    if indices.device != x.device:
        raise ValueError(
            f"indices are on {indices.device} and x is on {x.device}; use indices.to(x.device)"
        )
    if scalars.is_open():
        return
    # Out of range, scatter on CUDA would end the whole process, so these two look-ups are worth it.
    low, high = int(indices.min()), int(indices.max())
    if low < 0 or high >= size[0] * size[1]:
        raise ValueError(
            f"output_size={size} has places 0 to {size[0] * size[1] - 1}, but indices go from "
            f"{low} to {high}; use the size that the pooled input had"
        )


def whole(x: Any, name: str, shape: str = "[B, H, W]") -> Tensor:
    """Return x as int64; refuse all but whole numbers (or bool) that int64 can hold.

    torch computes next to nothing with uint16, uint32 and uint64, the types of many label files.
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}; use an int64 tensor {shape}")
    if x.is_floating_point() or x.is_complex():
        raise TypeError(f"{name} is {x.dtype}; use whole numbers, such as {name}.long()")
    numbers = x.long()
    if x.dtype == torch.uint64 and bool((numbers < 0).any()):
        raise ValueError(f"{name} holds 2**63 or more; use numbers below that fit into int64")
    return numbers


def whole_numbers(labels: Any, name: str, negative: bool = False) -> Tensor:
    """Return whole numbers [B, H, W] as int64; refuse others, and those below 0 unless negative."""
    numbers = whole(labels, name)
    if numbers.ndim != 3 or 0 in numbers.shape:
        raise ValueError(
            f"{name} has shape {list(numbers.shape)}; use [B, H, W], such as {name}[None]"
        )
    if not negative and labels.dtype.is_signed and int(numbers.min()) < 0:
        raise ValueError(
            f"{name} holds {int(numbers.min())}; use 0 for no object and numbers above for objects"
        )
    return numbers


def masks(x: Any, name: str, shape: str = "[N, H, W]", such_as: str = "") -> Tensor:
    """Return x, a tensor of bool; refuse all else. such_as: the remedy, name > 0.5 unless given."""
    if not isinstance(x, Tensor):
        raise TypeError(f"{name} is a {type(x).__name__}; use a bool tensor {shape}")
    if x.dtype != torch.bool:
        raise TypeError(
            f"{name} is {x.dtype}; use bool {shape}, such as {such_as or f'{name} > 0.5'}"
        )
    return x


def overlaps(table: Any, name: str = "overlaps") -> Tensor:
    """Return a table of IoU, float [N, M], 0 to 1; refuse all else, such as counts of pixels."""
    if not isinstance(table, Tensor):
        raise TypeError(f"{name} is a {type(table).__name__}; use a float tensor [N, M]")
    if not table.is_floating_point():
        raise TypeError(f"{name} is {table.dtype}; use IoU, floats from 0 to 1: instances.overlaps")
    if table.ndim != 2:
        raise ValueError(f"{name} has shape {list(table.shape)}; use [N, M]")
    if table.numel():
        low, high = map(float, table.aminmax())
        if not (low >= 0 and high <= 1.001):  # NaN neither; half precision rounds a little above 1
            raise ValueError(
                f"{name} go from {low:.3g} to {high:.3g}; use IoU, from 0 to 1: instances.overlaps"
            )
    return table


def one_picture(x: Tensor, name: str) -> None:
    """Refuse a batch of several where one picture is asked for: the others would be lost."""
    if len(x) != 1:
        raise ValueError(f"{name} holds {len(x)} pictures; give one, such as {name}[:1]")


def told_apart(labels: Sequence[int], ignore: int | None) -> None:
    """Refuse labels of which 255 may mean no label and may be a number like any other."""
    if ignore == NO_LABEL and ignore in labels and max(labels) > ignore:
        raise ValueError(
            f"labels holds {ignore}, which means no label, among numbers up to {max(labels)}; use "
            f"ignore=None if it is a number too, or labels.masked_fill(labels == {ignore}, 0)"
        )


def ignored(classes: int, ignore: int) -> None:
    """Refuse the label of no class as the number of a class, which would be lost without a word.

    Any other number may be ignored on purpose, a class as well.
    """
    if classes > ignore == NO_LABEL:
        raise ValueError(
            f"ignore={ignore} is one of the {classes} classes, whose pixels would be lost; "
            f"use another number for no label, such as ignore=-1"
        )


def known_classes(labels: Tensor, classes: int, ignore: int) -> None:
    """Refuse the labels of pixels that have a class, unless each is 0 to classes - 1."""
    for stray in labels.aminmax() if labels.numel() else ():
        if not 0 <= stray < classes:
            raise ValueError(
                f"labels holds {int(stray)}, which is none of the {classes} classes; "
                f"use 0 to {classes - 1}, or {ignore} for a pixel without a class"
            )
