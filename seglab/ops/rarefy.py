"""À trous: strides removed, and every later kernel spread so that it still meets the same pixels.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (2015), call
it filter rarefaction; Holschneider et al. (1989) call the algorithm à trous, "with holes".
"""

import copy
import functools
from collections.abc import Callable, Collection
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab.ops import stride_grid
from seglab.ops.analysis import Analysis, analyze
from seglab.ops.graph import Program, Step, unknown_name
from seglab.ops.inputs import check_size
from seglab.ops.operations import Pad, Window
from seglab.ops.stride_grid import StrideGrid
from seglab.types import Size


def rarefy(net: nn.Module, layer: str | None = None, leave: Collection[str] = ()) -> fx.GraphModule:
    """The same net with every stride removed: a score for every pixel, and the same weights.

    rarefy(net)(image)[..., ::f, ::f] equals net(image), also for nets with padding, where f is the
    product of the strides. Parameters are shared, not copied. What the net returns keeps its
    structure. `layer` ends the net there.

    `leave` names convolutions and pools that lose their stride but keep their own dilation: the
    classic mistake. The result is then a different network, whose kernels mix pixels that belong to
    different shifts; an unpadded layer of kernel k makes its map (k - 1)(D - 1) pixels larger,
    so compare top-left crops of equal size.

    Raises ValueError, naming the layer, for what has no exact dense form (global pooling,
    squeeze-and-excitation, transposed convolution, flattening, layers in training mode).
    """
    analysis = analyze(net).up_to(layer)
    program = analysis.program
    leave = {leave} if isinstance(leave, str) else set(leave)
    windows = [step.name for step in program.steps if isinstance(step.op, Window)]
    for name in leave.difference(windows):
        raise ValueError(unknown_name("leave", name, windows))
    grid = stride_grid.follow(program, leave) if leave else analysis.grid
    return _rewritten(program, grid.checked(example="rarefy(net, layer={!r})"), leave)


def rarefied(analysis: Analysis) -> fx.GraphModule:
    """The net of an analysis with every stride removed; see rarefy."""
    return _rewritten(analysis.program, analysis.grid.checked())


def _rewritten(program: Program, grid: StrideGrid, leave: Collection[str] = ()) -> fx.GraphModule:
    dense = _Rewriter(program, grid, leave).module()
    dense.register_forward_pre_hook(functools.partial(_check_first, smallest=grid.smallest))
    dense.training = False  # alone: eval() would also switch the layers, which are shared
    return dense


def unstrided(op: Window, spread: Size) -> nn.Module:
    """The window's layer at stride 1, its taps and padding spread by (rows, columns)."""
    if op.kind != "convolution":
        return (MaxPool if op.kind == "max_pool" else AveragePool)(op, spread)
    # a shallow copy shares the tables of parameters and buffers
    convolution: nn.Conv2d = copy.copy(op.module)
    convolution.stride = (1, 1)
    if op.mode != "zeros":
        return convolution  # its padding stands before every stride, so nothing is spread
    convolution.dilation = _times(op.dilation, spread)
    before, after = _times(op.before, spread), _times(op.after, spread)
    convolution.padding = before if before == after else (0, 0)
    if before == after:
        return convolution
    return nn.Sequential(nn.ZeroPad2d(_sides(before, after)), convolution)


class MaxPool(nn.Module):
    """Max pooling at stride 1 as a running maximum of shifted views, one axis after the other.

    Much faster than torch's, which keeps the indices; padding may exceed half the kernel.
    """

    def __init__(self, op: Window, spread: Size) -> None:
        super().__init__()
        self.kernel_size, self.dilation = op.kernel_size, _times(op.dilation, spread)
        self.sides = _sides(_times(op.before, spread), _times(op.after, spread))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        if any(self.sides):
            x = F.pad(x, self.sides, value=-torch.inf)
        return _slide(x, self.kernel_size, self.dilation, torch.maximum)

    def extra_repr(self) -> str:
        """What print shows."""
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={self.sides}"


