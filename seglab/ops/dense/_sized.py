"""A net read for one size of image: every size in it is a number, and every layer has its taps.

torch.fx alone cannot read a net that looks at the sizes of its maps, as most nets with upsampling
do. Here each step also runs, on a batch of no pictures, so that sizes are numbers like any other.
"""

import math
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, cast

import torch
from torch import Tensor, fx, nn

from seglab.ops.dense._analysis import original
from seglab.ops.dense._graph import Program, Step, Tracer, UnsuitableNet, program
from seglab.ops.dense._layer_effects import (
    Flattened,
    GlobalContext,
    NonSpatial,
    Pad,
    Pointwise,
    Resampled,
    Unknown,
    Unresampled,
    Window,
)
from seglab.ops.dense._taps import IMAGE, SAME, Exact, Sight, Taps, moved, window
from seglab.types import Size

_BORDERLESS = ("zeros", "constant")  # what lies beyond the border does not come from the map


@dataclass(frozen=True)
class SizedNet:
    """A net for images of one size; a step whose map cannot be followed has a reason instead."""

    size: Size
    program: Program
    sizes: dict[fx.Node, Size]
    channels: int  # of what it returns, 0 where that is no map
    sights: dict[fx.Node, tuple[Sight, Sight]] = field(default_factory=dict)
    reasons: dict[fx.Node, str] = field(default_factory=dict)  # what is not known, and why
    untileable: dict[fx.Node, str] = field(default_factory=dict)  # why a part does not tell
    pooled: dict[fx.Node, str] = field(default_factory=dict)  # what has lost its positions

    @property
    def output(self) -> fx.Node:
        """The map that the net returns; raises ValueError where it returns none."""
        node = self.program.output
        if node not in self.sizes or (node not in self.sights and node not in self.reasons):
            raise UnsuitableNet("the net returns no map of scores", "give one that does")
        return node

    @property
    def upsamples(self) -> bool:
        """True if any step makes a finer grid, or another one."""
        return any(isinstance(step.op, Resampled | Unresampled) for step in self.program.steps)

    def exact(self, axis: int, crop: Exact) -> Exact:
        """The units of the output that a crop gives exactly, along one axis.

        crop: from where to where the crop's pixels are the picture's; infinite at a true border.
        """
        known = {self.program.image: crop}
        for step in self.program.steps:
            read = [known[node] for node in step.sources if node in known]
            if not read or step.node not in self.sizes:
                continue
            before = max(r[0] for r in read), min(r[1] for r in read)
            length = self.sizes[step.sources[0]][axis]
            known[step.node] = _exact(step, axis, before, length, self.sizes[step.node][axis])
        return known[self.output]

    def taps(self) -> Iterator[tuple[str, tuple[Taps, Taps]]]:
        """Name and taps of each step that has any."""
        for step in self.program.steps:
            if step.node in self.sights:
                yield step.name, (taps_of(step, 0), taps_of(step, 1))


def at_size(net: nn.Module, size: Size, layer: str | None = None) -> SizedNet:
    """Read a net, up to a layer, for images of this size. No picture is needed, nor any memory.

    Raises TypeError for what is no module, ValueError for a net that cannot be read so.
    """
    if not isinstance(net, nn.Module):
        raise TypeError(f"net is a {type(net).__name__}; give a torch.nn.Module")
    net = original(net)
    failure: Exception | None = None
    for channels in _channels(net):
        try:
            return _followed(net, size, channels, layer)
        except UnsuitableNet:
            raise
        except Exception as error:  # whatever the net's own forward raises
            failure = failure or error
    reason = str(failure).partition("\n")[0] or type(failure).__name__
    if layer is not None and f"layer={layer!r}" in reason:
        raise ValueError(reason) from failure
    raise UnsuitableNet(
        f"net={type(net).__name__} cannot be read for an image of {size[0]} x {size[1]} ({reason})",
        "give a size that the net takes, and a net whose forward does not look at values",
    ) from failure


