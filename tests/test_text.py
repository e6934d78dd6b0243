"""Words that many places share."""

import pytest
import torch

from seglab._text import digits, distance, plural


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12349, "0.123"), (1, "1.000"), (float("nan"), "–"), (torch.tensor(0.5), "0.500")],
)
def test_three_digits_or_a_dash_where_there_is_nothing(value, text):
    assert digits(value) == text


def test_as_many_digits_as_asked_for():
    assert digits(2 / 3, 1) == "0.7"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "below 0.0001"), (2.3e-5, "below 0.0001"), (1e-4, "0.0001"), (16.0438, "16.04")],
)
def test_a_difference_is_told_from_float_rounding(value, text):
    assert distance(value) == text


def test_one_has_no_plural():
    assert [plural(n, "node") for n in (0, 1, 2079)] == ["0 nodes", "1 node", "2,079 nodes"]
