"""The stride grid of a net: where the units of every node stand, and what each of them sees.

At a node, D is the product of the strides before it. The coarse map has n positions and the dense
map N, with n = ceil(N / D) for every layer: convolutions, pools and padding keep this equation,
because the dense layer is dilated and padded by D. N differs from the image's size by a constant.

A unit's field grows by (k - 1) D at a kernel of size k, and its first pixel moves by the padding
times D. Araujo, Norris and Sim, "Computing receptive fields of convolutional neural networks",
Distill (2019).
"""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from torch import fx

from seglab.ops.dense._graph import Program, Step, UnsuitableNet
from seglab.ops.dense._layer_effects import (
    Flattened,
    GlobalContext,
    NonSpatial,
    Pad,
    Pointwise,
    Unknown,
    Window,
)
from seglab.ops.dense._validate import check_size
from seglab.types import Size

Pair = tuple[float, float]
CUT = "seglab.ops.dense.cut(net, {!r})"


@dataclass(frozen=True)
class GridPoint:
    """The units of a node: unit (u, v) stands at center + (u, v) * stride; (height, width) pairs.

    `stride` is D, `growth` is N minus the image's size; `first` and `last` are the pixels between
    which unit (0, 0) sees, infinite where it sees the whole image.
    """

    stride: Size = (1, 1)
    growth: Size = (0, 0)
    first: Pair = (0, 0)
    last: Pair = (0, 0)
    center: Pair = (0.0, 0.0)
    misaligned: str = ""  # branches before it met at unequal centers: no one field, but one size


@dataclass(frozen=True)
class Refusal:
    """A step that stands against a dense form: the reason, and the remedy or a layer before it."""

    reason: str
    remedy: str = ""
    last: str = ""  # the last map before the step, where a net can end
    steady: bool = True  # False: not even the net itself gives the same answer twice
    only_exact: bool = False  # the strides can still be followed

    def error(self, example: str) -> ValueError:
        """The error to raise; `example` says how to end a net at a layer."""
        if not self.steady:
            return ValueError(self.reason)
        end = f"end the net before it, as in {example.format(self.last)}"
        return UnsuitableNet(self.reason, self.remedy or (end if self.last else "give another net"))


@dataclass(frozen=True)
class StrideGrid:
    """The grid points of all nodes that have one, and what is wrong with the others."""

    points: dict[fx.Node, GridPoint]
    ends: dict[fx.Node, Flattened | str]  # nodes without a grid: why, or a sentence that says it
    refusals: tuple[Refusal, ...]
    padded_layer: str | None  # the first layer that looks past the border of its input
    global_layer: str | None  # the first layer that looks at the whole image

    @property
    def smallest(self) -> Size:
        """The smallest image that gives one position."""
        growths = [point.growth for point in self.points.values()]
        return 1 - min(g[0] for g in growths), 1 - min(g[1] for g in growths)

    def dense(self, node: fx.Node, size: Size) -> Size:
        """N at a node, for an image of this size."""
        grown = self.points[node].growth
        return size[0] + grown[0], size[1] + grown[1]

    def checked(self, exact: bool = True, example: str = CUT) -> "StrideGrid":
        """The grid itself. Raises ValueError, naming layer and remedy, for what has no dense form.

        exact=False: global pooling and padding modes may stay, since only strides are wanted.
        `example` says how to end the net at a layer.
        """
        for refusal in self.refusals:
            if exact or not refusal.only_exact:
                raise refusal.error(example)
        return self

    def check_size(self, size: Sequence[int], what: str = "image") -> None:
        """Raises ValueError where an image of this shape is smaller than one position needs."""
        check_size(size, self.smallest, what, can_be_padded=not self.refusals)


def follow(program: Program, leave: Collection[str] = ()) -> StrideGrid:
    """Walk the steps in order. Layers in `leave` lose their stride but not spread their kernel.

    Nothing is raised: a node without a grid may be one that nobody asks for.
    """
    walk = _Walk({program.image: GridPoint()}, leave)
    for step in program.steps:
        walk.take(step)
    return StrideGrid(
        walk.points, walk.ends, tuple(walk.refusals), walk.padded_layer, walk.global_layer
    )


