"""The oracles are pycocotools, and segments compared one by one as sets of pixels."""

import contextlib
import io

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from seglab.ops import instances, metrics

laws = settings(deadline=None, derandomize=True, max_examples=30)
seeds = st.integers(0, 9999)
SIZE = (24, 24)


def rectangles(random, count):
    masks = np.zeros((count, *SIZE), bool)
    for mask in masks:
        y, x = random.integers(0, 16, 2)
        height, width = random.integers(3, 9, 2)
        mask[y : y + height, x : x + width] = True
    return masks


def data_set(seed, pictures=3, kinds=2):
    """Rectangles, and guesses at them: most moved by up to two pixels, some left out, some new."""
    random = np.random.default_rng(seed)
    found, scores, classes, true, true_classes = [], [], [], [], []
    for _ in range(pictures):
        masks = rectangles(random, random.integers(0, 6))
        kind = random.integers(0, kinds, len(masks))
        moved = [np.roll(m, random.integers(-1, 2, 2), (0, 1)) for m in masks]
        kept = random.random(len(masks)) < 0.8
        new = rectangles(random, random.integers(0, 3))
        guesses = np.concatenate([np.array(moved).reshape(-1, *SIZE)[kept], new])
        found.append(torch.from_numpy(guesses.astype(bool)))
        classes.append(torch.from_numpy(np.append(kind[kept], random.integers(0, kinds, len(new)))))
        scores.append(torch.from_numpy(random.random(len(guesses))))
        true.append(torch.from_numpy(masks))
        true_classes.append(torch.from_numpy(kind))
    tables = [metrics.mask_overlaps(*pair) for pair in zip(found, true, strict=True)]
    return found, scores, classes, true, true_classes, tables


def by_coco(found, scores, classes, true, true_classes):
    """Average precision by pycocotools, [2 classes, T]; NaN where it judges nothing."""
    truth, guesses = [], []
    for picture, (masks, own, kinds, real, real_kinds) in enumerate(
        zip(found, scores, classes, true, true_classes, strict=True), 1
    ):
        for mask, kind in zip(real.numpy(), real_kinds.tolist(), strict=True):
            truth.append(annotation(picture, mask, kind) | {"id": len(truth) + 1, "iscrowd": 0})
        for mask, score, kind in zip(masks.numpy(), own.tolist(), kinds.tolist(), strict=True):
            guesses.append(annotation(picture, mask, kind) | {"score": score})
    coco = COCO()
    with contextlib.redirect_stdout(io.StringIO()):
        coco.dataset = {
            "info": {},
            "images": [{"id": n, "height": SIZE[0], "width": SIZE[1]} for n in range(1, 4)],
            "annotations": truth,
            "categories": [{"id": kind, "name": str(kind)} for kind in (0, 1)],
        }
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(guesses), "segm")
        # A hair lower, so that 3 / 5 reaches 0.6 and 7 / 20 is recall 0.35, whatever the rounding.
        judge.params.iouThrs = np.array(metrics.THRESHOLDS) - 1e-7
        judge.params.recThrs = np.arange(101) / 100 - 1e-7
        judge.evaluate()
        judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, -1]  # [T, R, K], all sizes, 100 objects
    return np.where(precision > -1, precision, np.nan).mean(1).T


def annotation(picture, mask, kind):
    code = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {
        "image_id": picture,
        "category_id": kind,
        "segmentation": code,
        "area": float(mask.sum()),
        "bbox": coco_mask.toBbox(code).tolist(),
    }


# average precision


def test_average_precision_by_hand():
    # Two pictures, three objects. In order of score: right, wrong (taken), right, wrong (too low).
    tables = [torch.tensor([[0.9, 0.0], [0.8, 0.0]]), torch.tensor([[0.7], [0.1]])]
    scores = [torch.tensor([0.9, 0.8]), torch.tensor([0.6, 0.5])]
    # Precision 1 up to recall 1/3, then 2/3 up to recall 2/3: 34 and 33 of the 101 points.
    at_half = metrics.average_precision(tables, scores, thresholds=(0.5,))
    assert at_half.tolist() == pytest.approx([(34 * 1 + 33 * 2 / 3) / 101])
    strict = metrics.average_precision(tables, scores, thresholds=(0.5, 0.75, 0.95))
    assert strict.tolist() == pytest.approx([float(at_half), 34 / 101, 0])


