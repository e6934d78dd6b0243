"""Frames that the browser remembers, and those that are sent ahead."""

import json
import threading
from time import sleep

import pytest
import torch
from live_view import counted, messages, png, receive, until
from small_labs import FRAGILE, GRIDS, LAB, SLOW, STREAM

from seglab import show
from seglab.draw import paint
from seglab.lab import Choice, Lab
from seglab.live import client_cache
from seglab.user_photo import UserPhoto


def named(message):
    """The frame of an update, and whether it is only named."""
    frame = message["state"]["frame"]
    return frame["key"], "panes" not in frame


def test_the_next_step_is_computed_while_nobody_waits_and_then_only_named(ui, monkeypatch):
    calls = []
    live = show(counted(calls))
    sent = messages(live, monkeypatch)
    ui()
    live.controls["f"].value = 2  # from 1: the next is 4
    live.settled()
    assert calls[2:] == ["map", "map"]
    ahead = sent[1]["content"]
    assert (ahead["kind"], ahead["frame"]["key"]) == ("ahead", [0, 2])
    assert ahead["frame"]["panes"][0]["plane"] is None  # it travels as a buffer
    live.controls["f"].value = 4
    live.settled()
    assert named(sent[2]) == ([0, 2], True)
    assert len(sent) == 3  # what lies behind is there already
    assert calls[2:] == ["map", "map"]
    assert live.run.state == {"photo": "a", "f": 4}
    assert live.run.values["map_"].shape == (2, 2)
    assert live.board.get_state()["frame"]["panes"][0]["size"] == [2, 2]  # for a page loaded again


def test_what_is_sent_ahead_is_what_would_be_drawn(ui, monkeypatch):
    live = show(LAB)
    ahead = {}
    monkeypatch.setattr(
        live.board, "send_ahead", lambda frame: ahead.update({frame["step"]: frame})
    )
    ui()
    live.set(softmax=True)
    live.settled()
    live.controls["f"].value = 16
    live.settled()
    live.controls["f"].value = 4
    live.settled()
    assert [frame["key"][1] for frame in ahead.values()] == [0]  # 8 and 16 have been there
    (frame,) = ahead.values()
    expected = LAB.at(f=2, softmax=True)
    for pane in frame["panes"]:
        assert bytes(pane["plane"]) == expected.panes[pane["name"]].array.tobytes()
    assert dict(frame["numbers"]) == {k: str(v) for k, v in expected.numbers.items()}


def test_a_page_that_lacks_a_named_frame_gets_it(ui, monkeypatch):
    live = show(LAB)
    ui()
    for f in (4, 8):
        live.controls["f"].value = f
        live.settled()
    sent = messages(live, monkeypatch)
    receive(live.board, {"kind": "missing", "key": [9]})
    assert not sent  # the controls have gone on: the frame for their place is on its way
    receive(live.board, {"kind": "missing", "key": live.board.frame["key"]})
    assert named(sent[0]) == (live.board.frame["key"], False)


def test_changed_code_is_never_answered_from_memory(ui, monkeypatch):
    def level(k):
        return torch.full((2, 2), float(k))

    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2, 3)},
        stages=(level,),
        panes={"p": lambda level: paint.scalar(level, low=0, high=254)},
    )
    live = show(lab)
    ui()
    live.controls["k"].value = 2
    live.settled()
    version = live.board.frame["codeVersion"]
    level.__code__ = (lambda k: torch.full((2, 2), 10.0 * k)).__code__.replace(
        co_freevars=level.__code__.co_freevars
    )
    live.controls["k"].value = 3
    live.settled()
    assert live.run.values["level"][0, 0] == 30
    assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([30] * 4)
    live.controls["k"].value = 2
    live.settled()
    assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([20] * 4)
    assert live.board.frame["codeVersion"] == version + 1


def test_slow_steps_streams_and_jumps_of_several_controls_are_not_computed_ahead(ui, monkeypatch):
    for lab, change in [(SLOW, {"k": 1}), (STREAM, {"zoom": 2}), (LAB, {"f": 4, "softmax": True})]:
        live = show(lab, **({"k": 0} if lab is SLOW else {}))
        ui()
        sent = messages(live, monkeypatch)
        live.set(**change)
        live.settled()
        assert not [message for message in sent if message["method"] == "custom"], lab.title
        ui(False)


