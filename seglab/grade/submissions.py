"""Submissions in a folder: a notebook for each student, or a folder for each student.

Files are looked at without trust: links, devices and files that are too large are not opened.
"""

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LARGEST = 100_000_000  # bytes of a notebook, outputs included
_MOST_FILES = 500  # in a student's folder
_SKIPPED = {"__pycache__", "node_modules", "__MACOSX"}


@dataclass(frozen=True)
class Submission:
    """Files that one student has handed in.

    notebooks: the notebooks. files: name -> file that lies beside them. problem: why there is no
    notebook.
    """

    student: str
    notebooks: tuple[Path, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)
    problem: str = ""


def find(folder: Path) -> list[Submission]:
    """All submissions in a folder, by name; ValueError where there are none.

    Each folder in it and each file in it is one; names that begin with a dot are none.
    """
    if not folder.is_dir():
        raise ValueError(f"{folder} is no folder; give the folder that holds the submissions")
    entries = sorted(p for p in folder.iterdir() if not p.name.startswith("."))
    entries = [p for p in entries if p.name not in _SKIPPED]
    stems = [entry.stem for entry in entries]
    found = []
    for entry in entries:
        name = entry.stem if stems.count(entry.stem) == 1 else entry.name
        is_folder = entry.is_dir() and not entry.is_symlink()
        found.append(_of_folder(entry) if is_folder else _of_file(entry, name))
    if not found:
        raise ValueError(f"there is no submission in {folder}; give the folder that holds them")
    return found


def code(path: Path) -> list[dict[str, Any]]:
    """The code cells of a notebook, as {"source", "id"}; ValueError where it is no notebook."""
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("too large")
        data = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in data["cells"] if cell["cell_type"] == "code"]
        return [{"source": _source(cell), "id": str(cell.get("id", ""))} for cell in cells]
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path.name} is no notebook") from error


def _of_file(path: Path, student: str) -> Submission:
    if not _is_plain(path):
        return Submission(student, problem=f"{path.name} is a link or no file")
    if path.suffix != ".ipynb":
        return Submission(student, problem=f"{path.name} is no notebook")
    return Submission(student, (path,))


def _of_folder(folder: Path) -> Submission:
    files = dict(_files(folder, folder))
    notebooks = tuple(path for path in files.values() if path.suffix == ".ipynb")
    beside = {name: path for name, path in files.items() if path.suffix != ".ipynb"}
    problem = "" if notebooks else f"there is no notebook in {folder.name}"
    return Submission(folder.name, notebooks, beside, problem)


def _files(folder: Path, top: Path) -> Iterator[tuple[str, Path]]:
    left = _MOST_FILES
    waiting = [folder]
    while waiting:
        try:
            inside = sorted(waiting.pop(0).iterdir())
        except OSError:
            continue
        for path in inside:
            if path.name.startswith(".") or path.name in _SKIPPED or path.is_symlink():
                continue
            if path.is_dir():
                waiting.append(path)
            elif left and _is_plain(path):
                left -= 1
                yield path.relative_to(top).as_posix(), path


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"]).encode("utf-8", "replace").decode()
