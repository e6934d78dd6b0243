"""What one unit of a net sees of its image: the field from the layers' arithmetic, and measured.

r = 1 + sum (k_l - 1) prod_{i<l} s_i; stride prod s; padding sum p_l prod_{i<l} s_i. Araujo, Norris
and Sim, "Computing receptive fields of convolutional neural networks", Distill (2019).
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

from seglab.ops import graph
from seglab.ops.inputs import check
from seglab.types import Image, Size

Pair = tuple[float, float]


@dataclass(frozen=True)
class ReceptiveField:
    """The field of a layer's units, in pixels of the image; every pair is (height, width).

    Unit (u, v) sees rows u * stride - padding onwards, `size` of them. After a global pooling that
    joins the grid again (squeeze-and-excitation) the size is math.inf: the whole image; the stride
    and the centres stay those of the local path.
    """

    size: Pair
    stride: Size
    padding: Pair  # top and left
    origin: Pair  # centre of unit (0, 0)

    def center(self, u: float, v: float) -> Pair:
        """Row and column at the centre of the field of unit (u, v); halves lie between pixels."""
        return self.origin[0] + u * self.stride[0], self.origin[1] + v * self.stride[1]

    def box(self, u: int, v: int) -> tuple[float, float, float, float]:
        """First row, first column, last row and last column that unit (u, v) sees, unclipped."""
        top = u * self.stride[0] - self.padding[0]
        left = v * self.stride[1] - self.padding[1]
        return top, left, top + self.size[0] - 1, left + self.size[1] - 1


def of(net: nn.Module, layer: str | None = None) -> ReceptiveField:
    """The receptive field of `layer`, a node or module path such as 'features.30' or 'layer4.1'.

    None means the last layer that still has a grid of positions. Where branches meet, the field is
    the union of theirs. Raises ValueError for an unknown layer, one behind a flattening or a global
    pooling, one that lies behind a transposed convolution or an interpolation, and where branches
    of different stride or centre meet.
    """
    program = graph.read(net)
    states = _follow(program)
    if layer is None:
        return list(_checked(program, states).values())[-1]
    step = program.find(layer)
    state = states[step.node]
    if isinstance(state, _Field):
        return state.public()
    if isinstance(state, graph.Lost):
        raise ValueError(
            f"layer={layer!r} has no grid of positions, so no receptive field: {state.where!r} "
            f"{state.reason}; name a layer before it"
        )
    raise ValueError(state or f"layer={layer!r} is no map of positions; name another layer")


def trace(net: nn.Module) -> dict[str, ReceptiveField]:
    """The receptive field after every operation, in execution order, branches included.

    Names are those of torchvision's get_graph_node_names. Operations behind the loss of the grid
    (global pooling, flattening) are left out. Raises ValueError, naming the layer, where branches
    of different stride or centre meet, or an operation does not treat all positions alike.
    """
    program = graph.read(net)
    return _checked(program, _follow(program))


def measured(net: nn.Module, image: Image, at: Size, layer: str | None = None) -> Tensor:
    """|d output / d image| for the unit at (row, column): the effective field, [H, W].

    The output's channels are summed before the derivative; its sizes are summed over the image's
    channels and the batch. layer None: the net's own output when that is a map, else its last
    layer that has a grid. Luo et al., "Understanding the effective receptive field" (2016).
    Raises ValueError when `at` lies outside the output, or image does not suit the net.
    """
    check(net, image)
    with torch.enable_grad():
        leaf = image.detach().clone().requires_grad_()
        tip = net if layer is None else graph.cut(net, layer)
        scores = tip(leaf.clone())  # a copy, since a first layer may work in place
        if layer is None and not (isinstance(scores, Tensor) and scores.ndim == 4):
            scores = graph.cut(net, list(trace(net))[-1])(leaf.clone())
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


def origin(program: graph.Program, node: fx.Node) -> Pair:
    """The centre of the field of unit (0, 0) at a node; raises ValueError where there is none."""
    state = _follow(program)[node]
    if isinstance(state, _Field):
        return state.origin
    raise ValueError(state if isinstance(state, str) else "the net returns no map of positions")


@dataclass(frozen=True)
class _Field:
    """Unit 0's first and last pixel (infinite for the whole image), the stride and the centre."""

    first: Pair
    last: Pair
    stride: Size
    origin: Pair

    def public(self) -> ReceptiveField:
        size = (self.last[0] - self.first[0] + 1, self.last[1] - self.first[1] + 1)
        return ReceptiveField(size, self.stride, (-self.first[0], -self.first[1]), self.origin)


