"""Grading without a process: the wire, marks, submissions, sessions, reports, commands."""

import csv
import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from pathlib import Path

import hostile
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.course import catalogue, checks, quizzes
from seglab.course.declarations import Exercise, Option, Question
from seglab.grade import assignments, marking, report, runs, session, shield, submissions, wire
from seglab.grade.assignments import Assignment, Task
from seglab.grade.limits import Limits
from seglab.grade.marking import Mark
from seglab.grade.report import Graded
from seglab.grade.runs import Outcome, Ran
from seglab.grade.shield import Shield

EXERCISES = catalogue.exercises()
SEED = 12345


# Values on the wire

VALUES = [
    None,
    ...,
    True,
    -7,
    1 << 70,
    2.5,
    float("nan"),
    float("inf"),
    "text é",
    1 + 2j,
    [1, (2, [3.0])],
    {1, 2},
    {"a": (1, None), 2: [True]},
    torch.arange(6).view(2, 3),
    torch.zeros(0, 3),
    torch.tensor([True, False]),
    torch.tensor([1.5, -2]).bfloat16(),
    torch.tensor(3.0, requires_grad=True),
    torch.arange(12.0).view(3, 4)[:, ::2],
    torch.eye(3).to_sparse(),
    np.arange(5, dtype=np.int16)[::-1],
    np.float32(2.5),
    np.array(["text"][:0], dtype=np.float64),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_through_as_it_was(value):
    got = wire.unpack(wire.pack(value))
    if isinstance(value, torch.Tensor):
        want = value.detach().to_dense()
        assert got.dtype == want.dtype
        assert torch.equal(got, want)
    elif isinstance(value, np.ndarray | np.generic):
        assert got.dtype == value.dtype
        np.testing.assert_array_equal(got, value)
    else:
        assert repr(got) == repr(value)
        assert type(got) is type(value)


class Trap:
    def __reduce__(self):
        raise AssertionError("pickled")


@pytest.mark.parametrize("value", [Trap(), open, 1 << 300, np.array([Trap()], dtype=object)])
def test_what_cannot_be_sent_keeps_the_name_of_its_type(value):
    got = wire.unpack(wire.pack([value]))[0]
    assert isinstance(got, wire.Foreign)
    assert type(got).__name__ == type(value).__name__


def test_a_value_without_end_is_cut():
    endless = []
    endless.append(endless)
    assert wire.unpack(wire.pack(endless))


BAD = [
    {"tensor": ["float32", [1 << 40], 0, 4]},
    {"tensor": ["float32", [2], 0, 4]},
    {"tensor": ["float32", [1], -4, 4]},
    {"tensor": ["float32", [-1, -1], 0, 4]},
    {"tensor": ["object", [1], 0, 8]},
    {"array": ["O", [1], 0, 8]},
    {"array": [[["a", "O"]], [1], 0, 8]},
    {"list": 3},
    {"dict": [[{"list": []}, {"plain": 1}]]},
    {"plain": "text"},
    {"other": 1},
    {"unknown": 1},
    {},
    [],
    3,
]


@pytest.mark.parametrize("tree", BAD, ids=json.dumps)
def test_a_wrong_message_is_refused(tree):
    text = json.dumps(tree).encode()
    with pytest.raises(ValueError, match=r".+"):
        wire.unpack(len(text).to_bytes(8, "big") + text + bytes(4))


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_a_message_or_refused(data):
    text = len(data).to_bytes(8, "big") + data
    for given_bytes in (data, text):
        try:
            wire.unpack(given_bytes)
        except ValueError:
            continue


def test_a_deep_message_is_refused():
    text = b'{"list": [' * 50_000
    with pytest.raises(ValueError, match="message"):
        wire.unpack(len(text).to_bytes(8, "big") + text)


# Marks


def ran(exercise, function, cases):
    """The report of a run on a function, through the wire."""
    outcomes = []
    for case in cases:
        said = {"value": None, "changed": [], "error": None}
        said |= {"value": wire.unpack(wire.pack(function(**dict(case))))}
        outcomes.append(Outcome(said["value"]))
    return Ran(answers={exercise.name: outcomes})


@pytest.mark.parametrize("name", EXERCISES)
def test_a_reference_earns_all_points_with_hidden_cases(name):
    exercise = EXERCISES[name]
    cases = checks.cases_of(exercise, SEED)
    mark = marking.of(Task(exercise, 3), cases, ran(exercise, exercise.reference, cases))
    assert mark == Mark(name, True, 3, f"correct on {len(cases)} random cases")
    assert mark.passed


@pytest.mark.parametrize("name", EXERCISES)
def test_a_known_mistake_earns_nothing_and_is_named(name):
    exercise = EXERCISES[name]
    cases = checks.cases_of(exercise, SEED)
    for words, mistake in exercise.mistakes.items():
        outcomes = [marking.made(mistake, case) for case in cases]
        mark = marking.of(Task(exercise, 3), cases, Ran(answers={name: outcomes}))
        assert mark.points == 0
        assert not mark.passed
        assert words in mark.reason or any(words in str(o.error) for o in outcomes), mark


@pytest.mark.parametrize("name", EXERCISES)
def test_hidden_cases_are_other_cases(name):
    exercise = EXERCISES[name]
    own, hidden = (wire.pack([dict(c) for c in checks.cases_of(exercise, s)]) for s in (0, SEED))
    assert own != hidden  # or a table of the cases that a student has seen would do


def square(x):
    return x * x


MISTAKES = {"correct the sign": lambda x: -x * x}
SQUARE = Exercise("square", lambda random, i: {"x": i}, square, MISTAKES, cases=3)
CASES = [{"x": i} for i in range(3)]


@pytest.mark.parametrize(
    ("given_ran", "reason"),
    [
        (Ran(missing={"square"}), "nothing was handed in"),
        (Ran(), "not reached"),
        (Ran(answers={"square": [Outcome(0)]}), "not reached"),
        (Ran(answers={"square": [Outcome(None)] * 3}), "nothing was handed in"),
        (Ran(answers={"square": [Outcome(error=("E", "w", True))] * 3}), "nothing was handed in"),
        (Ran(answers={"square": [Outcome(error=("E", "it stops", False))] * 3}), "it stops. Seen"),
        (Ran(answers={"square": [Outcome(error=("E", "correct", False))] * 3}), "correct. Seen"),
        (Ran(answers={"square": [Outcome(0), Outcome(-1), Outcome(-4)]}), "correct the sign"),
        (Ran(answers={"square": [Outcome(0), Outcome(1), Outcome(5)]}), "(1 of 3 cases fail)"),
        (Ran(answers={"square": [Outcome(0), Outcome(1), Outcome(4, ("x",))]}), "its own input"),
        (Ran(answers={"square": [Outcome(wire.foreign("Trap"))] * 3}), "a Trap"),
        (Ran(stopped={"square": "it did not end"}), "it did not end. Seen with x = 0"),
    ],
)
def test_what_is_not_right_earns_nothing(given_ran, reason):
    mark = marking.of(Task(SQUARE, 2), CASES, given_ran)
    assert mark.points == 0
    assert reason in mark.reason


WHICH = Question("which", "Which?", (Option("one", "no"), Option("two", "yes", right=True)))


@pytest.mark.parametrize(
    ("answer", "points"),
    [("b", 2), ("B)", 2), ("two", 2), ("a", 0), ("c", 0), ("", 0), ("correct", 0)],
)
def test_an_answer_earns_its_points(answer, points):
    mark = marking.of(Task(WHICH, 2), (), Ran(choices={"which": answer}))
    assert mark.points == points


@pytest.mark.parametrize("answer", ["a", "b", "b)", "x"])
def test_an_answer_means_the_same_option_in_the_notebook_and_to_the_grader(answer):
    crossed = Question("crossed", "?", (Option("b", "no"), Option("a", "yes", right=True)))
    mark = marking.of(Task(crossed, 1), (), Ran(choices={"crossed": answer}))
    assert mark.passed == quizzes.quiz(crossed, answer).result.passed


# Assignments and submissions


def asked(folder, *cells):
    path = folder / "asked.ipynb"
    path.write_text(hostile.notebook([hostile.SETUP, *cells]))
    return path


def test_points_and_functions_come_from_the_instructors_notebook(tmp_path):
    path = asked(tmp_path, hostile.RIGHT, 'check("shift_of", mine)', 'quiz("08-which-pixel", "")')
    book = json.loads(path.read_text())
    book["cells"][1]["metadata"]["seglab"] = {"points": 4}
    path.write_text(json.dumps(book))
    tasks = assignments.read(path).tasks
    assert [(t.name, t.points, t.function) for t in tasks] == [
        ("interleave", 4, "interleave"),
        ("shift_of", 1, "mine"),
        ("08-which-pixel", 1, "08-which-pixel"),
    ]


@pytest.mark.parametrize(
    ("cells", "words"), [(["1"], "checks nothing"), (['check("no_such", f)'], "no_such")]
)
def test_a_notebook_that_cannot_be_graded_is_refused(tmp_path, cells, words):
    with pytest.raises(ValueError, match=words):
        assignments.read(asked(tmp_path, *cells))


OWN = """
from seglab.course.declarations import Exercise, Option, Question

def threshold(x, level):
    return x > level

THRESHOLD = Exercise("threshold", lambda r, i: {"x": i, "level": int(r.integers(9))}, threshold, {})
"""


def test_own_exercises_are_taken_and_their_module_stays_home(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "tools.py").write_text("LEVEL = 3")
    path = asked(tmp_path, "import tools\nfrom own import THRESHOLD", "check(THRESHOLD, threshold)")
    assignment = assignments.read(path)
    assert [task.name for task in assignment.tasks] == ["threshold"]
    assert assignment.withheld == {"own": {"THRESHOLD": "threshold"}}
    assert list(assignment.files) == ["tools.py"]


def test_submissions_are_files_and_folders(tmp_path):
    (tmp_path / "anna.ipynb").write_text(hostile.notebook(["1"]))
    (tmp_path / "ben").mkdir()
    (tmp_path / "ben" / "08.ipynb").write_text(hostile.notebook(["1"]))
    (tmp_path / "ben" / "mine.py").write_text("1")
    (tmp_path / "ben" / "secret").symlink_to("/etc/passwd")
    (tmp_path / "ben" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "ben" / ".ipynb_checkpoints" / "old.ipynb").write_text("old")
    (tmp_path / ".hidden").write_text("")
    os.mkfifo(tmp_path / "pipe.ipynb")
    found = {one.student: one for one in submissions.find(tmp_path)}
    assert set(found) == {"anna", "ben", "pipe"}
    assert [path.name for path in found["ben"].notebooks] == ["08.ipynb"]
    assert list(found["ben"].files) == ["mine.py"]
    assert found["pipe"].problem == "pipe.ipynb is a link or no file"


def test_two_of_one_name_stay_two(tmp_path):
    (tmp_path / "anna.ipynb").write_text(hostile.notebook(["1"]))
    (tmp_path / "anna").mkdir()
    assert {one.student for one in submissions.find(tmp_path)} == {"anna", "anna.ipynb"}


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_a_folder_without_submissions_is_refused(tmp_path, name):
    with pytest.raises(ValueError, match="folder that holds"):
        submissions.find(tmp_path / name)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[" * 100_000, '{"cells": 3}', '{"cells": [{}]}', '{"cells": [1]}']
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"x\.ipynb is no notebook"):
        submissions.code(path)


# Sessions


@pytest.fixture
def faked(monkeypatch):
    """A session whose runs are right at once, and counted."""
    seen = []

    def run(shielded, order, files, slot, stopping=None):
        seen.append(order)
        made = Ran()
        for name, (_, cases) in order.exercises.items():
            right = EXERCISES[name].reference
            made.answers[name] = [Outcome(right(**dict(case))) for case in cases]
        return made

    monkeypatch.setattr(runs, "run", run)
    monkeypatch.setattr(session, "choose", lambda limits, *_: Shield("limits", limits))
    return seen


@pytest.fixture
def handed_in(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("anna", "ben", "cleo"):
        (folder / f"{name}.ipynb").write_text(hostile.notebook([hostile.RIGHT, name]))
    return folder, tmp_path / "out", [asked(tmp_path, hostile.RIGHT, hostile.SHIFT)]


def test_a_finished_submission_is_not_run_again(faked, handed_in):
    session.grade(*handed_in)
    assert len(faked) == 3
    first = (handed_in[1] / "grades.csv").read_text()
    session.grade(*handed_in)
    assert len(faked) == 3
    assert (handed_in[1] / "grades.csv").read_text() == first


def test_a_changed_submission_is_run_again(faked, handed_in):
    session.grade(*handed_in)
    (handed_in[0] / "ben.ipynb").write_text(hostile.notebook([hostile.RIGHT, "changed"]))
    session.grade(*handed_in)
    assert len(faked) == 4


def test_a_changed_file_beside_a_notebook_is_run_again_at_the_same_size(faked, handed_in):
    folder, out, paths = handed_in
    (folder / "dora").mkdir()
    (folder / "dora" / "mine.ipynb").write_text(hostile.notebook([hostile.RIGHT]))
    (folder / "dora" / "tools.py").write_text("LEVEL = 3")
    session.grade(folder, out, paths)
    before = len(faked)
    session.grade(folder, out, paths)
    assert len(faked) == before
    (folder / "dora" / "tools.py").write_text("LEVEL = 4")
    session.grade(folder, out, paths)
    assert len(faked) == before + 1


def yes(x):
    return True


@pytest.mark.parametrize(
    ("asked", "changed"),
    [
        (SQUARE, replace(SQUARE, reference=yes)),
        (SQUARE, replace(SQUARE, also=(yes,))),
        (SQUARE, replace(SQUARE, mistakes={"another": MISTAKES["correct the sign"]})),
        (SQUARE, replace(SQUARE, mistakes={"correct the sign": yes})),
        (SQUARE, replace(SQUARE, reveal=not SQUARE.reveal)),
        (WHICH, replace(WHICH, options=WHICH.options[::-1])),
        (
            WHICH,
            replace(WHICH, options=tuple(replace(o, right=not o.right) for o in WHICH.options)),
        ),
    ],
)
def test_all_are_run_again_where_something_else_is_right(asked, changed):
    def fingerprint(one):
        assignment = Assignment("a", (Task(one, 1),))
        return session.Cases([assignment], SEED).fingerprint(assignment)

    assert fingerprint(asked) == fingerprint(asked)
    assert fingerprint(asked) != fingerprint(changed)


@pytest.mark.parametrize("changed", ["points", "seed", "exercises"])
def test_all_are_run_again_where_something_else_is_asked(faked, handed_in, changed, tmp_path):
    session.grade(*handed_in)
    folder, out, paths = handed_in
    if changed == "exercises":
        paths = [asked(tmp_path, hostile.RIGHT)]
    if changed == "points":
        book = json.loads(paths[0].read_text())
        book["cells"][1]["metadata"]["seglab"] = {"points": 4}
        paths[0].write_text(json.dumps(book))
    session.grade(folder, out, paths, seed=99 if changed == "seed" else None)
    assert len(faked) == 6


def test_what_was_kept_by_another_program_is_not_believed(faked, handed_in):
    session.grade(*handed_in)
    for file in (handed_in[1] / "kept").iterdir():
        file.write_text("{")
    session.grade(*handed_in)
    assert len(faked) == 6


def test_the_hidden_seed_is_kept_and_is_not_the_students(faked, handed_in):
    session.grade(*handed_in)
    first = faked[0].exercises["interleave"][1]
    assert wire.pack(list(map(dict, first))) != wire.pack(
        list(map(dict, checks.cases_of(EXERCISES["interleave"])))
    )
    session.grade(*handed_in)
    assert json.loads((handed_in[1] / "seed.json").read_text())["seed"] > 0


def test_an_interrupt_ends_all_and_keeps_what_is_finished(monkeypatch, faked, handed_in):
    fast = runs.run
    begun = threading.Event()

    def run(shielded, order, files, slot, stopping=None):
        if order.cells[-1] == "anna":
            return fast(shielded, order, files, slot)
        begun.set()
        assert stopping.wait(30)
        raise runs.Interrupted

    def interrupt(done, total):
        begun.wait(30)
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "run", run)
    with pytest.raises(KeyboardInterrupt):
        session.grade(*handed_in, workers=2, progress=interrupt)
    monkeypatch.setattr(runs, "run", fast)
    session.grade(*handed_in)
    assert len(faked) == 3  # anna once


def test_a_value_that_cannot_be_compared_earns_nothing(monkeypatch, faked, handed_in):
    monkeypatch.setattr(marking, "of", lambda *_: 1 / 0)
    session.grade(*handed_in)
    assert "cannot be compared" in (handed_in[1] / "students" / "anna.html").read_text()


# Reports

WORK = Graded(
    "anna <b>",
    "08",
    "08.ipynb",
    (
        Mark("interleave", True, 2, "correct on 20 random cases"),
        Mark("shift_of", False, 1, "<i>no</i>"),
    ),
    ("cell 3: <script>alert(1)</script>",),
    "printed & said </pre>",
)


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.open, self.seen = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_a_page_shows_words_as_words():
    text = report.page("anna <b>", [WORK], "namespaces")
    tags = Tags(text)
    assert not tags.open
    assert {"script", "b", "i"}.isdisjoint(tags.seen)
    assert "2 of 3 points" in text
    assert text.count('scope="col"') == 5
    assert text.count('scope="row"') == 2


@pytest.mark.parametrize("kind", shield.KINDS)
def test_every_report_says_what_shielded_it(kind, tmp_path):
    report.write(tmp_path, [WORK], kind)
    assert json.loads((tmp_path / "results.json").read_text())["shield"]["kind"] == kind
    (page,) = (tmp_path / "students").glob("*.html")
    assert escape(shield.KINDS[kind]) in page.read_text()


def test_the_table_has_a_row_for_each_student_and_computes_nothing():
    rows = list(csv.reader(report.table({"=cmd()": [WORK]}).splitlines()))
    assert rows[0][:5] == ["student", "points", "of", "08: interleave", "08: shift_of"]
    assert rows[1][:5] == ["'=cmd()", "2", "3", "2", "0"]


def test_pages_of_like_names_are_two():
    names = report.page_names(["a/b", "a b", "A_B", "../../x", "..", "é"])
    assert len({name.lower() for name in names.values()}) == 6
    assert all(re.fullmatch(r"[\w-][\w.-]*\.html", name) for name in names.values())


# Commands of the shields, and their refusals


def test_a_container_has_no_network_no_rights_and_limits():
    kind = Shield("container", Limits(), engine="podman", image="me/lab", hidden=("/x/exercises",))
    command = kind.command(Path("/jobs/1/home"), 0, "seglab-1")
    wanted = {"--network=none", "--read-only", "--cap-drop=ALL", "--user=65534:65534"}
    wanted |= {"--security-opt=no-new-privileges", "--pids-limit=64", "--memory=3000m", "--rm"}
    wanted |= {"--memory-swap=3000m", "--tmpfs=/x/exercises:ro,size=4k", "--name=seglab-1"}
    wanted |= {"--mount=type=bind,source=/jobs/1/home,target=/submission,readonly"}
    assert wanted <= set(command)
    assert command[:2] == ["podman", "run"]
    assert command.index("me/lab") > max(command.index(word) for word in wanted)


def test_sandbox_exec_denies_network_writing_and_the_others(tmp_path):
    kind = Shield("sandbox-exec", Limits(), (str(tmp_path / 'a "b"'),))
    command = kind.command(tmp_path / "home", 0, "")
    rules = command[2].splitlines()
    assert command[:2] == ["sandbox-exec", "-p"]
    assert rules[1] == "(allow default)"
    assert {"(deny network*)", "(deny file-write*)"} <= set(rules)
    assert f'(deny file-read* file-write* (subpath "{tmp_path}/a \\"b\\""))' in rules
    assert rules.index("(deny file-write*)") < rules.index(
        f'(allow file-write* (subpath "{tmp_path}/home") (literal "/dev/null"))'
    )


def test_a_submission_sees_python_and_no_folder_of_ours():
    seen = [here for _, here in Shield("namespaces", Limits()).shown]
    assert any(Path(sys.prefix).is_relative_to(place) for place in seen)
    for own in (Path.home(), Path(__file__).parent, Path("/"), Path("/etc/shadow"), Path("/tmp")):
        assert not any(own.is_relative_to(place) for place in seen), own


def test_nothing_of_our_environment_goes_in(monkeypatch):
    monkeypatch.setenv("MY_TOKEN", "secret")
    assert "secret" not in shield.environment().values()


def test_without_a_shield_the_system_is_named_and_the_way_out(monkeypatch):
    monkeypatch.setattr(shield, "_known", lambda *_: [])
    with pytest.raises(ValueError, match=r"--container IMAGE, or --unshielded"):
        shield.choose(Limits())
    assert shield.choose(Limits(), unshielded=True).kind == "limits"


def test_a_container_without_an_engine_is_refused(monkeypatch):
    monkeypatch.setattr(shield.shutil, "which", lambda name: None)
    with pytest.raises(ValueError, match="needs docker or podman"):
        shield.choose(Limits(), container="me/lab")


def test_a_container_with_another_seglab_is_refused(monkeypatch):
    monkeypatch.setattr(shield.shutil, "which", lambda name: f"/bin/{name}")
    done = subprocess.CompletedProcess([], 0, "/opt/seglab 0.0.1\n", "")
    monkeypatch.setattr(shield.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(ValueError, match=r"cannot run seglab .*\(seglab 0\.0\.1\)"):
        shield.choose(Limits(), container="me/lab")


@pytest.mark.parametrize("name", ["seconds", "memory", "disk"])
def test_a_limit_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"the limit {name} is 0"):
        Limits(**{name: 0})
