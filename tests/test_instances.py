"""The oracles are scipy's and scikit-image's labelling, and definitions written out with loops."""

import math

import numpy as np
import pytest
import scipy.ndimage
import skimage.measure
import skimage.segmentation
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seglab.ops import instances as ops
from seglab.ops.instances._components import hook

laws = settings(deadline=None, derandomize=True, max_examples=25)
sizes, seeds = st.integers(1, 20), st.integers(0, 999)
connectivities = st.sampled_from([4, 8])
cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
STRUCTURE = {4: None, 8: np.ones((3, 3))}


def random(*shape, seed=0):
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


def scattered(height, width, seed, count=4):
    """Labels 0 to count - 1, half of them 0."""
    return (random(1, height, width, seed=seed) * 2 * count).long() % (2 * count) % count


def discs(places, radius, size=(64, 64)):
    """A mask of discs, bool [1, H, W]."""
    y, x = torch.meshgrid(*(torch.arange(n) for n in size), indexing="ij")
    return torch.stack([(y - r) ** 2 + (x - c) ** 2 <= radius**2 for r, c in places]).any(0)[None]


def grid(rows, columns, step=3):
    """Rows x columns one-pixel objects, numbered by place, int64 [1, H, W]."""
    picture = torch.zeros(1, rows * step, columns * step, dtype=torch.int64)
    picture[0, ::step, ::step] = torch.arange(1, rows * columns + 1).view(rows, columns)
    return picture


def same_partition(a, b):
    """Equal up to the objects' numbers."""
    pairs = torch.stack((a.flatten(), b.flatten())).unique(dim=1)
    return len(pairs[0].unique()) == len(pairs[0]) == len(pairs[1].unique())


# smoke


def test_a_small_example_by_hand():
    mask = torch.tensor([[[1, 1, 0], [0, 0, 1], [1, 0, 1]]]).bool()
    assert ops.components(mask).tolist() == [[[1, 1, 0], [0, 0, 1], [2, 0, 1]]]
    apart = ops.components(mask, connectivity=4)
    assert apart.tolist() == [[[1, 1, 0], [0, 0, 2], [3, 0, 2]]]
    assert ops.ids(apart).tolist() == [1, 2, 3]
    assert ops.areas(apart).tolist() == [2, 2, 1]
    assert ops.boxes(apart).tolist() == [[0, 0, 1, 2], [1, 2, 3, 3], [2, 0, 3, 1]]
    assert ops.centroids(apart).tolist() == [[0, 0.5], [1.5, 2], [2, 0]]
    assert ops.remove_small(apart, 2).tolist() == [[[1, 1, 0], [0, 0, 2], [0, 0, 2]]]


def test_an_empty_picture_has_no_object():
    empty = torch.zeros(2, 5, 7, dtype=torch.bool)
    for found in (ops.components(empty), ops.distance_watershed(empty), ops.renumber(empty.long())):
        assert found.dtype == torch.int64
        assert not found.any()
    none = ops.components(empty[:1])
    assert ops.ids(none).shape == ops.areas(none).shape == (0,)
    assert ops.boxes(none).shape == (0, 4)
    assert ops.centroids(none).shape == (0, 2)
    assert ops.overlaps(none, grid(1, 1, 1).expand(1, 5, 7)).shape == (0, 1)
    assert not ops.number_like(none, none).any()
    (centers,) = ops.find_centers(torch.zeros(1, 1, 5, 7))
    assert centers.place.shape == (0, 2)
    assert not ops.group([centers], torch.zeros(1, 2, 5, 7), ~empty[:1]).any()
    heatmap, offsets = ops.center_targets(none)
    assert not heatmap.any()
    assert not offsets.any()


