"""The declaration of a lab, and its wiring when it is made."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import isgeneratorfunction
from itertools import product
from typing import Any

from seglab._text import suggestion
from seglab.controls import Control
from seglab.lab import _tour, _verify
from seglab.lab._run import Run, State
from seglab.lab._sweep import Sweep
from seglab.lab._tour import Try
from seglab.lab._wiring import (
    EARLIER,
    PROGRESS,
    Function,
    Step,
    arguments,
    closure,
    idle,
    itself,
    of,
    root,
)


@dataclass(frozen=True, eq=False)  # a lab is itself, and may be a key
class Lab:
    """Controls, stages, panes; and numbers (read out beside the panes) and charts (on request).

    controls: name -> Choice, Moment, Photo, Model, Pixel, Matrix, Layers or Brush.
    stages: pure functions; an argument names a control or another stage. A tuple of functions in
        order, or a namespace, name -> function, such as globals(): what the rest asks for is taken
        from it. A generator is a stream: each value that it yields is a whole value, and its last
        one counts.
    panes: title -> function of stages and controls that returns a picture (seglab.draw.paint).
    numbers: name -> function that returns a number, a short text or Code, shown and compared as
        text; or `idle`, which lists the controls without effect.
    charts: button text -> function that returns a Plotly figure, or a Sweep, drawn on request.
    In panes and numbers, a stage's name alone stands for its value, and "stage.attribute" for a
        part of it; a function may be of(...).
    compare: prefix -> (first, second), two controls of the same values: each stage that `first`
        reaches gets a twin, prefix_stage, with `second` in its place.
    matters: a control, or a tuple of them -> function of controls: whether it has an effect. Where
        it has none, it counts as at its default, whatever it is set to.
    tour: steps to try, in order.
    Any function may also take `progress`, which it calls as progress(done, total).
    Raises ValueError, naming lab, stage and argument, when the wiring does not hold.

    >>> from seglab.controls import Choice
    >>> from seglab.lab import Lab
    >>> def square(side):
    ...     return side * side
    >>> controls = {"side": Choice(1, 2, 3)}
    >>> lab = Lab("Squares", controls, stages=(square,), panes={}, numbers={"area": "square"})
    >>> lab.at(side=3).numbers["area"]
    9
    """

    title: str
    controls: Mapping[str, Control]
    stages: Any
    panes: Mapping[str, Function | str]
    numbers: Mapping[str, Function | str] = field(default_factory=dict)
    charts: Mapping[str, Any] = field(default_factory=dict)
    summary: str = ""
    compare: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    matters: Mapping[Any, Function] = field(default_factory=dict)
    tour: tuple[Try, ...] = ()
    steps: Mapping[Any, Step] = field(init=False, repr=False)
    values: tuple[str, ...] = field(init=False, repr=False)
    _says: Mapping[str, Function] = field(init=False, repr=False)
    _asked_of: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Wire everything once, so that a mistake shows when the lab is made."""
        self._check_controls()
        for name, value in [("tour", tuple(self.tour)), ("_says", self._effective())]:
            object.__setattr__(self, name, value)
        # Once: to read a signature takes longer than the rest of a warm step.
        asked_of = {n: tuple(a for a, _, _ in arguments(f)) for n, f in self._says.items()}
        object.__setattr__(self, "_asked_of", asked_of)
        steps: dict[Any, Step] = {}
        self._check_compare()
        stages = self._listed()
        later = list(stages)
        for name, stage in stages.items():
            later.remove(name)
            self._add(steps, name, self._wire(f"stage {name!r}", stage, steps, later))
            self._add_twins(steps, name)
        object.__setattr__(self, "stages", stages)
        for prefix, (first, _) in self.compare.items():
            if not any(isinstance(n, str) and n.startswith(f"{prefix}_") for n in steps):
                raise self._error(f"compare {prefix!r}: no stage depends on {first!r} alone")
        object.__setattr__(self, "values", tuple(steps))
        self._add_outputs(steps)
        object.__setattr__(self, "steps", steps)
        used = {name for step in steps.values() for name in step.reach}
        used |= {name for chart in self.charts.values() for name in getattr(chart, "swept", ())}
        for name in self.controls:
            if name not in used and (self.panes or self.numbers or self.charts):
                raise self._error(f"the control {name!r} reaches no pane, number or chart")
        _tour.check(self)

    # Checks

    def _error(self, text: str) -> ValueError:
        return ValueError(f"lab {self.title!r}: {text}")

    def _check_controls(self) -> None:
        for name, control in self.controls.items():
            if not name.isidentifier() or name in (PROGRESS, EARLIER):
                raise self._error(f"{name!r} cannot be a control's name; rename it")
            if not isinstance(control, Control):
                raise ValueError(
                    f"lab {self.title!r}, control {name!r} is a {type(control).__name__}; "
                    f"give a Choice, Moment, Photo, Model, Pixel, Matrix, Layers or Brush"
                )

    def _check_compare(self) -> None:
        for prefix, pair in self.compare.items():
            for name in pair:
                self.known(name)
            if not prefix.isidentifier():
                raise self._error(f"compare {prefix!r} cannot begin a stage's name; rename it")

    def _effective(self) -> dict[str, Function]:
        """control -> function that says whether it matters, its arguments known controls."""
        says: dict[str, Function] = {}
        for names, function in self.matters.items():
            for name in (names,) if isinstance(names, str) else names:
                self.known(name)
                says[name] = function
        for name, function in says.items():
            for argument, _, _ in arguments(function):
                if argument not in self.controls:
                    raise ValueError(
                        f"lab {self.title!r}, matters {name!r}: argument {argument!r} is no "
                        f"control; there are {', '.join(self.controls)}"
                    )
        for name in says:
            if name in self._deciders(name, says):
                raise self._error(f"matters {name!r} depends on {name!r} itself")
        return says

    def _deciders(self, name: str, says: Mapping[str, Function]) -> set[str]:
        """The controls that decide, in one step or several, whether a control matters."""
        reached: set[str] = set()
        waiting = [name]
        while waiting:
            control = waiting.pop()
            asked = {a for a, _, _ in arguments(says[control])} if control in says else set()
            waiting += asked - reached
            reached |= asked
        return reached

    def known(self, name: str) -> Control:
        """The control of that name; ValueError says which there are."""
        if name not in self.controls:
            raise ValueError(
                f"lab {self.title!r} has no control {name!r}; "
                f"{suggestion(name, self.controls)}its controls are {', '.join(self.controls)}"
            )
        return self.controls[name]

    # Wires

    def _listed(self) -> dict[str, Function]:
        """The stages by name, each below those that it needs."""
        if isinstance(self.stages, Mapping):
            try:
                return closure(self.stages, self._asked(), self.controls, list(self.compare))
            except ValueError as error:
                raise self._error(str(error)) from None
        stages: dict[str, Function] = {}
        for stage in self.stages:
            name = getattr(stage, "__name__", "")
            if not name.isidentifier():
                raise self._error("a stage needs a name; def it, not lambda")
            if name in stages:
                raise self._error(f"the name {name!r} is taken; rename the stage")
            stages[name] = stage
        return stages

    def _asked(self) -> list[Any]:
        asked: list[Any] = [f for f in self.panes.values() if f is not idle]
        asked += [f for f in self.numbers.values() if f is not idle]
        for chart in self.charts.values():
            asked.append(chart.function if isinstance(chart, Sweep) else chart)
            if isinstance(chart, Sweep) and not isinstance(chart.title, str):
                asked.append(chart.title)
        return asked

    def _add(self, steps: dict[Any, Step], name: str, step: Step) -> None:
        if name in self.controls or name in steps or name in (PROGRESS, EARLIER):
            raise self._error(f"the name {name!r} is taken; rename the stage")
        steps[name] = step

    def _add_twins(self, steps: dict[Any, Step], name: str) -> None:
        """Beside a stage that the first control of a pair reaches, one with the second."""
        step = steps[name]
        for prefix, (first, second) in self.compare.items():
            asked = set(step.needs.values())
            if second in asked or any(n.startswith(f"{prefix}_") and n in steps for n in asked):
                continue  # it brings the two together
            instead = {n: f"{prefix}_{n}" for n in asked if f"{prefix}_{n}" in steps}
            instead |= {first: second} if first in asked else {}
            if instead:
                needs = {a: instead.get(n, n) for a, n in step.needs.items()}
                twin = self._step(step.function, needs, step.progress, step.earlier, steps)
                self._add(steps, f"{prefix}_{name}", twin)

    def _add_outputs(self, steps: dict[Any, Step]) -> None:
        inner = dict(steps)
        groups = [("pane", self.panes), ("number", self.numbers), ("chart", self.charts)]
        for kind, group in groups:
            for name, given in group.items():
                what = f"{kind} {name!r}"
                steps[kind, name] = self._wire_output(what, given, inner)
                if isinstance(given, Sweep):
                    given.check(self, what)
                    if not isinstance(given.title, str):
                        steps["title", name] = self._wire(what, given.title, inner, [])

    def _wire_output(self, what: str, given: Any, steps: Mapping[Any, Step]) -> Step:
        if given is idle:
            return Step(idle, {}, self.conditional, (), False, ())
        if isinstance(given, str):
            if root(given) not in steps and root(given) not in self.controls:
                raise ValueError(
                    f"lab {self.title!r}, {what}: {given!r} is neither a control nor a stage; "
                    f"there are {', '.join([*self.controls, *steps]) or 'none'}"
                )
            return self._wire(what, of(itself, given), steps, [])
        if isinstance(given, Sweep):
            return self._wire(what, given.function, steps, [])
        if not callable(given):
            raise ValueError(
                f"lab {self.title!r}, {what} is a {type(given).__name__}; "
                f"give a function of stages and controls, or a stage's name"
            )
        return self._wire(what, given, steps, [])

    def _wire(
        self, what: str, function: Function, steps: Mapping[Any, Step], later: list[str]
    ) -> Step:
        needs: dict[str, str] = {}
        progress = earlier = False
        for name, optional, variadic in arguments(function):
            if name == PROGRESS:
                progress = True
            elif name == EARLIER:
                earlier = True
            elif not variadic and (name in self.controls or name in steps):
                needs[name] = name
            elif variadic or not optional:
                there = ", ".join([*self.controls, *steps]) or "none"
                hint = " (it comes later: move it up)" if name in later else ""
                raise ValueError(
                    f"lab {self.title!r}, {what}: argument {name!r} is neither a control nor an "
                    f"earlier stage{hint}; there are {there}"
                )
        return self._step(function, needs, progress, earlier, steps)

    def _step(
        self,
        function: Function,
        needs: Mapping[str, str],
        progress: bool,
        earlier: bool,
        steps: Mapping[Any, Step],
    ) -> Step:
        names = list(needs.values())
        inputs = {c for n in names for c in ([n] if n in self.controls else steps[n].inputs)}
        # Whether a control counts is decided by others.
        reach = inputs | {d for name in inputs for d in self._deciders(name, self._says)}
        above = {s for n in names if n in steps for s in (*steps[n].streams, n)}
        streams = tuple(n for n in steps if n in above and _streams(steps[n].function))
        ordered = self._ordered(reach), self._ordered(inputs)
        return Step(function, needs, *ordered, progress, streams, earlier)

    def _ordered(self, names: set[str]) -> tuple[str, ...]:
        return tuple(name for name in self.controls if name in names)

    # What readers ask

    @property
    def streams(self) -> tuple[str, ...]:
        """The stages that yield one value after the other."""
        return tuple(name for name in self.values if _streams(self.steps[name].function))

    def reach(self, pane: str) -> tuple[str, ...]:
        """The controls that a pane depends on, in the lab's order."""
        return self.steps["pane", pane].reach

    @property
    def conditional(self) -> tuple[str, ...]:
        """Controls that have an effect at times, and those that decide it, in the lab's order."""
        deciders = {d for name in self._says for d in self._deciders(name, self._says)}
        return tuple(c for c in self.controls if c in {*self._says, *deciders})

    def idle(self, state: Mapping[str, Any]) -> tuple[str, ...]:
        """The controls without effect in a state, in the lab's order."""
        if not self._says:
            return ()
        known: dict[str, bool] = {}
        return tuple(name for name in self.controls if not self._counts(name, state, known))

    def _counts(self, name: str, state: Mapping[str, Any], known: dict[str, bool]) -> bool:
        """Tell whether a control has an effect; known: the answers so far, in this state."""
        if name not in self._says:
            return True
        if name not in known:
            values = {
                a: state[a] if self._counts(a, state, known) else self.controls[a].default
                for a in self._asked_of[name]
            }
            known[name] = bool(self._says[name](**values))
        return known[name]

    def state(self, **given: Any) -> State:
        """A whole state: what is given, checked, and defaults for the rest."""
        for name in given:
            self.known(name)
        state = {}
        for name, control in self.controls.items():
            try:
                state[name] = control.accept(given[name]) if name in given else control.default
            except ValueError as error:
                raise ValueError(f"lab {self.title!r}, control {name!r}: {error}") from None
        return state

    def words(self, state: State, names: Iterable[str] | None = None) -> str:
        """Values of controls as a reader sees them, "shift: every skip · scene: 3"; all, or these.

        Controls without effect in the state are left out.
        """
        idle = self.idle(state)
        chosen = self.controls if names is None else names
        said = [(name, self.controls[name]) for name in chosen if name not in idle]
        return " · ".join(f"{c.label or name}: {c.words(state[name])}" for name, c in said)

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

    def at(self, **state: Any) -> Run:
        """The lab in a state (defaults where nothing is given); nothing is computed until asked."""
        return Run(self, self.state(**state))

    def verify(self) -> str:
        """Sweep the lab as seglab's tests sweep its own labs, and say what was tried.

        Every control over its range, every pane and number, the same state along two ways, no
        stage that changes its input, every step of the tour. Raises ValueError for what fails.
        """
        return _verify.verify(self)


def _streams(function: Callable[..., Any]) -> bool:
    return isgeneratorfunction(function.function if isinstance(function, of) else function)
