"""States of a tour that a page stores beside those that vary: all of each is that state's own."""

import pytest
import torch
from stored_pages import blobs_of, stored, undone

from seglab import page
from seglab.draw import paint, plots
from seglab.files import Plan
from seglab.lab import Choice, Lab, Pixel, Try
from seglab.paper import charts

VARIED = ("a", "b", "c")


def level(a, b, c, mode, at):
    """A number of its own for each state."""
    return a + 2 * b + 10 * c + {"none": 0, "one": 50, "both": 100}[mode] + at[0]


def curve(a, mode):
    points = {1: a, 2: len(mode)}
    return plots.lines({"a": points}, title=f"{a}, {mode}", x="x", y="y", ticks=(1, 2))


LAB = Lab(
    title="Beside",
    controls={
        "a": Choice(1, 2, 3),
        "b": Choice(1, 2),
        "c": Choice(1, 2, 3, 4),
        "mode": Choice("none", "one", "both"),
        "at": Pixel((5, 9), default=(1, 2)),
    },
    matters={"b": lambda mode: mode != "none", "c": lambda mode: mode == "both"},
    stages=(level,),
    panes={"level": lambda level: paint.scalar(torch.full((2, 3), float(level)), low=0, high=254)},
    numbers={"sum": lambda level: level, "a alone": lambda a: a},
    charts={"Curve": curve},
    tour=(
        Try("Once.", set={"mode": "one", "b": 2}),
        Try("Twice.", set={"mode": "both", "a": 2}),
        Try("Elsewhere.", set={"at": (4, 7), "c": 3}),
        Try("Back.", set={"mode": "none", "at": (1, 2)}),
    ),
)


@pytest.fixture(scope="module")
def plan():
    return Plan(LAB, list(VARIED))


@pytest.fixture(scope="module")
def text(plan):
    return page.document(plan)


def told(plan):
    """Each state of the tour that the page's controls do not reach."""
    outside = plan.outside()
    assert [state["mode"] for state in outside] == ["one", "both", "both"]
    return outside


def test_its_numbers_panes_and_charts_are_those_of_its_state(plan, text):
    lab, blobs = stored(text), blobs_of(text)
    for state, extra in zip(told(plan), lab["extras"], strict=True):
        run = LAB.at(**state)
        assert extra["numbers"] == [[str(run.numbers[name])] for name in LAB.numbers]
        (record,) = (lab["pictures"][number] for number in extra["panes"])
        assert undone(blobs, record["plane"]).tolist() == [run.values["level"]] * 6
        assert record["alt"] == run.panes["level"].alt()
        assert extra["charts"] == [charts.svg(run.charts["Curve"], "Curve")]
    assert len({extra["charts"][0] for extra in lab["extras"]}) == 2
    assert len({str(extra["numbers"]) for extra in lab["extras"]}) == 3


def test_its_controls_are_greyed_and_stand_as_in_its_state(plan, text):
    for state, extra in zip(told(plan), stored(text)["extras"], strict=True):
        assert {VARIED[number] for number in extra["idle"]} == set(LAB.idle(state))
        assert extra["at"] == [plan.values[name].index(state[name]) for name in VARIED]
        assert extra["pixel"] == list(state["at"])
        words = [one["texts"] for one in stored(text)["told"]]
        assert [texts[n] for texts, n in zip(words, extra["told"], strict=True)] == [state["mode"]]
    assert [len(extra["idle"]) for extra in stored(text)["extras"]] == [1, 0, 0]


def test_each_step_leads_to_its_own_state(plan, text):
    outside = told(plan)
    state = LAB.state()
    for step, declared in zip(stored(text)["tour"]["steps"], LAB.tour, strict=True):
        state = LAB.state(**{**state, **declared.set})
        found = outside[step["extra"]] if step["extra"] >= 0 else None
        assert (found is None) == (state["mode"] == "none")
        if found:
            assert {name: found[name] for name in LAB.controls} == plan.canonical(state)
        else:
            assert step["at"][0] == plan.values["a"].index(state["a"])
