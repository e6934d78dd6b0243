"""Names in backticks on the pages of docs/ and in the README: each exists."""

import re
from functools import cache
from importlib import import_module
from inspect import getsource, isclass
from pathlib import Path

import pytest
import torch

from seglab.draw.picture import Picture
from seglab.lab import Lab, Run
from seglab.live.lab import LiveLab

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"]
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
DOTTED = re.compile(r"([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)+)(?:\(.*\))?")
FILE = re.compile(r"[\w.*/-]*\w\.(?:py|js|css|md|ipynb|toml|json|yml)|[\w.-]+(?:/[\w.-]+)*/")

# A page says `paint.rgb` as code does that has imported seglab.draw.paint.
HOMES = ["seglab"]
HOMES += [f"seglab.{room}" for room in ("ops", "images", "nets", "draw", "live", "course")]
# Objects as the pages call them.
OBJECTS = {
    "run": [Run],
    "LAB": [Lab],
    "lab": [LiveLab, Lab],
    "picture": [Picture],
    "torch": [torch],
    "nn": [torch.nn],
}
# Files that the reader makes.
MADE = {"my_lab.py", "index.html", "lab.gif", "lab.mp4", "lab.pptx"}
MADE |= {"labs/22-threshold.ipynb", "seglab/course/exercises/lab22.py"}
MADE |= {"seglab/lessons/threshold.py", "seglab/lessons/tours/threshold.py"}
MADE |= {"seglab.lessons.threshold"}


def said(page):
    """Names and files in backticks, outside blocks of code."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return sorted(set(re.findall(r"`([^`\n]+)`", text)))


@cache
def files():
    """Paths below the repository and below seglab/, and the bare names of files."""
    rooms = ("seglab", "tests", "labs", "docs", "benchmarks", "deploy", ".ci", ".github")
    paths = [*ROOT.glob("*"), *(path for room in rooms for path in (ROOT / room).rglob("*"))]
    paths = [path.relative_to(ROOT).as_posix() for path in paths]
    inside = [path.removeprefix("seglab/") for path in paths if path.startswith("seglab/")]
    return {*paths, *inside, *(path.rpartition("/")[2] for path in paths)}


def leads(start, rest):
    """True if the attributes lead somewhere; submodules are imported on the way."""
    for name in rest:
        module = getattr(start, "__name__", "") if hasattr(start, "__path__") else ""
        if not hasattr(start, name) and module:
            try:
                import_module(f"{module}.{name}")
            except ImportError:
                return False
        if not hasattr(start, name):  # a field, or an attribute that __init__ sets
            fields = getattr(start, "__annotations__", {})
            return name in fields or (isclass(start) and f"self.{name} =" in getsource(start))
        start = getattr(start, name)
    return True


def exists(name):
    """True for what exists, and for what is neither a dotted name nor a file."""
    if "*" not in name and FILE.fullmatch(name):
        return name.rstrip("/") in files()
    dotted = DOTTED.fullmatch(name)
    if not dotted or name.count("(") > 1:
        return True
    first, rest = dotted[1], dotted[2].split(".")[1:]
    if first == "seglab":
        return leads(import_module("seglab"), rest)
    starts = list(OBJECTS.get(first, ()))
    for home in HOMES:
        if leads(import_module(home), [first]):
            starts.append(getattr(import_module(home), first))
    return any(leads(start, rest) for start in starts)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_on_the_page_exists(page):
    assert [name for name in said(page) if name not in MADE and not exists(name)] == []


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("seglab.ops.dense.predict", True),
        ("seglab.ops.dense.predicted", False),
        ("paint.rgb", True),
        ("paint.rbg", False),
        ("run.step(f=8)", True),
        ("run.stride(f=8)", False),
        ("live/session.py", True),
        ("live/sessions.py", False),
        ("labs/", True),
        ("lab/", True),
        ("dense.predict(net, image)", True),
        ("elsewhere.name", False),
        ("lab.buttons", True),
        ("lab.button", False),
        ("seglab check", True),
    ],
)
def test_names_that_exist_are_told_from_others(name, there):
    assert exists(name) is there
