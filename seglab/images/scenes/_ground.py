"""The ground: one to three photographed textures, each in its own light and colour."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from seglab.images import photos
from seglab.images.scenes._planes import Codes, Plane, clip

GROUNDS = ("brick", "grass", "gravel")
COLOURS = ((0.60, 0.43, 0.36), (0.40, 0.47, 0.27), (0.55, 0.53, 0.49))


class GroundLayer(NamedTuple):
    """A texture and random numbers, 0 to 1: its edge, colour, light, and the part that is seen."""

    kind: int  # index into GROUNDS
    tints: list[float]
    edge: list[float]
    bright: float
    part: list[float]


def layers(random: np.random.Generator) -> list[GroundLayer]:
    """One to three layers of ground, the lowest first."""
    drawn = random.random((3, 10)).tolist()
    kinds = sorted(range(3), key=lambda kind: drawn[kind][0])
    count = 1 + (drawn[0][1] < 0.75) + (drawn[1][1] < 0.25)
    return [
        GroundLayer(kind, own[2:5], own[5:9], own[9], part)
        for kind, own, part in zip(kinds, drawn, random.random((count, 3)).tolist(), strict=False)
    ]


def lay(
    ground_layers: Sequence[GroundLayer], difficulty: float, image: Plane, ground: Codes
) -> None:
    """Fill in the picture and which texture lies where: they meet along wavy lines."""
    side = min(ground.shape)
    y, x = _from_middle(ground.shape)
    for number, (kind, tints, (shift, angle, wave, phase), bright, part) in enumerate(
        ground_layers
    ):
        colour = [
            np.float32((usual + 0.06 * tint - 0.03) * (0.8 + 0.35 * bright))
            for usual, tint in zip(COLOURS[kind], tints, strict=True)
        ]
        texture = _texture(GROUNDS[kind], part, ground.shape, 0.14 + 0.1 * difficulty)
        if number == 0:
            kept = np.full(ground.shape, kind, np.uint8)
            for plane, shade in zip(image, colour, strict=True):
                np.multiply(texture, shade, out=plane)
            continue
        c, s = math.cos(2 * math.pi * angle), math.sin(2 * math.pi * angle)
        bend = x * s - y * c
        bend *= (4 + 6 * wave) / side
        bend += 6 * phase
        np.sin(bend, out=bend)
        bend *= 0.05 * side
        beyond = x * c + (y * s - 0.3 * shift * side)
        beyond += bend
        here = -(beyond >= 0).view(np.uint8)  # all bits or none; faster than a masked copy
        kept ^= (kept ^ np.uint8(kind)) & here
        beyond += 0.5
        beyond = clip(beyond, 1)
        for plane, shade in zip(image, colour, strict=True):
            np.multiply(texture, shade, out=bend)
            bend -= plane
            bend *= beyond
            plane += bend
    ground[:] = kept


@lru_cache(maxsize=1)
def _from_middle(size: tuple[int, ...]) -> tuple[Plane, Plane]:
    """Each pixel's place (y, x). In whole planes: numpy is half as fast where it must repeat."""
    y, x = (np.arange(length, dtype=np.float32) - (length - 1) / 2 for length in size)
    return np.repeat(y[:, None], size[1], 1), np.repeat(x[None], size[0], 0)


def _texture(name: str, part: list[float], size: tuple[int, ...], contrast: float) -> Plane:
    """A cut-out of the texture, of mean 1, mirrored where it ends."""
    down, aside, turn = part
    turned = turn < 0.5
    plane = _prepared(name, contrast, turned)
    for axis, (need, start) in enumerate(zip(size, (down, aside), strict=True)):
        have = plane.shape[axis]
        backwards = turned and axis == 1
        if need > have:
            steps = np.arange(need)[:: -1 if backwards else 1] % (2 * have)
            steps = np.minimum(steps, 2 * have - 1 - steps)
            plane = plane.take(have - 1 - steps if backwards else steps, axis)
            continue
        first = int(start * (have - need + 1))
        first = have - need - first if backwards else first
        plane = plane[first : first + need] if axis == 0 else plane[:, first : first + need]
    return np.ascontiguousarray(plane)


@lru_cache(maxsize=4 * len(GROUNDS))
def _prepared(name: str, contrast: float, turned: bool) -> Plane:
    """The whole texture, left and right exchanged if turned, of mean 1."""
    plane = _photo(name) * contrast + 1
    return np.ascontiguousarray(plane[:, ::-1]) if turned else plane


@lru_cache(maxsize=len(GROUNDS))
def _photo(name: str) -> Plane:
    plane = photos.original(name)[0].mean(0).cpu().numpy()
    # Half size: at the scenes' usual 128 pixels, a brick is a brick and no wall.
    plane = plane.reshape(plane.shape[0] // 2, 2, plane.shape[1] // 2, 2).mean((1, 3))
    return ((plane - plane.mean()) / plane.std()).astype(np.float32)
