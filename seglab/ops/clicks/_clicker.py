"""The simulated clicker by which interactive methods are compared: it clicks into the worst error.

Xu, Price, Cohen, Yang and Huang, "Deep interactive object selection", 2016.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.clicks._seeds import BACKGROUND, OBJECT, put
from seglab.stroke import Point
from seglab.types import NO_LABEL, Labels


class Click(NamedTuple):
    """A click at (row, column) and its label: 1 on the object, 0 on the background.

    depth: distance in pixels from the nearest pixel outside the error that was clicked into.
    """

    at: Point
    label: int
    depth: float


class Course(NamedTuple):
    """Clicks of a clicker, and the mask [1, H, W] and the IoU before the first and after each.

    seeds: the labelled pixels behind each mask.
    """

    clicks: tuple[Click, ...]
    seeds: tuple[Labels, ...]
    masks: tuple[Tensor, ...]
    ious: tuple[float, ...]


def next_click(mask: Tensor, truth: Tensor, labelled: Labels | None = None) -> Click | None:
    """The next click: the pixel that lies deepest inside the errors of a mask, bool [1, H, W].

    Depth is the distance from the nearest pixel outside the error region, which the picture's
    border bounds too; what is missed and what is too much are regions of their own. Of equal
    depths, what is missed comes first, then the first row. labelled: pixels that are not clicked
    again, int64 [1, H, W]. None where nothing is wrong that may be clicked.
    """
    from scipy.ndimage import distance_transform_edt

    for name, given in (("mask", mask), ("truth", truth)):
        _validate.masks(given, name, "[1, H, W]")
        _validate.one_picture(given, name)
    if mask.shape != truth.shape:
        raise ValueError(f"mask has shape {list(mask.shape)}, truth {list(truth.shape)}; use one")
    answer, true = mask[0].cpu().numpy(), truth[0].cpu().numpy()
    free = np.ones_like(true) if labelled is None else labelled[0].cpu().numpy() == NO_LABEL
    best: tuple[float, Click | None] = (0.0, None)
    for wrong, label in ((true & ~answer, OBJECT), (answer & ~true, BACKGROUND)):
        depth = distance_transform_edt(np.pad(wrong, 1))[1:-1, 1:-1] * free
        deepest = float(depth.max())
        if deepest > best[0]:
            row, column = np.unravel_index(depth.argmax(), depth.shape)
            best = deepest, Click((int(row), int(column)), label, deepest)
    return best[1]


def course(
    answer: Callable[[Labels], Tensor],
    truth: Tensor,
    count: int,
    labelled: Labels | None = None,
    radius: float = 3,
) -> Course:
    """The masks of `count` simulated clicks, one after the other; fewer where nothing is wrong.

    answer: labelled pixels int64 [1, H, W] -> mask bool [1, H, W]. truth: bool [1, H, W].
    labelled: what is labelled before the first click; nothing if not given. A click labels a disc
    of this radius, or a smaller one where the error is thinner: never a pixel that is not wrong.
    """
    blank = torch.full_like(truth, NO_LABEL, dtype=torch.long)
    now = blank if labelled is None else labelled
    mask = answer(now)
    clicks: list[Click] = []
    seeds, masks, ious = [now], [mask], [_iou(mask, truth)]
    for _ in range(count):
        click = next_click(mask, truth, now)
        if click is None:
            break
        now = put(now, click.at, click.label, min(radius, click.depth - 0.5))
        mask = answer(now)
        clicks.append(click)
        seeds.append(now)
        masks.append(mask)
        ious.append(_iou(mask, truth))
    return Course(tuple(clicks), tuple(seeds), tuple(masks), tuple(ious))


def number_of_clicks(ious: Sequence[float], goal: float, most: int = 20) -> int:
    """NoC: clicks until the IoU first reaches the goal; `most` where it never does.

    ious: before the first click and after each.
    """
    return next((n for n, iou in enumerate(ious[: most + 1]) if iou >= goal), most)


def _iou(mask: Tensor, truth: Tensor) -> float:
    union = int((mask | truth).sum())
    return int((mask & truth).sum()) / union if union else 1.0
