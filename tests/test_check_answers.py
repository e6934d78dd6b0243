"""Forms in which an answer may come, and words for a wrong one: values first, then dtypes."""

import re
from functools import wraps

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab import check
from seglab.course import catalogue, checks, trial
from seglab.course.compare import difference
from seglab.course.declarations import Exercise

EXERCISES = catalogue.exercises()
FRACTION = re.compile(r"\d+\.\d+")


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """A check without its trial, which says nothing of values."""
    monkeypatch.setattr(trial, "WAY", "none")


def mapped(value, change):
    """A value with each of its tensors changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, list | tuple):
        return type(value)(mapped(part, change) for part in value)
    return value


def doubled(tensor):
    """A tensor of floats in double precision; any other as it is."""
    return tensor.double() if tensor.is_floating_point() else tensor


def as_int32(tensor):
    """A tensor of whole numbers in another type of them; any other as it is."""
    whole = not tensor.is_floating_point() and tensor.dtype != torch.bool
    return tensor.int() if whole else tensor


KINDS = {
    "float64": doubled,
    "numpy": lambda tensor: tensor.numpy(),
    "numpy float64": lambda tensor: doubled(tensor).numpy(),
    "int32": as_int32,
    "requires grad": lambda t: t.clone().requires_grad_() if t.is_floating_point() else t,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", EXERCISES)
def test_a_right_answer_passes_however_it_is_stored(name, kind):
    right = EXERCISES[name].reference
    result = check(name, between(right, lambda value: mapped(value, KINDS[kind])))
    assert result.passed, result


@pytest.mark.parametrize("name", EXERCISES)
def test_an_answer_computed_in_double_precision_passes(name):
    right = EXERCISES[name].reference
    exact = between(right, lambda value: value, lambda given: mapped(given, doubled))
    result = check(name, exact)
    assert result.passed, result


@pytest.mark.parametrize("name", EXERCISES)
def test_cases_hold_floats_of_the_labs_own_precision(name):
    for case in checks.cases_of(EXERCISES[name]):
        kinds = set()
        mapped(list(case.values()), lambda tensor, kinds=kinds: kinds.add(tensor.dtype))
        assert kinds <= {torch.float32, torch.int64, torch.bool}


@pytest.mark.parametrize("name", EXERCISES)
def test_a_wrong_answer_is_told_in_short_numbers_and_reason_first(name):
    exercise = EXERCISES[name]
    spoiled = between(exercise.reference, spoil)
    words = repr(check(name, spoiled))
    for number in FRACTION.findall(words):
        assert len(number.replace(".", "").lstrip("0")) <= 3, words
    assert len(words) < 480
    if "Seen with" in words:
        reason, _, case = words.partition(" Seen with ")
        assert reason.startswith(f"{name}: not yet - ")
        assert [n for n in case.split() if n in exercise_arguments(exercise)]


def exercise_arguments(exercise):
    """The names of the arguments of an exercise."""
    return list(checks.cases_of(exercise)[0])


def spoil(value):
    """A value that no mistake of the course gives."""
    if isinstance(value, Tensor):
        if value.dtype == torch.bool:
            return value.float() + 1 / 3
        return value + value.new_ones(()) * (1 / 3 if value.is_floating_point() else 1234)
    if isinstance(value, list | tuple):
        return type(value)([*map(spoil, value[:-1]), 97])
    return value + 1 / 3


def between(function, after, before=lambda given: given):
    """A function with something done to its arguments and its value, of the same signature."""

    @wraps(function)
    def wrapped(*given):
        return after(function(*before(given)))

    return wrapped


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        ([[0.5, 1.0]], torch.tensor([[0.5, 1.0]]), "the values are right, but in a list; return"),
        (torch.tensor([1, 2]), torch.tensor([1.0, 2.0]), "the values are right, but the dtype is"),
        (torch.tensor([1, 2]), torch.tensor([1.5, 2.0]), "the dtype is int64; it should be float3"),
        (torch.tensor([1.0]), torch.tensor([1]), "float32; return whole numbers (int64)"),
        (torch.tensor([1, 0]), torch.tensor([True, False]), "return True and False (bool)"),
        (torch.tensor([1j]), torch.tensor([1.0]), "the dtype is complex64; it should be float32"),
        (np.array(["a"]), torch.tensor([1.0]), "it returns a numpy array; a torch tensor is asked"),
        ([[1.0], [1.0, 2.0]], torch.ones(2), "it returns a list; a torch tensor is asked for"),
        (torch.ones(2).to("meta"), torch.ones(2), "it returns a torch tensor; a torch tensor is"),
        (torch.tensor([0.33333]), torch.tensor([0.33339]), "it is 0.3333, it should be 0.3334"),
        (0.8000000119, 0.7, "it returns 0.8, it should be 0.7"),
        ([0.123456789, 2.0], [0.123456789, 1.0], "it returns [0.123, 2]: value 2 is wrong"),
    ],
)
def test_what_is_said_of_values_and_types(got, want, words):
    assert words in difference(got, want)


def test_a_long_answer_is_cut():
    said = difference(list(range(100)), [1])
    assert said.startswith("it returns [0, 1, 2, 3, ")
    assert said.endswith(" ...: 100 values where 1 are asked for")
    assert len(said) < 140


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (torch.tensor([1 / 3]).half(), torch.tensor([1 / 3])),
        (torch.tensor([1 / 3]).bfloat16(), torch.tensor([1 / 3])),
        (np.float16(1 / 3), 1 / 3),
        (np.array([1 / 3], dtype=np.longdouble), torch.tensor([1 / 3])),
        (torch.tensor([1, 2], dtype=torch.uint8), torch.tensor([1, 2])),
        (np.array([1, 2], dtype=np.uint16), torch.tensor([1, 2])),
        (torch.tensor([0.0, 2.0]).to_sparse(), torch.tensor([0.0, 2.0])),
        (3.0, torch.tensor(3.0)),
        (torch.ones(2, device="cpu", requires_grad=True), np.ones(2)),
    ],
)
def test_a_right_value_is_right_in_any_type_that_can_hold_it(got, want):
    assert difference(got, want) is None


def test_a_coarse_type_is_not_let_off_more_than_its_own_rounding():
    third = torch.tensor([1 / 3])
    assert difference(third.half() + 0.02, third) is not None
    assert difference(third.bfloat16() + 0.1, third) is not None
    assert difference(third + 1e-4, third) is not None


TIES = Exercise(
    "likeliest",
    lambda random, i: {"scores": torch.tensor([[1.0, 1.0, 0.0], [2.0, 3.0, 3.0]])},
    lambda scores: torch.tensor([0, 1]),
    {"the least likely is taken": lambda scores: scores.argmin(1)},
    also=(lambda scores: torch.tensor([1, 2]),),
)


@pytest.mark.parametrize("answer", [[0, 1], [1, 2], [0, 2], [1, 1]])
def test_where_the_task_leaves_a_choice_each_choice_is_right(answer):
    assert check(TIES, lambda scores: torch.tensor(answer)).passed


@pytest.mark.parametrize("answer", [[2, 1], [0, 0], [1, 0]])
def test_a_choice_that_the_task_does_not_leave_is_wrong(answer):
    words = repr(check(TIES, lambda scores: torch.tensor(answer)))
    assert "not yet - 1 of 2 values is wrong" in words


def interpolates(labels, size):
    return F.interpolate(labels[None, None], size, mode="nearest")[0, 0]


def pools(mask, distance):
    return F.max_pool2d(mask[None, None], 3, 1, 1)[0, 0]


def pools_directly(mask, distance):
    return torch.max_pool2d(mask[None, None], 3, 1, 1)[0, 0]


def averages(labels, k):
    return labels.mean()


@pytest.mark.parametrize(
    ("name", "function", "words"),
    [
        ("to_size", interpolates, "takes no whole numbers: convert with .float() before it"),
        ("boundary_band", pools, "takes no True and False: convert with .float() before it"),
        ("boundary_band", pools_directly, "takes no True and False: convert with .float()"),
        ("count_pixels", averages, "takes no whole numbers"),
    ],
)
def test_what_torch_refuses_is_told_with_line_and_remedy(name, function, words):
    result = check(name, function)
    line = function.__code__.co_firstlineno + 1
    assert result.started
    assert f"not yet - it stops at line {line} with " in repr(result)
    assert words in repr(result)


def todo(labels, k):
    raise NotImplementedError("count them")


def unfinished_module(labels, k):
    return nn.Module()(labels)


@pytest.mark.parametrize("function", [todo, unfinished_module])
def test_only_a_bare_not_implemented_of_ones_own_is_not_started(function):
    result = check("count_pixels", function)
    assert result.started
    assert "with NotImplementedError: " in repr(result)


def test_a_condition_on_a_whole_tensor_is_explained():
    def first(labels, k):
        return 1 if labels == k else 0

    assert "not a whole tensor" in repr(check("count_pixels", first))
