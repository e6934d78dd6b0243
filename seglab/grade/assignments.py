"""Assignments: what is asked in the instructor's notebook, and what it is worth.

All of it comes from the instructor's notebook and modules. What a student's copy says of exercises
and points is not looked at.
"""

import importlib.util
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seglab.course import catalogue, copies, export, notebooks, tells, worth
from seglab.course.declarations import Exercise, Question


@dataclass(frozen=True)
class Task:
    """One exercise or question: what is asked, its points, and the function's name."""

    asked: Exercise | Question
    points: float
    function: str = ""

    @property
    def name(self) -> str:
        """The name of the exercise or question."""
        return self.asked.name


@dataclass(frozen=True)
class Assignment:
    """A notebook to be graded.

    cells: the ids of its cells. files: name -> file beside it that students need. withheld:
    module -> names of exercises in it, by variable or by the function that makes one.
    """

    stem: str
    tasks: tuple[Task, ...]
    cells: frozenset[str] = frozenset()
    files: Mapping[str, Path] = field(default_factory=dict)
    withheld: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """All points that can be had."""
        return sum(task.points for task in self.tasks)


def read(path: Path) -> Assignment:
    """The assignment that a notebook holds; ValueError where it asks nothing."""
    book = notebooks.read(path)
    modules = _modules(path, book)
    own = _own(modules)
    there = {**catalogue.exercises(), **catalogue.questions(), **own}
    makers: dict[str, str] = {}
    for told in tells.of(book, path).values():
        there |= {exercise.name: exercise for exercise in told.exercises}
        there |= {question.name: question for question in told.questions}
        makers |= told.makers
    tasks = []
    functions = _functions(book)
    for name, points in worth.points(book).items():
        function = functions.get(name, name)
        asked = there.get(name)
        if asked is None:
            raise ValueError(f"{path}: there is no exercise or question {name!r} to grade with")
        tasks.append(Task(asked, points, function))
    if not tasks:
        raise ValueError(f"{path} checks nothing; give a notebook with check() or quiz()")
    withheld = {
        module: names for module, loaded in modules.items() if (names := _names(loaded, makers))
    }
    beside = {name: path.parent / name for name in copies.beside(path, book)}
    files = {name: file for name, file in beside.items() if _goes_along(file, withheld)}
    ids = frozenset(str(cell.id) for cell in book.cells if cell.cell_type == "code")
    return Assignment(path.stem, tuple(tasks), ids, files, withheld)


def belongs(path: Path, cells: Sequence[Mapping[str, Any]], to: Iterable[Assignment]) -> str:
    """The assignment that a notebook is a copy of, by its name or its cells; empty for none."""
    known = list(to)
    if len(known) == 1:
        return known[0].stem
    for one in known:
        if one.stem in path.stem:
            return one.stem
    ids = [cell["id"] for cell in cells if cell["id"]]
    shared = {one.stem: sum(i in one.cells for i in ids) / max(1, len(one.cells)) for one in known}
    stem, share = max(shared.items(), key=lambda item: item[1], default=("", 0.0))
    return stem if share > 0.5 else ""


def _functions(book: Any) -> dict[str, str]:
    """The function that is checked, by the name of its exercise."""
    cells = [cell.source for cell in book.cells if cell.cell_type == "code"]
    return {one.name: one.function for source in cells for one in export.checked(source)}


def _modules(path: Path, book: Any) -> dict[str, Any]:
    """The instructor's modules beside the notebook that declare exercises."""
    loaded = {}
    for file in (path.parent / name for name in copies.beside(path, book)):
        if file.suffix != ".py":
            continue
        if re.search(r"\b(Exercise|Question)\(", file.read_text(encoding="utf-8")):
            loaded[file.stem] = _load(file)
    return loaded


def _goes_along(file: Path, withheld: Mapping[str, Any]) -> bool:
    """True for a file of the instructor's that holds no answer; one to be filled in is theirs."""
    if file.suffix != ".py":
        return True
    return copies.stripped(file) == file.read_bytes() and file.stem not in withheld


def _load(file: Path) -> Any:
    """A module from its file, whatever is on sys.path."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(file.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(file.parent))
    return module


def _names(module: Any, makers: Mapping[str, str]) -> dict[str, str]:
    """Names of a module's exercises and questions, by variable or by the function that makes it."""
    parts = vars(module).items()
    declared = {k: v.name for k, v in parts if isinstance(v, Exercise | Question)}
    return declared | {k: makers[k] for k, _ in parts if k in makers}


def _own(modules: Mapping[str, Any]) -> dict[str, Exercise | Question]:
    """Own exercises and questions by the name of their declaration."""
    parts = [part for module in modules.values() for part in vars(module).values()]
    return {part.name: part for part in parts if isinstance(part, Exercise | Question)}
