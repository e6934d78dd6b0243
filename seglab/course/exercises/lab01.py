"""Lab 01, grouping pixels: one step of k-means, mean colours, and the value of a cut."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _points(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    points = torch.from_numpy(random.random((4 + i, 2 + i % 2))).float()
    centers = torch.from_numpy(random.random((2 + i // 4, 2 + i % 2))).float()
    if i % 3 == 2:
        centers[0] = 9.0  # nobody is near it
    return {"points": points, "centers": centers}


def _moved(points: Tensor, centers: Tensor, labels: Tensor) -> Tensor:
    moved = centers.clone()
    for j in range(len(centers)):
        if (labels == j).any():
            moved[j] = points[labels == j].mean(0)
    return moved


def kmeans_step(points: Tensor, centers: Tensor) -> Tensor:
    """Every center moves to the mean of the points that are nearest to it."""
    return _moved(points, centers, torch.cdist(points, centers).argmin(1))


def _empty_to_zero(points: Tensor, centers: Tensor) -> Tensor:
    labels = torch.cdist(points, centers).argmin(1)
    moved = kmeans_step(points, centers)
    moved[[j for j in range(len(centers)) if not (labels == j).any()]] = 0
    return moved


def _empty_to_nan(points: Tensor, centers: Tensor) -> Tensor:
    labels = torch.cdist(points, centers).argmin(1)
    return torch.stack([points[labels == j].mean(0) for j in range(len(centers))])


def _empty_left_out(points: Tensor, centers: Tensor) -> Tensor:
    labels = torch.cdist(points, centers).argmin(1)
    return torch.stack([points[labels == j].mean(0) for j in labels.unique()])


def _sums(points: Tensor, centers: Tensor) -> Tensor:
    labels = torch.cdist(points, centers).argmin(1)
    counts = labels.bincount(minlength=len(centers)).clamp(min=1)
    return kmeans_step(points, centers) * counts[:, None]


def _to_one_point(points: Tensor, centers: Tensor) -> Tensor:
    return points[torch.cdist(points, centers).argmin(0)]


def _picture(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    size = (2 + i // 4, 2 + i // 3)
    image = torch.from_numpy(random.random((3, *size))).float()
    labels = torch.from_numpy(random.integers(0, 2 + i // 5, size))
    labels.view(-1)[:3] = torch.tensor([0, 0, 1])  # neither of one pixel each nor all in one
    return {"image": image, "labels": labels}


def mean_colours(image: Tensor, labels: Tensor) -> Tensor:
    """The picture with every pixel in the mean colour of its segment."""
    out = torch.empty_like(image)
    for label in labels.unique():
        inside = labels == label
        out[:, inside] = image[:, inside].mean(1, keepdim=True)
    return out


def _grey(image: Tensor, labels: Tensor) -> Tensor:
    return mean_colours(image.mean(0, keepdim=True).expand(3, -1, -1), labels)


def _first_pixel(image: Tensor, labels: Tensor) -> Tensor:
    out = torch.empty_like(image)
    for label in labels.unique():
        inside = labels == label
        out[:, inside] = image[:, inside][:, :1]
    return out


def _only_first_segment(image: Tensor, labels: Tensor) -> Tensor:
    return torch.where(labels == 0, mean_colours(image, labels), image)


def _graph(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    count = 3 + i // 3
    half = np.triu(random.integers(1, 10, (count, count)) / 10, 1)
    side = np.arange(count) < 1 + i % (count - 1)
    return {
        "weights": torch.from_numpy(half + half.T).float(),
        "side": torch.from_numpy(random.permutation(side)),
    }


def ncut(weights: Tensor, side: Tensor) -> float:
    """cut(A, B) / assoc(A, V) + cut(A, B) / assoc(B, V)."""
    cut = weights[side][:, ~side].sum()
    return float(cut / weights[side].sum() + cut / weights[~side].sum())


def _inside_only(weights: Tensor, side: Tensor) -> float:
    cut = weights[side][:, ~side].sum()
    within = [weights[s][:, s].sum() for s in (side, ~side)]
    return float(sum(cut / w if w else 0.0 for w in within))


def _by_nodes(weights: Tensor, side: Tensor) -> float:
    cut = weights[side][:, ~side].sum()
    return float(cut / side.sum() + cut / (~side).sum())


EXERCISES = (
    Exercise(
        "kmeans_step",
        _points,
        kmeans_step,
        {
            "a center without points is NaN: the mean of nothing is not a number; it stays where "
            "it is": _empty_to_nan,
            "a center without points is 0: it has no mean to go to and stays where it is": (
                _empty_to_zero
            ),
            "a center without points is left out: return as many as you get": _empty_left_out,
            "these are the numbers of the nearest centers: return the centers after they moved": (
                lambda points, centers: torch.cdist(points, centers).argmin(1)
            ),
            "the points of a center are added up: divide the sum by how many they are": _sums,
            "every center goes to the one point nearest to it: it goes to the mean of all points "
            "whose nearest center it is": _to_one_point,
            "every point goes to the farthest center: take the nearest": lambda points, centers: (
                _moved(points, centers, torch.cdist(points, centers).argmax(1))
            ),
            "only the first coordinate is compared: the distance is over all coordinates": (
                lambda points, centers: _moved(
                    points, centers, torch.cdist(points[:, :1], centers[:, :1]).argmin(1)
                )
            ),
        },
    ),
    Exercise(
        "mean_colours",
        _picture,
        mean_colours,
        {
            "every segment has the mean of the whole picture: take the mean of one segment at a "
            "time": lambda image, labels: image.mean((1, 2), keepdim=True).expand_as(image).clone(),
            "the three channels have one mean, which makes grey: each channel has its own": _grey,
            "these are the colours of the segments alone: give every pixel the colour of its "
            "segment": lambda image, labels: torch.stack(
                [image[:, labels == label].mean(1) for label in labels.unique()]
            ),
            "a segment has the colour of its first pixel, not the mean of all of them": (
                _first_pixel
            ),
            "only the segment with label 0 has its mean colour": _only_first_segment,
        },
    ),
    Exercise(
        "ncut",
        _graph,
        ncut,
        {
            "this is the plain cut, which is smallest for one node alone: divide it by what each "
            "side holds": lambda weights, side: float(weights[side][:, ~side].sum()),
            "assoc(A, V) holds the ties inside A only: the ties from A to B belong to it too": (
                _inside_only
            ),
            "this is the fraction for A alone: add the one for B": lambda weights, side: float(
                weights[side][:, ~side].sum() / weights[side].sum()
            ),
            "this is the fraction for B alone: add the one for A": lambda weights, side: float(
                weights[side][:, ~side].sum() / weights[~side].sum()
            ),
            "both fractions are there, but multiplied: add them": lambda weights, side: float(
                weights[side][:, ~side].sum() ** 2 / weights[side].sum() / weights[~side].sum()
            ),
            "the cut is divided by the ties of all nodes: each side has its own": (
                lambda weights, side: float(2 * weights[side][:, ~side].sum() / weights.sum())
            ),
            "the cut is counted from A to B and from B to A: each tie counts once": (
                lambda weights, side: 2 * ncut(weights, side)
            ),
            "the cut is divided by the number of nodes, which is the ratio cut: divide it by the "
            "sum of the ties": _by_nodes,
        },
    ),
)

QUESTIONS = (
    Question(
        "01-white-things",
        "In a portrait of an astronaut, the wall behind her, the stripes of a flag and a space "
        "shuttle are nearly white. k-means makes six groups of pixels by their colour alone. What "
        "does it do with the white things?",
        (
            Option(
                "it makes a group of each",
                "k-means does not know where a pixel lies or what it belongs to. It gets its "
                "colour only.",
            ),
            Option(
                "it puts them into the same group or two, in many pieces",
                "Pixels of one colour are one group, wherever they are. k-means does not look for "
                "objects.",
                right=True,
            ),
            Option(
                "it puts the wall into one group and the things into another",
                "For that it must know that a wall lies behind things. A colour does not say so.",
            ),
        ),
    ),
    Question(
        "01-all-pairs",
        "A method compares every node of a graph with every other. It used to run on the pixels of "
        "a picture of 256 × 256, and now runs on 200 superpixels. How many times fewer comparisons "
        "does it make?",
        (
            Option(
                "about 330 times fewer",
                "There are about 330 times fewer nodes. But the number of pairs grows with the "
                "square.",
            ),
            Option(
                "about 100,000 times fewer",
                "65,536 / 200 is about 330, and the number of pairs grows with the square.",
                right=True,
            ),
            Option(
                "as many: every pixel still has to be looked at",
                "Only once, to make the superpixels. After that, 200 nodes are compared.",
            ),
        ),
        after=True,
    ),
)
