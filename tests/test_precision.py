"""Means over many pixels, against float64."""

import pytest
import torch

from seglab.ops import cluster, instances, metrics

SIDE = 512


@pytest.fixture(scope="module")
def values():
    """Colours far from 0, whose float32 sum over the picture has lost its last digits."""
    generator = torch.Generator().manual_seed(0)
    return 0.9 + 0.1 * torch.rand(1, 3, SIDE, SIDE, generator=generator)


@pytest.fixture(scope="module")
def exact(values):
    return values.double().mean((2, 3))


def test_the_mean_of_one_large_segment_is_that_of_64_bits(values, exact):
    whole = torch.zeros(1, SIDE, SIDE, dtype=torch.long)
    found = cluster.means(values, whole)
    assert found.dtype == values.dtype
    assert (found.double() - exact).abs().max() < 1e-6
    flat = cluster.flattened(values, whole).double()
    assert (flat - exact[..., None, None]).abs().max() < 1e-6


def test_the_means_of_a_large_and_a_small_segment_do_not_touch(values):
    labels = torch.zeros(1, SIDE, SIDE, dtype=torch.long)
    labels[0, 300:303, 400:405] = 1
    found = cluster.means(values, labels).double()
    for number in (0, 1):
        inside = values.double()[0][:, labels[0] == number].mean(1)
        assert (found[number] - inside).abs().max() < 1e-6


def test_one_group_of_k_means_lies_in_the_mean(values, exact):
    points = values[0].flatten(1).T
    assert (cluster.kmeans_points(points, 1).centers.double() - exact).abs().max() < 1e-6


def test_the_mean_of_whole_numbers_is_not_cut_off():
    values = torch.full((1, 1, SIDE, SIDE), 200, dtype=torch.uint8)
    values[..., 0, 0] = 201
    whole = torch.zeros(1, SIDE, SIDE, dtype=torch.long)
    expected = 200 + 1 / SIDE**2
    assert float(cluster.means(values, whole)) == pytest.approx(expected, abs=1e-5)
    assert float(cluster.means(values > 200, whole)) == pytest.approx(1 / SIDE**2, rel=1e-6)


@pytest.mark.parametrize("corner", [(0, 0), (1, 1500)])
def test_a_centroid_of_a_large_object_is_exact(corner):
    found = torch.zeros(1, 600, 2048, dtype=torch.long)
    top, left = corner
    found[0, top : top + 511, left : left + 513] = 7
    expected = [top + 510 / 2, left + 512 / 2]
    assert instances.centroids(found).tolist() == [expected]


def test_a_root_mean_square_far_from_0_is_that_of_64_bits(values):
    other = values + 0.01
    expected = float((values.double() - other.double()).square().mean().sqrt())
    assert metrics.root_mean_square(values, other) == pytest.approx(expected, abs=1e-6)
