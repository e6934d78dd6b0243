"""Unsupervised segmentation: pixels are put together by what they are like, without any truth.

Methods take features float [B, C, H, W], such as measure(image).weighted(colour=1, texture=0.5),
and give labels int64 [B, H, W], numbered from 0 in each picture of the batch.
"""

from seglab.ops.cluster._features import Features, cielab, gabor, measure, position
from seglab.ops.cluster._kmeans import Grouping, kmeans_points, nearest_center
from seglab.ops.cluster._mean_shift import mean_shift_modes
from seglab.ops.cluster._normalized_cut import cut_value, normalized_cut, similarities
from seglab.ops.cluster._pictures import (
    Path,
    cut_superpixels,
    kmeans,
    kmeans_after,
    kmeans_path,
    mean_shift,
)
from seglab.ops.cluster._region_graph import (
    RegionGraph,
    boundaries,
    colouring,
    explained_variance,
    flattened,
    means,
    pieces,
    region_graph,
)
from seglab.ops.cluster._region_growing import (
    Leap,
    colour_distance,
    grow_region,
    joining_tolerance,
    largest_leap,
)
from seglab.ops.cluster._superpixels import (
    felzenszwalb,
    gradient,
    gradient_watershed,
    numbered,
    slic,
)

__all__ = [
    "Features",
    "Grouping",
    "Leap",
    "Path",
    "RegionGraph",
    "boundaries",
    "cielab",
    "colour_distance",
    "colouring",
    "cut_superpixels",
    "cut_value",
    "explained_variance",
    "felzenszwalb",
    "flattened",
    "gabor",
    "gradient",
    "gradient_watershed",
    "grow_region",
    "joining_tolerance",
    "kmeans",
    "kmeans_after",
    "kmeans_path",
    "kmeans_points",
    "largest_leap",
    "mean_shift",
    "mean_shift_modes",
    "means",
    "measure",
    "nearest_center",
    "normalized_cut",
    "numbered",
    "pieces",
    "position",
    "region_graph",
    "similarities",
    "slic",
]
