"""The live view in a kernel without a browser; tests/browser has the other half."""

import base64
import importlib.util
import io
import json
import signal
import sys
import threading
from pathlib import Path
from time import perf_counter, sleep

import ipywidgets
import numpy as np
import pytest
import torch
from PIL import Image as Pillow
from small_labs import FRAGILE, GRIDS, GROWING, LAB, SLOW, STREAM
from traitlets import TraitError

from seglab import show
from seglab.board import assets, frames
from seglab.board.still import still
from seglab.draw import paint
from seglab.images.photos import Own
from seglab.lab import Choice, Lab, Pixel
from seglab.live import board, memory, worker
from seglab.live import chart as chart_module
from seglab.live import lab as lab_module


def messages(live, monkeypatch):
    """What the board sends from now on."""
    sent = []
    monkeypatch.setattr(live.board, "_send", lambda message, buffers=None: sent.append(message))
    return sent


def png(colour="red", size=(40, 30)):
    file = io.BytesIO()
    Pillow.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def receive(widget, content, *buffers):
    """A custom message from the browser."""
    widget._handle_custom_msg(content, list(buffers))


def counted(calls):
    def image(photo):
        calls.append("image")
        return torch.zeros(1, 3, 8, 8)

    def map_(image, f):
        calls.append("map")
        return image[0, 0, ::f, ::f]

    return Lab(
        title="Counted",
        controls={"photo": Choice("a", "b"), "f": Choice(1, 2, 4)},
        stages=(image, map_),
        panes={"map": lambda map_: paint.scalar(map_)},
    )


def test_show_is_a_vbox_of_ordinary_controls():
    live = show(LAB, f=4)
    assert isinstance(live, ipywidgets.VBox)
    assert {name: w.value for name, w in live.controls.items()} == LAB.state(f=4)
    assert isinstance(live.controls["f"], ipywidgets.SelectionSlider)
    assert isinstance(live.controls["photo"], ipywidgets.Dropdown)
    assert isinstance(live.controls["softmax"], ipywidgets.Checkbox)


def test_the_text_is_the_run_and_is_never_cut():
    live = show(LAB, f=4)
    bundle, about = live._repr_mimebundle_()
    assert repr(live) == repr(LAB.at(f=4)) == bundle["text/plain"]
    assert len(bundle["text/plain"]) > 110
    assert about == {"image/png": {"alt": repr(live)}}
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == live.model_id


def test_where_no_kernel_runs_a_picture_stands_in():
    live = show(LAB, f=4)
    live.controls["f"].value = 2
    first, again = (live._repr_mimebundle_()[0]["image/png"] for _ in range(2))
    assert first == again == show(LAB, f=2)._repr_mimebundle_()[0]["image/png"]
    assert first != show(LAB, f=16)._repr_mimebundle_()[0]["image/png"]
    poster = Pillow.open(io.BytesIO(base64.b64decode(first)))
    assert poster.size[0] == 900
    assert len(first) < 120_000
    exact = still(LAB.at(f=2), foot=lab_module._STILL)  # a run of its own, without a widget
    assert np.abs(np.asarray(poster.convert("RGB")).astype(int) - exact).mean() < 3


@pytest.mark.parametrize(
    ("control", "kind"),
    [
        (Choice(1, 2), ipywidgets.SelectionSlider),
        (Choice(0.5, 1), ipywidgets.SelectionSlider),
        (Choice("sum", "concat"), ipywidgets.ToggleButtons),
        (Choice(*(f"a rather long option {i}" for i in range(3))), ipywidgets.Dropdown),
        (Choice("a", "b", "c", "d", "e"), ipywidgets.Dropdown),
        (Choice(True, False), ipywidgets.Checkbox),
        (Choice(True, False, show=lambda on: "on" if on else "off"), ipywidgets.ToggleButtons),
        (Choice(None, 3), ipywidgets.ToggleButtons),
    ],
)
def test_a_choice_gets_the_widget_that_suits_it(control, kind):
    lab = Lab(title="t", controls={"c": control}, stages=(), panes={})
    widget = show(lab).controls["c"]
    assert isinstance(widget, kind)
    assert widget.value == control.default
    for option in control.options:
        widget.value = option
        assert widget.value is option


