"""Grading of submissions that attack: each gets its row, and harms nothing else."""

import csv
import json
import socket
import sys
import time
from pathlib import Path

import hostile
import pytest

from seglab.grade import processes, session, shield
from seglab.grade.limits import Limits
from seglab.grade.shield import Shield

LIMITS = Limits(seconds=240, cell=4, exercise=4, memory=1500, disk=50, processes=30)
NAP = 86_399  # seconds; found again in the list of processes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """The result of grading all of them once, in one session."""
    try:
        shield.choose(LIMITS)
    except ValueError as error:
        pytest.skip(str(error))
    folder, out = tmp_path_factory.mktemp("submissions"), tmp_path_factory.mktemp("out")
    asked = tmp_path_factory.mktemp("asked") / "asked.ipynb"
    asked.write_text(hostile.notebook([hostile.SETUP, hostile.RIGHT, hostile.SHIFT]))
    (out / "mine.txt").write_text("kept")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        port = listener.getsockname()[1]
        hostile.write(folder, folder=str(folder), out=str(out), port=port, nap=NAP)
        before = {p: p.read_bytes() for p in folder.glob("*.ipynb") if not p.is_symlink()}
        session.grade(folder, out, [asked], LIMITS)
        students = json.loads((out / "results.json").read_text())["students"]
        rows = csv.DictReader((out / "grades.csv").read_text().splitlines())
        yield {
            "folder": folder,
            "out": out,
            "before": before,
            "listener": listener,
            "rows": {row["student"]: row for row in rows},
            "results": {one["student"]: one["work"][0] for one in students},
        }


def points(graded, name):
    row = graded["rows"][name]
    return float(row["asked: interleave"]), float(row["asked: shift_of"])


def reasons(graded, name):
    return {mark["name"]: mark["reason"] for mark in graded["results"][name]["marks"]}


def said(graded, name):
    return " ".join(graded["results"][name]["notes"])


EARNED = {
    "right": (1, 1),
    "wrong": (0, 1),
    "unwritten": (0, 1),
    "hangs in a cell": (1, 1),
    "hangs in a function": (0, 1),
    "hangs in one call of C": (1, 0),
    "swallows all": (1, 0),
    "forks": (1, 0),
    "leaves a daemon": (1, 0),
    "fills the disk": (1, 0),
    "fills the memory": (1, 0),
    "prints without end": (1, 0),
    "prints that it passed": (0, 0),
    "takes the reference": (0, 0),
    "reads the reference": (0, 0),
    "patches check": (0, 0),
    "forges the words of an error": (0, 1),
    "deletes files": (1, 0),
    "reads the others": (1, 0),
    "calls out": (1, 0),
    "ends Python": (1, 1),
    "crashes": (1, 0),
    "answers with too much": (0, 1),
    "answers with a trap": (0, 0),
    "changes its input": (0, 0),
    "is no Python": (1, 1),
    "cut off": (0, 0),
    "too deep": (0, 0),
    "a letter": (0, 0),
    "a link": (0, 0),
    "an empty folder": (0, 0),
}


def test_every_entry_has_its_row(graded):
    entries = {path.stem for path in graded["folder"].iterdir()} - {"=1+1"} | {"'=1+1"}
    assert set(graded["rows"]) == entries


@pytest.mark.parametrize("name", EARNED)
def test_a_submission_earns_what_its_functions_return(graded, name):
    assert points(graded, name) == EARNED[name], (reasons(graded, name), said(graded, name))


@pytest.mark.parametrize("name", ["tells that it passed", "tells nonsense"])
def test_what_a_submission_says_of_itself_earns_nothing(graded, name):
    """Its own messages may cost it its answers, and never bring any."""
    right = {"interleave"} if name == "tells nonsense" else set()
    earned = dict(zip(("interleave", "shift_of"), points(graded, name), strict=True))
    assert {exercise for exercise, got in earned.items() if got} <= right


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hangs in a cell", "cell 2: it did not end within 4 seconds"),
        ("hangs in one call of C", "cell 2: it did not end within 4 seconds"),
        ("swallows all", "cell 2: it did not end within 4 seconds"),
        ("fills the memory", "cell 2: "),
        ("ends Python", "cell 2: it ended Python itself (exit code 0)"),
        ("crashes", "cell 2: it ended Python itself"),
        ("calls out", "Network is unreachable"),
        ("takes the reference", "cell 2: line 1 imports seglab.course.exercises"),
        ("cut off", "cut off.ipynb is no notebook"),
        ("too deep", "too deep.ipynb is no notebook"),
        ("a letter", "a letter.pdf is no notebook"),
        ("a link", "a link.ipynb is a link"),
        ("an empty folder", "there is no notebook"),
        ("is no Python", "cell 2: SyntaxError"),
    ],
)
def test_the_row_says_what_happened(graded, name, words):
    assert words in said(graded, name)
    assert words in graded["rows"][name]["remarks"]