def test_an_error_ahead_waits_until_the_hand_is_there(ui, monkeypatch):
    heard = []
    monkeypatch.setattr(threading, "excepthook", lambda event: heard.append(event.exc_value))
    live = show(FRAGILE, k=6)
    ui()
    live.controls["k"].value = 4  # 3, which fails, and 2 come next
    live.settled()
    assert (live.board.notice, heard) == ({}, [])
    live.controls["k"].value = 2
    live.settled()
    live.controls["k"].value = 3
    live.settled()
    assert len(heard) == 1


def test_memory_is_bounded_and_forgets_the_oldest(monkeypatch):
    store = client_cache.ClientCache(LAB)
    frame = show(LAB).board.frame
    each = client_cache.size(frame)
    assert each > sum(picture.array.nbytes for picture in LAB.at().panes.values())
    monkeypatch.setattr(client_cache, "MOST", 3 * each)
    for i in range(5):
        store.put({**frame, "key": [i]}, LAB.at())
        store.get([0])
    assert [i for i in range(5) if store.get([i])] == [0, 3, 4]
    assert store.take_run([1]) is None
    assert store.take_run([4]).lab is LAB
    assert store.take_run([4]) is None


def test_what_is_forgotten_is_answered_by_nothing_and_leaves_its_room(monkeypatch):
    store = client_cache.ClientCache(LAB)
    frame = show(LAB).board.frame
    monkeypatch.setattr(client_cache, "MOST", 3 * client_cache.size(frame))
    for _ in range(4):
        for i in range(3):
            store.put({**frame, "key": [i]}, LAB.at())
        assert len(store) == 3
        store.forget()
        assert len(store) == 0
        assert [store.get([i]) for i in range(3)] == [None] * 3
        assert [store.take_run([i]) for i in range(3)] == [None] * 3


@pytest.mark.parametrize("lab", [LAB, GRIDS], ids=lambda lab: lab.title)
def test_a_place_is_what_the_browser_sees_of_the_controls(lab):
    live = show(lab)
    parts = [p for w in live.controls.values() for p in (w, *getattr(w, "children", ()))]
    models = {part.model_id: part for part in parts}

    def seen():
        return [getattr(models[model], name) for model, name in live.board.sources]

    own = (
        [{"photo": UserPhoto("a.png", png())}, {"photo": UserPhoto("b.png", png())}]
        if lab is LAB
        else []
    )
    for state in [*lab.sweep(), *own]:
        live.set(**state)
        plain = json.loads(json.dumps(live.board.frame["key"]))
        assert plain == json.loads(json.dumps(seen()))


def waiting_at_3():
    """A lab of k from 1 to 4 whose stage waits at 3; what was begun, and the event waited for."""
    begun, go_on = [], threading.Event()

    def slow(k, progress):
        begun.append(k)
        if k == 3:
            go_on.wait(10)
        progress(1, 2)
        return torch.full((2, 2), float(k))

    lab = Lab(
        title="t",
        controls={"k": Choice(1, 2, 3, 4)},
        stages=(slow,),
        panes={"p": lambda slow: paint.scalar(slow, low=0, high=254)},
    )
    return lab, begun, go_on


def test_what_is_computed_ahead_goes_on_when_it_is_asked_for(ui, monkeypatch):
    lab, begun, go_on = waiting_at_3()
    live, seen = show(lab), []
    monkeypatch.setattr(live.board, "show_progress", lambda done, total: seen.append(done))
    ui()
    live.controls["k"].value = 2
    until(lambda: begun == [1, 2, 3])  # ahead
    seen.clear()
    live.controls["k"].value = 3
    sleep(0.15)  # progress is shown ten times a second
    go_on.set()
    assert live.run.state == {"k": 3}
    assert bytes(live.board.frame["panes"][0]["plane"]) == bytes([3] * 4)
    live.settled()
    assert begun.count(3) == 1
    assert seen == [1]  # now somebody waits for it


def test_what_is_computed_ahead_gives_way_to_any_other_step(ui, monkeypatch):
    lab, begun, go_on = waiting_at_3()
    live = show(lab)
    sent = messages(live, monkeypatch)
    ui()
    live.controls["k"].value = 2
    until(lambda: begun == [1, 2, 3])
    live.controls["k"].value = 1
    go_on.set()
    live.settled()
    assert not [message for message in sent if message.get("content", {}).get("kind") == "ahead"]
    assert live.run.state == {"k": 1}
