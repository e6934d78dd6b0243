"""The analysis of a net, made once: its steps and its stride grid, for all that asks about them."""

from collections.abc import Hashable
from functools import cached_property
from weakref import WeakKeyDictionary

from torch import fx, nn

from seglab.ops.dense._graph import Program, UnsuitableNet, read
from seglab.ops.dense._layer_effects import Flattened
from seglab.ops.dense._stride_grid import CUT, GridPoint, StrideGrid, follow


class Analysis:
    """All that is known of a net before it runs. Holds its layers but not the net.

    Weights that change in place, or are replaced, change nothing here: layers are read when they
    run.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self._parts: dict[str | None, Analysis] = {}

    @cached_property
    def grid(self) -> StrideGrid:
        """The places of the units of every node; `grid.checked()` raises what is wrong."""
        return follow(self.program)

    def up_to(self, layer: str | None = None) -> "Analysis":
        """The analysis of what the output of `layer` needs; None: what the net's output needs.

        Raises ValueError for a layer that the net does not have, naming the nearest ones it has.
        """
        if layer not in self._parts:
            self._parts[layer] = Analysis(self.program.up_to(layer))
        return self._parts[layer]

    def output(self, exact: bool = True) -> GridPoint:
        """The grid point of what the net returns.

        Raises ValueError, naming layer and remedy, for what has no dense form (see
        StrideGrid.checked), or where the net returns no map.
        """
        grid, node = self.grid.checked(exact), self.program.output
        point, end = grid.points.get(node), grid.ends.get(node)
        if point is not None:
            return point
        reason = "the net returns no map of scores"
        if not isinstance(end, Flattened):
            raise UnsuitableNet(reason, "give one that does")
        last = self._last_before(end.where)
        remedy = f"end the net before it, as in {CUT.format(last)}"
        raise UnsuitableNet(f"layer {end.where!r} {end.reason}, so {reason}", remedy)

    def _last_before(self, layer: str) -> str:
        """The last map before a layer."""
        names = [step.name for step in self.program.steps]
        before = self.program.steps[: names.index(layer)]
        maps = [s.name for s in before if s.gives_map and s.node in self.grid.points]
        return maps[-1] if maps else "layer"


def analyze(net: nn.Module) -> Analysis:
    """The analysis of a net; for a stack of torch's own layers the same object until it changes.

    A compiled net is analyzed as the net that it was made from. Raises TypeError for what is no
    module, ValueError for a net that torch.fx cannot trace.
    """
    net = original(net)
    facts = _facts(net)
    if facts is None:
        return Analysis(read(net))
    then, analysis = _REMEMBERED.get(net, (None, None))
    if analysis is None or then != facts:
        analysis = Analysis(read(net))
        _REMEMBERED[net] = facts, analysis
    return analysis


def cut(net: nn.Module, layer: str) -> nn.Module:
    """Net that ends at `layer`, with the same weights; raises ValueError for an unknown name."""
    program = analyze(net).up_to(layer).program
    copied = fx.Graph()
    copies = {program.image: copied.node_copy(program.image)}
    for step in program.steps:
        copies[step.node] = copied.node_copy(step.node, copies.__getitem__)
    copied.output(copies[program.output])
    parts = {str(s.node.target): s.target for s in program.steps if s.target is not None}
    module = fx.GraphModule(parts, copied)
    module.training = net.training  # alone: train() would also switch the layers, which are shared
    return module


# Tracing takes milliseconds, as long as a small net takes on a small picture.
_REMEMBERED: WeakKeyDictionary[nn.Module, tuple[Hashable, Analysis]] = WeakKeyDictionary()
_PLAIN = (type(None), bool, int, float, str, tuple, list)


def original(net: nn.Module) -> nn.Module:
    """Return the net inside torch.compile's wrapper, or inside one that shares it among devices."""
    if isinstance(net, nn.DataParallel | nn.parallel.DistributedDataParallel):
        return original(net.module)
    compiled = getattr(net, "_orig_mod", None)
    return original(compiled) if isinstance(compiled, nn.Module) else net


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
