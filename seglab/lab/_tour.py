"""A tour: steps to try, each with what it sets and what is then to be seen."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seglab.lab._declaration import Lab
    from seglab.lab._run import Run


@dataclass(frozen=True, eq=False)
class Try:
    """One step of a tour.

    say: what to do or to ask, in Markdown. set: control -> value; what earlier steps of the tour
    have set stays. look: the pane, number or chart to look at. expect: called with the run before
    and the run after; true when what the text promises can be seen. then: what was to be seen.
    """

    say: str
    set: Mapping[str, Any] = field(default_factory=dict)
    look: str = ""
    expect: Callable[["Run", "Run"], Any] | None = None
    then: str = ""


def check(lab: "Lab") -> None:
    """Raise ValueError for a step that sets or names what the lab does not have."""
    parts = (*lab.panes, *lab.numbers, *lab.charts)
    for number, step in enumerate(lab.tour, 1):
        where = f"lab {lab.title!r}, step {number} of the tour"
        try:
            lab.state(**step.set)
        except ValueError as error:
            raise ValueError(f"{where}: {error}") from None
        if step.look and step.look not in parts:
            raise ValueError(
                f"{where} looks at {step.look!r}; there are {', '.join(parts) or 'none'}"
            )


def steps(lab: "Lab", run: "Run") -> Iterator[tuple[Try, "Run", "Run"]]:
    """Each step with the run before it and the run after it, from this run on."""
    for step in lab.tour:
        after = run.fork(**step.set)
        yield step, run, after
        run = after
