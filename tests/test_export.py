"""Notebooks for nbgrader and otter: their form, and both tools from release to points."""

import csv
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import hostile
import nbformat
import pytest

from seglab.course import export, notebooks

LAB = notebooks.folder() / "08-shift-and-stitch.ipynb"
STEM = LAB.stem
SEED = 7
WRONG = "def interleave(parts, f, size):\n    return parts[0]\n\n\ncheck('interleave', interleave)"
# Solutions of lab 08 by student, and the points of both exercises.
STUDENTS = {
    "right": ((hostile.RIGHT, hostile.SHIFT), (3, 1)),
    "half": ((WRONG, hostile.SHIFT), (0, 1)),
    "untouched": ((None, None), (0, 0)),
}


@pytest.fixture
def lab(tmp_path):
    """Lab 08, whose first exercise is worth 3."""
    path = tmp_path / f"{STEM}.ipynb"
    book = notebooks.read(LAB)
    for cell in book.cells:
        if "interleave" in [one.name for one in export.checked(cell.source)]:
            cell.metadata["seglab"] = {"points": 3}
    notebooks.write(path, book)
    return path


def written(lab, out, to):
    return notebooks.read(export.write(lab, out, to, SEED)[0])


def test_calls_of_check_are_found_in_any_form():
    source = '%time 1\ncheck("a", f)\nx = [check(OWN, g) for _ in y]\ncheck("b", functions["b"])'
    assert export.checked(source) == [
        ("a", "'a'", "f"),
        ("g", "OWN", "g"),
        ("b", "'b'", "functions['b']"),
    ]


@pytest.mark.parametrize("call", ["seglab.check('a', f)", "check('a', function=f)"])
def test_a_call_is_found_however_it_is_spelled(call):
    assert export.checked(call) == [("a", "'a'", "f")]


@pytest.mark.parametrize("to", export.GRADERS)
def test_an_exercise_that_is_checked_twice_has_one_test_at_the_last_place(tmp_path, to):
    path = tmp_path / "mine.ipynb"
    path.write_text(hostile.notebook([hostile.RIGHT, "1", "check('interleave', interleave)"]))
    sources = [cell.source for cell in written(path, tmp_path / "out", to).cells]
    (test,) = [place for place, source in enumerate(sources) if "check_again(" in source]
    assert test > sources.index("check('interleave', interleave)")


def test_nbgrader_gets_solutions_and_hidden_tests(lab, tmp_path):
    book = written(lab, tmp_path / "out", "nbgrader")
    cells = [cell for cell in book.cells if "nbgrader" in cell.metadata]
    marks = [cell.metadata.nbgrader for cell in cells]
    assert [m.solution for m in marks] == [True, False, True, False]
    assert [m.get("points") for m in marks] == [None, 3, None, 1]
    assert len({m.grade_id for m in marks}) == 4
    for cell, mark in zip(cells, marks, strict=True):
        kind = "SOLUTION" if mark.solution else "HIDDEN TESTS"
        assert cell.source.count(f"### BEGIN {kind}") == cell.source.count(f"### END {kind}") == 1
        assert "# solution" not in cell.source
    assert f"seed={SEED}" in cells[1].source


def test_otter_gets_questions(lab, tmp_path):
    book = written(lab, tmp_path / "out", "otter")
    raw = [cell.source.splitlines()[0] for cell in book.cells if cell.cell_type == "raw"]
    question = ["# BEGIN QUESTION", "# BEGIN SOLUTION", "# END SOLUTION"]
    question += ["# BEGIN TESTS", "# END TESTS", "# END QUESTION"]
    assert raw == ["# ASSIGNMENT CONFIG", *question, *question]
    tests = [c.source for c in book.cells if c.source.startswith('""" # BEGIN TEST CONFIG')]
    assert ["points: 3" in test for test in tests] == [True, False]
    assert all("hidden: true" in test and f"seed={SEED}" in test for test in tests)


@pytest.mark.parametrize("to", export.GRADERS)
def test_an_export_is_a_valid_notebook_without_outputs(lab, tmp_path, to):
    book = written(lab, tmp_path / "out", to)
    nbformat.validate(book)
    assert len({cell.id for cell in book.cells}) == len(book.cells)
    assert not any(cell.get("outputs") for cell in book.cells)


