"""À trous: strides removed, and every later kernel spread so that it still meets the same pixels.

Long, Shelhamer and Darrell, "Fully convolutional networks for semantic segmentation" (2015), call
it filter rarefaction; Holschneider et al. (1989) call the algorithm à trous, "with holes".
"""

import functools
from collections.abc import Collection
from typing import Any
from weakref import WeakKeyDictionary

from torch import fx, nn

from seglab.ops.dense._analysis import Analysis, analyze
from seglab.ops.dense._graph import Program, Step, unknown_name
from seglab.ops.dense._layer_effects import Pad, Window
from seglab.ops.dense._layers import crop, padding, unstrided
from seglab.ops.dense._stride_grid import StrideGrid, follow
from seglab.ops.dense._validate import check_image, check_size
from seglab.types import Size


def rarefy(net: nn.Module, layer: str | None = None, leave: Collection[str] = ()) -> fx.GraphModule:
    """Net without strides, with the same weights: a score for every pixel.

    rarefy(net)(image)[..., ::f, ::f] equals net(image), also for nets with padding, where f is the
    product of the strides. Parameters are shared, not copied. What the net returns keeps its
    structure. `layer` ends the net there.

    `leave` names convolutions and pools that lose their stride but keep their own dilation: the
    classic mistake. The result is then a different network, whose kernels mix pixels that belong to
    different shifts; an unpadded layer of kernel k makes its map (k - 1)(D - 1) pixels larger,
    so compare top-left crops of equal size.

    Raises ValueError, naming the layer, for what has no exact dense form (global pooling,
    squeeze-and-excitation, transposed convolution, flattening, layers in training mode).

    >>> import torch
    >>> from torch import nn
    >>> from seglab.ops import dense
    >>> net = nn.Sequential(nn.Conv2d(3, 5, 3, stride=2), nn.Conv2d(5, 2, 3))
    >>> dense.rarefy(net)(torch.rand(1, 3, 32, 32)).shape
    torch.Size([1, 2, 26, 26])
    >>> dense.dilations(net)
    {'0': 1, '1': 2}
    """
    analysis = analyze(net).up_to(layer)
    program = analysis.program
    leave = {leave} if isinstance(leave, str) else set(leave)
    windows = [step.name for step in program.steps if isinstance(step.op, Window)]
    for name in leave.difference(windows):
        raise ValueError(unknown_name("leave", name, windows))
    grid = follow(program, leave) if leave else analysis.grid
    return _rewritten(program, grid.checked(example="rarefy(net, layer={!r})"), leave)


def dilations(net: nn.Module) -> dict[str, int]:
    """Layer -> the dilation that it needs once all strides are taken out, in execution order.

    It is the product of the strides before the layer, for the rows. Raises ValueError, naming the
    layer, where strides cannot be followed.
    """
    analysis = analyze(net)
    points = analysis.grid.checked(exact=False).points
    return {
        step.name: next(points[n] for n in step.sources if n in points).stride[0]
        for step in analysis.program.steps
        if step.node in points
    }


def rarefied(analysis: Analysis) -> fx.GraphModule:
    """The net of an analysis with every stride removed; see rarefy."""
    return _rewritten(analysis.program, analysis.grid.checked())


def _rewritten(program: Program, grid: StrideGrid, leave: Collection[str] = ()) -> fx.GraphModule:
    dense = _Rewriter(program, grid, leave).module()
    channels = _channels(program)
    dense.register_forward_pre_hook(
        functools.partial(_check_first, smallest=grid.smallest, channels=channels)
    )
    dense.training = False  # alone: eval() would also switch the layers, which are shared
    return dense


# A net's rarefied twin, for as long as its analysis is remembered. It shares the layers but not the
# net, so that nothing keeps the net alive.
_RAREFIED: WeakKeyDictionary[Analysis, fx.GraphModule] = WeakKeyDictionary()


def twin(analysis: Analysis) -> fx.GraphModule:
    """The rarefied net of an analysis, remembered, which saves memory where it can."""
    module = _RAREFIED.get(analysis)
    if module is None:
        module = _RAREFIED[analysis] = rarefied(analysis)
        _reuse(module)
    return module


def _reuse(module: fx.GraphModule) -> None:
    """Let every ReLU that alone reads what a convolution or norm made write over it."""
    for node in module.graph.nodes:
        if node.op != "call_module" or type(module.get_submodule(node.target)) is not nn.ReLU:
            continue
        source = node.args[0]
        if source.op == "call_module" and len(source.users) == 1:
            made = isinstance(module.get_submodule(source.target), nn.Conv2d | nn.BatchNorm2d)
            path, _, name = node.target.rpartition(".")
            if made:
                setattr(module.get_submodule(path), name, nn.ReLU(inplace=True))


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


def _channels(program: Program) -> int | None:
    """The number of channels of the image, by the layers that read it; None where none knows."""
    for step in program.steps:
        if program.image in step.sources:
            layer = step.target
            if isinstance(layer, nn.Conv2d):
                return layer.in_channels
            if isinstance(layer, nn.BatchNorm2d):
                return layer.num_features
    return None


def _check_first(
    module: nn.Module, args: tuple[Any, ...], smallest: Size, channels: int | None
) -> None:
    if not args or isinstance(args[0], fx.Proxy):  # a net that is being traced has no image
        return
    image = args[0]
    check_image(module, image)
    if channels is not None and image.shape[1] != channels:
        raise ValueError(
            f"image has {image.shape[1]} channels, and net reads {channels}; "
            f"give [B, {channels}, H, W]"
        )
    check_size(image.shape, smallest)
