"""Conditions, and values chosen by them, as operators of ONNX."""

import math
from typing import Any

import torch
from torch import fx

from seglab.web._onnx import FLOATS, Given, Graph, dtype_of, translates


@translates("isnan")
def missing(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places without a number; whole numbers always are one."""
    x = a["self"]
    if dtype_of(x) not in FLOATS:
        return g.op("Not", g.op("Equal", g.name(x), g.name(x)))
    return g.op("IsNaN", g.name(x))


@translates("isfinite")
def finite(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places of numbers below infinity, which NaN is not."""
    there = g.op("Abs", g.name(a["self"]))
    return g.op("Less", there, g.constant(math.inf, dtype_of(a["self"])))


@translates("nan_to_num")
def numbered(g: Graph, node: fx.Node, a: Given) -> Any:
    """Another number where there is none, and the largest ones for infinity."""
    x, dtype = g.name(a["self"]), dtype_of(node)
    info = torch.finfo(dtype)
    high = info.max if a["posinf"] is None else a["posinf"]
    low = info.min if a["neginf"] is None else a["neginf"]
    given = g.op("Where", g.op("IsNaN", x), g.constant(a["nan"] or 0.0, dtype), x)
    if math.isinf(high) and math.isinf(low):
        return given
    return g.op("Min", g.op("Max", given, g.constant(low, dtype)), g.constant(high, dtype))


@translates("logical_and", "bitwise_and", "__and__")
def both_true(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places at which both are true."""
    return g.op("And", *(g.name(x, torch.bool) for x in list(a.values())[:2]))


@translates("logical_or", "bitwise_or", "__or__")
def either_true(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places at which one of two is true."""
    return g.op("Or", *(g.name(x, torch.bool) for x in list(a.values())[:2]))


@translates("logical_xor", "bitwise_xor")
def one_true(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places at which one of two is true and the other is not."""
    return g.op("Xor", *(g.name(x, torch.bool) for x in list(a.values())[:2]))


@translates("logical_not", "bitwise_not")
def untrue(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places at which something is not true."""
    return g.op("Not", g.name(a["self"], torch.bool))


@translates("where")
def chosen(g: Graph, node: fx.Node, a: Given) -> Any:
    """One of two values by a condition."""
    dtype = dtype_of(node)
    condition = g.name(a["condition"], torch.bool)
    return g.op("Where", condition, g.name(a["self"], dtype), g.name(a["other"], dtype))


@translates("masked_fill", "masked_fill_")
def filled(g: Graph, node: fx.Node, a: Given) -> Any:
    """Another value where a mask is true."""
    dtype = dtype_of(node)
    mask = g.name(a["mask"], torch.bool)
    return g.op("Where", mask, g.name(a["value"], dtype), g.name(a["self"], dtype))
