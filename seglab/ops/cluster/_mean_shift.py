"""Mean shift: the modes of a density of points, to which every point climbs.

Points are float [N, d]. All of it runs on the points' own device.
"""

import torch
from torch import Tensor

from seglab.ops._floats import unhalved
from seglab.ops.cluster._kmeans import AT_ONCE, check_points
from seglab.types import Progress


def mean_shift_modes(
    points: Tensor,
    bandwidth: float,
    *,
    seeds: Tensor | None = None,
    steps: int = 300,
    progress: Progress | None = None,
) -> Tensor:
    """The modes of the density of points [N, d], float [n, d], densest first.

    Each seed moves to the mean of the points within `bandwidth`, again and again, until it stays;
    of modes nearer to each other than the bandwidth the densest is kept. Labels: nearest_center.
    seeds float [s, d]: one in each cube of side `bandwidth` that holds a point, where not given.
    D. Comaniciu and P. Meer, "Mean shift: a robust approach toward feature space analysis", 2002.
    Raises ValueError for a bandwidth that is no distance, and as kmeans_points does.
    """
    check_points(points)
    if not isinstance(bandwidth, int | float) or not 0 < bandwidth < float("inf"):
        raise ValueError(f"bandwidth={bandwidth!r} is no distance; use a number above 0")
    given = points.dtype
    points = unhalved(points)
    # In bandwidths, around zero: see kmeans_points.
    middle = points.mean(0)
    points = (points - middle) / bandwidth
    # The middles of the cubes that hold a point, in order.
    seeds = points.round().unique(dim=0) if seeds is None else (seeds - middle) / bandwidth
    modes, support = [], []
    done = 0
    for moving in seeds.split(max(1, AT_ONCE // len(points))):
        for step in range(1, steps + 1):
            means, counts = _local_means(points, moving)
            stays = ((means - moving).square().sum(1) <= 1e-6) | (counts == 0) | (step == steps)
            climbed = stays & (counts > 0)  # where no point is near there is nothing to climb
            modes.append(means[climbed])
            support.append(counts[climbed])
            moving = means[~stays]
            done += int(stays.sum())
            if progress:
                progress(done, len(seeds))
            if not len(moving):
                break
    return (_apart(torch.cat(modes), torch.cat(support)) * bandwidth + middle).to(given)


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