@pytest.mark.parametrize("connectivity", [4, 8])
def test_seven_hundred_objects_of_one_pixel_keep_their_numbers(connectivity):
    truth = grid(20, 35)
    for found in (ops.components(truth > 0, connectivity), ops.distance_watershed(truth > 0)):
        assert torch.equal(found, truth)
    assert ops.areas(truth).eq(1).all()
    assert torch.equal(ops.overlaps(truth, truth), torch.eye(700, dtype=torch.float64))
    heatmap, offsets = ops.center_targets(truth, sigma=1)
    centers = ops.find_centers(heatmap, 0.9, kernel_size=3, top_k=1000)
    assert same_partition(ops.group(centers, offsets, truth > 0), truth)


def test_one_pixel_is_a_picture():
    one = torch.ones(1, 1, 1, dtype=torch.bool)
    assert ops.components(one).tolist() == ops.distance_watershed(one).tolist() == [[[1]]]
    assert ops.boxes(one.long()).tolist() == [[0, 0, 1, 1]]


# exception


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda m: ops.components(m, 6), ValueError, "connectivity=6 is unknown; use 4 or 8"),
        (lambda m: ops.components(m.float()), TypeError, "labels is torch.float32; use whole"),
        (lambda m: ops.components(m[0]), ValueError, r"labels has shape \[4, 4\]; use \[B, H, W\]"),
        (lambda m: ops.components(m.numpy()), TypeError, "labels is a ndarray"),
        (lambda m: ops.distance_watershed(m.long()), TypeError, "mask is torch.int64; use bool"),
        (lambda m: ops.distance_watershed(m, h=-1), ValueError, "h=-1 is no depth"),
        (lambda m: ops.distance_watershed(m, h=math.nan), ValueError, "h=nan is no depth"),
        (
            lambda m: ops.distance_watershed(m, min_size=2.5),
            TypeError,
            "min_size=2.5 must be a whole",
        ),
        (lambda m: ops.find_centers(m.float()), ValueError, r"heatmap is \[1, 4, 4\]"),
        (lambda m: ops.find_centers(m[None]), TypeError, "heatmap is torch.bool; use floats"),
        (
            lambda m: ops.find_centers(m[None].float(), kernel_size=4),
            ValueError,
            "kernel_size=4 has no middle",
        ),
        (lambda m: ops.find_centers(m[None].float(), top_k=0), ValueError, "top_k=0 is too small"),
        (
            lambda m: ops.group([], torch.zeros(1, 2, 4, 5), m),
            ValueError,
            r"offsets has shape \[1, 2, 4, 5\]",
        ),
        (
            lambda m: ops.group([], torch.zeros(1, 2, 4, 4), m),
            ValueError,
            "centers holds 0 pictures and foreground 1",
        ),
        (lambda m: ops.center_targets(m.long(), 0), ValueError, "sigma=0 must be above 0"),
        (lambda m: ops.ids(-m.long()), ValueError, "instances holds -1; use 0 for no object"),
        (lambda m: ops.areas(m.expand(2, 4, 4)), ValueError, "instances holds 2 pictures"),
        (
            lambda m: ops.overlaps(m, m[:, :2]),
            ValueError,
            r"instances has shape \[1, 4, 4\] and truth \[1, 2, 4\]",
        ),
        (lambda m: ops.match(m, m, 0.4), ValueError, "threshold=0.4 leaves more than one partner"),
    ],
)
def test_bad_input_is_told_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call(torch.ones(1, 4, 4, dtype=torch.bool))


# shape, dtype, device


@pytest.mark.cuda
@cuda
@pytest.mark.parametrize("connectivity", [4, 8])
def test_on_cuda_the_answers_are_the_same_and_stay_there(connectivity):
    labels = scattered(61, 47, seed=5).expand(2, -1, -1)
    there = ops.components(labels.cuda(), connectivity)
    assert there.is_cuda
    here = ops.components(labels, connectivity)
    assert torch.equal(there.cpu(), here)
    truth = ops.renumber(here[:1].flip(2)).flip(2)
    for op in (ops.ids, ops.areas, ops.boxes, ops.centroids, ops.renumber):
        answer = op(there[:1])
        assert answer.is_cuda
        assert torch.equal(answer.cpu(), op(here[:1]))
    for op in (ops.overlaps, ops.number_like):
        assert torch.equal(op(there[:1], truth.cuda()).cpu(), op(here[:1], truth))
    mask = discs([(20, 20), (20, 34)], 9)
    assert torch.equal(ops.distance_watershed(mask.cuda()).cpu(), ops.distance_watershed(mask))
    heatmap, offsets = (t.cuda() for t in ops.center_targets(ops.distance_watershed(mask)))
    centers = ops.find_centers(heatmap)
    assert same_partition(
        ops.group(centers, offsets, mask.cuda()).cpu(), ops.distance_watershed(mask)
    )


