"""The spectrum of a map as a pane, and how strong the least of it is that counts."""

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.draw import paint

FAINTEST = 1e-4  # below lies what rounding leaves


def strengths(values: Tensor) -> Tensor:
    """The strength of each frequency of [1, 1, H, W] as log10, 0 in the middle; 0 is that of 1."""
    strength = torch.fft.fft2(values[0, 0]).abs() / values[0, 0].numel()
    return torch.fft.fftshift(strength.clamp(min=FAINTEST).log10())


def along(line: Tensor) -> dict[float, float]:
    """Cycles per pixel -> strength, of a line."""
    strength = (torch.fft.rfft(line).abs() / len(line)).clamp(min=FAINTEST)
    return {i / len(line): float(value) for i, value in enumerate(strength)}


def pane(spectrum: Tensor) -> paint.Picture:
    """The spectrum with its border on all four sides: half a cycle to the left is one to the right.

    Of an odd number of pixels, no frequency lies at the border.
    """
    even = 1 - spectrum.shape[0] % 2
    both = F.pad(spectrum[None, None], (0, even, 0, even), mode="circular")
    picture = paint.scalar(both[0], low=-4, high=0, palette="magma")
    return picture.related(space="frequency")  # not a place of the other panes
