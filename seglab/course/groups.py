"""Constants of a notebook that are others for each group of students, from one source.

The source declares them in its metadata, `{"seglab": {"groups": {"a": {"LEVEL": 0.5}}}}`, and
assigns its own values in a cell with the tag `parameters`. Text takes a value as `{{LEVEL}}`.
"""

import ast
import re
from collections.abc import Mapping
from typing import Any

TAG = "parameters"  # the tag that papermill takes too

_FIELD = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def choose(notebook: Any, group: str | None) -> None:
    """Put a group's constants into a notebook; without a group, its own into the text.

    Raises ValueError, naming it, for a group or a constant that the notebook does not declare.
    """
    ours = notebook["metadata"].get("seglab", {})
    groups = ours.pop("groups", {})
    if group is not None and group not in groups:
        known = f"there are {', '.join(groups)}" if groups else "the notebook declares none"
        raise ValueError(f"there is no group {group!r}; {known}")
    wanted = dict(groups[group]) if group is not None else {}
    values: dict[str, Any] = {}
    for cell in notebook["cells"]:
        if TAG in cell["metadata"].get("tags", ()):
            cell["source"] = with_values(cell["source"], wanted)
            values |= literals(cell["source"])
    if missing := [name for name in wanted if name not in values]:
        raise ValueError(
            f"group {group!r} sets {', '.join(missing)}, which no cell with the tag `{TAG}` assigns"
        )
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = _FIELD.sub(
                lambda found: str(values.get(found[1], found[0])), cell["source"]
            )
    if group is not None:
        notebook["metadata"].setdefault("seglab", {})["group"] = group


def with_values(source: str, values: Mapping[str, Any]) -> str:
    """A cell's source that assigns these values to the names that it assigns."""
    lines = source.encode().splitlines(keepends=True)
    assigned = [(name, value) for name, value in _assignments(source) if name in values]
    for name, node in reversed(assigned):  # from below, so that places stay right
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first : last + 1] = [before + repr(values[name]).encode() + after]
    return b"".join(lines).decode()


def literals(source: str) -> dict[str, Any]:
    """Values that a cell's source assigns to names, where they are written out."""
    found = {}
    for name, node in _assignments(source):
        try:
            found[name] = ast.literal_eval(node)
        except ValueError:
            continue
    return found


def _assignments(source: str) -> list[tuple[str, ast.expr]]:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return []
    found: list[tuple[str, ast.expr]] = []
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            targets = [node.target]
        if len(targets) == 1 and isinstance(targets[0], ast.Name):
            found.append((targets[0].id, node.value))  # type: ignore[attr-defined]
    return found
