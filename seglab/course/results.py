"""Results of checks and answered questions, and the file in which they are recorded when asked.

The file holds one line of JSON for each attempt: name, passed, points, attempts, reason. Nothing
in it is about a person, and nothing goes to a network.
"""

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from seglab._files import refusal
from seglab.course import worth

VARIABLE = "SEGLAB_RESULTS"  # the file to record to, where record() was not called

_GREEN, _ORANGE, _GREY = "#1a7f64", "#b85c00", "#767676"


@dataclass(frozen=True)
class Result:
    """The answer to a check or to a question that was answered.

    Its text, name and reason, is the same every time. points: what it earns, 0 until it has passed.
    attempts: how often something was handed in under this name, this time included.
    started: whether there was anything to judge.
    """

    name: str
    passed: bool
    points: float = 0.0
    attempts: int = 0
    reason: str = ""
    started: bool = True

    def __repr__(self) -> str:
        return f"{self.name}: {self.reason}"

    def _repr_html_(self) -> str:
        mark, colour = ("✓", _GREEN) if self.passed else ("…", _ORANGE if self.started else _GREY)
        return (
            f'<div role="status" style="border-left: 4px solid {colour}; padding: 4px 12px">'
            f'<span aria-hidden="true" style="color: {colour}; font-weight: bold">{mark}</span> '
            f"<code>{escape(self.name)}</code>: {escape(self.reason)}</div>"
        )


class _Record:
    """The results of this process: attempts by name, and where they are written."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.notebook: Path | None = None
        self.attempts: Counter[str] = Counter()
        self.refused: set[str] = set()

    def file(self) -> Path | None:
        """The file to record to, or None."""
        named = os.environ.get(VARIABLE)
        return self.path or (Path(named).expanduser() if named else None)

    def worth(self, name: str) -> float:
        """Points of a name in the notebook, where that can be read; else 1."""
        notebook = self.notebook or Path(os.environ.get("JPY_SESSION_NAME", ""))
        if notebook.suffix != ".ipynb":
            return 1.0
        try:
            return worth.points(json.loads(notebook.read_text(encoding="utf-8"))).get(name, 1.0)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return 1.0  # half saved, or wrong points, which `seglab check` says to the instructor

    def write(self, result: Result) -> None:
        """Append a result to the file, or say once why that is not possible."""
        if (path := self.file()) is None:
            return
        kept = {k: v for k, v in vars(result).items() if k != "started"}
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(kept) + "\n")
        except OSError as error:
            self.say(f"Results are not recorded: {refusal(error)}.")

    def say(self, sentence: str) -> None:
        """Print a sentence, once."""
        if sentence not in self.refused:
            self.refused.add(sentence)
            print(sentence, file=sys.stderr)


_record = _Record()


def record(
    path: str | os.PathLike[str] | None, notebook: str | os.PathLike[str] | None = None
) -> None:
    """Append each attempt, from now on, to a file of JSON lines; None ends that.

    notebook: where the points are declared (see seglab.course.points); in Jupyter, the notebook
    that is open. The environment variable SEGLAB_RESULTS names the file where nothing else does.
    Attempts are counted on from what the file holds.
    """
    _record.path = None if path is None else Path(path).expanduser().absolute()
    _record.notebook = None if notebook is None else Path(notebook).absolute()
    _record.attempts = Counter(one["name"] for one in _lines(_record.path) if one.get("attempts"))


def made(name: str, passed: bool, reason: str, started: bool = True) -> Result:
    """Make the result of an attempt, count it, and record it where that was asked."""
    if started:
        _record.attempts[name] += 1
    points = _record.worth(name) if passed else 0.0
    result = Result(name, passed, points, _record.attempts[name], reason, started)
    _record.write(result)
    return result


def _lines(path: Path | None) -> list[dict[str, Any]]:
    """The results that a file holds; what is no result is left out."""
    try:
        text = "" if path is None else path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            one = json.loads(line)
        except ValueError:
            continue
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            found.append(one)
    return found
