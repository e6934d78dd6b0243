"""Multiply-adds of the ways to a dense map, exact and by arithmetic; convolutions only."""

import math

from torch import nn

from seglab.ops.dense._analysis import Analysis, analyze
from seglab.ops.dense._graph import Step
from seglab.ops.dense._layer_effects import Window
from seglab.types import Size

METHODS = ("coarse", "sliding_window", "shift_and_stitch", "atrous", "fragments")


def cost(net: nn.Module, size: Size, method: str, layer: str | None = None) -> int:
    """Multiply-adds of one image of this size (height, width); the sum of macs_by_layer.

    >>> from torch import nn
    >>> from seglab.ops import dense
    >>> net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.MaxPool2d(2), nn.Conv2d(5, 2, 3))
    >>> dense.cost(net, (32, 32), "coarse")
    136710
    >>> dense.cost(net, (32, 32), "shift_and_stitch")
    510390
    """
    return sum(macs_by_layer(net, size, method, layer).values())


def macs_by_layer(
    net: nn.Module, size: Size, method: str, layer: str | None = None
) -> dict[str, int]:
    """Multiply-adds per convolution, by its name: taps x input x output channels x positions.

    Padding counts like pixels, as in torch.utils.flop_counter (whose flops are twice these).
    `layer` ends the net there. Raises ValueError for an unknown method, an image smaller than the
    field, or a net that cannot be rarefied.
    """
    if method not in METHODS:
        raise ValueError(f"method={method!r} is unknown; use one of {', '.join(METHODS)}")
    analysis = analyze(net).up_to(layer)
    grid = analysis.grid.checked()
    if size[0] < grid.smallest[0] or size[1] < grid.smallest[1]:
        raise ValueError(f"size={size} is smaller than the field of {grid.smallest} pixels")
    if method == "sliding_window" and grid.padded_layer:
        raise ValueError(
            f"layer {grid.padded_layer!r} pads, so a crop does not stand for its place"
        )
    entries: dict[str, int] = {}
    for step in analysis.program.steps:
        if isinstance(step.op, Window) and step.op.kind == "convolution":
            weights = step.op.module.weight.numel()  # output x input / groups x taps
            positions = math.prod(_positions(method, analysis, step, size, axis) for axis in (0, 1))
            entries[step.name] = weights * positions
    return entries


def _positions(method: str, analysis: Analysis, step: Step, size: Size, axis: int) -> int:
    """Rows (axis 0) or columns (axis 1) that a convolution computes over the whole method."""
    length, grid = size[axis], analysis.grid
    point, final = grid.points[step.node], grid.points[analysis.program.output]
    growth, stride = point.growth[axis], point.stride[axis]
    smallest, f = grid.smallest[axis], final.stride[axis]

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
            before = grid.points[step.sources[0]].stride[axis]
            return before * -(-(length + growth) // before)
    shifts = min(f, length + final.growth[axis])
    if grid.padded_layer:
        return sum(coarse(length + -y % f) for y in range(shifts))
    counts = [-(-(length - y + final.growth[axis]) // f) for y in range(shifts)]
    return sum(coarse(smallest + (n - 1) * f) for n in counts)