def test_a_known_mistake_is_named(graded):
    assert "rows and columns are swapped" in reasons(graded, "wrong")["interleave"]


def test_a_function_that_hangs_says_with_which_case(graded):
    assert reasons(graded, "hangs in a function")["interleave"].startswith("it did not end within")


def test_nothing_was_deleted_or_written(graded):
    for path, content in graded["before"].items():
        assert path.read_bytes() == content
    assert (graded["out"] / "mine.txt").read_text() == "kept"
    assert not list(Path().glob("here"))


def test_nobody_outside_was_called(graded):
    with pytest.raises(BlockingIOError):
        graded["listener"].accept()


def test_nothing_of_the_others_or_of_the_references_can_be_read(graded):
    assert "others []" in graded["results"]["reads the others"]["printed"]
    assert "hidden" in graded["results"]["reads the reference"]["printed"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_process_is_left(graded):
    time.sleep(0.5)
    everybody = [_command(pid) for pid in processes.family(1)]
    assert any("pytest" in command for command in everybody)
    assert not [command for command in everybody if "_child.main()" in command]


def test_prints_are_kept_short(graded):
    for work in graded["results"].values():
        assert len(work["printed"]) <= LIMITS.output


def test_pages_say_it_without_running_it(graded):
    page = (graded["out"] / "students" / "prints_that_it_passed.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page


def test_a_spreadsheet_does_not_compute_a_name(graded):
    assert (graded["out"] / "grades.csv").read_text().count("\n'=1+1,") == 1


OWN = """
from seglab.course.declarations import Exercise, Option, Question

def threshold(x, level):
    return x > level

THRESHOLD = Exercise("threshold", lambda r, i: {"x": i, "level": int(r.integers(9))}, threshold, {})
WHICH = Question("which", "Which?", (Option("one", "no"), Option("two", "yes", right=True)))
COUNT = Question("count", "How many?", (Option("1", "no"), Option("2", "yes", right=True)))
SECRET = "the solution"

def above(level):
    return Exercise("higher", lambda r, i: {"x": i}, lambda x: x > level, {})
"""
SHIELDS = {
    "the best that works here": None,
    "a user namespace": Shield("namespaces", LIMITS),
    "limits alone": Shield("limits", LIMITS),
}


@pytest.mark.parametrize("name", SHIELDS)
def test_own_exercises_are_graded_without_their_module(name, tmp_path, monkeypatch):
    if SHIELDS[name] is not None:
        if why := shield.fails(SHIELDS[name]):
            pytest.skip(why)
        monkeypatch.setattr(session, "choose", lambda *_: SHIELDS[name])
    folder, home = tmp_path / "in", tmp_path / "asked"
    folder.mkdir()
    home.mkdir()
    (home / "own.py").write_text(OWN)
    (home / "tools.py").write_text("LEVEL = 3")
    cells = [
        hostile.SETUP,
        "import own, tools\nfrom own import COUNT, THRESHOLD, WHICH, above\nprint(tools.LEVEL)",
        "def mine(x, level):\n    return x > level\n\ncheck(THRESHOLD, mine)",
        "LEVEL = 3\ndef higher(x):\n    return x > LEVEL\n\ncheck(above(LEVEL), higher)",
        'quiz(WHICH, "b")\nquiz(COUNT, 2)',
        "print(own.SECRET)",
    ]
    asked = [cells[0], cells[1], cells[2].replace("mine", "threshold"), *cells[3:5]]
    (home / "asked.ipynb").write_text(
        hostile.notebook(asked)
        .replace("quiz(WHICH", 'quiz(\\"which\\"')
        .replace("quiz(COUNT", 'quiz(\\"count\\"')
    )
    (folder / "anna.ipynb").write_text(hostile.notebook(cells))
    try:
        session.grade(folder, tmp_path / "out", [home / "asked.ipynb"], LIMITS)
    except ValueError as error:
        pytest.skip(str(error))
    (work,) = json.loads((tmp_path / "out" / "results.json").read_text())["students"][0]["work"]
    earned = {mark["name"]: mark["points"] for mark in work["marks"]}
    assert earned == {"threshold": 1, "higher": 1, "which": 1, "count": 1}
    assert "the solution" not in work["printed"]
    assert "3" in work["printed"].splitlines()


def _command(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
