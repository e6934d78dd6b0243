"""Three ways from a net's answer to objects; each begins with a heatmap of where they are.

The watershed and the centers read the answer of Panoptic-DeepLab, the regions that of Mask R-CNN.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.nets import detections, mask_rcnn, panoptic_deeplab
from seglab.nets.detections import Regions
from seglab.nets.mask_rcnn import Candidates
from seglab.nets.panoptic_deeplab import Prediction
from seglab.ops import instances
from seglab.ops.instances import Centers

LEAST = mask_rcnn.LEAST_SCORE


@dataclass(frozen=True, eq=False)
class Finder:
    """The output of a way for one picture before any threshold, and the steps after it.

    heatmap: where objects are, float [1, H, W]; probability: whether it goes from 0 to 1, else it
    is a distance in pixels. offsets: from each pixel to its object's place, [1, 2, H, W], rows and
    columns. inside: where there is anything, bool [1, H, W].
    find(threshold, nms, min_size): the objects of at least this score and this many pixels; where
    they overlap, the worse of two of a class is dropped from an IoU of their boxes above nms.
    peaks(nms): the place and the score of all that a threshold of LEAST lets through, best first;
    the score is what the threshold is compared with.
    """

    heatmap: Tensor
    probability: bool
    offsets: Tensor
    inside: Tensor
    find: Callable[[float, float, int], Regions]
    peaks: Callable[[float], Centers]


def by_watershed(prediction: Prediction) -> Finder:
    """Split each class at its necks; the heatmap is how far it is to the edge of the class.

    An object's score is the mean probability of its class.
    """
    labels = prediction.scores.argmax(1)
    pieces = instances.per_class(labels, instances.distance_watershed)
    classes = F.one_hot(labels[0], prediction.scores.shape[1]).permute(2, 0, 1) > 0
    depth = instances.distance(classes[1:]).amax(0, keepdim=True)

    every = detections.of_instances(pieces, prediction.scores.softmax(1))
    areas = every.masks.flatten(1).sum(1)

    def find(threshold: float, nms: float, min_size: int) -> Regions:
        return _regions(every.pick((every.scores >= threshold) & (areas >= min_size)))

    def peaks(nms: float) -> Centers:
        return Centers(_middles(every.masks), every.scores)

    return Finder(depth, False, instances.center_targets(pieces)[1], labels > 0, find, peaks)


def by_centers(prediction: Prediction) -> Finder:
    """Send each pixel of a class to the peak of the heatmap that its offset points to."""

    def find(threshold: float, nms: float, min_size: int) -> Regions:
        return _regions(panoptic_deeplab.detect(prediction, threshold, min_size=min_size))

    def peaks(nms: float) -> Centers:
        return instances.find_centers(prediction.heatmap, LEAST)[0]

    inside = prediction.scores.argmax(1) > 0
    return Finder(prediction.heatmap[:, 0], True, prediction.offsets, inside, find, peaks)


def by_regions(candidates: Candidates) -> Finder:
    """Keep the best of overlapping regions; the heatmap is the proposal network's.

    candidates: of a net that suppresses nothing itself, mask_rcnn.pretrained(nms=1).
    """
    heatmap = candidates.objectness[:, 0]
    size = (heatmap.shape[-2], heatmap.shape[-1])

    def find(threshold: float, nms: float, min_size: int) -> Regions:
        kept = mask_rcnn.suppress(candidates.pick(candidates.scores >= threshold), nms)
        return mask_rcnn.regions(kept, size, min_size)

    def peaks(nms: float) -> Centers:
        kept = mask_rcnn.suppress(candidates, nms)
        return Centers((kept.boxes[:, :2] + kept.boxes[:, 2:]) / 2, kept.scores)

    return Finder(heatmap, True, candidates.offsets, heatmap > 0.5, find, peaks)


def _middles(masks: Tensor) -> Tensor:
    """Mean (row, column) of each mask, float [N, 2]."""
    rows, columns = masks.sum(2).float(), masks.sum(1).float()
    places = (torch.arange(part.shape[1], device=part.device) for part in (rows, columns))
    sums = [(part * place).sum(1) for part, place in zip((rows, columns), places, strict=True)]
    return torch.stack(sums, 1) / rows.sum(1, keepdim=True)


def _regions(objects: detections.Detections) -> Regions:
    return detections.regions(objects, mask_rcnn.MASK_SIDE)