def test_inputs_are_left_as_they_were():
    labels = scattered(9, 9, seed=1)
    before = labels.clone()
    ops.components(labels).mul_(0)
    ops.renumber(labels).mul_(0)
    ops.remove_small(labels, 3).mul_(0)
    ops.number_like(labels, labels).mul_(0)
    assert torch.equal(labels, before)


# law: components


@laws
@given(sizes, sizes, st.integers(1, 3), connectivities, seeds)
def test_components_of_labels_are_scipys_class_by_class(height, width, count, connectivity, seed):
    labels = scattered(height, width, seed, count + 1)
    found = ops.components(labels, connectivity)
    expected, last = np.zeros((height, width), np.int64), 0
    for label in range(1, count + 1):
        of_label, many = scipy.ndimage.label(labels[0].numpy() == label, STRUCTURE[connectivity])
        expected[of_label > 0] = of_label[of_label > 0] + last
        last += many
    assert same_partition(found, torch.from_numpy(expected))
    assert torch.equal(found == 0, labels == 0)
    assert torch.equal(found, ops.renumber(found))  # by first pixel, row by row


@laws
@given(sizes, sizes, connectivities, seeds)
def test_the_devices_algorithm_is_scipys(height, width, connectivity, seed):
    """Code that runs on CUDA, run here on the CPU, two pictures at once."""
    labels = torch.cat([scattered(height, width, seed + i) for i in (0, 1)])
    found = hook(labels, connectivity)
    for picture, of_picture in zip(labels, found, strict=True):
        reach = connectivity // 4
        expected = skimage.measure.label(picture.numpy(), background=0, connectivity=reach)
        assert torch.equal(of_picture, torch.from_numpy(expected).long())


@pytest.mark.parametrize("connectivity", [4, 8])
def test_a_spiral_is_one_component(connectivity):
    """The longest way from one pixel of a region to another."""
    spiral = torch.ones(1, 41, 41, dtype=torch.int64)
    for ring in range(1, 20, 2):
        edge = slice(ring, 41 - ring)
        for side in ((0, ring, edge), (0, edge, 40 - ring), (0, 40 - ring, edge), (0, edge, ring)):
            spiral[side] = 0
        spiral[0, ring + 1, ring] = 1
    assert hook(spiral, connectivity).unique().tolist() == [0, 1]
    assert torch.equal(ops.components(spiral, connectivity), spiral)


def test_no_label_belongs_to_nothing_but_true_does():
    labels = torch.tensor([[[255, 255, 3, 1]]])
    assert ops.components(labels).tolist() == [[[0, 0, 1, 2]]]
    assert ops.components(torch.ones(1, 1, 3, dtype=torch.bool)).tolist() == [[[1, 1, 1]]]


@laws
@given(sizes, sizes, seeds)
def test_fewer_neighbours_only_split(height, width, seed):
    mask = scattered(height, width, seed, 2) > 0
    eight, four = ops.components(mask, 8), ops.components(mask, 4)
    pairs = torch.stack((four[mask], eight[mask]), 1).unique(dim=0)
    assert len(pairs) == len(ops.ids(four))


# law: watershed


