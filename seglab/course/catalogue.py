"""The exercises and questions by name, from the modules of seglab.course.exercises."""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

from seglab._text import suggestion
from seglab.course import exercises as home
from seglab.course.declarations import Exercise, Question

Declared = TypeVar("Declared", Exercise, Question)
Homes = dict[str, list[tuple[str, Declared]]]  # name -> (module, what it declares), once each


def exercises() -> dict[str, Exercise]:
    """All exercises by name, in course order; ValueError when a name is used twice."""
    return {name: _only("exercise", name, homes) for name, homes in _exercises().items()}


def questions() -> dict[str, Question]:
    """All questions by name, in course order; ValueError when a name is used twice."""
    return {name: _only("question", name, homes) for name, homes in _questions().items()}


def exercise(given: str | Exercise) -> Exercise:
    """The exercise of this name, or the exercise itself.

    Raises ValueError, with near names, when there is none, and when two modules declare it.
    """
    return given if isinstance(given, Exercise) else _named("exercise", given, _exercises())


def question(given: str | Question) -> Question:
    """The question of this name, or the question itself; raises as exercise() does."""
    return given if isinstance(given, Question) else _named("question", given, _questions())


@cache
def _exercises() -> Homes[Exercise]:
    return _by_name((m.__name__, e) for m in _modules() for e in getattr(m, "EXERCISES", ()))


@cache
def _questions() -> Homes[Question]:
    return _by_name((m.__name__, q) for m in _modules() for q in getattr(m, "QUESTIONS", ()))


def _modules() -> Iterator[ModuleType]:
    for name in sorted(info.name for info in iter_modules(home.__path__)):
        yield import_module(f"{home.__name__}.{name}")


def _by_name(declared: Iterable[tuple[str, Declared]]) -> Homes[Declared]:
    found: Homes[Declared] = {}
    for module, declaration in declared:
        found.setdefault(declaration.name, []).append((module, declaration))
    return found


def _only(kind: str, name: str, homes: list[tuple[str, Declared]]) -> Declared:
    """The one declaration of a name; a second one is refused where the name is asked for."""
    if len(homes) > 1:
        modules = " and in ".join(dict.fromkeys(module for module, _ in homes))
        raise ValueError(
            f"the {kind} {name!r} is declared {len(homes)} times, in {modules}; rename one of them"
        )
    return homes[0][1]


def _named(kind: str, name: object, there: Homes[Declared]) -> Declared:
    if not isinstance(name, str):
        raise ValueError(
            f"{name!r:.60} is a {type(name).__name__}; give the name of the {kind}, or the "
            f"{kind.capitalize()} itself (seglab.course.declarations)"
        )
    if name in there:
        return _only(kind, name, there[name])
    hint = suggestion(name, there).strip() or f"there are {', '.join(there)}"
    raise ValueError(
        f"there is no {kind} {name!r}; {hint} (of your own, give the {kind.capitalize()} itself)"
    )
