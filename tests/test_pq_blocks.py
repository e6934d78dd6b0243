"""The blocks of lab 02: every segment is one, and the filled part of a row is its PQ."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from seglab.draw.shapes import Bar, Label
from seglab.lessons.pictures.quality import MOST
from seglab.lessons.semantic_instance_panoptic import COINS, LAB, WATERSHED
from seglab.ops import metrics

STATES = (
    {},
    {"touching": 1, "mistake": "1 px too small"},
    {"method": WATERSHED, "h": 0},
    {"picture": COINS, "min_size": 1},
    {"mistake": "a class misnamed", "overlap": 0.4},
    {"objects": 500},
    {"objects": 0},
)


def segments(kind):
    """The pixels of each segment of a map, by its class and number."""
    label, number = kind.panoptic[0].numpy(), kind.instances[0].numpy()
    codes = {(int(a), int(b)) for a, b in zip(label.flat, number.flat, strict=True)}
    return {code: (label == code[0]) & (number == code[1]) for code in sorted(codes)}


def judged(run):
    """Matches with their IoU, found alone and true alone of each class, mask by mask."""
    found, true = (segments(run.values[name]) for name in ("found", "true"))
    shares = {
        (a, b): (found[a] & true[b]).sum() / (found[a] | true[b]).sum()
        for a in found
        for b in true
        if a[0] == b[0]
    }
    matches = {pair: iou for pair, iou in shares.items() if iou > 0.5}
    lone = [a for a in found if a not in {a for a, _ in matches}]
    missed = [b for b in true if b not in {b for _, b in matches}]
    return matches, lone, missed, shares


@pytest.mark.parametrize("state", STATES[:5], ids=str)
def test_the_pairs_are_those_of_masks_compared_one_by_one(state):
    run = LAB.at(**state)
    matches, lone, missed, shares = judged(run)
    rows = list(zip(*(part.tolist() for part in run.values["pairs"]), strict=True))
    pairs = {((k, f), (k, t)): iou for k, f, t, iou in rows if metrics.ALONE not in (f, t)}
    assert pairs == pytest.approx(matches)
    best = lambda i, code: max([iou for p, iou in shares.items() if p[i] == code], default=0)  # noqa: E731 # read beside its use
    assert {(k, f): iou for k, f, t, iou in rows if t == metrics.ALONE} == pytest.approx(
        {code: best(0, code) for code in lone}
    )
    assert {(k, t): iou for k, f, t, iou in rows if f == metrics.ALONE} == pytest.approx(
        {code: best(1, code) for code in missed}
    )


def drawn(run):
    """Rows of a class: the widths of blocks and of the coloured parts; and the PQ beside them."""
    shapes = run.panes["PQ, block by block"].shapes
    bars = [shape for shape in shapes if isinstance(shape, Bar)]
    rows = {}
    for fill, frame in zip(bars[::2], bars[1::2], strict=True):
        assert frame.hollow
        assert not fill.hollow
        assert frame.left == fill.left
        whole, part = rows.setdefault(int(frame.top), (0, 0))
        share = (fill.right - fill.left) / (frame.right - frame.left)
        width = round(frame.right - frame.left + (0.06 if frame.sets else 0), 9)
        rows[int(frame.top)] = whole + width, part + width * share * (fill.opacity == 1)
    told = [shape.text for shape in shapes if isinstance(shape, Label) and shape.bold]
    return rows, told


@pytest.mark.parametrize("state", STATES, ids=str)
def test_the_filled_part_of_a_row_is_the_panoptic_quality_of_its_class(state):
    run = LAB.at(**state)
    matches, lone, missed, _ = judged(run) if state != {"objects": 500} else (None, [], [], None)
    rows, told = drawn(run)
    filled = [part / whole for whole, part in rows.values()]
    assert [f"{share:.3f}" for share in filled] == told
    assert np.mean(filled) == pytest.approx(float(run.values["quality"].pq))
    if matches is not None:
        whole = len(matches) + (len(lone) + len(missed)) / 2
        assert sum(width for width, _ in rows.values()) == pytest.approx(whole)


def test_a_block_lights_its_object_and_moves_the_point_into_it():
    run = LAB.at()
    picture = run.panes["PQ, block by block"]
    maps = [segments(run.values[name]) for name in ("true", "found")]
    numbers = {number for kind in maps for _, number in kind if number}
    assert {n for n in picture.group.ids if n is not None} == numbers
    assert picture.group.name == run.panes["true segments"].group.name == "object"
    frames = [shape for shape in picture.shapes if isinstance(shape, Bar) and shape.hollow]
    for frame in frames:
        there = run.fork(pixel=frame.sets.value)
        name = frame.says.split(":")[0]
        assert name in there.numbers["at your point"].replace("found ", "").split(", ")
    marked = [frame.says for frame in frames if frame.colour == "accent"]
    assert [says.split(":")[0] for says in marked] == ["star 13", "star 1"]


def test_of_many_segments_a_row_says_how_many_there_are_of_a_kind():
    run = LAB.at(objects=500)
    assert len(run.values["pairs"].label) > MOST
    bars = [s for s in run.panes["PQ, block by block"].shapes if isinstance(s, Bar) and s.hollow]
    assert len(bars) < 3 * len(run.values["true"].names)
    counts = sum(int(bar.says.split(" ")[0]) for bar in bars)
    assert counts == len(run.values["pairs"].label)
    assert all(bar.sets is None for bar in bars)


def test_rows_do_not_overlap():
    rows = [s for s in LAB.at().panes["PQ, block by block"].shapes if isinstance(s, Bar)]
    tops = sorted({(bar.top, bar.bottom) for bar in rows})
    assert all(one[1] <= other[0] for one, other in pairwise(tops))


def test_pairs_of_two_classes_never_match():
    labels = torch.tensor([[[1, 1, 0]]])
    other = torch.tensor([[[2, 2, 0]]])
    numbers = torch.tensor([[[3, 3, 0]]])
    pairs = metrics.segment_pairs(labels, numbers, other, numbers)
    assert pairs.label.tolist() == [0, 1, 2]
    assert pairs.found.tolist() == [0, 3, metrics.ALONE]
    assert pairs.true.tolist() == [0, metrics.ALONE, 3]
    assert pairs.iou.tolist() == [1, 0, 0]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"labels": torch.tensor([[[1, 1, 255]]])}, "labels holds 255, no label"),
        ({"true_labels": torch.tensor([[[1, 255, 1]]])}, "true_labels holds 255, no label"),
        ({"true_instances": torch.zeros(1, 1, 2).long()}, "true_instances .*use one shape"),
    ],
)
def test_pairs_of_what_is_no_segmentation_are_refused(changed, words):
    maps = dict.fromkeys(
        ("labels", "instances", "true_labels", "true_instances"), torch.ones(1, 1, 3).long()
    )
    with pytest.raises(ValueError, match=words):
        metrics.segment_pairs(**(maps | changed))


def test_pairs_are_those_of_one_picture():
    with pytest.raises(ValueError, match="labels holds 2 pictures; give one"):
        metrics.segment_pairs(*[torch.ones(2, 1, 3).long()] * 4)
