"""Nets that find objects: their answers from the truth itself, torchvision as oracle, training."""

from functools import partial

import pytest
import torch

from seglab import device
from seglab.images import scenes
from seglab.nets import detections, mask_rcnn, panoptic_deeplab, weights
from seglab.ops import instances


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu():
    before = device.default()
    device.use("cpu")
    yield
    device.use(before)


def perfect(scene):
    """Prediction of a net of centers that is always right."""
    scores = 20 * torch.nn.functional.one_hot(scene.labels, len(scenes.CLASSES))
    heatmap, offsets = instances.center_targets(scene.instances, panoptic_deeplab.SIGMA)
    return panoptic_deeplab.Prediction(scores.permute(0, 3, 1, 2).float(), heatmap, offsets)


def same_objects(masks, truth):
    """True if the masks are just the objects of an instance map [1, H, W]."""
    overlaps = torch.stack([m.long() for m in masks]).flatten(1).float()
    true = torch.stack([(truth[0] == n).float() for n in instances.ids(truth)]).flatten(1)
    shared = overlaps @ true.T
    return len(masks) == len(true) and torch.equal(shared.sum(1), shared.amax(1))


# Detections


def test_objects_of_a_map_and_back():
    scene = scenes.make(1)
    share = perfect(scene).scores.softmax(1)
    found = detections.of_instances(scene.instances, share)
    masks, labels = detections.true_objects(scene.labels, scene.instances)
    assert sorted(found.labels.tolist()) == sorted(labels.tolist())
    assert found.scores.tolist() == sorted(found.scores.tolist(), reverse=True)
    back = detections.as_instances(found)
    assert instances.renumber(back).equal(instances.renumber(scene.instances))
    assert int(masks.sum()) == int((back > 0).sum())


def test_the_better_of_two_overlapping_objects_is_seen():
    masks = torch.zeros(2, 3, 4, dtype=torch.bool)
    masks[0, :, :3] = True
    masks[1, :, 1:] = True
    found = detections.Detections(masks, torch.tensor([1, 2]), torch.tensor([0.9, 0.8]))
    assert detections.as_instances(found)[0, 0].tolist() == [1, 1, 1, 2]
    assert not detections.as_instances(found.pick(slice(0))).any()


def test_small_objects_and_peaks_change_who_is_listed_and_how():
    numbers = torch.tensor([[[1, 1, 1, 0, 2]]])
    share = torch.tensor([0.1, 0.6, 0.3]).view(1, 3, 1, 1).expand(1, 3, 1, 5)
    peaks = torch.tensor([0.5, 1.0])
    found = detections.of_instances(numbers, share, peaks)
    assert found.labels.tolist() == [1, 1]
    assert found.scores.tolist() == pytest.approx([0.6, 0.3])
    assert found.masks[0].tolist() == [[False, False, False, False, True]]
    assert len(detections.of_instances(numbers, share, peaks, min_size=2).masks) == 1


def test_the_truth_has_an_average_precision_of_one_and_a_wrong_class_none(monkeypatch):
    truth = {}

    def make(seed, split):
        truth["scene"] = scenes.make(seed, split=split)
        return truth["scene"]

    monkeypatch.setattr(detections, "scenes", _Scenes(make))

    def find(image, kind=0):
        masks, labels = detections.true_objects(truth["scene"].labels, truth["scene"].instances)
        return detections.Detections(
            masks, labels % 6 + 1 if kind else labels, torch.ones(len(masks))
        )

    right = detections.measure(find, "validation", 3)
    assert (right["ap50"], right["ap"], right["scenes"]) == (1, 1, 3)
    assert detections.measure(partial(find, kind=1), "validation", 3)["ap50"] < 0.1


class _Scenes:
    CLASSES = scenes.CLASSES

    def __init__(self, make):
        self.make = make


# Centers and offsets


@pytest.mark.parametrize("size", [(1, 1), (16, 16), (37, 50)])
def test_a_prediction_has_the_size_of_the_picture(size):
    found = panoptic_deeplab.PanopticDeepLab()(torch.rand(2, 3, *size))
    assert [list(part.shape[1:]) for part in found] == [[7, *size], [1, *size], [2, *size]]
    assert 0 <= found.heatmap.min() <= found.heatmap.max() <= 1


@pytest.mark.parametrize("seed", range(3))
def test_a_perfect_prediction_gives_the_true_objects(seed):
    scene = scenes.make(seed, overlap=0, touching=0)
    found = panoptic_deeplab.detect(perfect(scene), min_size=1)
    assert same_objects(found.masks, scene.instances)
    assert found.scores.tolist() == pytest.approx([1] * len(found.masks), abs=0.01)


def test_without_objects_nothing_is_found():
    scene = scenes.make(0, objects=0)
    found = panoptic_deeplab.detect(perfect(scene))
    assert found.masks.shape == (0, 128, 128)


