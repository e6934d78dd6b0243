"""Images, values and labels to pictures: planes of 8 bits."""

import math
from collections.abc import Sequence
from typing import TypedDict, cast

import numpy as np
import torch
from torch import Tensor

from seglab import scalars
from seglab.draw.marks import Mark
from seglab.draw.palettes import NO_VALUE, Palette
from seglab.draw.palettes import labels as label_colours
from seglab.draw.palettes import scalar as scalar_colours
from seglab.draw.picture import Picture
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

Colours = np.ndarray | Sequence[Sequence[int]]  # whole numbers, [n, 3]

_TOLERANCE = 0.01  # beyond 0 to 1: rounding, not another scale

_ROUNDING = 1e-6  # of weights: below it lies what rounding leaves


def rgb(
    image: Tensor,
    *,
    on: Tensor | Picture | None = None,
    frame: Size | None = None,
    field: ReceptiveField | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Return an image, float [1, 3, H, W] or [3, H, W] in 0 to 1, as a colour picture.

    on, or frame: the image or the (height, width) on which the picture lies, its own unless given.
    field: what a pixel sees of it. marks: what is drawn over it. NaN shows black.
    Raises TypeError for what is no float tensor, ValueError for another shape or values beyond
    0 to 1.
    """
    plane = _plane(image, "image", dimensions=3)
    if not plane.is_floating_point():
        raise TypeError(
            f"image has dtype {plane.dtype}; give floats from 0 to 1, image.float() / 255"
        )
    if plane.shape[0] != 3:
        raise ValueError(f"image has {plane.shape[0]} channels; rgb needs 3 (red, green, blue)")
    return Picture(
        _bytes(plane.float()), "rgb", frame=_frame(on, frame), field=field, marks=tuple(marks)
    )


def scalar(
    values: Tensor,
    *,
    low: float | None = None,
    high: float | None = None,
    palette: str | Palette = "viridis",
    on: Tensor | Picture | None = None,
    frame: Size | None = None,
    field: ReceptiveField | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Return values, [1, 1, H, W], [1, H, W] or [H, W], as colours of a palette.

    palette: a name of palettes.scalar(), or the colours themselves, uint8 [255, 3].
    low, high: the values of the palette's ends; the plane's own extremes where not given.
    on, frame, field, marks: as in rgb().
    NaN has no colour; values beyond the ends take the colour of the end.
    """
    plane = _plane(values, "values", dimensions=2).float()
    if low is None or high is None:
        least, most = _ends(plane)
        low = least if low is None else low
        high = most if high is None else high
    low, high = _apart(low, high)
    return Picture(
        _codes(plane, low, high),
        "scalar",
        scalar_colours(palette) if isinstance(palette, str) else palette,
        (low, high),
        frame=_frame(on, frame),
        field=field,
        marks=tuple(marks),
        whole=_is_whole(plane, high - low),
    )


def _ends(plane: Tensor) -> tuple[float, float]:
    """The least and the greatest finite value; 0 and 1 where there is none."""
    if scalars.is_open():
        finite = plane.isfinite()
        most = plane.where(finite, -math.inf).max()
        return scalars.real(plane.where(finite, math.inf).min()), scalars.real(most)
    finite = plane[plane.isfinite()]
    least, greatest = map(float, finite.aminmax()) if finite.numel() else (0.0, 1.0)
    return least, greatest


def _apart(low: float, high: float) -> tuple[float, float]:
    """Both ends, the upper one moved up where it is not above the lower one."""
    if isinstance(low, scalars.Open) or isinstance(high, scalars.Open):
        return low, scalars.above(low, high, NO_VALUE)
    if high <= low:
        high = low + max(1.0, abs(low) / NO_VALUE)  # a share of low: 1e17 + 1 is 1e17
    return low, high


def _is_whole(plane: Tensor, span: float) -> bool:
    """Tell whether all values are whole numbers, in a span in which 255 codes tell them apart."""
    if scalars.is_open() or span >= NO_VALUE - 1:
        return False
    first = plane[:1]  # most planes are told from one row
    return all(bool((part.round() == part)[part.isfinite()].all()) for part in (first, plane))


def signed(
    values: Tensor,
    *,
    most: float | None = None,
    on: Tensor | Picture | None = None,
    frame: Size | None = None,
    field: ReceptiveField | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Return values of both signs as colours: white at 0, blue below and red above.

    most: the distance from 0 at which a colour is full; the largest of the plane unless given.
    on, frame, field, marks: as in rgb(). Raises ValueError for most that is not above 0.
    """
    if most is None:
        plane = _plane(values, "values", dimensions=2).float()
        finite = plane[plane.isfinite()]
        most = (float(finite.abs().max()) if finite.numel() else 0.0) or 1.0
    if not scalars.is_open() and not most > 0:
        raise ValueError(f"most={most} must be above 0; use the largest distance from 0")
    place: _Place = {"on": on, "frame": frame, "field": field, "marks": marks}
    return scalar(values, low=-most, high=most, palette="vik", **place)


def weights(values: Tensor, *, frame: Size | None = None) -> Picture:
    """Return weights as colours: signed() where some are negative, else from 0 to the largest.

    So 0 is white only where something lies below it. frame: as in rgb().
    """
    low, high = map(float, _plane(values, "values", dimensions=2).float().aminmax())
    if low < -_ROUNDING:
        return signed(values, most=max(-low, high), frame=frame)
    return scalar(values, low=0, high=max(high, _ROUNDING), frame=frame)


def labels(
    labels: Tensor,
    names: Sequence[str],
    *,
    colours: Colours | None = None,
    on: Tensor | Picture | None = None,
    frame: Size | None = None,
    field: ReceptiveField | None = None,
    marks: Sequence[Mark] = (),
) -> Picture:
    """Return a label map, int64 [1, H, W] or [H, W], with one colour per name; 255 = no label.

    colours: (red, green, blue) from 0 to 255 for each name, [n, 3]; label k has the same colour in
    every picture unless given. on, frame, field, marks: as in rgb().
    Raises ValueError for a label that has no name, and unless there is a colour for each name.
    """
    plane = _plane(labels, "labels", dimensions=2)
    if plane.is_floating_point():
        raise TypeError(f"labels has dtype {plane.dtype}; give whole numbers, labels.long()")
    plane = (
        plane.long()
    )  # as int8, 255 would be -1; and the codes below are then never the caller's
    if len(names) > NO_VALUE:
        label_colours(len(names))  # refuses them, also where the caller has colours for all
    known = ((plane >= 0) & (plane < len(names))) | (plane == NO_VALUE)
    if not scalars.is_open() and not bool(known.all()):
        stray = int(plane[~known][0])
        raise ValueError(
            f"labels holds {stray}, which has no name among {len(names)} names; "
            f"use 0 to {len(names) - 1}, or {NO_VALUE} for no label"
        )
    return Picture(
        _host(plane.to(torch.uint8)),
        "labels",
        label_colours(len(names)) if colours is None else _table(colours, len(names)),
        names=tuple(names),
        frame=_frame(on, frame),
        field=field,
        marks=tuple(marks),
    )


def auto(value: Tensor | Picture) -> Picture:
    """Return a tensor as the picture that its shape and dtype suggest; a picture as it is.

    [1, 3, H, W] and [3, H, W] become a colour picture. One plane, [1, 1, H, W], [1, H, W] or
    [H, W], becomes values where it is of floats, "no" and "yes" where it is of bools, and labels
    named by their number where it is of whole numbers. Raises TypeError for what is no tensor, and
    ValueError for another shape or numbers that are no labels.
    """
    if isinstance(value, Picture):
        return value
    if not isinstance(value, Tensor):
        raise TypeError(f"value is a {type(value).__name__}; {_remedy(value, 'value')}")
    shape = list(value.shape)
    while len(shape) > 2 and shape[0] == 1:
        shape = shape[1:]
    if len(shape) == 3 and shape[0] == 3:
        return rgb(value)
    if len(shape) != 2:
        raise ValueError(
            f"value has shape {list(value.shape)}, which is no picture; give [1, 3, H, W] for "
            f"colours or [1, H, W] for one plane, such as value[:, 0]"
        )
    if value.is_floating_point():
        return scalar(value)
    if value.dtype == torch.bool:
        return labels(value, ("no", "yes"))
    value = value.long()
    given = value[value != NO_VALUE]
    least, most = map(int, given.aminmax()) if given.numel() else (0, 0)
    if most == NO_VALUE - 1 and given.numel() < value.numel():
        raise ValueError(
            f"value holds {NO_VALUE - 1} and {NO_VALUE}, which may be a label or no label; "
            f"give value.float() for a map of values, or paint.objects for objects"
        )
    if least < 0 or most > NO_VALUE:
        raise ValueError(
            f"value holds {least if least < 0 else most}, which is no label (0 to {NO_VALUE - 1}); "
            f"give value.float() for a map of values"
        )
    return labels(value, tuple(map(str, range(most + 1))))


class _Place(TypedDict):
    on: Tensor | Picture | None
    frame: Size | None
    field: ReceptiveField | None
    marks: Sequence[Mark]


def _frame(on: Tensor | Picture | None, frame: Size | None) -> Size:
    """Return the size of what a picture lies on; (0, 0), the picture's own, where nothing says."""
    if on is None:
        return frame or (0, 0)
    if frame is not None:
        raise ValueError(f"frame={frame} and on= both say on what the picture lies; give one")
    if isinstance(on, Picture):
        return on.frame
    if not isinstance(on, Tensor) or on.ndim < 2:
        raise TypeError(f"on is a {type(on).__name__}; give an image [1, 3, H, W] or a picture")
    return on.shape[-2], on.shape[-1]


def _table(colours: Colours, count: int) -> Palette:
    """Return the colours of `count` labels as a palette."""
    given = np.asarray(colours)
    is_bytes = np.issubdtype(given.dtype, np.integer) and ((given >= 0) & (given <= 255)).all()
    if given.shape != (count, 3) or not is_bytes:
        raise ValueError(
            f"colours has shape {list(given.shape)} and dtype {given.dtype} for {count} names; "
            f"give one (red, green, blue) for each, whole numbers from 0 to 255"
        )
    return given.astype(np.uint8, copy=False)


def _remedy(value: object, argument: str) -> str:
    given = f", torch.from_numpy({argument})" if isinstance(value, np.ndarray) else ""
    return f"give a torch tensor{given}"


def _plane(tensor: Tensor, argument: str, dimensions: int) -> Tensor:
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{argument} is a {type(tensor).__name__}; {_remedy(tensor, argument)}")
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
    if plane.device.type != "cpu" or scalars.is_open():
        least, span = scalars.operand(low), scalars.operand(high - low)
        codes = ((plane - least) / span * (NO_VALUE - 1)).round().clamp(0, NO_VALUE - 1)
        return _host(codes.nan_to_num(NO_VALUE).to(torch.uint8))
    reduced = plane.numpy() - np.float32(low)
    reduced /= np.float32(high - low)
    reduced *= np.float32(NO_VALUE - 1)
    np.clip(np.rint(reduced, out=reduced), 0, NO_VALUE - 1, out=reduced)
    reduced[np.isnan(reduced)] = NO_VALUE
    return reduced.astype(np.uint8)


def _bytes(plane: Tensor) -> np.ndarray:
    """Return [3, H, W] in 0 to 1 as uint8 [H, W, 3]."""
    if scalars.is_open():
        return _host(
            plane.nan_to_num(0).clamp(0, 1).mul(255).round().to(torch.uint8).permute(1, 2, 0)
        )
    if plane.device.type != "cpu":
        least, most = map(float, plane.nan_to_num(0, math.inf, -math.inf).aminmax())
        _check_range(least, most)
        codes = plane.nan_to_num(0).clamp(0, 1).mul(255).round().to(torch.uint8)
        return _host(codes.permute(1, 2, 0))
    given = plane.numpy()
    _check_range(np.fmin.reduce(given, axis=None), np.fmax.reduce(given, axis=None))
    reduced = np.clip(given, 0, 1)
    reduced *= np.float32(255)
    np.rint(reduced, out=reduced)
    reduced[np.isnan(reduced)] = 0
    return np.ascontiguousarray(reduced.astype(np.uint8).transpose(1, 2, 0))


def _check_range(least: float, most: float) -> None:
    """Refuse an image whose values go beyond 0 to 1; NaN as an end means that there is none."""
    if least < -_TOLERANCE or most > 1 + _TOLERANCE:
        remedy = "image / 255" if least >= 0 and most <= 255 else "image.clamp(0, 1)"
        raise ValueError(
            f"image has values from {least:.4g} to {most:.4g}; give floats from 0 to 1, {remedy}"
        )


def _host(codes: Tensor) -> np.ndarray:
    if scalars.is_open():
        return cast(np.ndarray, codes.contiguous())
    return codes.contiguous().cpu().numpy()
