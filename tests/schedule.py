"""Workers and order of the tests: what stays together on one, slowest first. Hooks for conftest.py.

A file is one piece of work, because its fixtures are worked out once; the slowest come first,
so that nobody waits at the end for the one worker that began a long file last.
"""

import os
from collections.abc import Generator
from typing import Any

import pytest

# A test of these takes as long as many a file does, and shares nothing with the next one.
APART = ("tests/test_pretended_gpu.py",)
# What these say of one lab looks at the same walk through its states.
BY_LAB = ("tests/test_lesson_laws.py", "tests/test_lessons.py")
# The files of these folders share a fixture that is dear.
TOGETHER = ("tests/browser/labs/",)
FIRST = (
    *TOGETHER,
    "tests/browser/test_board.py",
    "tests/browser/test_grids.py",
    "tests/browser/test_live_pages.py",
    "tests/browser",
    "tests/test_lessons.py",
    "labs",
    "seglab/course/template",
    "tests/test_cli.py",
    "tests/test_docs.py",
    "tests/test_plugin.py",
    "tests/test_five_convolutions.py",
)

QUICK = "not slow"
# What `-m "not slow"` leaves out: browsers, whole labs, trainings, and what starts many processes.
SLOW = (
    *FIRST,
    "tests/test_check_in_kernel.py",
    "tests/test_chart_values.py",
    "tests/test_checks.py",
    "tests/test_click_net.py",
    "tests/test_clicks_lab.py",
    "tests/test_deck.py",
    "tests/test_doctor.py",
    "tests/test_families.py",
    "tests/test_forecasts.py",
    "tests/test_grade.py",
    "tests/test_house.py",
    "tests/test_lesson_laws.py",
    "tests/test_lesson_names.py",
    "tests/test_live_chart.py",
    "tests/test_live_streams.py",
    "tests/test_loss_trainings.py",
    "tests/test_losses_lab.py",
    "tests/test_many_resolutions_lab.py",
    "tests/test_notebooks.py",
    "tests/test_powerpoint.py",
    "tests/test_precision.py",
    "tests/test_pretended_gpu.py",
    "tests/test_quiz_facts",
    "tests/test_results.py",
    "tests/test_segmenters.py",
    "tests/test_server.py",
    "tests/test_side_outputs.py",
    "tests/test_stills.py",
    "tests/test_textures.py",
    "tests/test_tiles.py",
    "tests/test_tour_numbers.py",
    "tests/test_train_your_own_lab.py",
    "tests/test_trial.py",
    "tests/test_zoo.py",
)


def piece(node: str) -> str:
    """The piece of work that a test belongs to."""
    if node.startswith(BY_LAB) and "[" in node:
        return f"tests/lessons{node[node.index('[') :]}"
    folder = next((start for start in TOGETHER if node.startswith(start)), None)
    return folder or (node if node.startswith(APART) else node.split("::", 1)[0])


def rank(node: str) -> int:
    """The smaller, the earlier."""
    return next((i for i, start in enumerate(FIRST) if node.startswith(start)), len(FIRST))


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """One more than the cores: who drives a browser waits for it most of the time."""
    cores = yield
    drives = config.option.markexpr != QUICK
    return cores + (drives and "PYTEST_XDIST_AUTO_NUM_WORKERS" not in os.environ)


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.nodeid.startswith(SLOW):
            item.add_marker("slow")
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    if config.getvalue("dist") != "loadfile":
        return None  # the command line wants another way
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return piece(nodeid)

    config.option.loadscopereorder = False  # xdist would begin with the files of most tests
    return Scheduling(config, log)
