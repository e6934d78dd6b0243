"""Floats that a device has."""

import torch
from torch import Tensor


def unhalved(x: Tensor) -> Tensor:
    """Floats of 32 bits at least: in half precision a sum stops to grow, or has no end."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def share(part: Tensor, whole: Tensor) -> Tensor:
    """Quotient of two counts, rounded once: as float32, 2**24 and one more are the same count."""
    if part.is_floating_point():
        return part / whole
    return (part.to(widest(part)) / whole).to(torch.get_default_dtype())


def widest(x: Tensor) -> torch.dtype:
    """Most exact floats where x lies: float64, or float32 on Apple's GPU."""
    return torch.float32 if x.device.type == "mps" else torch.float64
