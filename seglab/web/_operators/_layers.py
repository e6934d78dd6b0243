"""Layers of nets as operators of ONNX: convolutions, norms, products and shares."""

from typing import Any

import torch
from torch import fx

from seglab.web._onnx import Given, Graph, Untranslated, dtype_of, pair, sizes, translates


def _convolution(g: Graph, node: fx.Node, a: Given, kind: str, **attributes: Any) -> Any:
    """A convolution of a batch, or of one map [C, h, w], which torch takes as well."""
    first, *rest = (g.name(x) for x in (a["input"], a["weight"], a["bias"]) if x is not None)
    strides, dilations = pair(a["stride"]), pair(a["dilation"])
    attributes |= {"strides": strides, "dilations": dilations, "group": a["groups"]}
    if len(sizes(node)) == 4:
        return g.op(kind, first, *rest, **attributes)
    one = g.op("Unsqueeze", first, g.ints(0))
    return g.op("Squeeze", g.op(kind, one, *rest, **attributes), g.ints(0))


@translates("conv2d")
def convolved(g: Graph, node: fx.Node, a: Given) -> Any:
    """A convolution; its padding is numbers or words."""
    if isinstance(a["padding"], str):
        word = {"same": "SAME_UPPER", "valid": "VALID"}[a["padding"]]
        return _convolution(g, node, a, "Conv", auto_pad=word)
    return _convolution(g, node, a, "Conv", pads=pair(a["padding"]) * 2)


@translates("conv_transpose2d")
def transposed(g: Graph, node: fx.Node, a: Given) -> Any:
    """A transposed convolution."""
    more = pair(a["output_padding"])
    pads = pair(a["padding"]) * 2
    return _convolution(g, node, a, "ConvTranspose", pads=pads, output_padding=more)


@translates("convolution")
def either_convolved(g: Graph, node: fx.Node, a: Given) -> Any:
    """A convolution, or a transposed one."""
    return (transposed if a["transposed"] else convolved)(g, node, a)


@translates("batch_norm")
def normed(g: Graph, node: fx.Node, a: Given) -> Any:
    """A batch norm in eval mode; one that learns nothing has weights 1 and 0."""
    if a["training"]:
        raise Untranslated("a batch norm in training mode")
    channels = sizes(a["input"])[1]
    weight = g.name(a["weight"]) if a["weight"] else g.constant(torch.ones(channels))
    bias = g.name(a["bias"]) if a["bias"] else g.constant(torch.zeros(channels))
    rest = (g.name(a["running_mean"]), g.name(a["running_var"]))
    return g.op("BatchNormalization", g.name(a["input"]), weight, bias, *rest, epsilon=a["eps"])


@translates("_native_batch_norm_legit_no_training")
def normed_alone(g: Graph, node: fx.Node, a: Given) -> Any:
    """A batch norm in eval mode, with two values of training that nobody reads."""
    return [normed(g, node, {**a, "training": False}), "", ""]


@translates("linear")
def linear(g: Graph, node: fx.Node, a: Given) -> Any:
    """A fully connected layer."""
    turned = g.op("Transpose", g.name(a["weight"]), perm=[1, 0])
    product = g.op("MatMul", g.name(a["input"]), turned)
    return g.op("Add", product, g.name(a["bias"])) if a["bias"] else product


@translates("matmul", "mm", "bmm")
def multiplied(g: Graph, node: fx.Node, a: Given) -> Any:
    """A matrix product."""
    return g.op("MatMul", *(g.name(x) for x in list(a.values())[:2]))


@translates("softmax.int", "_softmax")
def softmax(g: Graph, node: fx.Node, a: Given) -> Any:
    """Shares that add up to 1; written out, since the runtime turns any axis but the last one."""
    x = g.name(a["self"], dtype_of(node))
    axis = g.ints(a["dim"] % len(sizes(node)))
    powers = g.op("Exp", g.op("Sub", x, g.op("ReduceMax", x, axis, keepdims=1)))
    return g.op("Div", powers, g.op("ReduceSum", powers, axis, keepdims=1))
