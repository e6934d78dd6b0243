import subprocess
import sys
import threading
import time
from dataclasses import replace
from functools import partial
from types import ModuleType

import pytest
import torch
from torch import nn

from seglab import check
from seglab.course import catalogue, checks, watch
from seglab.course.compare import difference
from seglab.course.declarations import Exercise
from seglab.ops import dense

EXERCISES = catalogue.exercises()
MISTAKES = [(name, words) for name, e in EXERCISES.items() for words in e.mistakes]
interleave = EXERCISES["interleave"].reference


@pytest.fixture
def hurried(monkeypatch):
    monkeypatch.setattr(checks, "SECONDS", 0.3)
    monkeypatch.setattr(watch, "PATIENCE", 0.3)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_reference_passes_and_reads_the_same_every_time(name):
    result = check(name, EXERCISES[name].reference)
    assert result.passed
    assert repr(result) == f"{name}: correct on 20 random cases."
    assert repr(check(name, EXERCISES[name].reference)) == repr(result)


@pytest.mark.parametrize(("name", "words"), MISTAKES)
def test_a_known_mistake_is_named(name, words):
    result = check(name, EXERCISES[name].mistakes[words])
    assert not result.passed
    assert words in repr(result)


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_knows_some_mistakes(name):
    assert len(EXERCISES[name].mistakes) >= 2


def untouched(parts, f, size):
    """A student's folder."""
    ...


def refused(parts, f, size):
    raise NotImplementedError


@pytest.mark.parametrize("function", [untouched, refused, None, ...])
def test_an_untouched_cell_is_not_yet_written(function):
    result = check("interleave", function)
    assert not result.passed
    assert not result.started
    assert repr(result).startswith("interleave: not yet - ")


def crashes(parts, f, size):
    helper = [1, 2]
    return helper[5]


def crashes_for_large_f(parts, f, size):
    if f > 2:
        raise KeyError("f")
    return interleave(parts, f, size)


def recurses(parts, f, size):
    return recurses(parts, f, size)


def exits(parts, f, size):
    sys.exit(1)


def devours(parts, f, size):
    return torch.zeros(10**15)


def loses_a_return(parts, f, size):
    return interleave(parts, f, size) if f == 2 else None


def changes_its_input(parts, f, size):
    whole = interleave(parts, f, size)
    parts[0] += 1
    return whole


def spoils_one(parts, f, size):
    whole = interleave(parts, f, size)
    whole[0, -1, 0] = 7
    return whole


def of_nan(parts, f, size):
    whole = interleave(parts, f, size)
    whole[0, 1, 1] = float("nan")
    return whole


def yields(parts, f, size):
    yield parts


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (crashes, "with IndexError: list index out of range"),
        (crashes_for_large_f, "with KeyError: 'f' (10 of 20 cases fail)"),
        (recurses, "it calls itself without end"),
        (exits, "it ends the program"),
        (devours, "it asks for more memory than there is"),
        (loses_a_return, "it returns nothing; does every way"),
        (changes_its_input, "the values are right, but the function changes its own input (parts)"),
        (spoils_one, "1 of 4 values is wrong, the first at [0, 1, 0]: it is 7, it should be 2"),
        (of_nan, "1 of 4 values is NaN, the first at [0, 1, 1]"),
        (yields, "it returns a generator; a torch tensor is asked for"),
        (lambda parts, f, size: parts[0], "the shape is [1, 1, 1]; it should be [1, 2, 2]"),
        (
            lambda parts, f, size: interleave(parts, f, size).long(),
            "the values are right, but the dtype is int64; return floats (float32)",
        ),
        (
            lambda parts, f, size: interleave(parts, f, size).tolist(),
            "the values are right, but in a list; return a torch tensor",
        ),
        (lambda parts, f, size: "a map", "it returns a text; a torch tensor is asked for"),
        (lambda parts, f, size: 3, "it returns a whole number; a torch tensor is asked for"),
        (lambda parts, f: parts, "it takes (parts, f); it should take (parts, f, size)"),
        (lambda: None, "it takes (); it should take (parts, f, size)"),
        (torch.zeros(2), "check takes the function itself"),
    ],
)
def test_whatever_a_function_does_is_said_in_a_sentence(function, words):
    result = check("interleave", function)
    assert not result.passed
    assert words in repr(result)
    assert "Traceback" not in repr(result)
    assert repr(result).count("\n") == 0


