"""Events of widgets: what the browser asks for is computed beside the kernel."""

import threading
from time import perf_counter, sleep

import pytest
import torch
from live_view import counted, full, messages, png, receive
from small_labs import FRAGILE, LAB, SLOW

from seglab import show
from seglab.lab import Choice, Lab
from seglab.live import interrupts, worker


def test_a_hand_does_not_wait_and_the_latest_value_wins(ui, monkeypatch):
    live = show(SLOW, k=0)
    sent = messages(live, monkeypatch)
    ui()
    started = perf_counter()
    for k in range(1, 9):
        live.controls["k"].value = k
    assert perf_counter() - started < 0.2
    assert live.run.state == {"k": 8}  # asking for the run waits for it
    drawn = [message["state"]["frame"] for message in sent if "frame" in message["state"]]
    assert [dict(frame["numbers"])["k"] for frame in drawn][-1] == "8"
    assert len(drawn) <= 2
    bars = [message["state"]["progress"] for message in sent if "frame" not in message["state"]]
    assert {total for _, total in bars} >= {80}
    assert live.board.progress == []


def test_a_drag_paints_while_it_goes_on(ui, monkeypatch):
    calls = []
    live = show(counted(calls))
    sent = messages(live, monkeypatch)
    ui()
    for i in range(30):
        live.controls["f"].value = (1, 2, 4)[i % 3]
        sleep(0.005)
    live.settled()
    assert len(sent) >= 10
    assert live.state == live.run.state


def test_work_that_is_given_up_leaves_nothing_half_done(ui):
    live = show(SLOW, k=0)
    ui()
    live.controls["k"].value = 8
    sleep(0.3)  # older than what is finished regardless
    live.controls["k"].value = 1
    assert repr(live) == repr(SLOW.at(k=1))
    assert live.run.values["after"][0, 0] == 2


def test_a_cell_takes_over_from_the_browser(ui):
    live = show(SLOW, k=0)
    ui()
    live.controls["k"].value = 8
    sleep(0.05)
    ui(False)
    started = perf_counter()
    live.controls["k"].value = 1
    assert perf_counter() - started < 0.6  # and not the 1.6 s of k=8
    assert live.session.shown.state == {"k": 1}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_in_the_browser_is_shown_and_raised_where_the_log_hears_it(ui, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda event: heard.append(event.exc_value))
    live = show(FRAGILE)
    ui()
    live.controls["k"].value = 3
    live.settled()
    assert live.board.notice["text"] == "k=3 does not fit: choose an even k"
    assert [str(error) for error in heard] == ["k=3 does not fit: choose an even k"]
    assert live.run.state == {"k": 2}
    live.controls["k"].value = 4
    assert live.run.state == {"k": 4}
    assert live.board.notice == {}


def test_the_stop_button_stops_what_a_hand_began(ui):
    live = show(SLOW, k=0)
    ui()
    live.controls["k"].value = 8
    sleep(0.05)
    interrupts.stop()
    live.settled()
    assert live.board.notice["text"] == "Stopped."
    assert live.run.state == {"k": 0}
    live.controls["k"].value = 1
    assert live.run.state == {"k": 1}


def test_a_full_gpu_beside_the_kernel_goes_on_with_the_cpu(ui):
    live = show(full())
    ui()
    live.controls["f"].value = 2
    assert live.run.values["stage"][0, 0] == 2
    assert "ran out of memory" in live.board.frame["status"]


def test_set_reset_and_uploads_in_the_browser(ui):
    live = show(LAB)
    ui()
    live.set(f=4, softmax=True)
    assert live.run.state == LAB.state(f=4, softmax=True)
    receive(live.board, {"kind": "file", "name": "mine.png"}, memoryview(png()))
    assert (live.run.panes["image"].rgb() == (255, 0, 0)).all()
    live.reset()
    assert live.run.state == LAB.state()


@pytest.fixture
def two_threads():
    """In this thread; a new one would begin with another number."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_threads_compute_with_as_many_threads_as_the_kernel(ui):
    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2)},
        stages=(),
        panes={},
        numbers={"threads": lambda k: torch.get_num_threads()},
    )
    live = show(lab)
    ui()
    live.controls["k"].value = 2
    assert live.run.numbers["threads"] == 2


def test_a_thread_without_work_ends(ui, monkeypatch):
    monkeypatch.setattr(worker, "LINGER", 0.05)
    live, before = show(LAB), set(threading.enumerate())
    ui()
    live.controls["f"].value = 2
    assert live.run.state["f"] == 2
    (thread,) = set(threading.enumerate()) - before
    thread.join(5)
    assert not thread.is_alive()
    live.controls["f"].value = 4
    assert live.run.state["f"] == 4
