"""Words that many places share."""

import pytest
import torch

from seglab._text import digits


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.12349, "0.123"), (1, "1.000"), (float("nan"), "–"), (torch.tensor(0.5), "0.500")],
)
def test_three_digits_or_a_dash_where_there_is_nothing(value, text):
    assert digits(value) == text


def test_as_many_digits_as_asked_for():
    assert digits(2 / 3, 1) == "0.7"
