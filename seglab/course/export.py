"""A notebook for other graders: nbgrader's source version, and the master of `otter assign`.

Both call check() with a seed that students have not seen. What they shield is their affair: they
run check() in the submission's own process, unlike `seglab grade`.
"""

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import partial
from pathlib import Path
from secrets import randbits
from typing import Any, NamedTuple

import nbformat

from seglab.course import calls, copies, groups, notebooks, worth
from seglab.course.notebooks import Notebook
from seglab.course.solutions import marked

Cells = Iterator[Any]

_TEST = """from seglab.course.checks import check as check_again

result = check_again({exercise}, {function}, seed={seed})
assert result.passed, result.reason"""
_OTTER = """# ASSIGNMENT CONFIG
init_cell: false
check_all_cell: false
export_cell: false
run_tests: false
generate:
    pdf: false
    show_hidden: true"""


class Checked(NamedTuple):
    """One call of check: the exercise's name, and both arguments as they are written."""

    name: str
    exercise: str
    function: str


def checked(source: str) -> list[Checked]:
    """All calls of check in a cell, in their order."""
    return [
        Checked(call.name, ast.unparse(call.what), ast.unparse(call.answer))
        for call in calls.answered(source)
        if call.called == "check" and call.answer is not None
    ]


def write(path: Path, out: Path, to: str, seed: int | None = None) -> list[Path]:
    """Write a notebook, and the Python files that it needs, for another grader.

    to: "nbgrader", which gets source/NAME/NAME.ipynb in its course folder, or "otter", which gets
    NAME/NAME.ipynb. seed: of the hidden cases; a secret one without it.
    Raises ValueError for another grader, a solution that is not closed, or nothing to grade.
    """
    if to not in GRADERS:
        raise ValueError(f"to is {to!r}; give one of {', '.join(GRADERS)}")
    book = notebooks.read(path)
    notebooks.need_closed_solutions(path, book)
    seed = 1 + randbits(31) if seed is None else seed
    try:
        made = GRADERS[to](book, seed)
        # Students get these as they are.
        files = {name: copies.stripped(path.parent / name) for name in copies.beside(path, book)}
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    folder = out / "source" / path.stem if to == "nbgrader" else out / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / path.name]
    notebooks.write(written[0], made)
    for name, content in files.items():
        copies.put(folder / name, content)
        written.append(folder / name)
    return written


def left_out(book: Notebook) -> list[str]:
    """Questions whose answers count, which other graders cannot take."""
    names = {one.name for cell in _code(book) for one in checked(cell.source)}
    return [name for name in worth.points(book) if name not in names]


def nbgrader(book: Notebook, seed: int) -> Notebook:
    """The source version of a notebook for nbgrader: solutions to clear, and hidden tests."""
    return _exported(book, partial(_nbgrader_cells, seed=seed))


def otter(book: Notebook, seed: int) -> Notebook:
    """The master of a notebook for `otter assign`: questions with solutions and hidden tests."""
    made = _exported(book, partial(_otter_cells, seed=seed))
    made.cells.insert(0, _raw(_OTTER, "otter-config"))
    return made


GRADERS: dict[str, Callable[[Notebook, int], Notebook]] = {"nbgrader": nbgrader, "otter": otter}


def _exported(
    book: Notebook, cells: Callable[[Any, list[Checked], dict[str, float]], Cells]
) -> Notebook:
    points = worth.points(book)
    found = _last_calls(book)
    if not any(found.values()):
        raise ValueError("there is no check() in it; there is nothing to grade")
    for one in (one for listed in found.values() for one in listed):
        if one.name not in points:
            raise ValueError(
                f"check({one.exercise}, {one.function}) does not tell which exercise it is; give "
                f"it a function that has the exercise's name"
            )
    made = notebooks.cleaned(deepcopy(book))
    groups.choose(made, None)
    made.cells = [new for cell in made.cells for new in cells(cell, found[cell.id], points)]
    for cell in _code(made):
        cell.outputs, cell.execution_count = [], None
    return made


def _last_calls(book: Notebook) -> dict[str, list[Checked]]:
    """Calls of check by cell, each exercise once: what is handed in last counts."""
    found: dict[str, list[Checked]] = {cell.id: [] for cell in book.cells}
    last = {one.name: (cell.id, one) for cell in _code(book) for one in checked(cell.source)}
    for place, one in last.values():
        found[place].append(one)
    return found


def _nbgrader_cells(cell: Any, found: list[Checked], points: dict[str, float], seed: int) -> Cells:
    if _mark(cell, "### BEGIN SOLUTION", "### END SOLUTION"):
        cell.metadata["nbgrader"] = _nbgrader(cell.id, solution=True)
    yield cell
    for one in found:
        test = _TEST.format(**one._asdict(), seed=seed)
        text = f"# {one.name}\n### BEGIN HIDDEN TESTS\n{test}\n### END HIDDEN TESTS"
        more = _code_cell(text, f"{one.name}-points")
        more.metadata["nbgrader"] = _nbgrader(more.id, points=points[one.name])
        yield more


def _nbgrader(identity: str, solution: bool = False, points: float | None = None) -> Any:
    graded = {} if points is None else {"points": points}
    return nbformat.from_dict(
        {
            "grade": points is not None,
            "grade_id": identity,
            "locked": not solution,
            "schema_version": 3,
            "solution": solution,
            "task": False,
            **graded,
        }
    )


def _otter_cells(cell: Any, found: list[Checked], points: dict[str, float], seed: int) -> Cells:
    _mark(cell, "# BEGIN SOLUTION", "# END SOLUTION")
    if not found:
        yield cell
        return
    # A question of otter has one solution; more calls in its cell are more of its tests.
    worth_all = sum(points[one.name] for one in found)
    name = found[0].name
    yield _raw(f"# BEGIN QUESTION\nname: {name}\npoints: {worth_all:g}", f"{name}-begin")
    yield _raw("# BEGIN SOLUTION", f"{name}-solution")
    yield cell
    yield _raw("# END SOLUTION", f"{name}-solved")
    yield _raw("# BEGIN TESTS", f"{name}-tests")
    for one in found:
        config = f'""" # BEGIN TEST CONFIG\nhidden: true\npoints: {points[one.name]:g}\n'
        test = _TEST.format(**one._asdict(), seed=seed)
        yield _code_cell(f'{config}""" # END TEST CONFIG\n{test}', f"{one.name}-points")
    yield _raw("# END TESTS", f"{name}-tested")
    yield _raw("# END QUESTION", f"{name}-end")


def _mark(cell: Any, begin: str, end: str) -> bool:
    """Put another grader's marks around a cell's solutions; True if there are any."""
    before = cell.source
    if cell.cell_type == "code":
        cell.source = marked(before, begin, end)
    return bool(cell.source != before)


def _code(book: Notebook) -> list[Any]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def _code_cell(source: str, identity: str) -> Any:
    return nbformat.v4.new_code_cell(source, id=_identity(identity))


def _raw(source: str, identity: str) -> Any:
    return nbformat.v4.new_raw_cell(source, id=_identity(identity))


def _identity(text: str) -> str:
    """An id that nbformat takes: few characters, and at most 64 of them."""
    return re.sub(r"[^\w-]", "-", text)[-64:]
