"""Which states of a lab an export holds: what varies over which values, and what stands still."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import product
from math import ceil, prod
from time import perf_counter
from typing import Any, NamedTuple

from seglab.lab import Choice, Control, Lab, Layers, Matrix, Photo, Pixel, Run, State
from seglab.slides import records
from seglab.slides.planes import Store

MOST_STATES = 2000
MOST_BYTES = 20_000_000
BUDGET = 200  # states of a plan that nobody asked for in particular
SAMPLES = 5
_AS_TEXT = 4 / 3  # base64

Vary = Mapping[str, Any] | Iterable[str]


class End(NamedTuple):
    """A pane, number or chart, and the varied controls that reach it."""

    kind: str
    name: str
    reach: tuple[str, ...]


class Forecast(NamedTuple):
    """What an export will hold and cost, from a few sampled states."""

    states: int
    pictures: int
    bytes: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"{self.states:,} states, {self.pictures:,} pictures, "
            f"about {self.bytes / 1e6:.2g} MB and {max(1, round(self.seconds))} s"
        )


class Plan:
    """The states of a lab that an export holds.

    vary: control -> its values, None for all it has, or a whole number n for an n × n grid of a
        Pixel's positions; or only the names of the controls, for all that each has. Where it is
        not given, a choice of controls with no more states than `budget`.
    fix: control -> its one value. start: control -> where it stands at first; a control that is in
        none of the three stands at its default.
    Raises ValueError, in one sentence, for an unknown control and a value that it does not take.
    """

    def __init__(
        self,
        lab: Lab,
        vary: Vary | None = None,
        fix: Mapping[str, Any] | None = None,
        budget: int = BUDGET,
        start: Mapping[str, Any] | None = None,
    ) -> None:
        fix = dict(fix or {})
        start = lab.state(**{**(start or {}), **fix})
        chosen = _choose(lab, fix, budget, start) if vary is None else _given(lab, vary)
        for name in chosen:
            if name in fix:
                raise ValueError(f"{name!r} is both varied and fixed; give it to one of the two")
        self.lab = lab
        self.budget = budget
        self.values = {name: chosen.get(name, (start[name],)) for name in lab.controls}
        self.start: State = {
            name: start[name] if start[name] in values else values[0]
            for name, values in self.values.items()
        }
        self._first = Run(lab, self.start)
        self.ends = tuple(
            End(kind, name, tuple(c for c in lab.steps[kind, name].reach if c in self.varied))
            for kind, group in (("pane", lab.panes), ("number", lab.numbers), ("chart", lab.charts))
            for name in group
        )

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

    def __len__(self) -> int:
        return prod(map(len, self.values.values()))

    def states(self) -> Iterator[State]:
        """Every state in order: the lab's first control moves slowest."""
        for values in product(*self.values.values()):
            yield dict(zip(self.values, values, strict=True))

    def runs(self) -> Iterator[Run]:
        """A run for every state in order; what a step does not reach is not computed again."""
        run = self.run()
        for state in self.states():
            run = run.step(**state)
            yield run

    def count(self, end: End) -> int:
        """How many different pictures, texts or charts an end can show."""
        return prod(len(self.values[name]) for name in end.reach)

    def index(self, end: End, state: State) -> int:
        """The place of a state among those that an end tells apart."""
        place = 0
        for name in end.reach:
            place = place * len(self.values[name]) + self.values[name].index(state[name])
        return place

    def visits(self, ends: Iterable[End]) -> Iterator[tuple[State, list[tuple[End, int]]]]:
        """The states at which an end shows what it has not shown before, each with those ends.

        A pane that only the photograph reaches is due once for each photograph, however many
        states there are.
        """
        ends = list(ends)
        seen: set[tuple[End, int]] = set()
        for state in self.states():
            due = [(end, self.index(end, state)) for end in ends]
            due = [one for one in due if one not in seen]
            if due:
                seen.update(due)
                yield state, due

    def forecast(self, px: int | None = None) -> Forecast:
        """States, pictures, bytes and seconds, judged from a few states; charts are not counted.

        px: the longest side of a stored picture.
        """
        store = Store()
        panes = [end for end in self.ends if end.kind == "pane"]
        rest = [end for end in self.ends if end.kind == "number"]
        states = list(self.states())
        run = self.run()
        _try(run, panes + rest)  # what loads once is nobody's share
        weights: dict[End, dict[int, int]] = {end: {} for end in panes}
        jumps: list[float] = []
        steps: list[float] = []
        for place in _spread(list(range(len(states))), SAMPLES):
            # Most states come after a neighbour that shares its slow stages; some come far.
            for near, times in ((False, jumps), (True, steps)):
                state = states[min(place + near, len(states) - 1)]
                run = run.step(**state)
                started = perf_counter()
                for end, picture in _try(run, panes + rest):
                    if end.kind == "pane":
                        before = store.bytes
                        records.pane(end.name, picture, store, px)
                        weights[end].setdefault(self.index(end, state), store.bytes - before)
                times.append(perf_counter() - started)
        sizes = {
            end: self.count(end) * sum(seen.values()) / max(1, len(seen)) * _AS_TEXT
            for end, seen in weights.items()
        }
        self._sizes = sizes
        return Forecast(
            states=len(self),
            pictures=sum(map(self.count, panes)),
            bytes=round(sum(sizes.values())),
            seconds=self._seconds(_mean(jumps), _mean(steps), panes + rest),
        )

    def _seconds(self, jump: float, step: float, ends: list[End]) -> float:
        visits = sum(1 for _ in self.visits(ends))
        inner = len(list(self.varied.values())[-1]) if self.varied else 1
        jumps = visits / inner
        return jumps * jump + (visits - jumps) * step

    def check(
        self,
        forecast: Forecast | None = None,
        force: bool = False,
        most: int = MOST_STATES,
        what: str = "a file",
    ) -> None:
        """Refuse what is too much for one file, naming the control to thin.

        most: states that `what` holds. Raises ValueError past them, or past 20 MB of a forecast of
        this plan, unless forced.
        """
        if force:
            return
        if len(self) > most:
            sums = " × ".join(f"{len(v)} {name}" for name, v in self.varied.items())
            name = max(self.varied, key=lambda one: len(self.varied[one]))
            have = len(self.varied[name])
            keep = max(1, most * have // len(self))
            raise ValueError(
                f"{sums} = {len(self):,} states, and {what} holds {most:,}; "
                f"{self._remedy(name, keep, len(self) // have * keep, 'states')}"
            )
        if forecast and forecast.bytes > MOST_BYTES:
            sizes = self._sizes
            share = {
                name: sum(size for end, size in sizes.items() if name in end.reach)
                for name in self.varied
            }
            if not share:
                raise ValueError(
                    f"one state takes about {forecast.bytes / 1e6:.0f} MB, and a file holds "
                    f"{MOST_BYTES // 10**6}; give a smaller px, or force=True"
                )
            name = max(share, key=lambda one: (share[one], len(self.varied[one])))
            have = len(self.varied[name])
            least = share[name] / have
            spare = MOST_BYTES - (forecast.bytes - share[name])
            keep = max(1, min(have - 1, int(spare // least)))
            end = max(sizes, key=lambda one: sizes[one])
            sums = " × ".join(f"{len(self.values[c])} {c}" for c in end.reach) or "1"
            left = forecast.bytes - round(least * (have - keep))
            raise ValueError(
                f"{forecast.pictures:,} pictures would take about {forecast.bytes / 1e6:.0f} MB, "
                f"and a file holds {MOST_BYTES // 10**6} (most of it {end.name!r}: {sums} = "
                f"{self.count(end):,} pictures of {sizes[end] / self.count(end) / 1e3:.0f} kB); "
                f"{self._remedy(name, keep, round(left / 1e6), 'MB')}"
            )

    def _remedy(self, name: str, keep: int, left: int, unit: str) -> str:
        control = self.lab.controls[name]
        if keep < 2:
            kept = control.text(self.start[name])
            return f"fix {name}, such as fix={{{name!r}: {kept}}}, or give force=True"
        values = ", ".join(control.text(v) for v in _spread(list(self.values[name]), keep))
        return (
            f"thin {name} to {keep} values (about {left:,} {unit}), "
            f"such as vary={{{name!r}: [{values}]}}, or give force=True"
        )


def _try(run: Run, ends: Iterable[End]) -> list[tuple[End, Any]]:
    """What the ends show; a state that the lab refuses shows nothing."""
    shown = []
    for end in ends:
        with suppress(Exception):
            shown.append((end, (run.panes if end.kind == "pane" else run.numbers)[end.name]))
    return shown


def _mean(times: list[float]) -> float:
    return sum(times) / len(times)


# What varies


def _given(lab: Lab, vary: Vary) -> dict[str, tuple[Any, ...]]:
    if isinstance(vary, str):
        vary = (vary,)
    wanted = vary if isinstance(vary, Mapping) else dict.fromkeys(vary)
    chosen = {}
    for name, values in wanted.items():
        if name not in lab.controls:
            lab.state(**{str(name): None})  # it says which there are
        chosen[name] = _values(lab, name, values)
    return chosen


def _values(lab: Lab, name: str, values: Any) -> tuple[Any, ...]:
    control = lab.controls[name]
    if values is None:
        return tuple(_grid(control, 3) if isinstance(control, Pixel) else control.sweep())
    if isinstance(control, Pixel) and isinstance(values, int) and not isinstance(values, bool):
        if not 1 <= values <= min(control.size):
            raise ValueError(
                f"vary={{{name!r}: {values}}}; an n × n grid of pixels has n from 1 to "
                f"{min(control.size)}"
            )
        return _grid(control, values)
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValueError(
            f"vary={{{name!r}: {values!r}}} is no list of values; "
            f"give [{values!r}, ...], or fix={{{name!r}: {values!r}}}"
        )
    accepted = [lab.state(**{name: value})[name] for value in values]
    if not accepted:
        raise ValueError(f"vary={{{name!r}: []}} holds no value; give at least one")
    return tuple(dict.fromkeys(accepted))


def _choose(
    lab: Lab, fix: Mapping[str, Any], budget: int, start: State
) -> dict[str, tuple[Any, ...]]:
    """A choice that makes a small slide: one photograph, what plays and what is on or off first.

    A stream is not run again and again, so what it depends on stands still.
    """
    pools = {}
    slow = {name for stream in lab.streams for name in lab.steps[stream].reach}
    for name, control in lab.controls.items():
        reached = any(name in lab.reach(pane) for pane in lab.panes)
        if name not in {*fix, *slow} and reached and not isinstance(control, Photo):
            pool = (
                _grid(control, 3, start[name])
                if isinstance(control, Pixel)
                else tuple(control.sweep())
            )
            pools[name] = pool if start[name] in pool else (start[name], *pool)
    least = {name: _least(lab.controls[name], len(pool)) for name, pool in pools.items()}

    def turn(name: str) -> tuple[bool, bool, bool]:
        control = lab.controls[name]
        return isinstance(control, Pixel), not control.play, least[name] > 2

    sizes: dict[str, int] = {}
    for name in sorted(pools, key=turn):
        if prod(sizes.values()) * least[name] <= budget:
            sizes[name] = least[name]
    for name in sizes:  # and now as much of each as there is room for
        others = prod(sizes.values()) // sizes[name]
        sizes[name] = max(sizes[name], min(len(pools[name]), budget // others))
    return {name: _spread(list(pools[name]), size, start[name]) for name, size in sizes.items()}


def _least(control: Control, count: int) -> int:
    """The fewest values at which a control is still worth its place on a slide."""
    if isinstance(control, Pixel | Matrix | Layers) or not is_ordered(control):
        return count
    return min(count, 8 if control.play else 3)


def is_ordered(control: Control) -> bool:
    """Whether a control's values are numbers, so that it is a slider and some can be left out."""
    return isinstance(control, Choice) and all(
        isinstance(option, int | float) and not isinstance(option, bool)
        for option in control.options
    )


def _grid(
    control: Pixel, side: int, keep: tuple[int, int] | None = None
) -> tuple[tuple[int, int], ...]:
    """The middles of side × side equal tiles; one to keep takes the place of the nearest.

    keep: the control's default unless given.
    """
    height, width = control.size
    keep = keep or control.default
    points = [
        (int((row + 0.5) * height / side), int((column + 0.5) * width / side))
        for row in range(side)
        for column in range(side)
    ]
    away = [sum((a - b) ** 2 for a, b in zip(p, keep, strict=True)) for p in points]
    points[away.index(min(away))] = keep
    return tuple(dict.fromkeys(points))


def _spread(values: list[Any], count: int, keep: Any = None) -> tuple[Any, ...]:
    """That many of the values, ends included, evenly over the list; keep is one of them."""
    if count >= len(values):
        return tuple(values)
    step = (len(values) - 1) / max(1, count - 1)
    places = sorted({ceil(i * step - 0.5) for i in range(count)})
    if keep in values:
        place = values.index(keep)
        inner = places[1:-1] or places
        nearest = min(inner, key=lambda one: abs(one - place))
        if place not in places:
            places[places.index(nearest)] = place
    return tuple(values[place] for place in sorted(places))
