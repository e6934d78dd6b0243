"""A course of an instructor's own: made from a wheel in a fresh environment, and used there."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
import torch

from seglab.course import catalogue, copies, explained, new, notebooks, notes, points, tells
from seglab.course.declarations import Exercise
from seglab.deck import beside
from seglab.grade import assignments

ROOT = Path(__file__).parents[1]
LABS = sorted((ROOT / "labs").glob("*.ipynb"))


# In a fresh environment


class Prompt:
    """A Python with the wheel of this checkout and no checkout; the libraries are this Python's."""

    def __init__(self, folder):
        self.folder = folder
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
        subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
        venv = [sys.executable, "-m", "venv", "--without-pip", str(folder / "venv")]
        subprocess.run(venv, check=True)
        bin_, site = (folder / "venv" / p for p in (BIN, SITE))
        with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
            wheel.extractall(site)
        (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"])
        self.python = bin_ / "python"
        without = str(ROOT / "tests" / "without")  # no checkout either, see there
        self.env = {**os.environ, "PYTHONPATH": without}
        self.env["JUPYTER_PATH"] = str(Path(sysconfig.get_paths()["data"], "share", "jupyter"))

    def run(self, line):
        """`seglab ...`: exit code and all that was printed."""
        done = subprocess.run(
            [self.python, "-m", *line.split()],
            cwd=self.folder / "mine" if (self.folder / "mine").exists() else self.folder,
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout


BIN = "Scripts" if os.name == "nt" else "bin"
SITE = (
    "Lib/site-packages"
    if os.name == "nt"
    else f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
)


@pytest.fixture(scope="module")
def prompt(tmp_path_factory):
    made = Prompt(tmp_path_factory.mktemp("fresh"))
    code, said = made.run("seglab new-course mine")
    assert code == 0, said
    return made


@pytest.mark.slow
def test_a_new_course_is_checked_strictly_in_a_fresh_environment(prompt):
    home = subprocess.run(
        [prompt.python, "-c", "import seglab; print(seglab.__file__)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=prompt.folder,
        env=prompt.env,
    ).stdout
    assert Path(home.strip()).is_relative_to(prompt.folder)
    code, said = prompt.run("seglab check .")
    assert code == 0, said
    path = prompt.folder / "mine" / "01-threshold.ipynb"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("34.7% object", "34.8% object"), encoding="utf-8")
    code, said = prompt.run("seglab check 01-threshold.ipynb")
    path.write_text(before, encoding="utf-8")
    assert code == 1
    assert "34.8% object" in said


@pytest.mark.slow
def test_its_students_copies_run_as_they_are(prompt):
    code, said = prompt.run("seglab student handout . --group b")
    assert (code, len(said.splitlines())) == (2, 1)  # the first notebook knows no groups
    code, said = prompt.run("seglab student handout .")
    assert code == 0, said
    handout = prompt.folder / "mine" / "handout"
    assert {p.name for p in handout.iterdir()} == {
        "01-threshold.ipynb",
        "02-your-level.ipynb",
        "my_exercises.py",
        "my_lab.py",
    }
    assert "Yours is **0.5**" in (handout / "02-your-level.ipynb").read_text(encoding="utf-8")
    code, said = prompt.run("seglab check --lax handout")
    shutil.rmtree(handout)
    assert code == 0, said
    code, said = prompt.run("seglab student handout 02-your-level.ipynb --group b")
    assert "LEVEL = 0.25" in (handout / "02-your-level.ipynb").read_text(encoding="utf-8")


@pytest.mark.slow
def test_its_assistants_and_its_lecturer_are_served_too(prompt):
    code, said = prompt.run("seglab solutions solutions .")
    assert code == 0, said
    text = (prompt.folder / "mine" / "solutions" / "01-threshold.ipynb").read_text(encoding="utf-8")
    for words in (
        "return picture >= level",
        "The coins on the dark side are gone first",
        "right**",
    ):
        assert words in text
    code, said = prompt.run("seglab notes NOTES.md .")
    assert code == 0, said
    code, said = prompt.run("seglab deck 01-threshold.ipynb -o deck.html")
    assert code == 0, said


@pytest.mark.slow
def test_the_shipped_labs_of_the_wheel_hold_no_solutions_to_write(prompt):
    code, said = prompt.run("seglab solutions out")
    assert code == 2
    assert said == "the installed labs hold no solutions; give the notebooks of the course\n"


# The template


def test_the_template_declares_what_its_page_says():
    sources = {path.name: path.read_text(encoding="utf-8") for path in new.TEMPLATE.glob("*.*")}
    named = set(re.findall(r"^\| `([^`]+)` \|", sources["README.md"], re.MULTILINE))
    made = {new.PLACES.get(name, name) for name in sources if name != "README.md"}
    assert named == made - {".gitignore"}
    books = {name: json.loads(text) for name, text in sources.items() if name.endswith(".ipynb")}
    assert points(books["01-threshold.ipynb"]) == {"threshold": 2}
    assert points(books["02-your-level.ipynb"]) == {"area": 3, "a-higher-level": 1}
    lines = [line for line in sources["my_lab.py"].splitlines() if line.strip()]
    assert len(lines) <= 40


def test_the_lab_of_the_template_is_that_of_the_guide():
    guide = (ROOT / "docs" / "adding-a-lab.md").read_text(encoding="utf-8")
    (first, *_) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    assert (new.TEMPLATE / "my_lab.py").read_text(encoding="utf-8") == first


OPENS = re.compile(
    r"https://(?:mybinder\.org/v2/gh/([\w/-]+)/HEAD\?urlpath=lab/tree/"
    r"|colab\.research\.google\.com/github/([\w/-]+)/blob/main/)([^)\s]+)"
)


def opened(text):
    """(repository, path) of each address in a text by which Binder or Colab opens a notebook."""
    return [(binder or colab, unquote(path)) for binder, colab, path in OPENS.findall(text)]


@pytest.mark.parametrize("said", ["me/mine", "https://github.com/me/mine.git"])
def test_a_readme_opens_every_notebook_of_the_course(tmp_path, monkeypatch, said):
    monkeypatch.setattr(notebooks, "refresh", lambda folders: None)
    files = {
        path.relative_to(tmp_path / "my").as_posix() for path in new.write(tmp_path / "my", said)
    }
    made = opened((tmp_path / "my" / "README.md").read_text())
    stored = {name for name in files if name.endswith(".ipynb")}
    assert len(stored) == 2
    assert sorted(made) == sorted(2 * [("me/mine", name) for name in stored])
    new.write(tmp_path / "other")
    plain = (tmp_path / "other" / "README.md").read_text()
    assert not opened(plain)
    assert new.BADGES.strip() not in plain


def test_a_path_with_a_space_is_one_address():
    (binder, colab) = opened(new.badges("me/mine", ["week 1/01 a.ipynb"]))
    assert binder == colab == ("me/mine", "week 1/01 a.ipynb")


@pytest.mark.parametrize("said", ["mine", "https://gitlab.com/me/mine", "me/mine/more", "me /mine"])
def test_a_repository_that_is_none_of_github_is_refused_before_anything_is_made(tmp_path, said):
    with pytest.raises(ValueError, match="give OWNER/NAME"):
        new.write(tmp_path / "my", said)
    assert not (tmp_path / "my").exists()


def test_the_addresses_in_our_readme_name_notebooks_that_are_there():
    made = opened((ROOT / "README.md").read_text())
    assert {repository for repository, _ in made} == {"OWNER/REPOSITORY"}
    assert len(made) == 2
    assert all((ROOT / path).is_file() for _, path in made)


def test_a_course_that_is_there_is_not_replaced(tmp_path):
    with pytest.raises(ValueError, match="is there already; give the name of a new folder"):
        new.write(tmp_path)


def test_a_course_that_does_not_run_leaves_nothing(tmp_path, monkeypatch):
    def broken(paths):
        raise ValueError("a cell fails")

    monkeypatch.setattr(notebooks, "refresh", broken)
    with pytest.raises(ValueError, match="a cell fails"):
        new.write(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


# Explanations


def test_own_objects_are_found_in_the_modules_beside_a_notebook(tmp_path):
    for name in ("my_lab.py", "my_exercises.py"):
        shutil.copy(new.TEMPLATE / name, tmp_path)
    before = list(sys.path)
    told = tells.of(notebooks.read(new.TEMPLATE / "01-threshold.ipynb"), tmp_path / "x.ipynb")
    assert [one.name for one in told["predict-which"].questions] == ["which-photograph"]
    assert [lab.title for lab in told["play-lab"].labs] == ["Threshold"]
    assert [one.name for one in told["build-threshold"].exercises] == ["threshold"]
    assert sys.path == before
    assert "my_lab" not in sys.modules


def test_an_exercise_that_a_call_makes_is_found_with_its_mistakes(tmp_path):
    shutil.copy(new.TEMPLATE / "my_exercises.py", tmp_path)
    told = tells.of(notebooks.read(new.TEMPLATE / "02-your-level.ipynb"), tmp_path / "x.ipynb")
    (exercise,) = told["build-area"].exercises
    assert isinstance(exercise, Exercise)
    assert exercise.name == "area"


@pytest.mark.parametrize(("group", "level"), [(None, 0.5), ("b", 0.25)])
def test_the_template_can_be_graded_with_each_groups_constants(tmp_path, group, level):
    source = new.TEMPLATE / "02-your-level.ipynb"
    if group is not None:
        source, *_ = copies.copy_labs(tmp_path, [source], group)
    assignment = assignments.read(source)
    assert [(task.name, task.points) for task in assignment.tasks] == [
        ("area", 3),
        ("a-higher-level", 1),
    ]
    at_level = torch.tensor([level - 0.01, level, level + 0.01])
    assert assignment.tasks[0].asked.reference(at_level) == 2
    assert assignment.withheld["my_exercises"]["area_above"] == "area"


def test_a_groups_constants_are_in_the_copy_for_assistants_and_in_the_lecture(
    tmp_path, monkeypatch
):
    (source,) = (new.TEMPLATE / name for name in ["02-your-level.ipynb"])
    for group, level in (("b", "0.25"), (None, "0.5")):
        (copy,) = explained.write(tmp_path, [source], group)
        text = copy.read_text(encoding="utf-8")
        assert f"Yours is **{level}**" in text
        assert f"LEVEL = {level}" in text
    lectures = []
    monkeypatch.setattr(beside, "deck", lambda book, *_: lectures.append(book))
    beside.lecture(source, tmp_path / "x.html")
    assert "Yours is **0.5**" in lectures[0].cells[0].source


def test_a_module_that_fails_takes_nothing_else_with_it(tmp_path):
    (tmp_path / "broken.py").write_text("1 / 0")
    cells = [
        "import broken",
        "from seglab import quiz",
        "quiz('08-which-pixel'); quiz('none')",
        "1 +",
    ]
    book = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, cells)))
    (told,) = tells.of(book, tmp_path / "x.ipynb").values()
    assert [one.name for one in told.questions] == ["08-which-pixel"]


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_a_lab_for_assistants_explains_every_question_exercise_and_step(path):
    source = notebooks.read(path)
    book = explained.explained(notebooks.read(path), path)
    assert [c for c in book.cells if not c.id.endswith("-explained")] == source.cells
    text = "\n".join(cell.source for cell in book.cells if cell.id.endswith("-explained"))
    code = "\n".join(cell.source for cell in source.cells)
    for name in re.findall(r'^quiz\("([^"]+)"', code, re.MULTILINE):
        for option in catalogue.question(name).options:
            assert option.feedback in text
    for name in re.findall(r'^check\("([^"]+)"', code, re.MULTILINE):
        assert all(words in text for words in catalogue.exercise(name).mistakes)
    assert "**The tour**" in text
    nbformat.validate(book)


def test_the_page_of_notes_is_that_of_the_labs():
    page = (ROOT / "docs" / "instructors.md").read_text(encoding="utf-8")
    assert page == notes.page(LABS), "run: seglab notes docs/instructors.md"


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem[:2])
def test_a_lab_says_its_goals_and_its_time(path):
    section = notes.page([path])
    assert "**Goals.** Afterwards students can " in section
    assert 20 <= notes.time(notebooks.read(path)) <= 60
