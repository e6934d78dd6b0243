"""Every lab of the catalogue, swept: each control over its range, every pane and number drawn.

A stream is swept near its first value; its lab's own tests run it to its end.
"""

import math
import re

import numpy as np
import pytest
from helpers import looks
from walks import begun, seen, walk

from seglab import lessons
from seglab.course import notebooks
from seglab.lab import Run

LABS = lessons.catalogue() | lessons.further()


def drawn(run):
    return dict(run.panes), dict(run.numbers)


@pytest.mark.parametrize("stem", LABS)
def test_every_state_of_the_sweep_draws(stem):
    for state in walk(LABS[stem]):
        shows(state)


@pytest.mark.parametrize("stem", [stem for stem in LABS if LABS[stem].streams])
def test_a_stream_draws_in_every_state_of_the_sweep(stem):
    run = begun(LABS[stem])
    for state in LABS[stem].sweep():
        run = run.step(**state)
        run.advance()
        shows(seen(run))


def shows(state):
    """Assert that all panes and numbers of a state can be shown."""
    for name, picture in state.panes.items():
        assert picture.array.dtype == np.uint8, name
        assert picture.rgb().shape == (*picture.size, 3), name
        assert picture.alt(), name
    for name, number in state.numbers.items():
        assert isinstance(number, str | int | float), name
        assert not (isinstance(number, float) and math.isnan(number)), name


@pytest.mark.parametrize("stem", LABS)
def test_a_state_is_the_same_whichever_way_it_is_reached(stem):
    for walked in walk(LABS[stem])[::5]:
        direct = seen(begun(LABS[stem], **walked.state))
        assert walked.words == direct.words
        for name, picture in walked.panes.items():
            assert np.array_equal(picture.array, direct.panes[name].array), name


@pytest.mark.parametrize("stem", LABS)
def test_an_idle_control_recomputes_nothing(stem):
    lab, calls, seen = LABS[stem], [], set()
    for state in lab.sweep():
        idle = lab.idle(state)
        if not idle or idle in seen:
            continue
        seen.add(idle)
        run = Run(lab, state, pause=lambda: calls.append("a function"), finish_streams=False)
        drawn(run)
        calls.clear()
        for name in idle:
            for value in lab.controls[name].sweep():
                drawn(run.step(**{name: value}))
                assert calls == [], f"{name}={value!r} with {run.words()}"


def shown(run, name):
    """Everything that a reader sees of a pane, a number or a chart."""
    if name in run.panes:
        return looks(run.panes[name])
    return run.numbers[name] if name in run.numbers else run.charts[name].to_plotly_json()


@pytest.mark.parametrize("stem", LABS)
def test_the_tour_holds(stem):
    lab = LABS[stem]
    run = lab.at()
    for number, step in enumerate(lab.tour, 1):
        start, run = run, run.fork(**step.set)
        where = f"step {number} ({step.say}) with {run.words()}"
        assert step.expect(start, run), where
        if step.look in run.charts and not step.set:
            assert run.charts[step.look] is not None, where
        elif step.set:
            assert shown(start, step.look) != shown(run, step.look), f"{where} changes nothing"


@pytest.mark.parametrize("stem", LABS)
def test_each_step_of_a_tour_is_whole(stem):
    tour = LABS[stem].tour
    assert 5 <= len(tour) <= 8
    assert tour[0].set, "without a state to show, the first step has no answer"
    for number, step in enumerate(tour, 1):
        assert step.say, number
        assert step.look, number
        assert step.expect, number
        assert step.then, number


def on_the_screen(lab, state):
    """The words that stand on the board, its controls and its buttons."""
    yield from (*lab.panes, *lab.numbers, *lab.charts)
    yield from ("Back", "Show me", "Next", "Reset", "Walk", "Start", "Start again", "Stop")
    for name, control in lab.controls.items():
        yield control.label or name
        yield from (*control.widget().texts, *["Your own…"] * control.takes_file)
        yield from ["Camera…"] * control.offers_camera
        if name in state:
            yield control.words(control.accept(state[name]))


@pytest.mark.parametrize("stem", LABS)
def test_a_tour_names_what_is_on_the_screen(stem):
    lab = LABS[stem]
    for number, step in enumerate(lab.tour, 1):
        names = re.findall(r"\*\*(.+?)\*\*", step.say + step.then)
        unknown = set(names) - set(on_the_screen(lab, step.set))
        assert not unknown, f"step {number}"


@pytest.mark.parametrize("stem", lessons.catalogue())
def test_a_notebook_names_what_is_on_the_screen_where_its_lab_is_played_with(stem):
    cells = notebooks.read(notebooks.folder() / f"{stem}.ipynb").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    play = re.search(r"^## Play$(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]
    names = [name.casefold() for name in re.findall(r"\*\*(.+?)\*\*", play)]
    assert names
    assert not set(names) - {name.casefold() for name in on_the_screen(LABS[stem], {})}


@pytest.mark.parametrize("stem", LABS)
def test_a_lab_introduces_itself(stem):
    lab = LABS[stem]
    assert lab.title
    assert lab.summary.endswith(".")
    assert all(lab.reach(pane) for pane in lab.panes)


def test_labs_go_by_short_names():
    assert lessons.stem("08") == "08-shift-and-stitch"
    assert lessons.stem("shift_and_stitch") == "08-shift-and-stitch"
    assert lessons.stem("09-a-trous.ipynb") == "09-a-trous"
    assert lessons.find("start-here") is LABS["00-start-here"]


def test_an_unknown_lab_names_the_nearest():
    with pytest.raises(ValueError, match="did you mean '08-shift-and-stitch'"):
        lessons.find("shift-and-stich")
