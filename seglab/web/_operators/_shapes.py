"""Other shapes of the same values, and values joined, as operators of ONNX."""

from typing import Any

from torch import fx

from seglab.web._onnx import Given, Graph, dtype_of, permutation, sizes, translates


@translates(
    *("view", "reshape", "_unsafe_view", "flatten", "unsqueeze", "squeeze", "view_as", "unflatten")
)
def shaped(g: Graph, node: fx.Node, a: Given) -> Any:
    """Another shape of the same values: all shapes are known."""
    return g.op("Reshape", g.name(a["self"]), g.ints(*sizes(node)))


@translates("permute")
def permuted(g: Graph, node: fx.Node, a: Given) -> Any:
    """Axes in another order."""
    dims = len(sizes(a["self"]))
    return g.op("Transpose", g.name(a["self"]), perm=[axis % dims for axis in a["dims"]])


@translates("transpose")
def turned(g: Graph, node: fx.Node, a: Given) -> Any:
    """Two axes in each other's place."""
    dims = len(sizes(a["self"]))
    order = list(range(dims))
    first, second = a["dim0"] % dims, a["dim1"] % dims
    order[first], order[second] = order[second], order[first]
    return g.op("Transpose", g.name(a["self"]), perm=order)


@translates("t", "numpy_T")
def turned_over(g: Graph, node: fx.Node, a: Given) -> Any:
    """A matrix with rows as columns."""
    dims = len(sizes(a["self"]))
    return g.op("Transpose", g.name(a["self"]), perm=list(range(dims))[::-1])


@translates("movedim")
def moved(g: Graph, node: fx.Node, a: Given) -> Any:
    """Axes at other places."""
    source, target = ([x] if isinstance(x, int) else x for x in (a["source"], a["destination"]))
    order = permutation(len(sizes(a["self"])), source, target)
    return g.op("Transpose", g.name(a["self"]), perm=order)


@translates("expand", "expand_as", "broadcast_to")
def expanded(g: Graph, node: fx.Node, a: Given) -> Any:
    """Copies of the values along an axis."""
    return g.op("Expand", g.name(a["self"]), g.ints(*sizes(node)))


@translates("repeat")
def repeated(g: Graph, node: fx.Node, a: Given) -> Any:
    """Copies side by side."""
    dims = len(a["repeats"])
    shape = (1,) * (dims - len(sizes(a["self"]))) + sizes(a["self"])
    return g.op("Tile", g.op("Reshape", g.name(a["self"]), g.ints(*shape)), g.ints(*a["repeats"]))


@translates("cat", "concat")
def joined(g: Graph, node: fx.Node, a: Given) -> Any:
    """Values behind each other."""
    dtype = dtype_of(node)
    return g.op("Concat", *(g.name(x, dtype) for x in a["tensors"]), axis=a["dim"])


@translates("stack")
def stacked(g: Graph, node: fx.Node, a: Given) -> Any:
    """Values along a new axis."""
    axis = a["dim"] % len(sizes(node))
    parts = [g.op("Unsqueeze", g.name(x, dtype_of(node)), g.ints(axis)) for x in a["tensors"]]
    return g.op("Concat", *parts, axis=axis)


@translates(
    *("to", "_to_copy", "contiguous", "clone", "detach", "detach_", "alias", "lift_fresh_copy"),
    *("lift_fresh", "dropout", "type_as", "_assert_tensor_metadata", "feature_dropout", "cpu"),
)
def same(g: Graph, node: fx.Node, a: Given) -> Any:
    """The value itself, perhaps in another type."""
    x = next(value for value in a.values() if isinstance(value, fx.Node))
    if "_assert" in str(node.target):
        return None
    return g.name(x, dtype_of(node))
