"""A walk through the sweep of a lab: what each of its states shows, for all laws about it."""

from functools import lru_cache
from typing import Any, NamedTuple

from seglab.draw.paint import Picture
from seglab.lab import Lab, Run


class Seen(NamedTuple):
    """A state as a reader sees it: its line of words, its pictures and its numbers."""

    state: dict[str, Any]
    words: str
    panes: dict[str, Picture]
    numbers: dict[str, Any]


def begun(lab: Lab, **state: Any) -> Run:
    """A run in this state, its streams at their first values."""
    return Run(lab, lab.state(**state), finish_streams=False)


def seen(run: Run) -> Seen:
    """All that a run shows."""
    return Seen(run.state, repr(run), dict(run.panes), dict(run.numbers))


@lru_cache(maxsize=1)  # the laws of one lab come one after the other (see schedule.py)
def walk(lab: Lab) -> tuple[Seen, ...]:
    """States of a lab's sweep as they show, each reached from the one before; first the start."""
    run, states = begun(lab), []
    for state in lab.sweep():
        run = run.step(**state)
        states.append(seen(run))
    return tuple(states)
