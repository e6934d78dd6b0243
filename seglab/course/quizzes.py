"""Questions with their options; opening an option tells what speaks for it.

Plain HTML without a script or a kernel: it works in an untrusted notebook, on GitHub and on an
offline slide. The feedback is part of the stored page, which is fine for a question that asks for
a guess and is not graded; the text that nbval compares holds question and options only. Where the
answer counts, the student gives it to quiz(), and the question is declared with reveal=False.
"""

from html import escape
from string import ascii_lowercase
from typing import Any

from seglab.course import catalogue
from seglab.course.declarations import Option, Question
from seglab.course.results import Result, made

_GREEN, _ORANGE = "#1a7f64", "#b85c00"


class Quiz:
    """A question on the screen: its text is the question, its HTML can be opened and read.

    result: what the answer is worth, where one was given.
    """

    def __init__(self, question: Question, result: Result | None = None) -> None:
        self.question = question
        self.result = result

    def __repr__(self) -> str:
        lines = [f"{self.question.heading}: {self.question.text}"]
        for letter, option in lettered(self.question).items():
            lines.append(f"  {letter}) {option.text}")
        return "\n".join([*lines, *([] if self.result is None else [self.result.reason])])

    def _repr_html_(self) -> str:
        heading = self.question.heading
        options = "".join(map(self._option, ascii_lowercase, self.question.options))
        return (
            f'<section aria-label="{heading}" style="max-width: 44em; padding: 4px 12px; '
            'border-left: 4px solid #767676">'
            f'<p style="margin: 4px 0 8px"><strong>{heading}.</strong> '
            f"{escape(self.question.text)}</p>{options}{self._answered()}</section>"
        )

    def _answered(self) -> str:
        if self.result is None:
            return ""
        if self.question.reveal:
            return self.result._repr_html_()
        return f'<p role="status" style="margin: 4px 0">{escape(self.result.reason)}</p>'

    def _option(self, letter: str, option: Option) -> str:
        if not self.question.reveal:
            return f'<p style="margin: 4px 0">{letter}) {escape(option.text)}</p>'
        verdict, colour = ("Yes.", _GREEN) if option.right else ("Not quite.", _ORANGE)
        # A shared name closes one option when the next is opened, where browsers know it.
        return (
            f'<details name="{escape(self.question.name)}" style="margin: 4px 0">'
            f'<summary style="cursor: pointer">{letter}) {escape(option.text)}</summary>'
            f'<p style="margin: 4px 0 8px 16px; padding: 0 12px; border-left: 3px solid {colour}">'
            f"<strong>{verdict}</strong> {escape(option.feedback)}</p>"
            "</details>"
        )


def quiz(question: str | Question, answer: Any = None) -> Quiz:
    """The question of this name, such as quiz("08-how-many-passes"), or one of your own.

    answer: the letter or the text of an option, where the answer counts; "" until there is one.
    Raises ValueError, with near names, when there is no such question.
    """
    found = catalogue.question(question)
    return Quiz(found, None if answer is None else _judged(found, answer))


def _judged(question: Question, answer: Any) -> Result:
    options = lettered(question)
    if answer is ... or not str(answer).strip():
        words = 'not yet - give the letter of your answer, such as quiz(..., "a").'
        return made(question.name, False, words, started=False)
    letter = letter_of(str(answer), options)
    if letter is None:
        words = f"not yet - {str(answer)!r:.40} is none of the options; give {_letters(options)}."
        return made(question.name, False, words, started=False)
    option = options[letter]
    if not question.reveal:
        return made(question.name, option.right, f"Your answer is {letter}).")
    verdict = "is right." if option.right else "is not right."
    return made(question.name, option.right, f"{letter}) {verdict} {option.feedback}")


def lettered(question: Question) -> dict[str, Option]:
    """The options of a question by their letters."""
    return dict(zip(ascii_lowercase, question.options, strict=False))


def letter_of(answer: str, options: dict[str, Option]) -> str | None:
    """The letter of the option that is meant, by its text or by its letter."""
    answer = answer.strip()
    by_text = {option.text.strip(): letter for letter, option in options.items()}
    letter = answer.rstrip(").").lower()
    return by_text.get(answer) or (letter if letter in options else None)


def _letters(options: dict[str, Option]) -> str:
    *first, last = options
    return f"{', '.join(first)} or {last}" if first else last
