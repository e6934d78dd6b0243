"""A net as a list of steps: each layer's effect on the grid of positions, read by torch.fx."""

import difflib
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import fx, nn

from seglab.ops.dense._layer_effects import FROZEN_NORM, STOCHASTIC_DEPTH, Op, of_torchvision
from seglab.ops.dense._rules import Rules


@dataclass(frozen=True)
class Step:
    """One operation, under the name that torchvision's get_graph_node_names gives it."""

    name: str
    node: fx.Node
    op: Op
    sources: tuple[fx.Node, ...]  # the maps of positions it reads
    target: Any  # the layer that it calls or the tensor that it is; None for a function
    gives_map: bool  # whether its result is a map [B, C, h, w]


class UnsuitableNet(ValueError):
    """A net that this package cannot take: the reason, and a remedy that works."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"{reason}; {remedy}")
        self.reason, self.remedy = reason, remedy


@dataclass(frozen=True)
class Program:
    """The steps of a net in execution order; holds its layers, but not the net."""

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
            if step.node in needed or (_in_place(step) and needed.issuperset(step.sources))
        )
        return Program(self.image, kept, result)

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
        returned = set(_nodes_in(self.result))
        names = [s.name for s in self.steps if s.node in returned and s.gives_map]
        example = repr(names[-1]) if names else "layer"
        kind = type(self.result).__name__.removeprefix("immutable_")  # torch.fx's own
        raise ValueError(
            f"the net returns a {kind}; one map of scores is wanted: cut "
            f"the net at the layer that makes it, as in seglab.ops.dense.cut(net, {example})"
        )


def read(net: nn.Module) -> Program:
    """Trace a net and tell for every operation what it does to the grid.

    Raises TypeError for what is no module, UnsuitableNet (a ValueError) for a net that torch.fx
    cannot trace.
    """
    if not isinstance(net, nn.Module):
        raise TypeError(f"net is a {type(net).__name__}; give a torch.nn.Module")
    if isinstance(net, torch.jit.ScriptModule):
        reason = f"net={type(net).__name__} is scripted, which torch.fx cannot trace"
        raise UnsuitableNet(reason, "give the net that it was scripted from")
    tracer = Tracer()
    root = nn.Sequential(net) if tracer.is_leaf_module(net, "") else net  # else fx looks inside it
    try:
        graph = tracer.trace(root)
    except Exception as error:  # whatever the net's own forward raises on a proxy
        raise _untraceable(net, error) from error
    return program(root, graph)


def program(
    root: nn.Module, graph: fx.Graph, values: Mapping[fx.Node, Any] | None = None
) -> Program:
    """The steps of a traced net; values: a tensor without data for each node, where known."""
    names = _names(graph)
    rules = Rules(root, names, values)
    steps: list[Step] = []
    image: fx.Node | None = None
    result: Any = None
    for node in graph.nodes:
        if node.op == "output":
            result = node.args[0]
        elif node.op == "placeholder":
            rules.note_input(node, is_image=image is None)
            image = image or node
        else:
            op = rules.apply(node)
            gives_map = rules.shape[node] == "map"
            steps.append(
                Step(names[node], node, op, rules.sources(node), _target(root, node), gives_map)
            )
    if image is None:
        raise ValueError("net takes no input; give a net that maps an image to scores")
    return Program(image, tuple(steps), result)


def _target(root: nn.Module, node: fx.Node) -> Any:
    if node.op in ("call_module", "get_attr"):
        return operator.attrgetter(str(node.target))(root)
    return None


class Tracer(fx.Tracer):
    """torch.fx's own, which also leaves torchvision's two layers whole."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        is_torchvisions = of_torchvision(m, FROZEN_NORM, STOCHASTIC_DEPTH)
        return is_torchvisions or super().is_leaf_module(m, module_qualified_name)


def _untraceable(net: nn.Module, error: Exception) -> UnsuitableNet:
    reason = str(error).partition("\n")[0].partition("; ")[0] or type(error).__name__
    remedy = "give a net, or a part of it, whose forward does not look at values or sizes"
    if any(hasattr(module, "_orig_mod") for module in net.modules()):
        remedy = "give the net as it was before torch.compile"
    elif parts := [n for n in ("features", "backbone", "encoder") if _can_be_read(net, n)]:
        remedy = f"give its convolutional part alone, net.{parts[0]}"
    return UnsuitableNet(
        f"net={type(net).__name__} cannot be traced by torch.fx ({reason})", remedy
    )


def _can_be_read(net: nn.Module, name: str) -> bool:
    part = getattr(net, name, None)
    try:
        return isinstance(part, nn.Module) and bool(read(part).steps)
    except ValueError:
        return False


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


def unknown_name(argument: str, name: str, names: Iterable[str]) -> str:
    """An error's sentence for a name that is not there, with the nearest that are."""
    paths = (name.split(".")[:depth] for name in names for depth in range(1, 9))
    names = list(dict.fromkeys(".".join(path) for path in paths))
    near = difflib.get_close_matches(name, names, n=4, cutoff=0.3) or names[-4:]
    return f"{argument}={name!r} is not in the net; near names are {', '.join(map(repr, near))}"


def _in_place(step: Step) -> bool:
    """True if the step changes what it reads, so that it counts even if nobody reads it."""
    if isinstance(step.target, nn.Module):
        return bool(getattr(step.target, "inplace", False))
    name = str(getattr(step.node.target, "__name__", step.node.target))
    return name.endswith("_") or bool(step.node.kwargs.get("inplace"))


def _nodes_in(result: Any) -> list[fx.Node]:
    nodes: list[fx.Node] = []

    def note(node: fx.Node) -> fx.Node:
        nodes.append(node)
        return node

    fx.node.map_arg(result, note)
    return nodes