def test_the_better_scored_object_chooses_first():
    table = [torch.tensor([[0.6, 0.9], [0.0, 0.95]])]
    first, second = torch.tensor([0.9, 0.1]), torch.tensor([0.1, 0.9])
    # The first takes the true object that the second needs, or leaves it.
    assert float(metrics.average_precision(table, [first], thresholds=(0.5,))) == pytest.approx(
        51 / 101
    )
    assert float(metrics.average_precision(table, [second], thresholds=(0.5,))) == 1


def test_a_threshold_is_reached_when_the_iou_equals_it():
    table = [torch.tensor([[3 / 5]])]
    found = metrics.average_precision(table, [torch.ones(1)], thresholds=(0.6, 0.61))
    assert found.tolist() == [1, 0]


def test_nothing_found_is_0_and_nothing_to_find_is_no_number():
    table = torch.zeros(0, 2), torch.zeros(3, 0), torch.zeros(0, 0)
    none, three = torch.zeros(0), torch.rand(3)
    assert metrics.average_precision([table[0]], [none]).tolist() == [0] * 10
    assert metrics.average_precision([table[1]], [three]).isnan().all()
    assert metrics.average_precision([table[2]], [none]).isnan().all()
    # Found where nothing is, in one picture, counts against what is right in another.
    right = torch.ones(1, 1)
    both = metrics.average_precision([right, table[1]], [torch.ones(1), three], thresholds=(0.5,))
    assert float(both) == 1
    both = metrics.average_precision([right, table[1]], [-torch.ones(1), three], thresholds=(0.5,))
    assert float(both) == pytest.approx(1 / 4)


def test_classes_that_are_nowhere_in_the_truth_are_left_out():
    table = [torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])]
    found = metrics.average_precision(
        table,
        [torch.tensor([0.9, 0.8, 0.7])],
        [torch.tensor([0, 3, 7])],
        [torch.tensor([0, 2])],
        thresholds=(0.5,),
    )
    assert float(found) == pytest.approx(1 / 2)  # class 0 all right, class 2 missed, 3 and 7 out
    none = torch.zeros(0, dtype=torch.int64)
    empty = metrics.average_precision(
        [torch.zeros(1, 0)], [torch.ones(1)], [torch.zeros(1)], [none]
    )
    assert empty.isnan().all()


@laws
@given(seeds)
def test_average_precision_is_that_of_pycocotools(seed):
    found, scores, classes, true, true_classes, tables = data_set(seed)
    assume(sum(map(len, found)))  # pycocotools cannot load no result
    # With two partners of one IoU it takes the last one, and we the first.
    assume(all(len(row[row >= 0.5].unique()) == (row >= 0.5).sum() for t in tables for row in t))
    theirs = by_coco(found, scores, classes, true, true_classes)
    given = tables, scores, classes, true_classes
    each = metrics.average_precision_by_class(*given, class_ids=(0, 1))
    np.testing.assert_allclose(each, theirs, rtol=1e-6)
    judged = [row for row in theirs if not np.isnan(row).any()]
    mean = np.mean(judged, axis=0) if judged else np.full(10, np.nan)
    np.testing.assert_allclose(metrics.average_precision(*given), mean, rtol=1e-6)


