"""Marks: what a submission's functions returned, compared with the references, here.

No code of a submission runs in this process.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from seglab.course import brief, checks, quizzes
from seglab.course.compare import difference
from seglab.course.declarations import Exercise, Question
from seglab.grade.assignments import Task
from seglab.grade.runs import Outcome, Ran
from seglab.grade.wire import Foreign

Cases = Sequence[Mapping[str, Any]]
_NOTHING = "nothing was handed in for it"


@dataclass(frozen=True)
class Mark:
    """One exercise or question: whether it was right, the points it is worth, and the reason.

    Parts of the reason can come from the submission's process, so nothing is read out of it.
    """

    name: str
    passed: bool
    of: float
    reason: str

    @property
    def points(self) -> float:
        """The points that it has earned."""
        return self.of if self.passed else 0


def of(task: Task, cases: Cases, ran: Ran) -> Mark:
    """The mark of one exercise or question."""
    asked = task.asked
    if isinstance(asked, Question):
        passed, reason = _choice(asked, ran)
    else:
        why_not = _function(asked, cases, ran)
        passed = why_not is None
        reason = f"correct on {len(cases)} random cases" if why_not is None else why_not
    return Mark(task.name, passed, task.points, reason)


def none(task: Task, why: str) -> Mark:
    """The mark where there is nothing to mark."""
    return Mark(task.name, False, task.points, why)


def _choice(question: Question, ran: Ran) -> tuple[bool, str]:
    answer = ran.choices.get(question.name, "").strip()
    if not answer:
        return False, _NOTHING
    options = quizzes.lettered(question)
    if (letter := quizzes.letter_of(answer, options)) is None:
        return False, f"{brief.value(answer)} is none of the options"
    option = options[letter]
    return option.right, f"{'correct' if option.right else 'not right'}: {letter}) {option.text}"


def _function(exercise: Exercise, cases: Cases, ran: Ran) -> str | None:
    """The reason why a function earns nothing; None where it is right."""
    outcomes = ran.answers.get(exercise.name, [])
    if exercise.name in ran.missing:
        return _NOTHING
    if (why := ran.stopped.get(exercise.name)) is not None:
        return f"{why}{_seen_with(cases, len(outcomes))}"
    if len(outcomes) < len(cases):
        return "it was not reached"
    if _is_unwritten(outcomes[0]):
        return _NOTHING
    wrong = [
        (place, words)
        for place, outcome in enumerate(outcomes)
        if (words := _wrong(outcome, cases[place], exercise)) is not None
    ]
    if wrong:
        return _why(exercise, cases, outcomes, wrong)
    changed = next((outcome.changed for outcome in outcomes if outcome.changed), ())
    if changed:
        return f"the values are right, but it changes its own input ({', '.join(changed)})"
    return None


def _why(
    exercise: Exercise, cases: Cases, outcomes: Sequence[Outcome], wrong: list[tuple[int, str]]
) -> str:
    place, words = wrong[0]
    for said, mistake in exercise.mistakes.items():
        if all(map(_same, outcomes, (made(mistake, case) for case in cases))):
            return said
    some = "" if len(wrong) == len(cases) else f" ({len(wrong)} of {len(cases)} cases fail)"
    return f"{words}{some}{_seen_with(cases, place)}"


def _wrong(outcome: Outcome, case: Mapping[str, Any], exercise: Exercise) -> str | None:
    if outcome.error is not None:
        return outcome.error[1]
    if isinstance(outcome.value, Foreign):
        return f"it returns a {type(outcome.value).__name__}"
    return checks.wrong_value(outcome.value, case, exercise)


def made(function: Any, case: Mapping[str, Any]) -> Outcome:
    """Outcome of a function of ours for a case: what it returns, or the error that it raises."""
    try:
        return Outcome(function(*deepcopy(dict(case)).values()))
    except Exception as error:
        return Outcome(error=(type(error).__name__, "", False))


def _same(theirs: Outcome, ours: Outcome) -> bool:
    if ours.error is not None or theirs.error is not None:
        names = [None if each.error is None else each.error[0] for each in (ours, theirs)]
        return names[0] == names[1]
    return difference(theirs.value, ours.value) is None


def _is_unwritten(outcome: Outcome) -> bool:
    return outcome.error[2] if outcome.error is not None else checks.is_nothing(outcome.value)


def _seen_with(cases: Cases, place: int) -> str:
    if place >= len(cases):
        return ""
    return f". {checks.seen_with(cases[place])}"