def taps_of(step: Step, axis: int) -> Taps:
    """The taps of a step along one axis."""
    op = step.op
    if isinstance(op, Window):
        return window(op.stride[axis], op.kernel_size[axis], op.dilation[axis], op.before[axis])
    if isinstance(op, Pad):
        return moved(-op.before[axis])
    if isinstance(op, Resampled):
        return op.columns if axis else op.rows
    return SAME


def _exact(step: Step, axis: int, before: Exact, length: int, made: int) -> Exact:
    """The exact units of a step, whose input has `length` units, and which makes so many."""
    op = step.op
    first, end = taps_of(step, axis).exact(before)
    if _mirrors(op):  # at a true border, no further than what is mirrored is exact
        reach = max(before[0], 0), min(before[1], length)
        if before[0] == -math.inf:
            first = taps_of(step, axis).exact((1 - reach[1], math.inf))[0]
        if before[1] == math.inf:
            end = taps_of(step, axis).exact((-math.inf, 2 * length - reach[0] - 1))[1]
    if before[0] > -math.inf:
        first = max(first, 0)
    if before[1] < math.inf:
        end = min(end, made)
    return first, end


def _mirrors(op: object) -> bool:
    if isinstance(op, Window | Pad):
        return op.mode not in _BORDERLESS and any(op.before + op.after)
    return isinstance(op, Resampled) and op.mirrored


def _followed(net: nn.Module, size: Size, channels: int, layer: str | None) -> SizedNet:
    weight = next((p for p in net.parameters() if p.is_floating_point()), torch.empty(0))
    tracer = _SizedTracer(weight.new_empty(0, channels, *size))
    root = nn.Sequential(net) if tracer.is_leaf_module(net, "") else net
    with torch.no_grad():
        graph = tracer.trace(root)
    steps = program(root, graph, tracer.values).up_to(layer)
    sizes = {
        node: (value.shape[-2], value.shape[-1])
        for node, value in tracer.values.items()
        if isinstance(value, Tensor) and value.ndim >= 3
    }
    result = tracer.values.get(steps.result) if isinstance(steps.result, fx.Node) else None
    width = result.shape[1] if isinstance(result, Tensor) and result.ndim == 4 else 0
    sized = SizedNet(size, steps, sizes, width)
    sized.sights[steps.image] = (IMAGE, IMAGE)
    for step in steps.steps:
        _take(sized, step)
    return sized


def _take(sized: SizedNet, step: Step) -> None:
    """Note what a step's units see, or the reason why nobody can tell."""
    op, sights = step.op, sized.sights
    if isinstance(op, Flattened):
        sized.pooled[step.node] = f"layer {op.where!r} {op.reason}"
    for notes in (sized.reasons, sized.untileable):
        if inherited := next((notes[node] for node in step.sources if node in notes), ""):
            notes[step.node] = inherited
    read = [sights[node] for node in step.sources if node in sights]
    if step.node in sized.reasons or not read or isinstance(op, Flattened | NonSpatial):
        return
    if isinstance(op, Unknown) and not isinstance(op, Resampled):
        sized.reasons[step.node] = f"layer {step.name!r} {op.reason}, so its field is not known"
    elif len({tuple(sight.stride for sight in axes) for axes in read}) > 1:
        met = " and ".join(" x ".join(str(axis.stride) for axis in axes) for axes in read)
        sized.reasons[step.node] = f"the maps that meet at layer {step.name!r} have strides {met}"
    else:
        rows, columns = (_joined([axes[axis] for axes in read], step, axis) for axis in (0, 1))
        sights[step.node] = rows, columns
        if reason := _against_tiles(op):
            pooled = next((sized.pooled[n] for n in step.sources if n in sized.pooled), "")
            sized.untileable.setdefault(step.node, pooled or f"layer {step.name!r} {reason}")


def _joined(read: list[Sight], step: Step, axis: int) -> Sight:
    sight = reduce(Sight.joined, read).behind(taps_of(step, axis))
    return sight.everywhere() if isinstance(step.op, GlobalContext) else sight


def _against_tiles(op: object) -> str:
    """The reason why a part of a picture does not tell what this step gives there."""
    if isinstance(op, GlobalContext):
        return op.reason
    if isinstance(op, Pointwise):
        return op.unsteady
    if isinstance(op, Window | Pad) and op.mode == "circular" and any(op.before + op.after):
        return "continues the picture by its opposite border"
    return ""


