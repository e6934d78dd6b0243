"""Facts that the questions of labs 11 to 16 rest on: the right option, and each of the others."""

import pytest
import torch

from seglab.lessons.every_net import LAB as PHOTO
from seglab.lessons.finding_instances import CENTERS, MASK_RCNN
from seglab.lessons.finding_instances import LAB as OBJECTS
from seglab.lessons.skip_connections import LAB as SKIPS
from seglab.lessons.train_your_own import LAB as TRAINING
from seglab.lessons.your_photo import LAB as PERSON
from seglab.nets import (
    finders,
    mask_rcnn,
    panoptic_deeplab,
    segmenters,
    studies,
    training,
    weights,
    zoo,
)
from seglab.ops import instances, metrics, morphology, upsample


@pytest.fixture
def one_thread():
    """So small a net is slowed down by threads that wait for a busy core."""
    with training.repeatable(0):
        yield


# 11-flat, 11-kernel-four


def block(kernel, stride=2):
    """The values that a map of ones becomes, away from the border, in one block [s, s]."""
    made = upsample.transposed_conv(torch.ones(1, 1, 10, 10), kernel[None, None], stride=stride)
    middle = made.shape[-1] // 2 // stride * stride
    return made[0, 0, middle : middle + stride, middle : middle + stride]


def flat(kernel):
    low, high = block(kernel).aminmax()
    return bool(high - low < 1e-5)


def test_ones_become_a_pattern_of_three_values_and_of_two_along_a_row():
    assert block(torch.ones(3, 3)).unique().tolist() == [1, 2, 4]
    assert upsample.overlap_count(3, 2, 9)[3:-3].unique().tolist() == [1, 2]


def test_training_can_find_a_flat_kernel_and_need_not():
    line = torch.tensor([0.5, 1, 0.5])
    assert flat(torch.outer(line, line))
    learned = (torch.ones(3, 3) + 0.01 * torch.randn(3, 3)).requires_grad_()
    for _ in range(20):  # a loss that says nothing of the pattern: the mean level
        loss = (block(learned).mean() - 1) ** 2
        (gradient,) = torch.autograd.grad(loss, learned)
        learned = (learned - 0.05 * gradient).detach().requires_grad_()
    assert not flat(learned.detach())


@pytest.mark.parametrize("seed", range(5))
def test_an_even_overlap_is_flat_for_equal_sums_only(seed):
    counts = block(torch.ones(4, 4))
    assert counts.unique().tolist() == [4]  # equally many inputs
    random = torch.rand(4, 4, generator=torch.Generator().manual_seed(seed))
    assert not flat(random)
    sums = torch.stack([random[y::2, x::2].sum() for y in (0, 1) for x in (0, 1)])
    assert block(random).flatten() == pytest.approx(sums)
    mirrored = random + random.flip(0)
    assert flat(mirrored + mirrored.flip(1))
    assert flat(torch.outer(*[torch.tensor([0.1, 0.4, 0.7, 0.4])] * 2))  # no mirror image


# 12-shift-by-one, 12-what-is-added


def iou(run):
    return run.values["quality"][0]


@pytest.mark.parametrize("seed", range(6))
def test_a_shifted_skip_keeps_a_little_of_what_it_brings(seed):
    whole = SKIPS.at(net="fcn-8s", seed=seed)
    shifted, cut = whole.fork(shifted=8, shift=1), whole.fork(gain8=0)
    without = SKIPS.at(net="fcn-16s", seed=seed)
    assert iou(cut) < iou(shifted) < iou(without) < iou(whole)
    assert iou(whole) - iou(shifted) > 0.45 * (iou(whole) - iou(cut))  # much of it is lost
    labels, before = shifted.values["labels"], whole.values["labels"]
    changed = labels != before
    assert float(changed.float().mean()) > 0.1  # one can see it
    near = morphology.edge(before, 8, border=False)
    assert float(near[changed].float().mean()) > 0.9  # along the contours
    by_eight, by_one = (
        float((labels == moved)[moved > 0].float().mean())
        for moved in (morphology.shift(before, (0, by)) for by in (8, 1))
    )
    assert by_eight > 0.85
    assert by_one < by_eight - 0.1