@dataclass
class _Walk:
    points: dict[fx.Node, GridPoint]
    leave: Collection[str]
    ends: dict[fx.Node, Flattened | str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    padded_layer: str | None = None
    global_layer: str | None = None
    last: str = ""

    def take(self, step: Step) -> None:
        reads = [self.points[node] for node in step.sources if node in self.points]
        self._refuse(step, reads)
        ends = [self.ends.get(node) for node in step.sources]
        troubles = [end for end in ends if isinstance(end, str)]
        state = troubles[0] if troubles else self._after(step, reads)
        if isinstance(state, GridPoint):
            self.points[step.node] = state
            self.last = step.name if step.gives_map else self.last
        elif state is not None:
            self.ends[step.node] = state

    def _after(self, step: Step, reads: list[GridPoint]) -> GridPoint | Flattened | str | None:
        op = step.op
        if isinstance(op, Flattened):
            return op
        if isinstance(op, Unknown):
            return f"layer {step.name!r} {op.reason}, so no one receptive field fits all its units"
        if isinstance(op, NonSpatial) or not reads:
            return None
        if len({point.stride for point in reads}) > 1:
            return _misaligned(step, reads)
        point = _joined(step, reads)
        if isinstance(op, GlobalContext):
            self.global_layer = self.global_layer or step.name
            return replace(point, first=(-math.inf, -math.inf), last=(math.inf, math.inf))
        if isinstance(op, Pointwise):
            return point
        if any(op.before) or any(op.after):
            self.padded_layer = self.padded_layer or step.name
        return _behind(op, point, (1, 1) if step.name in self.leave else point.stride)

    def _refuse(self, step: Step, reads: list[GridPoint]) -> None:
        """Note whatever stands against a dense form of this step."""
        op, name = step.op, f"layer {step.name!r}"
        if isinstance(op, Pointwise) and op.unsteady:
            self.refusals.append(Refusal(f"{name} {op.unsteady}", steady=False))
        reason = getattr(op, "reason", "") or _padding_refused(op, reads)
        if reason:
            reason = f"{name} {reason}, which has no exact dense form"
            strides = not isinstance(op, Unknown)
            self.refusals.append(Refusal(reason, last=self.last, only_exact=strides))
        elif len(reads) > 1:
            self.refusals += _join_refused(name, reads, sizes=not self.leave)


def _behind(op: Window | Pad, point: GridPoint, spread: Size) -> GridPoint:
    """The point behind a window or padding, whose taps lie `spread` apart in the dense map."""
    reach = op.reach if isinstance(op, Window) else (0, 0)
    stride = op.stride if isinstance(op, Window) else (1, 1)
    before, after, jump = op.before, op.after, point.stride

    def moved(place: Pair, taps: Pair) -> Pair:
        """A place in the image, as many taps of the window further."""
        return place[0] + taps[0] * jump[0], place[1] + taps[1] * jump[1]

    return GridPoint(
        stride=(jump[0] * stride[0], jump[1] * stride[1]),
        growth=(
            point.growth[0] + spread[0] * (before[0] + after[0] - reach[0]),
            point.growth[1] + spread[1] * (before[1] + after[1] - reach[1]),
        ),
        first=moved(point.first, (-before[0], -before[1])),
        last=moved(point.last, (reach[0] - before[0], reach[1] - before[1])),
        center=moved(point.center, (reach[0] / 2 - before[0], reach[1] / 2 - before[1])),
        misaligned=point.misaligned,
    )


def _joined(step: Step, points: list[GridPoint]) -> GridPoint:
    """Branches of equal stride meet: the smallest of their sizes, the union of their fields."""
    first, *others = points
    if not others:
        return first
    misaligned = next((point.misaligned for point in points if point.misaligned), "")
    if any(point.center != first.center for point in others):
        misaligned = misaligned or _misaligned(step, points)
    return GridPoint(
        stride=first.stride,
        growth=(min(p.growth[0] for p in points), min(p.growth[1] for p in points)),
        first=(min(p.first[0] for p in points), min(p.first[1] for p in points)),
        last=(max(p.last[0] for p in points), max(p.last[1] for p in points)),
        center=first.center,
        misaligned=misaligned,
    )


def _misaligned(step: Step, points: list[GridPoint]) -> str:
    strides = " and ".join(str(point.stride) for point in points)
    centers = " and ".join(str(point.center) for point in points)
    return (
        f"the branches that meet at layer {step.name!r} are not aligned: strides {strides}, first "
        f"centers {centers}; give them equal strides, and paddings that center their kernels alike"
    )


def _padding_refused(op: object, reads: list[GridPoint]) -> str:
    if not isinstance(op, Window | Pad) or op.mode in ("zeros", "constant") or not reads:
        return ""
    sides = zip(op.before, op.after, reads[0].stride, strict=True)
    if any((before or after) and stride > 1 for before, after, stride in sides):
        return f"pads with mode {op.mode!r} behind a stride, which no dense padding repeats"
    return ""


def _join_refused(name: str, points: list[GridPoint], sizes: bool) -> list[Refusal]:
    """Refusals of branches that cannot meet; sizes: whether their sizes matter too."""
    strides = [point.stride for point in points]
    heights, widths = zip(*(point.growth for point in points), strict=True)
    if len(set(strides)) > 1:
        met = " and ".join(map(str, strides))
        reason = f"the branches that meet at {name} have strides {met}"
        return [Refusal(reason, "give them the same stride")]
    apart = (max(heights) - min(heights), max(widths) - min(widths))
    if sizes and (apart[0] >= strides[0][0] or apart[1] >= strides[0][1]):
        reason = f"the branches that meet at {name} never have the same size"
        remedy = "pad the larger kernel, or crop the larger map"
        return [Refusal(reason, remedy, only_exact=True)]
    return []
