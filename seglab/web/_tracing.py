"""Functions of a lab as graphs: each is run once with tensors that have no values yet."""

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor
from torch.fx import config

from seglab._text import sentence
from seglab.scalars import END, START, NotThereError, Open, compiled_by
from seglab.web import _operators  # noqa: F401 # registers the operators
from seglab.web._onnx import Model, Untranslated, translated
from seglab.web._trees import Deferred, Slot, Text, shape_of, slots, walked

WAYS = 24  # branches of one function, at most
_HERE, _PASSED = -(10**6), -(10**7)  # calls that are known when a graph is used
_MARK = re.compile(f"{START}(\\d+){END}")


class Uncompiled(Exception):
    """The reason why something cannot be compiled, in one sentence."""


@dataclass(frozen=True, eq=False)
class Fork:
    """Two outcomes, of which a page takes the first where the condition holds."""

    condition: Slot
    yes: Any
    no: Any


@dataclass(frozen=True)
class Problem:
    """A refusal of the lab, in its own words."""

    text: Any


@dataclass
class _Traced:
    """A function's graph, and its outcome with places in it for what the graph gives."""

    model: Model | None
    sources: tuple[int, ...]
    outcome: Any


@dataclass
class Program:
    """All graphs, weights, calls and pictures of a page.

    calls: (number of a graph, its arguments); an argument is (call, output), and call -1 - n is
    picture n, a square of sources[n] pixels a side.
    """

    graphs: list[Model] = field(default_factory=list)
    weights: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[int, tuple[tuple[int, int], ...]]] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)


class Tracer:
    """Compiler of functions into one program; equal graphs, weights and calls are there once."""

    def __init__(self) -> None:
        self.program = Program()
        self._graphs: dict[bytes, int] = {}
        self._calls: dict[Any, int] = {}
        self._known: dict[Any, _Traced] = {}
        self._keep: list[Any] = []
        self._live: _Execution | None = None

    def square(self, size: int) -> Tensor:
        """The visitor's picture, [1, 3, size, size]; for photos.load."""
        if self._live is None:
            raise Uncompiled("the visitor's picture is read outside of a stage")
        return self._live.square(size)

    def called(self, function: Callable[..., Any], inputs: dict[str, Any], key: Any) -> Any:
        """Outcome of a function: a tree with slots, a Fork of two outcomes, or a Problem.

        key: tells functions apart whose inputs are alike. Raises Uncompiled, with the reason.
        """
        given = slots(inputs)
        places = {slot: place for place, slot in enumerate(given)}
        known = key, shape_of(inputs, places, self._keep)
        if known not in self._known:
            self._known[known] = self._traced(function, inputs, given)
        return self._used(self._known[known], given)

    def _traced(
        self, function: Callable[..., Any], inputs: dict[str, Any], given: list[Slot]
    ) -> _Traced:
        execution = _Execution(function, inputs, given, self.program.sources)
        self._live = execution
        try:
            with torch.no_grad(), _quiet():
                execution.warm()
                examples = execution.examples()
                program = torch.export.export(_Module(execution), examples, strict=False)
        except Uncompiled:
            raise
        except Exception as error:
            raise Uncompiled(_reason(error)) from error
        finally:
            self._live = None
        if not execution.outputs:
            return _Traced(None, tuple(execution.sources), execution.outcome)
        if any(_changes(node) for node in program.graph.nodes):
            with _quiet():
                program = program.run_decompositions({})
        try:
            model = translated(program)
        except Untranslated as error:
            raise Uncompiled(str(error)) from error
        except Exception as error:
            raise Uncompiled(_reason(error)) from error
        count = len(execution.outputs) - len(model.constants)
        outcome = filled(execution.outcome, _settled(model, len(execution.outputs)))
        return _Traced(model if count else None, tuple(execution.sources), outcome)

    def _used(self, traced: _Traced, given: list[Slot]) -> Any:
        """The outcome of a graph that is called with these arguments."""
        call = -1
        if traced.model is not None:
            arguments = [(slot.call, slot.output) for slot in given]
            arguments += [(-1 - source, 0) for source in traced.sources]
            key = self._graph(traced.model), tuple(arguments)
            call = self._calls.setdefault(key, len(self.program.calls))
            if call == len(self.program.calls):
                self.program.calls.append(key)

        def place(slot: Slot) -> Slot:
            if slot.call == _PASSED:
                there = [*given, *(source_slot(n, self.program) for n in traced.sources)]
                return there[slot.output]
            if slot.call == _HERE:
                return Slot(call, slot.output, slot.shape, slot.dtype, slot.kind)
            return slot

        return filled(traced.outcome, place)

    def _graph(self, model: Model) -> int:
        number = self._graphs.setdefault(model.data, len(self.program.graphs))
        if number == len(self.program.graphs):
            self.program.graphs.append(model)
            self.program.weights.update(model.weights)
        return number