_State = _Field | graph.Lost | str | None  # a string says what is wrong; None: no map at all
_WHOLE: tuple[Pair, Pair] = ((-math.inf, -math.inf), (math.inf, math.inf))


def _follow(program: graph.Program) -> dict[fx.Node, _State]:
    """The state after every step; trouble is remembered rather than raised, since the layers before
    it still have their fields.
    """
    states: dict[fx.Node, _State] = {program.image: _Field((0, 0), (0, 0), (1, 1), (0.0, 0.0))}
    for step in program.steps:
        reads = [states[node] for node in step.sources]
        trouble = [state for state in reads if isinstance(state, str)]
        fields = [state for state in reads if isinstance(state, _Field)]
        states[step.node] = trouble[0] if trouble else _after(step, fields)
    return states


def _after(step: graph.Step, fields: list[_Field]) -> _State:
    op = step.op
    if isinstance(op, graph.Lost):
        return op
    if isinstance(op, graph.Unknown):
        return f"layer {step.name!r} {op.reason}, so no one receptive field fits all its units"
    if isinstance(op, graph.Aside) or not fields:
        return None
    field = fields[0]
    if any(f.stride != field.stride or f.origin != field.origin for f in fields):
        return _misaligned(step, fields)
    first, last = _union(fields)
    if isinstance(op, graph.Everywhere):
        return _Field(*_WHOLE, field.stride, field.origin)
    if isinstance(op, graph.Pointwise):
        return _Field(first, last, field.stride, field.origin)
    before, jump = op.before, field.stride
    reach = op.reach if isinstance(op, graph.Window) else (0, 0)
    stride = op.stride if isinstance(op, graph.Window) else (1, 1)
    return _Field(
        first=(first[0] - before[0] * jump[0], first[1] - before[1] * jump[1]),
        last=(
            last[0] + (reach[0] - before[0]) * jump[0],
            last[1] + (reach[1] - before[1]) * jump[1],
        ),
        stride=(jump[0] * stride[0], jump[1] * stride[1]),
        origin=(
            field.origin[0] + (reach[0] / 2 - before[0]) * jump[0],
            field.origin[1] + (reach[1] / 2 - before[1]) * jump[1],
        ),
    )


def _union(fields: list[_Field]) -> tuple[Pair, Pair]:
    first = (min(f.first[0] for f in fields), min(f.first[1] for f in fields))
    last = (max(f.last[0] for f in fields), max(f.last[1] for f in fields))
    return first, last


def _misaligned(step: graph.Step, fields: list[_Field]) -> str:
    strides = " and ".join(str(f.stride) for f in fields)
    centers = " and ".join(str(f.origin) for f in fields)
    return (
        f"the branches that meet at layer {step.name!r} are not aligned: strides {strides}, first "
        f"centres {centers}; give them equal strides, and paddings that centre their kernels alike"
    )


def _checked(program: graph.Program, states: dict[fx.Node, _State]) -> dict[str, ReceptiveField]:
    fields: dict[str, ReceptiveField] = {}
    for step in program.steps:
        state = states[step.node]
        if isinstance(state, str):
            raise ValueError(state)
        if isinstance(state, _Field):
            fields[step.name] = state.public()
    if not fields:
        raise ValueError("net has no layer with a grid of positions; give a convolutional net")
    return fields


def _shape(value: object) -> str:
    return str(list(value.shape)) if isinstance(value, Tensor) else type(value).__name__
