"""Kinds of mistakes, pixel by pixel."""

import torch
from torch import Tensor

from seglab.ops import _validate
from seglab.ops.metrics._confusion import alike_labels
from seglab.types import NO_LABEL, Labels

VERDICTS = ("right", "wrong", "several classes", "labelled, truth unknown")
WINNERS = (
    "the same label",
    "only the first is right",
    "only the second is right",
    "both wrong, differently",
    "different, truth unknown",
)
ERRORS = ("background, right", "object, right", "false positive", "false negative", "wrong class")


def errors(labels: Labels, truth: Labels) -> Tensor:
    """Index into ERRORS of each pixel, int64 [B, H, W]; label 0 is the background.

    Raises ValueError for maps of two shapes.
    """
    labels, truth = alike_labels("labels", labels, truth)
    right = (truth > 0).long()
    wrong = torch.where(truth == 0, 2, torch.where(labels == 0, 3, 4))
    return torch.where(labels == truth, right, wrong)


def verdicts(labels: Labels, truth: Labels | None, several: int, ignore: int = NO_LABEL) -> Labels:
    """Index into VERDICTS of each pixel, int64 [B, H, W]; `ignore` stays `ignore`.

    truth: None where it is not known. several: the label that stands for two classes or more, as
    heatmap.decide gives it. Raises ValueError for maps of two shapes.
    """
    labels = _validate.whole(labels, "labels")
    if truth is None:
        verdict = torch.full_like(labels, 3)
    else:
        labels, truth = alike_labels("labels", labels, truth)
        verdict = (labels != truth).long()
    verdict = torch.where(labels == several, 2, verdict)
    return torch.where(labels == ignore, ignore, verdict)


def winners(labels: Labels, others: Labels, truth: Labels | None) -> Labels:
    """Index into WINNERS of each pixel of two label maps, int64 [B, H, W].

    truth: None where it is not known. Raises ValueError for maps of two shapes.
    """
    labels, others = alike_labels("labels", labels, others, "others")
    if truth is None:
        differs = torch.full_like(labels, 4)
    else:
        labels, truth = alike_labels("labels", labels, truth)
        differs = torch.where(labels == truth, 1, torch.where(others == truth, 2, 3))
    return torch.where(labels == others, 0, differs)
