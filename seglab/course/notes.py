"""Instructors' notes: goals, time, what to ask and what goes wrong, out of the notebooks."""

import re
from collections.abc import Iterable
from pathlib import Path

from seglab.course import explained, notebooks, tells
from seglab.course.notebooks import Notebook

_TIME = re.compile(r"\bAbout (\d+) minutes\b[^.]*\.")
HEAD = """\
# Instructors' notes

One section for each notebook: its goals and its time as students read them, the questions with
what speaks for each answer, the steps of the tour with what is seen, and the mistakes that the
checks know. `seglab notes` makes this page out of the notebooks, so do not edit it.
"""


def write(out: str | Path, paths: Iterable[str | Path] = ()) -> Path:
    """Write the notes on notebooks (all labs by default) as one page of Markdown."""
    out = Path(out)
    out.write_text(page(paths), encoding="utf-8")
    return out


def page(paths: Iterable[str | Path] = ()) -> str:
    """The notes on notebooks as Markdown."""
    sections = []
    rows = ["| notebook | minutes | questions | exercises |", "|---|---|---|---|"]
    for path in notebooks.find(paths):
        book = notebooks.read(path)
        told = list(tells.of(book, path).values())
        asked = sum(len(one.questions) for one in told)
        written = ", ".join(f"`{exercise.name}`" for one in told for exercise in one.exercises)
        title, minutes = _title(book, path), time(book)
        rows.append(f"| {title} | {minutes or ''} | {asked} | {written} |")
        sections.append(_section(title, book, told))
    return "\n".join([HEAD, *rows, "", *sections])


def time(book: Notebook) -> int | None:
    """Minutes that a notebook's first cell says that it takes, or None."""
    found = _TIME.search(book.cells[0].source) if book.cells else None
    return int(found[1]) if found else None


def _section(title: str, book: Notebook, told: list[tells.Told]) -> str:
    goals = re.findall(r"^- (.+?)[;.]?$", book.cells[0].source, re.MULTILINE) if book.cells else []
    said = _TIME.search(book.cells[0].source) if book.cells else None
    parts = [f"## {title}"]
    if goals:
        parts.append("**Goals.** Afterwards students can " + "; ".join(goals) + ".")
    if said:
        parts.append(f"**Time.** {said[0]}")
    for one in told:
        for asked in one.questions:
            answers = explained.question(asked).partition("\n\n")[2]
            parts.append(f"**{asked.heading}.** {asked.text}\n\n{answers}")
        parts += [explained.tour(lab) for lab in one.labs if lab.tour]
        parts += [explained.mistakes(exercise) for exercise in one.exercises if exercise.mistakes]
    return "\n\n".join(parts) + "\n"


def _title(book: Notebook, path: Path) -> str:
    found = re.search(r"^# (.+)$", book.cells[0].source, re.MULTILINE) if book.cells else None
    return found[1].strip() if found else path.stem
