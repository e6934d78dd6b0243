"""Streams in the live view: started, stopped, resumed, and begun again."""

import signal
import threading
from time import sleep

import pytest
from live_view import messages, until
from small_labs import GROWING, STREAM

from seglab import show


def buttons(live):
    """The first button's text, and which of the two can be pressed."""
    go, again = live.buttons["Start"], live.buttons["Start again"]
    return go.description, not go.disabled, not again.disabled


def test_a_stream_stands_at_its_first_value_and_runs_to_its_end():
    live = show(STREAM)
    assert repr(live) == "Stream(rate=0.1, zoom=1 | steps 1, x 1.000)"
    assert buttons(live) == ("Start", True, False)
    live.start()
    assert repr(live) == repr(STREAM.at())
    assert buttons(live) == ("Start", False, True)
    live.controls["rate"].value = 0.4
    assert live.run.numbers["steps"] == 1
    assert buttons(live) == ("Start", True, False)


def test_a_stream_is_stopped_and_resumed_in_the_browser(ui, monkeypatch):
    live = show(STREAM)
    sent = messages(live, monkeypatch)
    ui()
    live.buttons["Start"].click()
    until(lambda: live.run.numbers["steps"] > 10)
    assert buttons(live) == ("Stop", True, False)
    live.buttons["Start"].click()
    live.settled()
    stopped = live.run.numbers["steps"]
    assert 10 < stopped < 100
    assert buttons(live) == ("Resume", True, True)
    live.controls["zoom"].value = 2  # does not reach the stream
    assert live.run.numbers["steps"] == stopped
    live.buttons["Start"].click()
    live.settled()
    assert live.run.numbers["steps"] == 100
    drawn = [message for message in sent if "frame" in message["state"]]
    assert 4 <= len(drawn) <= 12  # five times a second, and at each stop
    live.buttons["Start again"].click()
    assert live.run.numbers["steps"] < 50
    live.controls["rate"].value = 0.4  # begins again, and goes on
    until(lambda: live.run.numbers["steps"] > 5)
    live.settled()
    assert repr(live) == repr(STREAM.at(rate=0.4, zoom=2))


def test_a_cell_stops_a_stream(ui):
    live = show(STREAM)
    ui()
    live.start()
    sleep(0.05)
    ui(False)
    live.controls["rate"].value = 0.2
    assert not live.running
    assert repr(live) == "Stream(rate=0.2, zoom=1 | steps 1, x 1.000)"


@pytest.fixture
def heard():
    """Let Ctrl+C raise, as in a kernel; started in the background, Python ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
def test_an_interrupted_stream_can_be_resumed():
    live = show(STREAM)
    main = threading.get_ident()
    threading.Timer(0.2, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        live.start()
    assert 1 < live.run.numbers["steps"] < 100
    assert live.board.notice["text"] == "Stopped."
    assert buttons(live) == ("Resume", True, True)
    live.start()
    assert repr(live) == repr(STREAM.at())


def test_the_bar_of_a_stream_stays_while_it_is_under_way(ui, monkeypatch):
    live = show(GROWING)
    sent = messages(live, monkeypatch)
    ui()
    live.start()
    live.settled()
    states = [message["state"] for message in sent if "progress" in message["state"]]
    drawn = [i for i, state in enumerate(states) if "frame" in state]
    assert len(drawn) >= 4
    # The first is for the controls; each but the last of the others is followed by the bar.
    bars = [states[i + 1]["progress"] for i in drawn[1:-1]]
    assert all(0 < done <= 100 and total == 100 for done, total in bars)
    assert live.board.progress == []
