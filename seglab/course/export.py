"""A notebook for other graders: nbgrader's source version, and the master of `otter assign`.

Both call check() with a seed that students have not seen. What they shield is their affair: they
run check() in the submission's own process, unlike `seglab grade`.
"""

import ast
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from secrets import randbits
from typing import Any, NamedTuple

import nbformat

from seglab.course import copies, groups, notebooks, worth

Notebook = Any  # nbformat.NotebookNode, which has no types
Cells = Iterator[Any]

_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
_BEGIN = re.compile(r"^([ \t]*)#+[ \t]*solution[ \t]*[:.]?[ \t]*$", re.IGNORECASE | re.MULTILINE)
_END = re.compile(
    r"^([ \t]*)#+[ \t]*end[ \t]+(?:of[ \t]+)?solution[ \t]*[:.]?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
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
    try:
        tree = ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1]
    calls = [call for call in calls if getattr(call.func, "id", "") == "check"]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    return [Checked(_name(c), ast.unparse(c.args[0]), ast.unparse(c.args[1])) for c in calls]


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
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    folder = out / "source" / path.stem if to == "nbgrader" else out / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / path.name]
    notebooks.write(written[0], made)
    for name in copies.beside(path, book):
        copies.put(folder / name, (path.parent / name).read_bytes())
        written.append(folder / name)
    return written


def left_out(book: Notebook) -> list[str]:
    """Questions whose answers count, which other graders cannot take."""
    names = {one.name for cell in _code(book) for one in checked(cell.source)}
    return [name for name in worth.points(book) if name not in names]


def nbgrader(book: Notebook, seed: int) -> Notebook:
    """The source version of a notebook for nbgrader: solutions to clear, and hidden tests."""
    return _exported(book, lambda cell, points: _nbgrader_cells(cell, points, seed))


def otter(book: Notebook, seed: int) -> Notebook:
    """The master of a notebook for `otter assign`: questions with solutions and hidden tests."""
    made = _exported(book, lambda cell, points: _otter_cells(cell, points, seed))
    made.cells.insert(0, _raw(_OTTER, "otter-config"))
    return made


GRADERS: dict[str, Callable[[Notebook, int], Notebook]] = {"nbgrader": nbgrader, "otter": otter}


def _exported(book: Notebook, cells: Callable[[Any, dict[str, float]], Cells]) -> Notebook:
    points = worth.points(book)
    if not any(checked(cell.source) for cell in _code(book)):
        raise ValueError("there is no check() in it; there is nothing to grade")
    made = notebooks.cleaned(deepcopy(book))
    groups.choose(made, None)
    made.cells = [new for cell in made.cells for new in cells(cell, points)]
    for cell in _code(made):
        cell.outputs, cell.execution_count = [], None
    return made


def _nbgrader_cells(cell: Any, points: dict[str, float], seed: int) -> Cells:
    source, solved = _marked(cell, "### BEGIN SOLUTION", "### END SOLUTION")
    if solved:
        cell.metadata["nbgrader"] = _nbgrader(cell.id, solution=True)
    cell.source = source
    yield cell
    for one in checked(source) if cell.cell_type == "code" else ():
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


def _otter_cells(cell: Any, points: dict[str, float], seed: int) -> Cells:
    source, _ = _marked(cell, "# BEGIN SOLUTION", "# END SOLUTION")
    cell.source = source
    found = checked(source) if cell.cell_type == "code" else []
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


def _marked(cell: Any, begin: str, end: str) -> tuple[str, bool]:
    """A cell's source with another grader's marks around solutions, and whether it has any."""
    if cell.cell_type != "code":
        return cell.source, False
    source, count = _BEGIN.subn(rf"\1{begin}", cell.source)
    return _END.sub(rf"\1{end}", source), count > 0


def _code(book: Notebook) -> list[Any]:
    return [cell for cell in book.cells if cell.cell_type == "code"]


def _code_cell(source: str, identity: str) -> Any:
    return nbformat.v4.new_code_cell(source, id=_identity(identity))


def _raw(source: str, identity: str) -> Any:
    return nbformat.v4.new_raw_cell(source, id=_identity(identity))


def _identity(text: str) -> str:
    """An id that nbformat takes: few characters, and at most 64 of them."""
    return re.sub(r"[^\w-]", "-", text)[-64:]


def _name(call: ast.Call) -> str:
    exercise, function = call.args[:2]
    if isinstance(exercise, ast.Constant):
        return str(exercise.value)
    return function.id if isinstance(function, ast.Name) else ""