@laws
@given(seeds)
def test_the_overlap_of_masks_is_that_of_pycocotools_and_of_instance_maps(seed):
    found, _, _, true, *_ = data_set(seed, pictures=1)
    table = metrics.mask_overlaps(found[0], true[0])
    codes = [
        coco_mask.encode(np.asfortranarray(m.numpy().astype(np.uint8).transpose(1, 2, 0)))
        for m in (found[0], true[0])
    ]
    theirs = np.array(coco_mask.iou(*codes, [0] * len(true[0]))).reshape(table.shape)
    np.testing.assert_allclose(table.numpy(), theirs, rtol=1e-6)
    drawn = [torch.zeros(1, *SIZE, dtype=torch.int64) for _ in range(2)]
    for picture, masks in zip(drawn, (found[0], true[0]), strict=True):
        for number, mask in enumerate(masks, 1):
            picture[0][mask] = number
    apart = [
        torch.stack([d[0] == n for n in instances.ids(d)]) if d.any() else torch.zeros(0, *SIZE) > 0
        for d in drawn
    ]
    torch.testing.assert_close(
        instances.overlaps(*drawn), metrics.mask_overlaps(*apart), check_dtype=False
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.average_precision([], []), "give one of each for every picture"),
        (
            lambda: metrics.average_precision([torch.ones(1, 1)], []),
            "'overlaps': 1, 'scores': 0",
        ),
        (
            lambda: metrics.average_precision([torch.ones(2, 1)], [torch.ones(1)]),
            r"overlaps \[2, 1\] and scores \[1\]; use",
        ),
        (
            lambda: metrics.average_precision([torch.ones(1, 1)], [torch.tensor([torch.nan])]),
            "a score NaN",
        ),
        (
            lambda: metrics.average_precision(
                [torch.ones(1, 1)], [torch.ones(1)], [torch.ones(1)], [torch.ones(2)]
            ),
            r"\[1\] classes and \[2\] true_classes",
        ),
        (
            lambda: metrics.average_precision([torch.ones(1, 1)], [torch.ones(1)], [torch.ones(1)]),
            "give both or neither",
        ),
        (
            lambda: metrics.average_precision([torch.ones(1, 1)], [torch.ones(1)], thresholds=()),
            r"thresholds=\(\) must be",
        ),
        (
            lambda: metrics.average_precision_by_class(
                *([torch.ones(1, 1)], *[[torch.ones(1)]] * 3), class_ids=()
            ),
            "class_ids names no class",
        ),
        (
            lambda: metrics.mask_overlaps(torch.ones(1, 2, 2) > 0, torch.ones(1, 2, 3) > 0),
            r"\[1, 2, 2\] and truth \[1, 2, 3\]",
        ),
    ],
)
def test_what_has_no_average_precision(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_masks_are_bool():
    with pytest.raises(TypeError, match=r"masks is torch\.float32; use bool"):
        metrics.mask_overlaps(torch.ones(1, 2, 2), torch.ones(1, 2, 2) > 0)


# panoptic quality

blocks = st.tuples(st.integers(1, 2), st.integers(1, 4), st.integers(1, 4))
kinds, numbers = st.integers(0, 2), st.integers(0, 2)


def segments(labels, instances):
    """The pixels of each (picture, class, number)."""
    found = {}
    for b, y, x in np.ndindex(labels.shape):
        key = (b, int(labels[b, y, x]), int(instances[b, y, x]))
        found.setdefault(key, set()).add((y, x))
    return {key: pixels for key, pixels in found.items() if key[1] != 255}


def quality(labels, instances, true_labels, true_instances, classes):
    """PQ, SQ and RQ of each class as the paper words them, set by set."""
    found, true = segments(labels, instances), segments(true_labels, true_instances)
    void = {
        b: {(int(y), int(x)) for y, x in zip(*np.nonzero(plane == 255), strict=True)}
        for b, plane in enumerate(true_labels)
    }
    right = {k: [] for k in range(classes)}
    alone = dict.fromkeys(range(classes), 0)
    matched = set()
    for (b, kind, _), pixels in found.items():
        inside = pixels - void[b]
        partners = [
            (key, len(inside & other) / len(inside | other))
            for key, other in true.items()
            if key[:2] == (b, kind) and len(inside & other) / len(inside | other) > 0.5
        ]
        assert len(partners) <= 1
        if partners:
            matched.add(partners[0][0])
            right[kind].append(partners[0][1])
        elif len(pixels & void[b]) <= len(pixels) / 2:
            alone[kind] += 1
    rows = []
    for kind in range(classes):
        missed = sum(key[1] == kind and key not in matched for key in true)
        total = len(right[kind]) + alone[kind] / 2 + missed / 2
        if not total:
            rows.append([np.nan] * 3)
            continue
        sq = sum(right[kind]) / max(1, len(right[kind]))
        rows.append([sum(right[kind]) / total, sq, len(right[kind]) / total])
    return np.array(rows).T


@st.composite
def scenes(draw):
    """Four maps: blocks of pixels, and the same with some pixels changed, a few to void."""
    shape = draw(blocks)
    labels, instances = (
        draw(arrays.arrays(np.int64, shape, elements=values)).repeat(2, 1).repeat(3, 2)
        for values in (kinds, numbers)
    )
    true_labels, true_instances = labels.copy(), instances.copy()
    for _ in range(draw(st.integers(0, 6))):
        at = tuple(draw(st.integers(0, n - 1)) for n in labels.shape)
        true_labels[at] = draw(st.sampled_from([0, 1, 2, 255]))
        true_instances[at] = draw(numbers)
    return tuple(map(torch.from_numpy, (labels, instances, true_labels, true_instances)))


@laws
@given(scenes())
def test_panoptic_quality_set_by_set(maps):
    ours = metrics.panoptic_quality_by_class(*maps, 3)
    theirs = quality(*(m.numpy() for m in maps), 3)
    np.testing.assert_allclose(torch.stack(list(ours)).numpy(), theirs, rtol=1e-5)
    mean = metrics.panoptic_quality(*maps, 3)
    assert [float(v) for v in mean] == pytest.approx(
        [np.mean(row[~np.isnan(row)]) if (~np.isnan(row)).any() else np.nan for row in theirs],
        nan_ok=True,
    )


@laws
@given(scenes())
def test_laws_of_panoptic_quality(maps):
    each = metrics.panoptic_quality_by_class(*maps, 3)
    torch.testing.assert_close(each.pq, each.sq * each.rq, equal_nan=True)
    labels, instances = maps[:2]
    perfect = metrics.panoptic_quality(labels, instances, labels, instances, 3)
    assert all(value == 1 for value in perfect)
    # Numbers are names: which one an object has makes no difference.
    renamed = metrics.panoptic_quality_by_class(labels, 7 - instances, *maps[2:], 3)
    torch.testing.assert_close(torch.stack(list(renamed)), torch.stack(list(each)), equal_nan=True)


def test_panoptic_quality_by_hand():
    # One true object of 8 pixels found with 6 of them, one of 4 missed, one of 2 made up.
    true = torch.tensor([[[1, 1, 1, 1, 0, 0, 2, 2], [1, 1, 1, 1, 0, 0, 2, 2]]])
    found = torch.tensor([[[5, 5, 5, 0, 0, 3, 0, 0], [5, 5, 5, 0, 0, 3, 0, 0]]])
    each = metrics.panoptic_quality_by_class((found > 0).long(), found, (true > 0).long(), true, 2)
    assert [float(v[1]) for v in each] == pytest.approx([0.75 / 2, 0.75, 1 / 2])
    back = metrics.panoptic_quality_by_class((true > 0).long(), true, (found > 0).long(), found, 2)
    assert float(back.pq[1]) == pytest.approx(0.75 / 2)
    things = metrics.panoptic_quality_by_class(
        (found > 0).long(), found, (true > 0).long(), true, 2, ignore=0
    )
    assert things.pq[0].isnan()


@pytest.mark.parametrize(("pixels", "matches"), [(2, False), (3, True)])
def test_half_an_iou_is_no_match(pixels, matches):
    true = torch.tensor([[[1, 1, 1, 1, 0, 0]]])
    found = torch.tensor([[[1] * pixels + [0] * (6 - pixels)]])
    each = metrics.panoptic_quality_by_class(found, found, true, true, 2, ignore=0)
    assert bool(each.rq[1] > 0) is matches


def test_a_segment_that_is_half_void_is_spared():
    found = torch.tensor([[[1, 1, 1, 1]]])
    for void, spared in ((2, False), (3, True)):
        labels = torch.tensor([[[255] * void + [0] * (4 - void)]])
        each = metrics.panoptic_quality_by_class(found, found, labels, labels * 0, 2)
        assert bool(each.pq[1].isnan()) is spared


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"instances": torch.zeros(1, 2, 3).long()}, r"instances has shape \[1, 2, 3\]"),
        ({"true_labels": torch.full((1, 2, 2), 9)}, "true_labels holds 9.*none of the 3 classes"),
        ({"true_instances": torch.full((1, 2, 2), -1)}, "true_instances holds -1"),
        ({"labels": torch.zeros(2, 2).long()}, r"labels has shape \[2, 2\]; use \[B, H, W\]"),
        ({"classes": 0}, "classes=0 is too small"),
        ({"classes": 2**33, "ignore": -1}, "judge fewer pictures at a time"),
    ],
)
def test_what_has_no_panoptic_quality(change, message):
    plane = torch.zeros(1, 2, 2, dtype=torch.int64)
    names = ("labels", "instances", "true_labels", "true_instances")
    with pytest.raises(ValueError, match=message):
        metrics.panoptic_quality(**{**dict.fromkeys(names, plane), "classes": 3, **change})


