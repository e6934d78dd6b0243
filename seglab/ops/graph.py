"""A net as a list of steps: what each layer does to the grid of positions, read by torch.fx.

Receptive fields, rarefaction, fragments and the cost ledger are four walks over this one list.
"""

import difflib
import operator
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab.ops.operations import (
    CHANNELS,
    Aside,
    Everywhere,
    Lost,
    Op,
    Pad,
    Pointwise,
    Unknown,
    Window,
    convolution,
    pad_call,
    pad_layer,
    pair,
    pool,
    softmax,
)

__all__ = [
    "Aside",
    "Everywhere",
    "Lost",
    "Op",
    "Pad",
    "Pointwise",
    "Program",
    "Step",
    "Unknown",
    "Window",
    "cut",
    "pair",
    "read",
    "unknown_name",
]


@dataclass(frozen=True)
class Step:
    """One operation, under the name that torchvision's get_graph_node_names gives it."""

    name: str
    node: fx.Node
    op: Op
    sources: tuple[fx.Node, ...]  # the maps of positions it reads


@dataclass(frozen=True)
class Program:
    """The steps of a net in execution order, and where they come from."""

    root: nn.Module
    image: fx.Node
    steps: tuple[Step, ...]
    result: Any  # what the net returns, in terms of nodes

    def up_to(self, layer: str | None) -> "Program":
        """The steps that the output of `layer` needs; None: that the net's own output needs.

        Raises ValueError for a layer that the net does not have, naming the nearest ones it has.
        """
        result = self.result if layer is None else self.find(layer).node
        needed: set[fx.Node] = set()
        pending = _nodes_in(result)
        while pending:
            node = pending.pop()
            if node not in needed:
                needed.add(node)
                pending += node.all_input_nodes
        kept = tuple(
            step
            for step in self.steps
            if step.node in needed or (self._in_place(step) and needed.issuperset(step.sources))
        )
        return Program(self.root, self.image, kept, result)

    def _in_place(self, step: Step) -> bool:
        """Whether the step changes what it reads, so that it counts even if nobody reads it."""
        if step.node.op == "call_module":
            return bool(getattr(self.module(step), "inplace", False))
        name = str(getattr(step.node.target, "__name__", step.node.target))
        return name.endswith("_") or bool(step.node.kwargs.get("inplace"))

    def find(self, layer: str) -> Step:
        """The step of that name, or the last one inside the module of that path."""
        inside = [s for s in self.steps if s.name == layer or s.name.startswith(f"{layer}.")]
        exact = [s for s in inside if s.name == layer]
        if inside:
            return (exact or inside)[-1]
        raise ValueError(unknown_name("layer", layer, (step.name for step in self.steps)))

    @property
    def output(self) -> fx.Node:
        """The one map that is returned; raises ValueError where the net returns several."""
        if isinstance(self.result, fx.Node):
            return self.result
        raise ValueError(
            f"the net returns a {type(self.result).__name__}; one map of scores is wanted: cut "
            "the net at the layer that makes it, seglab.ops.graph.cut(net, layer)"
        )

    def module(self, step: Step) -> nn.Module:
        """The layer that a call_module step calls."""
        return self.root.get_submodule(str(step.node.target))


def read(net: nn.Module) -> Program:
    """Trace a net and tell for every operation what it does to the grid.

    Raises TypeError for what is no module, ValueError for a net that torch.fx cannot trace.
    """
    if not isinstance(net, nn.Module):
        raise TypeError(f"net is a {type(net).__name__}; give a torch.nn.Module")
    facts = _facts(net)
    if facts is not None and net in _REMEMBERED:
        then, image, steps, result = _REMEMBERED[net]
        if then == facts:
            return Program(net, image, steps, result)
    program = _traced(net)
    if facts is not None:  # without the net, which would otherwise keep itself alive
        _REMEMBERED[net] = facts, program.image, program.steps, program.result
    return program


# Tracing takes milliseconds, as long as a small net takes on a small picture.
_REMEMBERED: WeakKeyDictionary[nn.Module, tuple[Hashable, Any, Any, Any]] = WeakKeyDictionary()
_PLAIN = (type(None), bool, int, float, str, tuple, list)


def _facts(net: nn.Module) -> Hashable | None:
    """All that a trace of a stack of torch's own layers depends on; None for any other net.

    What a forward method of the user's own reads can change unseen, so such a net is traced anew.
    """
    if not isinstance(net, nn.Sequential):
        return None
    facts = []
    for name, module in net.named_modules(remove_duplicate=False):
        kind, own = type(module), vars(module)
        if not kind.__module__.startswith("torch.nn.modules.") or "forward" in own:
            return None
        settings = tuple(
            (key, tuple(value) if isinstance(value, list) else value)
            for key, value in own.items()
            if isinstance(value, _PLAIN)
        )
        absent = tuple(key for key, buffer in own["_buffers"].items() if buffer is None)
        facts.append((name, id(module), kind, settings, absent))
    return tuple(facts)


