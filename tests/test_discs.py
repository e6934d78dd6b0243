"""Pictures with one pale disc: its share, its place and its ground."""

import math

import pytest
import torch

from seglab.images import discs


@pytest.mark.parametrize("share", [0.08, 0.04, 0.02, 0.01, 0.005])
def test_the_disc_has_its_share_of_every_picture(share):
    counts = discs.draw(range(20), share).labels.sum((1, 2)) / discs.SIDE**2
    assert float(counts.mean()) == pytest.approx(share, rel=0.05)
    assert float((counts - share).abs().max()) < 0.1 * share + 4 / discs.SIDE**2


def test_a_smaller_disc_stands_in_the_same_place_on_the_same_ground():
    large, small = (discs.draw(range(8), share, "test") for share in (0.08, 0.005))
    for one, other in zip(large.labels, small.labels, strict=True):
        middles = [part.nonzero().float().mean(0) for part in (one, other)]
        assert math.dist(*(m.tolist() for m in middles)) < 1
        assert (other <= one).all()
    same = (large.labels == small.labels) & (large.labels == 0)
    close = (large.image - small.image).abs().amax(1)
    assert float((close[same] == 0).float().mean()) > 0.9  # all but the disc's soft border


def test_the_disc_is_paler_and_the_same_seed_draws_the_same():
    scene = discs.draw([3, 4], 0.04)
    for k in range(2):
        inside = scene.labels[k] == 1
        assert scene.image[k][:, inside].mean() > scene.image[k][:, ~inside].mean()
    alone = discs.draw([4], 0.04)
    assert torch.equal(alone.image[0], scene.image[1])
    assert not torch.equal(discs.draw([4], 0.04, "test").image, alone.image)


@pytest.mark.parametrize("share", [0, 0.09, -1, float("nan")])
def test_a_share_that_does_not_fit_is_refused(share):
    with pytest.raises(ValueError, match=r"must be above 0 and at most 0\.08"):
        discs.draw([0], share)
