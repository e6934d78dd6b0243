"""The strip of controls that marimo shows, without a browser."""

import sys
from types import ModuleType, SimpleNamespace

import pytest
from live_view import png, receive, until
from small_labs import EDITORS, LAB, STREAM

from seglab import show
from seglab.lab import Choice, Lab
from seglab.live.strip import Strip
from seglab.user_photo import UserPhoto


@pytest.fixture
def live():
    """A lab of five controls."""
    return show(LAB)


def test_a_move_of_the_strip_moves_the_lab_and_back(live):
    strip = Strip(live)
    assert strip.places == [0, 2, 0, 0, 0]
    strip.places = [1, 3, 0, 1, 0]
    assert live.state == {**LAB.state(), "photo": "coffee", "f": 16, "softmax": True}
    live.set(threshold=0.7, at=(3, 4))
    assert strip.places == [1, 3, 2, 1, -1]
    assert strip.told == ["coffee", "16", "0.7", "on", "row 3, column 4"]
    receive(strip, {"kind": "press", "name": "Reset"})
    assert live.state == LAB.state()
    assert strip.places == [0, 2, 0, 0, 0]


def test_one_move_is_one_step(live, monkeypatch):
    strip = Strip(live)
    moves = []
    monkeypatch.setattr(live.session, "move", moves.append)
    strip.places = [1, 3, 0, 0, 0]
    assert moves == [{**LAB.state(), "photo": "coffee", "f": 16}]


def test_an_own_picture_has_its_name_and_no_place(live):
    strip = Strip(live)
    live.controls["photo"].value = UserPhoto("mine.png", png())
    assert (strip.places[0], strip.told[0]) == (-1, "mine.png")


def test_colab_is_told_what_loads_the_board(live, monkeypatch):
    colab = ModuleType("google.colab.output")
    colab.enable_custom_widget_manager = lambda: None
    vars(colab)["_widgets"] = SimpleNamespace(_installed_url="https://manager")
    monkeypatch.setitem(sys.modules, "google.colab.output", colab)
    _, metadata = live._repr_mimebundle_()
    view = metadata["application/vnd.jupyter.widget-view+json"]
    assert view == {"colab": {"custom_widget_manager": {"url": "https://manager"}}}
    assert metadata["image/png"]["alt"] == repr(live)


def test_every_kind_of_control_stands_at_its_value_and_moves():
    live = show(EDITORS)
    strip = Strip(live)
    kinds = {one["name"]: one["kind"] for one in strip.described}
    assert set(kinds.values()) <= {"toggle", "range", "select"}
    for i, (name, control) in enumerate(EDITORS.controls.items()):
        values = tuple(control.sweep())
        assert values[strip.places[i]] == live.state[name]
        if name in EDITORS.idle(live.state) or len(values) < 2:
            continue
        other = (strip.places[i] + 1) % len(values)
        strip.places = [other if j == i else at for j, at in enumerate(strip.places)]
        assert live.state[name] == values[other]
        live.reset()


def test_a_control_is_called_by_its_label_and_its_values_by_their_words(live):
    strip = Strip(live)
    assert strip.head == [LAB.title, LAB.summary]
    told = {one["name"]: (one["label"], one["kind"], one["texts"]) for one in strip.described}
    assert list(told) == list(LAB.controls)
    assert told["photo"] == ("photo", "select", ["astronaut", "coffee"])
    assert told["f"] == ("window step f", "range", ["2", "4", "8", "16"])
    assert told["threshold"] == ("threshold", "range", ["0.0", "0.5", "0.7", "0.9"])
    assert told["softmax"] == ("softmax", "toggle", ["off", "on"])
    assert [one["values"] for one in strip.described if one["name"] == "softmax"] == [[0, 1]]
    assert told["at"][2][strip.places[4]] == strip.told[4] == "row 40, column 60"


def press(strip, name):
    """Press a button of the strip as marimo's page does."""
    receive(strip, {"kind": "press", "name": name})


def test_a_tour_is_walked_in_the_strip():
    live = show(EDITORS)
    strip = Strip(live)
    assert strip.tour[1] == "1 of 2"
    press(strip, "Show me")
    assert "Nothing has a <b>say</b>." in strip.tour[0]
    assert strip.lit == list(EDITORS.tour[0].set)
    assert live.state == {**EDITORS.state(), **EDITORS.tour[0].set}
    press(strip, "Next")
    assert strip.tour[1] == "2 of 2"
    able = {name: can for name, _, can in strip.buttons}
    assert (able["Back"], able["Next"]) == (True, False)


def test_a_chart_is_drawn_where_its_button_is_pressed_and_closed_again():
    live = show(LAB)
    (name,) = live.charts
    strip = Strip(live)
    assert strip.chart == []
    press(strip, name)
    shown, says, drawing = strip.chart
    assert (shown, says) == (name, live.charts[name].says)
    assert drawing.startswith("<svg")
    live.set(f=4)
    assert "earlier state" in strip.chart[1]
    receive(strip, {"kind": "close"})
    assert strip.chart == []


def test_a_stream_that_a_cell_runs_is_told_to_the_strip():
    def counting(n):
        yield from range(n)

    number = {"now": lambda counting: f"{counting}"}
    live = show(Lab("t", {"n": Choice(2, 3)}, [counting], {}, number))
    strip = Strip(live)
    can = lambda: {name: able for name, _, able in strip.buttons}  # noqa: E731 # a reading
    assert (can()["Start"], can()["Start again"]) == (True, False)
    live.start()
    assert (can()["Start"], can()["Start again"]) == (False, True)


def test_a_stream_that_the_strip_starts_runs_beside_the_kernel_and_is_stopped():
    live = show(STREAM)
    strip = Strip(live)
    text = lambda: strip.buttons[1][1]  # noqa: E731 # a reading
    assert strip.buttons[1] == ["Start", "Start", True]
    press(strip, "Start")
    until(lambda: text() == "Stop")  # the kernel has answered, and can hear of a stop
    press(strip, "Start")
    live.settled()
    assert text() == "Resume"
    stopped = live.run.numbers["steps"]
    assert 1 <= stopped < 100
    press(strip, "Start")
    live.settled()
    assert live.run.numbers["steps"] == 100
    assert strip.buttons[1] == ["Start", "Start", False]
