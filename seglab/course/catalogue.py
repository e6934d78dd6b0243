"""Finds an exercise or a question by name in the modules of seglab.course.exercises."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

from seglab.course import exercises as home
from seglab.course.declarations import Exercise, Question

Declared = TypeVar("Declared", Exercise, Question)


@cache
def exercises() -> dict[str, Exercise]:
    """All exercises by name, in course order; ValueError when a name is used twice."""
    return _by_name(e for module in _modules() for e in getattr(module, "EXERCISES", ()))


@cache
def questions() -> dict[str, Question]:
    """All predict questions by name, in course order; ValueError when a name is used twice."""
    return _by_name(q for module in _modules() for q in getattr(module, "QUESTIONS", ()))


def exercise(name: str) -> Exercise:
    """The exercise of this name; ValueError with near names when there is none."""
    return _named("exercise", name, exercises())


def question(name: str) -> Question:
    """The question of this name; ValueError with near names when there is none."""
    return _named("question", name, questions())


def _modules() -> Iterator[ModuleType]:
    for name in sorted(info.name for info in iter_modules(home.__path__)):
        yield import_module(f"{home.__name__}.{name}")


def _by_name(declared: Iterator[Declared]) -> dict[str, Declared]:
    found: dict[str, Declared] = {}
    for one in declared:
        if one.name in found:
            raise ValueError(f"the name {one.name!r} is used twice; rename one of them")
        found[one.name] = one
    return found


def _named(kind: str, name: str, there: dict[str, Declared]) -> Declared:
    if name in there:
        return there[name]
    close = get_close_matches(str(name), there, n=3, cutoff=0.4)
    hint = (
        f"did you mean {' or '.join(map(repr, close))}?"
        if close
        else f"there are {', '.join(there)}"
    )
    raise ValueError(f"there is no {kind} {name!r}; {hint}")
