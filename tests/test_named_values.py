"""Values under their names: each field of a result, each number of a lab, each word of a chart.

Every value is another one, so that no two names can be exchanged.
"""

import numpy as np
import pytest
import torch
from scipy import ndimage

from seglab import lessons
from seglab.draw.shapes import Label, Line
from seglab.lab import Run
from seglab.lessons.pictures import curves
from seglab.nets import segmenters, studies
from seglab.ops import metrics

# Results of operators


def test_two_objects_in_one_are_merged_and_one_in_three_is_split():
    truth = torch.tensor([[[1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 0, 6]]])
    found = torch.tensor([[[1, 1, 1, 1, 1, 1, 4, 4, 4, 5, 5, 5, 7, 7, 7, 8, 6]]])
    made = metrics.object_mistakes(found, truth)
    assert (made.merged, made.split, made.missed, made.spurious) == (1, 1, 4, 5)
    # Only what is merged, then only what is split.
    assert metrics.object_mistakes(found[..., :6], truth[..., :6]) == (1, 0, 3, 1)
    assert metrics.object_mistakes(found[..., 6:15], truth[..., 6:15]) == (0, 1, 1, 3)
    # What is merged in one map is split in the other.
    assert metrics.object_mistakes(truth[..., :6], found[..., :6]) == (0, 1, 1, 3)


def test_found_missed_and_false_objects_are_counted_apart():
    overlaps = torch.zeros(6, 4)
    overlaps[0, 0], overlaps[1, 1], overlaps[2, 2] = 0.9, 0.7, 0.6
    same = torch.ones(6, dtype=torch.long), torch.ones(4, dtype=torch.long)
    counts = metrics.detection_counts(overlaps, *same)
    assert (counts.found, counts.missed, counts.false) == (3, 1, 3)
    counts = metrics.detection_counts(overlaps[:2], same[0][:2], same[1])
    assert (counts.found, counts.missed, counts.false) == (2, 2, 0)


# Numbers of a lab that judge the map that a pane shows


def mean_iou(answer, truth):
    """Mean over the classes that are in one of the maps, by sets of pixels."""
    each = []
    for label in np.union1d(answer, truth):
        one, other = answer == label, truth == label
        each.append((one & other).sum() / (one | other).sum())
    return np.mean(each)


def mean_boundary_iou(answer, truth, band):
    """Mean over these classes of the IoU of what an erosion takes off each."""
    each = []
    for label in np.union1d(answer, truth):
        edges = [
            mask & ~ndimage.binary_erosion(mask, np.ones((3, 3)), band, border_value=0)
            for mask in (answer == label, truth == label)
        ]
        each.append((edges[0] & edges[1]).sum() / (edges[0] | edges[1]).sum())
    return np.mean(each)


def sides(picture):
    """Labels that stand left and right of a pane's divider."""
    parts = dict(picture.parts)
    return parts["net"].array, parts["truth"].array


@pytest.mark.parametrize("state", [{}, {"seed": 4, "depth": 7, "trained": "the finest side"}])
def test_lab_18_tells_how_good_the_map_is_that_it_shows(state):
    run = lessons.find("18").at(**state)
    answer, truth = sides(run.panes["labels"])
    same = ndimage.minimum_filter(truth, 2 * segmenters.BAND + 1, mode="nearest")
    inside = (truth > 0) & (same == ndimage.maximum_filter(truth, 5, mode="nearest"))
    wanted = {
        "mean IoU": f"{mean_iou(answer, truth):.3f}",
        "boundary IoU": f"{mean_boundary_iou(answer, truth, segmenters.BAND):.3f}",
        "right inside": f"{(answer == truth)[inside].mean():.1%}",
    }
    assert len(set(wanted.values())) == 3
    assert {name: run.numbers[name] for name in wanted} == wanted


@pytest.mark.parametrize("state", [{"net": "fcn-8s"}, {"net": "unet", "seed": 1}])
def test_lab_12_tells_how_good_the_map_is_that_it_shows(state):
    run = lessons.find("12").at(**state)
    coarse = run.fork(net="fcn-32s")
    for name, judge in (
        ("mean IoU", mean_iou),
        ("boundary IoU", lambda a, t: mean_boundary_iou(a, t, segmenters.BAND)),
    ):
        here, there = (judge(*sides(one.panes["labels"])) for one in (run, coarse))
        assert run.numbers[name] == f"{here:.3f}, FCN-32s {there:.3f}"
        assert here > there


def test_lab_17_tells_how_good_the_map_is_that_it_shows():
    run = lessons.find("17").at(net="texture net, f = 4", photo="mosaic")
    answer, truth = sides(run.panes["labels"])
    known = answer != 255
    whole = run.numbers["mean IoU"]
    assert whole == f"{mean_iou(answer[known], truth[known]):.3f}"
    less = run.fork(taken="all others")
    left = dict(less.panes["labels"].parts)["what is left"].array
    assert less.numbers["mean IoU"] == f"{mean_iou(left[known], truth[known]):.3f} of {whole}"
    assert less.numbers["mean IoU"][:5] != whole


# Words of a chart in the colours of its curves


def test_the_words_over_the_curves_of_a_training_are_those_of_their_colour():
    lab = lessons.find("13")
    first = Run(lab, lab.state(), finish_streams=False).values["training"]
    qualities = {
        0: studies.Quality(0.11, 0.07, 0.05, 0.03, ()),
        20: studies.Quality(0.62, 0.31, 0.44, 0.17, ()),
        40: studies.Quality(0.93, 0.58, 0.72, 0.26, ()),
    }
    losses = tuple(1.9 - 0.04 * step for step in range(40))
    training = first._replace(step=40, losses=losses, qualities=qualities)
    shares = (0.0, 0.5, 1.0)
    for share, step in zip(shares, qualities, strict=True):
        shown = curves.of_training(training, 40, shares, share, "moment")
        bottom, top = curves.IOU
        words = {one.colour: one.text for one in shown.shapes if isinstance(one, Label)}
        for colour, name in ((curves.TRAINING, "training"), (curves.NEW, "new")):
            curve = next(
                one
                for one in shown.shapes
                if isinstance(one, Line) and one.colour == colour and not one.dashed
            )
            height = dict(curve.points)[step]
            assert words[colour] == f"{name} {(height - bottom) / (top - bottom):.2f}"
        one = qualities[step]
        assert f"{one.seen:.2f} on training scenes and {one.new:.2f} on new ones" in shown.says
        assert f"boundary IoU {one.new_boundary:.2f} there" in shown.says
