"""Corrected notebooks, brought into the copies that students have already written in.

Three versions meet: the copy as it was handed out, which it remembers, the student's, and the new
one. Cells belong together by their id. What only one side has changed is taken over; what both
have changed is merged by lines; where that fails, the student's stays and the new text is put
beside it. Nothing that a student wrote is lost.
"""

import re
from collections.abc import Iterable, Sequence
from copy import deepcopy
from difflib import SequenceMatcher
from itertools import count
from pathlib import Path
from typing import Any

import nbformat

from seglab.course import copies, notebooks
from seglab.course.merge import merged
from seglab.course.notebooks import Notebook
from seglab.course.solutions import YOUR_CODE

_BLANK = re.compile(rf"^[ \t]*{re.escape(YOUR_CODE)}$", re.MULTILINE)
NEW_CELL = "**The cell above was corrected. You have changed it, so here is its new text:**\n\n"


def update(
    out: str | Path, paths: Iterable[str | Path] = (), group: str | None = None
) -> list[str]:
    """Bring notebooks (all labs by default) into the copies in a folder; sentences on each change.

    A copy that is missing is written. Raises ValueError as copy_labs() does; a copy that cannot be
    read stays as it is, and a sentence says so.
    """
    out = Path(out)
    said: list[str] = []
    for path in notebooks.find(paths):
        copies.need_another_folder(out, path)
        target = out / path.name
        if not target.exists():
            written = copies.copy_labs(out, [path], group)
            said += [f"{file} is new" for file in written]
            continue
        said += _update(target, path, group)
    return said


def _update(target: Path, path: Path, group: str | None) -> list[str]:
    try:
        mine = notebooks.read(target)
    except ValueError as error:
        return [f"{error}; it stays as it is"]
    ours = mine.metadata.get("seglab", {})
    content = copies.handout(path, group or ours.get("group"))
    new: Notebook = content.pop(path.name)
    handed_out = ours.get("handed_out")
    if handed_out is None:
        return _without_memory(target, mine, path, new)
    said = [
        sentence
        for name, file in content.items()
        for sentence in _file(target.parent / name, file, handed_out["files"].get(name))
    ]
    before = deepcopy(mine)
    changes = merge(mine, handed_out["cells"], new)
    mine.metadata.seglab = new.metadata.seglab
    if mine != before:
        notebooks.write(target, mine)
    return said + [f"{target}: {change}" for change in changes]


def _without_memory(target: Path, mine: Notebook, path: Path, new: Notebook) -> list[str]:
    """Put a new version beside a copy of which nobody knows how it was handed out."""
    sources = [[cell.source for cell in book.cells] for book in (mine, new)]
    if sources[0] == sources[1]:
        mine.metadata.seglab = new.metadata.seglab
        notebooks.write(target, mine)
        return []
    place = target.with_suffix(".new.ipynb")
    if place.exists():
        return _update(place, path, new.metadata.seglab.get("group"))
    notebooks.write(place, new)
    return [f"{target} does not tell what you have changed in it; the new version is {place}"]


def _file(target: Path, new: bytes, base: str | None) -> list[str]:
    """Bring a file that goes with a notebook up to date."""
    if not target.exists():
        copies.put(target, new)
        return [f"{target} is new"]
    mine = target.read_bytes()
    known, wanted = copies.remembered(mine), copies.remembered(new)
    if known == wanted or base == wanted:
        return []
    if known == base:
        copies.put(target, new)
        return [f"{target} was corrected"]
    is_text = base is not None and not any(t.startswith("sha256:") for t in (known, wanted, base))
    if is_text and (text := merged(known, str(base), wanted)) is not None:
        copies.put(target, text.encode())
        return [f"{target} was corrected; what you have changed in it stays"]
    place = target.with_suffix(f".new{target.suffix}")
    copies.put(place, new)
    return [f"{target} was corrected, and you have changed it; the new version is {place}"]


def merge(mine: Notebook, base: Sequence[Any], new: Notebook) -> list[str]:
    """Bring the cells of a new version into a student's notebook; phrases on what has changed.

    base: the cells as they were handed out to this student, each with id, cell_type and source.
    """
    handed_out = {cell["id"]: cell for cell in base}
    _name_again(mine, base)
    _name_apart(mine)
    own = {cell.id: cell for cell in mine.cells}
    wanted = {cell.id: cell for cell in new.cells}
    said: list[str] = []
    for key, cell in own.items():
        if key in handed_out and key not in wanted:
            if cell.source == handed_out[key]["source"]:
                mine.cells.remove(cell)
                said.append(f"{_named(cell)} is no longer part of it")
            else:
                said.append(f"{_named(cell)} is no longer part of it; yours stays")
    for key, cell in wanted.items():
        if key in own:
            said += _merge_cell(mine, own[key], handed_out.get(key), cell)
        elif key not in handed_out:
            _insert(mine, new, deepcopy(cell))
            said.append(f"{_named(cell)} is new")
        elif cell.source != handed_out[key]["source"]:
            _insert(mine, new, deepcopy(cell))
            said.append(f"{_named(cell)}, which you had deleted, was corrected; it is there again")
    _reorder(mine, [cell["id"] for cell in base], [cell.id for cell in new.cells])
    return said


