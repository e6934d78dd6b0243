"""The graph of a segmentation: a node for each segment, an edge where two segments touch.

Pixels touch above, below, left and right. Labels are int64 [1, H, W] or [H, W], 0 to n - 1.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops._floats import widest
from seglab.types import Labels


class RegionGraph(NamedTuple):
    """Segments that touch, and the number of pixels at which they do.

    edges int64 [2, m], the smaller segment first, in order; borders int64 [m], pairs of pixels
    that touch across each edge; sizes int64 [n], pixels; inner int64 [n], pairs of pixels that
    touch inside.
    """

    edges: Tensor
    borders: Tensor
    sizes: Tensor
    inner: Tensor


def region_graph(labels: Labels) -> RegionGraph:
    """The graph of a label map. With one label for each pixel it is the grid of all pixels.

    Raises TypeError or ValueError unless labels is one map of whole numbers from 0.
    """
    plane = _plane(labels)
    count = int(plane.max()) + 1
    first = torch.cat([plane[:, :-1].flatten(), plane[:-1].flatten()])
    second = torch.cat([plane[:, 1:].flatten(), plane[1:].flatten()])
    same = first == second
    inner = first[same].bincount(minlength=count)
    first, second = first[~same], second[~same]
    keys = torch.minimum(first, second) * count + torch.maximum(first, second)
    keys, borders = keys.unique(return_counts=True)
    edges = torch.stack([keys // count, keys % count])
    return RegionGraph(edges, borders, plane.flatten().bincount(minlength=count), inner)


def means(values: Tensor, labels: Labels) -> Tensor:
    """The mean of the values [1, C, H, W] in each segment, [n, C], in the values' type.

    Means of whole numbers, and of bool, are float32. Raises ValueError for another size.
    """
    values = _with_means(values)
    plane = _plane(labels)
    if values.ndim != 4 or len(values) != 1 or values.shape[2:] != plane.shape:
        raise ValueError(
            f"values has shape {list(values.shape)} and labels {list(labels.shape)}; "
            f"give [1, C, H, W] and [1, H, W] of one size"
        )
    # On the CPU: scattered sums on a GPU come in another order each time.
    index = plane.flatten().cpu()
    points = values[0].flatten(1).T.cpu().double()
    counts = index.bincount().clamp(min=1)
    sums = points.new_zeros(len(counts), points.shape[1]).index_add(0, index, points)
    return (sums / counts[:, None]).to(values)


def flattened(values: Tensor, labels: Labels) -> Tensor:
    """The values [1, C, H, W] with every segment in its mean."""
    return means(values, labels)[_plane(labels)].permute(2, 0, 1)[None]


def explained_variance(values: Tensor, labels: Labels) -> float:
    """The share of the variance of values [1, C, H, W] that is between segments, NaN below 1e-6.

    The channels' variances are added up. 0: the segments' means are all alike; 1: inside a segment
    all values are alike (the R squared of a regression on the segments).
    """
    values = _with_means(values)
    values = values.to(widest(values))
    total = float(values.var((2, 3), correction=0).sum())
    between = float(flattened(values, labels).var((2, 3), correction=0).sum())
    return between / total if total >= 1e-6 else float("nan")


def pieces(labels: Labels, corners: bool = False) -> Labels:
    """The connected pieces of the segments as labels of their own, 0 to n - 1, [1, H, W].

    corners: whether pixels that share a corner only are connected too.
    """
    from skimage import measure

    plane = _plane(labels).cpu().numpy()
    pieces = measure.label(plane, background=-1, connectivity=2 if corners else 1) - 1
    return torch.from_numpy(pieces).long().reshape(labels.shape).to(labels.device)


def boundaries(labels: Labels) -> Tensor:
    """Pixels whose segment is not that of their neighbour right or below, bool [..., H, W]."""
    labels = _validate.whole(labels, "labels")
    out = torch.zeros_like(labels, dtype=torch.bool)
    out[..., :-1] |= labels[..., :-1] != labels[..., 1:]
    out[..., :-1, :] |= labels[..., :-1, :] != labels[..., 1:, :]
    return out


def colouring(graph: RegionGraph) -> Tensor:
    """A small number for each node so that nodes that touch differ, int64 [n].

    Greedy, the nodes with the fewest neighbours last (D. Matula and L. Beck, "Smallest-last
    ordering", 1983): at most 6 numbers when every segment is one piece, for then the graph is
    planar, and a planar graph always has a node with at most 5 neighbours.
    """
    import networkx

    touching = networkx.Graph()
    touching.add_nodes_from(range(len(graph.sizes)))
    touching.add_edges_from(graph.edges.T.tolist())
    numbers = networkx.greedy_color(touching, "smallest_last")
    return torch.tensor([numbers[node] for node in touching], device=graph.sizes.device)


def _plane(labels: Labels) -> Tensor:
    labels = _validate.whole(labels, "labels", "[1, H, W]")
    if labels.ndim not in (2, 3) or (labels.ndim == 3 and len(labels) != 1) or not labels.numel():
        raise ValueError(f"labels has shape {list(labels.shape)}; give one map, [1, H, W]")
    if int(labels.min()) < 0:
        raise ValueError(f"labels holds {int(labels.min())}; number the segments from 0")
    if int(labels.max()) > 4 * labels.numel() + 1000:  # no room to count them
        raise ValueError(
            f"labels holds {int(labels.max())}; number the segments 0 to n - 1: "
            f"cluster.numbered(labels)"
        )
    return labels.reshape(labels.shape[-2:])


def _with_means(values: Tensor) -> Tensor:
    """Values that have a mean: floats as they are, whole numbers and bool as float32."""
    if not isinstance(values, Tensor) or values.is_complex():
        kind = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise TypeError(f"values is {kind}; give a float tensor [1, C, H, W]")
    return values if values.is_floating_point() else values.float()
