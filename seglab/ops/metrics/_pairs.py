"""Segments behind a panoptic quality, one by one: the pairs, and those that stand alone."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import widest
from seglab.ops.metrics._confusion import alike_labels
from seglab.types import NO_LABEL, Instances, Labels

ALONE = -1  # in place of a segment's number


class SegmentPairs(NamedTuple):
    """Segments of a found and a true map: first the matches, then those found or true alone.

    label, found, true int64 [N]: the class and the instance numbers, ALONE where there is none.
    iou float [N]: of the match; of a segment alone, the largest with one of its class.
    """

    label: Tensor
    found: Tensor
    true: Tensor
    iou: Tensor


def segment_pairs(
    labels: Labels, instances: Instances, true_labels: Labels, true_instances: Instances
) -> SegmentPairs:
    """The matches and the segments alone that panoptic_quality_by_class counts in one picture.

    All four: whole numbers [1, H, W], no pixel without a label. Raises ValueError for others.
    """
    labels, true_labels = alike_labels("labels", labels, true_labels, "true_labels")
    labels, instances = alike_labels("labels", labels, instances, "instances")
    labels, true_instances = alike_labels("labels", labels, true_instances, "true_instances")
    _validate.one_picture(labels, "labels")
    for name, given in (("labels", labels), ("true_labels", true_labels)):
        if bool((given == NO_LABEL).any()):
            raise ValueError(
                f"{name} holds {NO_LABEL}, no label, which is part of no segment; use "
                f"panoptic_quality_by_class, or a class for these pixels"
            )
    found, found_of = _segments(labels, instances)
    true, true_of = _segments(true_labels, true_instances)
    shared = torch.bincount(found_of * len(true) + true_of, minlength=len(found) * len(true))
    shared = shared.view(len(found), len(true))
    shared = shared.to(widest(shared))
    union = shared.sum(1, keepdim=True) + shared.sum(0) - shared
    iou = torch.where(found[:, :1] == true[:, 0], shared / union, 0)
    row, column = (iou > 0.5).nonzero(as_tuple=True)
    spurious, missed = ((iou <= 0.5).all(axis).nonzero()[:, 0] for axis in (1, 0))
    none_found, none_true = (torch.full_like(alone, ALONE) for alone in (missed, spurious))
    return SegmentPairs(
        torch.cat((found[row, 0], found[spurious, 0], true[missed, 0])),
        torch.cat((found[row, 1], found[spurious, 1], none_found)),
        torch.cat((true[column, 1], none_true, true[missed, 1])),
        torch.cat((iou[row, column], iou[spurious].amax(1), iou[:, missed].amax(0))),
    )


def _segments(labels: Labels, instances: Instances) -> tuple[Tensor, Tensor]:
    """The label and number of each segment, [S, 2], and the segment of each pixel, [H * W]."""
    pixels = torch.stack((labels.flatten(), instances.flatten()), 1)
    width = int(pixels[:, 1].max()) + 1
    codes, place = (pixels[:, 0] * width + pixels[:, 1]).unique(return_inverse=True)
    return torch.stack((codes // width, codes % width), 1), place
