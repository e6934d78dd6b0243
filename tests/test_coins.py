"""The truth of the coins: what can be said of it without believing the code that made it."""

import skimage.measure
import torch

from seglab.images import coins, photos


def test_there_are_24_whole_coins_of_a_coins_size_and_shape():
    truth = coins.truth()
    assert truth.shape[1:] == photos.original("coins").shape[2:]
    assert truth.unique().tolist() == list(range(25))
    for region in skimage.measure.regionprops(truth[0].cpu().numpy()):
        assert skimage.measure.label(region.image).max() == 1
        assert region.euler_number == 1  # no holes
        assert 900 < region.area < 3300
        assert region.solidity > 0.94
        assert region.eccentricity < 0.6
        (row, column), (y, x) = region.centroid, coins.MIDDLES[region.label - 1]
        assert abs(row - y) < 6
        assert abs(column - x) < 6


def test_coins_are_brighter_than_what_is_around_them():
    truth, grey = coins.truth(), photos.original("coins")[:, 0]
    grown = torch.nn.functional.max_pool2d(truth.float(), 9, 1, 4)
    for number in range(1, 25):
        around = (grown == number) & (truth == 0)
        assert grey[truth == number].mean() > grey[around].mean() + 0.04


def test_a_smaller_copy_keeps_them_all():
    scene = coins.load((101, 128))
    assert scene.image.shape == (1, 3, 101, 128)
    assert scene.instances.unique().tolist() == list(range(25))
    assert torch.equal(scene.labels, (scene.instances > 0).long())
    assert not scene.ground.any()
    assert coins.load(tuple(coins.truth().shape[1:])).instances.equal(coins.truth())
