"""The light on a scene: where it comes from, how it falls off, and what the camera adds."""

import math
from functools import lru_cache

import numpy as np

from seglab.images.scenes._planes import Plane, scale
from seglab.types import Size


class Light:
    """The direction of the light, and the shape of the shadows."""

    def __init__(self, random: np.random.Generator, size: Size) -> None:
        unit = scale(size)
        angle, length, soft, dark = random.random(4).tolist()
        angle = math.pi * (1.15 + 0.7 * angle)  # from the upper half of the picture
        self.up, self.aside = math.sin(angle), math.cos(angle)
        length = (2.5 + 2.5 * length) * unit
        self.down, self.right = round(-self.up * length), round(-self.aside * length)
        self.soft = (2 + 2 * soft) * unit
        self.dark = math.sqrt(0.35 + 0.2 * dark)


def expose(
    random: np.random.Generator, difficulty: float, lit: Plane, light: Light, image: Plane
) -> None:
    """To what is drawn, add shadows, light that falls off across it, and the camera's noise."""
    fall, grain = random.random(2).tolist()
    fall, grain = fall * (0.2 + 0.5 * difficulty), grain * (0.05 * difficulty)
    y, x = _across(lit.shape)
    bright = (1 + y * (fall * light.up)) + x * (fall * light.aside)
    bright *= lit
    # The sum of two random half bytes, 0 to 30: triangular, of deviation 6.5; quickly drawn.
    noise = random.bit_generator.random_raw(image.size // 8 + 1).view(np.uint8)[: image.size]
    high = noise >> 4
    noise &= 15
    noise += high
    deviation = (grain + 0.005) / 6.5
    for plane, grains in zip(image, noise.reshape(image.shape), strict=True):
        plane *= bright
        np.copyto(lit, grains)
        lit *= deviation
        plane += lit
        plane -= 15 * deviation
        plane.clip(0, 1, out=plane)


@lru_cache(maxsize=1)
def _across(size: tuple[int, ...]) -> tuple[Plane, Plane]:
    """Each pixel's place (y, x) along a side, -0.5 to 0.5, in whole planes."""
    y, x = (np.arange(length, dtype=np.float32) / length - 0.5 for length in size)
    return np.repeat(y[:, None], size[1], 1), np.repeat(x[None], size[0], 0)
