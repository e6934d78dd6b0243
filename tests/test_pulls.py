"""Pulls of losses on one pixel: formulas written out are the oracles."""

import math

import pytest
import torch

from seglab.ops import losses, pulls


@pytest.fixture
def case():
    torch.manual_seed(3)
    scores = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    labels = torch.randint(0, 3, (2, 4, 5))
    labels[0, 0, :3] = 255
    return scores, labels


def test_cross_entropy_pulls_with_the_truth_less_p(case):
    scores, labels = case
    truth = torch.stack([labels == k for k in range(3)], 1).double()
    expected = (truth - scores.softmax(1)) * (labels != 255)[:, None]
    torch.testing.assert_close(pulls.pull(losses.cross_entropy, scores, labels), expected)


@pytest.mark.parametrize("name", ["focal", "dice", "tversky", "lovasz_softmax", "boundary"])
def test_a_small_step_along_the_pull_lowers_the_loss_as_told(case, name):
    scores, labels = case
    loss = getattr(losses, name)
    pull = pulls.pull(loss, scores, labels)
    count = int((labels != 255).sum())
    step = 1e-5
    fallen = float(loss(scores, labels) - loss(scores + step * pull, labels)) * count
    assert fallen == pytest.approx(step * float((pull**2).sum()), rel=1e-3)
    assert pull.sum(1).abs().max() < 1e-12
    assert (pull.movedim(1, -1)[labels == 255] == 0).all()


def test_a_pull_is_there_without_gradients_and_leaves_the_scores_as_they_are(case):
    scores, labels = case
    before = scores.clone()
    with torch.no_grad():
        pull = pulls.pull(losses.dice, scores, labels)
    assert pull.abs().max() > 0
    assert torch.equal(scores, before)
    assert not scores.requires_grad


@pytest.mark.parametrize("gamma", [0, 1, 2])
def test_as_one_pixel_moves_the_focal_loss_is_its_formula(case, gamma):
    shares = (0.03, 0.5, 0.9)
    found = pulls.as_one_moves(
        lambda *pair: losses.focal(*pair, gamma=gamma), *case, (2, 3), shares
    )
    expected = [-((1 - p) ** gamma) * math.log(p) for p in shares]
    assert found == pytest.approx(expected, abs=1e-9)


def test_as_one_pixel_moves_all_others_stay(case):
    scores, labels = case
    chances = scores.softmax(1)
    own = int(labels[0, 1, 2])
    seen = []

    def loss(moved, _):
        seen.append(moved.softmax(1))
        return losses.dice(moved, labels)

    found = pulls.as_one_moves(loss, scores, labels, (1, 2), (0.25,))
    moved = seen[0]
    assert float(moved[0, own, 1, 2]) == pytest.approx(0.25)
    rest = [k for k in range(3) if k != own]
    ratio = chances[0, rest, 1, 2] / moved[0, rest, 1, 2]
    assert float(ratio[0]) == pytest.approx(float(ratio[1]))  # the others keep their odds
    moved[0, :, 1, 2] = chances[0, :, 1, 2]
    torch.testing.assert_close(moved, chances)
    right = chances.clone()
    right[0, :, 1, 2] = torch.nn.functional.one_hot(torch.tensor(own), 3).double()
    at = seen[0].clone()
    at[0, own, 1, 2], at[0, rest, 1, 2] = 0.25, chances[0, rest, 1, 2] / ratio
    wanted = losses.dice(at.log(), labels) - losses.dice(right.clamp_min(1e-30).log(), labels)
    assert found[0] == pytest.approx(float(wanted) * int((labels != 255).sum()), abs=1e-6)


def test_what_cannot_be_moved_is_refused(case):
    scores, labels = case
    with pytest.raises(ValueError, match=r"at=\(0, 1\) has no class \(255\)"):
        pulls.as_one_moves(losses.dice, scores, labels, (0, 1), (0.5,))
    for share in (0, 1, 1.5, float("nan")):
        with pytest.raises(ValueError, match="must lie between 0 and 1"):
            pulls.as_one_moves(losses.dice, scores, labels, (2, 2), (share,))
