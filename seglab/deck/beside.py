"""Files that a gallery has beside each lab's page: its lecture, a film, slides for PowerPoint."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from seglab.course import groups, notebooks
from seglab.deck._deck import CELL_TIMEOUT, deck, extension
from seglab.files import save
from seglab.files.gallery import Also
from seglab.lab import Lab
from seglab.types import Progress

_LABELS = {"deck": "Slides", "mp4": "Film", "gif": "Film (GIF)", "pptx": "PowerPoint"}


def lecture(
    source: Path,
    path: Path,
    theme: str = "auto",
    tour: bool = False,
    progress: Progress = lambda done, total: None,
    live: bool = False,
) -> Path:
    """Write the deck of a notebook in a file, run in a kernel of its own; see seglab.deck.deck."""

    def execute(shown: Any) -> Any:
        return notebooks.execute(shown, source, extension(tour, live), CELL_TIMEOUT, progress)

    book = notebooks.read(source)
    groups.choose(book, None)
    return deck(book, path, execute, source.resolve().parent, theme, tour)


def files(kinds: Iterable[str], theme: str = "auto") -> tuple[Also, ...]:
    """Files that a gallery writes besides, for some of deck, mp4, gif and pptx.

    A film and slides for PowerPoint are the lab's tour, where it has one. A lab without a notebook
    of the course has no deck.
    Raises ValueError for another kind.
    """
    chosen = []
    for kind in kinds:
        if kind not in _LABELS:
            raise ValueError(f"also={kind!r}; give some of {', '.join(_LABELS)}")
        if kind == "deck":
            chosen.append(Also(_LABELS[kind], "-slides.html", _deck_in(theme)))
        else:
            chosen.append(Also(_LABELS[kind], f".{kind}", _film))
    return tuple(chosen)


def _deck_in(theme: str) -> Any:
    def write(stem: str, _lab: Lab, path: Path) -> None:
        source = notebooks.folder() / f"{stem}.ipynb"
        if source.is_file():
            lecture(source, path, theme)

    return write


def _film(_stem: str, lab: Lab, path: Path) -> None:
    save(lab, path, tour=bool(lab.tour), progress=lambda done, total: None)