def _traced(net: nn.Module) -> Program:
    tracer = _Tracer()
    if tracer.is_leaf_module(net, ""):
        net = nn.Sequential(net)  # a lone layer: torch.fx would look inside it
    try:
        graph = tracer.trace(net)
    except Exception as error:  # whatever the net's own forward raises on a proxy
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"net={type(net).__name__} cannot be traced by torch.fx ({reason}); give its "
            "convolutional part alone, such as net.features or net.backbone"
        ) from error
    return _Reader(net, graph, _names(graph)).program()


class _Tracer(fx.Tracer):
    """torch.fx's own, which also leaves torchvision's two layers whole."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        named = _called(m, _POINTWISE_NAMED) or _called(m, _RANDOM_NAMED)
        return named or super().is_leaf_module(m, module_qualified_name)


def _called(module: nn.Module, name: str) -> bool:
    return type(module).__name__ == name and type(module).__module__.startswith("torchvision.")


def _names(graph: fx.Graph) -> dict[fx.Node, str]:
    """The names that torchvision's get_graph_node_names gives: module path, then the operation."""
    names: dict[fx.Node, str] = {}
    times: dict[str, int] = {}
    for node in graph.nodes:
        inside = list(node.meta.get("nn_module_stack", {}).values())
        if node.op in ("placeholder", "output"):
            name = node.name
        elif node.op == "call_module":
            name = str(node.target)
        else:
            path = [inside[-1][0]] if inside and inside[-1][0] else []
            name = ".".join([*path, getattr(node.target, "__name__", str(node.target))])
        again = times[name] = times.get(name, -1) + 1
        names[node] = f"{name}_{again}" if again else name
    return names


def cut(net: nn.Module, layer: str) -> nn.Module:
    """The same net (weights shared) that ends at `layer`; raises ValueError for an unknown name."""
    program = read(net).up_to(layer)
    graph = fx.Graph()
    copies = {program.image: graph.node_copy(program.image)}
    for step in program.steps:
        copies[step.node] = graph.node_copy(step.node, copies.__getitem__)
    graph.output(copies[program.output])
    module = fx.GraphModule(program.root, graph)
    module.training = net.training  # alone: train() would also switch the layers, which are shared
    return module


def unknown_name(argument: str, name: str, names: Iterable[str]) -> str:
    """An error's sentence for a name that is not there, with the nearest that are."""
    paths = (name.split(".")[:depth] for name in names for depth in range(1, 9))
    names = list(dict.fromkeys(".".join(path) for path in paths))
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.3) or names[-4:]
    return f"{argument}={name!r} is not in the net; near names are {', '.join(map(repr, near))}"


