"""Students' copies: what goes out with a notebook, and the folders that hold it.

A copy remembers in its metadata how it was handed out, so that a later version can be brought in
without a loss (seglab.course.updates), wherever the file has been meanwhile.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

import nbformat

from seglab._files import atomic
from seglab.course import groups, notebooks
from seglab.course.notebooks import Notebook
from seglab.course.solutions import without_solutions

# By lines, because a cell may hold what is no Python, such as %time.
_IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+(\w+)|import[ \t]+(.+))", re.MULTILINE)
_NAMED = re.compile(r"""["']([^"'\n]+\.\w+)["']|\]\(([^)\s]+\.\w+)\)""")

_SAVED = re.compile(r"""\bsave\([^()]*["']([^"'\n]+\.\w+)["']""")


def copy_labs(
    out: str | Path, paths: Iterable[str | Path] = (), group: str | None = None
) -> list[Path]:
    """Write the student copies of notebooks (all labs by default) that are missing in a folder.

    With a notebook go the Python files in its folder that it imports, and the files that it names.
    A file that is there is never touched. Returns the new ones. Raises ValueError, naming the
    notebook, for a solution that does not come out, and where the folder is the notebook's own.
    """
    out = Path(out)
    written = []
    for path in notebooks.find(paths):
        need_another_folder(out, path)
        for name, content in handout(path, group).items():
            if not (out / name).exists():
                put(out / name, content)
                written.append(out / name)
    return written


def need_another_folder(out: Path, path: Path) -> None:
    """Raise ValueError where copies would replace their source."""
    if out.resolve() == path.resolve().parent:
        raise ValueError(f"{out} is the folder of {path.name} itself; give another one")


def handout(path: Path, group: str | None = None) -> dict[str, Notebook | bytes]:
    """The student copy of a notebook and the files that go with it, by their place in a folder."""
    source = notebooks.read(path)
    try:
        copy = notebooks.student(source)
        groups.choose(copy, group)
        files = {name: stripped(path.parent / name) for name in beside(path, source)}
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None
    cells = [{name: cell[name] for name in ("id", "cell_type", "source")} for cell in copy.cells]
    known = {name: remembered(content) for name, content in files.items()}
    ours = {**copy.metadata.get("seglab", {}), "handed_out": {"cells": cells, "files": known}}
    copy.metadata.seglab = nbformat.from_dict(ours)
    return {path.name: copy, **files}


def put(target: Path, content: Any) -> None:
    """Write a notebook, or the bytes of another file, as a whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, bytes):
        notebooks.write(target, content)
        return
    with atomic(target) as unfinished:
        unfinished.write_bytes(content)


def remembered(content: bytes) -> str:
    """A file as a copy remembers it: its text, or for what is no text its fingerprint."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return f"sha256:{sha256(content).hexdigest()}"


def beside(path: Path, notebook: Notebook) -> list[str]:
    """Files in a notebook's folder that it imports or names, and those that these import or name.

    Other notebooks, hidden files, what lies outside the folder and what the notebook itself saves
    are left out.
    """
    folder = path.parent.resolve()
    found: list[str] = []
    waiting = [cell.source for cell in notebook.cells]
    saved = {name for source in waiting for name in _SAVED.findall(source)}
    while waiting:
        for name in _needed(waiting.pop()):
            file = (folder / name).resolve()
            if name in saved or not _within(file, folder) or not file.is_file():
                continue
            if file.suffix == ".ipynb":
                continue
            name = file.relative_to(folder).as_posix()
            if name not in found:
                found.append(name)
                if file.suffix == ".py":
                    waiting.append(file.read_text(encoding="utf-8"))
    return found


def _needed(source: str) -> Iterable[str]:
    """Names of files that a source imports, if they are there, or has as a text or as a link."""
    for module, modules in _IMPORT.findall(source):
        yield from (f"{name}.py" for name in re.findall(r"(?:^|,)\s*(\w+)", module or modules))
    yield from (text or link for text, link in _NAMED.findall(source))


def _within(file: Path, folder: Path) -> bool:
    inside = file.is_relative_to(folder)
    return inside and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def stripped(file: Path) -> bytes:
    """A file's bytes; a Python file's without its solutions."""
    content = file.read_bytes()
    if file.suffix != ".py":
        return content
    source = content.decode()
    copy = without_solutions(source)
    unchanged = copy == "\n".join(source.splitlines())
    return content if unchanged else (copy + "\n").encode()
