"""The oracles are scikit-learn, erosions by scipy, and asymmetric cases worked out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage
from sklearn import metrics as oracle

from seglab.ops import metrics

laws = settings(deadline=None, derandomize=True, max_examples=40)
CLASSES = 4
shapes = st.tuples(st.integers(1, 2), st.integers(1, 7), st.integers(1, 8))


def label_maps(values):
    return shapes.flatmap(
        lambda s: st.tuples(
            *(arrays.arrays(np.int64, s, elements=st.sampled_from(v)) for v in values)
        )
    ).map(lambda pair: tuple(map(torch.from_numpy, pair)))


pairs = label_maps([range(CLASSES), range(CLASSES)])
pairs_with_void = label_maps([range(CLASSES), [*range(CLASSES), 255]])
mask_pairs = shapes.flatmap(lambda s: st.tuples(*[arrays.arrays(np.bool_, s)] * 2))

# Six pixels of class 0, of which two were called 1 and one 2; two of class 1, one called 2.
truth = torch.tensor([[[0, 0, 0, 0], [0, 0, 1, 1]]])
labels = torch.tensor([[[0, 1, 0, 1], [0, 2, 1, 2]]])
counts = torch.tensor([[3, 2, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]])

# smoke


def test_a_small_example_by_hand():
    found = metrics.confusion(labels, truth, 4)
    assert found.dtype == torch.int64
    assert found.tolist() == counts.tolist()
    assert float(metrics.pixel_accuracy(found)) == pytest.approx(4 / 8)
    assert float(metrics.mean_accuracy(found)) == pytest.approx((3 / 6 + 1 / 2) / 2)
    assert metrics.iou(found)[:3].tolist() == pytest.approx([3 / 6, 1 / 4, 0])
    assert metrics.iou(found)[3].isnan()
    assert float(metrics.mean_iou(found)) == pytest.approx((3 / 6 + 1 / 4 + 0) / 3)
    assert float(metrics.frequency_weighted_iou(found)) == pytest.approx(6 / 8 / 2 + 2 / 8 / 4)
    assert metrics.dice(found)[:3].tolist() == pytest.approx([6 / 9, 2 / 5, 0])
    assert metrics.dice(found)[3].isnan()


def test_what_is_predicted_and_what_is_true_are_not_the_same():
    back = metrics.confusion(truth, labels, 4)
    assert back.tolist() == counts.T.tolist()
    assert float(metrics.mean_accuracy(back)) == pytest.approx((3 / 3 + 1 / 3 + 0) / 3)
    assert float(metrics.mean_accuracy(counts)) != float(metrics.mean_accuracy(counts.T))


def test_all_background_is_right_nearly_everywhere_and_worth_little():
    picture = torch.zeros(1, 20, 20, dtype=torch.int64)
    picture[0, 3:7, 5:10] = 1
    found = metrics.confusion(torch.zeros_like(picture), picture, 2)
    assert float(metrics.pixel_accuracy(found)) == pytest.approx(0.95)
    assert float(metrics.mean_iou(found)) == pytest.approx(0.475)
    assert float(metrics.mean_accuracy(found)) == pytest.approx(0.5)


def test_two_squares_and_their_boundaries_by_hand():
    one, other = torch.zeros(2, 12, 12, dtype=torch.bool)
    one[2:10, 2:10] = True  # 64 pixels, 28 of them on the outline
    other[3:9, 3:9] = True  # 36 inside it, 20 on the outline
    assert metrics.boundary_iou(one, one, 1) == 1
    assert metrics.boundary_iou(one, other, 1) == 0
    # Two pixels wide, the bands are 64 - 16 and 36 - 4 pixels and share the inner outline.
    assert float(metrics.boundary_iou(one, other, 2)) == pytest.approx(20 / (48 + 32 - 20))
    assert float(metrics.boundary_iou(one, other, 4)) == pytest.approx(36 / 64)


# exception


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.confusion(labels, truth, 2), "labels holds 2.*of the 2 classes; use 0 to"),
        (lambda: metrics.confusion(truth, labels, 2), "truth holds 2"),
        (lambda: metrics.confusion(labels - 1, truth, 4), "labels holds -1"),
        (lambda: metrics.confusion(labels * 0 + 255, truth, 4), r"truth\.masked_fill"),
        (lambda: metrics.confusion(labels[0], truth, 4), r"shape \[2, 4\] and truth \[1, 2, 4\]"),
        (lambda: metrics.confusion(labels[:0], truth[:0], 4), "with at least one pixel"),
        (lambda: metrics.confusion(labels, truth.to("meta"), 4), r"labels\.to\(truth\.device\)"),
        (lambda: metrics.confusion(labels, truth, 0), "classes=0 is too small"),
        (lambda: metrics.boundary_iou(labels > 0, truth > 0, 0), "distance=0 is too small"),
        (lambda: metrics.mean_boundary_iou(labels, truth, 4, 0), "distance=0 is too small"),
        (lambda: metrics.mean_boundary_iou(labels, truth, 2, 1), "labels holds 2"),
    ],
)
def test_values_that_cannot_be(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.confusion(labels.float(), truth, 4), r"labels is .*labels\.long\(\)"),
        (lambda: metrics.confusion(labels.numpy(), truth, 4), "labels is ndarray"),
        (lambda: metrics.confusion(labels, truth, 4.0), r"classes=4\.0 must be a whole number"),
        (lambda: metrics.boundary_iou(labels, truth, 1), "mask is torch.int64.*labels == 1"),
        (lambda: metrics.boundary_iou(labels > 0, truth > 0, 1.5), r"distance=1\.5"),
    ],
)
def test_types_that_cannot_be(call, message):
    with pytest.raises(TypeError, match=message):
        call()


# law: counts


@laws
@given(pairs)
def test_the_counts_are_those_of_scikit_learn(pair):
    ours = metrics.confusion(*pair, CLASSES)
    theirs = oracle.confusion_matrix(
        pair[1].flatten(), pair[0].flatten(), labels=np.arange(CLASSES)
    )
    np.testing.assert_array_equal(ours.numpy(), theirs)


@laws
@given(pairs)
def test_the_metrics_are_those_of_scikit_learn(pair):
    found, true = (m.flatten().numpy() for m in pair)
    ours = metrics.confusion(*pair, CLASSES)
    present = np.union1d(found, true)
    jaccard = oracle.jaccard_score(true, found, labels=present, average=None, zero_division=0)
    f1 = oracle.f1_score(true, found, labels=present, average=None, zero_division=0)
    recall = oracle.recall_score(true, found, labels=np.unique(true), average="macro")
    weighted = oracle.jaccard_score(true, found, average="weighted", zero_division=0)
    for values, theirs in ((metrics.iou(ours), jaccard), (metrics.dice(ours), f1)):
        assert values[present].tolist() == pytest.approx(theirs)
        assert int(values.isnan().sum()) == CLASSES - len(present)
    assert float(metrics.mean_iou(ours)) == pytest.approx(jaccard.mean())
    assert float(metrics.pixel_accuracy(ours)) == pytest.approx(oracle.accuracy_score(true, found))
    assert float(metrics.mean_accuracy(ours)) == pytest.approx(recall)
    assert float(metrics.frequency_weighted_iou(ours)) == pytest.approx(weighted)


@laws
@given(pairs_with_void)
def test_ignored_pixels_count_nowhere_whatever_was_found_there(pair):
    found, true = pair
    judged = true != 255
    ours = metrics.confusion(found, true, CLASSES)
    assert int(ours.sum()) == int(judged.sum())
    assert torch.equal(ours, metrics.confusion(found.where(judged, 99), true, CLASSES))
    if judged.any():
        assert torch.equal(ours, metrics.confusion(found[judged], true[judged], CLASSES))


@laws
@given(pairs)
def test_a_class_can_be_what_is_ignored(pair):
    found, true = pair
    ours = metrics.confusion(found, true, CLASSES, ignore=0)
    whole = metrics.confusion(found, true, CLASSES)
    assert torch.equal(ours[1:], whole[1:])
    assert not ours[0].any()


@laws
@given(pairs)
def test_counts_add_up_over_pictures(pair):
    whole = metrics.confusion(*pair, CLASSES)
    parts = [metrics.confusion(f, t, CLASSES) for f, t in zip(*pair, strict=True)]
    assert torch.equal(whole, sum(parts))
    boundary = metrics.boundary_counts(*pair, CLASSES, 2)
    parts = [metrics.boundary_counts(f, t, CLASSES, 2) for f, t in zip(*pair, strict=True)]
    assert torch.equal(boundary, sum(parts))


@laws
@given(pairs)
def test_laws_between_metrics(pair):
    ours = metrics.confusion(*pair, CLASSES)
    iou, dice = metrics.iou(ours), metrics.dice(ours)
    torch.testing.assert_close(dice, 2 * iou / (1 + iou), equal_nan=True)
    torch.testing.assert_close(metrics.iou(ours.T), iou, equal_nan=True)
    right = metrics.confusion(pair[1], pair[1], CLASSES)
    for metric in (metrics.pixel_accuracy, metrics.mean_iou, metrics.mean_accuracy):
        assert metric(right) == 1
        assert 0 <= metric(ours) <= 1


def test_nothing_judged_is_no_number_and_no_crash():
    nothing = metrics.confusion(labels, torch.full_like(labels, 255), 4)
    assert not nothing.any()
    for metric in (
        metrics.pixel_accuracy,
        metrics.mean_accuracy,
        metrics.mean_iou,
        metrics.frequency_weighted_iou,
    ):
        assert metric(nothing).isnan()
    assert metrics.mean_boundary_iou(labels, torch.full_like(labels, 255), 4, 1).isnan()


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.int32, torch.bool])
def test_other_whole_numbers_count_the_same(dtype):
    one, other = (labels > 0), (truth > 0)
    whole = metrics.confusion(one.long(), other.long(), 2)
    assert torch.equal(metrics.confusion(one.to(dtype), other.to(dtype), 2), whole)
    # 300 pixels of class 200 would overflow a small dtype if the codes were counted in it.
    many = torch.full((300,), 200, dtype=torch.uint8)
    assert metrics.confusion(many, many, 201)[200, 200] == 300


# law: boundaries


def band(mask, distance):
    return mask & ~ndimage.binary_erosion(mask, np.ones((3, 3), bool), distance)


@laws
@given(mask_pairs, st.integers(1, 4))
def test_the_boundary_is_what_erosion_takes(masks, distance):
    ours = metrics.boundary_iou(*map(torch.from_numpy, masks), distance)
    assert ours.shape == masks[0].shape[:1]
    for value, *pair in zip(ours.tolist(), *masks, strict=True):
        one, other = (band(m, distance) for m in pair)
        union = (one | other).sum()
        assert value == pytest.approx((one & other).sum() / union if union else np.nan, nan_ok=True)


@laws
@given(pairs_with_void, st.integers(1, 3))
def test_the_mean_over_classes_is_that_of_the_masks(pair, distance):
    found, true = pair
    judged = true != 255
    found = found.where(judged, 255)  # so that both contours run along the void
    values = []
    for k in range(CLASSES):
        one, other = (
            np.stack([band(plane, distance) for plane in (m == k).numpy()]) for m in (found, true)
        )
        if (one | other).any():
            values.append((one & other).sum() / (one | other).sum())
    ours = metrics.mean_boundary_iou(*pair, CLASSES, distance)
    assert float(ours) == pytest.approx(np.mean(values) if values else np.nan, nan_ok=True)


@laws
@given(pairs)
def test_as_wide_as_the_picture_it_is_the_ordinary_iou(pair):
    wide = metrics.boundary_counts(*pair, CLASSES, 8)
    ordinary = metrics.iou(metrics.confusion(*pair, CLASSES))
    torch.testing.assert_close(wide[:, 0] / wide[:, 1], ordinary, equal_nan=True)


def test_both_contours_run_along_what_is_ignored():
    true = torch.zeros(1, 9, 9, dtype=torch.int64)
    true[0, 4, 4] = 255
    found = torch.zeros_like(true)
    # The border of the picture, and the eight pixels around the one that is not judged.
    for same in (found, found.masked_fill(true == 255, 1)):
        assert metrics.boundary_counts(same, true, 2, 1).tolist() == [[32 + 8, 32 + 8], [0, 0]]


def test_empty_masks():
    nothing, something = torch.zeros(2, 5, 5, dtype=torch.bool)
    something[2, 2] = True
    assert metrics.boundary_iou(nothing, nothing, 1).isnan()
    assert metrics.boundary_iou(something, nothing, 1) == 0
    assert metrics.boundary_iou(nothing, something, 1) == 0


def test_a_shift_hurts_the_boundary_more_than_the_area():
    square = torch.zeros(64, 64, dtype=torch.bool)
    square[10:50, 10:50] = True
    moved = square.roll((0, 2), (0, 1))
    area = metrics.iou(metrics.confusion(moved, square, 2))[1]
    assert area > 0.9
    assert metrics.boundary_iou(moved, square, 2) < 0.6


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_the_same_on_cuda():
    random = np.random.default_rng(0)
    found, true = (torch.from_numpy(random.integers(0, 5, (3, 65, 33))) for _ in range(2))
    true[0, :9] = 255
    there = (found.cuda(), true.cuda())
    counted = metrics.confusion(*there, 5)
    assert counted.is_cuda
    assert torch.equal(counted.cpu(), metrics.confusion(found, true, 5))
    banded = metrics.boundary_counts(*there, 5, 3)
    assert torch.equal(banded.cpu(), metrics.boundary_counts(found, true, 5, 3))
    for metric in (metrics.iou, metrics.dice, metrics.mean_iou):
        torch.testing.assert_close(metric(counted).cpu(), metric(counted.cpu()))


def test_inputs_are_left_as_they_were():
    given = labels.clone(), truth.clone()
    metrics.confusion(*given, 4).zero_()
    metrics.mean_boundary_iou(*given, 4, 1)
    assert torch.equal(given[0], labels)
    assert torch.equal(given[1], truth)


def test_each_pixel_is_one_kind_of_error():
    truth = torch.tensor([[[0, 1, 0, 1, 1]]])
    labels = torch.tensor([[[0, 1, 2, 0, 2]]])
    assert metrics.errors(labels, truth).tolist() == [[[0, 1, 2, 3, 4]]]
    assert len(metrics.ERRORS) == 5
