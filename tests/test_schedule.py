"""Pieces of work for the workers: together what shares a fixture or a kernel, the slowest first."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import schedule

ROOT = Path(__file__).parents[1]


def test_a_file_and_a_notebook_stay_whole_and_some_tests_stand_alone():
    cells = [f"labs/08-shift-and-stitch.ipynb::Cell {i}" for i in (0, 12)]
    assert {schedule.piece(cell) for cell in cells} == {"labs/08-shift-and-stitch.ipynb"}
    assert schedule.piece("tests/test_boxes.py::test_a[x::y]") == "tests/test_boxes.py"
    cases = [f"tests/test_pretended_gpu.py::test_a[{lab}]" for lab in ("01", "02")]
    assert [schedule.piece(case) for case in cases] == cases
    laws = [f"tests/test_{file}.py::test_a[01]" for file in ("lessons", "lesson_laws")]
    assert len({schedule.piece(law) for law in laws}) == 1
    assert schedule.piece(laws[0]) != schedule.piece("tests/test_lessons.py::test_a[02]")
    shown = [f"tests/browser/labs/test_{name}.py::test_a" for name in ("labs", "screen")]
    assert {schedule.piece(one) for one in shown} == {"tests/browser/labs/"}


def test_what_is_dear_comes_first():
    nodes = [
        *("tests/browser/test_grids.py::test_a", "tests/browser/test_slides.py::test_a"),
        *("labs/00-start-here.ipynb::Cell 0", "tests/test_boxes.py::test_a"),
    ]
    ranks = [schedule.rank(node) for node in nodes]
    assert ranks == sorted(set(ranks))


@pytest.mark.parametrize("name", [*schedule.APART, *schedule.FIRST, *schedule.SLOW])
def test_what_is_named_is_there(name):
    assert list(ROOT.glob(f"{name}*"))


@pytest.mark.parametrize(
    ("node", "slow"),
    [
        ("tests/browser/labs/test_labs.py::test_a", True),
        ("labs/00-start-here.ipynb::Cell 0", True),
        ("tests/test_boxes.py::test_a", False),
    ],
)
def test_what_takes_long_is_marked(node, slow):
    marks = []
    item = SimpleNamespace(nodeid=node, add_marker=marks.append)
    schedule.pytest_collection_modifyitems([item])
    assert marks == ["slow"] * slow


HOOKS = (
    "pytest_collection_modifyitems",
    "pytest_xdist_auto_num_workers",
    "pytest_xdist_make_scheduler",
)


def test_the_hooks_are_heard(pytestconfig):
    hooks = [
        hook
        for name in HOOKS
        for hook in getattr(pytestconfig.hook, name).get_hookimpls()
        if hook.function is getattr(schedule, name)
    ]
    assert len(hooks) == len(HOOKS)


def test_there_is_one_worker_more_than_cores_unless_a_number_is_given(pytestconfig, monkeypatch):
    monkeypatch.delenv("PYTEST_XDIST_AUTO_NUM_WORKERS", raising=False)
    count = pytestconfig.hook.pytest_xdist_auto_num_workers
    monkeypatch.setattr(pytestconfig.option, "markexpr", "")
    every = count(config=pytestconfig)
    assert every >= 2
    monkeypatch.setattr(pytestconfig.option, "markexpr", "not slow")  # no browser
    assert count(config=pytestconfig) == every - 1
    monkeypatch.setenv("PYTEST_XDIST_AUTO_NUM_WORKERS", "1")
    assert count(config=pytestconfig) == 1


def test_the_scheduler_knows_the_pieces_and_keeps_their_order(pytestconfig, monkeypatch):
    option = pytestconfig.option
    monkeypatch.setattr(option, "dist", "loadfile")
    monkeypatch.setattr(option, "tx", ["2*popen"])
    monkeypatch.setattr(option, "loadscopereorder", True)
    scheduler = schedule.pytest_xdist_make_scheduler(pytestconfig, None)
    node = "tests/test_pretended_gpu.py::test_a[01]"
    assert scheduler._split_scope(node) == node
    assert not option.loadscopereorder
    monkeypatch.setattr(option, "dist", "no")
    assert schedule.pytest_xdist_make_scheduler(pytestconfig, None) is None
