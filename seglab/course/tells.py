"""Declarations behind a notebook's cells: the questions, exercises and labs that they show.

They are found by name, in the course or in the modules that the notebook imports; nothing of the
notebook itself is run. What a cell declares for itself is not found.
"""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any

from seglab.course import calls, catalogue
from seglab.course.declarations import Exercise, Question
from seglab.course.groups import literals
from seglab.course.notebooks import Notebook
from seglab.lab import Lab


@dataclass
class Told:
    """Declarations of one cell, in the order of its calls.

    makers: the name of an exercise or question by the function that the cell has make it.
    """

    questions: list[Question] = field(default_factory=list)
    exercises: list[Exercise] = field(default_factory=list)
    labs: list[Lab] = field(default_factory=list)
    makers: dict[str, str] = field(default_factory=dict)


def of(notebook: Notebook, path: Path) -> dict[str, Told]:
    """The declarations of each code cell by the cell's id; cells without any are left out."""
    names: dict[str, Any] = {}
    found: dict[str, Told] = {}
    with _importing_from(path.resolve().parent):
        for cell in notebook.cells:
            if cell.cell_type != "code" or (tree := calls.tree_of(cell.source)) is None:
                continue
            names |= literals(cell.source) | dict(_imported(tree))
            told = Told()
            for call in calls.of(tree):
                what = _value(call.what, names)
                _add(told, call.called, what)
                if isinstance(call.what, ast.Call) and isinstance(what, Exercise | Question):
                    told.makers[_value(call.what.func, names).__name__] = what.name
            if told != Told():
                found[cell.id] = told
    return found


def _add(told: Told, called: str, what: Any) -> None:
    if called == "quiz" and isinstance(what := _course(catalogue.questions(), what), Question):
        told.questions.append(what)
    elif called == "check" and isinstance(what := _course(catalogue.exercises(), what), Exercise):
        told.exercises.append(what)
    elif called == "show" and isinstance(what, Lab) and what not in told.labs:
        told.labs.append(what)


def _course(there: dict[str, Any], what: Any) -> Any:
    return there.get(what) if isinstance(what, str) else what


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """A text, an imported object, an attribute of one, or what one gives for plain arguments."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_value(node.value, names), node.attr, None)
    if isinstance(node, ast.Call) and isinstance(make := _value(node.func, names), FunctionType):
        return _made(make, node, names)
    return None


def _made(make: FunctionType, call: ast.Call, names: dict[str, Any]) -> Any:
    """An object that an imported function makes of values that are written out."""
    try:
        return make(
            *(_value(argument, names) for argument in call.args),
            **{word.arg: _value(word.value, names) for word in call.keywords if word.arg},
        )
    except Exception:  # a value that is not known here
        return None


def _imported(tree: ast.Module) -> Iterator[tuple[str, Any]]:
    """Names that a cell imports, with their objects; what cannot be imported is left out."""
    for node in ast.walk(tree):
        try:
            if isinstance(node, ast.ImportFrom) and node.module:
                module = import_module(node.module)
                for alias in node.names:
                    yield alias.asname or alias.name, getattr(module, alias.name, None)
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.asname or alias.name, import_module(alias.name)
        except Exception:  # whatever the module raises: its notebook does not run either
            continue


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """Import modules beside a notebook, and forget them again: another folder has its own."""
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and Path(file).resolve().is_relative_to(folder):
                del sys.modules[name]
