"""Lab 12: what its panes and numbers say about skips is so."""

import pytest
import torch
from helpers import overheard
from reading import assert_is_photo, assert_shows
from torch.nn import functional as F

from seglab.images import scenes
from seglab.lessons import skip_connections as lesson
from seglab.lessons.pictures import skips as drawing
from seglab.nets import segmenters
from seglab.nets.blocks import Skip
from seglab.ops import heatmap, morphology

LAB = lesson.LAB
EACH = pytest.mark.parametrize("net", segmenters.SHIPPED)


def iou(run):
    return run.values["quality"][0]


@EACH
def test_what_is_held_is_what_is_compared_with_its_cut(net):
    run = LAB.at(net=net)
    strides = run.values["model"].skips
    every = {f"gain{stride}": 0 for stride in strides}
    for held, gains in [(lesson.EVERY, every), *((s, {f"gain{s}": 0}) for s in strides)]:
        cut = run.fork(shifted=held, **gains)
        assert torch.equal(run.fork(shifted=held).values["without"], cut.values["scores"])
        assert torch.equal(cut.values["without"], cut.values["scores"])


def test_what_the_skip_of_fcn_8s_changes_is_what_it_adds():
    run = LAB.at(net="fcn-8s", shifted=8)
    net, image = run.values["model"], run.values["scene"].image
    *_, fusion = net.fusions(net.score_maps(image))
    skip = net.enlarged(fusion.skip, image)
    assert torch.allclose(run.values["scores"] - run.values["without"], skip, atol=1e-4)


def as_arrived(plane, gain, shift):
    """A map moved to the right, its first column repeated."""
    moved = torch.cat([plane[..., :1]] * shift + [plane[..., : plane.shape[-1] - shift]], -1)
    return gain * moved


def small(run, x):
    """The small pictures of one column of the drawing, from the top."""
    drawn = [one for one in run.panes["the net"].thumbnails if one.left < x < one.right]
    return [one.picture for one in sorted(drawn, key=lambda one: one.top)]


@pytest.mark.parametrize("state", [{}, {"gain8": 0.5, "shift": 2, "kind": "star"}, {"gain16": 0}])
def test_the_drawing_of_an_fcn_shows_the_scores_that_an_ordinary_pass_has(state):
    run = LAB.at(net="fcn-8s", **state)
    net, kind = run.values["model"], lesson.CLASSES.index(run.state["kind"])
    heard = overheard(net, run.values["scene"].image)
    gains = {stride: run.state[f"gain{stride}"] for stride in (8, 16)}
    arrived = [
        as_arrived(heard[f"scores.{stride}"], gains[stride], run.state["shift"])
        for stride in (8, 16)
    ]
    for picture, scores in zip(small(run, drawing.SKIP), arrived, strict=True):
        assert_shows(picture, scores[:, kind], -12, 12, "vik")
    top, at_8, at_16, at_32 = small(run, drawing.UP)
    sum_16 = F.interpolate(heard["scores.32"], scale_factor=2, mode="bilinear") + arrived[1]
    sum_8 = F.interpolate(sum_16, scale_factor=2, mode="bilinear") + arrived[0]
    assert_shows(at_32, heard["scores.32"][:, kind], -12, 12, "vik")
    assert_shows(at_16, sum_16[:, kind], -12, 12, "vik")
    assert_shows(at_8, sum_8[:, kind], -12, 12, "vik")
    whole = F.interpolate(sum_8, scale_factor=8, mode="bilinear")
    assert_shows(top, F.avg_pool2d(whole, 2)[:, kind], -12, 12, "vik")
    downs = small(run, drawing.DOWN)
    assert_is_photo(downs[0], F.avg_pool2d(run.values["scene"].image, 2))
    for number, picture in enumerate(downs[1:]):
        mean = F.max_pool2d(heard[f"stages.{number}"], 2).mean(1)
        assert_shows(picture, mean, 0, float(mean.max()), "gray")


@pytest.mark.parametrize("net", ["unet", "unet-sum"])
def test_the_drawing_of_a_u_net_shows_the_features_that_an_ordinary_pass_has(net):
    run = LAB.at(net=net, kind="disc")
    heard = overheard(run.values["model"], run.values["scene"].image)
    shrunk = [F.avg_pool2d(heard[f"down.{n}"], 2 if n == 0 else 1).mean(1) for n in range(6)]
    for picture, mean in zip(small(run, drawing.DOWN)[1:], shrunk[1:], strict=True):
        assert_shows(picture, mean, 0, float(mean.max()), "gray")
    for picture, mean in zip(small(run, drawing.SKIP), shrunk[:-1], strict=True):
        assert_shows(picture, mean, 0, float(mean.max()), "gray")
    top, *merged = small(run, drawing.UP)
    wanted = [heard[f"merge.{n}"].mean(1) for n in (3, 2, 1, 0)] + [shrunk[-1]]
    for picture, mean in zip(merged, wanted, strict=True):
        assert_shows(picture, mean, 0, float(mean.max()), "gray")
    disc = F.avg_pool2d(heard["scores"], 2)[:, 1]
    assert_shows(top, disc, -12, 12, "vik")


def test_a_click_on_a_line_cuts_its_skip_and_another_one_joins_it():
    run = LAB.at(net="unet", gain4=2)
    for stride in (16, 8, 4, 2, 1):
        (line,) = lines(run, stride)
        assert line.sets == (f"gain{stride}", 0)
        assert line.width == (8 if stride == 4 else 4)
        cut = run.fork(**dict([line.sets]))
        (dashed,) = lines(cut, stride)
        assert dashed.dashed
        assert dashed.sets == (f"gain{stride}", 1)
        assert f"skip of stride {stride}: cut" in cut.panes["the net"].says
    assert not [line for stride in (8, 4, 2, 1) for line in lines(LAB.at(net="fcn-16s"), stride)]


