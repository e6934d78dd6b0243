"""The states of a lab that an export holds: what varies, and what stands still."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from itertools import product
from math import prod
from typing import Any, NamedTuple

from seglab._text import sentence
from seglab.controls import spread
from seglab.draw.picture import Picture
from seglab.files import _unrolled
from seglab.lab import Lab, Run, State, Try

BUDGET = 200  # states where nobody says what varies

Vary = Mapping[str, Any] | Iterable[str]


class Output(NamedTuple):
    """A pane, number or chart, and the varied controls on which it depends."""

    kind: str
    name: str
    depends_on: tuple[str, ...]


class Stop(NamedTuple):
    """A stop of a lab's tour: the step, and the state that it and those before it set."""

    step: Try
    state: State


class Plan:
    """The states of a lab that an export holds.

    vary: control -> its values, None for all it has, or a whole number n for an n × n grid of a
        Pixel's positions; or only the names of the controls, for all that each has. Where it is
        not given, a choice of controls with no more states than `budget`.
    fix: control -> its one value. start: control -> where it stands at first; a control that is in
        none of the three stands at its default.
    tour: the states are those of the lab's tour in order, one for each step, in place of what
        varies; neighbours may be equal.
    `stops` is the lab's tour from the start, whether its states are the plan's or not; empty for a
    lab without a tour. `opening` is the state in which the tour begins.
    States that differ only in a control without effect (Lab.matters) count as one.
    A lab with a stream, such as a training, is `unrolled`: it has a control more, "moment".
    Raises ValueError, in one sentence, for an unknown control, a value that it does not take, and
    a tour that the lab does not have.
    """

    def __init__(
        self,
        lab: Lab,
        vary: Vary | None = None,
        fix: Mapping[str, Any] | None = None,
        budget: int = BUDGET,
        start: Mapping[str, Any] | None = None,
        tour: bool = False,
    ) -> None:
        lab = _unrolled.unrolled(lab)
        fix = dict(fix or {})
        start = lab.state(**{**(start or {}), **fix})
        self.lab = lab
        self.budget = budget
        self.tour = tour
        self.stops = tuple(_stops(lab, start))
        self.opening = start
        if tour:
            self.need_tour()
            if vary is not None:
                raise ValueError("a tour has states of its own; leave out vary, or tour")
            start = self.stops[0].state
            chosen = _visited(self.stops)
        else:
            chosen = _choose(lab, fix, budget, start) if vary is None else _given(lab, vary)
        for name in chosen:
            if name in fix and not tour:
                raise ValueError(f"{name!r} is both varied and fixed; give it to one of the two")
        self.values = {name: chosen.get(name, (start[name],)) for name in lab.controls}
        self.start: State = {
            name: start[name] if start[name] in values else values[0]
            for name, values in self.values.items()
        }
        self._first = Run(lab, self.start)
        self.outputs = tuple(
            Output(kind, name, tuple(c for c in lab.steps[kind, name].reach if c in self.varied))
            for kind, group in (("pane", lab.panes), ("number", lab.numbers), ("chart", lab.charts))
            for name in group
        )

    def need_tour(self) -> None:
        """Raise ValueError where the lab has no tour."""
        if not self.stops:
            raise ValueError(f"lab {self.lab.title!r} has no tour; leave tour out")

    def of_kind(self, *kinds: str) -> list[Output]:
        """The outputs of these kinds: pane, number, chart."""
        return [output for output in self.outputs if output.kind in kinds]

    def run(self) -> Run:
        """A run at the start, with what earlier ones have left in memory: a training, say."""
        return self._first.step()

    @property
    def varied(self) -> dict[str, tuple[Any, ...]]:
        """The controls that vary, in the lab's order, with their values."""
        return {name: values for name, values in self.values.items() if len(values) > 1}

    @property
    def fixed(self) -> State:
        """The controls that do not vary, with their value."""
        return {name: values[0] for name, values in self.values.items() if len(values) == 1}

    def outside(self) -> list[State]:
        """The states of the tour that are none of those that vary, each once."""
        states = (self.canonical(stop.state) for stop in self.stops)
        fresh: list[State] = []
        for state in states:
            inside = all(state[name] in values for name, values in self.values.items())
            if not inside and state not in fresh:
                fresh.append(state)
        return fresh

    def __len__(self) -> int:
        return len(self.stops) if self.tour else self.distinct(tuple(self.values))

    def states(self) -> Iterator[State]:
        """Every distinct state in order: the lab's first control moves slowest; or the tour's."""
        if self.tour:
            return (stop.state for stop in self.stops)
        states = self.combinations(tuple(self.values))
        return (state for state in states if state == self.canonical(state))

    def canonical(self, state: State) -> State:
        """The state that stands for all that look alike: controls without effect at their start."""
        return {**state, **{name: self.start[name] for name in self.lab.idle(state)}}

    def combinations(self, names: tuple[str, ...]) -> Iterator[State]:
        """Every combination of these controls' values, the others at the start."""
        for values in product(*(self.values[name] for name in names)):
            yield {**self.start, **dict(zip(names, values, strict=True))}

    def runs(self) -> Iterator[Run]:
        """A run for every state in order; what a step does not reach is not computed again."""
        run = self.run()
        for state in self.states():
            run = run.step(**state)
            yield run

    def changes(self) -> Iterator[Run]:
        """Runs of those states that show something else than the state before them.

        Of a tour all, since each has words of its own.
        """
        before = b""
        for run in self.runs():
            now = fingerprint(run)
            if self.tour or now != before:
                yield run
            before = now

    def count(self, output: Output) -> int:
        """The number of different pictures, texts or charts an output can show."""
        return self.distinct(output.depends_on)

    def distinct(self, names: tuple[str, ...]) -> int:
        """The number of combinations of these controls' values that differ in what they show."""
        conditional = tuple(name for name in names if name in self.lab.conditional)
        free = prod(len(self.values[name]) for name in names if name not in conditional)
        states = self.combinations(conditional)
        return free * sum(state == self.canonical(state) for state in states)

    def index(self, output: Output, state: State) -> int:
        """The place of a state in the table of an output: all combinations of what it depends on.

        States that differ only in a control without effect have the same place.
        """
        state = self.canonical(state)
        place = 0
        for name in output.depends_on:
            place = place * len(self.values[name]) + self.values[name].index(state[name])
        return place

    def table(self, output: Output) -> list[int]:
        """The index of each of these combinations in order: where what it shows is to be found."""
        return [self.index(output, state) for state in self.combinations(output.depends_on)]

    def distinct_states(
        self, outputs: Iterable[Output]
    ) -> Iterator[tuple[State, list[tuple[Output, int]]]]:
        """The states in which an output shows what it has not shown before, each with those.

        A pane that depends on the photograph alone comes once for each photograph, however many
        states there are.
        """
        outputs = list(outputs)
        seen: set[tuple[Output, int]] = set()
        for state in self.states():
            places = [(output, self.index(output, state)) for output in outputs]
            new = [place for place in places if place not in seen]
            if new:
                seen.update(new)
                yield state, new