def test_skips_carry_scores_in_fcn_and_features_in_u_net():
    scene = SKIPS.at().values["scene"]
    fcn, unet = segmenters.pretrained("fcn-8s"), segmenters.pretrained("unet")
    maps = fcn.score_maps(scene.image)
    for fusion in fcn.fusions(maps):
        assert fusion.skip.shape[1] == len(segmenters.CLASSES)
        assert torch.allclose(fusion.below + fusion.skip, fusion.fused)
        assert fusion.skip.is_floating_point()  # no labels
        assert list(fusion.skip.shape[2:]) == [n // fusion.stride for n in segmenters.SIZE]
    *skips, bottom = unet.encode(scene.image)
    assert bottom.shape[-1] < min(skip.shape[-1] for skip in skips)
    for skip, merge in zip(reversed(skips), unet.merge, strict=True):
        assert skip.shape[1] != len(segmenters.CLASSES)
        joined = next(layer for layer in merge.modules() if isinstance(layer, torch.nn.Conv2d))
        assert joined.in_channels == 2 * skip.shape[1]  # beside as many features from below


# 13-four-scenes


def test_four_scenes_are_learned_by_heart(one_thread):
    run = TRAINING.at(net="U-Net", count=4, steps=400)
    snapshot, new = run.values["training"], run.values["new"]
    assert 115_000 < sum(p.numel() for p in snapshot.net.parameters()) < 125_000
    assert run.values["seen"].labels.unique().tolist() == [0, 1, 2, 3, 4]  # every class was seen
    assert snapshot.quality.seen > 0.95
    assert snapshot.quality.new < 0.45
    assert studies.labels(snapshot.net, new.image).max() < len(studies.CLASSES)  # none refused


# 13-nan


def test_a_loss_that_is_nan_does_not_come_back():
    weight = torch.nn.Parameter(torch.ones(3))
    optimizer = torch.optim.AdamW([weight], 0.003)
    weight.grad = torch.full((3,), float("nan"))
    optimizer.step()
    assert weight.isnan().all()
    weight.grad = torch.ones(3)
    optimizer.step()
    assert weight.isnan().all()


@pytest.mark.parametrize("count", [4, 64, studies.ENDLESS])
def test_a_smaller_rate_helps_and_more_scenes_do_not(one_thread, count):
    assert TRAINING.at(rate=10, count=count, steps=50).values["training"].error
    losses = TRAINING.at(rate=0.003, count=count, steps=50).values["training"].losses
    assert len(losses) == 50
    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


# 14-all-background


def test_all_background_has_a_mean_iou_of_just_under_one_half():
    truth = torch.zeros(1, 20, 20).long()
    truth[0, 0] = 1  # 5 % of the pixels
    counts = metrics.confusion(torch.zeros_like(truth), truth, 2)
    assert float(metrics.pixel_accuracy(counts)) == pytest.approx(0.95)
    assert metrics.iou(counts).tolist() == pytest.approx([0.95, 0])
    assert float(metrics.mean_iou(counts)) == pytest.approx(0.475)


# 14-which-metric


def square(side, by):
    """A field, and the same field with its right edge too far to the right."""
    truth, drawn = torch.zeros(2, 300, 300).bool()
    truth[20 : 20 + side, 20 : 20 + side] = True
    drawn[20 : 20 + side, 20 : 20 + side + by] = True
    return drawn, truth


def test_only_boundary_iou_tells_who_draws_the_edges_of_large_fields():
    lost = {}
    for side in (40, 240):
        good, truth = square(side, 1)
        poor, _ = square(side, 3)
        values = []
        for drawn in (good, poor):
            counts = metrics.confusion(drawn[None].long(), truth[None].long(), 2)
            values.append(
                [
                    float(metrics.pixel_accuracy(counts)),
                    float(metrics.mean_iou(counts)),
                    float(metrics.dice(counts).nanmean()),
                    float(metrics.boundary_iou(drawn, truth, 2)),
                ]
            )
        lost[side] = [a - b for a, b in zip(*values, strict=True)]
    accuracy, iou, dice, boundary = lost[240]
    assert 0 < dice < iou < 0.02
    assert 0 < accuracy < 0.02
    assert boundary > 0.15
    assert boundary == pytest.approx(lost[40][3], abs=0.05)  # the size hardly matters
    assert iou < lost[40][1] / 2


def test_mean_dice_of_one_class_ranks_as_iou_does():
    iou = torch.linspace(0, 1, 50)
    dice = 2 * iou / (1 + iou)
    assert (dice.diff() > 0).all()


# 15-what-comes-first


def test_mask_rcnn_computes_a_heatmap_first_and_masks_last():
    net, image = mask_rcnn.pretrained(), OBJECTS.at().values["scene"].image
    order = []
    heads = net.roi_heads
    parts = {"heatmap": net.rpn.head, "classes": heads.box_head, "masks": heads.mask_head}
    hooks = [
        part.register_forward_hook(
            lambda module, given, answer, name=name: order.append((name, answer))
        )
        for name, part in parts.items()
    ]
    with torch.no_grad():
        net(list(image))
    for hook in hooks:
        hook.remove()
    assert [name for name, _ in order] == ["heatmap", "classes", "masks"]
    scores, ways = order[0][1]  # for each level: a score for each anchor, and the way to its box
    for level, way in zip(scores, ways, strict=True):
        assert level.shape[2:] == way.shape[2:]
        assert way.shape[1] == 4 * level.shape[1]


# 15-lost-center


def test_pixels_of_a_lost_center_go_to_another_one():
    labels = torch.zeros(1, 20, 40).long()
    for column in (10, 29):  # two discs that touch
        labels[0] |= morphology.disc((20, 40), (10, column), 9.5).long()
    numbers = torch.zeros_like(labels)
    numbers[..., :20], numbers[..., 20:] = labels[..., :20], 2 * labels[..., 20:]
    heatmap, offsets = instances.center_targets(numbers, 1.0)
    heatmap[..., 20:] *= 0.4
    scores = 20 * torch.nn.functional.one_hot(labels, 7).permute(0, 3, 1, 2).float()
    answer = panoptic_deeplab.Prediction(scores, heatmap, offsets)
    both, one = (finders.by_centers(answer).find(level, 0.5, 1).objects for level in (0.2, 0.5))
    assert len(both.masks) == 2
    assert len(one.masks) == 1
    assert torch.equal(one.masks[0], labels[0] > 0)


# 15-two-scores


def test_each_net_needs_a_threshold_of_its_own():
    best = {}
    for net in (CENTERS, MASK_RCNN):
        run = OBJECTS.at(net=net, threshold=0.05)
        best[net] = float(run.values["found"].objects.scores.max())
    assert best[CENTERS] < 0.6
    assert best[MASK_RCNN] > 0.99
    assert tuple(OBJECTS.at(net=CENTERS, threshold=0.3).values["counts"]) == (8, 0, 0)
    assert OBJECTS.at(net=MASK_RCNN, threshold=0.3).values["counts"][2] > 0
    assert OBJECTS.at(net=CENTERS, threshold=0.7).values["counts"][0] == 0
    centers, regions = map(weights.figures, ("panoptic-deeplab", "mask-rcnn"))
    assert centers["ap"] > regions["ap"] + 0.1
    assert centers["ap50"] >= regions["ap50"]


# 16-a-cup-of-coffee


def test_of_a_cup_the_net_for_persons_is_sure_and_of_a_cat_it_is_not():
    cup, cat = (PERSON.at(photo=photo).values["person"] for photo in ("coffee", "chelsea"))
    assert (cup > 0.95).float().mean() > 0.5
    assert ((cup > 0.3) & (cup < 0.7)).float().mean() < 0.15
    assert ((cat > 0.3) & (cat < 0.7)).float().mean() > 0.4
    assert cup[0, 0, 100:156, 100:156].mean() > 0.95  # it lies in the middle


# 16-a-thing-unknown


def test_a_net_gives_all_its_certainty_to_the_classes_that_it_knows():
    known = zoo.classes(zoo.DEEPLAB)
    assert "cup" not in known
    assert len(known) == 21  # twenty, and the background
    assert {"bottle", "pottedplant"} <= set(known)
    run = PHOTO.at(photo="coffee", net="FCN, for scenes", threshold=0)
    answer = run.values["answer"]
    assert torch.allclose(answer.probability.sum(1), torch.ones(1, 256, 256), atol=1e-4)
    assert run.values["labels"].max() < len(answer.classes)  # each pixel has a label


# 16-stride-by-dilation


@pytest.mark.parametrize("name", [zoo.FCN, zoo.DEEPLAB])
def test_half_the_stride_needs_the_same_weights_and_somewhat_more_than_twice_the_work(name):
    at_16, at_8 = (zoo.build(name, stride).eval() for stride in (16, 8))
    shapes = [
        {key: value.shape for key, value in net.state_dict().items()} for net in (at_16, at_8)
    ]
    assert shapes[0] == shapes[1]
    work = [zoo.multiply_adds(name, (512, 512), stride) for stride in (16, 8)]
    assert 2 < work[1] / work[0] < 2.5
    with torch.no_grad():
        maps = [net.net.backbone(torch.zeros(1, 3, 64, 64))["out"] for net in (at_16, at_8)]
    assert maps[1][0, 0].numel() == 4 * maps[0][0, 0].numel()
