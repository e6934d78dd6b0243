"""Losses: torch, formulas written out, and the threshold integral of Lovász are the oracles."""

import math
from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from seglab.ops import losses, metrics

laws = settings(deadline=None, derandomize=True, max_examples=30)
LOSSES = {
    "cross_entropy": losses.cross_entropy,
    "focal": losses.focal,
    "dice": losses.dice,
    "tversky": losses.tversky,
    "lovasz_softmax": losses.lovasz_softmax,
    "boundary": losses.boundary,
}
every_loss = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)


@st.composite
def cases(draw):
    """Scores [B, K, H, W] in float64 and labels [B, H, W], some of them 255."""
    torch.manual_seed(draw(st.integers(0, 2**16)))
    b, k, h, w = (
        draw(st.integers(least, most)) for least, most in ((1, 2), (2, 4), (1, 6), (2, 6))
    )
    scores = draw(st.sampled_from([0.1, 1.0, 8.0])) * torch.randn(b, k, h, w, dtype=torch.float64)
    labels = torch.randint(0, k, (b, h, w))
    labels[torch.rand(b, h, w) < draw(st.sampled_from([0.0, 0.3]))] = 255
    labels[0, 0, 0] = draw(st.integers(0, k - 1))
    return scores, labels


def known(scores, labels):
    """Probabilities and labels of the pixels with a class, as lists."""
    rows = scores.softmax(1).permute(0, 2, 3, 1)[labels != 255].tolist()
    return rows, labels[labels != 255].tolist()


@laws
@given(cases())
def test_cross_entropy_is_torchs(case):
    scores, labels = case
    weights = torch.rand(scores.shape[1], dtype=torch.float64) + 0.1
    for given_weights in (None, weights):
        expected = F.cross_entropy(scores, labels, given_weights, ignore_index=255)
        found = losses.cross_entropy(scores, labels, weights=given_weights)
        torch.testing.assert_close(found, expected)


@laws
@given(cases(), st.sampled_from([0.5, 1.0, 2.0, 5.0]))
def test_focal_is_its_formula(case, gamma):
    rows, classes = known(*case)
    each = [-((1 - p[k]) ** gamma) * math.log(p[k]) for p, k in zip(rows, classes, strict=True)]
    found = losses.focal(*case, gamma=gamma)
    assert float(found) == pytest.approx(sum(each) / len(each), rel=1e-9, abs=1e-12)


@laws
@given(cases(), st.sampled_from([0.1, 1.0]))
def test_dice_is_its_formula(case, smooth):
    rows, classes = known(*case)
    found = []
    for k in range(case[0].shape[1]):
        p = [row[k] for row in rows]
        y = [float(one == k) for one in classes]
        both = sum(a * b for a, b in zip(p, y, strict=True))
        found.append((2 * both + smooth) / (sum(p) + sum(y) + smooth))
    expected = 1 - sum(found) / len(found)
    assert float(losses.dice(*case, smooth=smooth)) == pytest.approx(expected, rel=1e-9)


@laws
@given(cases())
def test_tversky_weighs_false_and_missed_pixels_apart(case):
    rows, classes = known(*case)
    found = []
    for k in range(case[0].shape[1]):
        hit = sum(p[k] for p, one in zip(rows, classes, strict=True) if one == k)
        false = sum(p[k] for p, one in zip(rows, classes, strict=True) if one != k)
        missed = sum(1 - p[k] for p, one in zip(rows, classes, strict=True) if one == k)
        found.append((hit + 2) / (hit + 0.2 * false + 0.9 * missed + 2))
    expected = 1 - sum(found) / len(found)
    loss = losses.tversky(*case, alpha=0.2, beta=0.9, smooth=2.0)
    assert float(loss) == pytest.approx(expected, rel=1e-9)


@laws
@given(cases())
def test_lovasz_is_the_integral_of_one_minus_iou_over_all_thresholds_of_the_errors(case):
    scores, labels = case
    shares, truth = scores.softmax(1).permute(0, 2, 3, 1)[labels != 255], labels[labels != 255]
    found = []
    for k in truth.unique():
        own = truth == k
        errors = (own.double() - shares[:, k]).abs()
        levels = torch.cat([torch.zeros(1, dtype=torch.float64), errors.unique()])
        total = 0.0
        for low, high in pairwise(levels):
            wrong = errors > low  # the same set for every threshold between the two
            iou = (own & ~wrong).sum().double() / (own | wrong).sum()
            total += float((high - low) * (1 - iou))
        found.append(total)
    expected = sum(found) / len(found)
    assert float(losses.lovasz_softmax(scores, labels)) == pytest.approx(expected, abs=1e-9)


