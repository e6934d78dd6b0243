"""Unsupervised segmentation: pixels are put together by what they are like, without any truth.

Every function takes features float [B, C, H, W], such as measure(image).weighted(colour=1,
texture=0.5), and gives labels int64 [B, H, W], numbered from 0 in each picture of the batch.
"""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.cluster._kmeans import kmeans_points, nearest_center
from seglab.ops.cluster._mean_shift import mean_shift_modes
from seglab.ops.cluster._normalized_cut import normalized_cut, similarities
from seglab.ops.cluster._region_graph import means, region_graph
from seglab.ops.cluster._superpixels import maps, numbered
from seglab.types import Labels, Progress


def kmeans(features: Tensor, k: int, seed: int = 0, every: int = 4, starts: int = 1) -> Labels:
    """Group pixels around k centers, or fewer where fewer differ, int64 [B, H, W].

    features: float [B, C, H, W]; see kmeans_points. The centers move over every fourth pixel of
    every fourth row first, and then over all pixels: the same law, a tenth of the time.
    starts: how many draws of first centers are tried there; the one with the smallest sum of
    squared distances goes on.
    Group 0 has the smallest first feature: the darkest colour.
    """
    maps(features)
    _validate.whole_number("every", every)
    _validate.whole_number("starts", starts)
    pictures = []
    for picture in features.detach():
        few = _points(picture[:, ::every, ::every])
        tried = [kmeans_points(few, k, seed=seed + n) for n in range(starts)]
        some = min(tried, key=lambda grouping: grouping.inertia).centers
        start = some if len(some) == k else None  # all pixels may hold more colours than some
        clustering = kmeans_points(_points(picture), k, seed=seed, start=start, tolerance=1e-3)
        pictures.append(_ranked(clustering.centers)[clustering.labels].view(picture.shape[1:]))
    return torch.stack(pictures)


def mean_shift(
    features: Tensor, bandwidth: float, every: int = 4, progress: Progress | None = None
) -> Labels:
    """Group pixels by the modes of their features' density, int64 [B, H, W].

    features: float [B, C, H, W]; see mean_shift_modes. The modes are looked for among every
    fourth pixel of every fourth row (every=1: all), and then each pixel goes to the
    nearest. progress(done, total) counts the seeds.
    """
    maps(features)
    _validate.whole_number("every", every)
    pictures = []
    for picture in features.detach():
        some = _points(picture[:, ::every, ::every])
        modes = mean_shift_modes(some, bandwidth, progress=progress)
        labels = nearest_center(_points(picture), modes)
        pictures.append(numbered(_ranked(modes)[labels]).view(picture.shape[1:]))
    return torch.stack(pictures)


def cut_superpixels(
    features: Tensor,
    superpixels: Labels,
    k: int,
    bandwidth: float,
    progress: Progress | None = None,
) -> Labels:
    """Group superpixels [B, H, W] into at most k by normalised cuts of their region graph.

    superpixels: whole numbers from 0; gaps between them do not matter. Those that touch hang
    together by their common border and by how alike their mean features are, on the scale of
    `bandwidth`; see normalized_cut. Raises TypeError or ValueError for what is no such map.
    """
    maps(features)
    superpixels = _validate.whole_numbers(superpixels, "superpixels")
    if superpixels.shape != (len(features), *features.shape[2:]):
        raise ValueError(
            f"superpixels has shape {list(superpixels.shape)} and features "
            f"{list(features.shape)}; give [B, H, W] of the same pictures"
        )
    pictures = []
    for picture, given in zip(features, superpixels, strict=True):
        labels = numbered(given)  # without gaps: a node without a pixel has no mean
        graph = region_graph(labels)
        weights = similarities(graph, means(picture[None], labels), bandwidth)
        pictures.append(normalized_cut(graph, weights, k, progress)[labels])
    return torch.stack(pictures)


def _points(picture: Tensor) -> Tensor:
    """[C, H, W] to [H * W, C], at least 32 bits: in 16, the sum of a picture's pixels overflows."""
    return picture.flatten(1).T.to(torch.promote_types(picture.dtype, torch.float32))


def _ranked(centers: Tensor) -> Tensor:
    """The rank of each center by its first coordinate, int64 [n]."""
    order = centers[:, 0].argsort(stable=True)
    rank = torch.empty_like(order)
    rank[order] = torch.arange(len(order), device=order.device)
    return rank
