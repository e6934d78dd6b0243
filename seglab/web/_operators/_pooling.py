"""Pooling as operators of ONNX."""

from typing import Any

from torch import fx

from seglab.web._onnx import Given, Graph, Untranslated, pair, sizes, translates


@translates("max_pool2d", "max_pool2d_with_indices")
def max_pooled(g: Graph, node: fx.Node, a: Given) -> Any:
    """Max pooling; places are counted in the plane of a channel, as torch counts them."""
    both = "with_indices" in str(node.target)
    x = a.get("self", a.get("input"))
    height, width = sizes(x)[2:]
    where: Given = {
        "kernel_shape": pair(a["kernel_size"]),
        "strides": pair(a["stride"] or a["kernel_size"]),
        "pads": pair(a["padding"]) * 2,
        "dilations": pair(a["dilation"]),
        "ceil_mode": int(a["ceil_mode"]),
    }
    if not both:
        return g.op("MaxPool", g.name(x), **where)
    pooled, places = g.op("MaxPool", g.name(x), count=2, **where)
    return [pooled, g.op("Mod", places, g.ints(height * width))]


@translates("avg_pool2d")
def mean_pooled(g: Graph, node: fx.Node, a: Given) -> Any:
    """Mean pooling."""
    return g.op(
        "AveragePool",
        g.name(a["self"]),
        kernel_shape=pair(a["kernel_size"]),
        strides=pair(a["stride"] or a["kernel_size"]),
        pads=pair(a["padding"]) * 2,
        ceil_mode=int(a["ceil_mode"]),
        count_include_pad=int(a["count_include_pad"]),
    )


@translates("adaptive_avg_pool2d")
def squeezed(g: Graph, node: fx.Node, a: Given) -> Any:
    """The mean of the whole picture."""
    if list(a["output_size"]) != [1, 1]:
        raise Untranslated(f"adaptive pooling to {list(a['output_size'])}")
    return g.op("GlobalAveragePool", g.name(a["self"]))
