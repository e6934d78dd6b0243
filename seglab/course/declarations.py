"""Declarations of exercises and questions."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Exercise:
    """A function that the student writes.

    case(random, i): the arguments of case i by name, in the reference's order and growing with i,
        so that the first case that fails is also the smallest.
    reference: the right function; students never see it.
    mistakes: what to say -> the wrong function about which to say it. The words name the idea
        that went wrong, not the line that mends it.
    reveal: whether one expected value may be shown; not where a value alone is the answer.
    also: further right functions, where the task leaves a choice, such as between equal scores.
        Each value of an answer may be that of any of them.
    """

    name: str
    case: Callable[[np.random.Generator, int], Arguments]
    reference: Callable[..., Any]
    mistakes: Mapping[str, Callable[..., Any]]
    reveal: bool = True
    cases: int = 20
    also: tuple[Callable[..., Any], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no function where one is needed."""
        parts = {"case": self.case, "reference": self.reference}
        parts |= {f"mistakes[{words!r}]": mistake for words, mistake in self.mistakes.items()}
        parts |= {f"also[{place}]": other for place, other in enumerate(self.also)}
        for name, part in parts.items():
            if not callable(part):
                raise ValueError(
                    f"exercise {self.name!r}: {name} is a {type(part).__name__}; give a function"
                )


@dataclass(frozen=True)
class Option:
    """One answer to a question, with what is said to the student who chooses it."""

    text: str
    feedback: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question: answered before the widget is touched, or after the explanation.

    after: whether it comes after the explanation; it is then headed "Check yourself".
    reveal: whether the page tells about each option; not where the answer counts.
    """

    name: str
    text: str
    options: tuple[Option, ...]
    after: bool = False
    reveal: bool = True

    @property
    def heading(self) -> str:
        """Heading of the question: what the student does with it."""
        return "Check yourself" if self.after else "Predict"

    def __post_init__(self) -> None:
        """Refuse a question without exactly one right option."""
        right = sum(option.right for option in self.options)
        if right != 1:
            raise ValueError(
                f"question {self.name!r} has {right} right options; mark exactly one, right=True"
            )
