"""Forecasts of what a file will hold and cost, and the refusal of what is too much."""

from collections.abc import Mapping
from math import prod
from typing import NamedTuple

from seglab.controls import spread
from seglab.files._look import THEMES
from seglab.files._plan import Output, Plan

MOST_BYTES = 20_000_000


class Limits(NamedTuple):
    """The states and pixels of a kind of file.

    budget: states where nobody says what varies. most: states that it takes.
    enough: the longest side in pixels to which pictures may be brought where nobody says what
        varies and the file gets large; None where pictures have no size of their own.
    explored: whether it has controls, so that a tour stands beside the states, not in their place.
    themes: the themes that it has.
    """

    budget: int
    most: int
    enough: int | None = None
    explored: bool = False
    themes: tuple[str, ...] = THEMES[:2]


class Forecast(NamedTuple):
    """The states, pictures, bytes and seconds of a file, judged from a few states.

    sizes: the bytes of each output, where a writer stores outputs one by one.
    """

    states: int
    pictures: int
    bytes: int
    seconds: float
    sizes: Mapping[Output, float]

    def __str__(self) -> str:
        return (
            f"{self.states:,} states, {self.pictures:,} pictures, "
            f"about {self.bytes / 1e6:.2g} MB and {max(1, round(self.seconds))} s"
        )


def check_states(plan: Plan, most: int, what: str) -> None:
    """Raise ValueError, naming the control to thin, for more states than `what` holds."""
    count = len(plan)
    if count <= most:
        return
    if plan.tour:
        raise ValueError(f"the tour has {count} states, and {what} holds {most}; give force=True")
    name = max(plan.varied, key=lambda name: len(plan.varied[name]))
    have = len(plan.varied[name])
    keep = max(1, most * have // count)
    raise ValueError(
        f"{_sum(plan, tuple(plan.varied), 'states')}, and {what} holds {most:,}; "
        f"{_remedy(plan, name, keep, count // have * keep, 'states')}"
    )


def check_bytes(plan: Plan, forecast: Forecast) -> None:
    """Raise ValueError, naming what to thin, past 20 MB."""
    if forecast.bytes <= MOST_BYTES:
        return
    size, holds = f"about {forecast.bytes / 1e6:.0f} MB", f"a file holds {MOST_BYTES // 10**6}"
    sizes = forecast.sizes
    if not sizes:
        raise ValueError(
            f"{forecast.states} pages would take {size}, and {holds}; "
            f"give a smaller px, fewer states, or force=True"
        )
    if not plan.varied:
        raise ValueError(f"one state takes {size}, and {holds}; give a smaller px, or force=True")
    shares = {
        name: sum(size for output, size in sizes.items() if name in output.depends_on)
        for name in plan.varied
    }
    name = max(shares, key=lambda name: (shares[name], len(plan.varied[name])))
    have = len(plan.varied[name])
    each = shares[name] / have
    spare = MOST_BYTES - (forecast.bytes - shares[name])
    keep = max(1, min(have - 1, int(spare // each)))
    left = forecast.bytes - round(each * (have - keep))
    largest = max(sizes, key=lambda output: sizes[output])
    raise ValueError(
        f"{forecast.pictures:,} pictures would take {size}, and {holds} "
        f"(most of it {largest.name!r}: {_sum(plan, largest.depends_on, 'pictures')} of "
        f"{sizes[largest] / plan.count(largest) / 1e3:.0f} kB); "
        f"{_remedy(plan, name, keep, round(left / 1e6), 'MB')}"
    )


def _sum(plan: Plan, names: tuple[str, ...], unit: str) -> str:
    """The number of them with its factors: 4 a × 4 b = 16 pictures."""
    numbers = [len(plan.values[name]) for name in names]
    factors = " × ".join(f"{n} {name}" for n, name in zip(numbers, names, strict=True)) or "1"
    count = plan.distinct(names)
    sign = (
        " =" if count == prod(numbers) else ", which show"
    )  # some controls have no effect at times
    return f"{factors}{sign} {count:,} {unit}"


def _remedy(plan: Plan, name: str, keep: int, left: int, unit: str) -> str:
    control = plan.lab.controls[name]
    if keep < 2:
        kept = control.text(plan.start[name])
        return f"fix {name}, such as fix={{{name!r}: {kept}}}, or give force=True"
    values = ", ".join(map(control.text, spread(plan.values[name], keep)))
    return (
        f"thin {name} to {keep} values (about {left:,} {unit}), "
        f"such as vary={{{name!r}: [{values}]}}, or give force=True"
    )
