"""Cells of a student's untouched copy that show more than text or depend on what is unsolved.

All other cells stand word for word in the lab's notebook, and nbval runs them and compares what
they print.
"""

import ast

from seglab.course import notebooks

from ..jupyter import ROOT


def cells(stem: str) -> list[str]:
    """Sources of these cells and of those that they need, in the notebook's order."""
    book = notebooks.read(ROOT / "labs" / f"{stem}.ipynb")
    copy = notebooks.student(book)
    pairs = [both for both in zip(book.cells, copy.cells, strict=True) if _is_code(both[0])]
    sources = [cell.source for _, cell in pairs]
    names = [_names(source) for source in sources]
    wanted, unsolved = set(), set[str]()
    for i, (stored, cell) in enumerate(pairs):
        read, bound = names[i]
        if stored.source != cell.source or read & unsolved:
            unsolved |= bound
            wanted.add(i)
        if any(set(output.get("data", {})) - {"text/plain"} for output in stored.outputs):
            wanted.add(i)
    return [sources[i] for i in sorted(_with_needed(wanted, names))]


def _is_code(cell: notebooks.Notebook) -> bool:
    return cell.cell_type == "code"


def _names(source: str) -> tuple[set[str], set[str]]:
    """Names that a cell needs from others, and those that it binds or changes a part of."""
    read, bound = set[str](), set[str]()
    for statement in ast.parse(source).body:
        reads, binds, own, changes = _names_of(statement)
        # A loop or a function binds what it binds before it reads it.
        read |= reads - bound - own - (binds if hasattr(statement, "body") else set())
        bound |= binds | changes
    return read, bound


def _names_of(statement: ast.stmt) -> tuple[set[str], set[str], set[str], set[str]]:
    """Names that a statement reads, binds, has for itself alone, and changes a part of."""
    read, bound, own, changed = set[str](), set[str](), set[str](), set[str]()
    for node in ast.walk(statement):
        match node:
            case ast.Name(id, ast.Load()):
                read.add(id)
            case ast.Name(id) | ast.FunctionDef(name=id) | ast.ClassDef(name=id):
                bound.add(id)
            case ast.arg(id):
                own.add(id)
            case ast.comprehension(target):
                own |= _parts(target)
            case ast.alias(name, alias):
                bound.add((alias or name).partition(".")[0])
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                changed |= _parts(node.value)
        if isinstance(node, ast.AugAssign):
            read |= _parts(node.target)
    return read, bound - own, own, changed


def _parts(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _with_needed(wanted: set[int], names: list[tuple[set[str], set[str]]]) -> set[int]:
    """These cells, and for each name the last cell before that binds it, and so on."""
    found, to_do = set(wanted), list(wanted)
    while to_do:
        cell = to_do.pop()
        for name in names[cell][0]:
            before = next((i for i in reversed(range(cell)) if name in names[i][1]), None)
            if before is not None and before not in found:
                found.add(before)
                to_do.append(before)
    return found
