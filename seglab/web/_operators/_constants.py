"""Values out of nothing as operators of ONNX."""

from typing import Any

import torch
from torch import fx

from seglab.web._onnx import Given, Graph, dtype_of, sizes, translates


@translates(
    "full", "full_like", "new_full", "zeros", "zeros_like", "ones", "ones_like", "new_zeros"
)
def constant(g: Graph, node: fx.Node, a: Given) -> Any:
    """One number everywhere."""
    value = a.get("fill_value", int("ones" in str(node.target)))
    one = g.constant([value], dtype_of(node))
    return g.op("Expand", one, g.ints(*sizes(node)))


@translates("arange")
def counted(g: Graph, node: fx.Node, a: Given) -> Any:
    """Numbers one after the other."""
    numbers = torch.arange(a.get("start") or 0, a["end"], a.get("step") or 1)
    return g.constant(numbers.to(dtype_of(node)))


@translates("scalar_tensor")
def lone(g: Graph, node: fx.Node, a: Given) -> Any:
    """A number as a tensor."""
    return g.constant(a["s"], dtype_of(node))
