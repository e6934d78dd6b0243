"""Notebooks for assistants: with the solutions, and with what questions and tours are after."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import nbformat

from seglab.course import copies, groups, notebooks, quizzes, tells
from seglab.course.declarations import Exercise, Question
from seglab.course.notebooks import Notebook
from seglab.lab import Lab


def write(
    out: str | Path, paths: Iterable[str | Path] = (), group: str | None = None
) -> list[Path]:
    """Write notebooks (all labs by default) with solutions, outputs and explanations.

    group: the one whose constants they have; the outputs stay those of the source. With a notebook
    go its files, as they are. What is in the folder is replaced. Raises ValueError for the labs of
    an installed package, which hold no solutions.
    """
    out, paths = Path(out), list(paths)
    if not paths and notebooks.are_copies():
        raise ValueError("the installed labs hold no solutions; give the notebooks of the course")
    written = []
    for path in notebooks.find(paths):
        copies.need_another_folder(out, path)
        book = notebooks.read(path)
        try:
            groups.choose(book, group)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None
        for name in copies.beside(path, book):
            copies.put(out / name, (path.parent / name).read_bytes())
        copies.put(out / path.name, explained(book, path))
        written.append(out / path.name)
    return written


def explained(notebook: Notebook, path: Path) -> Notebook:
    """The notebook with a cell of text below each cell that asks, checks or shows a lab."""
    told = tells.of(notebook, path)
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if text := "\n\n".join(_texts(told.get(cell.id, tells.Told()))):
            cells.append(nbformat.v4.new_markdown_cell(text, id=f"{cell.id[:52]}-explained"))
            cells[-1].metadata.slideshow = {"slide_type": "notes"}
    notebook.cells = cells
    return notebook


def _texts(told: tells.Told) -> Iterator[str]:
    yield from map(question, told.questions)
    yield from map(tour, (lab for lab in told.labs if lab.tour))
    yield from map(mistakes, (one for one in told.exercises if one.mistakes))


def question(asked: Question) -> str:
    """A question's options, the right one and the wrong ones, with what speaks for each."""
    lines = ["**Answers**", ""]
    for letter, option in quizzes.lettered(asked).items():
        verdict = " **right**" if option.right else ""
        lines.append(f"- {letter}) {option.text}:{verdict} {option.feedback}")
    return "\n".join(lines)


def tour(lab: Lab) -> str:
    """The steps of a lab's tour, each with what is to be seen."""
    lines = ["**The tour**", ""]
    for number, step in enumerate(lab.tour, 1):
        say, then = (" ".join(text.split()) for text in (step.say, step.then))
        lines.append(f"{number}. {say}" + (f" *Seen:* {then}" if then else ""))
    return "\n".join(lines)


def mistakes(exercise: Exercise) -> str:
    """The known mistakes of an exercise."""
    lines = [f"**What goes wrong in `{exercise.name}`**", ""]
    return "\n".join([*lines, *(f"- {words}" for words in exercise.mistakes)])
