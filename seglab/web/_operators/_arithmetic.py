"""Arithmetic and functions of each number, and comparisons, as operators of ONNX."""

from typing import Any

import torch
from torch import fx

from seglab.web._onnx import FLOATS, Given, Graph, Untranslated, dtype_of, translates


def _binary(kind: str) -> Any:
    def both(g: Graph, node: fx.Node, a: Given) -> Any:
        values = list(a.values())
        first, second = values[:2]
        dtype = dtype_of(node)
        if kind in ("Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Equal"):
            dtype = _common(first, second)
        if a.get("alpha", 1) != 1:
            second = g.op("Mul", g.name(second, dtype), g.constant(a["alpha"], dtype))
            return g.op(kind, g.name(first, dtype), second)
        if dtype == torch.bool and kind in ("Mul", "Add"):
            kind_ = {"Mul": "And", "Add": "Or"}[kind]
            return g.op(kind_, g.name(first, dtype), g.name(second, dtype))
        return g.op(kind, g.name(first, dtype), g.name(second, dtype))

    return both


def _common(first: Any, second: Any) -> torch.dtype:
    """The dtype in which two arguments are compared."""
    values = [x.meta["val"] if isinstance(x, fx.Node) else x for x in (first, second)]
    found = torch.result_type(*values)
    return torch.int64 if found in (torch.uint8, torch.bool, torch.int32) else found


for _names, _kind in {
    ("add", "add_"): "Add",
    ("sub", "sub_"): "Sub",
    ("mul", "mul_"): "Mul",
    ("maximum",): "Max",
    ("minimum",): "Min",
    ("pow",): "Pow",
    ("eq",): "Equal",
    ("lt",): "Less",
    ("le",): "LessOrEqual",
    ("gt",): "Greater",
    ("ge",): "GreaterOrEqual",
}.items():
    translates(*_names)(_binary(_kind))


@translates("ne")
def unequal(g: Graph, node: fx.Node, a: Given) -> Any:
    """Places at which two values differ."""
    return g.op("Not", _binary("Equal")(g, node, a))


@translates("rsub")
def subtracted(g: Graph, node: fx.Node, a: Given) -> Any:
    """The second less the first, times alpha."""
    first, second = list(a.values())[:2]
    dtype = dtype_of(node)
    less = g.name(first, dtype)
    if a.get("alpha", 1) != 1:
        less = g.op("Mul", less, g.constant(a["alpha"], dtype))
    return g.op("Sub", g.name(second, dtype), less)


@translates("div", "true_divide", "div_", "floor_divide")
def divided(g: Graph, node: fx.Node, a: Given) -> Any:
    """A quotient, rounded down where torch rounds it."""
    first, second = list(a.values())[:2]
    mode = "floor" if "floor_divide" in str(node.target) else a.get("rounding_mode")
    if mode == "trunc":
        raise Untranslated("a quotient rounded towards 0")
    dtype = dtype_of(node)
    if mode is None or dtype in FLOATS:
        quotient = g.op("Div", g.name(first, dtype), g.name(second, dtype))
        return quotient if mode is None else g.op("Floor", quotient)
    wide = (g.name(x, torch.float64) for x in (first, second))
    return g.cast(g.op("Floor", g.op("Div", *wide)), dtype)


@translates("remainder")
def remainder(g: Graph, node: fx.Node, a: Given) -> Any:
    """Rest of a division, with the sign of the divisor."""
    first, second = list(a.values())[:2]
    dtype = dtype_of(node)
    if dtype in FLOATS:
        raise Untranslated("the remainder of floats")
    return g.op("Mod", g.name(first, dtype), g.name(second, dtype))


def _unary(kind: str) -> Any:
    def one(g: Graph, node: fx.Node, a: Given) -> Any:
        return g.op(kind, g.name(next(iter(a.values())), dtype_of(node)))

    return one


for _name, _kind in {
    "relu": "Relu",
    "relu_": "Relu",
    "hardswish": "HardSwish",
    "hardswish_": "HardSwish",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "neg": "Neg",
    "abs": "Abs",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "round": "Round",
    "floor": "Floor",
    "ceil": "Ceil",
    "sign": "Sign",
}.items():
    translates(_name)(_unary(_kind))


@translates("square")
def squared(g: Graph, node: fx.Node, a: Given) -> Any:
    """A number times itself."""
    x = g.name(a["self"])
    return g.op("Mul", x, x)


@translates("clamp", "clamp_min", "clamp_max", "clamp_")
def clamped(g: Graph, node: fx.Node, a: Given) -> Any:
    """Numbers within bounds."""
    found, dtype = g.name(a["self"], dtype_of(node)), dtype_of(node)
    for bound, kind in (("min", "Max"), ("max", "Min")):
        if a.get(bound) is not None:
            found = g.op(kind, found, g.name(a[bound], dtype))
    return found
