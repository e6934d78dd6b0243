"""Every lab of the catalogue, swept: each control over its range, every pane and number drawn.

A stream is swept near its first value; its lab's own tests run it to its end.
"""

import math

import numpy as np
import pytest

from seglab import lessons
from seglab.lab import Run

LABS = lessons.catalogue()


def begun(lab, **state):
    return Run(lab, lab.state(**state), whole=False)


def drawn(run):
    return dict(run.panes), dict(run.numbers)


@pytest.mark.parametrize("stem", LABS)
def test_every_state_of_the_sweep_draws(stem):
    lab = LABS[stem]
    run = begun(lab)
    for state in lab.sweep():
        run = run.step(**state)
        run.advance()
        for name, picture in run.panes.items():
            assert picture.array.dtype == np.uint8, name
            assert picture.rgb().shape == (*picture.size, 3), name
            assert picture.alt(), name
        for name, number in run.numbers.items():
            assert isinstance(number, str | int | float), name
            assert not (isinstance(number, float) and math.isnan(number)), name


@pytest.mark.parametrize("stem", LABS)
def test_a_state_is_the_same_whichever_way_it_is_reached(stem):
    lab = LABS[stem]
    walked = begun(lab)
    for state in list(lab.sweep())[::5]:
        walked = walked.step(**state)
        direct = begun(lab, **state)
        assert repr(walked) == repr(direct)
        for name in lab.panes:
            assert np.array_equal(walked.panes[name].array, direct.panes[name].array), name


@pytest.mark.parametrize("stem", LABS)
def test_an_idle_control_recomputes_nothing(stem):
    lab, calls, seen = LABS[stem], [], set()
    for state in lab.sweep():
        idle = lab.idle(state)
        if not idle or idle in seen:
            continue
        seen.add(idle)
        run = Run(lab, state, pause=lambda: calls.append("a function"), whole=False)
        drawn(run)
        calls.clear()
        for name in idle:
            for value in lab.controls[name].sweep():
                drawn(run.step(**{name: value}))
                assert calls == [], f"{name}={value!r} with {run.words()}"


@pytest.mark.parametrize("stem", LABS)
def test_the_tour_holds(stem):
    lab = LABS[stem]
    run = lab.at()
    for number, step in enumerate(lab.tour, 1):
        start, run = run, run.fork(**step.set)
        for outputs in (run.panes, run.numbers, run.charts):
            assert step.look not in outputs or outputs[step.look] is not None
        held = step.expect is None or step.expect(start, run)
        assert held, f"step {number} ({step.say}) with {run.words()}"


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
