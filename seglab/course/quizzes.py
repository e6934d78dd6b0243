"""Questions with their options; opening an option tells what speaks for it.

Plain HTML without a script or a kernel: it works in an untrusted notebook, on GitHub and on an
offline slide. The feedback is part of the stored page, which is fine for a question that asks for
a guess and is not graded; the text that nbval compares holds question and options only.
"""

from html import escape
from string import ascii_lowercase

from seglab.course import catalogue
from seglab.course.declarations import Option, Question

_GREEN, _ORANGE = "#1a7f64", "#b85c00"


class Quiz:
    """A question on the screen: its text is the question, its HTML can be opened and read."""

    def __init__(self, question: Question) -> None:
        self.question = question

    def __repr__(self) -> str:
        lines = [f"{self.question.heading}: {self.question.text}"]
        for letter, option in zip(ascii_lowercase, self.question.options, strict=False):
            lines.append(f"  {letter}) {option.text}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heading = self.question.heading
        options = "".join(map(self._option, ascii_lowercase, self.question.options))
        return (
            f'<section aria-label="{heading}" style="max-width: 44em; padding: 4px 12px; '
            'border-left: 4px solid #767676">'
            f'<p style="margin: 4px 0 8px"><strong>{heading}.</strong> '
            f"{escape(self.question.text)}</p>{options}</section>"
        )

    def _option(self, letter: str, option: Option) -> str:
        verdict, colour = ("Yes.", _GREEN) if option.right else ("Not quite.", _ORANGE)
        # A shared name closes one option when the next is opened, where browsers know it.
        return (
            f'<details name="{escape(self.question.name)}" style="margin: 4px 0">'
            f'<summary style="cursor: pointer">{letter}) {escape(option.text)}</summary>'
            f'<p style="margin: 4px 0 8px 16px; padding: 0 12px; border-left: 3px solid {colour}">'
            f"<strong>{verdict}</strong> {escape(option.feedback)}</p>"
            "</details>"
        )


def quiz(question: str | Question) -> Quiz:
    """The question of this name, such as quiz("08-how-many-passes"), or one of your own.

    Raises ValueError, with near names, when there is no such question.
    """
    return Quiz(catalogue.question(question))