@laws
@given(sizes, sizes, st.sampled_from([0.0, 0.5, 1.0, 3.0, 100.0]), connectivities, seeds)
def test_watershed_splits_components_and_loses_nothing(height, width, h, connectivity, seed):
    mask = random(1, height, width, seed=seed) > 0.2
    pieces, whole = (
        ops.distance_watershed(mask, h, 1, connectivity),
        ops.components(mask, connectivity),
    )
    assert torch.equal(pieces > 0, mask)
    pairs = torch.stack((pieces[mask], whole[mask]), 1).unique(dim=0)
    assert len(pairs) == len(ops.ids(pieces))
    assert torch.equal(ops.components(pieces, connectivity), pieces)  # every piece hangs together
    if h == 100:
        assert torch.equal(pieces, whole)
    assert len(ops.ids(pieces)) >= len(
        ops.ids(ops.distance_watershed(mask, h + 1, 1, connectivity))
    )


@laws
@given(st.integers(1, 25), st.integers(1, 25), seeds)
def test_watershed_with_no_dip_asked_for_is_scikit_images(height, width, seed):
    mask = random(1, height, width, seed=seed) > 0.2
    depth = scipy.ndimage.distance_transform_edt(np.pad(mask[0].numpy(), 1))
    theirs = skimage.segmentation.watershed(-depth, connectivity=2, mask=depth > 0)[1:-1, 1:-1]
    assert same_partition(
        ops.distance_watershed(mask, h=0), torch.from_numpy(theirs.astype(np.int64))
    )


def test_watershed_splits_discs_that_touch_and_oversplits_a_bar():
    two = discs([(30, 20), (30, 36)], 10)
    assert len(ops.ids(ops.components(two))) == 1
    split = ops.distance_watershed(two)
    assert len(ops.ids(split)) == 2
    assert split[0, 30, 20] != split[0, 30, 36]
    assert len(ops.ids(ops.distance_watershed(two, h=9))) == 1
    bar = torch.zeros(1, 20, 60, dtype=torch.bool)
    bar[0, 5:14, 2:58] = True
    bar[0, 5, 20:25] = bar[0, 13, 40:45] = False  # two scratches
    assert (
        len(ops.ids(ops.distance_watershed(bar, h=0)))
        > len(ops.ids(ops.distance_watershed(bar, h=2)))
        == 1
    )


@laws
@given(sizes, sizes, seeds)
def test_distance_is_to_the_nearest_pixel_outside(height, width, seed):
    mask = random(1, height, width, seed=seed) > 0.1
    around = torch.nn.functional.pad(mask, (1, 1, 1, 1))[0]
    places = (~around).nonzero() - 1
    expected = torch.zeros(1, height, width)
    for row, column in mask[0].nonzero():
        expected[0, row, column] = (
            (places - torch.stack((row, column))).square().sum(1).min().sqrt()
        )
    torch.testing.assert_close(ops.distance(mask), expected)


@laws
@given(sizes, sizes, st.integers(0, 6), seeds)
def test_small_objects_are_removed_and_no_others(height, width, least, seed):
    found = ops.components(random(1, height, width, seed=seed) > 0.6)
    kept = ops.remove_small(found, least)
    for number, area in zip(ops.ids(found), ops.areas(found), strict=True):
        assert bool((kept[found == number] > 0).all()) == (int(area) >= least)
    assert ops.ids(kept).tolist() == list(range(1, len(ops.ids(kept)) + 1))


# law: centers


