"""An IPython extension: in a notebook that becomes a deck, labs and questions come out as data.

They are met by name: the view and the course are rooms of the same floor.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from seglab.files import save
from seglab.lab import image_control
from seglab.page import NothingComputedError

LAB = "application/vnd.seglab.lab+json"
QUIZ = "application/vnd.seglab.quiz+json"


def load_ipython_extension(shell: Any) -> None:
    """Show labs and questions as data: IPython calls it for this module's `--ext`."""
    register(shell, lab)


def register(shell: Any, make: Callable[[Any], dict[str, Any]]) -> None:
    """Show live labs by what `make` makes of them, and questions as data."""
    bundles = shell.display_formatter.mimebundle_formatter
    bundles.for_type_by_name("seglab.live.lab", "LiveLab", make)
    bundles.for_type_by_name("seglab.course.quizzes", "Quiz", quiz)


def lab(live: Any, walked: bool = False, computing: bool = False) -> dict[str, Any]:
    """A live lab as the page that save() makes of it, or as the sentence that says why not.

    walked: whether a clicker walks the lab's tour. computing: whether the page computes, where the
    lab looks at a picture and any of its panes can be compiled.
    """
    walked = walked and bool(live.lab.tour)
    computing = computing and bool(image_control(live.lab))
    try:
        page = _page(live, walked, computing)
    except ValueError as error:
        return {LAB: {"title": live.lab.title, "problem": str(error)}}
    tour = [{"say": step.say, "then": step.then} for step in live.lab.tour]
    return {LAB: {"title": live.lab.title, "page": page, "tour": tour}}


def _page(live: Any, walked: bool, computing: bool) -> str:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "lab.html"
        write = partial(save, live, file, progress=lambda done, total: None, tour=walked)
        try:
            write(live=computing)
        except NothingComputedError:
            write()
        return file.read_text(encoding="utf-8")


def quiz(asked: Any) -> dict[str, Any]:
    """A question: its text, and its options with why each is right or wrong."""
    question = asked.question
    options = [
        {"text": option.text, "right": option.right, "feedback": option.feedback}
        for option in question.options
    ]
    return {QUIZ: {"text": question.text, "options": options}}
