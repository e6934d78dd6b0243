"""An exported program of torch as an ONNX graph, whose weights lie apart and are known by hash.

The operators of torch.export's own level, as far as the labs use them; each has the ONNX operators
of the same arithmetic. What has none is refused by name.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import numpy as np
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, fx

OPSET = 18
_FEW = 64  # bytes: smaller constants lie in the graph itself
_SHAPES = 2**10  # bytes: so are sizes and axes, from which the runtime infers shapes
_FOLDED = 2**18  # bytes of a constant that is computed while the graph is made, at most
_TYPES = {
    torch.float32: TensorProto.FLOAT,
    torch.float64: TensorProto.DOUBLE,
    torch.int64: TensorProto.INT64,
    torch.int32: TensorProto.INT32,
    torch.uint8: TensorProto.UINT8,
    torch.bool: TensorProto.BOOL,
}

FLOATS = (torch.float32, torch.float64)

Given = dict[str, Any]  # the arguments of a call by their names
Handler = Callable[["Graph", fx.Node, Given], Any]
HANDLERS: dict[str, Handler] = {}


class Untranslated(ValueError):
    """An operator or type without a counterpart."""


@dataclass
class Graph:
    """A graph in the making: its nodes, its constants, and the name of what each fx node gives."""

    nodes: list[Any] = field(default_factory=list)
    constants: dict[tuple[Any, ...], tuple[str, np.ndarray]] = field(default_factory=dict)
    names: dict[fx.Node, Any] = field(default_factory=dict)
    real: dict[fx.Node, Any] = field(default_factory=dict)  # what depends on no input

    def op(self, kind: str, *inputs: str, count: int = 1, **attributes: Any) -> Any:
        """Name of what a new node gives; a list where it gives several."""
        outputs = [f"v{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), outputs, **attributes))
        return outputs[0] if count == 1 else outputs

    def constant(self, value: Any, dtype: torch.dtype | None = None) -> str:
        """Name of a constant: a tensor, or numbers of a dtype."""
        tensor = value if isinstance(value, Tensor) else torch.tensor(value, dtype=dtype)
        if tensor.dtype not in _TYPES:
            raise Untranslated(f"a tensor of {tensor.dtype}")
        array = np.ascontiguousarray(tensor.detach().cpu().numpy())
        key = tuple(tensor.shape), array.dtype.str, array.tobytes()
        if key not in self.constants:
            self.constants[key] = f"c{len(self.constants)}", array.reshape(tuple(tensor.shape))
        return self.constants[key][0]

    def ints(self, *values: int) -> str:
        """Name of a list of whole numbers: axes, sizes, steps."""
        return self.constant(list(map(int, values)), torch.int64)

    def name(self, value: Any, dtype: torch.dtype | None = None) -> str:
        """Name of an argument, cast to a dtype: what a node gives, or a number."""
        if isinstance(value, fx.Node) and value not in self.names:
            value = self.real[value]
        if not isinstance(value, fx.Node):
            same = dtype is None or not isinstance(value, Tensor)
            return self.constant(value if same else value.to(dtype), dtype)
        there = self.names[value]
        if dtype is None or _value(value).dtype == dtype:
            return str(there)
        return str(self.cast(there, dtype))

    def cast(self, name: str, dtype: torch.dtype) -> str:
        """Name of a value in another dtype."""
        if dtype not in _TYPES:
            raise Untranslated(f"a tensor of {dtype}")
        return str(self.op("Cast", name, to=_TYPES[dtype]))


@dataclass(frozen=True)
class Model:
    """A graph as bytes, and the weights that it names by their hash.

    constants: outputs of the program that depend on no input; the graph has the others, in order.
    """

    data: bytes
    weights: dict[str, bytes]
    constants: dict[int, Tensor]


def translated(program: Any) -> Model:
    """The graph of an ExportedProgram, with inputs i0, i1, ... and outputs o0, o1, ...

    Outputs that depend on no input are left out.

    Raises Untranslated for an operator that has no counterpart.
    """
    graph = Graph()
    inputs: list[Any] = []
    specs = {spec.arg.name: spec for spec in program.graph_signature.input_specs}
    held = {**program.constants, **program.state_dict}
    outputs: list[Any] = []
    constants: dict[int, Tensor] = {}
    for node in program.graph.nodes:
        if node.op == "placeholder":
            spec = specs[node.name]
            if spec.target is not None:
                graph.real[node] = held[spec.target]
            else:
                name = f"i{len(inputs)}"
                inputs.append(_told(name, _value(node)))
                graph.names[node] = name
        elif node.op == "call_function":
            if not _folded(graph, node):
                graph.names[node] = _called(graph, node)
        elif node.op == "get_attr":
            graph.real[node] = getattr(program.graph_module, node.target)
        elif node.op == "output":
            for i, one in enumerate(node.args[0]):
                if one in graph.real:
                    constants[i] = graph.real[one]
                    continue
                name = f"o{len(outputs)}"
                graph.nodes.append(helper.make_node("Identity", [graph.name(one)], [name]))
                outputs.append(_told(name, _value(one)))
    return _packed(graph, inputs, outputs, constants)


def _packed(graph: Graph, inputs: list[Any], outputs: list[Any], known: dict[int, Tensor]) -> Model:
    needed = _needed(graph.nodes, [o.name for o in outputs])
    used = {name for node in needed for name in node.input}
    weights: dict[str, bytes] = {}
    constants = []
    for name, array in graph.constants.values():
        if name not in used:
            continue
        proto = numpy_helper.from_array(array, name)
        if array.nbytes > (_SHAPES if array.dtype == np.int64 else _FEW):
            data = proto.raw_data
            key = sha256(data).hexdigest()[:16]
            weights[key] = data
            proto = TensorProto(name=name, data_type=proto.data_type, dims=proto.dims)
            proto.data_location = TensorProto.EXTERNAL
            for entry, told in (("location", key), ("offset", 0), ("length", len(data))):
                proto.external_data.add(key=entry, value=str(told))
        constants.append(proto)
    made = helper.make_graph(needed, "g", inputs, outputs, constants)
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9, producer_name="seglab"
    )
    return Model(model.SerializeToString(deterministic=True), weights, known)


def _needed(nodes: list[Any], wanted: list[str]) -> list[Any]:
    """The nodes on which an output depends, in order."""
    due, kept = set(wanted), []
    for node in reversed(nodes):
        if due.intersection(node.output):
            due.update(node.input)
            kept.append(node)
    return kept[::-1]


def _told(name: str, value: Tensor) -> Any:
    if value.dtype not in _TYPES:
        raise Untranslated(f"a tensor of {value.dtype}")
    return helper.make_tensor_value_info(name, _TYPES[value.dtype], list(value.shape))


def _value(node: fx.Node) -> Any:
    return node.meta["val"]


def _folded(graph: Graph, node: fx.Node) -> bool:
    """Compute a node at once where all that it needs is known and its value is small."""
    if any(needed not in graph.real for needed in node.all_input_nodes):
        return False
    value = node.meta.get("val")
    parts = value if isinstance(value, tuple | list) else [value]
    if sum(x.numel() * x.element_size() for x in parts if isinstance(x, Tensor)) > _FOLDED:
        return False
    arguments = fx.node.map_arg((node.args, node.kwargs), lambda needed: graph.real[needed])
    graph.real[node] = node.target(*arguments[0], **arguments[1])  # type: ignore[operator]
    return True


def _called(graph: Graph, node: fx.Node) -> Any:
    target: Any = node.target
    name = getattr(target, "__name__", str(target))
    if name == "getitem":
        source: Any = node.args[0]
        if source not in graph.names:
            return graph.constant(graph.real[source][node.args[1]])
        return graph.names[source][node.args[1]]
    known = name.partition(".")[0]
    handler = HANDLERS.get(name) or HANDLERS.get(known)
    if handler is None:
        raise Untranslated(f"the operator {known} of torch has no counterpart in ONNX here")
    given: dict[str, Any] = {}
    for i, argument in enumerate(target._schema.arguments):
        if i < len(node.args):
            given[argument.name] = node.args[i]
        else:
            given[argument.name] = node.kwargs.get(argument.name, argument.default_value)
    return handler(graph, node, given)


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Let a function translate the operators of these names, with or without an overload."""

    def note(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(names, handler))
        return handler

    return note


def sizes(node: Any) -> tuple[int, ...]:
    """The shape of what a node gives."""
    return tuple(map(int, _value(node).shape))


def dtype_of(node: Any) -> torch.dtype:
    """The dtype of what a node gives."""
    found: torch.dtype = _value(node).dtype
    return found


def pair(value: Any) -> list[int]:
    """Two numbers of one, or of two."""
    numbers = [value] if isinstance(value, int) else list(value)
    return numbers * 2 if len(numbers) == 1 else numbers


def axes(value: Any, dims: int) -> list[int]:
    """Axes from 0; all of them where none is named."""
    given = range(dims) if value is None or value == [] else value
    given = [given] if isinstance(given, int) else given
    return [axis % dims if dims else 0 for axis in given]


def permutation(dims: int, source: Sequence[int], target: Sequence[int]) -> list[int]:
    """The order of axes that movedim gives."""
    order: list[int] = [-1] * dims
    for s, t in zip(source, target, strict=True):
        order[t % dims] = s % dims
    rest = iter(axis for axis in range(dims) if axis not in [s % dims for s in source])
    return [next(rest) if axis < 0 else axis for axis in order]
