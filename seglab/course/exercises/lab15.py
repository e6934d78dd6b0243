"""Lab 15, finding instances: peaks of a heatmap, pixels to centers, and boxes that say the same."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.course.declarations import Exercise, Option, Question


def _heat(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    shape = (2 + i // 3, 3 + i // 2)
    # All values differ, so that there is no flat top.
    values = (random.permutation(int(np.prod(shape))) + 1.0) / np.prod(shape)
    return {
        "heatmap": torch.from_numpy(values).float().view(shape),
        "threshold": (0.5, 0.7, 0.9)[i % 3],
    }


def peaks(heatmap: Tensor, threshold: float) -> Tensor:
    """True where the value is above the threshold and the highest of the 3 x 3 around it."""
    highest = F.max_pool2d(heatmap[None], 3, 1, 1)[0]
    return (heatmap == highest) & (heatmap > threshold)


def _four_neighbours(heatmap: Tensor, threshold: float) -> Tensor:
    x = heatmap[None]
    highest = torch.maximum(F.max_pool2d(x, (3, 1), 1, (1, 0)), F.max_pool2d(x, (1, 3), 1, (0, 1)))[
        0
    ]
    return (heatmap == highest) & (heatmap > threshold)


def _no_border(heatmap: Tensor, threshold: float) -> Tensor:
    inner = torch.zeros_like(heatmap, dtype=torch.bool)
    inner[1:-1, 1:-1] = True
    return peaks(heatmap, threshold) & inner


def _pointing(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    height, width = 3 + i // 3, 4 + i // 2
    count = 1 + i // 4
    centers = torch.from_numpy(random.random((count, 2))) * torch.tensor([height - 1, width - 1])
    offsets = torch.from_numpy(random.normal(size=(2, height, width))) * (1 + i / 8)
    return {"offsets": offsets.float(), "centers": centers.float()}


def assign(offsets: Tensor, centers: Tensor) -> Tensor:
    """For each pixel, the index of the center nearest to where its offset leads."""
    height, width = offsets.shape[1:]
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    goal = torch.stack([offsets[0] + rows, offsets[1] + columns], -1)
    return (goal[:, :, None] - centers).square().sum(-1).argmin(-1)


def _staying(offsets: Tensor, centers: Tensor) -> Tensor:
    return assign(torch.zeros_like(offsets), centers)


def _not_from_here(offsets: Tensor, centers: Tensor) -> Tensor:
    return (offsets.permute(1, 2, 0)[:, :, None] - centers).square().sum(-1).argmin(-1)


def _boxes(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    count = 2 + i // 2
    corner = random.random((count, 2)) * 12
    # A row of boxes that each overlap with the next: who is dropped can no longer drop another.
    corner[: 1 + count // 2] = np.arange(1 + count // 2)[:, None] * 1.5 + random.random()
    size = 6 + random.random((count, 2)) * 2
    boxes = torch.from_numpy(np.concatenate([corner, corner + size], 1)).float()
    scores = torch.from_numpy((random.permutation(count) + 1) / (count + 1)).float()
    return {"boxes": boxes, "scores": scores, "most": (0.3, 0.5, 0.4)[i % 3]}


def nms(boxes: Tensor, scores: Tensor, most: float) -> Tensor:
    """True for the boxes that stay: from the best on, each drops those too much like it."""
    return _nms(boxes, scores, most)


def _nms(
    boxes: Tensor, scores: Tensor, most: float, order: Tensor | None = None, dropped: bool = False
) -> Tensor:
    keep = torch.ones(len(boxes), dtype=torch.bool)
    order = scores.argsort(descending=True) if order is None else order
    for place, best in enumerate(order.tolist()):
        if not (keep[best] or dropped):
            continue
        rest = order[place + 1 :]
        keep[rest[_iou(boxes[best], boxes[rest]) > most]] = False
    return keep


def _iou(box: Tensor, others: Tensor) -> Tensor:
    sides = torch.minimum(box[2:], others[:, 2:]) - torch.maximum(box[:2], others[:, :2])
    both = sides.clamp(min=0).prod(1)
    area = (box[2:] - box[:2]).prod()
    return both / (area + (others[:, 2:] - others[:, :2]).prod(1) - both)


def _over_own_area(boxes: Tensor, scores: Tensor, most: float) -> Tensor:
    keep = torch.ones(len(boxes), dtype=torch.bool)
    order = scores.argsort(descending=True)
    for place, best in enumerate(order.tolist()):
        if keep[best]:
            rest = order[place + 1 :]
            iou = _iou(boxes[best], boxes[rest])
            area, own = (
                (boxes[best, 2:] - boxes[best, :2]).prod(),
                boxes[rest, 2:] - boxes[rest, :2],
            )
            both = iou * (area + own.prod(1)) / (1 + iou)
            keep[rest[both / own.prod(1) > most]] = False
    return keep


def _by_score(boxes: Tensor, scores: Tensor, most: float) -> Tensor:
    """The numbers of the boxes that stay, the best first, as torchvision gives them."""
    order = scores.argsort(descending=True)
    return order[nms(boxes, scores, most)[order]]


EXERCISES = (
    Exercise(
        "peaks",
        _heat,
        peaks,
        {
            "every value above the threshold is true: only the highest of its 3 × 3 is a peak": (
                lambda heatmap, threshold: heatmap > threshold
            ),
            "low peaks are true as well: the threshold is not used": (
                lambda heatmap, threshold: peaks(heatmap, -1.0)
            ),
            "only neighbours above, below, left and right are looked at: in the 3 × 3 around a "
            "pixel there are eight": _four_neighbours,
            "no pixel at the border is true: a peak may stand there, with fewer neighbours": (
                _no_border
            ),
            "only the highest of all is true: each object has a peak of its own": (
                lambda heatmap, threshold: (heatmap == heatmap.max()) & (heatmap > threshold)
            ),
        },
    ),
    Exercise(
        "assign",
        _pointing,
        assign,
        {
            "the offsets are not used: every pixel goes to the center that it lies nearest to": (
                _staying
            ),
            "the offsets are subtracted: they lead from the pixel to the center": (
                lambda offsets, centers: assign(-offsets, centers)
            ),
            "rows and columns are exchanged in the offsets: offsets[0] goes down": (
                lambda offsets, centers: assign(offsets.flip(0), centers)
            ),
            "the offsets are used as positions: an offset begins at its pixel, so add them": (
                _not_from_here
            ),
            "the numbers begin at 1: an index begins at 0": (
                lambda offsets, centers: assign(offsets, centers) + 1
            ),
        },
    ),
    Exercise(
        "nms",
        _boxes,
        nms,
        {
            "the boxes are taken in the order of the list: take the best score first": (
                lambda boxes, scores, most: _nms(boxes, scores, most, torch.arange(len(boxes)))
            ),
            "a box that was dropped still drops others: it is gone, and has no effect": (
                lambda boxes, scores, most: _nms(boxes, scores, most, dropped=True)
            ),
            "the worst score comes first: the best box must stay": (
                lambda boxes, scores, most: _nms(boxes, scores, most, scores.argsort())
            ),
            "the shared area is taken as a share of one box: in an IoU it is a share of both "
            "together": _over_own_area,
            "these are the numbers of the boxes that stay, the best first, as torchvision gives "
            "them. Return true or false for each box": _by_score,
            "these are the numbers of the boxes that stay: return true or false for each box": (
                lambda boxes, scores, most: nms(boxes, scores, most).nonzero().flatten()
            ),
            "these are the boxes that stay: return true or false for each box": (
                lambda boxes, scores, most: boxes[nms(boxes, scores, most)]
            ),
            "true and false are exchanged: true is what stays": (
                lambda boxes, scores, most: ~nms(boxes, scores, most)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "15-what-comes-first",
        "Mask R-CNN answers with boxes, classes and masks. What does it compute first?",
        (
            Option(
                "a class for every pixel",
                "It never does that: it gives a class to a whole region, once there is one.",
            ),
            Option(
                "a heatmap: how likely an object is at each place",
                "Its first part, the region proposal network, is fully convolutional: for each "
                "place of the feature map a score, and the way to the box.",
                right=True,
            ),
            Option(
                "the masks, and boxes around them",
                "The other way round: a mask is predicted inside a box.",
            ),
            Option(
                "crops of the picture, which a classifier goes through",
                "That was R-CNN in 2014, with some 2000 crops a picture. Since 2015 the regions "
                "are cropped from one feature map.",
            ),
        ),
    ),
    Question(
        "15-lost-center",
        "Centers and offsets: two discs touch, and you raise the threshold until one of the two "
        "centers is gone. What becomes of its pixels?",
        (
            Option(
                "they are background now",
                "The class scores say what is background, and they have not changed.",
            ),
            Option(
                "they go to the center of the other disc",
                "Every pixel of an object takes the nearest center that is left, however far "
                "away. A lost center is a merged object.",
                right=True,
            ),
            Option(
                "they are an object without a center",
                "Objects are made from centers: without a center there is no object to belong to.",
            ),
        ),
        after=True,
    ),
    Question(
        "15-two-scores",
        "In the lab's first scene the best object of the center net has a score below 0.6, and the "
        "best one of Mask R-CNN a score above 0.99. What follows?",
        (
            Option(
                "Mask R-CNN is the better net here",
                "On 300 scenes the center net has the higher average precision. The height of a "
                "score says how sure a net is, and not whether it is right.",
            ),
            Option(
                "each of the two nets needs a threshold of its own",
                "With 0.3 the center net finds all objects of this scene, and Mask R-CNN still has "
                "false ones. With 0.7 the center net finds none.",
                right=True,
            ),
            Option(
                "the center net has found nothing for sure, so its objects should be dropped",
                "It finds all eight objects, and no false one, with a threshold of 0.3.",
            ),
        ),
        after=True,
    ),
)
