"""Metrics of segmentations, from counts: first a table of counts, then metrics of one line.

Counts add up over pictures and batches; a metric is worked out once, from the sum. A mean of
per-picture values is another number. Per-class values are NaN where there is nothing to judge, and
the means leave those classes out.
"""

from seglab.ops.metrics._average_precision import (
    THRESHOLDS,
    average_precision,
    average_precision_by_class,
    mask_overlaps,
)
from seglab.ops.metrics._boundary import boundary_counts, boundary_iou, mean_boundary_iou
from seglab.ops.metrics._calibration import calibration_error, reliability
from seglab.ops.metrics._confusion import (
    confusion,
    dice,
    frequency_weighted_iou,
    iou,
    mean_accuracy,
    mean_iou,
    pixel_accuracy,
)
from seglab.ops.metrics._errors import ERRORS, VERDICTS, WINNERS, errors, verdicts, winners
from seglab.ops.metrics._objects import (
    DetectionCounts,
    ObjectMistakes,
    detection_counts,
    object_mistakes,
)
from seglab.ops.metrics._pairs import ALONE, SegmentPairs, segment_pairs
from seglab.ops.metrics._panoptic import (
    PanopticQuality,
    panoptic_quality,
    panoptic_quality_by_class,
)
from seglab.ops.metrics._values import (
    accuracy_by_coverage,
    achievable_accuracy,
    coverage,
    largest_difference,
    missing_probability,
    root_mean_square,
    selective_accuracy,
)

__all__ = [
    "ALONE",
    "ERRORS",
    "THRESHOLDS",
    "VERDICTS",
    "WINNERS",
    "DetectionCounts",
    "ObjectMistakes",
    "PanopticQuality",
    "SegmentPairs",
    "accuracy_by_coverage",
    "achievable_accuracy",
    "average_precision",
    "average_precision_by_class",
    "boundary_counts",
    "boundary_iou",
    "calibration_error",
    "confusion",
    "coverage",
    "detection_counts",
    "dice",
    "errors",
    "frequency_weighted_iou",
    "iou",
    "largest_difference",
    "mask_overlaps",
    "mean_accuracy",
    "mean_boundary_iou",
    "mean_iou",
    "missing_probability",
    "object_mistakes",
    "panoptic_quality",
    "panoptic_quality_by_class",
    "pixel_accuracy",
    "reliability",
    "root_mean_square",
    "segment_pairs",
    "selective_accuracy",
    "verdicts",
    "winners",
]
