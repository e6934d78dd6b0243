"""Wires: what a function's argument names ask for."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

Function = Callable[..., Any]

# Arguments of these names are no wires. The one receives progress(done, total); the other what the
# streams above gave last when they began anew, in a live lab: a tuple, the oldest first.
PROGRESS, EARLIER = "progress", "earlier"


class Code(str):
    """A number that is a line of code: shown as code, with a button that copies it."""


def idle() -> str:
    """A number that lists the controls without effect in the present state."""
    raise TypeError("idle stands for a number of a lab; give it as numbers={'idle': idle}")


class of:  # it reads as a function
    """An existing function, wired by name: of(paint.labels, "labels", names=CLASSES).

    function: any function, or a format: of("{} of {}", "done", "total") is a text of two values,
        each of which may be a tensor of one number.
    wires: for each positional argument, the name of the control or stage that it receives; with a
        dot, an attribute of its value: "scene.image".
    constants: keyword arguments that are the same in every state.
    Raises TypeError, when it is made, for arguments that the function does not take.
    """

    def __init__(self, function: Function | str, *wires: str, **constants: Any) -> None:
        if isinstance(function, str):
            function = _formatting(function)
        signature = inspect.signature(function)
        takes = signature.parameters
        self.takes_progress = PROGRESS in takes and PROGRESS not in constants
        given = {PROGRESS: None, **constants} if self.takes_progress else constants
        try:
            signature.bind(*wires, **given)
        except TypeError as error:
            name = getattr(function, "__name__", repr(function))
            raise TypeError(
                f"of({name}, {', '.join(map(repr, [*wires, *constants]))}): {error}; "
                f"{name} takes {', '.join(takes) or 'nothing'}"
            ) from None
        self.function = function
        self.wires = wires
        self.constants = constants
        self.__doc__ = function.__doc__
        names = [*dict.fromkeys(map(root, wires)), *([PROGRESS] if self.takes_progress else [])]
        self.__signature__ = inspect.Signature(
            [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in names]
        )

    @property
    def __code__(self) -> Any:
        """The function's own code, by which a change of it is noticed."""
        return getattr(self.function, "__code__", self.function)

    def __call__(self, **inputs: Any) -> Any:
        """The function's value for what its wires carry."""
        progress = {PROGRESS: inputs[PROGRESS]} if self.takes_progress else {}
        values = (_follow(wire, inputs) for wire in self.wires)
        return self.function(*values, **self.constants, **progress)

    def __repr__(self) -> str:
        return f"of({getattr(self.function, '__name__', self.function)}, {', '.join(self.wires)})"


def _formatting(text: str) -> Function:
    def formatted(*values: Any) -> str:
        return text.format(*map(_as_number, values))

    return formatted


def _as_number(value: Any) -> Any:
    """The number in a tensor of no dimension, which a page may have yet to compute."""
    if not hasattr(value, "is_floating_point") or value.ndim or str(value.dtype) == "torch.bool":
        return value
    from seglab import scalars  # late: a declaration needs no torch, and a tensor has it

    return scalars.real(value) if value.is_floating_point() else scalars.whole(value)


def root(wire: str) -> str:
    """The control or stage of a wire, which may go on to an attribute of its value."""
    return wire.partition(".")[0]


def _follow(wire: str, inputs: Mapping[str, Any]) -> Any:
    start, *attributes = wire.split(".")
    value = inputs[start]
    for attribute in attributes:
        value = getattr(value, attribute)
    return value


def itself(value: Any) -> Any:
    """The value of a stage that is named alone."""
    return value


@dataclass(frozen=True)
class Step:
    """One wired function.

    needs: argument -> the control or stage that it receives. reach: the controls that its value
    depends on. inputs: those of them whose value arrives, as it counts; the others only decide
    whether one of these counts. progress, earlier: whether it takes these. streams: those above it.
    """

    function: Function
    needs: Mapping[str, str]
    reach: tuple[str, ...]
    inputs: tuple[str, ...]
    progress: bool
    streams: tuple[str, ...]
    earlier: bool = False


def arguments(function: Function) -> Iterator[tuple[str, bool, bool]]:
    """Each argument's name, whether it may be left out, and whether it is one of many (*args)."""
    for name, parameter in inspect.signature(function).parameters.items():
        variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        yield name, parameter.default is not parameter.empty, variadic


def is_stage(candidate: Any) -> bool:
    """True if an object of a namespace can be a stage: a function, or one wired with of()."""
    return isinstance(candidate, FunctionType | of)


def closure(
    namespace: Mapping[str, Any], asked: list[Any], controls: Mapping[str, Any], prefixes: list[str]
) -> dict[str, Function]:
    """The functions of a namespace that these functions ask for, each below what it needs.

    prefixes: of twins; a twin's name stands for the stage itself.
    Raises ValueError for functions that ask for each other in a circle.
    """
    ordered: dict[str, Function] = {}
    under_way: list[str] = []

    def original(name: str) -> str:
        for prefix in prefixes:
            stem = name.removeprefix(f"{prefix}_")
            if name not in namespace and stem != name and is_stage(namespace.get(stem)):
                return stem
        return name

    def add(wanted: str) -> None:
        name = original(wanted)
        if name in controls or name in ordered or not is_stage(namespace.get(name)):
            return  # an unknown name is refused when the step is wired
        if name in under_way:
            circle = [*under_way[under_way.index(name) :], name]
            raise ValueError(f"the stages {' -> '.join(circle)} ask for each other in a circle")
        under_way.append(name)
        for argument, _, _ in arguments(namespace[name]):
            add(argument)
        ordered[under_way.pop()] = namespace[name]

    for function in asked:
        if isinstance(function, str):
            add(root(function))
        else:
            for argument, _, _ in arguments(function):
                add(argument)
    return ordered
