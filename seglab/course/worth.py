"""Points of a notebook's exercises and questions, as the metadata of its cells declares them.

A cell that calls check() or quiz() says in its metadata what the answer is worth:
`{"seglab": {"points": 3}}`, or `{"seglab": {"points": {"threshold": 2, "which": 1}}}` where it
makes several calls or names an object of one's own.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from seglab.course import calls


def points(notebook: Mapping[str, Any]) -> dict[str, float]:
    """Points by the name of the exercise or question, in the notebook's order.

    What is checked or answered in the notebook counts 1 where its cell declares nothing. Raises
    ValueError, naming the cell, for points that are no number of at least 0 or belong to nothing.
    """
    found: dict[str, float] = {}
    declared: set[str] = set()
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        where = f"cell {number} ({cell.get('id', 'no id')})"
        given = cell.get("metadata", {}).get("seglab", {}).get("points")
        names = [call.name for call in calls.answered("".join(cell["source"]))]
        for name, worth in _of_cell(names, given, where).items():
            if name in declared and given is not None:
                raise ValueError(f"{where} gives points for {name!r}, as a cell before it does")
            if name not in declared:  # checked once more, it counts once
                found[name] = worth
            declared |= {name} if given is not None else set()
    return found


def _of_cell(names: list[str], given: Any, where: str) -> dict[str, float]:
    if isinstance(given, Mapping):
        if len(given) < len(names):
            raise ValueError(f"{where} gives points to {list(given)}, and asks {names}; name all")
        return {str(name): _number(worth, where) for name, worth in given.items()}
    if given is None:
        return {name: 1.0 for name in names if name}
    if len(names) != 1 or not names[0]:
        why = "more than one check or quiz" if names[1:] else "no check or answered quiz by name"
        raise ValueError(
            f"{where} has points {given!r:.40} and {why}; give them by name, "
            f'{{"points": {{"name": {given!r:.40}}}}}'
        )
    return {names[0]: _number(given, where)}


def _number(worth: Any, where: str) -> float:
    is_number = isinstance(worth, int | float) and not isinstance(worth, bool)
    if not is_number or not isfinite(worth) or worth < 0:
        raise ValueError(f"{where} has points {worth!r:.40}; give a number of at least 0")
    return float(worth)
