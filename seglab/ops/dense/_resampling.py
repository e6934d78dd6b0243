"""Taps of what makes a finer grid, or a piece of one, in a net read for one size of image."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab.ops.dense._layer_effects import Resampled, Unknown, Unresampled, pair
from seglab.ops.dense._taps import Taps, interpolated, moved, transposed
from seglab.types import Size

_WORDS = (
    *("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias"),
)
_MODES = ("nearest", "nearest-exact", "bilinear", "bicubic", "area")
_FINEST = 64  # the largest denominator of a scale


def resampled(
    node: fx.Node, op: Unknown, root: nn.Module, values: Mapping[fx.Node, Any]
) -> Unknown:
    """The effect of a node that has no one window, with its taps where they can be known."""
    old, new = _size(values.get(node.all_input_nodes[0])), _size(values.get(node))
    if old is None or new is None:
        return op
    sizes = old, new
    if node.op == "call_module":
        return _module(root.get_submodule(str(node.target)), op, sizes)
    name = str(getattr(node.target, "__name__", node.target))
    if name == "getitem":
        return _piece(node.args[1], op, sizes[0])
    if name in ("pixel_shuffle", "pixel_unshuffle"):
        return _shuffled(op, sizes)
    if node.target is F.interpolate or name == "upsample":
        words = dict(zip(_WORDS, node.args[1:], strict=False)) | dict(node.kwargs)
        return _interpolated(op, sizes, words)
    return op


def _size(value: Any) -> Size | None:
    """Height and width of a map [B, C, h, w]."""
    is_map = isinstance(value, Tensor) and value.ndim == 4
    return (value.shape[2], value.shape[3]) if is_map else None


def _module(module: nn.Module, op: Unknown, sizes: tuple[Size, Size]) -> Unknown:
    if isinstance(module, nn.ConvTranspose2d):
        rows, columns = (
            transposed(*settings)
            for settings in zip(
                pair(module.stride),
                pair(module.kernel_size),
                pair(module.dilation),
                pair(module.padding),
                strict=True,
            )
        )
        return Resampled(op.reason, rows, columns)
    if isinstance(module, nn.PixelShuffle | nn.PixelUnshuffle):
        return _shuffled(op, sizes)
    if isinstance(module, nn.Upsample):
        return _interpolated(op, sizes, {word: getattr(module, word, None) for word in _WORDS})
    return op


def _shuffled(op: Unknown, sizes: tuple[Size, Size]) -> Unknown:
    """Blocks of channels laid out in space, or the other way: nothing but whole factors."""
    axes = []
    for old, new in zip(*sizes, strict=True):
        finer, coarser = new // old, old // max(1, new)
        axes.append(Taps(1, ((0,),) * finer) if finer else Taps(coarser, (tuple(range(coarser)),)))
    return Resampled(op.reason, axes[0], axes[1])


def _interpolated(op: Unknown, sizes: tuple[Size, Size], words: Mapping[str, Any]) -> Unknown:
    mode = words.get("mode") or "nearest"
    if words.get("align_corners"):
        return Unresampled("aligns the corners of two grids, so that its steps depend on the size")
    if mode not in _MODES:
        return Unresampled(f"interpolates with mode {mode!r}, which this package has no rule for")
    factor = words.get("scale_factor")
    if words.get("recompute_scale_factor"):
        factor = None
    factors = factor if isinstance(factor, tuple | list) else (factor, factor)
    axes = []
    for old, new, given in zip(*sizes, factors, strict=True):
        scale = Fraction(old, new)
        if given is not None and mode != "area":
            scale = 1 / Fraction(given).limit_denominator(_FINEST)
        elif 1 not in (scale.numerator, scale.denominator):
            return Unresampled(f"makes {new} positions of {old}, which is no whole factor")
        if words.get("antialias") and scale > 1:
            return Unresampled("smooths before it makes a coarser grid, which has no rule here")
        axes.append(interpolated(scale, mode))
    return Resampled(op.reason, axes[0], axes[1])


def _piece(index: Any, op: Unknown, size: Size) -> Unknown:
    """A crop, every n-th position, or rows and columns by number that mirror the border."""
    parts = index if isinstance(index, tuple) else (index,)
    if sum(part is Ellipsis for part in parts) == 1:
        at = next(i for i, part in enumerate(parts) if part is Ellipsis)
        parts = (*parts[:at], *[slice(None)] * (5 - len(parts)), *parts[at + 1 :])
    if len(parts) != 4 or parts[0] != slice(None) or not isinstance(parts[1], slice):
        return op
    axes = [_along(part, length) for part, length in zip(parts[2:], size, strict=True)]
    if axes[0] is None or axes[1] is None:
        return op
    mirrored = any(isinstance(part, Tensor) for part in parts[2:])
    return Resampled(op.reason, axes[0], axes[1], mirrored)


def _along(part: Any, length: int) -> Taps | None:
    if isinstance(part, slice):
        start, stop, step = part.indices(length)
        return Taps(step, ((start,),)) if step > 0 and stop > start else None
    if not isinstance(part, Tensor) or part.ndim != 1 or part.is_floating_point():
        return None
    if len(part) < length:
        return None
    everything = torch.arange(length, device=part.device)
    found = (part.unfold(0, length, 1) == everything).all(1).nonzero()
    return moved(-int(found[0])) if len(found) == 1 else None