@pytest.mark.parametrize("pictures", [1, 2, 3, 9])
@pytest.mark.parametrize("offset", [0, 2**24, 2**40, 2**62])
def test_the_size_of_object_numbers_changes_no_quality(pictures, offset):
    random = np.random.default_rng(pictures)
    labels, true_labels = torch.from_numpy(random.integers(0, 133, (2, pictures, 6, 6)))
    numbers, true_numbers = torch.from_numpy(random.integers(0, 4, (2, pictures, 6, 6)))
    true_labels = torch.where(
        torch.from_numpy(random.random(labels.shape) < 0.7), labels, true_labels
    )
    right = metrics.panoptic_quality(labels, numbers, true_labels, true_numbers, 133)
    spread = torch.tensor([0, 1, 2**23 + 5, 2**24 - 1]) + offset
    moved = metrics.panoptic_quality(
        labels, spread[numbers], true_labels, spread[true_numbers], 133
    )
    assert 0 < float(right.pq) < 1
    assert moved == right


def test_a_prediction_that_is_the_truth_has_quality_1_with_ids_of_coco():
    random = np.random.default_rng(0)
    for pictures in (1, 2, 3):
        labels = torch.from_numpy(
            random.integers(0, 133, (pictures, 4, 4)).repeat(8, 1).repeat(8, 2)
        )
        ids = torch.from_numpy(
            random.integers(1, 2**24, (pictures, 4, 4)).repeat(8, 1).repeat(8, 2)
        )
        assert metrics.panoptic_quality(labels, ids, labels, ids, 133) == (1, 1, 1)


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (torch.ones(2, 2).long(), TypeError, r"torch\.int64; use IoU"),
        (torch.ones(2, 2) > 0, TypeError, r"torch\.bool; use IoU"),
        (torch.full((2, 2), 7.0), ValueError, "go from 7 to 7; use IoU, from 0 to 1"),
        (torch.full((2, 2), -0.5), ValueError, "go from -0.5 to -0.5; use IoU"),
        (torch.full((2, 2), torch.nan), ValueError, "go from nan to nan; use IoU"),
        ([[1.0, 0.0], [0.0, 1.0]], TypeError, "is a list"),
        (torch.ones(4), ValueError, r"shape \[4\]; use \[N, M\]"),
    ],
)
def test_what_is_no_iou_is_refused(table, error, message):
    kinds = torch.tensor([0, 1])
    with pytest.raises(error, match=rf"overlaps\[0\].*{message}"):
        metrics.average_precision([table], [torch.tensor([0.9, 0.8])])
    with pytest.raises(error, match=rf"overlaps\[0\].*{message}"):
        metrics.average_precision_by_class([table], [kinds.float()], [kinds], [kinds], (0, 1))
    with pytest.raises(error, match=f"overlaps.*{message}"):
        metrics.detection_counts(table, kinds, kinds)