def test_an_option_reads_as_the_control_says():
    live = show(LAB, threshold=0.5)
    assert live.controls["threshold"].label == "0.5"
    assert live.controls["f"].description == "window step f"


def test_no_lab_unknown_control_bad_value():
    with pytest.raises(TypeError, match="takes a Lab, not str"):
        show("shift-and-stitch")
    with pytest.raises(TypeError, match=r"give its \.LAB"):
        show(sys.modules["small_labs"])
    with pytest.raises(ValueError, match=r"no control 'F'.*photo, f"):
        show(LAB, F=3)
    with pytest.raises(ValueError, match="control 'f': 3 is not one of 2, 4, 8, 16"):
        show(LAB, f=3)
    live = show(LAB)
    with pytest.raises(KeyError, match="did you mean 'softmax'"):
        live.controls["sofmax"]
    with pytest.raises(TraitError, match="3 is not one of 2, 4, 8, 16"):
        live.controls["f"].value = 3
    with pytest.raises(TraitError, match="rows go from 0 to 127"):
        live.controls["at"].value = (128, 0)
    assert live.run.state == LAB.state()


def test_a_step_is_one_message_with_every_plane(monkeypatch):
    live = show(LAB)
    sent = messages(live, monkeypatch)
    live.controls["f"].value = 2
    assert len(sent) == 1
    frame = live.board.frame
    assert next(iter(frame)) == "step"
    expected = LAB.at(f=2)
    for pane in frame["panes"]:
        picture = expected.panes[pane["name"]]
        assert bytes(pane["plane"]) == picture.array.tobytes()
        assert pane["size"] == list(picture.size)
    assert dict(frame["numbers"]) == {k: str(v) for k, v in expected.numbers.items()}
    assert "ms" in frame["status"]
    assert "ms" not in repr(live)


def test_only_what_a_control_reaches_is_recomputed():
    calls = []
    live = show(counted(calls))
    calls.clear()
    live.controls["f"].value = 4
    assert calls == ["map"]


def test_several_controls_move_with_one_redraw(monkeypatch):
    calls = []
    live = show(counted(calls))
    sent = messages(live, monkeypatch)
    calls.clear()
    live.set(photo="b", f=4)
    assert (calls, len(sent)) == (["image", "map"], 1)
    live.reset()
    assert (calls, len(sent)) == (["image", "map"] * 2, 2)
    assert live.state == {"photo": "a", "f": 1}
    with pytest.raises(ValueError, match="no control"):
        live.set(photo="b", g=1)
    assert live.state == {"photo": "a", "f": 1}


def test_reset_goes_back_to_the_start_that_was_asked_for():
    live = show(LAB, f=2, at=(1, 2))
    live.set(f=16, at=(5, 5), softmax=True)
    live.reset()
    assert live.run.state == live.state == LAB.state(f=2, at=(1, 2))


def test_an_error_is_shown_and_raised_and_the_next_good_step_clears_it(monkeypatch):
    live = show(FRAGILE)
    good = live.board.frame
    sent = messages(live, monkeypatch)
    with pytest.raises(ValueError, match="choose an even k"):
        live.controls["k"].value = 3
    assert live.board.frame is good
    assert live.board.notice["kind"] == "error"
    assert live.board.notice["text"] == "k=3 does not fit: choose an even k"
    assert "k = 3" in live.board.notice["detail"]
    assert (live.controls["k"].value, live.run.state) == (3, {"k": 2})
    live.controls["k"].value = 4
    assert live.board.notice == {}
    assert repr(live) == "Fragile(k=4 | cells 16)"
    assert len(sent) == 2


def test_an_error_at_the_start_is_the_cells_own():
    with pytest.raises(ValueError, match="choose an even k"):
        show(FRAGILE, k=3)


def test_a_full_gpu_goes_on_with_the_cpu_and_says_so():
    full = iter([False, True, False])

    def stage(f):
        if next(full):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.full((4, 4), float(f))

    lab = Lab(
        title="Full",
        controls={"f": Choice(1, 2)},
        stages=(stage,),
        panes={"p": lambda stage: paint.scalar(stage, low=0, high=4)},
    )
    live = show(lab)
    live.controls["f"].value = 2
    assert live.run.values["stage"][0, 0] == 2
    assert "ran out of memory" in live.board.frame["status"]
    assert live.board.notice == {}


