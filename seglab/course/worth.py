"""Points of a notebook's exercises and questions, as the metadata of its cells declares them.

A cell that calls check() or quiz() says in its metadata what the answer is worth:
`{"seglab": {"points": 3}}`, or `{"seglab": {"points": {"threshold": 2, "which": 1}}}` where it
makes several calls or names an object of one's own.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

_MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)


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
        for name, worth in _of_cell(asked(_source(cell)), given, where).items():
            if name in declared and given is not None:
                raise ValueError(f"{where} gives points for {name!r}, as a cell before it does")
            if name not in declared:  # checked once more, it counts once
                found[name] = worth
            declared |= {name} if given is not None else set()
    return found


def asked(source: str) -> list[str]:
    """Names of what a cell checks, or asks and answers; empty for a name that it does not tell.

    check(THRESHOLD, threshold) tells the name of the function, which is that of the exercise.
    """
    tree = tree_of(source)
    return [] if tree is None else [name for call in _calls(tree) for name in _name(call)]


def tree_of(source: str) -> ast.Module | None:
    """The syntax tree of a cell without its magic lines; None for what is no Python."""
    try:
        return ast.parse(_MAGIC.sub(r"\1pass", source))
    except SyntaxError:
        return None


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return iter(sorted(calls, key=lambda call: (call.lineno, call.col_offset)))


def _name(call: ast.Call) -> list[str]:
    """The name that a call of check or of quiz asks for; nothing for another call."""
    called = getattr(call.func, "id", getattr(call.func, "attr", ""))
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if called == "check":
        what, answer = _arguments(call, given, "exercise", "function")
    elif called == "quiz":
        what, answer = _arguments(call, given, "question", "answer")
    else:
        return []
    if what is None or answer is None:
        return []
    if isinstance(what, ast.Constant) and isinstance(what.value, str):
        return [what.value]
    return [answer.id if called == "check" and isinstance(answer, ast.Name) else ""]


def _arguments(
    call: ast.Call, given: Mapping[str | None, ast.expr], *names: str
) -> list[ast.expr | None]:
    placed = dict(zip(names, call.args, strict=False))
    return [placed.get(name) or given.get(name) for name in names]


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


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)
