"""Errors of values, of rejecting labels and of objects, against definitions written out."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.ops import cluster, heatmap, metrics
from seglab.types import NO_LABEL

laws = settings(deadline=None, derandomize=True, max_examples=30)
sides, seeds = st.integers(1, 8), st.integers(0, 999)


def values(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def labels(height, width, count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(count, (1, height, width), generator=generator)


def test_differences_of_values_by_hand():
    a, b = torch.tensor([[0.0, 3.0]]), torch.tensor([[1.0, -1.0]])
    assert metrics.largest_difference(a, b) == 4
    assert metrics.root_mean_square(a, b) == pytest.approx(math.sqrt(17 / 2))
    assert metrics.root_mean_square(a, b, a > 1) == 4
    assert math.isnan(metrics.root_mean_square(a, b, a > 9))


@laws
@given(sides, sides, seeds)
def test_missing_probability_is_one_less_that_of_the_true_class(height, width, seed):
    share = values(1, 3, height, width, seed=seed).softmax(1)
    truth = labels(height, width, 3, seed + 1)
    missing = metrics.missing_probability(share, truth)
    for row in range(height):
        for column in range(width):
            right = float(share[0, truth[0, row, column], row, column])
            assert float(missing[0, row, column]) == 1 - right


def test_spoiled_shares_add_up_to_one_again():
    share = torch.tensor([0.5, -0.2, 1.5]).view(1, 3, 1, 1)
    assert heatmap.normalized(share).flatten().tolist() == [0.25, 0, 0.75]
    assert not heatmap.normalized(-share.abs()).any()


@laws
@given(sides, sides, seeds)
def test_coverage_and_accuracy_are_shares_of_the_answered_pixels(height, width, seed):
    truth, found = labels(height, width, 3, seed), labels(height, width, 5, seed + 1)
    found[found == 4] = NO_LABEL
    pairs = list(zip(found.flatten().tolist(), truth.flatten().tolist(), strict=True))
    answered = [(one, other) for one, other in pairs if one < 3]
    assert metrics.coverage(found, 3) == pytest.approx(len(answered) / len(pairs))
    accuracy = metrics.selective_accuracy(found, truth, 3)
    if answered:
        right = sum(one == other for one, other in answered)
        assert accuracy == pytest.approx(right / len(answered))
    else:
        assert math.isnan(accuracy)


@laws
@given(sides, sides, seeds)
def test_achievable_accuracy_is_that_of_the_best_class_of_each_segment(height, width, seed):
    truth, segments = labels(height, width, 3, seed), labels(height, width, 4, seed + 1)
    best = segments.clone()
    for segment in segments.unique():
        best[segments == segment] = truth[segments == segment].bincount().argmax()
    expected = float((best == truth).double().mean())
    assert metrics.achievable_accuracy(segments, truth, 3) == pytest.approx(expected)


@laws
@given(sides, sides, seeds)
def test_explained_variance_is_r_squared(height, width, seed):
    x, segments = values(1, 2, height, width, seed=seed), labels(height, width, 4, seed + 1)
    segments = segments.unique(return_inverse=True)[1]
    flat = cluster.flattened(x, segments)
    whole = float((x - x.mean((2, 3), keepdim=True)).square().sum())
    left = float((x - flat).square().sum())
    share = cluster.explained_variance(x, segments)
    if whole / (height * width) < 1e-6:
        assert math.isnan(share)
    else:
        assert share == pytest.approx(1 - left / whole)


def test_merged_and_split_objects_by_hand():
    truth = torch.tensor([[[1, 1, 2, 2, 3, 3, 3, 3, 0, 4]]])
    found = torch.tensor([[[5, 5, 5, 5, 6, 6, 7, 7, 8, 0]]])
    made = metrics.object_mistakes(found, truth)
    assert made == metrics.ObjectMistakes(merged=1, split=1, missed=4, spurious=4)
    assert metrics.object_mistakes(truth, truth) == (0, 0, 0, 0)
    assert metrics.object_mistakes(truth * 0, truth) == (0, 0, 4, 0)


def test_found_objects_must_agree_in_class():
    overlaps = torch.tensor([[0.9, 0.0], [0.0, 0.6], [0.0, 0.5]])
    classes = torch.tensor([1, 2, 2])
    assert metrics.detection_counts(overlaps, classes, torch.tensor([1, 2])) == (2, 0, 1)
    assert metrics.detection_counts(overlaps, classes, torch.tensor([1, 1])) == (1, 1, 2)
    assert metrics.detection_counts(overlaps, classes, torch.tensor([1, 2]), 0.7) == (1, 1, 2)
    assert metrics.detection_counts(overlaps[:0], classes[:0], torch.tensor([1, 2])) == (0, 2, 0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: metrics.largest_difference(x, x[:1]), r"shape \[2, 3\] and others \[1, 3\]"),
        (lambda x: metrics.missing_probability(x[None, :, None], x), "truth has shape"),
        (
            lambda x: metrics.missing_probability(torch.ones(1, 2, 1, 1), 2 * torch.ones(1, 1, 1)),
            "truth holds 2, which is none of the 2 classes",
        ),
        (lambda x: metrics.achievable_accuracy(x.long(), x.long() + 9, 3), "truth holds 9"),
        (lambda x: metrics.detection_counts(x, x[0], x[0]), r"use \[N, M\], \[N\] and \[M\]"),
        (lambda x: metrics.detection_counts(x, x[:, 0], x[0], 0.4), "threshold=0.4 leaves more"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(torch.zeros(2, 3))


def test_accuracy_by_coverage_is_that_of_what_is_not_rejected():
    share = values(1, 3, 9, 8, seed=3).mul(4).softmax(1)
    truth = labels(9, 8, 3, 4)
    levels = (0.0, 0.4, 0.6, 1.0)
    points = metrics.accuracy_by_coverage(share, truth, levels)
    kept = [heatmap.reject(share, level) for level in levels[:3]]
    assert list(points.items()) == [
        (metrics.coverage(k, 3), metrics.selective_accuracy(k, truth, 3)) for k in kept
    ]
    assert next(iter(points)) == 1  # at level 0 nothing is rejected, at 1 everything


def test_verdicts_by_hand():
    found, truth = torch.tensor([[[0, 1, 3, NO_LABEL]]]), torch.tensor([[[0, 0, 0, 0]]])
    assert metrics.verdicts(found, truth, several=3).tolist() == [[[0, 1, 2, NO_LABEL]]]
    assert metrics.verdicts(found, None, several=3).tolist() == [[[3, 3, 2, NO_LABEL]]]
    assert len(metrics.VERDICTS) == 4


def test_winners_by_hand():
    one, other = torch.tensor([[[0, 1, 2, 2]]]), torch.tensor([[[0, 2, 1, 0]]])
    truth = torch.tensor([[[1, 1, 1, 1]]])
    assert metrics.winners(one, other, truth).tolist() == [[[0, 1, 2, 3]]]
    assert metrics.winners(one, other, None).tolist() == [[[0, 4, 4, 4]]]
    assert len(metrics.WINNERS) == 5


@pytest.mark.parametrize("judge", [lambda a, b: metrics.verdicts(a, b, 9), metrics.winners])
def test_maps_of_two_shapes_are_refused(judge):
    maps = torch.zeros(1, 2, 2).long(), torch.zeros(1, 2, 3).long()
    with pytest.raises(ValueError, match="shape"):
        judge(*maps) if judge is not metrics.winners else judge(*maps, None)