def test_a_click_sets_the_pixel_and_typing_does():
    live = show(LAB)
    live.board.pixel = [3, 4]
    assert live.controls["at"].value == (3, 4)
    assert live.run.state["at"] == (3, 4)
    row, column = live.controls["at"].children
    assert (row.value, column.value) == (3, 4)
    row.value = 9
    assert live.run.state["at"] == (9, 4)
    assert live.board.frame["pixel"]["at"] == [9, 4]


def test_moving_a_pixel_is_one_step(monkeypatch):
    live = show(LAB)
    sent = messages(live, monkeypatch)
    live.controls["at"].value = (7, 8)
    assert len(sent) == 1


def test_a_pixel_without_a_pane_to_click():
    lab = Lab(
        title="t",
        controls={"p": Pixel((4, 6))},
        stages=(),
        panes={},
        numbers={"row": lambda p: p[0]},
    )
    live = show(lab)
    live.controls["p"].value = [3, 5]
    assert live.controls["p"].value == (3, 5)
    assert repr(live) == "t(p=(3, 5) | row 3)"


def test_an_own_picture_becomes_the_photo():
    live = show(LAB)
    receive(live.board, {"kind": "file", "name": "mine.png"}, memoryview(png()))
    own = live.controls["photo"].value
    assert isinstance(own, Own)
    assert (str(own), own.data) == ("mine.png", png())
    assert live.controls["photo"].label == "mine.png"
    assert "photo='mine.png'" in repr(live)
    assert (live.run.panes["image"].rgb() == (255, 0, 0)).all()
    live.reset()
    assert live.controls["photo"].value == "astronaut"
    live.controls["photo"].value = Own("mine.png", png())  # an equal one is the same option
    assert len(live.controls["photo"].options) == 3


def test_an_upload_is_one_step(monkeypatch):
    live = show(LAB)
    sent = messages(live, monkeypatch)
    live.upload("photo", "mine.png", png("blue"))
    assert len(sent) == 1


@pytest.mark.parametrize("data", [b"", b"no picture at all", png()[:60]])
def test_garbage_is_refused_and_the_old_picture_stays(data):
    live = show(LAB)
    before = live.board.frame
    live.upload("photo", "notes.txt", data)
    assert live.board.notice["text"].startswith("notes.txt: ")
    assert live.board.frame is before
    assert live.controls["photo"].value == "astronaut"
    live.controls["f"].value = 2
    assert live.board.notice == {}


def test_what_the_browser_refuses_is_said():
    live = show(LAB)
    receive(live.board, {"kind": "refused", "text": "scan.tif has 40 MB"})
    assert live.board.notice["text"] == "scan.tif has 40 MB"


def test_play_and_upload_stand_beside_their_control():
    live = show(LAB)
    row = live.children[1].children
    assert isinstance(row[0].children[1], board.Upload)
    play = row[1].children[0]
    assert isinstance(play, ipywidgets.Play)
    assert (play.min, play.max, play.value) == (0, 3, 2)


def test_a_chart_is_measured_when_asked_and_again():
    live = show(LAB)
    chart = live.charts["Measure the means"]
    assert chart.figure is None
    chart.button.click()
    chart.wait()
    first = chart.figure
    live.controls["f"].value = 16
    chart.button.click()
    chart.wait()
    assert chart.figure is first
    assert chart.figure.data[0].y == pytest.approx(
        LAB.at(f=16).values["scores"].mean((0, 2, 3)).tolist()
    )
    assert not chart.button.disabled


def test_a_chart_that_fails_says_so():
    def chart(f):
        raise RuntimeError("no clock\nat all")

    lab = Lab(title="t", controls={"f": Choice(1)}, stages=(), panes={}, charts={"Time": chart})
    live = show(lab)
    live.charts["Time"].measure()
    live.charts["Time"].wait()
    assert live.charts["Time"].says == "RuntimeError: no clock"
    assert not live.charts["Time"].button.disabled


def test_progress_of_a_long_stage_reaches_the_board():
    seen = []

    def train(steps, progress):
        for i in range(steps):
            progress(i + 1, steps)
        seen.append(list(live.board.progress) if steps > 1 else [])
        return torch.zeros(2, 2)

    lab = Lab(
        title="t",
        controls={"steps": Choice(1, 5)},
        stages=(train,),
        panes={"p": lambda train: paint.scalar(train)},
    )
    live = show(lab)
    live._last_progress = 0.0
    live.controls["steps"].value = 5
    assert seen[-1] == [1, 5]
    assert live.board.progress == []


