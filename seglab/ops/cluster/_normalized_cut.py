"""Normalised cuts: a graph in two, so that little is cut for what each side holds.

J. Shi and J. Malik, "Normalized cuts and image segmentation", 2000.
"""

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.cluster._region_graph import RegionGraph
from seglab.types import Progress


def similarities(graph: RegionGraph, features: Tensor, bandwidth: float) -> Tensor:
    """The weight of each edge, float64 [m] on the CPU: border times exp(-d^2 / 2 bandwidth^2).

    features [n, C] are one vector for each node, d is their distance. Never quite 0, so that the
    graph does not fall apart by rounding. Raises ValueError for another shape or bandwidth.
    """
    if not isinstance(bandwidth, int | float) or not 0 < bandwidth < float("inf"):
        raise ValueError(f"bandwidth={bandwidth!r} is no distance; use a number above 0")
    if features.ndim != 2 or len(features) != len(graph.sizes):
        raise ValueError(
            f"features has shape {list(features.shape)}; give one row for each of the "
            f"{len(graph.sizes)} nodes"
        )
    host = features.detach().cpu().double()
    first, second = graph.edges.cpu()
    squared = (host[first] - host[second]).square().sum(1)
    alike = torch.exp(-squared / (2 * bandwidth**2)).clamp(min=1e-9)
    return graph.borders.cpu() * alike


def cut_value(graph: RegionGraph, weights: Tensor, side: Tensor) -> float:
    """cut(A, B) / assoc(A, V) + cut(A, B) / assoc(B, V) of a split; side bool [n] is True in A.

    assoc adds up the weights of all ends of edges in A. The pairs of pixels inside a node count
    with weight 1, so that the value is that of the graph of all pixels, each with the features of
    its segment. Infinite where a side is empty.
    """
    side = _validate.masks(side, "side", "[n]", "side == 1").cpu()
    first, second = graph.edges.cpu()
    weights = weights.cpu()
    cut = float(weights[side[first] != side[second]].sum())
    ends = _ends(graph, weights)
    a, b = float(ends[side].sum()), float(ends[~side].sum())
    return cut / a + cut / b if a > 0 and b > 0 else float("inf")


def normalized_cut(
    graph: RegionGraph, weights: Tensor, k: int, progress: Progress | None = None
) -> Tensor:
    """Cut nodes into at most k groups, int64 [n] from 0: the part with the cheapest cut is next.

    The cut of a part comes from the second eigenvector of its normalised Laplacian, at the
    threshold with the smallest value. Parts whose nodes are all alike are not cut.
    """
    _validate.whole_number("k", k)
    count = len(graph.sizes)
    first, second = graph.edges.cpu().numpy()
    matrix, borders = np.zeros((2, count, count))
    matrix[first, second] = matrix[second, first] = weights.detach().cpu().numpy()
    borders[first, second] = borders[second, first] = graph.borders.cpu().numpy()
    loops = 2.0 * graph.inner.cpu().numpy()

    steps = iter(range(1, 2 * k))

    def best(nodes: np.ndarray) -> tuple[float, np.ndarray]:
        if progress:
            progress(next(steps), 2 * k)
        part = matrix[np.ix_(nodes, nodes)]
        all_alike = part.sum() >= borders[np.ix_(nodes, nodes)].sum() * (1 - 1e-6)
        return (np.inf, nodes) if all_alike else _cheapest(part + np.diag(loops[nodes]))

    parts = [np.arange(count)]
    cuts = [best(parts[0])]
    while len(parts) < k:
        index = min(range(len(parts)), key=lambda i: cuts[i][0])
        value, side = cuts[index]
        if value == np.inf:
            break
        nodes = parts[index]
        parts[index : index + 1] = [nodes[side], nodes[~side]]
        cuts[index : index + 1] = [best(nodes[side]), best(nodes[~side])]
    labels = np.empty(count, np.int64)
    for label, nodes in enumerate(sorted(parts, key=lambda nodes: nodes[0])):
        labels[nodes] = label
    return torch.from_numpy(labels).to(graph.sizes.device)


def _ends(graph: RegionGraph, weights: Tensor) -> Tensor:
    """Sums of the weights of each node's edges, [n]."""
    ends = 2.0 * graph.inner.cpu()
    for nodes in graph.edges.cpu():
        ends = ends.index_add(0, nodes, weights.to(ends))
    return ends


def _cheapest(matrix: np.ndarray) -> tuple[float, np.ndarray]:
    """The smallest cut value at a threshold of the second eigenvector, and the side below it."""
    ends = matrix.sum(1)
    order = np.argsort(_second_eigenvector(matrix, ends), kind="stable")
    # Node by node over to the side below: its edges to those above are cut, the others healed.
    sorted_matrix = matrix[np.ix_(order, order)]
    joined = np.tril(sorted_matrix, -1).sum(1)
    cut = (ends[order] - sorted_matrix.diagonal() - 2 * joined).cumsum()[:-1].clip(min=0)
    below = ends[order].cumsum()
    values = cut / below[:-1] + cut / (below[-1] - below[:-1])
    at = int(values.argmin())
    side = np.zeros(len(order), bool)
    side[order[: at + 1]] = True
    return float(values[at]), side


def _second_eigenvector(matrix: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """y of the second smallest eigenvalue in (D - W) y = lambda D y."""
    from scipy import linalg

    root = np.sqrt(ends)
    laplacian = np.eye(len(root)) - matrix / root[:, None] / root
    _, vectors = linalg.eigh(laplacian, subset_by_index=[1, 1], overwrite_a=True)
    vector = vectors[:, 0]
    # An eigenvector has no sign of its own: the first of its largest entries is made positive.
    largest = np.flatnonzero(np.abs(vector) > (1 - 1e-6) * np.abs(vector).max())[0]
    return vector * np.sign(vector[largest]) / root
