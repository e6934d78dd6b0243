"""Quizzes of labs 05 to 10: the right option, and what each other one claims, are computed."""

import pytest
import torch

from seglab.course import catalogue
from seglab.nets import classifiers
from seglab.ops import heatmap, receptive_field


def right(name):
    """Text of the right option."""
    (option,) = (o for o in catalogue.question(name).options if o.right)
    return option.text


def test_05_how_many_scores():
    net = classifiers.convolutional(classifiers.pretrained())
    scores = net(torch.rand(1, 3, 256, 256, device=next(net.parameters()).device))
    assert right("05-how-many-scores") == "57 × 57"
    assert scores.shape == (1, 7, 57, 57)
    assert receptive_field.of(net).stride == (4, 4)  # not 32 apart, and not 1
    assert (256 // 32, 256 - 32 + 1) == (8, 225)  # what the other options count


def test_05_temperature():
    scores = torch.randn(1, 7, 30, 30, generator=torch.Generator().manual_seed(0)) * 5
    low, high = heatmap.softmax(scores, 1), heatmap.softmax(scores, 8)
    assert right("05-temperature") == "nothing"
    assert low.argmax(1).equal(high.argmax(1))
    assert high.max() < low.max()  # only the probabilities come closer together


def test_06_half():
    assert right("06-half") == "one or none"
    shares = torch.tensor([[0.5, 0.5, 0, 0, 0, 0, 0], [1 / 7] * 7, [0.7, 0.3, 0, 0, 0, 0, 0]])
    reached = (shares >= 0.6).sum(1)
    assert reached.tolist() == [0, 0, 1]  # so not exactly one
    grid = torch.rand(1000, 7, generator=torch.Generator().manual_seed(0)).pow(9)
    drawn = grid / grid.sum(1, keepdim=True)
    assert (drawn >= 0.6).sum(1).unique().tolist() == [0, 1]
    assert (drawn >= 0.3).sum(1).max() > 1  # several, with a level below 0.5
    assert (shares[0] >= 0.5).sum() == 2  # and with 0.5 itself
    assert (torch.tensor([3.0, 5.0]) >= 0.6).sum() == 2  # and with scores


def test_06_loud():
    assert right("06-loud") == "closer to the cell that says brick"
    t = torch.linspace(0, 1, 6001, dtype=torch.float64)
    grass, brick = 10 * (1 - t), 2 * t
    boundary = float(t[(brick > grass).int().argmax()])
    assert boundary == pytest.approx(5 / 6, abs=1e-3)
    assert (float(grass[3000]), float(brick[3000])) == (5, 1)  # in the middle
