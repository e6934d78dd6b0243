"""The oracles are scikit-learn, erosions by scipy, and asymmetric cases worked out by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import ndimage
from sklearn import metrics as oracle

from seglab.ops import class_weights, metrics

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


WIDE = (torch.uint8, torch.int16, torch.uint16, torch.int32, torch.uint32, torch.uint64)


def whole_number_metrics():
    """Every metric of two label maps, as a function of the two."""
    return {
        "confusion": lambda a, b: metrics.confusion(a, b, 3),
        "boundary_counts": lambda a, b: metrics.boundary_counts(a, b, 3, 1),
        "mean_boundary_iou": lambda a, b: metrics.mean_boundary_iou(a, b, 3, 1),
        "errors": metrics.errors,
        "verdicts": lambda a, b: metrics.verdicts(a, b, 2),
        "verdicts without truth": lambda a, b: metrics.verdicts(a, None, 2),
        "winners": lambda a, b: metrics.winners(a, b, b),
        "coverage": lambda a, b: metrics.coverage(a, 2),
        "selective_accuracy": lambda a, b: metrics.selective_accuracy(a, b, 2),
        "achievable_accuracy": lambda a, b: metrics.achievable_accuracy(a, b, 3),
        "missing_probability": lambda a, b: metrics.missing_probability(SURE.expand(2, 3, 5, 6), b),
        "largest_difference": metrics.largest_difference,
        "root_mean_square": metrics.root_mean_square,
        "object_mistakes": lambda a, b: metrics.object_mistakes(a[:1], b[:1]),
        "panoptic_quality": lambda a, b: metrics.panoptic_quality(a, b, b, a, 3).pq,
    }


SURE = torch.tensor([0.7, 0.2, 0.1]).view(1, 3, 1, 1)


@pytest.mark.parametrize("dtype", WIDE, ids=str)
@pytest.mark.parametrize("name", whole_number_metrics())
def test_label_maps_of_every_whole_number_type_are_judged_alike(name, dtype):
    judge = whole_number_metrics()[name]
    random = np.random.default_rng(0)
    maps = [torch.from_numpy(random.integers(0, 3, (2, 5, 6))) for _ in range(2)]
    right = judge(*maps)
    found = judge(*(m.to(dtype) for m in maps))
    if isinstance(right, torch.Tensor):
        torch.testing.assert_close(found, right, rtol=0, atol=0, equal_nan=True)
    else:
        assert found == right


ONE_LINERS = (
    metrics.pixel_accuracy,
    metrics.mean_accuracy,
    metrics.iou,
    metrics.mean_iou,
    metrics.frequency_weighted_iou,
    metrics.dice,
)


@pytest.mark.parametrize("metric", ONE_LINERS)
@pytest.mark.parametrize("dtype", [*WIDE, torch.int64], ids=str)
def test_counts_of_any_type_do_not_overflow(metric, dtype):
    top = 200 if dtype == torch.uint8 else 2**14 if dtype == torch.int16 else 2**15 + 99
    top = 2**30 if dtype in (torch.int32, torch.uint32, torch.int64, torch.uint64) else top
    table = torch.tensor([[top, top // 3, 0], [7, top, 1], [top, top, 30]])
    torch.testing.assert_close(metric(table.to(dtype)), metric(table.double()).float())


@pytest.mark.parametrize("metric", ONE_LINERS)
@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (torch.ones(2, 3, 3), ValueError, r"shape \[2, 3, 3\]; use \[K, K\].*confusion\.sum\(0\)"),
        (torch.ones(3), ValueError, r"shape \[3\]; use \[K, K\]"),
        (torch.ones(2, 3), ValueError, r"shape \[2, 3\]; use \[K, K\]"),
        (torch.ones(0, 0), ValueError, r"shape \[0, 0\]"),
        (-torch.ones(2, 2), ValueError, "confusion holds -1, which is no count"),
        (torch.ones(2, 2) > 0, TypeError, "confusion is torch.bool"),
        ([[1, 0], [0, 1]], TypeError, "confusion is a list"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(metric, table, error, message):
    with pytest.raises(error, match=message):
        metric(table)


@pytest.mark.parametrize(
    "judge",
    [
        lambda a: metrics.confusion(a, a, 300),
        lambda a: metrics.mean_boundary_iou(a, a, 300, 1),
        lambda a: metrics.panoptic_quality(a, a, a, a, 300),
        lambda a: class_weights.frequencies(a, 300),
    ],
)
def test_class_255_of_300_is_not_lost_without_a_word(judge):
    with pytest.raises(ValueError, match=r"ignore=255 is one of the 300 classes.*ignore=-1"):
        judge(torch.arange(300).view(1, 20, 15))


def test_class_255_of_300_counts_when_another_number_means_no_label():
    labels = torch.arange(300).view(1, 20, 15)
    assert metrics.confusion(labels, labels, 300, ignore=-1).trace() == 300
    quality = metrics.panoptic_quality_by_class(*(labels, labels) * 2, 300, ignore=-1)
    assert bool((quality.pq == 1).all())
    assert bool((class_weights.frequencies(labels, 300, ignore=-1) == 1 / 300).all())


def test_numbers_beyond_int64_are_refused():
    labels = torch.full((1, 2, 2), 2**63, dtype=torch.uint64)
    with pytest.raises(ValueError, match=r"truth holds 2\*\*63 or more"):
        metrics.confusion(torch.zeros(1, 2, 2).long(), labels, 3)


def test_differences_of_bytes_do_not_wrap_around():
    zero, one = torch.zeros(2, dtype=torch.uint8), torch.ones(2, dtype=torch.uint8)
    assert metrics.largest_difference(zero, one) == 1
    assert metrics.root_mean_square(zero, 3 * one) == 3
    assert metrics.largest_difference(zero > 0, one > 0) == 1
    large = torch.tensor([300.0], dtype=torch.float16)
    assert metrics.root_mean_square(large, -large) == 600


def test_segments_with_huge_numbers_need_no_room_for_each():
    segments = torch.tensor([[[5, 5], [2**40, 2**40]]])
    assert metrics.achievable_accuracy(segments, torch.tensor([[[0, 0], [0, 1]]]), 2) == 3 / 4
