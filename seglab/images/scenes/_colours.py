"""The objects' colours: drawn without regard to the class, so that only the shape tells it."""

import math
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from seglab.images.scenes._planes import Plane

_HUES = np.array([0, 1 / 12, 1 / 2, 2 / 3])  # a scene's, from its first one around the circle


class Material(NamedTuple):
    """Colours of objects [n, 3], and the share of the ground that shows through [n, 1]."""

    colour: Plane
    transparency: Plane

    def on(self, below: Plane) -> Plane:
        """The colours [n, 3] on ground of these colours."""
        return self.colour + (below - self.colour) * self.transparency


def materials(
    randoms: Sequence[np.random.Generator], counts: Sequence[int], difficulty: float
) -> list[Material]:
    """Material for the objects of each scene; more difficult is more transparent.

    Those of a scene go together: they have a few hues, spaced evenly around the circle.
    """
    drawn = [
        (random.random(), random.random((5, count)))
        for random, count in zip(randoms, counts, strict=True)
    ]
    first = np.repeat([start for start, _ in drawn], counts)
    pick, turn, lightness, chroma, hidden = np.concatenate([numbers for _, numbers in drawn], 1)
    hue = first + _HUES[(pick * len(_HUES)).astype(int)] + 0.05 * (turn - 0.5)
    table = _colours()
    places = [
        (share * n).astype(int)
        for share, n in zip((lightness, chroma), table.shape[1:3], strict=True)
    ]
    colour = table[(hue * len(table)).astype(int) % len(table), places[0], places[1]]
    transparency = (0.6 * difficulty * hidden[:, None]).astype(np.float32)
    ends = np.cumsum(counts)
    return [
        Material(colour[end - count : end], transparency[end - count : end])
        for count, end in zip(counts, ends.tolist(), strict=True)
    ]


@cache
def _colours(hues: int = 72, lightnesses: int = 8, chromas: int = 4) -> Plane:
    """Colours [hue, lightness, chroma, 3] in 0..1, none of them dark or glaring.

    From OKLCH, where equal lightness looks equally light (Ottosson 2020, "A perceptual color
    space for image processing").
    """
    hue, lightness, chroma = np.meshgrid(
        np.arange(hues) * (2 * math.pi / hues),
        np.linspace(0.58, 0.92, lightnesses),
        np.linspace(0.05, 0.15, chromas),
        indexing="ij",
    )
    a, b = chroma * np.cos(hue), chroma * np.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        (
            4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
        ),
        -1,
    ).clip(0, 1)
    display = np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear)
    return display.astype(np.float32)
