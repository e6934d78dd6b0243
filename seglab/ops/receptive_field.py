"""Receptive fields: the pixels that one unit of a net sees, by arithmetic and measured.

r = 1 + sum (k_l - 1) prod_{i<l} s_i; stride prod s; padding sum p_l prod_{i<l} s_i. Araujo, Norris
and Sim, "Computing receptive fields of convolutional neural networks", Distill (2019).
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import cast

import torch
from torch import Tensor, fx, nn

from seglab.ops.dense import (
    Analysis,
    Sight,
    SizedNet,
    UnsuitableNet,
    analyze,
    at_size,
    check_image,
    check_room,
    cut,
)
from seglab.types import Image, Size

Pair = tuple[float, float]


@dataclass(frozen=True)
class ReceptiveField:
    """The field of a layer's units, in pixels of the image; every pair is (height, width).

    Unit (u, v) sees rows u * stride - padding onwards, `size` of them. After a global pooling that
    joins the grid again (squeeze-and-excitation) the size is math.inf: the whole image; the stride
    and the centers stay those of the local path.
    """

    size: Pair
    stride: Size
    padding: Pair  # top and left
    origin: Pair  # center of unit (0, 0)

    def center(self, u: float, v: float) -> Pair:
        """Row and column at the center of the field of unit (u, v); halves lie between pixels."""
        return self.origin[0] + u * self.stride[0], self.origin[1] + v * self.stride[1]

    def box(self, u: int, v: int) -> tuple[float, float, float, float]:
        """First row, first column, last row and last column that unit (u, v) sees, unclipped."""
        top = u * self.stride[0] - self.padding[0]
        left = v * self.stride[1] - self.padding[1]
        return top, left, top + self.size[0] - 1, left + self.size[1] - 1

    def cell(self, u: int, v: int) -> tuple[float, float, float, float]:
        """First row, first column, last row and last column of the cell of unit (u, v), unclipped.

        The cell is the `stride` pixels, both ways, around the center: the cells of all units lie
        side by side, while their fields overlap.
        """
        (row, column), (down, across) = self.center(u, v), self.stride
        top, left = row - (down - 1) / 2, column - (across - 1) / 2
        return top, left, top + down - 1, left + across - 1

    def unit_at(self, pixel: Pair) -> Size:
        """The unit in whose cell a pixel (row, column) lies; between two cells, the later one."""
        u, v = (
            math.floor((at - first + step / 2) / step)
            for at, first, step in zip(pixel, self.origin, self.stride, strict=True)
        )
        return u, v

    def units_over(self, pixel: Pair, size: Size) -> int:
        """Number of units of a map of this size (height, width) that see pixel (row, column)."""
        rows, columns = (
            sum(0 <= at + before - unit * step < wide for unit in range(count))
            for at, count, wide, step, before in zip(
                pixel, size, self.size, self.stride, self.padding, strict=True
            )
        )
        return rows * columns

    def every_pixel(self) -> "ReceptiveField":
        """Field of each unit if the map had a unit at every pixel."""
        return replace(self, stride=(1, 1))


@dataclass(frozen=True)
class PhasedField(ReceptiveField):
    """Fields of units that take turns, as behind a transposed convolution or an interpolation.

    Unit (u, v) has the field of its phase, (u % phases[0], v % phases[1]); `box` gives it exactly.
    `size`, `padding` and `origin` are those of the smallest field that holds the field of every
    phase; `stride` is the mean distance, below 1 where units lie closer than pixels.
    """

    rows: Sight
    columns: Sight

    @property
    def phases(self) -> Size:
        """The number of phases, (height, width)."""
        return self.rows.turn, self.columns.turn

    def box(self, u: int, v: int) -> tuple[float, float, float, float]:
        """First row, first column, last row and last column that unit (u, v) sees, unclipped.

        A unit that sees nothing, in a hole between kernels, has inf before -inf.
        """
        (top, bottom), (left, right) = self.rows.of(u), self.columns.of(v)
        return top, left, bottom, right

    def phase(self, u: int, v: int) -> ReceptiveField:
        """The field of the units of one phase alone: every phases-th row and column from (u, v)."""
        top, left, bottom, right = self.box(u, v)
        return ReceptiveField(
            (bottom - top + 1, right - left + 1),
            (self.rows.step, self.columns.step),
            (-top, -left),
            ((top + bottom) / 2, (left + right) / 2),
        )


def of(net: nn.Module, layer: str | None = None) -> ReceptiveField:
    """The receptive field of `layer`, a node or module path such as 'features.30' or 'layer4.1'.

    None means the last layer that still has a grid of positions; where the net makes a finer grid
    again, its output. Where branches meet, the field is the union of theirs. Behind a transposed
    convolution or an interpolation the answer is a PhasedField, whose units take turns.
    Raises ValueError for an unknown layer, one behind a flattening or a global pooling, where
    branches of different stride or center meet, and for an interpolation that aligns corners.

    >>> from torch import nn
    >>> from seglab.ops import receptive_field
    >>> net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3))
    >>> field = receptive_field.of(net)
    >>> field.size, field.stride
    ((8, 8), (2, 2))
    >>> field.center(0, 0)
    (3.5, 3.5)
    """
    try:
        return _of_even(net, layer)
    except ValueError as refusal:
        field = _of_uneven(net, layer)
        if field is None:
            raise
        if isinstance(field, str):
            raise ValueError(field) from refusal
        return field


def _of_even(net: nn.Module, layer: str | None) -> ReceptiveField:
    """The field of a net none of whose layers makes a finer grid."""
    if layer is None:
        return list(trace(net).values())[-1]
    analysis = analyze(net)
    node = analysis.program.find(layer).node
    field = _field(analysis, node)
    if field is not None:
        return field
    end = analysis.grid.ends.get(node)
    if end is not None and not isinstance(end, str):
        raise ValueError(
            f"layer={layer!r} has no grid of positions, so no receptive field: {end.where!r} "
            f"{end.reason}; name a layer before it"
        )
    raise ValueError(f"layer={layer!r} is no map of positions; name another layer")


def trace(net: nn.Module) -> dict[str, ReceptiveField]:
    """The receptive field after every operation, in execution order, branches included.

    Names are those of torchvision's get_graph_node_names. Operations behind the loss of the grid
    (global pooling, flattening) are left out. Raises ValueError, naming the layer, where branches
    of different stride or center meet, or an operation does not treat all positions alike.
    """
    analysis = analyze(net)
    fields = {step.name: _field(analysis, step.node) for step in analysis.program.steps}
    known = {name: field for name, field in fields.items() if field is not None}
    if not known:
        raise ValueError("net has no layer with a grid of positions; give a convolutional net")
    return known


def measured(net: nn.Module, image: Image, at: Size, layer: str | None = None) -> Tensor:
    """|d output / d image| for the unit at (row, column): the effective field, [H, W].

    The output's channels are summed before the derivative; its sizes are summed over the image's
    channels and the batch. layer None: the net's own output when that is a map, else its last
    layer that has a grid. Luo et al., "Understanding the effective receptive field" (2016).
    Raises ValueError when `at` lies outside the output, or image does not suit the net.
    """
    check_image(net, image)
    with torch.enable_grad():
        leaf = image.detach().clone().requires_grad_()
        tip = net if layer is None else cut(net, layer)
        try:
            scores = tip(leaf.clone())  # a copy, since a first layer may work in place
        except RuntimeError:
            check_room(net, image, layer)
            raise
        if layer is None and not (isinstance(scores, Tensor) and scores.ndim == 4):
            scores = cut(net, list(trace(net))[-1])(leaf.clone())
        if not isinstance(scores, Tensor) or scores.ndim != 4:
            raise ValueError(f"layer={layer!r} gives {_shape(scores)}, not a map [B, K, h, w]")
        row, column = at
        height, width = scores.shape[-2:]
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(
                f"at={tuple(at)} lies outside the output, which is {height} x {width}; "
                f"use rows 0 to {height - 1} and columns 0 to {width - 1}"
            )
        (gradient,) = torch.autograd.grad(scores[:, :, row, column].sum(), leaf)
    return gradient.abs().sum(dim=(0, 1))


def _field(analysis: Analysis, node: fx.Node) -> ReceptiveField | None:
    """The field of a node, None where it has no grid; raises ValueError where it has many."""
    point, end = analysis.grid.points.get(node), analysis.grid.ends.get(node)
    trouble = point.misaligned if point else end
    if trouble and isinstance(trouble, str):
        raise ValueError(trouble)
    if point is None:
        return None
    (top, left), (bottom, right) = point.first, point.last
    size = (bottom - top + 1, right - left + 1)
    return ReceptiveField(size, point.stride, (-top, -left), point.center)


# Sides of an image that nets take which look at sizes: multiples of most strides.
_SIDES = (384, 1536, 6144)


def _of_uneven(net: nn.Module, layer: str | None) -> ReceptiveField | str | None:
    """The field of a net with a finer grid; a refusal; None where there is no such grid."""
    sized = _sized(net, layer)
    if sized is None or not (sized.upsamples or _untraceable(net)):
        return None
    try:
        node = sized.output
    except ValueError:
        return None
    if node in sized.reasons:
        return sized.reasons[node]
    rows, columns = (sight.shortest() for sight in sized.sights[node])
    hulls = _hull(rows), _hull(columns)
    size, padding, origin = zip(*hulls, strict=True)
    stride = cast(Size, tuple(_whole(sight.stride) for sight in (rows, columns)))
    if rows.turn == columns.turn == 1:
        return ReceptiveField(size, stride, padding, origin)
    return PhasedField(size, stride, padding, origin, rows, columns)


def _sized(net: nn.Module, layer: str | None) -> SizedNet | None:
    for side in _SIDES:
        try:
            return at_size(net, (side, side), layer)
        except UnsuitableNet:
            continue
    return None


def _untraceable(net: nn.Module) -> bool:
    try:
        analyze(net)
    except ValueError:
        return True
    return False


def _hull(sight: Sight) -> tuple[float, float, float]:
    """Size, padding and first center of the smallest even field that holds those of all phases."""
    seen = [(*sight.of(unit), unit * sight.stride) for unit in range(sight.turn)]
    first = min(first - at for first, _, at in seen)
    last = max(last - at for _, last, at in seen)
    seen_all = not math.isfinite(first + last)
    center = (sight.stride - 1) / 2 if seen_all else (first + last) / 2
    return _whole(last - first + 1), _whole(-first), float(center)


def _whole(value: float | Fraction) -> float:
    """Return an int where the value is one, as for nets without a finer grid."""
    return int(value) if math.isfinite(value) and value == int(value) else float(value)


def _shape(value: object) -> str:
    return str(list(value.shape)) if isinstance(value, Tensor) else type(value).__name__
