"""Floats that a device has."""

import torch
from torch import Tensor


def widest(x: Tensor) -> torch.dtype:
    """Most exact floats where x lies: float64, or float32 on Apple's GPU."""
    return torch.float32 if x.device.type == "mps" else torch.float64
