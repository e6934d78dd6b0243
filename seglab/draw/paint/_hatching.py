"""Slanted lines, which stand for a place outside the picture."""

import torch
from torch import Tensor

_LINES, _GAPS = 120, 4  # lines and gaps over a side, and how many gaps to a line


def hatching(side: int, device: torch.device) -> Tensor:
    """A square of slanted grey lines, float [side, side], as the board draws outside a picture."""
    at = torch.arange(side, device=device)
    line = (at[:, None] + at) * _LINES // side % _GAPS == 0
    return torch.where(line, 0.74, 0.92)
