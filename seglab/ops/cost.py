"""Exact multiply-adds of the ways to a dense map, by arithmetic; convolutions only, as is usual."""

import math

from torch import nn

from seglab.ops import graph, spacing
from seglab.types import Size

METHODS = ("coarse", "sliding_window", "shift_and_stitch", "atrous", "fragments")


def cost(net: nn.Module, size: Size, method: str, layer: str | None = None) -> int:
    """Multiply-adds of one image of this size (height, width); the sum of ledger."""
    return sum(ledger(net, size, method, layer).values())


def ledger(net: nn.Module, size: Size, method: str, layer: str | None = None) -> dict[str, int]:
    """Multiply-adds per convolution, by its name: taps x input x output channels x positions.

    Padding counts like pixels, as in torch.utils.flop_counter (whose flops are twice these).
    `layer` ends the net there. Raises ValueError for an unknown method, an image smaller than the
    field, or a net that cannot be rarefied.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is unknown; use one of {', '.join(METHODS)}")
    program = graph.read(net).up_to(layer)
    places = spacing.follow(program)
    if size[0] < places.smallest[0] or size[1] < places.smallest[1]:
        raise ValueError(f"size={size} is smaller than the field of {places.smallest} pixels")
    if method == "sliding_window" and places.padded:
        raise ValueError(f"layer {places.padded!r} pads, so a crop does not stand for its place")
    entries: dict[str, int] = {}
    for step in program.steps:
        if isinstance(step.op, graph.Window) and step.op.kind == "convolution":
            weights = step.op.module.weight.numel()  # output x input / groups x taps
            positions = math.prod(
                _positions(method, program, places, step, size, axis) for axis in (0, 1)
            )
            entries[step.name] = weights * positions
    return entries


def _positions(
    method: str,
    program: graph.Program,
    places: spacing.Spacing,
    step: graph.Step,
    size: Size,
    axis: int,
) -> int:
    """Rows (axis 0) or columns (axis 1) that a convolution computes over the whole method."""
    length = size[axis]
    spot, final = places.spots[step.node], places.spots[program.output]
    growth, stride = spot.growth[axis], spot.stride[axis]
    smallest, f = places.smallest[axis], final.stride[axis]

    def coarse(image: int) -> int:
        return -(-(image + growth) // stride)

    match method:
        case "coarse":
            return coarse(length)
        case "sliding_window":
            return (length + final.growth[axis]) * coarse(smallest)
        case "atrous":
            return length + growth
        case "fragments":
            before = places.spots[step.sources[0]].stride[axis]
            return before * -(-(length + growth) // before)
    shifts = min(f, length + final.growth[axis])
    if places.padded:
        return sum(coarse(length + -y % f) for y in range(shifts))
    counts = [-(-(length - y + final.growth[axis]) // f) for y in range(shifts)]
    return sum(coarse(smallest + (n - 1) * f) for n in counts)
