"""Pictures that are read crop by crop, and what is filled crop by crop."""

import mmap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seglab.ops.dense import check_image
from seglab.types import Image, Size

_KINDS = "give a float tensor [B, C, H, W], or an array [B, C, H, W], [H, W, C] or [H, W]"


@dataclass(frozen=True)
class Source:
    """A picture of any kind: its size, and how a crop of it becomes what the net takes."""

    size: Size
    batch: int
    cut: Callable[[slice, slice], Any]  # the pixels of a crop, as the picture holds them
    ready: Callable[[Any], Image]  # [B, C, h, w], on the net's device and of its dtype

    def crop(self, rows: slice, columns: slice) -> Image:
        """The crop of these rows and columns, [B, C, h, w]."""
        return self.ready(self.cut(rows, columns))


def of(net: nn.Module, image: Any) -> Source:
    """The source that an image is; raises TypeError or ValueError for what is none."""
    if isinstance(image, Tensor):
        check_image(net, image)
        batch, _, height, width = image.shape
        return Source((height, width), batch, lambda y, x: image[..., y, x], lambda crop: crop)
    shape, kind = getattr(image, "shape", None), getattr(image, "dtype", None)
    if shape is None or kind is None or not hasattr(image, "__getitem__"):
        raise TypeError(f"image is a {type(image).__name__}; {_KINDS}")
    if len(shape) not in (2, 3, 4) or 0 in shape:
        raise ValueError(f"image has shape {list(shape)}; {_KINDS}")
    as_tensor = Ready(np.dtype(kind), len(shape), *_place(net))
    if len(shape) == 4:
        height, width = shape[-2:]
        return Source((height, width), shape[0], lambda y, x: image[:, :, y, x], as_tensor)
    height, width = shape[:2]
    return Source((height, width), 1, lambda y, x: image[y, x], as_tensor)


class Ready:
    """Makes [B, C, h, w] of a crop of an array; an object, so that it can go to another machine."""

    def __init__(
        self, kind: np.dtype[Any], axes: int, device: torch.device, dtype: torch.dtype
    ) -> None:
        if kind.kind not in "uif":
            raise TypeError(f"image is an array of {kind}; give whole numbers or floats")
        self.most = float(np.iinfo(kind).max) if kind.kind in "ui" else 1.0
        self.axes, self.device, self.dtype = axes, device, dtype

    def __call__(self, pixels: Any) -> Image:
        """The crop of an array as the net takes it."""
        array = np.asarray(pixels)
        if self.axes < 4:
            array = (array[..., None] if self.axes == 2 else array).transpose(2, 0, 1)[None]
        native = np.array(array, array.dtype.newbyteorder("="))  # a copy: a memmap may be read-only
        return torch.from_numpy(native).to(self.device, self.dtype) / self.most


def check_out(out: Any, part: Tensor, size: Size) -> None:
    """Raise TypeError or ValueError unless out has the shape of the whole answer."""
    shape = getattr(out, "shape", None)
    if shape is None:
        raise TypeError(f"out is a {type(out).__name__}; give a tensor or an array")
    wanted = (*part.shape[:-2], *size)
    if not fits(tuple(shape), wanted):
        raise ValueError(
            f"out has shape {list(shape)}, and the answer {list(wanted)}; give one of that shape"
        )


def fits(shape: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """True if the shapes are the same but for leading ones."""
    extra = len(wanted) - len(shape)
    return extra >= 0 and wanted[extra:] == shape and set(wanted[:extra]) <= {1}


def put(out: Any, target: tuple[slice, slice], part: Tensor) -> None:
    """Lay a part of the answer where it belongs."""
    part = part.reshape(part.shape[part.ndim - len(out.shape) :])
    if isinstance(out, Tensor):
        out[(..., *target)] = part.to(out)
    else:
        out[(..., *target)] = part.cpu().numpy()


def let_go(array: Any) -> None:
    """Give the pages of a memmap back, which would count as memory until the system wants them."""
    if isinstance(array, np.memmap) and array.mode in ("r", "r+", "w+"):
        pages: Any = array
        while isinstance(pages, np.ndarray):
            pages = pages.base
        if isinstance(pages, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
            pages.madvise(mmap.MADV_DONTNEED)


def _place(net: nn.Module) -> tuple[torch.device, torch.dtype]:
    weight = next((p for p in net.parameters() if p.is_floating_point()), torch.empty(0))
    return weight.device, weight.dtype
