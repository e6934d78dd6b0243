"""A lab is a declaration: controls, stages and panes.

A stage is a pure function whose argument names are controls or earlier stages, as in pytest
fixtures: the signature is the wiring. The live widget, the tests and the exports all read the
same declaration.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import product
from typing import Any, NamedTuple, get_args

from seglab.controls import Choice, Control, Layer, Layers, Matrix, Photo, Pixel

__all__ = [
    "Choice",
    "Code",
    "Control",
    "Lab",
    "Layer",
    "Layers",
    "Matrix",
    "Photo",
    "Pixel",
    "Run",
    "State",
]

State = dict[str, Any]
Function = Callable[..., Any]

PROGRESS = "progress"  # an argument of this name is no wire: it receives progress(done, total)


def _silent(done: int, total: int) -> None:
    """Nobody is watching the progress."""


def _patient() -> None:
    """Nobody wants the work to stop."""


class Code(str):
    """A number that is a line of code: shown as code, with a button that copies it."""


class Step(NamedTuple):
    """One wired function: what it needs, and which controls and streams reach it."""

    function: Function
    needs: tuple[str, ...]
    reach: tuple[str, ...]
    progress: bool
    streams: tuple[str, ...]


@dataclass(frozen=True, eq=False)  # a lab is itself, and may be a key
class Lab:
    """Controls, stages, panes; and numbers (read out beside the panes) and charts (on request).

    controls: name -> Choice, Photo, Pixel, Matrix or Layers.
    stages: pure functions in order; an argument names a control or an earlier stage. A generator
        is a stream: each value that it yields is a whole value, and its last one counts.
    panes: title -> function of stages and controls that returns a picture (seglab.draw.paint).
    numbers: name -> function that returns a number, a short text or Code, shown and compared as
        text.
    charts: button text -> function that returns a Plotly figure, drawn when the button is pressed.
    Any function may also take `progress`, which it calls as progress(done, total).
    Raises ValueError, naming lab, stage and argument, when the wiring does not hold.
    """

    title: str
    controls: Mapping[str, Control]
    stages: tuple[Function, ...]
    panes: Mapping[str, Function]
    numbers: Mapping[str, Function] = field(default_factory=dict)
    charts: Mapping[str, Function] = field(default_factory=dict)
    summary: str = ""
    steps: Mapping[Any, Step] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Wire everything once, so that a mistake shows when the lab is made."""
        for name, control in self.controls.items():
            if not name.isidentifier() or name == PROGRESS:
                raise ValueError(
                    f"lab {self.title!r}: {name!r} cannot be a control's name; rename it"
                )
            if not isinstance(control, get_args(Control)):
                raise ValueError(
                    f"lab {self.title!r}, control {name!r} is a {type(control).__name__}; "
                    f"give a Choice, Photo, Pixel, Matrix or Layers"
                )
        steps: dict[Any, Step] = {}
        later = [getattr(stage, "__name__", "") for stage in self.stages]
        for stage in self.stages:
            name = later.pop(0)
            if not name.isidentifier():
                raise ValueError(f"lab {self.title!r}: a stage needs a name; def it, not lambda")
            if name in self.controls or name in steps or name == PROGRESS:
                raise ValueError(
                    f"lab {self.title!r}: the name {name!r} is taken; rename the stage"
                )
            steps[name] = self._wire(f"stage {name!r}", stage, steps, later)
        ends = [("pane", self.panes), ("number", self.numbers), ("chart", self.charts)]
        wired = {
            (kind, name): self._wire(f"{kind} {name!r}", function, steps, [])
            for kind, group in ends
            for name, function in group.items()
        }
        object.__setattr__(self, "steps", {**steps, **wired})

    def _wire(
        self, what: str, function: Function, steps: Mapping[Any, Step], later: list[str]
    ) -> Step:
        needs: list[str] = []
        progress = False
        for name, parameter in inspect.signature(function).parameters.items():
            variadic = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
            if name == PROGRESS:
                progress = True
            elif not variadic and (name in self.controls or name in steps):
                needs.append(name)
            elif variadic or parameter.default is parameter.empty:
                there = ", ".join([*self.controls, *steps]) or "none"
                hint = " (it comes later: move it up)" if name in later else ""
                raise ValueError(
                    f"lab {self.title!r}, {what}: argument {name!r} is neither a control nor an "
                    f"earlier stage{hint}; there are {there}"
                )
        reached = {c for n in needs for c in ([n] if n in self.controls else steps[n].reach)}
        reach = tuple(c for c in self.controls if c in reached)
        above = {s for n in needs if n in steps for s in (*steps[n].streams, n)}
        streams = tuple(
            n for n in steps if n in above and inspect.isgeneratorfunction(steps[n].function)
        )
        return Step(function, tuple(needs), reach, progress, streams)

    @property
    def streams(self) -> tuple[str, ...]:
        """The stages that yield one value after the other."""
        names = (stage.__name__ for stage in self.stages)
        return tuple(n for n in names if inspect.isgeneratorfunction(self.steps[n].function))

    def reach(self, pane: str) -> tuple[str, ...]:
        """The controls that a pane depends on, in the lab's order."""
        return self.steps["pane", pane].reach

    def state(self, **given: Any) -> State:
        """A whole state: what is given, checked, and defaults for the rest."""
        for name in given:
            if name not in self.controls:
                close = get_close_matches(name, self.controls, n=1)
                hint = f"did you mean {close[0]!r}? " if close else ""
                raise ValueError(
                    f"lab {self.title!r} has no control {name!r}; {hint}"
                    f"its controls are {', '.join(self.controls)}"
                )
        state = {}
        for name, control in self.controls.items():
            try:
                state[name] = control.accept(given[name]) if name in given else control.default
            except ValueError as error:
                raise ValueError(f"lab {self.title!r}, control {name!r}: {error}") from None
        return state

    def states(self) -> Iterator[State]:
        """Every combination of the controls' values."""
        for values in product(*(control.sweep() for control in self.controls.values())):
            yield dict(zip(self.controls, values, strict=True))

    def sweep(self) -> Iterator[State]:
        """Each control over its range, the others at their defaults: few states, all values."""
        start = self.state()
        yield start
        for name, control in self.controls.items():
            yield from ({**start, name: v} for v in control.sweep() if v != start[name])

    def at(self, **state: Any) -> "Run":
        """The lab in a state (defaults where nothing is given); nothing is computed until asked."""
        return Run(self, self.state(**state))


