"""Rules for what each layer and function of a net does to the grid of positions."""

import operator
from collections.abc import Mapping
from typing import Any

import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab.ops.dense._layer_effects import (
    CHANNELS,
    FROZEN_NORM,
    TRAINING,
    Flattened,
    GlobalContext,
    NonSpatial,
    Op,
    Pad,
    Pointwise,
    Unknown,
    Window,
    convolution,
    is_random,
    of_torchvision,
    pad_call,
    pad_layer,
    pool,
    softmax,
    unsteady,
)
from seglab.ops.dense._resampling import resampled

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


class Rules:
    """Classifies the nodes of one graph in order; a node's shape word is what later nodes need."""

    def __init__(
        self,
        root: nn.Module,
        names: dict[fx.Node, str],
        values: Mapping[fx.Node, Any] | None = None,
    ) -> None:
        self.root, self.names = root, names
        self.values = values  # tensors without data, where the net was read for one size of image
        self.ops: dict[fx.Node, Op] = {}
        self.shape: dict[fx.Node, str] = {}  # map, plane (no channel axis), pieces, lost, aside

    def note_input(self, node: fx.Node, is_image: bool) -> None:
        """Take an input of the net: the image, or something beside it."""
        self.ops[node], self.shape[node] = NonSpatial(), "map" if is_image else "aside"

    def sources(self, node: fx.Node) -> tuple[fx.Node, ...]:
        """The maps of positions that a node reads, and those that have lost their positions."""
        return tuple(n for n in node.all_input_nodes if self.shape[n] != "aside")

    def apply(self, node: fx.Node) -> Op:
        """The effect of a node, all of whose inputs were seen before."""
        self.shape[node] = "map"
        op = self._op(node, self.sources(node))
        if isinstance(op, Unknown) and self.values is not None:
            op = resampled(node, op, self.root, self.values)
        self.ops[node] = op
        if isinstance(op, Flattened | NonSpatial):
            self.shape[node] = "lost" if isinstance(op, Flattened) else "aside"
        return op

    def _op(self, node: fx.Node, sources: tuple[fx.Node, ...]) -> Op:
        name = str(getattr(node.target, "__name__", node.target))
        if not sources or name in {"size", "dim", "getattr"}:
            return NonSpatial()
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
        if isinstance(op, Flattened):
            return Flattened(op.reason, self.names.get(node, node.name))
        if lost and isinstance(op, Pointwise):
            return GlobalContext("mixes in what was pooled over the whole image")
        return op

    def _module(self, module: nn.Module) -> Op:
        match module:
            case nn.Conv2d():
                return convolution(module)
            case nn.MaxPool2d() | nn.AvgPool2d():
                return pool(module)
            case nn.BatchNorm2d():
                return Pointwise(unsteady(module))
            case nn.Softmax() | nn.LogSoftmax():
                return softmax(module.dim)
            case nn.AdaptiveAvgPool2d() | nn.AdaptiveMaxPool2d():
                if module.output_size in (None, (None, None), [None, None]):
                    return Pointwise()
                return Flattened("pools over the whole image", "")
            case nn.Linear():
                return Flattened("is fully connected", "")
            case nn.Flatten():
                return Flattened("flattens the grid", "")
            case _ if isinstance(module, _EVERYWHERE):
                return GlobalContext("normalises over the whole image")
            case _ if is_random(module):
                return Pointwise(unsteady(module))
            case _ if isinstance(module, _POINTWISE_MODULES):
                return Pointwise()
            case _ if of_torchvision(module, FROZEN_NORM):
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
            return Pointwise(TRAINING if kwargs.get("training", default) else "")
        if name in _REDUCTIONS:
            dim = kwargs.get("dim", args[1] if len(args) > 1 else None)
            over_channels = dim in CHANNELS and kwargs.get("keepdim", args[2:3] == (True,))
            return Pointwise() if over_channels else Flattened("reduces over the whole image", "")
        if name in _POINTWISE:
            return self._arithmetic(node)
        if name in {"view", "reshape"} and len(_sizes(args[1:])) < 4:
            return Flattened("flattens the grid", "")
        if name in _ENDS:
            return Flattened(_ENDS[name], "")
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
        if any(_in_space(arg) for arg in node.args):
            return Unknown("uses a constant whose size in space is fixed")
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
            if _in_space(constant):
                return Unknown(f"uses {source.target}, whose size in space is fixed")
        return Pointwise()


def _in_space(value: object) -> bool:
    """True for a tensor that is not the same at every position."""
    return isinstance(value, Tensor) and any(n != 1 for n in value.shape[-2:])


def _sizes(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(args[0]) if args and isinstance(args[0], tuple | list) else args
