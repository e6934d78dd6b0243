"""The widgets of a live lab's controls, and what is set, clicked and uploaded there."""

import ipywidgets
import pytest
from live_view import hear, messages, parts, png, receive
from small_labs import GRIDS, LAB
from traitlets import TraitError

from seglab import show
from seglab.lab import Choice, Lab, Pixel
from seglab.live import board, ipywidgets_private, worker
from seglab.user_photo import UserPhoto


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
    assert isinstance(own, UserPhoto)
    assert (str(own), own.data) == ("mine.png", png())
    assert live.controls["photo"].label == "mine.png"
    assert "photo='mine.png'" in repr(live)
    assert (live.run.panes["image"].rgb() == (255, 0, 0)).all()
    live.reset()
    assert live.controls["photo"].value == "astronaut"
    live.controls["photo"].value = UserPhoto("mine.png", png())  # an equal one is the same option
    assert len(live.controls["photo"].options) == 3


def test_a_picture_comes_in_pieces_and_an_unfinished_one_is_forgotten():
    live = show(LAB)
    data = png()
    pieces = [data[:40], data[40:50], data[50:]]
    for part in (0, 1, 0, 1, 2):  # the first file is given up after two pieces
        assert live.controls["photo"].value == "astronaut"
        content = {"kind": "file", "name": "mine.png", "part": part, "of": 3}
        receive(live.board, content, memoryview(pieces[part]))
    assert live.controls["photo"].value.data == data


def test_a_page_that_is_opened_later_plays_from_where_the_slider_stands():
    live = show(LAB)
    slider = live.controls["f"]
    (play,) = (w for w in parts(live) if isinstance(w, ipywidgets.Play))
    sent = []
    play.observe(sent.append)
    live.set(f=2)
    assert play.get_state()["value"] == slider.index == 0
    assert play.get_state("value")["value"] == 2  # nothing is told to the pages that are open
    assert not sent


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


def test_a_matrix_is_set_by_rows_by_name_and_in_the_browser(monkeypatch):
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
    assert "kernel = large" in live.board.notice["detail"]
    assert live.board.frame is good


def test_the_picture_of_a_move_in_the_browser_is_sent_before_its_echo(ui, monkeypatch):
    monkeypatch.setattr(worker, "MOMENT", 10)
    live = show(LAB)
    slider, order = live.controls["f"], []
    for widget in (slider, live.board):
        hear(widget, monkeypatch, lambda message, buffers: order.append(message))
    ui()
    live.set(softmax=True)
    live.settled()  # from now on it is known how long a step takes
    order.clear()
    slider.set_state({"index": 3})
    live.settled()
    frame, echo = order[:2]
    assert frame["state"]["frame"]["key"][1] == 3
    assert echo == {"method": "echo_update", "state": {"index": 3}, "buffer_paths": []}
    assert live.state["f"] == 16

    monkeypatch.setattr(ipywidgets_private, "ECHO", False)
    order.clear()
    slider.set_state({"index": 1})
    live.settled()
    assert {message["method"] for message in order} == {"update", "custom"}
