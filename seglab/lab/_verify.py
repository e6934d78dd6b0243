"""A lab swept: what a test of any lab asks of it."""

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING, Any

from seglab.lab import _tour
from seglab.lab._run import Run

if TYPE_CHECKING:
    from seglab.lab._declaration import Lab

_EVERY = 5  # of the states are also reached directly


def verify(lab: "Lab") -> str:
    """Try every state of the lab's sweep and its tour; ValueError names what fails and where."""
    states = list(lab.sweep())
    run = Run(lab, lab.state(), finish_streams=False)
    for number, state in enumerate(states):
        run = run.step(**state)
        if lab.streams:
            run.advance()
        _look(run)
        if number % _EVERY == 0 and not lab.streams:
            direct = lab.at(**state)
            _undisturbed(direct)
            _same(run, direct)
    steps = list(_tour.steps(lab, lab.at())) if lab.tour else []
    for number, (step, start, end) in enumerate(steps, 1):
        if step.expect and not step.expect(start, end):
            raise ValueError(
                f"lab {lab.title!r}, step {number} of the tour ({step.say!r:.60}): what it "
                f"expects does not hold with {end.words()}"
            )
    counts = [(len(states), "state"), (len(lab.panes), "pane"), (len(lab.numbers), "number")]
    counts.append((len(steps), "step of the tour"))
    listed = ", ".join(f"{n} {word}" if n == 1 else f"{n} {_plural(word)}" for n, word in counts)
    return f"{lab.title}: {listed}, all as they should be"


def _plural(word: str) -> str:
    first, space, rest = word.partition(" ")
    return f"{first}s{space}{rest}"


def _where(run: Run, what: str) -> str:
    return f"lab {run.lab.title!r} with {run.words()}: {what}"


def _look(run: Run) -> None:
    for name, picture in run.panes.items():
        if str(picture.array.dtype) != "uint8" or not picture.alt():
            raise ValueError(_where(run, f"pane {name!r} is no 8-bit picture with words"))
    for name, number in run.numbers.items():
        if not isinstance(number, str | int | float):
            kind = type(number).__name__
            raise ValueError(
                _where(run, f"number {name!r} is a {kind}; give a number or a text, f'{{x:.3f}}'")
            )
        if isinstance(number, float) and isnan(number):
            raise ValueError(_where(run, f"number {name!r} is NaN; say in words why there is none"))


def _same(run: Run, direct: Run) -> None:
    if repr(run) != repr(direct):
        raise ValueError(_where(run, f"the numbers depend on the way here: {run} and {direct}"))
    for name in run.panes:
        if run.panes[name].array.tobytes() != direct.panes[name].array.tobytes():
            raise ValueError(_where(run, f"pane {name!r} depends on the way here"))


def _undisturbed(run: Run) -> None:
    """Compute part by part; a part that writes to what was there before is named."""
    lab = run.lab
    needed = {name for step in lab.steps.values() for name in step.needs.values()}
    parts = [(f"stage {n!r}", n, run.values) for n in lab.values if n in needed]
    parts += [(f"pane {n!r}", n, run.panes) for n in lab.panes]
    parts += [(f"number {n!r}", n, run.numbers) for n in lab.numbers]
    there: dict[str, tuple[Any, list[int]]] = {}
    for what, name, values in parts:
        value = values[name]
        for other, (kept, versions) in there.items():
            if _versions(kept) != versions:
                raise ValueError(
                    _where(run, f"{what} changes the value of {other} in place; work on a copy")
                )
        there[what] = value, _versions(value)


def _versions(value: Any) -> list[int]:
    """Number of writes to each tensor of a value, as torch counts them."""
    if hasattr(value, "_version"):
        return [value._version]
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return [v for part in value for v in _versions(part)] if isinstance(value, tuple | list) else []