# What keeps every position to itself. Names are torch's, without the in-place underscore.
_POINTWISE = (
    *("add", "sub", "mul", "div", "truediv", "true_divide", "iadd", "isub", "imul", "itruediv"),
    *("neg", "pow", "abs", "absolute", "exp", "log", "log1p", "sqrt", "rsqrt", "square", "sin"),
    *("cos", "maximum", "minimum", "clamp", "clip", "relu", "relu6", "sigmoid", "tanh", "silu"),
    *("hardswish", "hardsigmoid", "hardtanh", "gelu", "leaky_relu", "elu", "selu", "celu", "mish"),
    *("softplus", "softsign", "logsigmoid", "threshold", "local_response_norm", "contiguous"),
    *("float", "half", "double", "clone", "detach"),
)
_POINTWISE_MODULES = (
    *(nn.Identity, nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.CELU, nn.GELU),
    *(nn.SiLU, nn.Mish, nn.Sigmoid, nn.LogSigmoid, nn.Tanh, nn.Hardtanh, nn.Hardswish),
    *(nn.Hardsigmoid, nn.Softplus, nn.Softsign, nn.Threshold, nn.Tanhshrink, nn.Hardshrink),
    *(nn.Softshrink, nn.LocalResponseNorm, nn.Softmax2d, nn.ChannelShuffle),
)
_RANDOM_MODULES = (nn.Dropout, nn.Dropout2d, nn.AlphaDropout, nn.FeatureAlphaDropout, nn.RReLU)
# torchvision's own, by name: importing it takes two seconds, which the first picture would wait.
_POINTWISE_NAMED, _RANDOM_NAMED = "FrozenBatchNorm2d", "StochasticDepth"
_RANDOM = {"dropout", "dropout2d", "alpha_dropout", "feature_alpha_dropout", "stochastic_depth"}
_JOINS = {"cat", "concat", "concatenate"}
_PIECES = {"chunk", "split", "tensor_split"}
_ENDS = {
    "flatten": "flattens the grid",
    "squeeze": "drops the grid's axes",
    "linear": "is fully connected",
    "adaptive_avg_pool2d": "pools over the whole image",
    "adaptive_max_pool2d": "pools over the whole image",
}
_REDUCTIONS = {"mean", "sum", "amax", "amin", "std", "var"}
_UNEVEN = {
    "interpolate": "makes a finer grid out of a coarser one",
    "upsample": "makes a finer grid out of a coarser one",
    "conv_transpose2d": "is a transposed convolution, whose outputs do not all see alike",
    "pixel_shuffle": "makes a finer grid out of channels",
    "pixel_unshuffle": "makes channels out of a finer grid",
    "layer_norm": "normalises over an axis that may be part of the grid",
}
_UNEVEN_MODULES: dict[type[nn.Module], str] = {
    nn.ConvTranspose2d: _UNEVEN["conv_transpose2d"],
    nn.Upsample: _UNEVEN["interpolate"],
    nn.PixelShuffle: _UNEVEN["pixel_shuffle"],
    nn.PixelUnshuffle: _UNEVEN["pixel_unshuffle"],
    nn.LayerNorm: _UNEVEN["layer_norm"],
}
_EVERYWHERE = (nn.InstanceNorm2d, nn.GroupNorm)
_POOLS: dict[Any, tuple[type[nn.Module], tuple[str, ...]]] = {
    F.max_pool2d: (
        nn.MaxPool2d,
        ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    ),
    F.avg_pool2d: (
        nn.AvgPool2d,
        ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override"),
    ),
}


