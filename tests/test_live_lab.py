"""show(): a lab's live view in a kernel without a browser; tests/browser has the other half."""

import base64
import io
import sys

import ipywidgets
import numpy as np
import pytest
import torch
from live_view import counted, full, messages
from PIL import Image as Pillow
from small_labs import FRAGILE, LAB
from traitlets import TraitError

from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab
from seglab.live import lab as lab_module
from seglab.live import session
from seglab.paper import still


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
    assert about == {"image/png": {"alt": repr(live)}, "seglab": {"still": True}}
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
    exact = still(LAB.at(f=2), foot=lab_module.STILL)  # a run of its own, without a widget
    assert np.abs(np.asarray(poster.convert("RGB")).astype(int) - exact).mean() < 3


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
    live = show(full())
    live.controls["f"].value = 2
    assert live.run.values["stage"][0, 0] == 2
    assert "ran out of memory" in live.board.frame["status"]
    assert live.board.notice == {}


def test_progress_of_a_long_stage_reaches_the_board(monkeypatch):
    monkeypatch.setattr(session, "PROGRESS", -1)  # each call is shown
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
    live.controls["steps"].value = 5
    assert seen[1:] == [[done, 5] for done in range(1, 6)]
    assert live.board.progress == []
