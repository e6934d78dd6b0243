"""Resizing and padding as operators of ONNX."""

from typing import Any

import torch
from torch import fx
from torch.nn import functional

from seglab.web._onnx import Given, Graph, dtype_of, sizes, translates


@translates("upsample_bilinear2d")
def bilinear(g: Graph, node: fx.Node, a: Given) -> Any:
    """Bilinear resizing: columns, then rows, each a mix of two; so it is torch's own arithmetic."""
    x = a.get("input", a.get("self"))
    found = g.name(x)
    for axis in (3, 2):
        old, new = sizes(x)[axis], sizes(node)[axis]
        if old != new:
            found = _mixed(g, found, axis, _resizing(old, new, align_corners=a["align_corners"]))
    return found


def _mixed(g: Graph, name: str, axis: int, weights: torch.Tensor) -> Any:
    """An axis whose places are mixed of two neighbours; weights: of old ones in each new one."""
    first = (weights != 0).int().argmax(1)
    second = (first + 1).clamp(max=weights.shape[1] - 1)
    places = torch.arange(len(weights))
    shares = weights[places, first], weights[places, second].where(second > first, 0)
    parts = (
        g.op(
            "Mul",
            g.op("Gather", name, g.constant(where), axis=axis),
            g.constant(share.reshape(-1, *[1] * (3 - axis))),
        )
        for where, share in zip((first, second), shares, strict=True)
    )
    return g.op("Add", *parts)


@translates("_upsample_bilinear2d_aa")
def smoothed(g: Graph, node: fx.Node, a: Given) -> Any:
    """Bilinear resizing without aliasing, as two products: the runtime's own has other weights."""
    x = a.get("input", a.get("self"))
    rows, columns = (
        _resizing(old, new, antialias=True)
        for old, new in zip(sizes(x)[2:], sizes(node)[2:], strict=True)
    )
    high = g.op("MatMul", g.constant(rows), g.name(x))
    return g.op("MatMul", high, g.constant(columns.T.contiguous()))


def _resizing(old: int, new: int, **how: bool) -> torch.Tensor:
    """The matrix [new, old] that resizes an axis as torch does; how: words of interpolate."""
    one = torch.eye(old)[None, None]
    return functional.interpolate(one, (new, old), mode="bilinear", **how)[0, 0]


@translates("upsample_nearest2d")
def nearest(g: Graph, node: fx.Node, a: Given) -> Any:
    """Resizing by the nearest pixel, whose place is rounded down."""
    x = a.get("input", a.get("self"))
    return g.op(
        "Resize",
        *(g.name(x), "", "", g.ints(*sizes(node))),
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


@translates("pixel_shuffle")
def shuffled(g: Graph, node: fx.Node, a: Given) -> Any:
    """Channels become places."""
    return g.op("DepthToSpace", g.name(a["self"]), blocksize=a["upscale_factor"], mode="CRD")


@translates("pad", "constant_pad_nd", "reflection_pad2d", "replication_pad2d")
def padded(g: Graph, node: fx.Node, a: Given) -> Any:
    """Padding; torch names the last axis first."""
    x = a["self"]
    dims = len(sizes(x))
    name = str(node.target)
    mode = "reflect" if "reflection" in name else "edge" if "replication" in name else None
    mode = (
        mode
        or {"constant": "constant", "reflect": "reflect", "replicate": "edge"}[
            a.get("mode", "constant")
        ]
    )
    before, after = [0] * dims, [0] * dims
    for i in range(len(a["pad"] if "pad" in a else a["padding"]) // 2):
        before[dims - 1 - i], after[dims - 1 - i] = (a.get("pad") or a["padding"])[
            2 * i : 2 * i + 2
        ]
    inputs = [g.name(x), g.ints(*before, *after)]
    if mode == "constant":
        inputs.append(g.constant(a.get("value") or 0, dtype_of(x)))
    return g.op("Pad", *inputs, mode=mode)
