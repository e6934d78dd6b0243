"""Means and counts over many pixels, against 64 bits."""

import math

import pytest
import torch
from torch import nn

from seglab.ops import class_weights, cluster, dense, effective_field, instances, metrics

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


# Counts are whole numbers until they are divided


def test_shares_of_pixels_are_exact():
    labels = torch.zeros(1, 1, 2**24 + 3, dtype=torch.uint8)  # more than float32 counts
    labels[..., -1] = 255
    pixels = labels.numel()
    assert metrics.coverage(labels, 4) == (pixels - 1) / pixels
    truth = labels.clone()
    truth[..., 0] = 1
    assert metrics.selective_accuracy(labels, truth, 4) == (pixels - 2) / (pixels - 1)
    expected = torch.tensor([(pixels - 1) / pixels, 1 / pixels])
    assert torch.equal(class_weights.frequencies(labels // 255, 2), expected)


def test_the_bins_of_a_reliability_diagram_are_exact():
    pixels = 2**24 + 4
    truth = torch.zeros(1, 1, pixels, dtype=torch.uint8)
    truth[..., ::4] = 1
    sure = torch.tensor([0.7, 0.3])[None, :, None, None].expand(1, 2, 1, pixels)
    table = metrics.reliability(sure, truth)
    assert table[6].tolist() == torch.tensor([1, 0.7, 0.75]).tolist()


def test_all_of_many_pixels_right_is_exactly_one():
    right = torch.tensor([2**24 + 1, 1]).diag()
    for metric in (metrics.pixel_accuracy, metrics.mean_iou, metrics.frequency_weighted_iou):
        assert metric(right) == 1


def test_what_is_never_answered_has_no_accuracy():
    nowhere = torch.full((1, 2, 2), 255)
    assert metrics.coverage(nowhere, 4) == 0
    assert math.isnan(metrics.selective_accuracy(nowhere, nowhere, 4))


def test_masks_of_more_pixels_than_float32_counts_overlap_exactly():
    masks = torch.ones(2, 2**12, 2**12 + 1, dtype=torch.bool)
    masks[1, 0, 0] = False
    pixels = masks[0].numel()
    expected = [[1.0, (pixels - 1) / pixels]]
    assert metrics.mask_overlaps(masks[:1], masks).tolist() == torch.tensor(expected).tolist()


def test_a_difference_is_taken_before_it_is_rounded():
    low = torch.full((1, 1, 2, 2), -40_000.0, dtype=torch.float16)
    assert metrics.largest_difference(-low, low) == 80_000
    assert metrics.root_mean_square(-low, low) == 80_000
    huge = torch.full((2,), 1e30)
    assert metrics.root_mean_square(huge, -huge) == pytest.approx(2e30, rel=1e-6)
    long = torch.tensor([2**40 + 1, 2**40])
    assert metrics.largest_difference(long, torch.full_like(long, 2**40)) == 1


def test_the_quality_of_many_segments_adds_up():
    count, side = 4000, 7
    instances = torch.arange(1, count + 1).repeat_interleave(side).view(1, count, side)
    found = instances.clone()
    found[..., 0] = 0
    labels, ground = torch.ones_like(instances), torch.zeros_like(instances)
    quality = metrics.panoptic_quality_by_class(
        labels.where(found > 0, ground), found, labels, instances, 2
    )
    assert float(quality.sq[1]) == float(torch.tensor((side - 1) / side))


# Half precision


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
class TestHalf:
    def test_groups_of_many_points_have_their_means(self, dtype):
        points = torch.tensor([[0.25], [4.0]]).repeat(70_000, 1).to(dtype)  # float16 ends at 65,504
        found = cluster.kmeans_points(points, 2)
        assert found.centers.dtype == dtype
        assert sorted(found.centers.flatten().tolist()) == [0.25, 4.0]
        assert found.inertia == 0
        modes = cluster.mean_shift_modes(points, 1.0)
        assert modes.dtype == dtype
        assert sorted(modes.flatten().tolist()) == [0.25, 4.0]

    def test_the_variance_of_large_values_is_finite(self, dtype):
        values = torch.tensor([0.0, 1000.0]).repeat(8, 8)[None, None].to(dtype)
        halves = (values[0] > 0).long()
        assert cluster.explained_variance(values, halves) == 1
        assert cluster.explained_variance(values, torch.zeros_like(halves)) == 0

    def test_texture_is_that_of_the_same_picture_in_32_bits(self, dtype):
        image = torch.rand(1, 3, 32, 40, generator=torch.Generator().manual_seed(1)).to(dtype)
        found, wide = cluster.gabor(image), cluster.gabor(image.float())
        assert found.dtype == dtype
        assert (found.float() - wide).abs().max() < 100 * torch.finfo(dtype).eps

    def test_an_average_of_large_values_is_theirs(self, dtype):
        net = nn.Sequential(nn.Conv2d(1, 1, 1), nn.AvgPool2d(16, 2)).to(dtype)
        nn.init.ones_(net[0].weight)
        nn.init.zeros_(net[0].bias)
        image = torch.full((1, 1, 40, 40), 1024.0, dtype=dtype)
        for way in (dense.rarefy(net), lambda x: dense.fragments(net, x)):
            scores = way(image)
            assert scores.dtype == dtype
            assert (scores == 1024).all()

    def test_an_effective_field_adds_up_to_1(self, dtype):
        net = nn.Sequential(*(nn.Conv2d(1, 1, 9, bias=False) for _ in range(4))).to(dtype)
        for layer in net:
            nn.init.constant_(layer.weight, 1 / 81)
        image = torch.rand(1, 1, 48, 48, generator=torch.Generator().manual_seed(0)).to(dtype)
        gradient = effective_field.of([net], image, (0, 0)).gradient
        assert float(gradient.double().sum()) == pytest.approx(1, abs=1e-5)
        assert int((gradient > 0).sum()) > 500