def test_without_anywidget_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    spec = importlib.util.spec_from_file_location("board_again", board.__file__)
    with pytest.raises(ImportError, match="pip install anywidget"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_plane_travels_without_a_copy():
    picture = paint.scalar(torch.rand(5, 7))
    plane = frames.frame({"p": picture}, {})["panes"][0]["plane"]
    assert np.shares_memory(np.frombuffer(plane, np.uint8), picture.array)


def test_the_board_loads_nothing_and_writes_no_html():
    editors = Path(board.__file__).parent.glob("*.js")
    source = "".join([assets.SCRIPT, *(path.read_text(encoding="utf-8") for path in editors)])
    for word in ("innerHTML", "insertAdjacentHTML", "eval(", "import(", "https://", "fetch("):
        assert word not in source, word


# Number grids, curtains, code, matrices


def test_new_panes_travel_with_what_it_takes_to_draw_them():
    frame = show(GRIDS).board.frame
    panes = {pane["name"]: pane for pane in frame["panes"]}
    run = GRIDS.at()
    assert panes["output"]["links"]["input"] == "input"
    assert panes["input"]["values"] == run.values["padded"].ravel().tolist()
    assert bytes(panes["both"]["plane"]) == b""  # its sides hold the pixels
    for part, picture in zip(panes["both"]["parts"], run.panes["both"].sides, strict=True):
        assert bytes(part["plane"]) == picture.array.tobytes()
    assert panes["layers"]["rows"] == [["conv1", "3", "2", "1"]]
    assert panes["input"]["parts"] == []


def test_code_is_marked_as_code_and_stands_in_the_text():
    live = show(GRIDS)
    line = "nn.Conv2d(1, 1, 3, stride=2, padding=1)"
    assert live.board.frame["numbers"] == [["sum", "0"], ["PyTorch", line, "code"]]
    assert repr(live).endswith(f"PyTorch {line})")


def test_a_matrix_is_set_by_rows_by_name_and_by_hand(monkeypatch):
    live = show(GRIDS)
    cells = live.controls["kernel"]
    assert cells.value == ((1, 0, -1), (2, 0, -2), (1, 0, -1))
    sent = messages(live, monkeypatch)
    cells.value = "large"
    assert cells.rows == [[1] * 5] * 5
    assert len(sent) == 1
    cells.rows = [[0, 1], [2, 3]]  # what the browser does
    assert cells.value == ((0, 1), (2, 3)) == live.run.state["kernel"]
    assert len(sent) == 2
    assert "kernel=((0.0, 1.0), (2.0, 3.0))" in repr(live)
    live.reset()
    assert cells.rows == [[1, 0, -1], [2, 0, -2], [1, 0, -1]]


def test_a_matrix_refuses_what_is_no_grid_and_keeps_the_old_one():
    live = show(GRIDS)
    for bad, words in [("Roberts", "no preset; there are edge"), ([[1, 2], [3]], "equal length")]:
        with pytest.raises(TraitError, match=words):
            live.controls["kernel"].value = bad
    assert live.controls["kernel"].value == GRIDS.controls["kernel"].default


def test_a_kernel_that_does_not_fit_is_said_by_its_name():
    live = show(GRIDS, p=0, i=3, s=1)
    good = live.board.frame
    with pytest.raises(RuntimeError):
        live.controls["kernel"].value = "large"
    assert "kernel = 'large'" in live.board.notice["detail"]
    assert live.board.frame is good


# By hand: computed beside the kernel


@pytest.fixture
def hand(monkeypatch):
    """From here on, changes come from the browser."""

    def take(on=True):
        monkeypatch.setattr(lab_module, "by_hand", lambda: on)

    return take


def test_a_hand_does_not_wait_and_the_latest_value_wins(hand, monkeypatch):
    live = show(SLOW, k=0)
    sent = messages(live, monkeypatch)
    hand()
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


def test_a_drag_paints_while_it_goes_on(hand, monkeypatch):
    calls = []
    live = show(counted(calls))
    sent = messages(live, monkeypatch)
    hand()
    for i in range(30):
        live.controls["f"].value = (1, 2, 4)[i % 3]
        sleep(0.005)
    live._worker.rest()
    assert len(sent) >= 10
    assert live.state == live.run.state


def test_work_that_is_given_up_leaves_nothing_half_done(hand):
    live = show(SLOW, k=0)
    hand()
    live.controls["k"].value = 8
    sleep(0.3)  # older than what is finished regardless
    live.controls["k"].value = 1
    assert repr(live) == repr(SLOW.at(k=1))
    assert live.run.values["after"][0, 0] == 2


def test_a_cell_takes_over_from_the_hand(hand):
    live = show(SLOW, k=0)
    hand()
    live.controls["k"].value = 8
    sleep(0.05)
    hand(False)
    started = perf_counter()
    live.controls["k"].value = 1
    assert perf_counter() - started < 0.6  # and not the 1.6 s of k=8
    assert live._run.state == {"k": 1}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_by_hand_is_shown_and_raised_where_the_log_hears_it(hand, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda event: heard.append(event.exc_value))
    live = show(FRAGILE)
    hand()
    live.controls["k"].value = 3
    live._worker.rest()
    assert live.board.notice["text"] == "k=3 does not fit: choose an even k"
    assert [str(error) for error in heard] == ["k=3 does not fit: choose an even k"]
    assert live.run.state == {"k": 2}
    live.controls["k"].value = 4
    assert live.run.state == {"k": 4}
    assert live.board.notice == {}


def test_the_stop_button_stops_what_a_hand_began(hand):
    live = show(SLOW, k=0)
    hand()
    live.controls["k"].value = 8
    sleep(0.05)
    worker.stop()
    live._worker.rest()
    assert live.board.notice["text"] == "Stopped."
    assert live.run.state == {"k": 0}
    live.controls["k"].value = 1
    assert live.run.state == {"k": 1}


def test_a_full_gpu_by_hand_goes_on_with_the_cpu(hand):
    full = iter([False, True, False])

    def stage(f):
        if next(full):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return torch.full((4, 4), float(f))

    live = show(
        Lab(
            title="Full",
            controls={"f": Choice(1, 2)},
            stages=(stage,),
            panes={"p": lambda stage: paint.scalar(stage, low=0, high=4)},
        )
    )
    hand()
    live.controls["f"].value = 2
    assert live.run.values["stage"][0, 0] == 2
    assert "ran out of memory" in live.board.frame["status"]


def test_set_reset_and_uploads_by_hand(hand):
    live = show(LAB)
    hand()
    live.set(f=4, softmax=True)
    assert live.run.state == LAB.state(f=4, softmax=True)
    receive(live.board, {"kind": "file", "name": "mine.png"}, memoryview(png()))
    assert (live.run.panes["image"].rgb() == (255, 0, 0)).all()
    live.reset()
    assert live.run.state == LAB.state()


def test_threads_compute_with_as_many_threads_as_the_kernel(hand):
    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2)},
        stages=(),
        panes={},
        numbers={"threads": lambda k: torch.get_num_threads()},
    )
    live = show(lab)
    hand()
    live.controls["k"].value = 2
    assert live.run.numbers["threads"] == torch.get_num_threads()


