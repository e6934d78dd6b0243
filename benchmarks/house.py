"""Numbers by which the house's code is judged, counted from the sources alone.

    python benchmarks/house.py

Standard library only. What is counted, and what it should be, stands in docs/architecture.md.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
KINDS = {"Control", "Choice", "Photo", "Model", "Pixel", "Matrix", "Layers"}  # of controls
PUBLIC = {"_replace", "_asdict", "_fields", "_make"}  # of a namedtuple, as its documentation says

# Comments, texts and regular expressions of JavaScript: braces in them open no function.
_QUIET = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"""
    r"""|(?<=[(,=:?&|!+;{}\[])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
    re.DOTALL,
)
_STATEMENTS = {"if", "for", "while", "switch", "catch", "with"}
_LONGEST_STATEMENT = max(map(len, _STATEMENTS))


class Span(NamedTuple):
    """A function and how many lines it has."""

    lines: int
    where: str


def lessons(root: Path = ROOT) -> dict[str, int]:
    """The lines of each file that declares a lab."""
    files = sorted((root / "seglab" / "lessons").glob("*.py"))
    texts = {path.stem: path.read_text(encoding="utf-8") for path in files}
    return {n: len(t.splitlines()) for n, t in texts.items() if re.search(r"^LAB\b", t, re.M)}


def asked_kinds(root: Path = ROOT) -> list[str]:
    """Lines where isinstance asks for the kind of a control, outside controls/."""
    found = []
    for path in sorted((root / "seglab").rglob("*.py")):
        if path.parent == root / "seglab" / "controls":
            continue
        for node in ast.walk(_tree(path)):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == "isinstance" and len(node.args) == 2:
                asked = ast.walk(node.args[1])
                names = {getattr(n, "id", None) or getattr(n, "attr", None) for n in asked}
                if names & KINDS:
                    found.append(_where(path, node, root))
    return found


def private_reaches(root: Path = ROOT) -> list[str]:
    """Lines where a test uses a private name of something else: x._name, x neither self nor cls."""
    found = []
    for path in sorted((root / "tests").rglob("*.py")):
        used = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)]
        for node in sorted(used, key=lambda node: node.lineno):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            # torch._C is where torch documents its modes to be switched off.
            if _is_private(node.attr) and owner not in {"self", "cls", "torch"}:
                found.append(f"{_where(path, node, root)} {ast.unparse(node)}")
    return found


def python_functions(root: Path = ROOT) -> list[Span]:
    """The functions of the package, the longest first."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    spans = [
        Span((node.end_lineno or 0) - node.lineno + 1, f"{_where(path, node, root)} {node.name}")
        for path in sorted((root / "seglab").rglob("*.py"))
        for node in ast.walk(_tree(path))
        if isinstance(node, kinds)
    ]
    return sorted(spans, key=lambda span: -span.lines)


def javascript_functions(root: Path = ROOT) -> list[Span]:
    """The functions of the scripts, the longest first."""
    spans = [
        Span(last - first + 1, f"{path.relative_to(root)}:{first}")
        for path in _scripts(root)
        for first, last in functions_of(path.read_text(encoding="utf-8"))
    ]
    return sorted(spans, key=lambda span: -span.lines)


def longest_line(root: Path = ROOT) -> Span:
    """The longest line of JavaScript: its characters, and where it stands."""
    return max(
        Span(len(line), f"{path.relative_to(root)}:{number}")
        for path in _scripts(root)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    )


def functions_of(source: str) -> Iterator[tuple[int, int]]:
    """The first and last line of each function with braces in a piece of JavaScript."""
    quiet = _QUIET.sub(lambda text: re.sub(r"[^\n]", " ", text[0]), source)
    opened: dict[str, list[int | None]] = {"(": [], "{": []}
    closed = (0, 0)  # where the last pair of parentheses begins and ends
    for mark in re.finditer(r"[(){}]", quiet):
        at = mark.start()
        if mark[0] == "(":
            opened["("].append(at)
        elif mark[0] == "{":
            opened["{"].append(_function_before(quiet[:at], closed))
        elif opened["(" if mark[0] == ")" else "{"]:
            start = opened["(" if mark[0] == ")" else "{"].pop()
            if mark[0] == ")":
                closed = (start or 0, at)
            elif start is not None:
                yield quiet.count("\n", 0, start) + 1, quiet.count("\n", 0, at) + 1


def _function_before(text: str, closed: tuple[int, int]) -> int | None:
    """Start of the function whose body opens after a text; None where it opens none."""
    head = text.rstrip()
    arrow = head.endswith("=>")
    head = head.removesuffix("=>").rstrip()
    if not head.endswith(")") or closed[1] != len(head) - 1:
        return len(head) if arrow else None
    # Only the last word: a search from the start would take the square of a file's length.
    word = re.search(r"[#\w]*$", text[: closed[0]].rstrip()[-_LONGEST_STATEMENT - 1 :])
    return None if not arrow and word and word[0] in _STATEMENTS else closed[0]


def report(root: Path = ROOT) -> str:
    """All numbers as a Markdown table."""
    lines = lessons(root)
    longest = max(lines, key=lambda name: lines[name])
    python, script = python_functions(root)[0], javascript_functions(root)[0]
    wide = longest_line(root)
    rows = [
        ("lines of a lab's file, median", f"{median(lines.values()):g}", f"{len(lines)} labs"),
        ("lines of a lab's file, most", lines[longest], longest),
        (
            "isinstance on controls outside controls/",
            len(kinds := asked_kinds(root)),
            _few(kinds),
        ),
        ("private names that tests use", len(reaches := private_reaches(root)), _few(reaches)),
        ("lines of the longest function in Python", python.lines, python.where),
        ("lines of the longest function in JavaScript", script.lines, script.where),
        ("characters of the longest line in JavaScript", wide.lines, wide.where),
    ]
    head = ["| what | number | where |", "|---|---|---|"]
    return "\n".join([*head, *(f"| {what} | {number} | {where} |" for what, number, where in rows)])


def _few(places: list[str]) -> str:
    return "; ".join(places[:3]) + ("; …" if len(places) > 3 else "")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("_") and name not in PUBLIC


def _tree(path: Path) -> ast.Module:
    return _parsed(path.read_text(encoding="utf-8"))


@cache
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def _where(path: Path, node: ast.AST, root: Path) -> str:
    return f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"


def _scripts(root: Path) -> list[Path]:
    """The scripts that are ours: reveal.js is shipped as its authors built it."""
    return sorted(p for p in (root / "seglab").rglob("*.js") if p.parent.name != "reveal")


if __name__ == "__main__":
    print(report())