@pytest.mark.parametrize("to", export.GRADERS)
def test_files_beside_go_along_without_solutions(tmp_path, to):
    (tmp_path / "tools.py").write_text("LEVEL = 3\n# solution\nSECRET = 4\n# end solution\n")
    path = tmp_path / "mine.ipynb"
    path.write_text(hostile.notebook(["import tools", hostile.RIGHT, 'quiz("08-which-pixel", "")']))
    names = [file.name for file in export.write(path, tmp_path / "out", to)]
    assert names == ["mine.ipynb", "tools.py"]
    (copy,) = (tmp_path / "out").rglob("tools.py")
    assert copy.read_text() == "LEVEL = 3\n...  # your code here\n"
    assert export.left_out(notebooks.read(path)) == ["08-which-pixel"]


def test_a_seed_that_nobody_gave_is_secret(lab, tmp_path):
    texts = {export.write(lab, tmp_path / f"{i}", "otter")[0].read_text() for i in range(2)}
    assert len(texts) == 2


@pytest.mark.parametrize(
    ("cells", "to", "words"),
    [
        (["1"], "otter", "no check"),
        ([hostile.RIGHT], "moodle", "give one of nbgrader, otter"),
        (["check(OWN, lambda x: x)"], "otter", "does not tell which exercise it is; give it a"),
    ],
)
def test_what_cannot_be_exported_is_refused(tmp_path, cells, to, words):
    path = tmp_path / "mine.ipynb"
    path.write_text(hostile.notebook(cells))
    with pytest.raises(ValueError, match=words):
        export.write(path, tmp_path / "out", to)


# With the tools themselves, which the extra "graders" brings


def tool(folder, *command):
    """Run a tool of this Python in a folder."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    here = str(Path(notebooks.__file__).parents[2])
    environment = {**os.environ, "PATH": path, "PYTHONPATH": here, "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]


def handed_in(released, folder, solutions):
    """Write a released notebook with a student's solutions into a folder."""
    book = json.loads(released.read_text())
    assert "divmod(index, f)" not in released.read_text()
    left = [cell for cell in book["cells"] if export.checked("".join(cell["source"]))]
    assert len(left) == 2
    for cell, solution in zip(left, solutions, strict=True):
        if solution is not None:
            cell["source"] = solution
    folder.mkdir(parents=True)
    (folder / released.name).write_text(json.dumps(book))
    return folder / released.name


@pytest.mark.slow
@pytest.mark.graders
@pytest.mark.skipif(find_spec("nbgrader") is None, reason="needs the extra graders")
def test_nbgrader_gives_our_points(lab, tmp_path):
    course = tmp_path / "course"
    export.write(lab, course, "nbgrader", SEED)
    tool(course, "nbgrader", "generate_assignment", STEM, "--create")
    released = course / "release" / STEM / LAB.name
    for name, (solutions, _) in STUDENTS.items():
        handed_in(released, course / "submitted" / name / STEM, solutions)
    tool(course, "nbgrader", "autograde", STEM, "--create")
    tool(course, "nbgrader", "export")
    rows = list(csv.DictReader((course / "grades.csv").read_text().splitlines()))
    got = {row["student_id"]: float(row["score"]) for row in rows if row["assignment"] == STEM}
    assert got == {name: sum(points) for name, (_, points) in STUDENTS.items()}
    assert {float(row["max_score"]) for row in rows} == {4}


@pytest.mark.slow
@pytest.mark.graders
@pytest.mark.skipif(find_spec("otter") is None, reason="needs the extra graders")
def test_otter_gives_our_points(lab, tmp_path):
    export.write(lab, tmp_path, "otter", SEED)
    tool(tmp_path, "otter", "assign", f"{STEM}/{LAB.name}", "dist")
    (archive,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    released = tmp_path / "dist" / "student" / LAB.name
    for name, (solutions, points) in STUDENTS.items():
        path = handed_in(released, tmp_path / name, solutions)
        tool(tmp_path / name, "otter", "run", "-a", str(archive), "-o", ".", path.name)
        tests = json.loads((tmp_path / name / "results.json").read_text())["tests"]
        scores = {test["name"]: test["score"] for test in tests if "score" in test}
        got = tuple(scores[exercise] for exercise in ("interleave", "shift_of"))
        assert got == points, (name, tests)
