"""Ways from a net's answer to objects: each begins with a heatmap."""

import pytest
import torch
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import detections, finders, mask_rcnn, panoptic_deeplab
from seglab.ops import instances


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.setenv("SEGLAB_DEVICE", "cpu")


def sure(labels, numbers):
    """The answer of a net that is right about every pixel."""
    scores = 20.0 * F.one_hot(labels, len(scenes.CLASSES)).permute(0, 3, 1, 2)
    return panoptic_deeplab.Prediction(scores, *instances.center_targets(numbers, 1.0))


def touching():
    """Two objects of two classes that touch."""
    labels = torch.zeros(1, 20, 20).long()
    labels[0, 5:15, 2:10], labels[0, 5:15, 10:18] = 2, 4
    return labels, labels // 2


def test_watershed_parts_classes_and_counts_each_object_once():
    found = finders.by_watershed(sure(*touching())).find(0, 1, 1)
    pieces = detections.as_instances(found.objects)
    assert pieces.unique().tolist() == [0, 1, 2]
    assert pieces[0, 8].tolist() == [0] * 2 + [1] * 8 + [2] * 8 + [0] * 2
    assert detections.as_labels(found.objects).equal(touching()[0])


def test_the_watersheds_heatmap_is_the_distance_within_each_class():
    labels, _ = touching()
    finder = finders.by_watershed(sure(*touching()))
    by_class = [instances.distance(labels == kind) for kind in (2, 4)]
    assert finder.heatmap.equal(torch.maximum(*by_class))
    assert not finder.probability
    assert finder.inside.equal(labels > 0)


@pytest.mark.parametrize("way", [finders.by_watershed, finders.by_centers])
def test_a_perfect_answer_gives_boxes_and_whole_masks(way):
    finder = way(sure(*touching()))
    found = finder.find(0.3, 0.5, 1)
    assert found.boxes.tolist() == [[4.5, 1.5, 14.5, 9.5], [4.5, 9.5, 14.5, 17.5]]
    assert found.crops.shape == (2, mask_rcnn.MASK_SIDE, mask_rcnn.MASK_SIDE)
    assert found.crops[:, 2:-2, 2:-2].min() > 0.99
    inside = finder.inside[0]
    assert torch.allclose(
        finder.offsets[0, :, inside], sure(*touching()).offsets[0, :, inside], atol=1e-4
    )
    assert len(finder.find(0.3, 0.5, 81).boxes) == 0
    assert len(finder.find(1.01, 0.5, 1).boxes) == 0


def test_regions_are_suppressed_and_keep_the_boxes_of_the_net():
    net = mask_rcnn.pretrained(nms=1.0)
    candidates = mask_rcnn.candidates(net, scenes.make(4).image)
    finder = finders.by_regions(candidates)
    assert finder.probability
    every, few = finder.find(0.05, 1, 1), finder.find(0.05, 0.5, 1)
    assert len(few.boxes) < len(every.boxes)
    assert few.boxes.equal(mask_rcnn.suppress(candidates, 0.5).boxes)
    large = finder.find(0.05, 0.5, 300)
    assert len(large.boxes) == (few.objects.masks.flatten(1).sum(1) >= 300).sum() > 0


def test_detections_are_compared_with_a_scene():
    scene = scenes.make(1)
    masks, labels = detections.true_objects(scene.labels, scene.instances)
    found = detections.Detections(masks[1:], labels[1:], torch.ones(len(labels) - 1))
    overlaps, scores, classes, true_classes = detections.compare(
        found, scene.labels, scene.instances
    )
    assert overlaps.equal(torch.eye(len(labels))[1:])
    assert true_classes.equal(labels)
    assert classes.equal(labels[1:])
    assert scores.equal(found.scores)


def test_average_precision_is_over_all_the_pictures():
    """One of two pictures is right, the other finds nothing: half of the objects at every IoU."""
    right = detections.Compared(torch.eye(1), torch.ones(1), torch.ones(1), torch.ones(1))
    none = detections.Compared(torch.zeros(0, 1), torch.ones(0), torch.ones(0), torch.ones(1))
    assert detections.average_precision([right, none], [0.5, 0.9]).tolist() == pytest.approx(
        [51 / 101] * 2
    )
