"""Laws that hold in every lab, whatever it teaches."""

import pytest

from seglab import lessons
from seglab.draw.shapes import spelled
from seglab.lab import Run

LABS = lessons.catalogue() | lessons.further()

# Controls that need what a test has not: a training run to its end, weights that are downloaded.
UNSEEN = {"13-train-your-own": {"rate", "steps", "moment"}, "16-every-net": {"rates"}}


def seen(run):
    """All that a reader sees of a state but for its controls."""
    return [shown(group, name) for group in (run.panes, run.numbers) for name in group]


def shown(group, name):
    """Show a pane or a number as a reader sees it; its words where the lab refuses the state."""
    try:
        value = group[name]
    except ValueError as error:
        return str(error)
    return (value.array.tobytes(), value.header()) if hasattr(value, "array") else value


@pytest.mark.parametrize("stem", LABS)
def test_every_control_changes_something_somewhere_where_it_is_not_idle(stem):
    lab = LABS[stem]
    values = {name: list(control.sweep()) for name, control in lab.controls.items()}
    waiting = {name for name in values if len(values[name]) > 1} - UNSEEN.get(stem, set())
    for state in [lab.state(), *lab.sweep()]:
        for name in sorted(waiting - set(lab.idle(state))):
            run = Run(lab, state, finish_streams=False)
            start = seen(run)
            if any(seen(run.fork(**{name: value})) != start for value in values[name]):
                waiting.discard(name)
        if not waiting:
            break
    assert not waiting, f"{waiting} change no pane and no number"


@pytest.mark.parametrize("stem", LABS)
def test_a_pane_that_a_control_does_not_reach_stays(stem):
    lab = LABS[stem]
    run = Run(lab, lab.state(), finish_streams=False)
    before = {name: shown(run.panes, name) for name in lab.panes}
    for name, control in lab.controls.items():
        moved = run.fork(**{name: list(control.sweep())[-1]})
        for pane in lab.panes:
            if name not in lab.reach(pane):
                assert shown(moved.panes, pane) == before[pane], (name, pane)


def handles(picture):
    """The controls that a diagram sets, each with a value and its spelling."""
    for shape in getattr(picture, "shapes", ()):
        if shape.kind == "handle":
            yield from ((shape.control, stop.value) for stop in shape.stops)
        elif shape.sets:
            yield tuple(shape.sets)


@pytest.mark.parametrize("stem", LABS)
def test_what_a_diagram_sets_is_a_value_of_a_control_of_the_lab(stem):
    lab = LABS[stem]
    for state in [lab.state(), *lab.sweep()][:12]:
        run = Run(lab, state, finish_streams=False)
        for name in lab.panes:
            for control, value in handles(picture_of(run, name)):
                read = lab.controls[control].parse(spelled(value))
                assert lab.controls[control].accept(value) == read, (name, control, value)


def picture_of(run, pane):
    """The picture of a pane; None where the lab refuses the state."""
    try:
        return run.panes[pane]
    except ValueError:
        return None
