"""Docstrings of the package, the tests and the benchmarks: they begin with a noun or a verb."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path for room in ("seglab", "tests", "benchmarks") for path in (ROOT / room).rglob("*.py")
)
ASKING = {"How", "If", "What", "When", "Where", "Whether", "Which", "Who", "Whose", "Why"}


def unfit(text):
    """True for a docstring that begins with a question word or 'The same', or asks."""
    sentence = text.strip().partition("\n")[0]
    word = re.match(r"\W*(\w*)", sentence)[1]
    return word in ASKING or sentence.startswith("The same") or sentence.endswith("?")


def docstrings(path):
    """Line and text of every docstring of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_begin_with_a_noun_or_a_verb(path):
    assert [(line, text) for line, text in docstrings(path) if unfit(text)] == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("What a control sets.", True),
        ("The same field, but larger.", True),
        ("Is Python new enough?", True),
        ("`Where` the labs are.", True),
        ("Number of pixels with the label k.", False),
        ("Whatever is found, sorted.", False),
        ("The labels of a map.\n\nWhat else is there?", False),
    ],
)
def test_unfit_beginnings_are_told_from_others(text, wrong):
    assert unfit(text) is wrong
