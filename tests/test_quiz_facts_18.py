"""Facts that the questions and the text of lab 18 rest on: the right option, and the others."""

import pytest
import torch

from seglab.lessons.many_resolutions import LAB
from seglab.nets import segmenters, side_net, side_outputs, weights
from seglab.nets.side_net import PATH, STRIDES

DEEP, FINEST = (weights.figures(name)["answers"] for name in side_outputs.SHIPPED)


def ious(figures, figure="mean_iou"):
    return {stride: figures[f"up {stride}"][figure] for stride in STRIDES}


# 18-no-loss-of-its-own


def test_without_a_loss_of_their_own_coarse_sides_say_little():
    with_all, with_one = ious(DEEP), ious(FINEST)
    assert with_all[8] == pytest.approx(0.87, abs=0.005)
    assert with_one[8] < with_all[8] / 2
    assert with_one[16] < 0.2 < 0.7 < with_all[16]
    assert with_one[4] < with_all[4] - 0.1


def test_at_the_finest_side_both_are_equally_good():
    for figure in ("mean_iou", "mean_boundary_iou"):
        assert abs(ious(DEEP, figure)[1] - ious(FINEST, figure)[1]) < 0.01


# 18-deep-supervision


def test_the_heads_are_a_small_part_of_one_set_of_weights():
    net = side_outputs.pretrained(side_outputs.DEEP)
    heads = [*net.sides, *net.early, net.scores]
    count = sum(p.numel() for head in heads for p in head.parameters())
    assert count < 0.02 * sum(p.numel() for p in net.parameters())


# 18-cut-at-four


def test_a_net_that_ends_at_stride_four_costs_half_and_loses_two_hundredths():
    depth = PATH.index(("up", 4)) + 1
    whole = side_net.multiply_adds(segmenters.SIZE)
    assert round(side_net.multiply_adds(segmenters.SIZE, depth) / whole, 2) == 0.52
    assert ious(DEEP)[1] - ious(DEEP)[4] == pytest.approx(0.02, abs=0.005)
    assert ious(DEEP)[4] / ious(DEEP)[1] == pytest.approx(0.98, abs=0.005)
    down = side_net.multiply_adds(segmenters.SIZE, PATH.index(("up", 16)) + 1)
    assert down / whole == pytest.approx(1 / 3, abs=0.01)


def test_what_is_cut_away_changes_no_score_before_it():
    net = side_outputs.pretrained(side_outputs.DEEP)
    image = LAB.at().values["scene"].image
    every = list(net.along(image))
    sides = net.along(image)
    for wanted in every[:7]:
        assert torch.equal(next(sides).scores, wanted.scores)


# The text


def test_the_class_is_known_at_stride_eight_and_the_contour_only_later():
    inside, contour = ious(DEEP, "inside"), ious(DEEP, "mean_boundary_iou")
    assert inside[16] == pytest.approx(0.93, abs=0.005)
    assert min(inside[stride] for stride in (8, 4, 2, 1)) > 0.995
    assert max(inside.values()) < 0.9985
    assert [round(contour[stride], 2) for stride in STRIDES] == [0.26, 0.55, 0.77, 0.84, 0.86]


def test_before_any_join_only_coarse_maps_know_what():
    down = [DEEP[f"down {stride}"] for stride in (1, 2, 4, 8)]
    assert [round(f["inside"], 2) for f in down] == [0.15, 0.27, 0.36, 0.93]
    assert max(f["mean_boundary_iou"] for f in down[:3]) < 0.11


def test_smaller_copies_are_worse_and_so_is_the_mean():
    alone = DEEP["up 1"]["mean_iou"]
    assert DEEP["picture / 4"]["mean_iou"] < DEEP["picture / 2"]["mean_iou"] < 0.6
    assert DEEP["pyramid"]["mean_iou"] < alone - 0.05
    assert DEEP["picture / 2"]["inside"] == pytest.approx(0.62, abs=0.01)
    assert DEEP["fused"]["mean_iou"] < alone
    assert DEEP["fused"]["mean_boundary_iou"] < DEEP["up 1"]["mean_boundary_iou"]


def test_the_finest_loss_hardly_reaches_the_coarsest_stage():
    for seed in (0, 1, 2):
        sent = LAB.at(seed=seed, trained="none: not trained").values["arriving"]
        assert sent[16]["down.4"] > 200 * sent[1]["down.4"]
        assert list(sent[1].values()) == sorted(sent[1].values(), reverse=True)


def test_the_finest_map_on_the_way_down_sees_five_pixels():
    net = side_outputs.build(batch_norm=False)
    for weight in net.parameters():
        weight.data.abs_()  # with an image above its mean, no ReLU cuts a path off
    image = torch.ones(1, 3, 32, 32, requires_grad=True)
    next(net.along(image)).scores[0, 0, 16, 16].backward()
    assert image.grad[0].abs().sum(0).count_nonzero() == 25
