"""Reliability of probabilities, against a count pixel by pixel."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.ops import metrics


def counted(probabilities, truth, bins):
    """Rows of the table, by hand."""
    rows = [[] for _ in range(bins)]
    for pixel, true in zip(probabilities.flatten(2)[0].T.tolist(), truth.flatten(), strict=True):
        best = max(range(len(pixel)), key=pixel.__getitem__)
        place = next(n for n in range(bins) if pixel[best] <= (n + 1) / bins or n == bins - 1)
        if true != 255:
            rows[place].append((pixel[best], best == int(true)))
    return rows


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 5), st.sampled_from([3, 7, 10]))
def test_the_table_is_what_a_count_gives(seed, classes, bins):
    made = torch.Generator().manual_seed(seed)
    probabilities = (3 * torch.randn(1, classes, 6, 7, generator=made)).softmax(1)
    truth = torch.randint(0, classes, (1, 6, 7), generator=made)
    truth[torch.rand(1, 6, 7, generator=made) < 0.1] = 255
    rows = counted(probabilities, truth, bins)
    total = sum(map(len, rows))
    table = metrics.reliability(probabilities, truth, bins).tolist()
    error = 0.0
    for (share, sure, right), row in zip(table, rows, strict=True):
        assert share == pytest.approx(len(row) / total, abs=1e-6)
        if not row:
            assert math.isnan(sure)
            assert math.isnan(right)
            continue
        assert sure == pytest.approx(sum(one[0] for one in row) / len(row), abs=1e-5)
        assert right == pytest.approx(sum(one[1] for one in row) / len(row), abs=1e-5)
        error += abs(sum(one[0] - one[1] for one in row)) / total
    found = metrics.calibration_error(metrics.reliability(probabilities, truth, bins))
    assert found == pytest.approx(error, abs=1e-5)


def test_honest_probabilities_have_no_error_and_sure_mistakes_the_largest():
    probabilities = torch.tensor([0.75, 0.25]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    truth = torch.tensor([[[0, 0], [0, 1]]])
    assert metrics.calibration_error(metrics.reliability(probabilities, truth)) < 1e-6
    certain = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).expand(1, 2, 2, 2)
    table = metrics.reliability(certain, torch.ones_like(truth))
    assert metrics.calibration_error(table) == 1
    assert table[-1].tolist() == [1, 1, 0]


def test_without_a_truth_there_is_nothing_to_say():
    table = metrics.reliability(torch.rand(1, 2, 2, 2), torch.full((1, 2, 2), 255))
    assert math.isnan(metrics.calibration_error(table))


def test_bad_input_is_told():
    with pytest.raises(ValueError, match="bins=0"):
        metrics.reliability(torch.rand(1, 2, 2, 2), torch.zeros(1, 2, 2, dtype=torch.int64), 0)
    with pytest.raises(ValueError, match="shape"):
        metrics.reliability(torch.rand(1, 2, 2, 2), torch.zeros(1, 2, 3, dtype=torch.int64))