def test_the_crash_names_the_students_own_line():
    line = crashes.__code__.co_firstlineno + 2
    assert f"it stops at line {line} with" in repr(check("interleave", crashes))


def test_addresses_stay_out_of_the_answer():
    def fails(parts, f, size):
        raise TypeError(f"no use of {object()!r}")

    assert "<object object>" in repr(check("interleave", fails))


def loops(parts, f, size):
    while True:
        pass


def loops_and_catches(parts, f, size):
    while True:
        try:
            while True:
                pass
        except Exception:
            pass


def loops_and_catches_everything(parts, f, size):
    while True:
        try:  # noqa: SIM105 - what a student writes
            sum(range(1000))
        except:  # noqa: E722 - what a student writes
            pass


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("function", [loops, loops_and_catches, loops_and_catches_everything])
def test_an_endless_loop_ends(function):
    start = time.monotonic()
    result = check("interleave", function)
    assert time.monotonic() - start < 3
    assert "did not end within" in repr(result)
    assert "at line" in repr(result)
    assert check("interleave", interleave).passed


@pytest.mark.usefixtures("hurried")
def test_a_function_that_waits_outside_python_is_left_behind():
    free = threading.Event()
    result = check("interleave", lambda parts, f, size: free.wait())
    free.set()
    assert "did not end within" in repr(result)


def test_stopping_leaves_no_thread_and_touches_no_other():
    before = set(threading.enumerate())
    with pytest.raises(watch.TookTooLong):
        watch.call(partial(loops_and_catches_everything, [], 1, ()), 0.1)
    assert set(threading.enumerate()) <= before


def test_an_unknown_exercise_is_refused_with_near_names():
    with pytest.raises(ValueError, match="no exercise 'interleaf'; did you mean 'interleave'"):
        check("interleaf", None)


def doubled(number):
    """A reference of an exercise that no course knows."""
    return 2 * number


OWN = Exercise(
    "doubled",
    lambda random, i: {"number": int(random.integers(9)) + i},
    doubled,
    {"once is not twice": lambda number: number},
)


def test_an_exercise_of_ones_own_is_checked_without_a_catalogue():
    assert repr(check(OWN, doubled)) == "doubled: correct on 20 random cases."
    assert repr(check(OWN, lambda number: number)) == "doubled: not yet - once is not twice."
    assert repr(check(OWN, None)).startswith("doubled: not yet - it returns nothing so far")
    assert "what it returns: check(..., doubled)" in repr(check(OWN, 3))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reference": 4}, "exercise 'doubled': reference is a int; give a function"),
        ({"mistakes": {"wrong": "x"}}, r"mistakes\['wrong'\] is a str; give a function"),
        ({"case": lambda random, i: (i,)}, r"case\(random, 0\) gives tuple; give a mapping"),
        ({"case": lambda random, i: {"n": i}}, r"gives \['n'\]; .* in their order, \['number'\]"),
    ],
)
def test_an_exercise_that_cannot_be_checked_says_what_it_lacks(change, message):
    with pytest.raises(ValueError, match=message):
        check(replace(OWN, **change), doubled)


@pytest.mark.parametrize("given", [{"a": 1}, 3, doubled, [OWN]])
def test_what_is_neither_a_name_nor_an_exercise_is_refused(given):
    kind = type(given).__name__
    with pytest.raises(ValueError, match=f"is a {kind}; give the name of the exercise, or the Ex"):
        check(given, doubled)


