"""A student's own net in a live lab, and controls without effect."""

from dataclasses import replace

import pytest
from live_view import hear, messages
from small_labs import EDITORS, NETS
from torch import nn
from traitlets import TraitError

from seglab import show
from seglab.live.controls import IDLE


def level(live):
    return bytes(live.board.frame["panes"][0]["plane"])[0]


def test_an_own_net_joins_the_drop_down_and_is_taken():
    live = show(NETS)
    own, other = nn.Conv2d(1, 2, 5), nn.Conv2d(1, 1, 7)
    live.controls["model"].value = own
    assert live.controls["model"].label == "own Conv2d"
    assert (live.run.state["model"], level(live)) == (own, 50)
    live.controls["model"].value = other
    live.controls["model"].value = own  # the same one is no further option
    texts = [text for text, _ in live.controls["model"].options]
    assert texts == ["small", "large", "own Conv2d", "own Conv2d (2)"]
    live.controls["model"].index = 3  # as the drop-down does
    assert (live.run.state["model"], level(live)) == (other, 49)
    live.reset()
    assert live.controls["model"].value == "small"
    assert live.board.frame["key"] == [0, 0]
    assert repr(show(NETS, model=own)) == "Nets(model=own Conv2d, bias=0)"


def test_a_refused_net_is_said_the_picture_stays_and_the_lab_goes_on():
    live = show(NETS)
    good, wrong = live.board.frame, nn.Conv2d(3, 1, 1)
    with pytest.raises(ValueError, match="no single input channel"):
        live.controls["model"].value = wrong
    assert live.board.notice["text"] == "Conv2d has no single input channel: give one with 1"
    assert live.board.notice["detail"].startswith("With model = own Conv2d, bias = 0.")
    assert live.board.frame is good
    live.controls["model"].value = "large"
    assert (live.board.notice, level(live)) == ({}, 9)
    with pytest.raises(ValueError, match="no single input channel"):
        live.controls["model"].index = 2  # it stands in the drop-down, and is refused again
    live.controls["model"].index = 0
    assert level(live) == 1
    with pytest.raises(ValueError, match="no single input channel"):
        show(NETS, model=wrong)  # at the start an error is the cell's own


def test_what_is_no_net_is_refused_by_the_control():
    live = show(NETS)
    for wrong in ("huge", 3, nn.Conv2d):
        with pytest.raises(TraitError, match=r"torch\.nn\.Module|class of nets"):
            live.controls["model"].value = wrong
    assert live.state == NETS.state()


def test_the_steps_of_an_own_net_are_remembered_and_computed_ahead(ui, monkeypatch):
    live = show(NETS, model=nn.Conv2d(1, 2, 5))
    sent = messages(live, monkeypatch)
    ui()
    live.controls["model"].index = 1
    live.settled()
    ahead = [m["content"]["frame"]["key"] for m in sent if m["method"] == "custom"]
    assert ahead == [[0, 0]]  # the own net, at 2, was there
    live.controls["model"].index = 2
    live.settled()
    assert "panes" not in sent[-1]["state"]["frame"]
    assert live.board.frame["key"] == [2, 0]


# Controls without effect


def is_marked(row):
    return IDLE in row.get_state()["_dom_classes"]


def test_a_control_without_a_say_is_greyed_and_marked():
    live = show(EDITORS)
    others = [live.controls[name] for name in EDITORS.controls if name != "on"]
    rows = dict(zip(EDITORS.controls, live.children[1].children, strict=False))
    assert not any(widget.disabled for widget in others)
    assert not any(map(is_marked, rows.values()))
    live.controls["on"].value = False
    assert all(widget.disabled for widget in others)
    assert [name for name, row in rows.items() if not is_marked(row)] == ["on"]
    assert all(box.disabled for box in live.controls["at"].boxes)
    assert rows["photo"].children[1].disabled  # the button for an own file
    assert rows["f"].children[0].disabled  # the play button
    assert not live.controls["on"].disabled
    live.controls["f"].value = 4  # a cell may still set it
    assert repr(live).endswith("n 1)")
    live.controls["on"].value = True
    assert not any(widget.disabled for widget in others)
    assert not any(map(is_marked, rows.values()))
    assert all(widget.disabled for widget in list(show(EDITORS, on=False).controls.values())[1:])


def test_greying_costs_a_message_only_where_it_changes(monkeypatch):
    lab = replace(NETS, matters={"bias": lambda model: model != "large"})
    live, sent = show(lab), []
    for name, widget in live.controls.items():
        hear(widget, monkeypatch, lambda message, _, name=name: sent.append((name, message)))
    live.controls["bias"].value = 1
    live.controls["bias"].value = 0
    assert [(name, set(message["state"])) for name, message in sent] == [("bias", {"index"})] * 2
    for name in ("large", "small"):
        sent.clear()
        live.controls["model"].value = name
        greyed = [set(message["state"]) for name, message in sent if name == "bias"]
        assert greyed == [{"disabled"}, {"_dom_classes"}]


def test_a_refused_state_greys_what_has_no_say_in_it():
    lab = replace(NETS, matters={"bias": lambda model: isinstance(model, str)})
    live = show(lab)
    with pytest.raises(ValueError, match="no single input channel"):
        live.controls["model"].value = nn.Conv2d(3, 1, 1)
    assert live.controls["bias"].disabled