def test_a_loss_of_the_truth_is_nearly_nothing():
    scene = scenes.make(0)
    right = perfect(scene)
    truth = (scene.labels, right.heatmap, right.offsets)
    assert float(panoptic_deeplab.loss(right, truth)) < 1e-3
    assert float(panoptic_deeplab.loss(right._replace(offsets=right.offsets + 5), truth)) > 0.1
    assert float(panoptic_deeplab.loss(right._replace(heatmap=right.heatmap * 0), truth)) > 0.1
    assert float(panoptic_deeplab.loss(right._replace(scores=right.scores * 0), truth)) > 0.1


# Mask R-CNN


def test_its_candidates_are_those_of_torchvision():
    image = scenes.make(2).image
    net = mask_rcnn.pretrained()
    (theirs,) = net([image[0]])
    ours = mask_rcnn.candidates(net, image)
    assert len(ours.boxes) > 3
    torch.testing.assert_close(ours.boxes, theirs["boxes"][:, [1, 0, 3, 2]])  # rows first
    torch.testing.assert_close(ours.scores, theirs["scores"])
    assert ours.labels.equal(theirs["labels"])
    pasted, masks = mask_rcnn.paste(ours, (128, 128)).masks, theirs["masks"][:, 0] >= 0.5
    shared = (pasted & masks).flatten(1).sum(1) / (pasted | masks).flatten(1).sum(1)
    assert shared.mean() > 0.8  # torchvision rounds the box to whole pixels


@pytest.mark.parametrize("size", [(1, 1), (90, 144)])
def test_pictures_of_any_size(size):
    found = mask_rcnn.candidates(mask_rcnn.pretrained(), torch.rand(1, 3, *size))
    assert found.objectness.shape == (1, 1, *size)
    assert found.offsets.shape == (1, 2, *size)
    assert mask_rcnn.paste(found, size).masks.shape == (len(found.boxes), *size)


def test_suppression_afterwards_is_suppression_within():
    image = scenes.make(4).image
    every = mask_rcnn.candidates(mask_rcnn.pretrained(nms=1.0), image)
    within = mask_rcnn.candidates(mask_rcnn.pretrained(nms=0.5), image)
    after = mask_rcnn.suppress(every, 0.5)
    assert len(within.boxes) <= len(every.boxes) < mask_rcnn.MOST
    torch.testing.assert_close(after.boxes, within.boxes)
    assert len(mask_rcnn.suppress(every, 1).boxes) == len(every.boxes)


def test_the_first_guess_lies_in_the_boxes():
    scene = scenes.make(3)
    found = mask_rcnn.candidates(mask_rcnn.pretrained(), scene.image)
    sure = found.pick(found.scores > 0.9)
    assert len(sure.boxes) > 2
    middle = ((sure.boxes[:, :2] + sure.boxes[:, 2:]) / 2).round().long().clamp(0, 127)
    at = found.objectness[0, 0, middle[:, 0], middle[:, 1]]
    assert at.mean() > 0.9
    off = found.offsets[0, :, middle[:, 0], middle[:, 1]].abs()
    assert off.median() < 4  # in the middle of a box, it is not far to the middle


def test_targets_lie_where_the_objects_lie():
    labels, numbers = torch.zeros(1, 9, 12).long(), torch.zeros(1, 9, 12).long()
    numbers[0, 2:4, 5:9], labels[0, 2:4, 5:9] = 1, 3
    numbers[0, 8, 11], labels[0, 8, 11] = 2, 1
    target = mask_rcnn.target(labels, numbers)
    assert target["boxes"].tolist() == [[4.5, 1.5, 8.5, 3.5], [10.5, 7.5, 11.5, 8.5]]
    assert target["labels"].tolist() == [3, 1]
    assert target["masks"].flatten(1).sum(1).tolist() == [8, 1]


def test_what_it_does_not_take_is_refused():
    net = mask_rcnn.pretrained()
    with pytest.raises(ValueError, match="image holds 2 pictures"):
        mask_rcnn.candidates(net, torch.rand(2, 3, 32, 32))
    found = mask_rcnn.candidates(net, torch.rand(1, 3, 32, 32))
    with pytest.raises(ValueError, match="nms=2 is no IoU"):
        mask_rcnn.suppress(found, 2)


# Shipped weights


def test_the_shipped_nets_are_as_good_as_their_figures():
    net, regions = panoptic_deeplab.pretrained(), mask_rcnn.pretrained()
    find = {
        panoptic_deeplab.NAME: lambda image: panoptic_deeplab.detect(net(image)),
        "mask-rcnn": lambda image: mask_rcnn.paste(
            mask_rcnn.candidates(regions, image), (128, 128)
        ),
    }
    for name, net_finds in find.items():
        recorded = weights.figures(name)
        assert recorded["ap50"] >= 0.8
        assert recorded["scenes"] == 300
        again = detections.measure(net_finds, count=8)
        assert again["ap50"] == pytest.approx(recorded["ap50"], abs=0.1)