def test_a_thread_without_work_ends(hand, monkeypatch):
    monkeypatch.setattr(worker, "LINGER", 0.05)
    live = show(LAB)
    hand()
    live.controls["f"].value = 2
    assert live.run.state["f"] == 2
    thread = live._worker._thread
    thread.join(5)
    assert not thread.is_alive()
    live.controls["f"].value = 4
    assert live.run.state["f"] == 4


# Streams


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


def buttons(live):
    """The first button's text, and which of the two can be pressed."""
    go, again = live._buttons.go, live._buttons.again
    return go.description, not go.disabled, not again.disabled


def until(true):
    end = perf_counter() + 10
    while not true():
        assert perf_counter() < end
        sleep(0.005)


def test_a_stream_is_stopped_and_resumed_by_hand(hand, monkeypatch):
    live = show(STREAM)
    sent = messages(live, monkeypatch)
    hand()
    live._buttons.go.click()
    until(lambda: live.run.numbers["steps"] > 10)
    assert buttons(live) == ("Stop", True, False)
    live._buttons.go.click()
    live._worker.rest()
    stopped = live.run.numbers["steps"]
    assert 10 < stopped < 100
    assert buttons(live) == ("Resume", True, True)
    live.controls["zoom"].value = 2  # does not reach the stream
    assert live.run.numbers["steps"] == stopped
    live._buttons.go.click()
    live._worker.rest()
    assert live.run.numbers["steps"] == 100
    drawn = [message for message in sent if "frame" in message["state"]]
    assert 4 <= len(drawn) <= 12  # five times a second, and at each stop
    live._buttons.again.click()
    assert live.run.numbers["steps"] < 50
    live.controls["rate"].value = 0.4  # begins again, and goes on
    until(lambda: live.run.numbers["steps"] > 5)
    live._worker.rest()
    assert repr(live) == repr(STREAM.at(rate=0.4, zoom=2))


