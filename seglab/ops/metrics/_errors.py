"""What kind of mistake each pixel is."""

import torch
from torch import Tensor

from seglab.ops.metrics._confusion import check_alike
from seglab.types import Labels

ERRORS = ("background, right", "object, right", "false positive", "false negative", "wrong class")


def errors(labels: Labels, truth: Labels) -> Tensor:
    """Which of ERRORS each pixel is, an index of int64 [B, H, W]; label 0 is the background.

    Raises ValueError for maps of two shapes.
    """
    check_alike("labels", labels, truth)
    right = (truth > 0).long()
    wrong = torch.where(truth == 0, 2, torch.where(labels == 0, 3, 4))
    return torch.where(labels == truth, right, wrong)
