"""A session without any widget: what it tells its screen."""

import pytest
import torch
from live_view import counted
from small_labs import LAB, SLOW, STREAM

from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab
from seglab.live.client_cache import ClientCache
from seglab.live.session import Session


class Screen:
    """Keeps what it is told."""

    def __init__(self):
        self.frames, self.said, self.ahead = [], [], []

    def show(self, frame, sent=False):
        self.frames.append((frame, sent))

    def send_ahead(self, frame):
        self.ahead.append(frame)

    def say(self, text, detail="", kind="note"):
        self.said.append((text, detail, kind))

    def show_progress(self, done, total):
        pass


def test_a_session_draws_on_any_screen():
    screen, heard = Screen(), []
    session = Session(LAB, LAB.state(), screen)
    session.drawn.append(lambda run, at_once: heard.append((run.state["f"], at_once)))
    session.begin()
    session.move(LAB.state(f=2))
    assert [dict(frame["numbers"])["windows"] for frame, _ in screen.frames] == ["225", "3969"]
    assert heard == [(8, True), (2, True)]
    assert session.run.state == session.state == LAB.state(f=2)
    assert len(session.cache) == 2


def test_a_step_asks_for_its_key_and_its_code_once(monkeypatch, ui):
    asked = []
    for name in ("key", "refresh"):
        method = getattr(ClientCache, name)
        monkeypatch.setattr(
            ClientCache,
            name,
            lambda self, *given, method=method, name=name: (
                asked.append(name),
                method(self, *given),
            )[1],
        )
    lab = counted([])
    session = Session(lab, lab.state(), Screen())
    session.begin()
    assert asked == ["refresh", "key"]
    session.move(lab.state(f=4))
    assert asked == ["refresh", "key"] * 2
    ui()
    session.move(lab.state(photo="b", f=2))  # two controls: nothing is computed ahead
    session.settled()
    assert asked == ["refresh", "key"] * 3


def test_an_unexpected_error_names_the_pane_and_the_state():
    def broken(k):
        if k == 2:
            raise KeyError("no such layer")
        return torch.zeros(2, 2)

    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2, show=lambda k: f"{k} layers")},
        stages=(broken,),
        panes={"mask": lambda broken: paint.scalar(broken)},
    )
    screen = Screen()
    session = Session(lab, lab.state(), screen)
    session.begin()
    with pytest.raises(KeyError):
        session.move({"k": 2})
    ((text, detail, kind),) = screen.said
    assert text == "KeyError in pane 'mask': 'no such layer'"
    assert detail == "With k = 2 layers. The pictures show the last state that worked."
    assert kind == "error"
    session.move({"k": 1})
    assert len(screen.frames) == 2


def test_settled_waits_for_all_that_was_asked_for_and_says_when_it_does_not(ui):
    live = show(SLOW, k=0)
    assert live.settled() is True
    ui()
    live.controls["k"].value = 8
    with pytest.raises(TimeoutError, match=r"after 0\.01 s the lab 'Slow' .* computing k = 8"):
        live.settled(0.01)
    assert live.settled(30) is True
    assert live.session.shown.state == {"k": 8}


def test_settled_waits_for_a_stream(ui):
    live = show(STREAM)
    ui()
    live.start()
    assert live.settled()
    assert live.session.shown.numbers["steps"] == 100
    assert not live.running


def test_buttons_go_by_the_text_that_they_have_at_the_start():
    live = show(LAB)
    assert list(live.buttons) == ["Reset", "Measure the means"]
    live.controls["f"].value = 2
    live.buttons["Reset"].click()
    assert live.run.state == LAB.state()
    with pytest.raises(KeyError, match="no button 'reset'; did you mean 'Reset'"):
        live.buttons["reset"]
    assert list(show(STREAM).buttons) == ["Reset", "Start", "Start again"]