def _settled(model: Model, count: int) -> Callable[[Slot], Any]:
    """Put constants in the place of outputs that depend on no input; the others move up."""
    kept = [i for i in range(count) if i not in model.constants]

    def settle(slot: Slot) -> Any:
        if slot.call != _HERE:
            return slot
        if slot.output in model.constants:
            value = model.constants[slot.output]
            return value.item() if slot.kind == "number" else value
        return replace(slot, output=kept.index(slot.output))

    return settle


def source_slot(source: int, program: Program) -> Slot:
    """The slot of a picture."""
    side = program.sources[source]
    return Slot(-1 - source, 0, (1, 3, side, side), torch.float32)


def filled(outcome: Any, place: Callable[[Slot], Any]) -> Any:
    """An outcome with other slots, or with what is known already in their place."""
    if isinstance(outcome, Fork):
        condition = place(outcome.condition)
        if not isinstance(condition, Slot):
            return filled(outcome.yes if condition else outcome.no, place)
        return Fork(condition, filled(outcome.yes, place), filled(outcome.no, place))

    def leaf(value: Any) -> Any:
        if isinstance(value, Slot):
            return place(value)
        if isinstance(value, Text):
            return _said(value, place)
        return value

    return walked(outcome, leaf)


def _said(text: Text, place: Callable[[Slot], Any]) -> Text | str:
    """A text with other slots; a plain one where all of its numbers are known."""
    pieces: list[str | tuple[Slot, str]] = []
    for piece in text.pieces:
        value = piece if isinstance(piece, str) else place(piece[0])
        if isinstance(value, Slot):
            pieces.append((value, piece[1]))
        else:
            pieces.append(value if isinstance(piece, str) else format(value, piece[1]))
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(map(str, pieces))
    return Text(tuple(pieces))


