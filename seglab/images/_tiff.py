"""TIFF files as measuring instruments write them: many bits, many channels, many pages."""

import io
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import tifffile

Array = npt.NDArray[Any]
_WHITE_IS_ZERO, _RGB = 0, 2
_ALPHA = (1, 2)  # of extra samples: the others are channels
_BITS, _PHOTOMETRIC, _SAMPLES, _PLANES, _EXTRA, _FORMAT, _DESCRIPTION = (
    *(258, 262, 277, 284, 338, 339),
    270,
)


class Plane(NamedTuple):
    """One picture of a file: its numbers, [H, W] or [H, W, 3 or 4], and how many the file holds."""

    array: Array
    planes: int
    inverted: bool  # 0 is white


class NoSuchPlane(Exception):
    """A plane beyond the last; planes: how many there are."""

    def __init__(self, planes: int) -> None:
        super().__init__(f"{planes} planes")
        self.planes = planes


def is_signed(data: bytes) -> bool:
    """True where the bytes begin as those of a TIFF or a BigTIFF do."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def wanted(tags: Any, frames: int) -> bool:
    """True where a TIFF with these tags (Pillow's) is more than a picture of 8 bits."""
    bits, samples = tags.get(_BITS, (1,)), tags.get(_SAMPLES, 1)
    channels = samples - sum(kind in _ALPHA for kind in tags.get(_EXTRA, ()))
    return bool(
        max(bits) > 8
        or any(kind != 1 for kind in tags.get(_FORMAT, (1,)))
        or (tags.get(_PHOTOMETRIC) in (0, 1) and channels > 1)
        or frames > 1
        or str(tags.get(_DESCRIPTION, "")).startswith("ImageJ=")
    )


def inverted(tags: Any) -> bool:
    """True where 0 is white."""
    return bool(tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO)


def misread(tags: Any) -> bool:
    """True where Pillow takes the bytes of separate 16-bit planes for 8-bit pixels."""
    return bool(tags.get(_PLANES, 1) == 2 and max(tags.get(_BITS, (8,))) > 8)


def read(data: bytes, plane: int, check: Callable[[tuple[int, int]], None]) -> Plane:
    """A plane of a TIFF: a page, a slice or a channel, counted in the order of the file.

    check hears (width, height) before anything is decoded. Raises what tifffile raises, and
    NoSuchPlane.
    """
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        series = [s for s in file.series if not s.keyframe.is_reduced] or file.series[:1]
        counts = [_count(one) for one in series]
        which, number = _find(series, counts, plane)
        key = which.keyframe
        check((key.imagewidth, key.imagelength))
        array = _pages(which, data, number, check)
        return Plane(array, sum(counts), int(key.photometric) == _WHITE_IS_ZERO)


def _find(series: Any, counts: list[int], plane: int) -> tuple[Any, int]:
    """The series that holds a plane of the file, and the plane's number within it."""
    for one, count in zip(series, counts, strict=True):
        if plane < count:
            return one, plane
        plane -= count
    raise NoSuchPlane(sum(counts))


def _is_colour(key: Any) -> bool:
    return int(key.photometric) == _RGB and key.samplesperpixel >= 3


def _count(series: Any) -> int:
    """The number of pictures in a series; red, green and blue are one."""
    sizes = dict(zip(series.axes, series.shape, strict=True))
    for axis in "YX" + ("S" if _is_colour(series.keyframe) else ""):
        sizes.pop(axis, None)
    return math.prod(sizes.values())


def _pages(
    series: Any, data: bytes, number: int, check: Callable[[tuple[int, int]], None]
) -> Array:
    """Plane `number` of a series, decoded alone where the file allows it."""
    key, samples = series.keyframe, series.keyframe.samplesperpixel
    channels = 1 if _is_colour(key) else samples
    page, channel = divmod(number, channels)
    stored = _count(series) // channels
    if len(series.pages) == stored:
        array = series.pages[page].asarray()
    else:  # ImageJ describes the first page only, and writes all after it
        if series.dataoffset is None:
            check((key.imagewidth * stored, key.imagelength))
            array = series.asarray().reshape(stored, *key.shape)[page]
        else:
            kind = np.dtype(series.parent.byteorder + key.dtype.char)
            count = math.prod(key.shape)
            start = series.dataoffset + page * count * kind.itemsize
            array = np.frombuffer(data, kind, count, start).reshape(key.shape)
    array = np.asarray(array)
    if array.ndim == 3 and "S" in key.axes:
        array = np.moveaxis(array, key.axes.index("S"), -1)
        return array[..., :4] if _is_colour(key) else array[..., channel]
    return array.reshape(key.imagelength, key.imagewidth) if array.ndim != 2 else array
