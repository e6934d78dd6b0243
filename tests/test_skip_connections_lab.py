"""Lab 12: what its panes and numbers say about skips is so."""

import pytest
import torch

from seglab.images import scenes
from seglab.lessons import skip_connections as lesson
from seglab.nets import segmenters
from seglab.nets.blocks import Skip
from seglab.ops import heatmap, morphology

LAB = lesson.LAB
EACH = pytest.mark.parametrize("net", segmenters.SHIPPED)


def iou(run):
    return run.values["quality"][0]


@EACH
def test_the_three_score_maps_add_up(net):
    run = LAB.at(net=net)
    finest = run.values["model"].skips[-1:]
    cut = run.step(**{f"gain{stride}": 0 for stride in finest})
    assert torch.equal(cut.values["scores"], run.values["before"])
    assert torch.equal(cut.values["before"], cut.values["scores"])


def test_the_middle_pane_of_fcn_8s_is_its_skip():
    run = LAB.at(net="fcn-8s")
    net, image = run.values["model"], run.values["scene"].image
    *_, fusion = net.fusions(net.score_maps(image))
    skip = net.enlarged(fusion.skip, image)
    assert torch.allclose(run.values["scores"] - run.values["before"], skip, atol=1e-4)


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
