"""Notebooks as pages: executed, with their labs as files, without their solutions."""

import asyncio
import os
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from html import escape
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

import nbformat

from seglab.course import calls, copies, groups, notebooks, quizzes, tells
from seglab.course.solutions import without_solutions
from seglab.page import apart
from seglab.site import computing_formatters, display_formatters
from seglab.site.addresses import Addresses, buttons
from seglab.site.links import Places
from seglab.types import Progress

FOLDER = "labs"  # of the pages
ALONE = "alone"  # of the labs' own pages, and of their pictures
STATIC = "_static"  # of scripts and styles
DOWNLOADS = "downloads"

_CELL_TIMEOUT = 900  # seconds: a cell that shows a lab computes all its states


class Card(NamedTuple):
    """A lab of a page: its own page, its words, its pictures as (file, text alternative)."""

    file: str
    title: str
    summary: str
    pictures: list[tuple[str, str]]


class Page(NamedTuple):
    """A notebook as a page of the site."""

    stem: str
    title: str
    cards: list[Card]


def executed(
    paths: Sequence[Path], live: bool, workers: int | None, progress: Progress
) -> list[notebooks.Notebook]:
    """Run notebooks, some at once, each in a kernel whose labs come out as data.

    live: whether the labs' pages compute.
    """
    done = 0
    extension = (computing_formatters if live else display_formatters).__name__

    def run(path: Path) -> Any:
        nonlocal done
        book = notebooks.read(path)
        groups.choose(book, None)
        try:
            ready = notebooks.execute(book, path, extension, _CELL_TIMEOUT)
        finally:
            with suppress(RuntimeError):
                asyncio.get_event_loop().close()  # nbclient leaves one behind in each thread
        done += 1
        progress(done, len(paths))
        return notebooks.cleaned(ready)

    progress(0, len(paths))
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        waiting = [pool.submit(run, path) for path in paths]
        try:
            return [one.result() for one in waiting]
        finally:
            for one in waiting:  # what has not begun when one fails
                one.cancel()


def write(
    book: notebooks.Notebook, path: Path, source: Path, extra: Path, ways: Addresses, places: Places
) -> Page:
    """Write the page of an executed notebook, the files beside it, its labs and its download.

    source: the folder of Sphinx. extra: what goes into the site as it is.
    """
    folder = source / FOLDER
    for name in copies.beside(path, book):
        if not name.endswith(".py"):
            copies.put(folder / name, (path.parent / name).read_bytes())
    download = f"../{DOWNLOADS}/{_download(path, extra / DOWNLOADS)}"
    made = _Page(path, download, ways, extra / ALONE, source)
    told = tells.of(book, path)
    cells = [cell for one in book.cells for cell in made.cells(one, told)]
    for cell in cells:
        if cell.cell_type == "markdown":
            cell.source = places.settled(cell.source, path.parent, folder)
    book.cells = cells
    notebooks.write(folder / path.name, book)
    return Page(path.stem, made.title, made.cards)


def _download(path: Path, folder: Path) -> str:
    """The student's copy, packed where files go with it; its name."""
    handout = copies.handout(path)
    folder.mkdir(parents=True, exist_ok=True)
    if len(handout) == 1:
        notebooks.write(folder / path.name, handout[path.name])
        return path.name
    name = f"{path.stem}.zip"
    with ZipFile(folder / name, "w", ZIP_DEFLATED) as packed:
        for file, content in handout.items():
            bytes_ = content if isinstance(content, bytes) else nbformat.writes(content).encode()
            packed.writestr(file, bytes_)
    return name


