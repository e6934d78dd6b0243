"""Values taken from places, and put to them, as operators of ONNX."""

from typing import Any

import torch
from torch import fx

from seglab.web._onnx import Given, Graph, Untranslated, dtype_of, sizes, translates


@translates("slice", "slice_copy")
def sliced(g: Graph, node: fx.Node, a: Given) -> Any:
    """A stretch of an axis."""
    length = sizes(a["self"])[a["dim"]]
    first, end = a["start"] or 0, length if a["end"] is None else min(a["end"], length)
    if (first, end, a["step"]) == (0, length, 1):
        return g.name(a["self"])
    return g.op(
        "Slice", g.name(a["self"]), g.ints(first), g.ints(end), g.ints(a["dim"]), g.ints(a["step"])
    )


@translates("narrow")
def narrowed(g: Graph, node: fx.Node, a: Given) -> Any:
    """A stretch of an axis, by its length."""
    end = a["start"] + a["length"]
    return sliced(g, node, {**a, "end": end, "step": 1})


@translates("unfold")
def windows(g: Graph, node: fx.Node, a: Given) -> Any:
    """Windows along an axis, whose places are a new last axis."""
    dims = len(sizes(a["self"]))
    axis = a["dimension"] % dims
    count = sizes(node)[axis]
    places = torch.arange(count)[:, None] * a["step"] + torch.arange(a["size"])
    cut = g.op("Gather", g.name(a["self"]), g.constant(places), axis=axis)
    order = [i for i in range(dims + 1) if i != axis + 1] + [axis + 1]
    return g.op("Transpose", cut, perm=order)


@translates("copy")
def copied(g: Graph, node: fx.Node, a: Given) -> Any:
    """Another value in the place of one of its shape."""
    return g.op("Expand", g.name(a["src"], dtype_of(node)), g.ints(*sizes(node)))


@translates("select")
def selected(g: Graph, node: fx.Node, a: Given) -> Any:
    """One place of an axis, which is gone then."""
    length = sizes(a["self"])[a["dim"]]
    place = g.constant(a["index"] % length, torch.int64)
    return g.op("Gather", g.name(a["self"]), place, axis=a["dim"] % len(sizes(a["self"])))


@translates("unbind")
def unbound(g: Graph, node: fx.Node, a: Given) -> Any:
    """All places of an axis."""
    axis = a["dim"] % len(sizes(a["self"]))
    return [
        g.op("Gather", g.name(a["self"]), g.constant(i, torch.int64), axis=axis)
        for i in range(sizes(a["self"])[axis])
    ]


@translates("split", "split_with_sizes", "chunk")
def parted(g: Graph, node: fx.Node, a: Given) -> Any:
    """Stretches of an axis, one after the other."""
    axis = a["dim"] % len(sizes(a["self"]))
    parts = [int(part.shape[axis]) for part in node.meta["val"]]
    if len(parts) == 1:
        return [g.name(a["self"])]
    return g.op("Split", g.name(a["self"]), g.ints(*parts), count=len(parts), axis=axis)


@translates("index")
def indexed(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places that a list of numbers names, along one axis, or along the first few together."""
    given = [(axis, where) for axis, where in enumerate(a["indices"]) if where is not None]
    if len(given) == 1:
        axis, where = given[0]
        if dtype_of(where) == torch.bool:
            raise Untranslated("values picked out by a mask, whose number is not known")
        return g.op("Gather", g.name(a["self"]), g.name(where, torch.int64), axis=axis)
    if [axis for axis, _ in given] != list(range(len(given))):
        raise Untranslated("places along axes that do not stand first")
    shape = torch.broadcast_shapes(*(sizes(where) for _, where in given))
    parts = [
        g.op("Unsqueeze", g.op("Expand", g.name(x, torch.int64), g.ints(*shape)), g.ints(-1))
        for _, x in given
    ]
    return g.op("GatherND", g.name(a["self"]), g.op("Concat", *parts, axis=-1))


@translates("gather")
def gathered(g: Graph, node: fx.Node, a: Given) -> Any:
    """At each place the value that a number there names along an axis."""
    axis = a["dim"] % len(sizes(a["self"]))
    return g.op("GatherElements", g.name(a["self"]), g.name(a["index"]), axis=axis)


@translates("scatter", "scatter_", "scatter_add")
def scattered(g: Graph, node: fx.Node, a: Given) -> Any:
    """Values put to the places that numbers name along an axis."""
    if "src" not in a:
        raise Untranslated("one number scattered")
    axis = a["dim"] % len(sizes(a["self"]))
    how = "add" if "scatter_add" in str(node.target) else "none"
    parts = g.name(a["self"]), g.name(a["index"]), g.name(a["src"])
    return g.op("ScatterElements", *parts, axis=axis, reduction=how)


@translates("slice_scatter")
def slice_filled(g: Graph, node: fx.Node, a: Given) -> Any:
    """Values put into a stretch of an axis."""
    axis = a["dim"] % len(sizes(a["self"]))
    length = sizes(a["self"])[axis]
    end = length if a["end"] is None else min(a["end"], length)
    places = range(a["start"] or 0, end, a["step"])
    if len(places) == length:
        return g.name(a["src"])
    shape = [1] * len(sizes(a["self"]))
    shape[axis] = len(places)
    index = torch.tensor(list(places)).reshape(shape).expand(sizes(a["src"]))
    return g.op(
        "ScatterElements", g.name(a["self"]), g.constant(index), g.name(a["src"]), axis=axis
    )


@translates("flip")
def flipped(g: Graph, node: fx.Node, a: Given) -> Any:
    """An axis backwards."""
    dims = len(sizes(a["self"]))
    along = [axis % dims for axis in a["dims"]]
    count = len(along)
    starts, ends_, steps = [-1] * count, [-(2**62)] * count, [-1] * count
    return g.op(
        "Slice", g.name(a["self"]), g.ints(*starts), g.ints(*ends_), g.ints(*along), g.ints(*steps)
    )