@laws
@given(sizes, sizes, st.sampled_from([1, 3, 5]), st.integers(1, 30), seeds)
def test_peaks_are_the_first_highest_of_their_surroundings(height, width, k, top, seed):
    heatmap = (random(1, 1, height, width, seed=seed) * 8).floor() / 8  # with many equal values
    plane, expected = heatmap[0, 0], []
    for row in range(height):
        for column in range(width):
            value = plane[row, column]
            rows = slice(max(0, row - k // 2), row + k // 2 + 1)
            columns = slice(max(0, column - k // 2), column + k // 2 + 1)
            earlier = plane[rows, columns] == value
            first = (earlier.nonzero()[0] + torch.tensor([rows.start, columns.start])).tolist()
            if value > 0.25 and value == plane[rows, columns].max() and first == [row, column]:
                expected.append((-float(value), row, column))
    (found,) = ops.find_centers(heatmap, 0.25, k, top)
    best = sorted(expected)[:top]
    assert found.place.tolist() == [[row, column] for _, row, column in best]
    assert found.score.tolist() == [-value for value, *_ in best]


def test_a_flat_top_is_one_peak():
    (found,) = ops.find_centers(torch.ones(1, 1, 30, 40), kernel_size=3)
    assert found.place.tolist() == [[0, 0]]


@laws
@given(sizes, sizes, st.integers(1, 6), seeds)
def test_every_pixel_goes_to_the_nearest_center(height, width, count, seed):
    place = random(count, 2, seed=seed).double() * torch.tensor([height, width])
    offsets = random(1, 2, height, width, seed=seed + 1).double() * 6 - 3
    inside = random(1, height, width, seed=seed + 2) > 0.3
    found = ops.group([ops.Centers(place, torch.ones(count))], offsets, inside)
    for row in range(height):
        for column in range(width):
            goal = torch.tensor([row, column]) + offsets[0, :, row, column]
            number = int((place - goal).norm(dim=1).argmin()) + 1
            assert found[0, row, column] == (number if inside[0, row, column] else 0)


def test_grouping_in_pieces_is_grouping_at_once(monkeypatch):
    truth = grid(6, 9)
    heatmap, offsets = ops.center_targets(truth, sigma=1)
    centers = ops.find_centers(heatmap, 0.9, 3)
    at_once = ops.group(centers, offsets, truth >= 0)
    monkeypatch.setattr("seglab.ops.instances._centers._AT_ONCE", 100)
    assert torch.equal(ops.group(centers, offsets, truth >= 0), at_once)


@laws
@given(st.integers(1, 3), st.integers(1, 4), st.integers(4, 9), seeds)
def test_the_targets_lead_back_to_the_objects(rows, columns, side, seed):
    """Boxes of random sizes, one in each cell, as a batch with an empty picture."""
    truth = torch.zeros(2, rows * 12, columns * 12, dtype=torch.int64)
    draw = torch.Generator().manual_seed(seed)
    for number in range(rows * columns):
        top, left = number // columns * 12 + 1, number % columns * 12 + 1
        height, width = torch.randint(1, side + 1, (2,), generator=draw).tolist()
        truth[0, top : top + height, left : left + width] = number + 1
    heatmap, offsets = ops.center_targets(truth, sigma=2)
    assert heatmap.shape == (2, 1, *truth.shape[1:])
    centers = ops.find_centers(heatmap, 0.5, 3)
    assert [len(c.place) for c in centers] == [rows * columns, 0]
    found = ops.group(centers, offsets, truth > 0)
    assert same_partition(found[0], truth[0])
    assert not found[1].any()


def test_targets_by_their_definition():
    truth = torch.zeros(1, 9, 11, dtype=torch.int64)
    truth[0, 1:4, 1:6], truth[0, 6, 9] = 7, 3
    heatmap, offsets = ops.center_targets(truth, sigma=1.5)
    assert heatmap[0, 0, 2, 3] == heatmap[0, 0, 6, 9] == 1
    for row, column in ((0, 0), (4, 6), (8, 10)):
        away = [(row - 2) ** 2 + (column - 3) ** 2, (row - 6) ** 2 + (column - 9) ** 2]
        expected = math.exp(-min(away) / (2 * 1.5**2))
        assert float(heatmap[0, 0, row, column]) == pytest.approx(expected)
    assert offsets[0, :, 1, 5].tolist() == [1, -2]
    assert offsets[0, :, 6, 9].tolist() == offsets[0, :, 0, 0].tolist() == [0, 0]


# law: objects


@laws
@given(sizes, sizes, seeds)
def test_areas_boxes_and_centroids_are_scikit_images(height, width, seed):
    found = scattered(height, width, seed, 6) * 1000
    numbers = ops.ids(found).tolist()
    regions = skimage.measure.regionprops(found[0].numpy())
    assert numbers == [region.label for region in regions]
    assert ops.areas(found).tolist() == [int(region.area) for region in regions]
    assert ops.boxes(found).tolist() == [list(region.bbox) for region in regions]
    for ours, region in zip(ops.centroids(found), regions, strict=True):
        assert ours.tolist() == pytest.approx(region.centroid)


@laws
@given(sizes, sizes, seeds)
def test_renumbering_counts_first_pixels(height, width, seed):
    found = torch.cat([scattered(height, width, seed + i, 6) * 10**12 for i in (0, 1)])
    for picture, ours in zip(found, ops.renumber(found), strict=True):
        new = {0: 0}
        for number in picture.flatten().tolist():
            new.setdefault(number, len(new))
        assert ours.flatten().tolist() == [new[number] for number in picture.flatten().tolist()]


@laws
@given(sizes, sizes, st.integers(1, 3), seeds)
def test_neighbours_are_within_reach(height, width, reach, seed):
    found = ops.components(random(1, height, width, seed=seed) > 0.7)
    places = {int(n): (found[0] == n).nonzero().float() for n in ops.ids(found)}
    expected = [
        [a, b]
        for a in places
        for b in places
        if a < b and torch.cdist(places[a], places[b], p=math.inf).min() <= reach
    ]
    assert ops.neighbours(found, reach).tolist() == expected


# law: matching


@laws
@given(sizes, sizes, seeds)
def test_overlaps_are_intersections_over_unions(height, width, seed):
    ours, truth = (scattered(height, width, seed + i, 4) * 10**9 for i in (0, 1))
    table, shared = ops.overlaps(ours, truth), ops.intersections(ours, truth)
    for row, a in enumerate(ops.ids(ours)):
        for column, b in enumerate(ops.ids(truth)):
            both, either = (ours == a) & (truth == b), (ours == a) | (truth == b)
            assert table[row, column] == both.sum().double() / either.sum()
            assert shared[row, column] == both.sum()
    assert torch.equal(ops.overlaps(truth, ours), table.T)


@laws
@given(sizes, sizes, st.sampled_from([0.5, 0.75, 0.9]), seeds)
def test_matches_are_unique_and_leave_nobody_out(height, width, threshold, seed):
    truth = ops.components(random(1, height, width, seed=seed) > 0.4, 4)
    flips = random(1, height, width, seed=seed + 1) > 0.9
    ours = ops.components((truth > 0) ^ flips, 4) * 3
    found = ops.match(ours, truth, threshold)
    assert len(found.predicted.unique()) == len(found.predicted)
    assert len(found.true.unique()) == len(found.true)
    assert bool((found.iou > threshold).all())
    assert torch.cat((found.predicted, found.spurious)).sort().values.equal(ops.ids(ours))
    assert torch.cat((found.true, found.missed)).sort().values.equal(ops.ids(truth))
    assert len(found.iou) == int((ops.overlaps(ours, truth) > threshold).sum())
    everyone = ops.match(truth, truth)
    assert torch.equal(everyone.predicted, everyone.true)
    assert bool((everyone.iou == 1).all())


def test_exactly_one_half_is_no_match():
    truth, ours = torch.zeros(2, 1, 1, 4, dtype=torch.int64)
    truth[..., :2], ours[..., :1] = 1, 1
    assert ops.overlaps(ours, truth).tolist() == [[0.5]]
    found = ops.match(ours, truth)
    assert (found.missed.tolist(), found.spurious.tolist()) == ([1], [1])


@laws
@given(sizes, sizes, seeds)
def test_numbers_follow_the_truth_where_objects_match(height, width, seed):
    truth = ops.components(random(1, height, width, seed=seed) > 0.4, 4)
    flips = random(1, height, width, seed=seed + 1) > 0.9
    ours = ops.components((truth > 0) ^ flips, 4)
    renamed = ops.number_like(ours, truth)
    assert same_partition(renamed, ours)
    found = ops.match(ours, truth)
    for predicted, true in zip(found.predicted, found.true, strict=True):
        assert renamed[ours == predicted].eq(true).all()
    others = set(ops.ids(renamed).tolist()) - set(found.true.tolist())
    assert not others & set(ops.ids(truth).tolist())
