"""Pixels of objects, computed for many scenes in common."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seglab.images.scenes import _shapes as shapes
from seglab.images.scenes._light import Light
from seglab.images.scenes._objects import SceneObject
from seglab.images.scenes._planes import Plane, clip

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


def cut_out(objects: list[tuple[SceneObject, Light]]) -> list[CutOut]:
    """All objects' pixels: those of one kind and about one size in one go."""
    cut: dict[int, CutOut] = {}
    reach = [_reach(*item) for item in objects]
    alike: dict[int, list[int]] = {}
    for i in sorted(range(len(objects)), key=reach.__getitem__):
        alike.setdefault(objects[i][0].kind, []).append(i)
    for kind, left in alike.items():
        while left:
            side = 2 * reach[left[-1]] + 1
            count = max(1, _CHUNK // side**2)
            chunk, left = left[-count:], left[:-count]
            planes = _planes(kind, [objects[i] for i in chunk], [reach[i] for i in chunk])
            cut.update(zip(chunk, planes, strict=True))
    return [cut[i] for i in range(len(objects))]


def _reach(item: SceneObject, light: Light) -> int:
    """Pixels from the object's middle to the end of its shadow."""
    return math.ceil(_extent(item) + light.soft) + 1


def _extent(item: SceneObject) -> float:
    return shapes.EXTENTS[item.kind - 1] * item.radius


def _planes(
    kind: int, objects: list[tuple[SceneObject, Light]], reach: list[int]
) -> Iterator[CutOut]:
    half = reach[-1]
    table = [
        (
            item.y % 1,
            item.x % 1,
            math.cos(item.angle) / item.radius,
            math.sin(item.angle) / item.radius,
            item.radius,
            item.slim,
            0.2 * light.up / item.radius,
            0.2 * light.aside / item.radius,
            -light.dark / (2 * light.soft),
            light.dark,
        )
        for item, light in objects
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
    for i, (item, _) in enumerate(objects):
        inner, outer = half - math.ceil(_extent(item)) - 1, half - reach[i]
        core = slice(inner, 2 * half + 1 - inner)
        around = slice(outer, 2 * half + 1 - outer)
        yield CutOut(cover[i, core], solid[i, core], surface[i, core], shadow[i, around])