def test_lists_in_place_of_tensors_are_refused_in_words():
    table, one, kind = [torch.ones(1, 1)], [torch.ones(1)], [torch.ones(1).long()]
    with pytest.raises(TypeError, match=r"scores\[0\] is a list"):
        metrics.average_precision(table, [[1.0]])
    with pytest.raises(TypeError, match=r"true_classes\[0\] is a list"):
        metrics.average_precision(table, one, kind, [[1]])
    with pytest.raises(TypeError, match="masks is a list; use a bool tensor"):
        metrics.mask_overlaps([[[True]]], torch.ones(1, 1, 1) > 0)
    with pytest.raises(TypeError, match="classes is a list"):
        metrics.detection_counts(table[0], [1], kind[0])


def test_classes_of_every_whole_number_type_match_alike():
    table = [torch.eye(2)]
    scores = [torch.tensor([0.9, 0.8])]
    kinds = torch.tensor([0, 300])
    for dtype in (torch.uint16, torch.uint32, torch.uint64, torch.int16, torch.int64):
        own = [kinds.to(dtype)]
        assert metrics.average_precision(table, scores, own, [kinds]).mean() == 1
        assert metrics.detection_counts(table[0], own[0], kinds).found == 2


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_the_same_on_cuda():
    _, scores, classes, _, true_classes, tables = data_set(3)
    here = metrics.average_precision(tables, scores, classes, true_classes)
    there = metrics.average_precision(
        *([value.cuda() for value in group] for group in (tables, scores, classes, true_classes))
    )
    assert there.is_cuda
    torch.testing.assert_close(there.cpu(), here)
    random = np.random.default_rng(0)
    maps = [torch.from_numpy(random.integers(0, 3, (2, 9, 8)).repeat(4, 1)) for _ in range(4)]
    torch.testing.assert_close(
        torch.stack(list(metrics.panoptic_quality_by_class(*(m.cuda() for m in maps), 3))).cpu(),
        torch.stack(list(metrics.panoptic_quality_by_class(*maps, 3))),
        equal_nan=True,
    )
