"""Instances: from a mask, a label map or a center heatmap to one number for each object.

Instances are int64 [B, H, W], 0 = no object; numbers start anew in every picture of a batch and
have no upper end. Answers lie on the input's device: components and grouping are computed there on
CUDA, distance transform and watershed on the CPU.
"""

from seglab.ops.instances._boxes import boxes, mask_boxes, nearest_box
from seglab.ops.instances._centers import Centers, center_targets, find_centers, group
from seglab.ops.instances._classes import majority_labels, per_class, spread
from seglab.ops.instances._components import components
from seglab.ops.instances._matching import (
    Matches,
    intersections,
    match,
    number_like,
    overlaps,
)
from seglab.ops.instances._objects import (
    areas,
    centroids,
    ids,
    neighbours,
    remove_small,
    renumber,
)
from seglab.ops.instances._roi import roi_align, roi_paste
from seglab.ops.instances._segmentation import (
    INSTANCE,
    PANOPTIC,
    SEMANTIC,
    VIEWS,
    Segmentation,
)
from seglab.ops.instances._watershed import distance, distance_watershed

__all__ = [
    "INSTANCE",
    "PANOPTIC",
    "SEMANTIC",
    "VIEWS",
    "Centers",
    "Matches",
    "Segmentation",
    "areas",
    "boxes",
    "center_targets",
    "centroids",
    "components",
    "distance",
    "distance_watershed",
    "find_centers",
    "group",
    "ids",
    "intersections",
    "majority_labels",
    "mask_boxes",
    "match",
    "nearest_box",
    "neighbours",
    "number_like",
    "overlaps",
    "per_class",
    "remove_small",
    "renumber",
    "roi_align",
    "roi_paste",
    "spread",
]