class _Page:
    """Cells of a page, one after the other."""

    def __init__(
        self, path: Path, download: str, ways: Addresses, alone: Path, source: Path
    ) -> None:
        self.title = path.stem
        self.cards: list[Card] = []
        self._file, self._stem = path.name, path.stem
        self._row: Callable[[str], str] = lambda lead: buttons(self._file, download, ways, lead)
        self._alone, self._beside, self._static = alone, source / FOLDER, source / STATIC
        self._opened = False
        self._theirs: set[str] = set()  # names that stand for a student's own work

    def cells(self, cell: Any, told: dict[str, tells.Told]) -> Iterable[Any]:
        """Cells of the page for a cell of the notebook."""
        if cell.cell_type != "code":
            yield from self._text(cell)
            return
        outputs = [output for output in cell.outputs if "data" in output]
        shown = [output.data for output in outputs]
        asked = calls.answered(cell.source)
        if self._is_exercise(cell, asked):
            for question in told.get(cell.id, tells.Told()).questions:
                yield _raw(quizzes.Quiz(question)._repr_html_())
            yield self._bare(cell)
            if asked:
                yield _raw(self._row("Write it in your own copy:"))
            return
        frames = [data[display_formatters.LAB] for data in shown if display_formatters.LAB in data]
        quizzed = [data["text/html"] for data in shown if display_formatters.QUIZ in data]
        yield from (_raw(self._framed(lab)) for lab in frames)
        yield from map(_raw, quizzed)
        special = (display_formatters.LAB, display_formatters.QUIZ)
        cell.outputs = [
            output
            for output in cell.outputs
            if not any(kind in output.get("data", ()) for kind in special)
        ]
        if frames or quizzed:
            cell.metadata["tags"] = [*cell.metadata.get("tags", ()), "remove-input"]
        if cell.outputs or not (frames or quizzed):
            yield cell

    def _text(self, cell: Any) -> Iterable[Any]:
        for name, data in cell.pop("attachments", {}).items():
            _kind, content = next(iter(data.items()))
            file = f"{self._stem}-{name}"
            copies.put(self._beside / file, b64decode(content))
            cell.source = cell.source.replace(f"attachment:{name}", file)
        yield cell
        if not self._opened and cell.source.startswith("# "):
            self._opened = True
            self.title = cell.source.partition("\n")[0].removeprefix("# ").strip()
            yield _raw(self._row("Run this notebook:"))

    def _is_exercise(self, cell: Any, asked: list[calls.Call]) -> bool:
        """Tell whether a cell is a student's to write, or needs what a student has written."""
        bare = without_solutions(cell.source)
        tree = calls.tree_of(cell.source)
        own = bare != cell.source or bool(asked)
        if own or self._theirs & set(calls.names_in(tree)):
            self._theirs |= set(calls.functions_in(tree)) if own else set()
            return True
        return False

    def _bare(self, cell: Any) -> Any:
        cell.source = without_solutions(cell.source)
        cell.outputs = []
        return cell

    def _framed(self, lab: dict[str, Any]) -> str:
        """The frame of a lab, whose page is written beside."""
        if "problem" in lab:
            raise ValueError(f"{self._file}: {lab['title']} cannot be saved: {lab['problem']}")
        stem = self._stem if not self.cards else f"{self._stem}-{len(self.cards) + 1}"
        page, runtime = apart(lab["page"], f"../{STATIC}/")
        copies.put(self._alone / f"{stem}.html", page.encode())
        if runtime:
            copies.put(self._static / runtime[0], runtime[1].encode())
        drawn = []
        for number, (alt, data) in enumerate(lab["pictures"], 1):
            drawn.append((f"{stem}-{number}.png", alt))
            copies.put(self._alone / drawn[-1][0], b64decode(data))
        self.cards.append(Card(f"{stem}.html", lab["title"], lab["summary"], drawn))
        return frame(self.cards[-1], "../")


def frame(card: Card, way: str) -> str:
    """The frame of a lab, in HTML. way: from the page to the site's top folder."""
    title, to = escape(card.title), escape(f"{way}{ALONE}/{card.file}", quote=True)
    return (
        f'<div class="seglab-frame"><iframe src="{to}" title="Lab: {title}" loading="lazy" '
        f'allow="fullscreen; camera"></iframe><p><a href="{to}">Open this lab in a page of its '
        "own</a></p></div>"
    )


def raw(html: str) -> str:
    """HTML as Markdown that leaves it as it is."""
    return f"`````{{raw}} html\n{html}\n`````"


def _raw(html: str) -> Any:
    return nbformat.v4.new_markdown_cell(raw(html))