class AveragePool(nn.Module):
    """Average pooling at stride 1: sums of shifted views, over the number of pixels that count."""

    def __init__(self, op: Window, spread: Size) -> None:
        super().__init__()
        self.kernel_size, self.dilation = op.kernel_size, _times(op.dilation, spread)
        self.before, self.after = _times(op.before, spread), _times(op.after, spread)
        self.divisor: int | None = op.module.divisor_override
        self.counted: Size = self.before if op.module.count_include_pad else (0, 0)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] to [B, C, H', W']."""
        rows, columns = self.counts((x.shape[-2], x.shape[-1]), x)
        return self.sums(x) / (rows[:, None] * columns)

    def sums(self, x: Tensor) -> Tensor:
        """The sum of every window."""
        sides = _sides(self.before, self.after)
        return _slide(F.pad(x, sides) if any(sides) else x, self.kernel_size, self.dilation, _add)

    def counts(self, size: Size, like: Tensor) -> tuple[Tensor, Tensor]:
        """What a window divides by, as a factor per row and one per column.

        Torch clips a window to the input, or with count_include_pad to the padded input; the
        overhang of ceil_mode never counts.
        """
        factors = []
        for axis in (0, 1):
            k, d, n = self.kernel_size[axis], self.dilation[axis], size[axis]
            windows = n + self.before[axis] + self.after[axis] - d * (k - 1)
            first = torch.arange(windows, device=like.device) - self.before[axis]
            taps = first[:, None] + d * torch.arange(k, device=like.device)
            edge = self.counted[axis]
            inside = (taps >= -edge) & (taps < n + edge)
            factors.append(inside.sum(dim=1).to(like.dtype))
        rows, columns = factors
        if self.divisor is not None:
            return torch.full_like(rows, self.divisor), torch.ones_like(columns)
        return rows, columns

    def extra_repr(self) -> str:
        """What print shows."""
        sides = _sides(self.before, self.after)
        return f"kernel_size={self.kernel_size}, dilation={self.dilation}, padding={sides}"


class _Rewriter:
    """Copies a program's graph, with its windows replaced and branches cropped to one size."""

    def __init__(self, program: Program, grid: StrideGrid, leave: Collection[str]) -> None:
        self.program, self.points, self.leave = program, grid.points, leave
        self.graph = fx.Graph()
        self.copies = {program.image: self.graph.placeholder(program.image.name)}
        self.parts: dict[str, Any] = {}

    def module(self) -> fx.GraphModule:
        for step in self.program.steps:
            self.copies[step.node] = self._copy(step)
        self.graph.output(fx.node.map_arg(self.program.result, self._old))
        return fx.GraphModule(self.parts, self.graph, class_name="Rarefied")

    def _copy(self, step: Step) -> fx.Node:
        op, node = step.op, step.node
        if node.op == "get_attr":
            self.parts[str(node.target)] = step.target
            return self.graph.get_attr(str(node.target))
        if isinstance(op, Window | Pad):
            source = step.sources[0]
            spread = (1, 1) if step.name in self.leave else self.points[source].stride
            layer = unstrided(op, spread) if isinstance(op, Window) else padding(op, spread)
            return self._call(step.name, layer, (self._old(source),))
        args, kwargs = self._arguments(step)
        if node.op == "call_module":
            return self._call(step.name, step.target, args, kwargs)
        return self.graph.create_node(node.op, node.target, args, kwargs)

    def _call(self, name: str, layer: nn.Module, args: Any, kwargs: Any = None) -> fx.Node:
        self.parts[name] = layer
        return self.graph.create_node("call_module", name, args, kwargs)

    def _arguments(self, step: Step) -> tuple[Any, Any]:
        """The node's arguments, larger branches cropped at the bottom and right."""
        growths = [self.points[n].growth for n in step.sources if n in self.points]
        least = tuple(map(min, zip(*growths, strict=True))) if growths else (0, 0)

        def cropped(node: fx.Node) -> fx.Node:
            point = self.points.get(node)
            if point is None or point.growth == least:
                return self._old(node)
            excess = (point.growth[0] - least[0], point.growth[1] - least[1])
            return self.graph.call_function(crop, (self._old(node), *excess))

        return fx.node.map_arg(step.node.args, cropped), fx.node.map_arg(step.node.kwargs, cropped)

    def _old(self, node: fx.Node) -> fx.Node:
        return self.copies[node]


def crop(x: Tensor, bottom: int, right: int) -> Tensor:
    """Without the last rows and columns."""
    return x[..., : x.shape[-2] - bottom, : x.shape[-1] - right]


def padding(op: Pad, spread: Size) -> nn.Module:
    """Explicit padding, spread; a mode other than constant stands before every stride."""
    sides = _sides(_times(op.before, spread), _times(op.after, spread))
    if op.mode == "constant":
        return nn.ConstantPad2d(sides, op.value)
    layers = {"reflect": nn.ReflectionPad2d, "replicate": nn.ReplicationPad2d}
    return layers.get(op.mode, nn.CircularPad2d)(sides)


def _check_first(module: nn.Module, args: tuple[Any, ...], smallest: Size) -> None:
    if args and isinstance(args[0], Tensor):
        check_size(args[0].shape, smallest)


def _slide(
    x: Tensor, taps: Size, step: Size, combine: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    for axis, dim in enumerate((-2, -1)):
        length = x.shape[dim] - (taps[axis] - 1) * step[axis]
        views = [x.narrow(dim, tap * step[axis], length) for tap in range(taps[axis])]
        x = functools.reduce(combine, views)
    return x


def _add(a: Tensor, b: Tensor) -> Tensor:
    return a + b


def _times(a: Size, b: Size) -> Size:
    return a[0] * b[0], a[1] * b[1]


def _sides(before: Size, after: Size) -> tuple[int, int, int, int]:
    """In the order that torch pads: left, right, top, bottom."""
    return before[1], after[1], before[0], after[0]
