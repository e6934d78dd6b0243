"""The objects' colours: drawn without regard to the class, so that only the shape tells it."""

import math
from functools import cache

import numpy as np

from seglab.images.scenes.ground import COLOURS
from seglab.images.scenes.planes import Codes, Plane
from seglab.images.scenes.things import Thing


def of_objects(
    random: np.random.Generator, placed: list[Thing], difficulty: float, ground: Codes
) -> Plane:
    """A colour [n, 3, 1, 1] for each object, the harder, the nearer to that of the ground below.

    They go together: a few hues, spaced evenly around the circle.
    """
    height, width = ground.shape
    rows = [min(int(thing.y), height - 1) for thing in placed]
    columns = [min(int(thing.x), width - 1) for thing in placed]
    below = np.array(COLOURS, np.float32)[ground[rows, columns]]
    hues = random.random() + np.array([0, 1 / 12, 1 / 2, 2 / 3])
    pick, turn, lightness, chroma, hide = random.random((5, len(placed)))
    hue = hues[(pick * len(hues)).astype(int)] + 0.05 * (turn - 0.5)
    table = _colours()
    places = [
        (share * n).astype(int)
        for share, n in zip((lightness, chroma), table.shape[1:3], strict=True)
    ]
    bright = table[(hue * len(table)).astype(int) % len(table), places[0], places[1]]
    mixed = bright + (below - bright) * (0.6 * difficulty * hide[:, None]).astype(np.float32)
    return mixed[:, :, None, None]


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
