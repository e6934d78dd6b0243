"""Checks of a student's function: whether it does what is asked, and if not, why, in words.

The function is called with seeded random arguments, small ones first, and compared with the
reference and with the mistakes that students are known to make.
"""

import inspect
import re
import traceback
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from html import escape
from types import FrameType
from typing import Any
from zlib import crc32

import numpy as np
from torch import Tensor

from seglab.course import catalogue, watch
from seglab.course.compare import difference
from seglab.course.declarations import Exercise

SECONDS = 5.0

_GREEN, _ORANGE, _GREY = "#1a7f64", "#b85c00", "#767676"


@dataclass(frozen=True)
class Result:
    """The answer to a check. Its text is the same every time; `passed` is for grading."""

    name: str
    passed: bool
    words: str
    started: bool = True

    def __repr__(self) -> str:
        return f"{self.name}: {self.words}"

    def _repr_html_(self) -> str:
        mark, colour = ("✓", _GREEN) if self.passed else ("…", _ORANGE if self.started else _GREY)
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 4px 12px">'
            f'<span aria-hidden="true" style="color: {colour}; font-weight: bold">{mark}</span> '
            f"<code>{escape(self.name)}</code>: {escape(self.words)}</div>"
        )


@dataclass(frozen=True)
class _Outcome:
    """The outcome of one case: a value and changed arguments, or an exception."""

    value: Any = None
    changed: tuple[str, ...] = ()
    error: BaseException | None = None


def check(exercise: str | Exercise, function: Any) -> Result:
    """Compare a function with what the exercise asks for; the answer is in words.

    exercise: the name of one of the course's, or an Exercise of your own.
    Whatever the function does (returns nothing, raises, never ends), there is a Result and no
    exception. Raises ValueError, with near names, when there is no such exercise.
    """
    given, exercise = exercise, catalogue.exercise(exercise)
    if function is None or function is ...:
        return _not_started(exercise)
    if not callable(function):
        return _not_yet(
            exercise,
            f"check takes the function itself, not what it returns: "
            f"check({_spelled(given)}, {exercise.name})",
        )
    if (words := _wrong_arguments(exercise, function)) is not None:
        return _not_yet(exercise, words)
    cases = cases_of(exercise)
    outcomes: list[_Outcome] = []
    try:
        watch.call(lambda: _run(function, cases, outcomes), SECONDS)
    except watch.TookTooLong as late:
        where = _at(_line_of(function, late.frame))
        return _not_yet(
            exercise,
            f"for {_describe(cases[len(outcomes)])} it did not end within "
            f"{SECONDS:.0f} seconds{where}; is there a loop that never stops?",
        )
    return _judge(exercise, function, cases, outcomes)


def _spelled(given: str | Exercise) -> str:
    return repr(given) if isinstance(given, str) else "..."


def _judge(
    exercise: Exercise,
    function: Callable[..., Any],
    cases: list[Mapping[str, Any]],
    outcomes: list[_Outcome],
) -> Result:
    if _is_nothing(outcomes[0]):
        return _not_started(exercise)
    wanted = [exercise.reference(**deepcopy(dict(case))) for case in cases]
    wrong = [
        (case, outcome, words)
        for case, outcome, want in zip(cases, outcomes, wanted, strict=True)
        if (words := _wrong(outcome, want, exercise, function)) is not None
    ]
    changed = next((names for outcome in outcomes if (names := outcome.changed)), ())
    if not wrong:
        if not changed:
            return Result(exercise.name, True, f"correct on {len(cases)} random cases.")
        return _not_yet(
            exercise,
            f"the values are right, but the function changes its own input "
            f"({', '.join(changed)}); leave it as it was and return something new",
        )
    case, outcome, words = wrong[0]
    known = _known_mistake(exercise, cases, outcomes)
    if known is not None:
        words = known
    else:
        failing = "" if len(wrong) == len(cases) else f" ({len(wrong)} of {len(cases)} cases fail)"
        words = f"for {_describe(case)}, {words}{failing}"
    if changed and outcome.error is None:
        words += f". It also changes its own input ({', '.join(changed)})"
    return _not_yet(exercise, words)


def _run(
    function: Callable[..., Any], cases: list[Mapping[str, Any]], outcomes: list[_Outcome]
) -> None:
    for case in cases:
        given = deepcopy(dict(case))
        try:
            value = function(*given.values())
        except watch.STOPS:
            raise
        except BaseException as error:  # sys.exit() and the like must not end the notebook
            outcomes.append(_Outcome(error=error))
            continue
        changed = tuple(n for n, v in given.items() if difference(v, case[n]) is not None)
        # A copy, in case the function hands out the same object every time and goes on writing.
        outcomes.append(_Outcome(_kept(value), changed))