class _Reader:
    """Classifies the nodes of one graph in order; a node's shape word is what later nodes need."""

    def __init__(self, root: nn.Module, graph: fx.Graph, names: dict[fx.Node, str]) -> None:
        self.root, self.graph, self.names = root, graph, names
        self.ops: dict[fx.Node, Op] = {}
        self.shape: dict[fx.Node, str] = {}  # map, plane (no channel axis), pieces, lost, aside

    def program(self) -> Program:
        steps: list[Step] = []
        image: fx.Node | None = None
        result: Any = None
        for node in self.graph.nodes:
            if node.op == "output":
                result = node.args[0]
                continue
            if node.op == "placeholder":
                self.ops[node], self.shape[node] = Aside(), "aside"
                if image is None:
                    image, self.shape[node] = node, "map"
                continue
            sources = tuple(n for n in node.all_input_nodes if self.shape[n] != "aside")
            self.shape[node] = "map"
            op = self.ops[node] = self._op(node, sources)
            if isinstance(op, Lost | Aside):
                self.shape[node] = "lost" if isinstance(op, Lost) else "aside"
            steps.append(Step(self.names.get(node, node.name), node, op, sources))
        if image is None:
            raise ValueError("net takes no input; give a net that maps an image to scores")
        return Program(self.root, image, tuple(steps), result)

    def _op(self, node: fx.Node, sources: tuple[fx.Node, ...]) -> Op:
        name = str(getattr(node.target, "__name__", node.target))
        if not sources or name in {"size", "dim", "getattr"}:
            return Aside()
        name = name.rstrip("_")  # in place or not is one and the same to the grid
        lost = [self.ops[n] for n in sources if self.shape[n] == "lost"]
        if len(lost) == len(sources):
            return lost[0]
        if node.op == "call_module":
            op = self._module(self.root.get_submodule(str(node.target)))
        else:
            op = self._function(node, name)
        if isinstance(op, Window | Pad) and self.shape[sources[0]] != "map":
            return Unknown("looks at a map whose channels were taken out; keep them with x[:, i:j]")
        if isinstance(op, Lost):
            return Lost(op.reason, self.names.get(node, node.name))
        if lost and isinstance(op, Pointwise):
            return Everywhere("mixes in what was pooled over the whole image")
        return op

    def _module(self, module: nn.Module) -> Op:
        match module:
            case nn.Conv2d():
                return convolution(module)
            case nn.MaxPool2d() | nn.AvgPool2d():
                return pool(module)
            case nn.BatchNorm2d():
                statistics_of_the_batch = module.training or module.running_mean is None
                return Pointwise(training=statistics_of_the_batch)
            case nn.Softmax() | nn.LogSoftmax():
                return softmax(module.dim)
            case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
                if module.output_size in (None, (None, None), [None, None]):
                    return Pointwise()
                return Lost("pools over the whole image", "")
            case nn.Linear():
                return Lost("is fully connected", "")
            case nn.Flatten():
                return Lost("flattens the grid", "")
            case _ if isinstance(module, _EVERYWHERE):
                return Everywhere("normalises over the whole image")
            case _ if isinstance(module, _RANDOM_MODULES) or _called(module, _RANDOM_NAMED):
                return Pointwise(training=module.training)
            case _ if isinstance(module, _POINTWISE_MODULES) or _called(module, _POINTWISE_NAMED):
                return Pointwise()
            case _ if hasattr(module, "padding") and "Pad2d" in type(module).__name__:
                return pad_layer(module)
        for kind, reason in _UNEVEN_MODULES.items():
            if isinstance(module, kind):
                return Unknown(reason)
        return Unknown(f"is a {type(module).__name__}, which this package has no rule for")

    def _function(self, node: fx.Node, name: str) -> Op:
        args: tuple[Any, ...] = node.args
        kwargs: dict[str, Any] = dict(node.kwargs)
        shape = self.shape[node.all_input_nodes[0]]
        if node.target in _POOLS:
            kind, words = _POOLS[node.target]
            given = dict(zip(words, args[1:], strict=False)) | kwargs
            given.pop("input", None)
            return pool(kind(**given))
        if name == "pad":
            return pad_call(*args[1:], **{k: v for k, v in kwargs.items() if k != "input"})
        if name in _JOINS:
            dim = kwargs.get("dim", args[1] if len(args) > 1 else 0)
            return Pointwise() if dim in CHANNELS else Unknown("joins maps in space, not channels")
        if name in _PIECES and kwargs.get("dim", args[2] if len(args) > 2 else 0) in CHANNELS:
            self.shape[node] = "pieces"
            return Pointwise()
        if name == "getitem":
            return self._index(node, shape)
        if name == "unsqueeze" and shape == "plane":
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            return Pointwise() if dim in CHANNELS else Unknown("adds an axis inside the grid")
        if name in {"softmax", "log_softmax"}:
            return softmax(kwargs.get("dim", args[1] if len(args) > 1 else None))
        if name in _RANDOM:
            default = args[-1] if isinstance(args[-1], bool) else name != "stochastic_depth"
            return Pointwise(training=bool(kwargs.get("training", default)))
        if name in _REDUCTIONS:
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            over_channels = dim in CHANNELS and kwargs.get("keepdim", args[2:3] == (True,))
            return Pointwise() if over_channels else Lost("reduces over the whole image", "")
        if name in _POINTWISE:
            return self._arithmetic(node)
        if name in {"view", "reshape"} and len(_sizes(args[1:])) < 4:
            return Lost("flattens the grid", "")
        if name in _ENDS:
            return Lost(_ENDS[name], "")
        return Unknown(_UNEVEN.get(name, f"calls {name}, which this package has no rule for"))

    def _index(self, node: fx.Node, shape: str) -> Op:
        index: Any = node.args[1]
        if shape == "pieces":
            return Pointwise()
        parts: tuple[Any, ...] = index if isinstance(index, tuple) else (index,)
        everything = slice(None)
        batch: Any
        channel: Any
        space: Any
        batch, channel, *space = (*parts, everything, everything)
        if shape != "map" or batch != everything or any(s != everything for s in space):
            return Unknown("cuts a piece out of the grid")
        if isinstance(channel, int):
            self.shape[node] = "plane"
        return Pointwise() if isinstance(channel, int | slice) else Unknown("indexes the channels")

    def _arithmetic(self, node: fx.Node) -> Op:
        shapes = {self.shape[n] for n in node.all_input_nodes}
        self.shape[node] = "plane" if shapes <= {"plane", "aside"} else "map"
        pending = [n for n in node.all_input_nodes if self.shape[n] == "aside"]
        while pending:  # constants, and what the net computes from them
            source = pending.pop()
            if source.op != "get_attr":
                pending += source.all_input_nodes
                if source.op == "placeholder" or self.shape[source] != "aside":
                    return Unknown("depends on the size of its input")
                continue
            constant = operator.attrgetter(str(source.target))(self.root)
            if isinstance(constant, Tensor) and any(n != 1 for n in constant.shape[-2:]):
                return Unknown(f"uses {source.target}, whose size in space is fixed")
        return Pointwise()


def _sizes(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if args and isinstance(args[0], tuple | list) else args


def _nodes_in(result: Any) -> list[fx.Node]:
    found: list[fx.Node] = []

    def note(node: fx.Node) -> fx.Node:
        found.append(node)
        return node

    fx.node.map_arg(result, note)
    return found
