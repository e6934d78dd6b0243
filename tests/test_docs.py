"""Examples of the pages: every block of Python is executed, and what it prints is compared."""

import ast
import doctest
import inspect
import io
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
import pytest
import torch
from helpers import child_environment
from torch import nn

from seglab import lab as language
from seglab import lessons
from seglab.course import notebooks
from seglab.draw import diagram, marks, paint, plots, relations, shapes
from seglab.ops import dense, receptive_field

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs" / "adding-a-lab.md").read_text(encoding="utf-8")
HOMES = {
    **{"paint": paint, "marks": marks, "relations": relations, "plots": plots, "lab": language},
    **{"diagram": diagram, "shapes": shapes},
}


def blocks(text, kind="python"):
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def execute(page, names):
    """Run the page's Python from top to bottom in one namespace; what follows >>> is compared."""
    for number, block in enumerate(blocks(page), 1):
        if ">>> " in block:
            for example in doctest.DocTestParser().get_examples(block):
                assert said(example, names) == (example.exc_msg or example.want), example.source
        else:
            exec(compile(block, f"block {number}", "exec"), names)


def said(example, names):
    """Output that Python prints for an example; an error as its last lines."""
    output = io.StringIO()
    try:
        with redirect_stdout(output):
            exec(compile(example.source, "example", "single"), names)
    except Exception as error:
        lines = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", [])]
        return "\n".join(lines) + "\n"
    return output.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder that holds the guide's my_lab.py, from which Python imports."""
    (tmp_path / "my_lab.py").write_text(blocks(GUIDE)[0])
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("my_lab", None)


@pytest.mark.usefixtures("folder")
def test_what_the_guide_shows_is_so():
    names = {}
    execute(GUIDE, names)
    assert Path("threshold.html").stat().st_size > 10_000
    check, exercise = names["check"], names["THRESHOLD"]
    assert check(exercise, names["threshold"]).passed
    for words, mistake in exercise.mistakes.items():
        assert repr(check(exercise, mistake)) == f"threshold: not yet - {words}."
    assert repr(names["lab"]) == repr(names["LAB"].at(level=150))


def test_the_lab_of_the_guide_is_as_short_as_it_says():
    lines = [line for line in blocks(GUIDE)[0].splitlines() if line.strip()]
    assert len(lines) <= 40


def test_the_guide_takes_a_number_and_a_name_that_are_free():
    (stem, module) = re.search(r'`"([\w-]+)": "(\w+)",`', GUIDE).groups()
    assert stem not in lessons.catalogue()
    assert not list((ROOT / "labs").glob(f"{stem[:2]}-*"))
    for file in (f"lessons/{module}.py", f"course/exercises/lab{stem[:2]}.py"):
        assert not (ROOT / "seglab" / file).exists()


(SIGNATURES,) = blocks(GUIDE, "text")


@pytest.mark.parametrize("line", SIGNATURES.splitlines())
def test_the_guides_signatures_are_those_of_the_code(line):
    home, _, rest = line.partition(".")
    name = rest.partition("(")[0]
    (written,) = ast.parse(f"def {rest}: ...").body
    given = written.args
    kinds = inspect.signature(getattr(HOMES[home], name)).parameters.values()
    names = [a.arg for a in (*given.args, *filter(None, [given.vararg]), *given.kwonlyargs)]
    names += [given.kwarg.arg] if given.kwarg else []
    assert names == [parameter.name for parameter in kinds]
    free = [a.arg for a in given.args[len(given.args) - len(given.defaults) :]]
    free += [a.arg for a, v in zip(given.kwonlyargs, given.kw_defaults, strict=True) if v]
    assert free == [p.name for p in kinds if p.default is not p.empty]


def test_a_lab_of_ones_own_goes_through_notebook_check_and_copy(folder):
    cells = [block for block in blocks(GUIDE) if ">>> " not in block and "save(" not in block][1:]
    book = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    notebooks.write(folder / "threshold.ipynb", book)
    for line in blocks(GUIDE, "sh")[0].splitlines():
        words = line.partition("#")[0].split()
        done = subprocess.run(
            [sys.executable, "-m", *words],
            env=child_environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert {p.name for p in (folder / "handout").iterdir()} == {"threshold.ipynb", "my_lab.py"}
    copy = notebooks.read(folder / "handout" / "threshold.ipynb")
    said = notebooks.execute(copy, folder / "handout" / "threshold.ipynb").cells[-1].outputs[0]
    assert said.data["text/plain"].startswith("threshold: not yet - it returns nothing")


# The README


def padded_net(padding):
    torch.manual_seed(0)
    layers = [nn.Conv2d(3, 6, 3, padding=padding), nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(*layers, nn.Conv2d(6, 4, 3, padding=padding)).eval()


def test_what_the_readme_shows_runs():
    names = {"net": padded_net(0), "image": torch.rand(1, 3, 64, 64)}
    execute(README, names)
    assert names["lab"].run.state["f"] == 8
    assert repr(names["lab"]).startswith("Shift and stitch(photo='astronaut', ")


def test_the_readmes_sizes_are_so():
    net, image = nn.Conv2d(3, 4, 3), torch.rand(1, 3, 256, 256)
    assert dense.predict(net, image).shape[2:] == (256, 256)
    for scores in (dense.shift_and_stitch(net, image), dense.rarefy(net)(image)):
        assert scores.shape[2:] == (254, 254)
    assert "254 × 254 scores" in README


@pytest.mark.parametrize("padding", [0, 1])
@torch.inference_mode()
def test_the_two_ways_differ_only_where_a_padded_net_reaches_over_the_border(padding):
    net, image = padded_net(padding), torch.rand(1, 3, 40, 40)
    field = receptive_field.of(net)
    slow, fast = dense.shift_and_stitch(net, image), dense.rarefy(net)(image)
    apart = ((slow - fast).abs().amax((0, 1)) > 1e-4).numpy()
    first = [i - field.padding[0] for i in range(apart.shape[0])]
    inside = [at >= 0 and at + field.size[0] <= 40 for at in first]
    assert not apart[inside][:, inside].any()
    assert apart.any() == bool(padding)