class _Module(nn.Module):
    """A function of tensors as a module."""

    def __init__(self, function: Callable[..., tuple[Tensor, ...]]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Values that the function gives."""
        return self.function(*tensors)


class _Execution:
    """One function as one of the tensors in its inputs; what it gives besides stays here."""

    def __init__(
        self,
        function: Callable[..., Any],
        inputs: dict[str, Any],
        given: list[Slot],
        pictures: list[int],
    ) -> None:
        self.function, self.inputs, self.given = function, inputs, given
        self.pictures = pictures  # the sides of all pictures that were asked for
        self.sources: list[int] = []  # those that this function asks for
        self.outputs: list[Tensor] = []
        self.outcome: Any = None
        self._tensors: Sequence[Tensor] = ()
        self._told: list[tuple[Open, str]] = []
        self._asked: list[Tensor] = []
        self._answers: list[bool] = []
        self._ways = 0

    def warm(self) -> None:
        """Run it with zeros, so that nets are loaded, and hear which pictures it asks for."""
        self._tensors = [slot.example() for slot in self.given]
        try:
            self.function(**self._rebuilt())
        except Uncompiled:
            raise
        except Exception:  # of zeros: what is wrong with real values shows in a trace
            pass

    def examples(self) -> tuple[Tensor, ...]:
        """The arguments with which it is traced."""
        squares = [torch.zeros(1, 3, n, n) for n in (self.pictures[s] for s in self.sources)]
        return (*(slot.example() for slot in self.given), *squares)

    def square(self, size: int) -> Tensor:
        """One of the pictures; in a trace, an argument."""
        if size not in self.pictures:
            self.pictures.append(size)
        source = self.pictures.index(size)
        if source not in self.sources:
            self.sources.append(source)
        place = len(self.given) + self.sources.index(source)
        return self._tensors[place] if place < len(self._tensors) else torch.zeros(1, 3, size, size)

    # What the function sees

    def tell(self, value: Open, form: str) -> int:
        """Number of a place in a text."""
        self._told.append((value, form))
        return len(self._told) - 1

    def decide(self, condition: Tensor) -> bool:
        """The answer of this way; the first time it is yes."""
        self._asked.append(condition)
        if len(self._answers) < len(self._asked):
            self._answers.append(True)
        return self._answers[len(self._asked) - 1]

    # The trace

    def __call__(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """Every tensor that the outcome needs."""
        self._tensors = tensors
        self.outputs, self._ways = [], 0
        with compiled_by(self):
            self.outcome = self._grown([])
        return tuple(self.outputs)

    def _grown(self, answers: list[bool]) -> Any:
        """The outcome on the way that begins with these answers, and on all that branch off it."""
        self._ways += 1
        if self._ways > WAYS:
            raise Uncompiled("it decides too much by the picture")
        self._asked, self._answers = [], answers
        try:
            value = self.function(**self._rebuilt())
        except ValueError as error:
            if not _of_lab(error):
                raise
            value = Problem(sentence(error))
        asked, answers = self._asked, self._answers
        outcome = walked(value, self._placed)
        for i in reversed(range(len(asked))):
            if not answers[i]:
                break  # the way on which it is yes is looked at elsewhere
            outcome = Fork(self._output(asked[i]), outcome, self._grown([*answers[:i], False]))
        return outcome

    def _placed(self, leaf: Any) -> Any:
        if isinstance(leaf, torch.SymFloat | torch.SymInt | torch.SymBool):
            raise Uncompiled("it reads numbers of the picture in Python")
        if isinstance(leaf, Open):
            return self._output(leaf.value, "number")
        if isinstance(leaf, Tensor):
            known = not isinstance(leaf, FakeTensor)
            return leaf if known else self._output(leaf)
        if isinstance(leaf, str):
            parts = _MARK.split(leaf)
            return Text(tuple(self._piece(n, part) for n, part in enumerate(parts) if part))
        return leaf

    def _piece(self, number: int, part: str) -> str | tuple[Slot, str]:
        if number % 2 == 0:
            return part
        value, form = self._told[int(part)]
        return self._output(value.value, "number"), form

    def _output(self, tensor: Tensor, kind: str = "tensor") -> Slot:
        """The slot of a tensor: an argument that is passed on, or a further output."""
        told = tuple(tensor.shape), tensor.dtype, kind
        for place, argument in enumerate(self._tensors):
            if argument is tensor:
                return Slot(_PASSED, place, *told)
        for place, output in enumerate(self.outputs):
            if output is tensor:
                return Slot(_HERE, place, *told)
        self.outputs.append(tensor)
        return Slot(_HERE, len(self.outputs) - 1, *told)

    def _rebuilt(self) -> dict[str, Any]:
        tensors = dict(zip(self.given, self._tensors, strict=False))
        made: dict[int, Any] = {}

        def leaf(value: Any) -> Any:
            if isinstance(value, Slot):
                number = value.kind == "number"
                return Open(tensors[value]) if number else tensors[value]
            if isinstance(value, Text):
                return "".join(
                    piece if isinstance(piece, str) else format(Open(tensors[piece[0]]), piece[1])
                    for piece in value.pieces
                )
            if isinstance(value, Deferred):
                if id(value) not in made:
                    made[id(value)] = value.function(**walked(value.inputs, leaf))
                return made[id(value)]
            return value

        rebuilt: dict[str, Any] = walked(self.inputs, leaf)
        return rebuilt


@contextmanager
def _quiet() -> Iterator[None]:
    """Let torch say nothing, for it prints the graph of what it cannot export.

    Nor does it note for each node of a graph which lines of Python made it: 4 to 15% of the time.
    """
    with (
        warnings.catch_warnings(),
        redirect_stdout(io.StringIO()),
        redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        level = logging.root.manager.disable
        lines_left_out = getattr(config, "do_not_emit_stack_traces", False)  # old torch has none
        logging.disable(logging.CRITICAL)
        config.do_not_emit_stack_traces = True
        try:
            yield
        finally:
            logging.disable(level)
            config.do_not_emit_stack_traces = lines_left_out


def _changes(node: Any) -> bool:
    """Tell whether a node of a graph writes into a tensor that was there before."""
    schema = getattr(node.target, "_schema", None)
    return node.op == "call_function" and bool(schema and schema.is_mutable)


def _of_lab(error: BaseException) -> bool:
    """Tell whether an error was raised by seglab itself."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    name = trace.tb_frame.f_globals.get("__name__", "") if trace is not None else ""
    return str(name).startswith("seglab.")


_WORDS = (
    ("couldn't swap", "it computes a gradient, or changes a net"),
    ("data-dependent", "it reads numbers of the picture in Python"),
    ("__format__", "it reads numbers of the picture in Python"),
    ("numpy", "it goes through NumPy"),
    ("Unknown", "it needs what a picture of your own does not have, such as the truth"),
    ("Open", "it reads numbers of the picture in Python"),
)


def _reason(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    if isinstance(error, NotThereError):
        return text
    for word, told in _WORDS:
        if word.lower() in f"{type(error).__name__} {error}".lower():
            return told
    return f"{type(error).__name__}: {text}"[:200]
