"""K-means: groups of points around centers, each the mean of the points nearest to it.

Points are float [N, d]; a picture's features become points with flatten(2)[0].T. All of it runs on
the points' own device. Random numbers are drawn on the CPU, so that a seed means the same anywhere.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import unhalved

AT_ONCE = 1_000_000  # distances held at the same time: some milliseconds of work


class Grouping(NamedTuple):
    """Answer of k-means.

    labels int64 [N] in 0..n-1, centers float [n, d] with n <= k, inertia: the sum of the squared
    distances to the centers, steps: how often the centers moved, way float [steps + 1, k, d]: all
    centers, at the start and after each step.
    """

    labels: Tensor
    centers: Tensor
    inertia: float
    steps: int
    way: Tensor


def kmeans_points(
    points: Tensor,
    k: int,
    *,
    seed: int = 0,
    start: Tensor | None = None,
    steps: int = 100,
    tolerance: float = 1e-4,
) -> Grouping:
    """Move k centers to the mean of the points [N, d] nearest to them until they stay.

    start float [k, d]: the first centers; drawn by k-means++ where not given. Fewer than k groups
    come out where there are fewer than k distinct points. They stay when their squared moves add
    up to at most `tolerance` times the mean variance of a coordinate.
    S. P. Lloyd, "Least squares quantization in PCM", 1982; D. Arthur and S. Vassilvitskii,
    "k-means++: the advantages of careful seeding", 2007.
    Raises TypeError or ValueError for points that are no finite floats [N, d].
    """
    check_points(points)
    _validate.whole_number("k", k)
    _validate.whole_number("steps", steps)
    given = points.dtype
    points = unhalved(points)
    # Far from zero, the distances below would be small differences of large numbers.
    middle = points.mean(0)
    points = points - middle
    if start is None:
        centers = _seeds(points, k, seed)
    else:
        if start.shape != (k, points.shape[1]):
            raise ValueError(
                f"start has shape {list(start.shape)}; give [k, d] = [{k}, {points.shape[1]}]"
            )
        centers = start.to(points) - middle
    enough = tolerance * float(points.var(0, correction=0).mean())
    way = [centers]
    for _ in range(steps):
        moved = _means(points, nearest_center(points, centers), centers)
        change = float((moved - centers).square().sum())
        centers = moved
        way.append(centers)
        if change <= enough:
            break
    labels = nearest_center(points, centers)
    used, labels = labels.unique(return_inverse=True)
    centers = centers[used]
    inertia = float((points - centers[labels]).square().sum())
    path = (torch.stack(way) + middle).to(given)
    return Grouping(labels, (centers + middle).to(given), inertia, len(way) - 1, path)


def nearest_center(points: Tensor, centers: Tensor) -> Tensor:
    """The index of each point's nearest center, int64 [N]; of equally near ones the first."""
    # |x - c|^2 = |x|^2 - 2 x c + |c|^2, and |x|^2 is the same for all centers.
    constant = centers.square().sum(1, keepdim=True)
    at_once = max(1, AT_ONCE // len(centers))
    # The smallest of each column: of each row, with so few entries, takes many times as long.
    return torch.cat(
        [
            torch.addmm(constant, centers, part.T, alpha=-2).min(0).indices
            for part in points.split(at_once)
        ]
    )


def _seeds(points: Tensor, k: int, seed: int) -> Tensor:
    """k-means++: each next center is a point drawn by its squared distance from those before."""
    draws = torch.rand(k, generator=torch.Generator().manual_seed(seed)).tolist()
    centers = [points[int(draws[0] * len(points))]]
    distance = (points - centers[0]).square().sum(1)
    for draw in draws[1:]:
        total = distance.cumsum(0)
        if not bool(total[-1] > 0):  # every distinct point is a center already
            break
        index = torch.searchsorted(total, draw * total[-1], right=True)
        # A rounded sum can point behind the last distance, or at a point that is a center.
        index = index.clamp(max=len(points) - 1)
        if not bool(distance[index] > 0):
            index = distance.argmax()
        centers.append(points[index])
        distance = torch.minimum(distance, (points - centers[-1]).square().sum(1))
    return torch.stack(centers)


def _means(points: Tensor, labels: Tensor, centers: Tensor) -> Tensor:
    """The mean of each center's points; a center without points goes to the loneliest point."""
    # A product of matrices adds in the same order each time, scattered sums on a GPU do not.
    member = (labels == torch.arange(len(centers), device=labels.device)[:, None]).to(points)
    counts = member.sum(1)
    means = (member @ points) / counts.clamp(min=1)[:, None]
    empty = (counts == 0).nonzero()[:, 0]
    if len(empty):
        away = (points - centers[labels]).square().sum(1)
        lonely = away.topk(min(len(empty), len(points))).indices
        means[empty[: len(lonely)]] = points[lonely]
    return means


def check_points(points: Tensor) -> None:
    """Refuse points unless they are finite floats [N, d], N at least 1."""
    if not isinstance(points, Tensor) or points.ndim != 2 or 0 in points.shape:
        shape = list(points.shape) if isinstance(points, Tensor) else type(points).__name__
        raise ValueError(f"points is {shape}; give a tensor [N, d] with at least one point")
    if not points.is_floating_point():
        raise TypeError(f"points is {points.dtype}, which has no mean; use points.float()")
    if not bool(points.isfinite().all()):
        raise ValueError("points hold NaN or infinity, which are nowhere; use points.nan_to_num()")
