"""Code that changes while a lab is open: no picture, number or control is answered from memory."""

import pytest
import torch

from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab, Run, of


def rewritten(function, other):
    """Give a function another body in place, as autoreload does."""
    function.__code__ = other.__code__.replace(co_freevars=function.__code__.co_freevars)


def flat(level):
    return torch.full((2, 2), float(level))


def made():
    """A lab of which every part is a function of its own, and those functions."""

    def stage(k):
        return k

    def pane(stage):
        return torch.full((2, 2), stage, dtype=torch.long)

    def wired(stage):
        return torch.full((2, 2), stage + 1, dtype=torch.long)

    def number(stage):
        return stage

    def matters(k):
        return k != 1

    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2, 3), "extra": Choice(0, 5)},
        stages=(stage,),
        panes={"pane": pane, "wired": of(wired, "stage")},
        numbers={"number": number, "sum": lambda k, extra: k + extra},
        matters={"extra": matters},
    )
    return lab, {f.__name__: f for f in (stage, pane, wired, number, matters)}


def seen(live):
    """The codes and numbers that the board draws."""
    frame = live.board.frame
    codes = [bytes(pane["plane"])[0] for pane in frame["panes"]]
    return codes, [number[1] for number in frame["numbers"]]


CHANGES = {
    "stage": (lambda k: k + 10, ([12, 13], ["12", "2"])),
    "pane": (lambda stage: __import__("torch").full((2, 2), 9), ([9, 3], ["2", "2"])),
    "wired": (lambda stage: __import__("torch").full((2, 2), 9), ([2, 9], ["2", "2"])),
    "number": (lambda stage: stage * 100, ([2, 3], ["200", "2"])),
}


@pytest.mark.parametrize("browser", [False, True])
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_function_is_seen_in_the_state_that_was_drawn_before(name, browser, ui):
    lab, functions = made()
    live = show(lab)
    ui(browser)
    for k in (2, 1, 3):
        live.controls["k"].value = k
        live.settled()
    other, expected = CHANGES[name]
    rewritten(functions[name], other)
    live.controls["k"].value = 2
    live.settled()
    assert seen(live) == expected


def test_a_changed_say_over_a_control_is_seen_in_the_state_that_was_drawn_before(ui):
    lab, functions = made()
    live = show(lab, k=2, extra=5)
    assert seen(live)[1] == ["2", "7"]
    ui()
    live.controls["k"].value = 3
    live.settled()
    rewritten(functions["matters"], lambda k: False)
    live.controls["k"].value = 2
    live.settled()
    assert seen(live)[1] == ["2", "2"]  # the control counts as its default where it has no say


def test_labs_that_share_their_stages_share_no_picture_and_no_number():
    def level(k):
        return flat(k)

    controls = {"k": Choice(1, 2, 3)}
    dark, bright = (
        Lab(
            title="t",
            controls=controls,
            stages=(level,),
            panes={"p": lambda level, high=high: paint.scalar(level, low=0, high=high)},
            numbers={"n": lambda level, high=high: float(level.mean()) * high},
        )
        for high in (254, 2.54)
    )
    runs = [Run(lab, lab.state()) for lab in (dark, bright)]
    for k in (1, 2, 1):
        runs = [run.step(k=k) for run in runs]
        assert [int(run.panes["p"].array[0, 0]) for run in runs] == [k, 100 * k]
        assert [run.numbers["n"] for run in runs] == [254 * k, pytest.approx(2.54 * k)]
    lives = [show(lab) for lab in (dark, bright)]
    for k in (2, 1):
        for live, code in zip(lives, (k, 100 * k), strict=True):
            live.controls["k"].value = k
            assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([code] * 4)


def test_a_declaration_cannot_change_its_parts():
    lab, _ = made()
    with pytest.raises(AttributeError):
        lab.panes = {}
    with pytest.raises(AttributeError):
        lab.stages = ()
