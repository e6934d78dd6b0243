"""Bounds of what a lab remembers: no more after many moves than after some, nothing in circles."""

import gc
import sys
import weakref
from time import monotonic, sleep

import numpy as np
import pytest
import torch

from seglab import _cgroup, lessons
from seglab.draw import paint
from seglab.draw.marks import Dot
from seglab.lab import Choice, Lab
from seglab.live import client_cache, heap, session, worker
from seglab.live.lab import LiveLab


def plane(level):
    return torch.full((1, 1, 256, 256), float(level))


def half(plane):
    return plane / 2


LARGE = Lab(
    "Large planes",
    {"level": Choice(*range(600))},
    (plane, half),
    {"whole": "plane", "half": "half"},
)
PLANE = 256 * 256
POINT = paint.scalar(torch.zeros(1, 1, 1, 1))


@pytest.fixture
def without_gc():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held(root):
    """Bytes of the tensors, arrays and byte strings that can be reached from an object."""
    seen, waiting, sizes = set(), [root], {}
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type) or type(thing).__name__ == "module":
            continue
        seen.add(id(thing))
        if isinstance(thing, torch.Tensor):
            sizes[thing.untyped_storage().data_ptr()] = thing.untyped_storage().nbytes()
        elif isinstance(thing, np.ndarray | bytes | bytearray | memoryview):
            sizes[id(thing)] = memoryview(thing).nbytes
        elif not callable(thing) or hasattr(thing, "__self__"):
            waiting += gc.get_referents(thing)
    return sum(sizes.values())


@pytest.mark.parametrize("stem", ["08-shift-and-stitch", "15-finding-instances"])
def test_a_run_that_nobody_holds_is_gone_at_once(stem, without_gc):
    run = lessons.find(stem).at()
    dict(run.panes), dict(run.numbers)
    gone = weakref.ref(run)
    fork = run.fork()
    dict(fork.panes)
    forked = weakref.ref(fork)
    del run, fork
    assert gone() is None
    assert forked() is None


def test_what_a_session_remembers_is_bounded(ui, without_gc, monkeypatch):
    monkeypatch.setattr(client_cache, "MOST", 2**20)
    monkeypatch.setattr(session, "PAUSE", 0)
    live = LiveLab(LARGE)
    ui()
    sizes = []
    for level in range(1, 60):
        live.controls["level"].value = level
        live.settled()
        if level in (1, 59):
            sizes.append(held((live.session, live.board.frame)))
    # Frames as the cache counts them, the runs ahead of the student, and the one on the screen.
    run = 4 * 2 * PLANE + 2 * PLANE
    most = client_cache.MOST + (client_cache.AHEAD + 2) * run + 4 * PLANE
    assert sizes[0] < sizes[1] <= most
    assert len(live.session.cache) <= client_cache.MOST // (2 * PLANE)


def objects(root):
    """Bytes of all objects of Python that can be reached from one, and of the planes in them."""
    seen, waiting, total = set(), [root], 0
    while waiting:
        thing = waiting.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        if isinstance(thing, memoryview):
            total += thing.nbytes
        else:
            total += sys.getsizeof(thing)
            waiting += gc.get_referents(thing)
    return total


@pytest.mark.parametrize("stem", ["08-shift-and-stitch", "15-finding-instances"])
def test_a_frame_weighs_what_it_takes(stem):
    frame = LiveLab(lessons.find(stem)).board.frame
    assert objects(frame) == pytest.approx(client_cache.size(frame), rel=0.25)


def test_many_marks_over_small_planes_are_bounded_too(ui, monkeypatch):
    dotted = Lab(
        "Dots",
        {"level": Choice(*range(600))},
        (),
        {"dots": lambda level: POINT.with_marks(*(Dot(level, i) for i in range(200)))},
    )
    monkeypatch.setattr(client_cache, "MOST", 2**20)
    monkeypatch.setattr(session, "PAUSE", 0)
    live = LiveLab(dotted)
    ui()
    for level in range(1, 30):
        live.controls["level"].value = level
        live.settled()
    assert 2**19 < objects(live.session.cache._frames) < 1.25 * 2**20


def test_where_memory_is_scarce_what_can_be_made_again_is_forgotten(monkeypatch):
    calls = []
    monkeypatch.setattr(heap, "trim", lambda: calls.append("trim"))
    for left, expected in ((heap.SCARCE - 1, ["forget", "trim"]), (heap.SCARCE, ["trim"])):
        calls.clear()
        monkeypatch.setattr(heap, "_last", -heap.EVERY)
        monkeypatch.setattr(_cgroup, "room", lambda left=left: left)
        assert heap.tidy(lambda: calls.append("forget"))
        assert calls == expected
        assert not heap.tidy(lambda: calls.append("forget"))  # not so soon again
        assert calls == expected


def test_memory_is_given_back_sooner_where_a_process_has_grown(monkeypatch):
    calls, size = [], [10 * heap.GROWN]
    monkeypatch.setattr(heap, "trim", lambda: calls.append("trim"))
    monkeypatch.setattr(heap, "resident", lambda: size[0])
    monkeypatch.setattr(heap, "_last", -heap.EVERY)
    assert heap.tidy(lambda: None)
    size[0] += heap.GROWN
    assert not heap.tidy(lambda: None)  # in the same moment
    monkeypatch.setattr(heap, "SOON", 0)
    assert heap.tidy(lambda: None)
    size[0] += heap.GROWN - 1
    assert not heap.tidy(lambda: None)
    assert calls == ["trim", "trim"]


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not say")
def test_the_size_of_a_process_is_that_of_what_it_holds():
    before = heap.resident()
    held = np.ones(2**26, np.uint8)
    assert 0.9 * held.nbytes < heap.resident() - before < 1.1 * held.nbytes + 2**22


def test_memory_is_given_back_when_a_hand_has_come_to_rest(ui, monkeypatch):
    times = []
    monkeypatch.setattr(heap, "trim", lambda: times.append("trim"))
    monkeypatch.setattr(heap, "EVERY", 1.0)
    monkeypatch.setattr(worker, "LINGER", 1.1)
    live = LiveLab(LARGE)
    live.settled()
    times.clear()
    monkeypatch.setattr(heap, "_last", monotonic())  # so the steps come too soon
    ui()
    for level in (3, 4):
        live.controls["level"].value = level
        live.settled()
    assert times == []
    deadline = monotonic() + 20
    while not times and monotonic() < deadline:
        sleep(0.05)
    assert times == ["trim"]


def test_a_lab_in_scarce_memory_goes_on(monkeypatch):
    monkeypatch.setattr(_cgroup, "room", lambda: 0)
    monkeypatch.setattr(heap, "EVERY", 0)
    live = LiveLab(LARGE)
    for level in (3, 4, 3):
        live.set(level=level)
        assert len(live.session.cache) == 0
        assert float(live.run.values["half"].max()) == level / 2


def test_freed_memory_is_given_back_where_the_c_library_can():
    heap.trim()
