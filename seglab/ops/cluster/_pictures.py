"""Unsupervised segmentation: pixels are put together by what they are like, without any truth.

Every function takes features float [B, C, H, W], such as measure(image).weighted(colour=1,
texture=0.5), and gives labels int64 [B, H, W], numbered from 0 in each picture of the batch.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.cluster._kmeans import Grouping, kmeans_points, nearest_center
from seglab.ops.cluster._mean_shift import mean_shift_modes
from seglab.ops.cluster._normalized_cut import normalized_cut, similarities
from seglab.ops.cluster._region_graph import means, region_graph
from seglab.ops.cluster._superpixels import maps, numbered
from seglab.types import Labels, Progress


class Path(NamedTuple):
    """Way of k centers: float [S + 1, k, d], at the start and after each of S steps.

    costs: the mean squared distance of the points to their nearest centers, of each of these.
    """

    centers: Tensor
    costs: tuple[float, ...]


def kmeans(
    features: Tensor,
    k: int,
    seed: int = 0,
    every: int = 4,
    starts: int = 1,
    path: Path | None = None,
) -> Labels:
    """Group pixels around k centers, or fewer where fewer differ, int64 [B, H, W].

    features: float [B, C, H, W]; see kmeans_points. The centers move over every fourth pixel of
    every fourth row first, and then over all pixels: the same law, a tenth of the time.
    starts: how many draws of first centers are tried there; the one with the smallest sum of
    squared distances goes on. path: what kmeans_path gave with the same arguments, if it is known.
    Group 0 has the smallest first feature: the darkest colour.
    """
    maps(features)
    _validate.whole_number("every", every)
    _validate.whole_number("starts", starts)
    if path:
        _validate.one_picture(features, "features")
    pictures = []
    for picture in features.detach():
        few = _points(picture[:, ::every, ::every])
        some = path.centers[-1] if path else _tried(few, k, seed, starts).centers
        start = some if len(some) == k else None  # all pixels may hold more colours than some
        clustering = kmeans_points(_points(picture), k, seed=seed, start=start, tolerance=1e-3)
        pictures.append(_ranked(clustering.centers)[clustering.labels].view(picture.shape[1:]))
    return torch.stack(pictures)


def kmeans_path(features: Tensor, k: int, seed: int = 0, every: int = 4, starts: int = 1) -> Path:
    """The way of the centers of kmeans() over the few pixels that it begins with, one picture."""
    maps(features)
    _validate.one_picture(features, "features")
    few = _points(features.detach()[0, :, ::every, ::every])
    way = _tried(few, k, seed, starts).way
    costs = [(few - at[nearest_center(few, at)]).square().sum(1).mean() for at in way]
    return Path(way, tuple(map(float, costs)))


def kmeans_after(features: Tensor, path: Path, steps: int) -> Labels:
    """Group the pixels of one picture around the centers after so many steps of a path.

    A group has the number that it has at the end: group 0 ends with the smallest first feature.
    """
    maps(features)
    _validate.one_picture(features, "features")
    rank = _ranked(path.centers[-1])
    labels = rank[nearest_center(_points(features.detach()[0]), path.centers[steps])]
    return labels.view(1, *features.shape[2:])


def _tried(few: Tensor, k: int, seed: int, starts: int) -> Grouping:
    """The best of the starts."""
    tried = [kmeans_points(few, k, seed=seed + n) for n in range(starts)]
    return min(tried, key=lambda grouping: grouping.inertia)


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
