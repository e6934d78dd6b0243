"""Features by which pixels are compared and grouped: colour, texture and place.

All three are on the scale of L*, from 0 to about 100, so that their weights can be read side by
side. They follow the image's device and dtype.
"""

import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from seglab.ops._floats import unhalved
from seglab.ops.borders import mirror_indices, mirrored
from seglab.types import Image

WAVELENGTHS = (4.0, 8.0)  # pixels
ORIENTATIONS = 4

# sRGB (IEC 61966-2-1) to XYZ, divided by the white point D65, whose rows thus add up to 1.
_TO_XYZ = (
    (0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047),
    (0.212671, 0.715160, 0.072169),
    (0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883),
)


class Features(NamedTuple):
    """Colour [B, 3, H, W], texture [B, 8, H, W] and place [B, 2, H, W] of every pixel."""

    colour: Tensor
    texture: Tensor
    place: Tensor

    def weighted(self, colour: float = 1, texture: float = 0, place: float = 0) -> Tensor:
        """The three side by side, each times its weight, [B, C, H, W].

        A weight of 0 leaves its channels out. With all three at 0 one channel of zeros is left,
        in which all pixels are alike. Raises ValueError for a negative weight.
        """
        weights = {"colour": colour, "texture": texture, "place": place}
        for name, weight in weights.items():
            if not isinstance(weight, int | float) or not 0 <= weight < math.inf:
                raise ValueError(f"{name}={weight!r} is no weight; use a number from 0")
        parts = [
            part * weight for part, weight in zip(self, weights.values(), strict=True) if weight
        ]
        return torch.cat(parts, 1) if parts else torch.zeros_like(self.place[:, :1])


def measure(image: Image) -> Features:
    """All three features of an image. Raises TypeError or ValueError for what is no image."""
    return Features(cielab(image), gabor(image), position(image))


def cielab(image: Image, exact: bool = False) -> Tensor:
    """CIE 1976 L*a*b* of an sRGB image under D65, [B, 3, H, W]; L from 0 to 100.

    The distance of two colours here is roughly how different they look. exact: in 64 bits between
    the image and the answer (on the CPU, where every device has them), so that equal colours have
    equal distances. Raises TypeError or ValueError for what is no image.
    """
    _check(image)
    rgb = image.cpu().double() if exact else image
    linear = torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    ratio = torch.einsum("xc,bchw->bxhw", rgb.new_tensor(_TO_XYZ), linear)
    small = 7.787 * ratio + 16 / 116
    x, y, z = torch.where(ratio > 0.008856, ratio.clamp(min=0) ** (1 / 3), small).unbind(1)
    return torch.stack((116 * y - 16, 500 * (x - y), 200 * (y - z)), 1).to(image)


def gabor(image: Image) -> Tensor:
    """Texture: the amplitude of L* around each pixel, by wavelength and orientation, [B, 8, H, W].

    A Gabor filter is a wave under a Gaussian window. Each value is the amplitude of the wave that
    one filter finds, averaged over a wavelength, times 2: A. K. Jain and F. Farrokhnia,
    "Unsupervised texture segmentation using Gabor filters", 1991. Order: the 4 orientations of
    wavelength 4, then those of 8; orientation 0 varies along a row.
    """
    light = cielab(image)[:, :1]
    bands = [
        _smooth(2 * _amplitude(light, wavelength), wavelength / 2) for wavelength in WAVELENGTHS
    ]
    return torch.cat(bands, 1)


def position(image: Image) -> Tensor:
    """Row and column, [B, 2, H, W], in hundredths of the longer side."""
    _check(image)
    batch, _, height, width = image.shape
    scale = 100 / max(height, width)
    exact = torch.promote_types(image.dtype, torch.float32)  # in half precision 301 is 300
    rows = torch.arange(height, device=image.device, dtype=exact) * scale
    columns = torch.arange(width, device=image.device, dtype=exact) * scale
    grid = torch.stack(torch.meshgrid(rows, columns, indexing="ij")).to(image.dtype)
    return grid.expand(batch, -1, -1, -1)


def _amplitude(light: Tensor, wavelength: float) -> Tensor:
    """The amplitude of waves of this length in each orientation, [B, 1, H, W] to [B, 4, H, W]."""
    height, width = light.shape[2:]
    sigma = 0.56 * wavelength  # a bandwidth of one octave
    around = 16  # more than 3 sigma; and 256 + 2 * 16 is a length that the transform is fast at
    # Filters have no answer to a constant but a rounded one: take the mean away before.
    exact = unhalved(light)
    exact = exact - exact.mean((2, 3), keepdim=True)
    wide = mirrored(exact, (around, around), (around, around), repeat_edge=True)
    v = torch.fft.fftfreq(wide.shape[2], dtype=wide.dtype, device=wide.device)[:, None]
    u = torch.fft.fftfreq(wide.shape[3], dtype=wide.dtype, device=wide.device)
    bank = []
    for orientation in range(ORIENTATIONS):
        angle = math.pi * orientation / ORIENTATIONS
        off = (u - math.cos(angle) / wavelength) ** 2 + (v - math.sin(angle) / wavelength) ** 2
        bank.append(torch.exp(-2 * (math.pi * sigma) ** 2 * off))
    # A wave of amplitude A is A/2 forwards and A/2 backwards; a filter hears one of the two.
    heard = 2 * torch.fft.ifft2(torch.fft.fft2(wide) * torch.stack(bank)).abs()
    return heard[..., around : around + height, around : around + width].to(light.dtype)


def _smooth(values: Tensor, sigma: float) -> Tensor:
    """Averages under a Gaussian, border mirrored, [B, C, H, W]."""
    given, values = values.dtype, unhalved(values)
    around = math.ceil(3 * sigma)
    at = torch.arange(-around, around + 1, device=values.device, dtype=values.dtype)
    kernel = torch.exp(-0.5 * (at / sigma) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, -1, 1)
    for axis in (2, 3):
        length = values.shape[axis]
        index = mirror_indices(length, around, around, values.device, repeat_edge=True)
        wide = values.index_select(axis, index)
        planes = wide.flatten(0, 1)[:, None]
        planes = F.conv2d(planes, kernel if axis == 2 else kernel.mT)
        values = planes[:, 0].unflatten(0, values.shape[:2])
    return values.to(given)


def _check(image: Image) -> None:
    if not isinstance(image, Tensor):
        raise TypeError(f"image is a {type(image).__name__}; give a float tensor [B, 3, H, W]")
    if image.ndim != 4 or image.shape[1] != 3 or 0 in image.shape:
        raise ValueError(
            f"image has shape {list(image.shape)}; give [B, 3, H, W] with at least one pixel "
            f"(a grey picture three times: image.expand(-1, 3, -1, -1))"
        )
    if not image.is_floating_point():
        raise TypeError(f"image is {image.dtype}; give floats from 0 to 1, image.float() / 255")
    if not bool(image.isfinite().all()):
        raise ValueError("image holds NaN or infinity; give floats from 0 to 1, nan_to_num(image)")
