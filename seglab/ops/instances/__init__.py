"""Instances: from a mask, a label map or a center heatmap to one number for each object.

Instances are int64 [B, H, W], 0 = no object; numbers start anew in every picture of a batch and
have no upper end. Answers lie on the input's device: components and grouping are computed there on
CUDA, distance transform and watershed on the CPU.
"""

from seglab.ops.instances._centers import Centers, center_targets, find_centers, group
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
    boxes,
    centroids,
    ids,
    neighbours,
    remove_small,
    renumber,
)
from seglab.ops.instances._roi import roi_align, roi_paste
from seglab.ops.instances._watershed import distance, distance_watershed

__all__ = [
    "Centers",
    "Matches",
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
    "match",
    "neighbours",
    "number_like",
    "overlaps",
    "remove_small",
    "renumber",
    "roi_align",
    "roi_paste",
]
