"""Ways in which a student's code reaches for what checks compare it with.

The references must be in the package, or no check could work. So a submission that uses them is
noticed, and whoever marks it decides.
"""

import ast
import re
from collections.abc import Iterator

_HOMES = ("seglab.course.exercises", "seglab.course.catalogue", "seglab.course.checks")
_PARTS = {"reference", "mistakes", "EXERCISES", "QUESTIONS", "cases_of"}  # of an exercise
_NAMES = {"reference", "EXERCISES", "QUESTIONS"}  # as getattr() takes them
_HIDDEN = {"__globals__", "__closure__", "__code__", "__subclasses__", "f_back", "f_globals"}
_CALLS = {"eval", "exec", "compile", "__import__", "import_module", "globals", "vars"}
_LOOKING = {"inspect", "gc", "importlib", "ctypes"}
_OWN = {"check", "quiz"}
_TEXT = re.compile(r"course[./\\]+(exercises|catalogue|checks)|seglab[./\\]+course")
_MAGIC = re.compile(r"^(\s*)[%!?].*$|^(?P<asked>.*\?\??\s*)$", re.MULTILINE)


def peeks(source: str) -> list[str]:
    """Phrases for what a source does to see or to replace the course's own answers; mostly none.

    Each begins with its line: "line 3 uses seglab.course.exercises".
    """
    found: set[tuple[int, str]] = set()
    for number, line in enumerate(source.splitlines(), 1):
        if _MAGIC.match(line) and _TEXT.search(line):
            found.add((number, "reads a file of seglab.course"))
    try:
        tree = ast.parse(_MAGIC.sub(lambda match: (match[1] or "") + "pass", source))
    except SyntaxError:
        lines = enumerate(source.splitlines(), 1)
        found |= {(n, "names a file of seglab.course") for n, line in lines if _TEXT.search(line)}
    else:
        nodes = ((getattr(node, "lineno", 1), node) for node in ast.walk(tree))
        found |= {(line, what) for line, node in nodes for what in _of(node)}
    return [f"line {line} {what}" for line, what in sorted(found)]


def _of(node: ast.AST) -> Iterator[str]:
    """Phrases for one node of a syntax tree."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _imports(node)
    elif isinstance(node, ast.Attribute):
        yield from _attribute(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if _TEXT.search(node.value) and "\n" not in node.value:
            yield "names a file of seglab.course"
        if node.value in _NAMES | _HIDDEN:
            yield f"asks for {node.value!r} by its name"
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        plain = isinstance(node.func, ast.Name) or name == "import_module"
        if name in _CALLS and plain:
            yield f"calls {name}()"
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if node.name in _OWN:
            yield f"replaces {node.name}"
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id in _OWN:
        yield f"replaces {node.id}"


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    base = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
    for alias in node.names:
        name = base + alias.name
        if home := next((home for home in _HOMES if f"{name}.".startswith(f"{home}.")), ""):
            yield f"imports {home}"
        elif name.partition(".")[0] in _LOOKING:
            yield f"imports {name.partition('.')[0]}"


def _attribute(node: ast.Attribute) -> Iterator[str]:
    name = _dotted(node)
    if isinstance(node.ctx, ast.Store) and name.startswith("seglab."):
        yield f"replaces {name}"
    elif home := next((home for home in _HOMES if f".{name}.".endswith(f".{home}.")), ""):
        yield f"uses {home}"
    elif name.endswith("sys.modules"):
        yield "uses sys.modules"
    elif node.attr in _PARTS | _HIDDEN:
        yield f"uses .{node.attr}"


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
