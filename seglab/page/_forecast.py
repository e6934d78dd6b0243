"""The size of a page, judged from a few of its states."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from seglab.controls import spread
from seglab.files import Forecast, Output, Plan, streamed
from seglab.lab import Run, State
from seglab.page import _pane_records
from seglab.page._page import frame_bytes
from seglab.page._planes import Store

_SAMPLES = 5
_AS_TEXT = 4 / 3  # base64


def forecast(plan: Plan, px: int | None = None) -> Forecast:
    """States, pictures, bytes and seconds of a page, and of what only its tour shows.

    Charts are not counted. px: the longest side of a stored picture.
    """
    store = Store()
    panes = plan.of_kind("pane")
    drawn = plan.of_kind("pane", "number")
    states = list(plan.states())
    run = plan.run()
    started = perf_counter()
    for _ in _shown(run, drawn):
        pass  # what is loaded once, such as weights, is timed apart
    first = perf_counter() - started
    sampled: dict[Output, dict[Any, set[int]]] = {output: {} for output in panes}
    told: dict[Output, dict[Any, set[int]]] = {output: {} for output in panes}
    jumps: list[float] = []
    steps: list[float] = []
    for place in spread(range(len(states)), _SAMPLES):
        # Most states come after a neighbour that shares its slow stages; some come far.
        for near, times in ((False, jumps), (True, steps)):
            state = states[min(place + near, len(states) - 1)]
            run = run.step(**state)
            started = perf_counter()
            for output, planes in _planes(run, drawn, store, px):
                sampled[output].setdefault(plan.index(output, state), planes)
            times.append(perf_counter() - started)
    for state in spread(plan.outside(), _SAMPLES):
        run = run.step(**state)
        started = perf_counter()
        for output, planes in _planes(run, drawn, store, px):
            names = plan.lab.reach(output.name)
            if _is_outside(plan, names, state):
                told[output].setdefault(tuple(state[name] for name in names), planes)
        jumps.append(perf_counter() - started)
    counts = {output: (plan.count(output), _beside(plan, output)) for output in panes}
    known: set[int] = set()  # a plane that two panes share is stored once
    sizes: dict[Output, float] = dict.fromkeys(panes, 0.0)
    for output in panes:
        for seen, count in zip((sampled[output], told[output]), counts[output], strict=True):
            sizes[output] += _stored(store, list(seen.values()), count, known) * _AS_TEXT
            known.update(*seen.values())
    beside = len(plan.outside()) * _mean(jumps) + _streamed(plan) * first
    return Forecast(
        states=len(plan),
        pictures=sum(map(sum, counts.values())),
        bytes=round(sum(sizes.values())) + frame_bytes(plan),
        seconds=_seconds(plan, _mean(jumps), _mean(steps), drawn) + beside,
        sizes=sizes,
    )


def _shown(run: Run, outputs: list[Output]) -> Iterator[tuple[Output, Any]]:
    """Each output with what it shows; what the lab refuses is left out."""
    for output in outputs:
        group = run.panes if output.kind == "pane" else run.numbers
        with suppress(Exception):
            value = group[output.name]
            yield output, value


def _planes(
    run: Run, drawn: list[Output], store: Store, px: int | None
) -> Iterator[tuple[Output, set[int]]]:
    """The planes of each pane, put into the store; numbers are worked out too, for their time."""
    for output, shown in _shown(run, drawn):
        if output.kind == "pane":
            record = _pane_records.pane(output.name, shown, store, px)
            yield output, _pane_records.planes(record)


def _stored(store: Store, pictures: list[set[int]], count: int, known: set[int]) -> float:
    """Judge the bytes of so many pictures, of which some are seen: the planes of each.

    A plane of two of them, such as a photograph under marks that move, is one of all of them and
    stored once; there are as many of the others as there are pictures. The first is stored whole,
    and others by how they differ.
    """
    times = Counter(plane for planes in pictures for plane in planes if plane not in known)
    shared = sum(store.size(plane) for plane, often in times.items() if often > 1)
    single = sorted(plane for plane, often in times.items() if often == 1)
    if not single:
        return shared
    first, *others = map(store.size, single)
    more = len(single) * count / len(pictures) - 1
    return shared + first + more * (_mean(others) if others else first)


def _beside(plan: Plan, output: Output) -> int:
    """Number of pictures of a pane that only states of the tour show."""
    return len(_outside(plan, plan.lab.reach(output.name)))


def _streamed(plan: Plan) -> int:
    """Number of times that a stream begins anew for the tour: each takes as long as the first."""
    return len(_outside(plan, tuple(streamed(plan.lab))))


def _outside(plan: Plan, names: tuple[str, ...]) -> set[tuple[Any, ...]]:
    """Values that these controls have in states of the tour, and not among those that vary."""
    return {
        tuple(state[name] for name in names)
        for state in plan.outside()
        if _is_outside(plan, names, state)
    }


def _is_outside(plan: Plan, names: tuple[str, ...], state: State) -> bool:
    return any(state[name] not in plan.values[name] for name in names)


def _seconds(plan: Plan, jump: float, step: float, outputs: list[Output]) -> float:
    states = sum(1 for _ in plan.distinct_states(outputs))
    inner = len(list(plan.varied.values())[-1]) if plan.varied else 1
    jumps = states / inner
    return jumps * jump + (states - jumps) * step


def _mean(times: Sequence[float]) -> float:
    return sum(times) / len(times)