def test_a_name_that_two_modules_use_breaks_no_other_check(monkeypatch):
    again = ModuleType("seglab.course.exercises.mine")
    again.EXERCISES = (replace(OWN, name="interleave"),)
    modules = [*catalogue._modules(), again]
    monkeypatch.setattr(catalogue, "_modules", lambda: modules)
    monkeypatch.setattr(catalogue, "_exercises", catalogue._exercises.__wrapped__)
    twice = r"'interleave' is declared 2 times, in \S+\.lab08 and in \S+\.mine; rename one"
    with pytest.raises(ValueError, match=twice):
        check("interleave", interleave)
    with pytest.raises(ValueError, match=twice):
        catalogue.exercises()
    assert check("shift_of", EXERCISES["shift_of"].reference).passed


def test_the_page_says_it_in_words_and_not_in_colour_alone():
    assert "correct on 20" in check("interleave", interleave)._repr_html_()
    page = check("interleave", lambda parts, f, size: "<b>")._repr_html_()
    assert "not yet" in page
    assert "<b>" not in page


@pytest.mark.parametrize(
    ("got", "want"),
    [
        ((1, 2), [1, 2]),
        (torch.tensor([1, 2]), [1, 2]),
        (torch.tensor(3), 3),
        (3.0, 3),
        (torch.ones(2) + 1e-7, torch.ones(2)),
        (torch.full((2,), torch.nan), torch.full((2,), torch.nan)),
    ],
)
def test_what_is_as_good_is_accepted(got, want):
    assert difference(got, want) is None


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        ([1, 2, 3], [1, 2], "3 values where 2 are asked for"),
        ([1, 3], [1, 2], "value 2 is wrong, it should be 2"),
        (2.5, 2, "a whole number is asked for"),
        (True, 1, "it returns True or False"),
        (float("nan"), 1.0, "NaN"),
        (1j, 1, "complex"),
        ("2", 2, "it returns a text; a whole number is asked for"),
        (torch.ones(2, dtype=torch.int64), torch.ones(2, dtype=torch.bool), "int64"),
    ],
)
def test_what_differs_is_said(got, want, words):
    assert words in difference(got, want)


def test_the_wanted_value_is_kept_back_where_it_is_the_answer():
    assert "should be" not in difference([1, 3], [1, 2], reveal=False)
    assert "should be" not in repr(check("shift_of", lambda row, column, f: (0, 0, 0, 0)))


def test_checks_and_quizzes_need_no_widgets():
    code = "import sys, seglab; seglab.check, seglab.quiz; sys.exit('ipywidgets' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_reference_of_interleave_is_the_packages_own():
    exercise = EXERCISES["interleave"]
    for case in checks.cases_of(exercise):
        parts = [part[None] for part in case["parts"]]
        own = dense.interleave(parts, (case["f"], case["f"]), case["size"])
        assert torch.equal(exercise.reference(**case), own[0])


def test_the_reference_of_dilation_rule_is_what_rarefying_does():
    exercise = EXERCISES["dilation_rule"]
    for case in checks.cases_of(exercise):
        layers = [nn.Conv2d(1, 1, 2, stride) for stride in case["strides"]]
        rarefied = dense.rarefy(nn.Sequential(*layers))
        dilations = [m.dilation[0] for m in rarefied.modules() if isinstance(m, nn.Conv2d)]
        assert dilations == exercise.reference(**case)


def test_the_reference_of_dilate_kernel_convolves_as_torch_does():
    exercise = EXERCISES["dilate_kernel"]
    for case in checks.cases_of(exercise):
        weight, d = case["weight"], case["d"]
        x = torch.rand(1, weight.shape[1], 20, 20)
        dilated = exercise.reference(weight, d)
        torch.testing.assert_close(
            torch.conv2d(x, dilated), torch.conv2d(x, weight, dilation=d), rtol=1e-4, atol=1e-4
        )
