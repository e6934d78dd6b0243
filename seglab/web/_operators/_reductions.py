"""Reductions over axes as operators of ONNX."""

import math
from typing import Any

import torch
from torch import fx

from seglab.web._onnx import Given, Graph, axes, dtype_of, sizes, translates

_EXACT = 2**24  # so many conditions are counted exactly in floats, which the runtime adds faster


def _reduced(kind: str) -> Any:
    def over(g: Graph, node: fx.Node, a: Given) -> Any:
        x = a["self"]
        dtype = dtype_of(node)
        along = axes(a.get("dim"), len(sizes(x)))
        keep = int(bool(a.get("keepdim", False)))
        few = math.prod(sizes(x)[axis] for axis in along) <= _EXACT
        inner = torch.float32 if dtype_of(x) == torch.bool and few else dtype
        found = g.op(kind, g.name(x, inner), g.ints(*along), keepdims=keep)
        return found if inner == dtype else g.cast(found, dtype)

    return over


for _names, _kind in {
    ("sum", "sum.dim_IntList"): "ReduceSum",
    ("mean", "mean.dim"): "ReduceMean",
    ("amax", "max.default"): "ReduceMax",
    ("amin", "min.default"): "ReduceMin",
    ("any",): "ReduceMax",
    ("all",): "ReduceMin",
}.items():
    translates(*_names)(_reduced(_kind))


@translates("aminmax")
def ends(g: Graph, node: fx.Node, a: Given) -> Any:
    """The least and the greatest."""
    x = a["self"]
    along = g.ints(*axes(a["dim"], len(sizes(x))))
    keep = int(a["keepdim"])
    return [g.op(kind, g.name(x), along, keepdims=keep) for kind in ("ReduceMin", "ReduceMax")]


@translates("max.dim", "min.dim")
def best(g: Graph, node: fx.Node, a: Given) -> Any:
    """The best value along an axis, and its place; of equal ones the first."""
    kind = "Max" if "max" in str(node.target) else "Min"
    keep = int(a["keepdim"])
    x, axis = g.name(a["self"]), a["dim"] % len(sizes(a["self"]))
    value = g.op(f"Reduce{kind}", x, g.ints(axis), keepdims=keep)
    return [value, g.op(f"Arg{kind}", x, axis=axis, keepdims=keep)]


@translates("topk")
def best_few(g: Graph, node: fx.Node, a: Given) -> Any:
    """The best values along an axis, the best one first, and their places."""
    few = g.ints(a["k"])
    axis, largest = a["dim"] % len(sizes(a["self"])), int(a["largest"])
    return g.op("TopK", g.name(a["self"]), few, count=2, axis=axis, largest=largest, sorted=1)


@translates("argmax", "argmin")
def place_of_best(g: Graph, node: fx.Node, a: Given) -> Any:
    """The place of the best value."""
    kind = "ArgMax" if "argmax" in str(node.target) else "ArgMin"
    if a["dim"] is None:
        flat = g.op("Reshape", g.name(a["self"]), g.ints(-1))
        return g.op(kind, flat, axis=0, keepdims=0)
    axis = a["dim"] % len(sizes(a["self"]))
    return g.op(kind, g.name(a["self"]), axis=axis, keepdims=int(a["keepdim"]))


@translates("cumsum")
def summed_so_far(g: Graph, node: fx.Node, a: Given) -> Any:
    """Sums of all up to each place."""
    return g.op("CumSum", g.name(a["self"], dtype_of(node)), g.constant(a["dim"], torch.int64))