def fingerprint(run: Run) -> bytes:
    """Short text that is equal for two states whose panes and numbers are."""
    found = sha256()
    for kind, group in (("pane", run.panes), ("number", run.numbers)):
        for name in group:
            try:
                shown = _looks(group[name]) if kind == "pane" else [str(group[name])]
            except Exception as error:  # what the lab refuses is shown as a sentence
                shown = [sentence(error)]
            for part in (kind, name, *shown):
                found.update(part if isinstance(part, bytes) else repr(part).encode())
    return found.digest()


def _looks(picture: Picture) -> Iterator[Any]:
    """All that a picture shows."""
    yield picture.header()
    if picture.parts:
        for name, part in picture.parts:
            yield name
            yield from _looks(part)
    else:
        yield picture.array.tobytes()
        yield b"" if picture.palette is None else picture.palette.tobytes()


# What varies


def _stops(lab: Lab, start: State) -> Iterator[Stop]:
    state = start
    for step in lab.tour:
        state = lab.state(**{**state, **step.set})
        yield Stop(step, state)


def _visited(stops: Iterable[Stop]) -> dict[str, tuple[Any, ...]]:
    """The values of each control at these stops."""
    states = [stop.state for stop in stops]
    return {name: tuple(dict.fromkeys(state[name] for state in states)) for name in states[0]}


def _given(lab: Lab, vary: Vary) -> dict[str, tuple[Any, ...]]:
    if isinstance(vary, str):
        vary = (vary,)
    wanted = vary if isinstance(vary, Mapping) else dict.fromkeys(vary)
    chosen = {}
    for name, values in wanted.items():
        control = lab.known(str(name))
        try:
            chosen[name] = control.expand(values)
        except ValueError as error:
            raise ValueError(f"lab {lab.title!r}, control {name!r}: {error}") from None
    return chosen


def _choose(
    lab: Lab, fix: Mapping[str, Any], budget: int, start: State
) -> dict[str, tuple[Any, ...]]:
    """A choice that makes a small slide: one photograph, what plays and what is on or off first.

    A stream is not run again and again: what it depends on stands still, and its moments vary.
    """
    slow = _unrolled.streamed(lab)
    seen = {name for pane in lab.panes for name in lab.reach(pane)}
    pools = {
        name: control.stored(start[name])
        for name, control in lab.controls.items()
        if name in seen and name not in {*fix, *slow} and not control.stands_still
    }
    least = {name: lab.controls[name].fewest(len(pool)) for name, pool in pools.items()}

    def turn(name: str) -> tuple[bool, bool, bool]:
        control = lab.controls[name]
        return control.size is not None, not control.play, least[name] > 2

    sizes: dict[str, int] = {}
    for name in sorted(pools, key=turn):
        if prod(sizes.values()) * least[name] <= budget:
            sizes[name] = least[name]
    for name in sizes:  # and now as much of each as there is room for
        others = prod(sizes.values()) // sizes[name]
        sizes[name] = max(sizes[name], min(len(pools[name]), budget // others))
    return {name: spread(pools[name], size, start[name]) for name, size in sizes.items()}
