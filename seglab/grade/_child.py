"""The process in which a submission runs: it runs the cells, then calls the functions.

It tells nothing but what the functions return; it holds no reference, no right value and no points.
What it says is not believed: only values are compared, elsewhere. What a submission does to this
process, it does to itself.
"""

import io
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, BinaryIO

HIDDEN = "seglab.course.exercises"  # the references


def main() -> None:
    """Take an order from stdin, and tell on stdout how it goes."""
    tell, order = _Teller(os.fdopen(os.dup(1), "wb")), sys.stdin.buffer.read()
    os.dup2(2, 1)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, 0)
    sys.stdin = io.TextIOWrapper(io.BytesIO())
    from seglab.grade import wire

    asked = wire.unpack(order)
    functions = _without_checks(asked["withheld"], tell)
    import torch

    torch.set_num_threads(1)
    namespace = run_cells(asked["cells"], asked["skipped"], tell)
    for exercise in asked["exercises"]:
        function = functions.get(exercise["name"])
        if function is None:
            function = namespace.get(exercise["function"])
        answer(exercise, function, tell)
    tell(end=True)


class _Teller:
    """A pipe for messages."""

    def __init__(self, pipe: BinaryIO) -> None:
        self._pipe = pipe

    def __call__(self, **message: Any) -> None:
        """Send a message."""
        from seglab.grade import wire

        try:
            data = wire.pack(message)
        except ValueError as error:
            data = wire.pack({**message, "value": None, "error": ["ValueError", str(error)]})
        self._pipe.write(len(data).to_bytes(8, "big") + data)
        self._pipe.flush()


class _NoReferences(MetaPathFinder, Loader):
    """A finder of no reference: their modules are refused, or have names only.

    Where a shield hides the files, this only says why.
    """

    def __init__(self, withheld: Mapping[str, Mapping[str, str]]) -> None:
        self._withheld = withheld

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        """Refuse the course's references; give an instructor's module without its content."""
        if name == HIDDEN or name.startswith(HIDDEN + "."):
            raise ModuleNotFoundError(f"{name} is not here while a submission is graded")
        return ModuleSpec(name, self) if name in self._withheld else None

    def exec_module(self, module: ModuleType) -> None:
        """Give a module the names of its exercises and questions."""
        for variable, name in self._withheld[module.__name__].items():
            setattr(module, variable, _Asked(name))


class _Asked:
    """The name of an exercise or question, or of the one that a function makes, and no more."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *given: Any, **named: Any) -> "_Asked":
        """The one that the function makes."""
        return self


def _without_checks(
    withheld: Mapping[str, Mapping[str, str]], tell: _Teller
) -> dict[str, Callable[..., Any]]:
    """Put modules in the place of check and quiz; the functions that check is given, by name."""
    given: dict[str, Callable[..., Any]] = {}

    def check(exercise: Any, function: Any = None, *more: Any, **options: Any) -> Any:
        name = exercise if isinstance(exercise, str) else getattr(exercise, "name", None)
        if isinstance(name, str) and callable(function):
            given[name] = function
        return _Noted()

    def quiz(question: Any, answer: Any = None, *more: Any, **options: Any) -> Any:
        name = question if isinstance(question, str) else getattr(question, "name", None)
        if isinstance(name, str) and answer is not None and answer is not ...:
            tell(question=name, answer=str(answer))
        return _Noted()

    import seglab.course

    for name, function in {"checks": check, "quizzes": quiz}.items():
        module = ModuleType(f"seglab.course.{name}")
        setattr(module, function.__name__, function)
        sys.modules[module.__name__] = module
        setattr(seglab.course, name, module)
    sys.meta_path.insert(0, _NoReferences(withheld))
    return given


class _Noted:
    """The answer of check and quiz here: nothing is told before everything is compared."""

    name, passed, points, attempts, words, reason, started = "", False, 0, 0, "noted", "", True

    def __repr__(self) -> str:
        return "noted"


def run_cells(cells: Sequence[str], skipped: Sequence[int], tell: _Teller) -> Mapping[str, Any]:
    """Run code cells from top to bottom, each one whatever came before; what they define."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    sys.path.insert(0, os.getcwd())
    settings = Config()
    settings.HistoryManager.enabled = False
    settings.InteractiveShell.colors = "NoColor"
    settings.InteractiveShell.banner1 = ""
    shell = InteractiveShell.instance(config=settings)
    for place, source in enumerate(cells):
        if place in skipped:
            continue
        tell(cell=place)
        done = shell.run_cell(source)
        error = done.error_before_exec or done.error_in_exec
        if error is not None:
            tell(cell=place, error=_said(error))
    return shell.user_ns


def answer(exercise: Mapping[str, Any], function: Any, tell: _Teller) -> None:
    """Call a function with each case, and tell what it returns."""
    name = exercise["name"]
    if not callable(function):
        tell(exercise=name, missing=True)
        return
    tell(exercise=name, missing=False)
    for place, case in enumerate(exercise["cases"]):
        tell(exercise=name, case=place, **_called(function, case))


def _called(function: Callable[..., Any], case: Mapping[str, Any]) -> dict[str, Any]:
    given = deepcopy(dict(case))
    try:
        value = function(*given.values())
        changed = [name for name, now in given.items() if _differs(now, case[name])]
    except BaseException as error:
        return {"value": None, "changed": [], "error": _in_words(function, error)}
    return {"value": value, "changed": changed, "error": None}


def _differs(now: Any, before: Any) -> bool:
    from seglab.course.compare import difference

    return difference(now, before) is not None


def _in_words(function: Callable[..., Any], error: BaseException) -> list[Any]:
    from seglab.course import crashes

    words = "it stops"
    with suppress(Exception):  # an exception of the submission's own may have no text
        words = crashes.in_words(error, function)
    unwritten = crashes.is_unwritten(error, function)
    return [type(error).__name__, words, unwritten]


def _said(error: BaseException) -> str:
    with suppress(Exception):
        return f"{type(error).__name__}: {error}"[:400]
    return type(error).__name__