class _Kept:
    """What is remembered of a step: the value, what it was made from, and a stream's rest."""

    def __init__(self, key: tuple[Any, ...], value: Any) -> None:
        self.key = key
        self.value = value
        self.rest: Iterator[Any] | None = None
        self.taken = 0


class Run:
    """A lab in one state. Panes, values and numbers are computed when first asked for.

    `run.panes[name]`, `run.values[stage]`, `run.numbers[name]`, `run.charts[name]`.
    `run.step(f=8)` is the neighbouring run, which recomputes only what the change reaches.

    pause: called before each function and each value of a stream; it may raise to give the work
    up, and what is half done is then forgotten.
    whole: a stream is run to its end; otherwise it stands at its first value until advance().
    """

    def __init__(
        self,
        lab: Lab,
        state: State,
        memory: dict[Any, _Kept] | None = None,
        progress: Callable[[int, int], None] = _silent,
        pause: Callable[[], None] = _patient,
        whole: bool = True,
    ) -> None:
        self.lab = lab
        self.state = state
        self.progress = progress
        self._memory = {} if memory is None else memory
        self._pause = pause
        self._whole = whole
        self.values = _Lazy(tuple(s.__name__ for s in lab.stages), self._compute)
        self.panes = _Lazy(tuple(lab.panes), lambda name: self._compute(("pane", name)))
        self.numbers = _Lazy(tuple(lab.numbers), lambda name: self._compute(("number", name)))
        self.charts = _Lazy(tuple(lab.charts), lambda name: self._compute(("chart", name)))

    def step(self, **changes: Any) -> "Run":
        """The run with these controls changed; it shares what the change does not reach."""
        return self._beside(changes, self._memory)

    def fork(self, **changes: Any) -> "Run":
        """Like step, but what it computes does not push out what this run remembers."""
        return self._beside(changes, dict(self._memory))

    def _beside(self, changes: State, memory: dict[Any, _Kept]) -> "Run":
        state = self.lab.state(**{**self.state, **changes})
        return Run(self.lab, state, memory, self.progress, self._pause, self._whole)

    def advance(self) -> bool:
        """Take the next value of each stream; False when none has one left."""
        moved = []
        for name in self.lab.streams:
            self._compute(name)
            moved.append(self._next(name))
        return any(moved)

    def restart(self) -> None:
        """Let the streams begin again."""
        for name in self.lab.streams:
            self._memory.pop(name, None)

    @property
    def started(self) -> bool:
        """Whether a stream has left its first value."""
        return any(kept.taken for kept in self._streams())

    @property
    def finished(self) -> bool:
        """Whether no stream is known to have a value left."""
        return all(kept.rest is None for kept in self._streams())

    def _streams(self) -> list[_Kept]:
        return [self._memory[name] for name in self.lab.streams if name in self._memory]

    def _compute(self, name: Any) -> Any:
        step = self.lab.steps[name]
        for stream in step.streams:
            self._compute(stream)
        key = (
            *(self.state[control] for control in step.reach),
            *(self._memory[stream].taken for stream in step.streams),
        )
        kept = self._memory.get(name)
        if kept is None or kept.key != key:
            inputs = {n: self.state[n] if n in self.state else self._compute(n) for n in step.needs}
            if step.progress:
                inputs[PROGRESS] = self.progress
            self._pause()
            kept = _Kept(key, step.function(**inputs))
            if name in self.lab.streams:
                self._begin(name, kept)
            self._memory[name] = kept
        while self._whole and kept.rest is not None:
            self._next(name)
        return kept.value

    def _begin(self, name: str, kept: _Kept) -> None:
        kept.rest = kept.value
        try:
            kept.value = next(kept.value)
        except StopIteration:
            raise ValueError(
                f"lab {self.lab.title!r}, stage {name!r} ended without a value; "
                f"let it yield at least once"
            ) from None

    def _next(self, name: str) -> bool:
        kept = self._memory[name]
        if kept.rest is None:
            return False
        self._pause()
        try:
            kept.value = next(kept.rest)
        except StopIteration:
            kept.rest = None
            return False
        except BaseException:
            # A generator that has raised is over: what it gave so far is no final value.
            self._memory.pop(name, None)
            raise
        kept.taken += 1
        return True

    def __repr__(self) -> str:
        controls = self.lab.controls
        state = ", ".join(f"{n}={controls[n].text(value)}" for n, value in self.state.items())
        numbers = ", ".join(f"{name} {value}" for name, value in self.numbers.items())
        return f"{self.lab.title}({state}{' | ' if numbers else ''}{numbers})"


class _Lazy(Mapping[str, Any]):
    """A mapping whose values are computed on access."""

    def __init__(self, names: tuple[str, ...], compute: Callable[[Any], Any]) -> None:
        self._names = names
        self._compute = compute

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(f"there is no {name!r}; there are {', '.join(self._names) or 'none'}")
        return self._compute(name)

    def __contains__(self, name: object) -> bool:
        return name in self._names  # Mapping's own would compute the value

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
