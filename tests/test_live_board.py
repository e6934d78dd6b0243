"""What travels to the board."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from live_view import messages
from small_labs import GRIDS, LAB

from seglab import show
from seglab.board import assets, frames
from seglab.draw import paint
from seglab.live import board


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
