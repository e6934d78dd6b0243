"""Breaks notebooks in one way each and looks which cells strict nbval fails."""

import subprocess
import sys
from types import SimpleNamespace
from xml.etree import ElementTree

import nbformat
import pytest
from helpers import child_environment

from seglab.course import notebooks, plugin

INI = """[pytest]
addopts = -p seglab.course.plugin --nbval
filterwarnings = error
"""
CELLS = (
    """from seglab.lab import Choice, Lab
def twice(f): return 2 * f
LAB = Lab("Tiny", {"f": Choice(2, 4)}, (twice,), {}, {"twice": lambda twice: twice})
LAB.at(f=4)""",
    """import ipywidgets
seen = []
slider = ipywidgets.IntSlider(description="f", max=9)
def moved(change): seen.append(change.new)
slider.observe(moved, "value")
slider.value = 3
slider""",
    "print(f'{1 / 3:.3f}')",
    "import time; print(f'{time.perf_counter():.3f} s', object())",
    "len(seen)",
)
# Notebook -> the cells that are broken in it: what to replace, and a word of why it fails.
BROKEN = {
    "raising": {
        0: ("2 * f", "f / 0", "ZeroDivisionError"),
        1: ("seen.append(change.new)", "raise RuntimeError('dead')", "dead"),
    },
    "differing": {
        0: ("2 * f", "3 * f", "twice 12"),
        2: ("0.333", "0.334", "0.334"),
        3: ("", "", "stored unexecuted. Run: seglab refresh"),
    },
}


def pytest_in(folder, *arguments):
    """A pytest of its own, with this seglab and no settings from outside."""
    variables = {k: v for k, v in child_environment().items() if not k.startswith("PYTEST")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--color=no", "--junitxml=report.xml", *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def outcomes(folder):
    """(notebook, cell) -> the text of its failure, or None."""
    found = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        bad = [child for child in case if child.tag in ("failure", "error")]
        name = case.get("classname").removesuffix(".ipynb").rpartition(".")[2]
        found[name, case.get("name")] = "".join(child.text or "" for child in bad) or None
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labs")
    (folder / "pytest.ini").write_text(INI)
    v4 = nbformat.v4
    cells = [v4.new_code_cell(source, id=f"cell{i}") for i, source in enumerate(CELLS)]
    notebooks.write(folder / "good.ipynb", v4.new_notebook(cells=cells))
    notebooks.refresh([folder / "good.ipynb"])
    for name, cells in BROKEN.items():
        book = notebooks.read(folder / "good.ipynb")
        for place, (old, new, _) in cells.items():
            cell = book.cells[place]
            cell.source = cell.source.replace(old, new)
            if not old:
                cell.outputs, cell.execution_count = [], None
            elif old not in CELLS[place]:
                cell.outputs[0].text = cell.outputs[0].text.replace(old, new)
        notebooks.write(folder / f"{name}.ipynb", book)
    return folder


@pytest.fixture(scope="module")
def strict(folder):
    # Without the plugin this would leave out a cell that later ones need.
    done = pytest_in(folder, "-k", "not (good and 1)")
    assert done.returncode == 1, done.stdout
    return outcomes(folder)


def test_a_notebook_that_is_as_stored_passes_with_the_cells_that_others_need(strict):
    assert [strict["good", f"Cell {i}"] for i in range(len(CELLS))] == [None] * len(CELLS)


@pytest.mark.parametrize(
    ("name", "place"), [(name, place) for name, cells in BROKEN.items() for place in cells]
)
def test_a_broken_cell_fails_and_says_why(strict, name, place):
    assert BROKEN[name][place][2] in strict[name, f"Cell {place}"]


def test_no_other_cell_fails(strict):
    failed = {place for place in range(len(CELLS)) if strict["differing", f"Cell {place}"]}
    assert failed == {0, 2, 3}


def test_workers_are_given_whole_notebooks():
    option = SimpleNamespace(nbval_kernel_name=None, nbval_cell_timeout=2000, dist="load")
    plugin.pytest_configure(SimpleNamespace(option=option, addinivalue_line=lambda *_: None))
    assert option.dist == "loadfile"
    assert option.nbval_current_env
    assert option.nbval_cell_timeout == 120


def test_the_command_is_strict_unless_told_otherwise(tmp_path):
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("...  # your code here")])
    notebooks.write(tmp_path / "copy.ipynb", book)
    # Neither of these is to be heeded.
    (tmp_path / "conftest.py").write_text("1 / 0")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option")
    code = """from seglab.course.plugin import run
print("codes", run(["copy.ipynb"]), run(["copy.ipynb"], lax=True))"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=child_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.endswith("codes 1 0\n"), done.stdout
    assert "stored unexecuted" in done.stdout


def test_a_cell_that_does_not_end_is_told_in_one_line(tmp_path):
    cells = ["import time\nwhile True:\n    time.sleep(0.1)", "1 + 1"]
    made = [nbformat.v4.new_code_cell(source, id=f"c{i}") for i, source in enumerate(cells)]
    notebooks.write(tmp_path / "endless.ipynb", nbformat.v4.new_notebook(cells=made))
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p seglab.course.plugin --nbval-lax")
    done = pytest_in(tmp_path, "--nbval-cell-timeout=2")
    _, _, failures = done.stdout.partition("FAILURES")
    told = failures.partition("generated xml")[0].splitlines()[2]
    assert told.startswith("endless.ipynb, Cell 0 ('import time'): it did not end within 2 seconds")
    assert "Input:" not in done.stdout
    assert "Traceback" not in done.stdout
