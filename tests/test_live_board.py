"""Messages to the board."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from live_view import messages
from small_labs import GRIDS, LAB

from seglab import show
from seglab.board import assets, frames
from seglab.draw import paint
from seglab.draw.marks import Dot
from seglab.lab import Choice, Lab
from seglab.live import board, scripted


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


def test_without_anywidget_one_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    spec = importlib.util.spec_from_file_location("scripted_again", scripted.__file__)
    with pytest.raises(ImportError, match="pip install anywidget"):
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_plane_travels_without_a_copy():
    picture = paint.scalar(torch.rand(5, 7))
    plane = frames.frame({"p": picture}, {})["panes"][0]["plane"]
    assert np.shares_memory(np.frombuffer(plane, np.uint8), picture.array)


# A pane as what sets it apart from the one that is shown


def pane(picture, name="p"):
    return frames.pane(name, picture)


def test_a_picture_is_made_a_pane_once_for_each_name():
    picture = paint.scalar(torch.rand(5, 7))
    assert pane(picture) is pane(picture)
    assert pane(picture, "q") is not pane(picture)
    assert pane(picture) is pane(picture)  # the other name has not pushed it out
    assert pane(picture, "q")["plane"].obj is pane(picture)["plane"].obj


@pytest.mark.parametrize(
    "picture",
    [
        paint.rgb(torch.rand(3, 5, 7)),
        paint.scalar(torch.rand(5, 7)),
        paint.labels(torch.zeros(5, 7, dtype=torch.long), ["a"]),
        paint.grid(torch.rand(5, 7)),
        paint.curtain(*[paint.rgb(torch.rand(3, 5, 7))] * 2, ("a", "b")),
    ],
    ids=lambda picture: picture.kind,
)
def test_where_only_a_mark_moves_only_marks_travel(picture):
    here, there = (pane(picture.with_marks(Dot(row, 2))) for row in (1, 3))
    assert frames.short(here, here) == {"name": "p"}
    short = frames.short(there, here)
    assert short.keys() == {"name", "marks", "alt"}
    assert {**here, **short} == there
    assert frames.short(pane(picture), pane(picture.with_marks())) == {"name": "p"}


def test_a_pane_with_another_plane_palette_or_side_travels_whole():
    plane = torch.zeros(5, 7)
    picture = paint.scalar(plane)
    others = [
        paint.scalar(plane),  # equal, but nobody compares the pixels
        replace(picture, palette=picture.palette.copy()),
        replace(picture, kind="labels"),
        paint.grid(plane),
        paint.curtain(picture, picture, ("a", "b")),
    ]
    for other in others:
        assert frames.short(pane(other), pane(picture)) is pane(other)
    assert frames.short(pane(picture), None) is pane(picture)
    left = paint.curtain(picture, others[0], ("a", "b"))
    right = replace(left, sides=(picture, picture))
    assert frames.short(pane(right), pane(left)) is pane(right)


def test_a_moved_mark_sends_no_plane(monkeypatch):
    picture = paint.rgb(torch.rand(3, 200, 200))
    lab = Lab(
        title="t",
        controls={"row": Choice(*range(5))},
        stages=(),
        panes={"p": lambda row: picture.with_marks(Dot(row, 7))},
    )
    live = show(lab)
    sent = messages(live, monkeypatch)
    live.controls["row"].value = 3
    (message,) = sent
    (moved,) = message["state"]["frame"]["panes"]
    assert moved.keys() == {"name", "marks", "alt"}
    assert moved["marks"] == [Dot(3, 7).record()]
    assert message["buffer_paths"] == []
    assert bytes(live.board.get_state()["frame"]["panes"][0]["plane"]) == picture.array.tobytes()


def test_the_board_loads_nothing_and_writes_no_html():
    editors = Path(board.__file__).parent.glob("*.js")
    source = "".join([assets.SCRIPT, *(path.read_text(encoding="utf-8") for path in editors)])
    source = source.replace("import(address)", "")  # Plotly's script, which the kernel has sent
    for word in ("innerHTML", "insertAdjacentHTML", "eval(", "import(", "https://", "fetch("):
        assert word not in source, word


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
