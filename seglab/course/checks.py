"""Checks of a student's function: whether it does what is asked, and if not, why, in words.

The function is called with seeded random arguments, small ones first, and compared with the
reference and with the mistakes that students are known to make.
"""

import inspect
import operator
import os
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from time import monotonic
from typing import Any
from zlib import crc32

import numpy as np
from torch import Tensor

from seglab.course import brief, catalogue, crashes, trial, watch
from seglab.course.compare import difference
from seglab.course.declarations import Exercise
from seglab.course.results import Result, made

SECONDS = 5.0
LONGEST_CASE = 200  # characters
DRAWS = 20  # how often cases are drawn until every known mistake shows

if "ipykernel" in sys.modules:  # a notebook that takes check is going to use it
    trial.prepare()


@dataclass(frozen=True)
class _Outcome:
    """The outcome of one case: a value and changed arguments, or an exception."""

    value: Any = None
    changed: tuple[str, ...] = ()
    error: BaseException | None = None


def check(exercise: str | Exercise, function: Any, seed: int | None = None) -> Result:
    """Compare a function with what the exercise asks for; the answer is in words.

    exercise: the name of one of the course's, or an Exercise of your own.
    seed: of the random cases; 0, or what the environment variable SEGLAB_SEED says.
    Whatever the function does (returns nothing, raises, never ends), there is a Result and no
    exception. Raises ValueError, with near names, when there is no such exercise.
    """
    given, exercise = exercise, catalogue.exercise(exercise)
    trial.prepare()
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
    cases = cases_of(exercise, seed)
    start = monotonic()
    tried = trial.run(function, cases, SECONDS, crashes.file_of(function))
    if tried.late:
        return _too_long(exercise, cases[tried.done], tried.line)
    if tried.died:
        return _not_yet(exercise, _death(tried.died), seen_with(cases[tried.done]))
    left = SECONDS if tried.ended else max(SECONDS / 5, SECONDS - (monotonic() - start))
    outcomes: list[_Outcome] = []
    try:
        watch.call(lambda: _run(function, cases, outcomes), left)
    except watch.TookTooLong as late:
        line = crashes.line_of(function, late.frame)
        return _too_long(exercise, cases[len(outcomes)], line)
    return _judge(exercise, function, cases, outcomes)


def _too_long(exercise: Exercise, case: Mapping[str, Any], line: int | None) -> Result:
    return _not_yet(
        exercise,
        f"it did not end within {SECONDS:.0f} seconds{crashes.at(line)}; is there a loop that "
        f"never stops?",
        seen_with(case),
    )


def _death(signal: str) -> str:
    if signal == "SIGKILL":  # from the system, which needs the memory
        return "it asks for more memory than there is"
    return f"it ends Python itself ({signal}); in your notebook all variables would be lost"


def _spelled(given: str | Exercise) -> str:
    return repr(given) if isinstance(given, str) else "..."


def _judge(
    exercise: Exercise,
    function: Callable[..., Any],
    cases: list[Mapping[str, Any]],
    outcomes: list[_Outcome],
) -> Result:
    if _is_unwritten(outcomes[0], function):
        return _not_started(exercise)
    wrong = [
        (case, words)
        for case, outcome in zip(cases, outcomes, strict=True)
        if (words := _wrong(outcome, case, exercise, function)) is not None
    ]
    changed = ", ".join(next((names for outcome in outcomes if (names := outcome.changed)), ()))
    if not wrong:
        if not changed:
            return made(exercise.name, True, f"correct on {len(cases)} random cases.")
        return _not_yet(
            exercise,
            f"the values are right, but the function changes its own input ({changed}); leave it "
            f"as it was and return something new",
        )
    also = (f"It also changes its own input ({changed})",) if changed else ()
    known = _known_mistake(exercise, cases, outcomes)
    if known is not None:
        return _not_yet(exercise, known, *also)
    case, words = wrong[0]
    failing = "" if len(wrong) == len(cases) else f" ({len(wrong)} of {len(cases)} cases fail)"
    return _not_yet(exercise, words + failing, seen_with(case), *also)


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
    outcome: _Outcome, case: Mapping[str, Any], exercise: Exercise, function: Callable[..., Any]
) -> str | None:
    if outcome.error is not None:
        return crashes.in_words(outcome.error, function)
    return wrong_value(outcome.value, case, exercise)


def wrong_value(value: Any, case: Mapping[str, Any], exercise: Exercise) -> str | None:
    """A phrase on what is wrong with the value that a function returns for a case, or None."""
    if is_nothing(value):
        return "it returns nothing; does every way through it end with `return`?"
    want, *others = (
        right(**deepcopy(dict(case))) for right in (exercise.reference, *exercise.also)
    )
    return difference(value, want, exercise.reveal, others)


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


def cases_of(exercise: Exercise, seed: int | None = None) -> list[Mapping[str, Any]]:
    """The arguments that an exercise is tried with, the same on every run with the same seed.

    With a seed but 0, they are drawn again until every known mistake shows in one of them; the
    cases of seed 0 are known to do so.
    """
    seed = _seed(seed)
    for draw in range(DRAWS if seed else 1):
        random = np.random.default_rng((crc32(exercise.name.encode()), seed, draw))
        cases = [exercise.case(random, i) for i in range(exercise.cases)]
        asked = list(inspect.signature(exercise.reference).parameters)
        for i, case in enumerate(cases):
            given = list(case) if isinstance(case, Mapping) else type(case).__name__
            if given != asked:
                raise ValueError(
                    f"exercise {exercise.name!r}: case(random, {i}) gives {given}; "
                    f"give a mapping with the reference's arguments in their order, {asked}"
                )
        if not seed or all(
            _shows(mistake, exercise, cases) for mistake in exercise.mistakes.values()
        ):
            break
    return cases


def _shows(mistake: Callable[..., Any], exercise: Exercise, cases: list[Mapping[str, Any]]) -> bool:
    """True where one of the cases tells a mistake from what is right."""
    outcomes: list[_Outcome] = []
    _run(mistake, cases, outcomes)
    pairs = zip(outcomes, cases, strict=True)
    return any(one.changed or _wrong(one, case, exercise, mistake) for one, case in pairs)


def _seed(given: int | None) -> int:
    """The seed that was given, or that SEGLAB_SEED holds, or 0."""
    said = os.environ.get("SEGLAB_SEED") or "0" if given is None else given
    try:
        seed = operator.index(int(said) if isinstance(said, str) else said)
    except (ValueError, TypeError):
        seed = -1
    if seed < 0:
        name = "the environment variable SEGLAB_SEED" if given is None else "seed"
        raise ValueError(f"{name} is {said!r:.40}; give a whole number of at least 0")
    return seed


def is_nothing(value: Any) -> bool:
    """True for what a function returns that is not yet written."""
    return value is None or value is ... or value is NotImplemented


def _is_unwritten(outcome: _Outcome, function: Callable[..., Any]) -> bool:
    if outcome.error is not None:
        return crashes.is_unwritten(outcome.error, function)
    return is_nothing(outcome.value)


def _not_started(exercise: Exercise) -> Result:
    words = "not yet - it returns nothing so far. Write it, then run this cell again."
    return made(exercise.name, False, words, started=False)


def _not_yet(exercise: Exercise, *sentences: str) -> Result:
    words = " ".join(s if s[-1] in ".?!" else f"{s}." for s in sentences)
    return made(exercise.name, False, f"not yet - {words}")


def seen_with(case: Mapping[str, Any]) -> str:
    """A sentence on the case in which something shows."""
    return f"Seen with {brief.cut(brief.arguments(case), LONGEST_CASE)}"


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