class _Sized(fx.Proxy):
    """A map while the net is read: it knows its size, and passes for a tensor."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:  # so that isinstance(image, Tensor) holds
        return Tensor

    @property
    def value(self) -> Tensor:
        """The map of a batch of no pictures."""
        tracer = cast(_SizedTracer, self.tracer)
        found: Tensor = tracer.values[self.node]
        return found

    @property
    def shape(self) -> torch.Size:
        return torch.Size((1, *self.value.shape[1:]))

    @property
    def ndim(self) -> int:
        return self.value.ndim

    @property
    def dtype(self) -> torch.dtype:
        return self.value.dtype

    @property
    def device(self) -> torch.device:
        return self.value.device

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def dim(self) -> int:
        return self.value.ndim

    def numel(self) -> int:
        return self.shape.numel()

    def is_floating_point(self) -> bool:
        return self.value.is_floating_point()


class _SizedTracer(Tracer):
    """Runs each step as soon as it is read, on a batch of no pictures: all sizes, and no work."""

    def __init__(self, image: Tensor) -> None:
        super().__init__()
        self.image = image
        self.values: dict[fx.Node, Any] = {}
        self._running = False

    def proxy(self, node: fx.Node) -> fx.Proxy:
        return _Sized(node, self)

    def create_args_for_root(self, root_fn: Any, is_module: bool, concrete_args: Any = None) -> Any:
        return root_fn, [self.root, self.create_proxy("placeholder", "image", (), {})]

    def create_arg(self, a: Any) -> Any:
        if type(a) is _Sized:
            return a.node
        if isinstance(a, Tensor) and not isinstance(a, nn.Parameter):
            return a  # a constant: torch.fx would make it an attribute of the net
        return super().create_arg(a)

    def create_proxy(
        self, kind: str, target: Any, args: Any, kwargs: Any, *more: Any, **options: Any
    ) -> Any:
        proxy: Any = super().create_proxy(kind, target, args, kwargs, *more, **options)
        node: fx.Node = proxy.node
        value = self.image if kind == "placeholder" else self._run(node)
        if isinstance(value, Tensor):
            self.values[node] = value
            return proxy
        if isinstance(value, tuple | list) and any(isinstance(v, Tensor) for v in value):
            self.values[node] = value
            return tuple(proxy[i] for i in range(len(value)))
        self.graph.erase_node(node)
        return value

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        if self._running:
            return forward(*args, **kwargs)
        return super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        if self._running:
            return attr_val
        return super().getattr(attr, attr_val, parameter_proxy_cache)

    def _value_of(self, node: fx.Node) -> Any:
        if node not in self.values:  # a parameter that the net reads
            self.values[node] = operator.attrgetter(str(node.target))(self.root)
        return self.values[node]

    def _run(self, node: fx.Node) -> Any:
        """Result of a node for a batch without pictures."""
        self._running = True
        try:
            args, kwargs = (_mapped(given, self._value_of) for given in (node.args, node.kwargs))
            if node.op == "call_module":
                return self.root.get_submodule(str(node.target))(*args, **kwargs)
            if node.op == "call_method":
                return getattr(args[0], str(node.target))(*args[1:], **kwargs)
            if node.op == "get_attr":
                return self._value_of(node)
            return cast(Callable[..., Any], node.target)(*args, **kwargs)
        finally:
            self._running = False


def _mapped(given: Any, value_of: Callable[[fx.Node], Any]) -> Any:
    """Arguments of a node with values in place of nodes."""
    if isinstance(given, fx.Node):
        return value_of(given)
    if isinstance(given, tuple | list):
        return tuple(_mapped(part, value_of) for part in given)
    if isinstance(given, dict):
        return {key: _mapped(part, value_of) for key, part in given.items()}
    return given


def _channels(net: nn.Module) -> list[int]:
    """Numbers of channels that an image for this net may have, the likeliest first."""
    first = [m.in_channels for m in net.modules() if isinstance(m, nn.Conv2d)][:1]
    return list(dict.fromkeys([*first, 3, 1]))
