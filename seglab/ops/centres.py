"""Groups of points around centres: k-means, and the modes that mean shift climbs to.

Points are float [N, d]; a picture's features become points with flatten(2)[0].T. All of it runs on
the points' own device. Random numbers are drawn on the CPU, so that a seed means the same anywhere.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import arguments
from seglab.types import Progress

_AT_ONCE = 1_000_000  # distances held at the same time: some milliseconds of work


class Grouping(NamedTuple):
    """What k-means found.

    labels int64 [N] in 0..n-1, centres float [n, d] with n <= k, inertia: the sum of the squared
    distances to the centres, steps: how often the centres moved.
    """

    labels: Tensor
    centres: Tensor
    inertia: float
    steps: int


def kmeans(
    points: Tensor,
    k: int,
    *,
    seed: int = 0,
    start: Tensor | None = None,
    steps: int = 100,
    tolerance: float = 1e-4,
) -> Grouping:
    """Move k centres to the mean of the points nearest to them until they stay.

    start float [k, d]: the first centres; drawn by k-means++ where not given. Fewer than k groups
    come out where there are fewer than k distinct points. They stay when their squared moves add
    up to at most `tolerance` times the mean variance of a coordinate.
    S. P. Lloyd, "Least squares quantization in PCM", 1982; D. Arthur and S. Vassilvitskii,
    "k-means++: the advantages of careful seeding", 2007.
    """
    _check(points)
    arguments.whole("k", k)
    arguments.whole("steps", steps)
    # Far from zero, the distances below would be small differences of large numbers.
    middle = points.mean(0)
    points = points - middle
    if start is None:
        centres = _seeds(points, k, seed)
    else:
        if start.shape != (k, points.shape[1]):
            raise ValueError(
                f"start has shape {list(start.shape)}; give [k, d] = [{k}, {points.shape[1]}]"
            )
        centres = start.to(points) - middle
    enough = tolerance * float(points.var(0, correction=0).mean())
    for taken in range(1, steps + 1):  # noqa: B007 # it is the answer's
        labels = nearest(points, centres)
        moved = _means(points, labels, centres)
        change = float((moved - centres).square().sum())
        centres = moved
        if change <= enough:
            break
    labels = nearest(points, centres)
    used, labels = labels.unique(return_inverse=True)
    centres = centres[used]
    inertia = float((points - centres[labels]).square().sum())
    return Grouping(labels, centres + middle, inertia, taken)


def nearest(points: Tensor, centres: Tensor) -> Tensor:
    """The index of each point's nearest centre, int64 [N]; of equally near ones the first."""
    # |x - c|^2 = |x|^2 - 2 x c + |c|^2, and |x|^2 is the same for all centres.
    constant = centres.square().sum(1, keepdim=True)
    at_once = max(1, _AT_ONCE // len(centres))
    # The smallest of each column: of each row, with so few entries, takes many times as long.
    return torch.cat(
        [
            torch.addmm(constant, centres, part.T, alpha=-2).min(0).indices
            for part in points.split(at_once)
        ]
    )


def mean_shift(
    points: Tensor,
    bandwidth: float,
    *,
    seeds: Tensor | None = None,
    steps: int = 300,
    progress: Progress | None = None,
) -> Tensor:
    """The modes of the points' density, float [n, d], densest first.

    Each seed moves to the mean of the points within `bandwidth`, again and again, until it stays;
    of modes nearer to each other than the bandwidth the densest is kept. seeds float [s, d]: one
    in each cube of side `bandwidth` that holds a point, where not given. `nearest` gives labels.
    D. Comaniciu and P. Meer, "Mean shift: a robust approach toward feature space analysis", 2002.
    """
    _check(points)
    if not isinstance(bandwidth, int | float) or not 0 < bandwidth < float("inf"):
        raise ValueError(f"bandwidth={bandwidth!r} is no distance; use a number above 0")
    # In bandwidths, around zero: see kmeans.
    middle = points.mean(0)
    points = (points - middle) / bandwidth
    # The middles of the cubes that hold a point, in order.
    seeds = points.round().unique(dim=0) if seeds is None else (seeds - middle) / bandwidth
    modes, found = [], []
    done = 0
    for moving in seeds.split(max(1, _AT_ONCE // len(points))):
        for step in range(1, steps + 1):
            means, counts = _local_means(points, moving)
            stays = ((means - moving).square().sum(1) <= 1e-6) | (counts == 0) | (step == steps)
            climbed = stays & (counts > 0)  # where no point is near there is nothing to climb
            modes.append(means[climbed])
            found.append(counts[climbed])
            moving = means[~stays]
            done += int(stays.sum())
            if progress:
                progress(done, len(seeds))
            if not len(moving):
                break
    return _apart(torch.cat(modes), torch.cat(found)) * bandwidth + middle


def _seeds(points: Tensor, k: int, seed: int) -> Tensor:
    """k-means++: each next centre is a point drawn by its squared distance from those before."""
    draws = torch.rand(k, generator=torch.Generator().manual_seed(seed)).tolist()
    centres = [points[int(draws[0] * len(points))]]
    distance = (points - centres[0]).square().sum(1)
    for draw in draws[1:]:
        total = distance.cumsum(0)
        if not bool(total[-1] > 0):  # every distinct point is a centre already
            break
        index = torch.searchsorted(total, draw * total[-1], right=True)
        # A rounded sum can point behind the last distance, or at a point that is a centre.
        index = index.clamp(max=len(points) - 1)
        if not bool(distance[index] > 0):
            index = distance.argmax()
        centres.append(points[index])
        distance = torch.minimum(distance, (points - centres[-1]).square().sum(1))
    return torch.stack(centres)


def _means(points: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """The mean of each centre's points; a centre without points goes to the loneliest point."""
    # A product of matrices adds in the same order each time, scattered sums on a GPU do not.
    member = (labels == torch.arange(len(centres), device=labels.device)[:, None]).to(points)
    counts = member.sum(1)
    means = (member @ points) / counts.clamp(min=1)[:, None]
    empty = (counts == 0).nonzero()[:, 0]
    if len(empty):
        away = (points - centres[labels]).square().sum(1)
        lonely = away.topk(min(len(empty), len(points))).indices
        means[empty[: len(lonely)]] = points[lonely]
    return means


def _local_means(points: Tensor, around: Tensor) -> tuple[Tensor, Tensor]:
    """The mean and the number of the points within 1 of each place; nowhere a point: the place."""
    squared = (
        torch.addmm(points.square().sum(1), around, points.T, alpha=-2)
        + around.square().sum(1)[:, None]
    )
    near = (squared <= 1).to(points)
    counts = near.sum(1)
    means = (near @ points) / counts.clamp(min=1)[:, None]
    return torch.where(counts[:, None] > 0, means, around), counts


def _apart(modes: Tensor, counts: Tensor) -> Tensor:
    """Modes more than 1 apart: the one with the most points near it first, and so on."""
    modes = modes[counts.argsort(descending=True, stable=True)]
    left, kept = modes.cpu(), []  # one at a time: on a GPU each would wait for the last
    while len(left):
        kept.append(left[0])
        left = left[(left - left[0]).square().sum(1) > 1]
    return torch.stack(kept).to(modes)


def _check(points: Tensor) -> None:
    if not isinstance(points, Tensor) or points.ndim != 2 or 0 in points.shape:
        shape = list(points.shape) if isinstance(points, Tensor) else type(points).__name__
        raise ValueError(f"points is {shape}; give a tensor [N, d] with at least one point")
    if not points.is_floating_point():
        raise TypeError(f"points is {points.dtype}, which has no mean; use points.float()")
    if not bool(points.isfinite().all()):
        raise ValueError("points hold NaN or infinity, which are nowhere; use points.nan_to_num()")