def _merge_cell(mine: Notebook, cell: Any, base: Any, new: Any) -> list[str]:
    cell.metadata.update(new.metadata)
    if cell.source == new.source and cell.cell_type == new.cell_type:
        return []
    unchanged = base is not None and cell.source == base["source"]
    if base is not None and base["source"] == new.source and cell.cell_type == new.cell_type:
        return []
    if unchanged:
        mine.cells[mine.cells.index(cell)] = deepcopy(new)
        return [f"{_named(new)} was corrected"]
    same_type = base is not None and cell.cell_type == new.cell_type == base["cell_type"]
    text = _joined(cell.source, base["source"], new.source) if same_type else None
    if text is None:
        _put_beside(mine, cell, new)
        return [f"{_named(cell)} was corrected, and you have changed it; the new text is below it"]
    if text == cell.source:
        return []
    cell.source = text
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return [f"{_named(cell)} was corrected; what you have changed in it stays"]


def _joined(mine: str, base: str, new: str) -> str | None:
    """The new source with what the student filled in, or both versions merged by lines."""
    parts = _BLANK.split(base)
    filled = re.fullmatch("(.*?)".join(map(re.escape, parts)), mine, re.DOTALL)
    blanks = _BLANK.split(new)
    if filled is None or len(blanks) != len(parts):
        return merged(mine, base, new)
    return "".join(a + b for a, b in zip(blanks, (*filled.groups(), ""), strict=True))


def _put_beside(mine: Notebook, cell: Any, new: Any) -> None:
    """Put the new text of a cell below the student's, as text, so that it is not executed."""
    text = new.source if new.cell_type == "markdown" else f"```python\n{new.source}\n```"
    place = mine.cells.index(cell) + 1
    key = _free(f"{cell.id[:50]}-new", {other.id for other in mine.cells})
    beside = nbformat.v4.new_markdown_cell(NEW_CELL + text, id=key)
    mine.cells.insert(place, beside)


def _insert(mine: Notebook, new: Notebook, cell: Any) -> None:
    """Put a cell behind the nearest one before it in the new version that the student has too."""
    order = [other.id for other in new.cells]
    own = [other.id for other in mine.cells]
    before = next((k for k in reversed(order[: order.index(cell.id)]) if k in own), None)
    mine.cells.insert(0 if before is None else own.index(before) + 1, cell)


def _reorder(mine: Notebook, base: list[str], new: list[str]) -> None:
    """Take over the new order of cells, unless the student has chosen an order too."""
    own = [cell.id for cell in mine.cells]
    kept = [key for key in base if key in own and key in new]
    if [key for key in own if key in kept] != kept or [k for k in new if k in kept] == kept:
        return
    follow: dict[str, list[Any]] = {}
    head: list[Any] = []
    place = head
    for cell in mine.cells:  # the student's own cells go where the cell before them goes
        if cell.id in new:
            place = follow[cell.id] = []
        else:
            place.append(cell)
    by_id = {cell.id: cell for cell in mine.cells}
    there = [key for key in new if key in by_id]
    mine.cells = head + [cell for key in there for cell in (by_id[key], *follow[key])]


def _name_again(mine: Notebook, base: Sequence[Any]) -> None:
    """Give cells their ids back where an editor has dropped them all: by their sources."""
    known = {cell["id"] for cell in base}
    if any(cell.id in known for cell in mine.cells):
        return
    before = [(cell["cell_type"], cell["source"]) for cell in base]
    after = [(cell.cell_type, cell.source) for cell in mine.cells]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if 2 * sum(block.size for block in matcher.get_matching_blocks()) < len(before):
        return  # no copy of this, but something new
    for tag, a, b, c, d in matcher.get_opcodes():
        kinds = [[kind for kind, _ in part] for part in (before[a:b], after[c:d])]
        if tag == "equal" or (tag == "replace" and kinds[0] == kinds[1]):
            for old, cell in zip(base[a:b], mine.cells[c:d], strict=True):
                cell.id = old["id"]


def _name_apart(mine: Notebook) -> None:
    """Give a cell that has the id of one before it another id."""
    taken: set[str] = set()
    for cell in mine.cells:
        cell.id = _free(cell.id, taken)
        taken.add(cell.id)


def _free(key: str, taken: set[str]) -> str:
    keys = (f"{key[:56]}-{number}" for number in count(2))
    return key if key not in taken else next(other for other in keys if other not in taken)


def _named(cell: Any) -> str:
    """A cell by its first line of words."""
    lines = [line.strip("# \t") for line in cell.source.splitlines()]
    words = next((line for line in lines if line), "")
    return f"the cell {words[:40]!r}" if words else "an empty cell"
