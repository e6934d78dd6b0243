"""A pytest plugin that makes nbval strict: load it with `-p seglab.course.plugin`.

nbval alone passes over a cell that was stored unexecuted, compares what cannot be equal, and
loses the cells that a selected cell needs.
"""

import os
import re
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from seglab.course import notebooks

# Pictures and pages differ with a library's version; what they say stands in the text beside them.
SKIPPED = (
    "stderr",
    "text/html",
    "image/png",
    "image/svg+xml",
    "application/javascript",
    "application/vnd.plotly.v1+json",
)
Wrapper = Generator[None, Any, Any]

OUTPUT_TIMEOUT = 30  # seconds from a cell's end to its last output; nbval's 5 fail a busy machine
_ENDLESS = re.compile("Timeout of .* exceeded (while )?executing cell")  # nbval's words for it
_NBVAL_CELL_TIMEOUT = 2000  # nbval's default: a stuck cell would hold CI for half an hour


def run(paths: Sequence[str | Path], lax: bool = False) -> int:
    """Check notebooks (all labs by default); returns pytest's exit code, 0 when all is well.

    lax: cells must run, their outputs are not compared, and they may be stored unexecuted.
    Raises ValueError, naming it, for a path where no notebook is.
    """
    found = [path.resolve() for path in notebooks.find(paths)]
    return int(
        pytest.main(
            [
                # Our own settings: neither the user's pytest.ini nor a conftest.py has an effect.
                "-c",
                str(Path(__file__).with_name("check.ini")),
                f"--rootdir={os.path.commonpath([path.parent for path in found])}",
                "--noconftest",
                "-pno:cacheprovider",
                "--nbval-lax" if lax else "--nbval",
                *map(str, found),
            ],
            plugins=[sys.modules[__name__]],
        )
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose nbval's settings, where the command line has not."""
    option = config.option
    if not option.nbval_kernel_name:
        option.nbval_current_env = True
    if option.nbval_cell_timeout == _NBVAL_CELL_TIMEOUT:
        option.nbval_cell_timeout = notebooks.CELL_TIMEOUT
    if getattr(option, "dist", "no") == "load":
        option.dist = "loadfile"  # else xdist splits a notebook over several kernels
    # nbval never closes the file that it hands to the kernel as its stderr.
    config.addinivalue_line(
        "filterwarnings",
        "ignore:unclosed file <_io.TextIOWrapper name='(/dev/null|nul)':ResourceWarning",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_make_collect_report(collector: pytest.Collector) -> None:
    """Tell a notebook what to compare, before it makes its cells."""
    from nbval.plugin import IPyNbFile

    if isinstance(collector, IPyNbFile):
        notebook: Any = collector
        notebook.skip_compare += SKIPPED
        notebook.sanitize_patterns.update(notebooks.VOLATILE)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Wrapper:
    """Keep a notebook's cells in order and whole up to the last one that -k or --lf selects."""
    before = list(items)
    result = yield
    last: dict[Any, int] = {}
    for item in filter(_is_cell, items):
        last[item.parent] = max(_number(item), last.get(item.parent, 0))
    cells: dict[Any, list[pytest.Item]] = {notebook: [] for notebook in last}
    cell: Any
    for cell in filter(_is_cell, before):
        if cell.parent in last and _number(cell) <= last[cell.parent]:
            cells[cell.parent].append(cell)
            # Only nbval's own machinery warns here: what a cell warns of stays in its kernel.
            cell.add_marker(pytest.mark.filterwarnings("ignore"))
            cell.output_timeout = OUTPUT_TIMEOUT
    kept: list[pytest.Item] = []
    for item in items:
        kept += cells.pop(item.parent, []) if _is_cell(item) else [item]
    items[:] = kept
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Wrapper:
    """Start a notebook's kernel with fixed threads, on the CPU, with this seglab."""
    if not _is_cell(item):
        return (yield)
    from seglab.course.kernel import environment

    with _environ(environment()):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Wrapper:
    """Say of a cell that did not end what refresh says, in place of nbval's block of text."""
    report = yield
    error = str(call.excinfo.value) if call.excinfo is not None else ""
    if _is_cell(item) and report.failed and _ENDLESS.match(error):
        cell: Any = item
        seconds = item.config.option.nbval_cell_timeout
        report.longrepr = notebooks.too_long(item.path, _number(item), cell.cell.source, seconds)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Wrapper:
    """Fail a cell that was stored unexecuted: nbval has nothing to compare, and passes it."""
    result = yield
    if _is_cell(item):
        cell: Any = item
        unexecuted = cell.cell.execution_count is None and cell.cell.source.strip()
        if unexecuted and cell.parent.compare_outputs and not cell.options["skip"]:
            cell.raise_cell_error("This cell is stored unexecuted. Run: seglab refresh")
    return result


def _is_cell(item: pytest.Item) -> bool:
    from nbval.plugin import IPyNbCell

    return isinstance(item, IPyNbCell)


def _number(cell: Any) -> int:
    return int(cell.cell_num)


@contextmanager
def _environ(variables: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