def test_the_words_of_the_net_say_what_is_done_to_each_skip():
    run = LAB.at(net="fcn-8s", gain8=0.5, shifted=16, shift=3)
    said = ["skip of stride 16: gain 1, shifted by 3", "skip of stride 8: gain 0.5"]
    assert run.panes["the net"].says == "a net, down to stride 32 and up again; " + "; ".join(said)
    for stride, words in zip((16, 8), said, strict=True):
        (line,) = lines(run, stride)
        assert line.says == f"{words}; click to cut it"
    assert LAB.at(net="fcn-32s").panes["the net"].says.endswith("; no skip")


def lines(run, stride):
    shapes = run.panes["the net"].shapes
    return [one for one in shapes if one.kind == "line" and one.thing == stride]


def test_a_knob_stands_on_each_skip_that_is_held_and_a_click_holds_one_alone():
    run = LAB.at(net="fcn-8s", shift=3)
    knobs = [one for one in run.panes["the net"].shapes if one.kind == "handle"]
    assert len(knobs) == 2
    assert {knob.values for knob in knobs} == {LAB.controls["shift"].options}
    assert {knob.now for knob in knobs} == {3}
    clicks = {one.thing: one.sets for one in run.panes["the net"].thumbnails if one.sets}
    assert clicks == {8: ("shifted", 8), 16: ("shifted", 16)}
    alone = run.fork(shifted=8).panes["the net"]
    (knob,) = (one for one in alone.shapes if one.kind == "handle")
    (line,) = lines(run, 8)
    assert knob.at.y == line.points[0][1]
    assert {one.thing: one.sets for one in alone.thumbnails if one.sets} == {
        8: ("shifted", lesson.EVERY),
        16: ("shifted", 16),
    }


@EACH
def test_only_skips_that_are_there_can_be_turned(net):
    run = LAB.at(net=net)
    for stride in lesson.STRIDES:
        changed = run.step(**{f"gain{stride}": 0})
        same = torch.equal(changed.values["scores"], run.values["scores"])
        assert same == (stride not in run.values["model"].skips)


def test_one_skip_is_shifted_or_every_one():
    model = segmenters.pretrained("fcn-8s")
    gains = (1, 1, 1, 1, 1)
    assert lesson.skips(model, *gains, 8, 3) == {16: Skip(), 8: Skip(shift=(0, 3))}
    assert lesson.skips(model, *gains, lesson.EVERY, 2) == {
        stride: Skip(shift=(0, 2)) for stride in (16, 8)
    }


@pytest.mark.parametrize("net", ["fcn-16s", "fcn-8s", "unet", "unet-sum"])
def test_misaligned_skips_undo_the_benefit(net):
    found = []
    for shift in (0, 3):
        runs = [LAB.at(net=net, seed=seed, shift=shift) for seed in (0, 1, 2)]
        found.append(sum(map(iou, runs)) / 3)
    coarsest = sum(iou(LAB.at(net="fcn-32s", seed=seed)) for seed in (0, 1, 2)) / 3
    assert found[1] < coarsest < found[0]


@pytest.mark.parametrize("seed", range(6))
def test_a_shifted_skip_is_better_than_a_cut_one_and_worse_than_a_net_without_it(seed):
    whole = LAB.at(net="fcn-8s", seed=seed)
    shifted, cut = iou(whole.step(shifted=8, shift=1)), iou(whole.step(gain8=0))
    assert cut < shifted < iou(LAB.at(net="fcn-16s", seed=seed)) < iou(whole)


def test_scenes_of_the_lab_are_test_scenes():
    expected = scenes.make(3, segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test").image
    assert torch.equal(LAB.at(seed=3).values["scene"].image, expected)


@EACH
def test_the_table_of_skips_is_what_the_nets_have(net):
    assert segmenters.SKIPS[net] == segmenters.pretrained(net).skips


def test_boundaries_of_the_truth_itself_agree():
    scene = LAB.at().values["scene"]
    band = lesson.boundaries(scene.labels, scene)
    assert set(band.unique().tolist()) == {0, 255}
    nothing = lesson.boundaries(torch.zeros_like(scene.labels), scene)
    assert set(nothing.unique().tolist()) == {2, 255}


def test_the_border_of_the_picture_is_no_boundary():
    cut = LAB.at(gain16=0, gain8=0)
    assert (cut.values["labels"] == 0).all()  # nothing is found
    assert not (cut.values["boundaries"] == 0).any()


def test_inside_of_things_is_easy_for_all_nets_but_the_coarsest():
    some = scenes.batch(range(8), segmenters.SIZE, difficulty=segmenters.DIFFICULTY, split="test")
    inside = ~morphology.edge(some.labels, 5, border=False) & (some.labels > 0)
    right = {
        name: float((heatmap.label_map(net(some.image)) == some.labels)[inside].float().mean())
        for name in segmenters.SHIPPED
        for net in [segmenters.pretrained(name)]
    }
    assert right.pop("fcn-32s") < 0.82
    assert min(right.values()) > 0.98


def test_the_chart_has_a_line_for_each_net():
    run = LAB.at()
    (figure,) = run.charts.values()
    lines = {line.name: list(line.y) for line in figure.data}
    assert list(lines) == list(segmenters.SHIPPED)
    assert len(set(lines["fcn-32s"])) == 1
    assert all(max(line) == line[0] for line in lines.values())