def test_a_cell_stops_a_stream(hand):
    live = show(STREAM)
    hand()
    live.start()
    sleep(0.05)
    hand(False)
    live.controls["rate"].value = 0.2
    assert not live.running
    assert repr(live) == "Stream(rate=0.2, zoom=1 | steps 1, x 1.000)"


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


def test_a_chart_of_a_stream_grows_with_it(hand, monkeypatch):
    monkeypatch.setattr(chart_module, "REDRAW", 0.05)
    live = show(GROWING)
    growing, single = (live.charts[name] for name in ("Way", "Rate"))
    live.start()
    assert growing.figure is None  # nobody has asked for it
    hand()
    live.controls["rate"].value = 0.2
    live._buttons.go.click()
    until(lambda: growing.figure is not None and growing.figure.data)
    live._worker.rest()
    (line,) = growing.figure.data
    live._buttons.again.click()
    until(lambda: 10 < len(line.y) < 100)
    until(lambda: len(line.y) == 100)
    live._worker.rest()
    growing.wait()
    assert growing.says == "at rate=0.2"
    assert growing.figure.data[0] is line
    assert not growing.button.disabled
    assert single.figure is None
    live.controls["rate"].value = 0.4
    live._worker.rest()
    assert (len(line.y), growing.says) == (1, "at rate=0.4")


def test_the_bar_of_a_stream_stays_while_it_is_under_way(hand, monkeypatch):
    live = show(GROWING)
    sent = messages(live, monkeypatch)
    hand()
    live.start()
    live._worker.rest()
    states = [message["state"] for message in sent if "progress" in message["state"]]
    drawn = [i for i, state in enumerate(states) if "frame" in state]
    assert len(drawn) >= 4
    # The first is for the controls; each but the last of the others is followed by the bar.
    bars = [states[i + 1]["progress"] for i in drawn[1:-1]]
    assert all(0 < done <= 100 and total == 100 for done, total in bars)
    assert live.board.progress == []


# Frames that the browser remembers, and those that are sent ahead


def named(message):
    """The frame of an update, and whether it is only named."""
    frame = message["state"]["frame"]
    return frame["at"], "panes" not in frame


def test_the_next_step_is_computed_while_nobody_waits_and_then_only_named(hand, monkeypatch):
    calls = []
    live = show(counted(calls))
    sent = messages(live, monkeypatch)
    hand()
    live.controls["f"].value = 2  # from 1: the next is 4
    live._worker.rest()
    assert calls[2:] == ["map", "map"]
    ahead = sent[1]["content"]
    assert (ahead["kind"], ahead["frame"]["at"]) == ("ahead", [0, 2])
    assert ahead["frame"]["panes"][0]["plane"] is None  # it travels as a buffer
    live.controls["f"].value = 4
    live._worker.rest()
    assert named(sent[2]) == ([0, 2], True)
    assert len(sent) == 3  # what lies behind the hand is there already
    assert calls[2:] == ["map", "map"]
    assert live.run.state == {"photo": "a", "f": 4}
    assert live.run.values["map_"].shape == (2, 2)
    assert live.board.get_state()["frame"]["panes"][0]["size"] == [2, 2]  # for a page loaded again


