"""Results of checks and of answered questions: what they say, and the file that records them."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from seglab import check, quiz
from seglab.course import Result, catalogue, checks, points, record, results, trial
from seglab.course.declarations import Exercise, Option, Question

RIGHT = catalogue.exercise("interleave").reference
WHICH = Question(
    "which", "Which?", (Option("this", "Yes it is.", right=True), Option("that", "It is not."))
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    """A process that has checked nothing yet and was asked to record nothing."""
    monkeypatch.setattr(results, "_record", type(results._record)())
    for name in (results.VARIABLE, "JPY_SESSION_NAME", "SEGLAB_SEED"):
        monkeypatch.delenv(name, raising=False)


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def code(source, points=None, **cell):
    metadata = {} if points is None else {"seglab": {"points": points}}
    return {"cell_type": "code", "source": source, "metadata": metadata, **cell}


def book(*cells):
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_attempts_are_counted_and_an_untouched_cell_is_none():
    assert check("interleave", None).attempts == 0
    assert check("interleave", lambda parts, f, size: parts[0]).attempts == 1
    assert check("shift_of", lambda row, column, f: (0, 0, 0, 0)).attempts == 1
    result = check("interleave", RIGHT)
    assert result == Result("interleave", True, 1.0, 2, "correct on 20 random cases.")


def test_each_attempt_is_a_line_of_the_file(tmp_path):
    path = tmp_path / "results.jsonl"
    record(path)
    check("interleave", lambda parts, f: parts)
    check("interleave", RIGHT)
    wrong, right = lines(path)
    assert list(wrong) == ["name", "passed", "points", "attempts", "reason"]
    assert wrong["reason"] == "not yet - it takes (parts, f); it should take (parts, f, size)."
    assert (wrong["passed"], wrong["points"], wrong["attempts"]) == (False, 0.0, 1)
    assert (right["passed"], right["points"], right["attempts"]) == (True, 1.0, 2)


def test_attempts_go_on_from_what_the_file_holds(tmp_path):
    path = tmp_path / "results.jsonl"
    record(path)
    check("interleave", RIGHT)
    with path.open("a") as file:
        file.write('{"name": "interl\n[]\nÿ\n')
    record(path)
    assert check("interleave", RIGHT).attempts == 2


def test_recording_ends_when_told(tmp_path):
    record(tmp_path / "a")
    record(None)
    check("interleave", RIGHT)
    assert list(tmp_path.iterdir()) == []


def test_the_variable_names_the_file_of_a_process(tmp_path):
    code = "from seglab import check, quiz; check('shift_of', None); quiz('08-which-pixel', 'a')"
    path = tmp_path / "results.jsonl"
    root = str(Path(__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root, results.VARIABLE: str(path)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    assert [(one["name"], one["passed"], one["attempts"]) for one in lines(path)] == [
        ("shift_of", False, 0),
        ("08-which-pixel", True, 1),
    ]


def test_a_file_that_cannot_be_written_is_one_sentence_and_the_check_goes_on(tmp_path, capsys):
    (tmp_path / "a").mkdir()
    record(tmp_path / "a")
    assert check("interleave", RIGHT).passed
    assert check("interleave", RIGHT).passed
    said = capsys.readouterr().err
    where = tmp_path / "a"
    assert said == f"Results are not recorded: {where} is a folder; give the name of a file.\n"


@pytest.mark.parametrize("way", ["named", "open in Jupyter"])
def test_points_come_from_the_notebook(tmp_path, monkeypatch, way):
    notebook = tmp_path / "lab.ipynb"
    notebook.write_text(json.dumps(book(code('check("interleave", interleave)', 3))))
    if way == "named":
        record(tmp_path / "results.jsonl", notebook)
    else:
        monkeypatch.setenv("JPY_SESSION_NAME", str(notebook))
    assert check("interleave", RIGHT).points == 3
    assert check("interleave", lambda parts, f, size: parts[0]).points == 0
    notebook.write_text("half a noteb")
    assert check("interleave", RIGHT).points == 1


# Answers


@pytest.mark.parametrize("answer", ["a", "a)", " A ", "this"])
def test_a_right_answer_passes(answer):
    asked = quiz(WHICH, answer)
    assert asked.result == Result("which", True, 1.0, 1, "a) is right. Yes it is.")
    assert repr(asked).endswith("  b) that\na) is right. Yes it is.")
    assert "✓" in asked._repr_html_()


def test_a_wrong_answer_says_what_speaks_against_it():
    result = quiz(WHICH, "b").result
    assert (result.passed, result.points, result.attempts) == (False, 0, 1)
    assert result.reason == "b) is not right. It is not."


@pytest.mark.parametrize("answer", ["", ..., "z", 7])
def test_what_is_no_answer_is_no_attempt(answer):
    result = quiz(WHICH, answer).result
    assert not result.started
    assert result.attempts == 0
    assert result.reason.startswith("not yet - ")


def test_a_question_without_an_answer_gives_no_result():
    assert quiz(WHICH).result is None


def test_where_the_answer_counts_nothing_is_revealed():
    hidden = Question("which", "Which?", WHICH.options, reveal=False)
    pages = [quiz(hidden, letter) for letter in "ab"]
    assert [page.result.passed for page in pages] == [True, False]
    for page, letter in zip(pages, "ab", strict=True):
        html = page._repr_html_()
        for word in ("Yes", "It is not", "right", "✓", "…", "details"):
            assert word not in html + repr(page)
        assert f"Your answer is {letter})." in html
        assert html.replace(f"is {letter})", "") == pages[0]._repr_html_().replace("is a)", "")


# Points


def test_points_are_those_of_the_cells_in_order():
    found = points(
        book(
            {"cell_type": "markdown", "source": 'check("no", no)', "metadata": {}},
            code(["%time 1\n", 'check("interleave", interleave)'], 3),
            code('seglab.check("shift_of", shift_of)\nquiz("shown")'),
            code('quiz("asked", answer="b")', 0.5),
            code("check(THRESHOLD, threshold)"),
            code("check(MINE, mine)\nquiz(WHICH, '')", {"mine": 2, "which": 0}),
            code("this is no Python ="),
        )
    )
    assert list(found.items()) == [
        ("interleave", 3),
        ("shift_of", 1),
        ("asked", 0.5),
        ("threshold", 1),
        ("mine", 2),
        ("which", 0),
    ]


def test_what_is_checked_twice_counts_once():
    once, again = code('check("a", a)', 3), code('check("a", a)')
    assert points(book(once, again)) == points(book(again, once)) == {"a": 3}


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([code("x = 1", 3, id="a")], r"cell 1 \(a\) has points 3 and no check or answered quiz"),
        ([code('check("a", a)\ncheck("b", b)', 3)], "has points 3 and more than one check"),
        ([code('check("a", a)', -1)], "has points -1; give a number of at least 0"),
        ([code('check("a", a)', "3")], "has points '3'; give a number"),
        ([code('check("a", a)', True)], "has points True; give a number"),
        ([code('check("a", a)', float("nan"))], "has points nan; give a number"),
        (
            [code('check("a", a)', 1), code('check("a", a)', 1)],
            r"cell 2 .* points for 'a', as a cell",
        ),
        ([code('check("a", a)\ncheck("b", b)', {"a": 1})], "name all"),
        ([code("quiz(WHICH, '')", 2)], 'give them by name, {"points": {"name": 2}}'),
    ],
)
def test_points_that_belong_to_nothing_are_refused(cells, words):
    with pytest.raises(ValueError, match=words):
        points(book(*cells))


# Other cases


@pytest.fixture
def trusted(monkeypatch):
    """Functions that are known to end: they are not tried in another process first."""
    monkeypatch.setattr(trial, "run", lambda *_: trial.Trial(ended=True))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", catalogue.exercises())
@pytest.mark.parametrize("seed", [77])
def test_with_any_seed_the_reference_passes_and_no_known_mistake_does(name, seed):
    exercise = catalogue.exercise(name)
    assert check(exercise, exercise.reference, seed=seed).passed
    for words, mistake in exercise.mistakes.items():
        assert not check(exercise, mistake, seed=seed).passed, words


@pytest.mark.usefixtures("trusted")
def test_cases_are_drawn_again_until_a_known_mistake_shows():
    rare = Exercise(
        "rare",
        lambda random, i: {"x": int(random.integers(0, 60))},
        lambda x: x,
        {"zero counts too": lambda x: x or 1},
    )
    caught = [not check(rare, rare.mistakes["zero counts too"], seed=s).passed for s in range(20)]
    assert caught[1:] == [True] * 19
    never = replace(rare, mistakes={"none": lambda x: x})
    assert check(never, never.reference, seed=3).passed


def test_another_seed_gives_other_cases_and_the_same_one_the_same():
    exercise = catalogue.exercise("shift_of")
    first, again, other = (checks.cases_of(exercise, seed) for seed in (0, None, 1))
    assert first == again
    assert first != other
    assert [case["f"] for case in first] == [case["f"] for case in other]


def test_the_variable_chooses_the_seed(monkeypatch):
    exercise = catalogue.exercise("shift_of")
    monkeypatch.setenv("SEGLAB_SEED", "1")
    assert checks.cases_of(exercise) == checks.cases_of(exercise, 1)
    monkeypatch.setenv("SEGLAB_SEED", "one")
    with pytest.raises(ValueError, match="variable SEGLAB_SEED is 'one'; give a whole number"):
        checks.cases_of(exercise)


@pytest.mark.parametrize("seed", [-1, 1.5, "x"])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ValueError, match=r"seed is .*; give a whole number of at least 0"):
        checks.cases_of(catalogue.exercise("shift_of"), seed)
