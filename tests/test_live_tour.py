"""The tour of a live lab: its text, its buttons, and the states that they set."""

from dataclasses import replace

import pytest
from live_view import messages
from small_labs import FRAGILE, GROWING, LAB

from seglab import show
from seglab._text import as_html, plain
from seglab.lab import Try
from seglab.live.tour import Tour

STEPS = (
    Try("Move `f` to **16**.", set={"f": 16}, look="labels", then="Fewer windows."),
    Try("And now?\n\nSoftmax.", set={"softmax": True}, then="Probabilities."),
    Try("Read <this> & that."),
)
TOUR = replace(LAB, tour=STEPS)


@pytest.fixture
def live():
    return show(TOUR)


def tour(live):
    (found,) = [part for part in live.children if isinstance(part, Tour)]
    return found


def test_a_step_reads_without_its_marks():
    assert plain("Move `a*b*c` to **16**.\n\nAnd <*so*> on.") == "Move a*b*c to 16. And <so> on."


def test_a_lab_without_a_tour_has_no_row_for_it():
    live = show(LAB)
    assert not [part for part in live.children if isinstance(part, Tour)]
    assert "Next" not in live.buttons


def test_steps_are_turned_forth_and_back_without_moving_a_control(live, monkeypatch):
    sent, steps = messages(live, monkeypatch), tour(live)
    assert (steps.count, live.buttons["Back"].disabled) == ("1 of 3", True)
    assert steps.text == "<p>Move <code>f</code> to <b>16</b>.</p><p>Look at <b>labels</b>.</p>"
    live.buttons["Next"].click()
    assert (steps.count, steps.text) == ("2 of 3", "<p>And now?</p><p>Softmax.</p>")
    assert not live.buttons["Back"].disabled
    live.buttons["Next"].click()
    assert (steps.count, live.buttons["Next"].disabled) == ("3 of 3", True)
    live.buttons["Back"].click()
    assert steps.count == "2 of 3"
    assert live.state == LAB.state()
    assert [list(one["state"]) for one in sent] == [["lights"]] * 3  # and nothing is drawn


def test_show_me_sets_what_the_steps_so_far_set_with_one_redraw(live, monkeypatch):
    live.set(threshold=0.5, f=2)  # what a student has tried meanwhile goes back
    sent, steps = messages(live, monkeypatch), tour(live)
    live.buttons["Next"].click()
    live.buttons["Show me"].click()
    assert live.run.state == LAB.state(f=16, softmax=True)
    assert [list(one["state"]) for one in sent if "frame" not in one["state"]] == [["lights"]]
    assert sum("frame" in one["state"] for one in sent) == 1
    assert steps.text.endswith('<div class="seglab-then"><p>Probabilities.</p></div>')
    live.buttons["Back"].click()
    assert "Fewer windows" not in steps.text
    live.buttons["Show me"].click()
    assert live.run.state == LAB.state(f=16)
    assert "Fewer windows" in steps.text


def test_a_tour_starts_where_its_lab_was_started():
    live = show(TOUR, photo="coffee")
    live.buttons["Show me"].click()
    assert live.run.state == LAB.state(photo="coffee", f=16)


def test_a_tour_of_a_text_only_has_nothing_to_show():
    live = show(replace(LAB, tour=(Try("Look around."),)))
    assert live.buttons["Show me"].disabled
    assert live.buttons["Back"].disabled
    assert live.buttons["Next"].disabled


def test_a_step_that_fails_says_so_and_keeps_its_secret():
    live = show(replace(FRAGILE, tour=(Try("Three?", set={"k": 3}, then="Odd."),)))
    live.buttons["Show me"].click()  # ipywidgets logs what a button raises
    assert "choose an even k" in live.board.notice["text"]
    assert "Odd" not in tour(live).text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b> & *c*", "<p>a &lt;b&gt; &amp; <i>c</i></p>"),
        ("`<i>` and `*x*`", "<p><code>&lt;i&gt;</code> and <code>*x*</code></p>"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p><p>three</p>"),
        ("2 * 3 * 4", "<p>2 * 3 * 4</p>"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("", ""),
    ],
)
def test_text_becomes_safe_html(text, html):
    assert as_html(text) == html


def test_a_step_that_only_asks_offers_its_answer():
    asking = Try("How many are there?", then="Three.")
    live = show(replace(LAB, tour=(asking, *STEPS)))
    steps = tour(live)
    assert (steps.show_me.description, steps.show_me.disabled) == ("Answer", False)
    live.buttons["Show me"].click()
    assert steps.text == '<p>How many are there?</p><div class="seglab-then"><p>Three.</p></div>'
    assert live.state == LAB.state()
    live.buttons["Next"].click()
    assert steps.show_me.description == "Show me"


def test_what_a_stream_has_yet_to_give_is_not_said_before():
    pane, other = Try("Press.", look="way", then="It grew."), Try("Look.", then="At once.")
    live = show(replace(GROWING, tour=(pane, other)))
    steps = tour(live)
    live.buttons["Show me"].click()
    assert steps.text.endswith("<p>Press <b>Start</b>: the answer comes when it is done.</p></div>")
    live.start()
    live.settled()
    assert steps.text.endswith('<div class="seglab-then"><p>It grew.</p></div>')
    live.buttons["Next"].click()
    live.reset()
    live.buttons["Show me"].click()
    assert steps.text.endswith("<p>At once.</p></div>")


def test_a_step_lights_its_controls_and_where_to_look(live):
    assert live.board.lights == {}  # nothing, until a button of the tour is pressed
    live.buttons["Show me"].click()
    assert live.board.lights == {"controls": ["f"], "look": "labels"}
    live.buttons["Next"].click()
    assert live.board.lights == {"controls": ["softmax"], "look": ""}
