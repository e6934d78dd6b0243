"""How far apart a net's units stand, and how large its maps are once every stride is removed.

At a node, D is the product of the strides before it. The coarse map has n positions and the dense
map N, with n = ceil(N / D) for every layer: convolutions, pools and padding keep this equation,
because the dense layer is dilated and padded by D. N differs from the image's size by a constant.
"""

from collections.abc import Collection
from dataclasses import dataclass

from torch import fx

from seglab.ops import graph
from seglab.types import Size


@dataclass(frozen=True)
class Spot:
    """A node's D, and N minus the image's size; (height, width)."""

    stride: Size
    growth: Size


@dataclass(frozen=True)
class Spacing:
    """The spots of all nodes; the smallest image that gives one position; what sees the border."""

    spots: dict[fx.Node, Spot]
    smallest: Size
    padded: str | None  # the first layer that looks past the border of its input
    whole: str | None  # the first layer that looks at the whole image

    def dense(self, node: fx.Node, size: Size) -> Size:
        """N at a node, for an image of this size."""
        grown = self.spots[node].growth
        return size[0] + grown[0], size[1] + grown[1]


def follow(program: graph.Program, leave: Collection[str] = (), exact: bool = True) -> Spacing:
    """The spot after every step. Layers in `leave` lose their stride but not spread their kernel.

    Raises ValueError, naming the layer and the remedy, for what cannot be rarefied exactly; with
    exact=False global pooling and padding modes may stay, since only strides are wanted.
    """
    spots = {program.image: Spot((1, 1), (0, 0))}
    padded = whole = None
    last = ""
    for step in program.steps:
        reads = [spots[node] for node in step.sources if node in spots]
        reason = _refusal(step, reads, exact)
        if reason:
            raise ValueError(_refused(step, reason, last))
        if isinstance(step.op, graph.Everywhere):
            whole = whole or step.name
        if not reads or isinstance(step.op, graph.Aside | graph.Lost):
            continue
        op, spot = step.op, _joined(step, reads, strict=exact and not leave)
        if isinstance(op, graph.Window | graph.Pad):
            if any(op.before) or any(op.after):
                padded = padded or step.name
            spread = (1, 1) if step.name in leave else spot.stride
            spot = _behind(op, spot, spread)
        spots[step.node] = spot
        last = step.name
    grown = [spot.growth for spot in spots.values()]
    smallest = (1 - min(g[0] for g in grown), 1 - min(g[1] for g in grown))
    return Spacing(spots, smallest, padded, whole)


def _behind(op: graph.Window | graph.Pad, spot: Spot, spread: Size) -> Spot:
    reach = op.reach if isinstance(op, graph.Window) else (0, 0)
    stride = op.stride if isinstance(op, graph.Window) else (1, 1)
    growth = [
        g + d * (b + a - r)
        for g, d, b, a, r in zip(spot.growth, spread, op.before, op.after, reach, strict=True)
    ]
    return Spot((spot.stride[0] * stride[0], spot.stride[1] * stride[1]), (growth[0], growth[1]))


def _joined(step: graph.Step, spots: list[Spot], strict: bool) -> Spot:
    """Branches meet: equal strides, and the smallest of their sizes."""
    strides = [spot.stride for spot in spots]
    heights, widths = zip(*(spot.growth for spot in spots), strict=True)
    if len(set(strides)) > 1:
        raise ValueError(
            f"the branches that meet at layer {step.name!r} have strides "
            f"{' and '.join(map(str, strides))}; give them the same stride"
        )
    apart = (max(heights) - min(heights), max(widths) - min(widths))
    if strict and (apart[0] >= strides[0][0] or apart[1] >= strides[0][1]):
        raise ValueError(
            f"the branches that meet at layer {step.name!r} never have the same size; pad the "
            "larger kernel, or crop the larger map"
        )
    return Spot(strides[0], (min(heights), min(widths)))


def _refusal(step: graph.Step, reads: list[Spot], exact: bool) -> str | None:
    op = step.op
    match op:
        case graph.Pointwise(training=True):
            return "is in training mode; call net.eval() first"
        case graph.Unknown():
            return op.reason
        case graph.Lost() | graph.Everywhere() if exact:
            return op.reason
        case graph.Window() | graph.Pad() if exact and op.mode not in ("zeros", "constant"):
            sides = zip(op.before, op.after, reads[0].stride, strict=True)
            if any((b or a) and d > 1 for b, a, d in sides):
                return f"pads with mode {op.mode!r} behind a stride, which no dense padding repeats"
    return None


def _refused(step: graph.Step, reason: str, last: str) -> str:
    if "net.eval()" in reason:
        return f"layer {step.name!r} {reason}"
    end = (
        f"end the net before it, as in rarefy(net, layer={last!r})" if last else "give another net"
    )
    return f"layer {step.name!r} {reason}, which has no exact dense form; {end}"