def _kept(value: Any) -> Any:
    if isinstance(value, Tensor):
        return value.detach().clone()
    return deepcopy(value) if isinstance(value, list | tuple | np.ndarray) else value


def _wrong(
    outcome: _Outcome, want: Any, exercise: Exercise, function: Callable[..., Any]
) -> str | None:
    if outcome.error is not None:
        return _crash(outcome.error, function)
    if _is_nothing(outcome):
        return "it returns nothing; does every way through it end with `return`?"
    return difference(outcome.value, want, exercise.reveal)


def _known_mistake(
    exercise: Exercise, cases: list[Mapping[str, Any]], outcomes: list[_Outcome]
) -> str | None:
    for words, mistake in exercise.mistakes.items():
        made: list[_Outcome] = []
        _run(mistake, cases, made)
        if all(_same(theirs, ours) for theirs, ours in zip(outcomes, made, strict=True)):
            return words
    return None


def _same(theirs: _Outcome, ours: _Outcome) -> bool:
    if ours.error is not None or theirs.error is not None:
        return type(ours.error) is type(theirs.error)
    return difference(theirs.value, ours.value) is None


def cases_of(exercise: Exercise) -> list[Mapping[str, Any]]:
    """The arguments that an exercise is tried with, the same on every run."""
    random = np.random.default_rng(crc32(exercise.name.encode()))
    cases = [exercise.case(random, i) for i in range(exercise.cases)]
    asked = list(inspect.signature(exercise.reference).parameters)
    for i, case in enumerate(cases):
        given = list(case) if isinstance(case, Mapping) else type(case).__name__
        if given != asked:
            raise ValueError(
                f"exercise {exercise.name!r}: case(random, {i}) gives {given}; "
                f"give a mapping with the reference's arguments in their order, {asked}"
            )
    return cases


def _is_nothing(outcome: _Outcome) -> bool:
    nothing = outcome.value is None or outcome.value is ... or outcome.value is NotImplemented
    return (outcome.error is None and nothing) or isinstance(outcome.error, NotImplementedError)


def _not_started(exercise: Exercise) -> Result:
    words = "not yet - it returns nothing so far. Write it, then run this cell again."
    return Result(exercise.name, False, words, started=False)


def _not_yet(exercise: Exercise, words: str) -> Result:
    return Result(exercise.name, False, f"not yet - {words}" + ("" if words[-1] in ".?!" else "."))


def _wrong_arguments(exercise: Exercise, function: Callable[..., Any]) -> str | None:
    asked = tuple(inspect.signature(exercise.reference).parameters)
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None  # some built-in functions do not tell; calling them will
    try:
        signature.bind(*asked)
    except TypeError:
        theirs = ", ".join(signature.parameters)
        return f"it takes ({theirs}); it should take ({', '.join(asked)})"
    return None


def _crash(error: BaseException, function: Callable[..., Any]) -> str:
    where = _at(_line_of_error(function, error))
    if isinstance(error, RecursionError):
        return f"it calls itself without end{where}"
    if isinstance(error, SystemExit):
        return f"it ends the program{where}: a function ends with `return`, not with exit"
    message = re.sub(r" at 0x[0-9a-fA-F]+", "", str(error).strip().partition("\n")[0])[:200]
    if isinstance(error, MemoryError) or ("memory" in message and "alloc" in message):
        return f"it asks for more memory than there is{where}"
    return f"it stops{where} with {type(error).__name__}" + (f": {message}" if message else "")


def _line_of_error(function: Callable[..., Any], error: BaseException) -> int | None:
    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if _is_in(function, frame)]
    return lines[-1] if lines else None


def _line_of(function: Callable[..., Any], frame: FrameType | None) -> int | None:
    while frame is not None and not _is_in(function, frame):
        frame = frame.f_back
    return None if frame is None else frame.f_lineno


def _is_in(function: Callable[..., Any], frame: FrameType) -> bool:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return code is not None and frame.f_code.co_filename == code.co_filename


def _at(line: int | None) -> str:
    return "" if line is None else f" at line {line}"


def _describe(case: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {_brief(value)}" for name, value in case.items())


def _brief(value: Any) -> str:
    if isinstance(value, Tensor):
        values = value.tolist() if value.numel() <= 12 else f"of shape {list(value.shape)}"
        return str(values)
    if isinstance(value, list) and value and isinstance(value[0], Tensor):
        shapes = {str(list(part.shape)) for part in value}
        kinds = shapes.pop() if len(shapes) == 1 else "different shapes"
        return f"{len(value)} maps of {'shape ' if kinds[0] == '[' else ''}{kinds}"
    return repr(value)
