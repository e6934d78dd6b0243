"""A trial in another process: what never ends is ended, and the process that asks keeps its state.

Functions are made as a notebook makes them: in `__main__`, with what they need beside them.
"""

import os
import signal
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
import torch

from seglab import check
from seglab.course import _processes, checks, trial
from seglab.course.declarations import Exercise

LINUX = sys.platform == "linux"
WAYS = [pytest.param("fork", marks=pytest.mark.skipif(not LINUX, reason="no fork")), "spawn"]
TWICE = Exercise("twice", lambda random, i: {"n": i}, lambda n: 2 * n, {})


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    monkeypatch.setattr(trial, "WAY", request.param)
    return request.param


@pytest.fixture(scope="module", autouse=True)
def the_second_python_is_ended():
    yield
    _processes.end_second()


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.4)


def of_notebook(code, **names):
    """The function `f` of a cell, in a namespace like a notebook's."""
    cell = {"__name__": "__main__", **names}
    exec(compile(textwrap.dedent(code), "/tmp/ipykernel_1/ä cell.py", "exec"), cell)
    return cell["f"]


IN_C = {
    "sum": "sum(range(10**12))",
    "power": "10**10**9",
    "regular expression": "__import__('re').match(r'(a+)+$', 'a' * 40 + 'b')",
    "max": "max(iter(int, 1))",
    "all": "all(iter(lambda: 1, 2))",
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("loop", IN_C)
def test_a_loop_inside_one_c_call_is_ended_and_its_line_told(way, loop):
    if way == "spawn" and loop != "sum":
        pytest.skip("one is enough: each costs a second Python")
    check(TWICE, lambda n: 2 * n)  # the second Python takes its time to start
    f = of_notebook(f"""
        def f(n):
            if n < 3:
                return 2 * n
            return {IN_C[loop]}
        """)
    start = time.monotonic()
    said = repr(check(TWICE, f))
    assert time.monotonic() - start < 3
    assert said == (
        "twice: not yet - it did not end within 0 seconds at line 5; is there a loop that never "
        "stops? Seen with n = 3."
    )
    assert check(TWICE, lambda n: 2 * n).passed


def test_it_is_ended_within_six_seconds(way):
    check(TWICE, lambda n: 2 * n)
    f = of_notebook("f = lambda n: sum(range(10**12))")
    start = time.monotonic()
    assert "did not end within 5 seconds" in repr(check(TWICE, f))
    assert time.monotonic() - start < 6


def test_a_function_has_all_that_its_notebook_has(way):
    net = torch.nn.Conv2d(1, 1, 1)
    code = """
        import math
        offset = torch.zeros(3)
        seen = []

        def helper(n):
            return n + int(offset.sum())

        def f(n):
            with torch.no_grad():
                net(torch.rand(1, 1, 8, 8))
            seen.append(n)
            assert math.pi > 3
            if n == 15 and not where_it_counts:
                sum(range(10**12))  # only if all before it went well
            return 2 * helper(n)
        """
    f = of_notebook(code, torch=torch, net=net, where_it_counts=True)
    assert check(TWICE, f).passed
    assert f.__globals__["seen"] == list(range(20))  # once, and in this process
    f.__globals__["where_it_counts"] = False
    tried = trial.run(f, [{"n": n} for n in range(20)], 0.5, f.__code__.co_filename)
    assert (tried.late, tried.done, tried.line) == (True, 15, 15)


def test_what_it_prints_is_printed_once(way, capfd):
    f = of_notebook("def f(n):\n    print('n is', n)\n    return 2 * n")
    assert check(TWICE, f).passed
    assert capfd.readouterr().out == "".join(f"n is {n}\n" for n in range(20))


def test_a_live_lab_that_is_named_stays_at_home(monkeypatch):
    monkeypatch.setattr(trial, "WAY", "spawn")
    from traitlets import HasTraits

    lab = HasTraits()
    lab.lock = threading.Lock()  # what cannot leave a process
    f = of_notebook("def f(n):\n    return lab.f and sum(range(10**12))", lab=lab)
    tried = trial.run(f, [{"n": 1}], 0.4, "")
    assert tried.late  # it was handed over, with something else for lab


def test_what_cannot_be_handed_over_is_not_tried(monkeypatch):
    monkeypatch.setattr(trial, "WAY", "spawn")
    f = of_notebook("def f(n):\n    return 2 * n if lock else 0", lock=threading.Lock())
    assert trial.run(f, [{"n": 1}], 1, "") == trial.Trial()
    assert check(TWICE, f).passed


def test_a_function_that_ends_python_does_not_end_this_one(way):
    f = of_notebook("import os\ndef f(n):\n    os._exit(0)")
    assert "it ends Python itself (exit)" in repr(check(TWICE, f))
    assert check(TWICE, lambda n: 2 * n).passed


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize(
    ("number", "words"),
    [("SIGSEGV", "(SIGSEGV)"), ("SIGKILL", "it asks for more memory than there is")],
)
def test_a_function_that_breaks_down_is_told_so(way, number, words):
    f = of_notebook(f"import os, signal\ndef f(n):\n    os.kill(os.getpid(), signal.{number})")
    assert words in repr(check(TWICE, f))


@pytest.fixture
def heard():
    """Interrupts, which a process in the background of a shell is begun without."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.usefixtures("heard")
def test_an_interrupt_ends_the_trial_and_goes_on(way):
    check(TWICE, lambda n: 2 * n)
    f = of_notebook("f = lambda n: sum(range(10**12))")
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        check(TWICE, f)
    assert time.monotonic() - start < 2
    assert check(TWICE, lambda n: 2 * n).passed


@pytest.mark.skipif(not LINUX, reason="no fork")
def test_a_fork_that_waits_for_a_lock_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(trial, "WAY", "fork")
    monkeypatch.setattr(trial, "_IDLE", 0.2)
    lock = threading.Lock()
    here = os.getpid()

    def f(n):
        if os.getpid() != here:
            lock.acquire()  # as of a thread that is not in the fork
        return 2 * n

    start = time.monotonic()
    with lock:
        assert check(TWICE, f).passed
    assert time.monotonic() - start < 2


@pytest.mark.skipif(not LINUX, reason="no fork")
def test_a_fork_computes_after_torch_has_used_many_threads(monkeypatch):
    monkeypatch.setattr(trial, "WAY", "fork")
    before = torch.get_num_threads()
    torch.set_num_threads(4)
    try:
        torch.rand(512, 512) @ torch.rand(512, 512)
        f = of_notebook("f = lambda n: torch.rand(512, 512) @ torch.rand(512, 512)", torch=torch)
        assert trial.run(f, [{"n": 1}] * 3, 5, "").ended
        assert torch.get_num_threads() == 4
    finally:
        torch.set_num_threads(before)


def children():
    """The processes that this one has started and not waited for."""
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()


@pytest.mark.skipif(not LINUX, reason="counts in /proc")
def test_no_process_and_no_open_file_is_left(monkeypatch):
    monkeypatch.setattr(trial, "WAY", "fork")
    check(TWICE, lambda n: 2 * n)
    before = len(os.listdir("/proc/self/fd")), children()
    for _ in range(3):
        check(TWICE, lambda n: 2 * n)
        trial.run(lambda n: sum(range(10**12)), [{"n": 1}], 0.1, "")
    assert (len(os.listdir("/proc/self/fd")), children()) == before


def test_where_no_other_process_can_be_had_the_check_goes_on(monkeypatch):
    def refuses(*_):
        raise OSError("no more processes")

    monkeypatch.setattr(trial, "WAY", "fork")
    monkeypatch.setattr(trial, "Fork", refuses)
    assert check(TWICE, lambda n: 2 * n).passed
    monkeypatch.setattr(trial, "WAY", "none")
    assert check(TWICE, lambda n: 2 * n).passed
