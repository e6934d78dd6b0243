"""Class weights: scikit-learn's balanced ones are the oracle."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from seglab.nets.training import labelled
from seglab.ops import class_weights

laws = settings(deadline=None, derandomize=True, max_examples=40)
pixels = st.lists(st.integers(0, 3), min_size=1, max_size=40)


@laws
@given(pixels)
def test_inverse_frequencies_are_the_balanced_weights_of_scikit_learn(values):
    labels = torch.tensor(values)
    weights = class_weights.inverse(class_weights.frequencies(labels, 4))
    there = np.unique(values)
    expected = compute_class_weight("balanced", classes=there, y=values)
    assert np.allclose(weights[there], expected, rtol=1e-5)
    assert weights.count_nonzero() == len(there)


@laws
@given(pixels, st.sampled_from([0.0, 0.5, 1.0]))
def test_an_average_pixel_weighs_one_and_a_rarer_class_no_less(values, power):
    labels = torch.tensor(values)
    shares = class_weights.frequencies(labels, 4)
    weights = class_weights.inverse(shares, power)
    assert weights[labels].mean() == pytest.approx(1, rel=1e-5)
    there = shares > 0
    order = shares[there].argsort()
    assert (weights[there][order].diff() <= 1e-5).all()


def test_the_weights_make_classes_count_alike_in_the_loss():
    labels = torch.tensor([0] * 9 + [1]).view(1, 2, 5)
    scores = torch.randn(1, 2, 2, 5, generator=torch.Generator().manual_seed(0))
    weights = class_weights.inverse(class_weights.frequencies(labels, 2))
    each = -scores.log_softmax(1).gather(1, labels[:, None])[:, 0]
    expected = (each[labels == 0].mean() + each[labels == 1].mean()) / 2
    assert labelled(scores, labels, weights) == pytest.approx(float(expected), rel=1e-5)
    assert labelled(scores, labels) == pytest.approx(float(each.mean()), rel=1e-5)


def test_pixels_without_a_class_count_nowhere():
    labels = torch.tensor([[0, 1, 255, 1]])
    assert class_weights.frequencies(labels, 3).tolist() == pytest.approx([1 / 3, 2 / 3, 0])
    scores = torch.zeros(1, 3, 1, 4)
    assert torch.isfinite(labelled(scores, labels[None], torch.tensor([1.0, 2.0, 0.0])))


@pytest.mark.parametrize(
    ("labels", "words"),
    [([0, 3], "labels holds 3, .* none of the 3 classes"), ([255, 255], "no pixel with a class")],
)
def test_labels_that_cannot_be_counted_are_refused(labels, words):
    with pytest.raises(ValueError, match=words):
        class_weights.frequencies(torch.tensor(labels), 3)


@pytest.mark.parametrize("shares", [[0.0, 0.0], [-0.5, 1.5], [[0.5, 0.5]]])
def test_what_are_no_frequencies_is_refused(shares):
    with pytest.raises(ValueError, match=r"frequencies=.* must be a share from 0"):
        class_weights.inverse(torch.tensor(shares))
