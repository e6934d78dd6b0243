"""Objects cut out of paper: their pixels, worked out for many scenes in common."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seglab.images.scenes import shapes
from seglab.images.scenes.light import Light
from seglab.images.scenes.planes import Plane, clip
from seglab.images.scenes.things import Thing

_CHUNK = 20_000  # pixels at once: about what stays in a core's cache


@dataclass
class CutOut:
    """Pixels around an object: how far it covers them, its brightness, its shadow's share.

    As wide as those computed with it: rows that lie side by side in memory are drawn faster.
    """

    cover: Plane
    solid: Plane  # bool: where it covers half of the pixel or more
    surface: Plane
    shadow: Plane  # taller


def cut_out(things: list[tuple[Thing, Light]]) -> list[CutOut]:
    """All objects' pixels: those of one kind and about one size in one go."""
    cut: dict[int, CutOut] = {}
    reach = [_reach(*thing) for thing in things]
    alike: dict[int, list[int]] = {}
    for i in sorted(range(len(things)), key=reach.__getitem__):
        alike.setdefault(things[i][0].kind, []).append(i)
    for kind, left in alike.items():
        while left:
            side = 2 * reach[left[-1]] + 1
            count = max(1, _CHUNK // side**2)
            chunk, left = left[-count:], left[:-count]
            planes = _planes(kind, [things[i] for i in chunk], [reach[i] for i in chunk])
            cut.update(zip(chunk, planes, strict=True))
    return [cut[i] for i in range(len(things))]


def _reach(thing: Thing, light: Light) -> int:
    """Pixels from the one that holds the object's place to the end of its shadow."""
    return math.ceil(_extent(thing) + light.soft) + 1


def _extent(thing: Thing) -> float:
    return shapes.EXTENTS[thing.kind - 1] * thing.radius


def _planes(kind: int, things: list[tuple[Thing, Light]], reach: list[int]) -> Iterator[CutOut]:
    half = reach[-1]
    table = [
        (
            thing.y % 1,
            thing.x % 1,
            math.cos(thing.angle) / thing.radius,
            math.sin(thing.angle) / thing.radius,
            thing.radius,
            thing.slim,
            0.2 * light.up / thing.radius,
            0.2 * light.aside / thing.radius,
            -light.dark / (2 * light.soft),
            light.dark,
        )
        for thing, light in things
    ]
    columns = np.array(table, np.float32).T[:, :, None, None]
    y, x, c, s, radius, slim, up, aside, slope, dark = columns
    grid = np.arange(-half, half + 1, dtype=np.float32) + 0.5
    y, x = grid[:, None] - y, grid - x
    distance = shapes.distance(kind, y, x, c, s, radius, slim)
    cover = clip(0.5 - distance, 1)
    solid = cover >= 0.5
    # Lighter where it faces the light, as if it were bent a little.
    surface = (1 + y * up) + x * aside
    distance *= slope
    distance += dark / 2
    shadow = clip(distance, dark)
    shadow *= shadow
    np.subtract(1, shadow, out=shadow)
    for i, (thing, _) in enumerate(things):
        inner, outer = half - math.ceil(_extent(thing)) - 1, half - reach[i]
        core = slice(inner, 2 * half + 1 - inner)
        whole = slice(outer, 2 * half + 1 - outer)
        yield CutOut(cover[i, core], solid[i, core], surface[i, core], shadow[i, whole])