def test_what_is_sent_ahead_is_what_would_be_drawn(hand, monkeypatch):
    live = show(LAB)
    ahead = {}
    monkeypatch.setattr(
        live.board, "send_ahead", lambda frame: ahead.update({frame["step"]: frame})
    )
    hand()
    live.set(softmax=True)
    live._worker.rest()
    live.controls["f"].value = 16
    live._worker.rest()
    live.controls["f"].value = 4
    live._worker.rest()
    assert [frame["at"][1] for frame in ahead.values()] == [0]  # 8 and 16 have been there
    (frame,) = ahead.values()
    expected = LAB.at(f=2, softmax=True)
    for pane in frame["panes"]:
        assert bytes(pane["plane"]) == expected.panes[pane["name"]].array.tobytes()
    assert dict(frame["numbers"]) == {k: str(v) for k, v in expected.numbers.items()}


def test_a_page_that_lacks_a_named_frame_gets_it(hand, monkeypatch):
    live = show(LAB)
    hand()
    for f in (4, 8):
        live.controls["f"].value = f
        live._worker.rest()
    sent = messages(live, monkeypatch)
    receive(live.board, {"kind": "missing", "at": [9]})
    assert not sent  # the controls have gone on: the frame for their place is on its way
    receive(live.board, {"kind": "missing", "at": live.board.frame["at"]})
    assert named(sent[0]) == (live.board.frame["at"], False)


def test_changed_code_is_never_answered_from_memory(hand, monkeypatch):
    def level(k):
        return torch.full((2, 2), float(k))

    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2, 3)},
        stages=(level,),
        panes={"p": lambda level: paint.scalar(level, low=0, high=254)},
    )
    live = show(lab)
    hand()
    live.controls["k"].value = 2
    live._worker.rest()
    era = live.board.frame["era"]
    level.__code__ = (lambda k: torch.full((2, 2), 10.0 * k)).__code__.replace(
        co_freevars=level.__code__.co_freevars
    )
    live.controls["k"].value = 3
    live._worker.rest()
    assert live.run.values["level"][0, 0] == 30
    assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([30] * 4)
    live.controls["k"].value = 2
    live._worker.rest()
    assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([20] * 4)
    assert live.board.frame["era"] == era + 1


def test_slow_steps_streams_and_jumps_of_several_controls_are_not_computed_ahead(hand, monkeypatch):
    for lab, change in [(SLOW, {"k": 1}), (STREAM, {"zoom": 2}), (LAB, {"f": 4, "softmax": True})]:
        live = show(lab, **({"k": 0} if lab is SLOW else {}))
        hand()
        sent = messages(live, monkeypatch)
        live.set(**change)
        live._worker.rest()
        assert not [message for message in sent if message["method"] == "custom"], lab.title
        hand(False)


def test_an_error_ahead_waits_until_the_hand_is_there(hand, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda event: heard.append(event.exc_value))
    live = show(FRAGILE, k=6)
    hand()
    live.controls["k"].value = 4  # 3, which fails, and 2 come next
    live._worker.rest()
    assert (live.board.notice, heard) == ({}, [])
    live.controls["k"].value = 2
    live._worker.rest()
    live.controls["k"].value = 3
    live._worker.rest()
    assert len(heard) == 1


def test_memory_is_bounded_and_forgets_the_oldest(monkeypatch):
    store = memory.Memory(LAB)
    frame = show(LAB).board.frame
    each = memory.size(frame)
    assert each == sum(picture.array.nbytes for picture in LAB.at().panes.values())
    monkeypatch.setattr(memory, "MOST", 3 * each)
    for i in range(5):
        store.put({**frame, "at": [i]}, LAB.at())
        store.get([0])
    assert [i for i in range(5) if store.get([i])] == [0, 3, 4]
    assert store.run([1]) is None
    assert store.run([4]).lab is LAB
    assert store.run([4]) is None


@pytest.mark.parametrize("lab", [LAB, GRIDS], ids=lambda lab: lab.title)
def test_a_place_is_what_the_browser_sees_of_the_controls(lab):
    live = show(lab)
    models = {w.model_id: w for w in ipywidgets.widgets.widget._instances.values()}

    def seen():
        return [getattr(models[model], name) for model, name in live.board.sources]

    own = [{"photo": Own("a.png", png())}, {"photo": Own("b.png", png())}] if lab is LAB else []
    for state in [*lab.sweep(), *own]:
        live.set(**state)
        plain = json.loads(json.dumps(live.board.frame["at"]))
        assert plain == json.loads(json.dumps(seen()))