@laws
@given(cases())
def test_of_sure_answers_lovasz_is_one_minus_the_mean_iou_of_the_classes_there(case):
    scores, labels = case
    found = scores.argmax(1)
    sure = 1e3 * F.one_hot(found, scores.shape[1]).permute(0, 3, 1, 2).double()
    iou = metrics.iou(metrics.confusion(found, labels, scores.shape[1]))
    there = labels[labels != 255].unique()
    expected = 1 - iou[there].double().mean()
    assert float(losses.lovasz_softmax(sure, labels)) == pytest.approx(float(expected), abs=1e-6)


@laws
@given(cases())
def test_boundary_weighs_each_probability_by_its_signed_distance(case):
    scores, labels = case
    shares = scores.softmax(1)
    total = 0.0
    for b in range(len(labels)):
        for k in range(scores.shape[1]):
            region = (labels[b] == k).numpy()
            if region.all() or not region.any():
                continue
            away = distance_transform_edt(~region) - distance_transform_edt(region)
            weighed = shares[b, k].numpy() * away
            total += weighed[(labels[b] != 255).numpy()].sum()
    expected = total / int((labels != 255).sum())
    assert float(losses.boundary(scores, labels)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@every_loss
@laws
@given(case=cases())
def test_gradients_are_those_of_the_loss_and_none_is_at_unlabelled_pixels(loss, case):
    scores, labels = case
    scores = scores[..., :3, :3].contiguous().requires_grad_()
    labels = labels[..., :3, :3]
    assert torch.autograd.gradcheck(lambda x: loss(x, labels), (scores,), eps=1e-7, atol=1e-4)
    (gradient,) = torch.autograd.grad(loss(scores, labels), scores)
    assert (gradient.permute(0, 2, 3, 1)[labels == 255] == 0).all()


@every_loss
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("size", [1e4, -1e4])
def test_scores_of_any_size_give_finite_losses_and_gradients(loss, dtype, size):
    scores = (size * torch.eye(3).view(1, 3, 1, 3)).to(dtype).requires_grad_()
    labels = torch.tensor([[[0, 1, 0]]])
    found = loss(scores, labels)
    (gradient,) = torch.autograd.grad(found, scores)
    assert found.isfinite()
    assert gradient.isfinite().all()
    assert found.dtype == torch.float32


@every_loss
def test_right_and_sure_costs_least(loss):
    labels = torch.randint(0, 3, (1, 8, 8), generator=torch.Generator().manual_seed(0))
    right = F.one_hot(labels, 3).permute(0, 3, 1, 2).float()
    costs = [float(loss(size * right, labels)) for size in (-20, 0, 2, 20)]
    assert costs == sorted(set(costs), reverse=True)


@every_loss
def test_without_a_labelled_pixel_a_loss_is_zero(loss):
    scores = torch.randn(1, 2, 3, 3, requires_grad=True)
    found = loss(scores, torch.full((1, 3, 3), 255))
    (gradient,) = torch.autograd.grad(found, scores)
    assert found.detach() == 0
    assert (gradient == 0).all()


def test_what_is_nearly_right_still_has_an_exact_focal_loss():
    scores = torch.tensor([0.0, 12.0]).view(1, 2, 1, 1)  # p = 1 - 6.1e-6, which float32 rounds
    labels = torch.ones(1, 1, 1, dtype=torch.int64)
    away = 1 / (1 + math.exp(12))
    expected = away**2 * -math.log1p(-away)
    assert float(losses.focal(scores, labels, gamma=2.0)) == pytest.approx(expected, rel=0.02)


SCORES, LABELS = torch.zeros(1, 3, 2, 2), torch.zeros(1, 2, 2, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: losses.dice(SCORES[0], LABELS), ValueError, r"scores has shape \[3, 2, 2\]"),
        (lambda: losses.dice(SCORES[:, :1], LABELS), ValueError, "scores has 1 class; give two"),
        (lambda: losses.dice(SCORES, LABELS[:, :1]), ValueError, r"use .* here \[1, 2, 2\]"),
        (lambda: losses.focal(SCORES, LABELS + 3), ValueError, "labels holds 3, .* 3 classes"),
        (lambda: losses.focal(SCORES, LABELS - 1), ValueError, "labels holds -1"),
        (lambda: losses.focal(SCORES, LABELS.float()), TypeError, "labels is torch.float32"),
        (lambda: losses.focal(SCORES, LABELS, gamma=-1), ValueError, "gamma=-1 must be 0 or more"),
        (lambda: losses.dice(SCORES, LABELS, smooth=-1), ValueError, "smooth=-1 must be 0"),
        (
            lambda: losses.tversky(SCORES, LABELS, alpha=0, beta=0, smooth=0),
            ValueError,
            "alpha, beta and smooth are all 0",
        ),
        (
            lambda: losses.cross_entropy(SCORES, LABELS, weights=torch.ones(2)),
            ValueError,
            r"weights=\[1.0, 1.0\] must be a number from 0 for each of the 3 classes",
        ),
    ],
)
def test_what_cannot_be_judged_is_refused(call, error, words):
    with pytest.raises(error, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)
