"""Pulls of a loss on the scores of each pixel, and the loss as the p of one pixel moves.

Both are counted in pixels: times the number of labelled pixels. Of the plain cross-entropy, a
pixel that is sure of the wrong class then pulls with 1, in a picture of any size.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from seglab.ops._floats import unhalved
from seglab.types import NO_LABEL, Labels, Scores

Loss = Callable[[Scores, Labels], Tensor]


def pull(loss: Loss, scores: Scores, labels: Labels, ignore: int = NO_LABEL) -> Tensor:
    """Direction in which a step against the gradient moves each score, [B, K, H, W].

    Minus the gradient of the loss, by autograd, times the number of labelled pixels. A softmax
    does not see a number that is added to all scores of a pixel, so a pixel's K pulls sum to 0.
    Raises what the loss raises.
    """
    with torch.enable_grad():
        leaf = unhalved(scores).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(leaf, labels), leaf)
    return -gradient * (labels != ignore).sum()


def shares(pull: Tensor, labels: Labels, classes: int) -> list[float]:
    """Share of each class's pixels in the sum of all pulls [H, W], whatever their direction."""
    strength = pull.abs()
    total = max(float(strength.sum()), 1e-12)
    return [float(strength[labels == label].sum()) / total for label in range(classes)]


def as_one_moves(
    loss: Loss,
    scores: Scores,
    labels: Labels,
    at: tuple[int, int],
    shares: Sequence[float],
    ignore: int = NO_LABEL,
) -> list[float]:
    """Loss for each probability of the own class at one pixel, while all others stay.

    at: (row, column) in the first picture. shares: probabilities between 0 and 1. Each value is
    the loss times the number of labelled pixels, less what it is when the pixel is sure and right.
    Of the plain cross-entropy that is -log p, of the focal loss -(1 - p)^gamma log p.
    Raises ValueError for a pixel without a class and a share out of range.
    """
    row, column = at
    own, count = int(labels[0, row, column]), int((labels != ignore).sum())
    if own == ignore:
        raise ValueError(f"at={at} has no class ({ignore}); choose a labelled pixel")
    if not all(0 < share < 1 for share in shares):
        raise ValueError(f"shares={list(shares)} must lie between 0 and 1, such as 0.5")
    moved = unhalved(scores).detach().clone()
    others = [k for k in range(scores.shape[1]) if k != own]
    level = moved[0, others, row, column].logsumexp(0)
    found = []
    for share in (*shares, None):
        margin = _SURE if share is None else math.log(share / (1 - share))
        moved[0, own, row, column] = level + margin
        found.append(float(loss(moved, labels)) * count)
    *values, right = found
    return [value - right for value in values]


_SURE = 30.0  # a margin whose probability is 1 in float32
