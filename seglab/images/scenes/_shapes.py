"""The shapes: signed distance, negative inside, of a shape that fits into the unit circle.

`slim`, 0 to 1, narrows what has a width.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from seglab.images.scenes._planes import Plane, clip, full, length, positive

CLASSES = ("background", "disc", "ring", "square", "triangle", "star", "cross")


def _disc(x: Plane, y: Plane, slim: Any) -> Plane:
    return np.sqrt(x * x + y * y) - 0.85


def _ring(x: Plane, y: Plane, slim: Any) -> Plane:
    half = 0.25 - 0.05 * slim
    middle, half = np.asarray(0.95 - half, x.dtype), np.asarray(half, x.dtype)
    return np.abs(np.sqrt(x * x + y * y) - middle) - half


def _square(x: Plane, y: Plane, slim: Any) -> Plane:
    return _corner(np.abs(x) - 0.65, np.abs(y) - 0.65) - 0.05  # its corners a little round


def _triangle(x: Plane, y: Plane, slim: Any) -> Plane:
    return _star_polygon(x, y, 3, 0.5)


def _star(x: Plane, y: Plane, slim: Any) -> Plane:
    return _star_polygon(x, y, 5, 0.5)


def _cross(x: Plane, y: Plane, slim: Any) -> Plane:
    half = np.asarray(0.30 - 0.07 * slim, x.dtype)
    x, y = np.abs(x), np.abs(y)
    return _corner(np.maximum(x, y) - 0.93, np.minimum(x, y) - half)


def _corner(right: Plane, up: Plane) -> Plane:
    """The distance from a right-angled corner that fills right < 0, up < 0."""
    x, y, most = positive(right), positive(up), np.maximum(right, up)
    return np.sqrt(x * x + y * y) + np.minimum(most, full(0, most))


def _star_polygon(x: Plane, y: Plane, points: int, inner: float) -> Plane:
    """A star: tips at radius 1, valleys at the inner radius. With inner = cos(pi / n), a polygon.

    Mirroring folds the plane into the sector from a tip to the next valley, where the contour is
    one straight line.
    """
    y, span = np.abs(y), points
    while span > 1:  # the sector reaches from 0 to span * pi / points
        span = (span + 1) // 2
        c, s = math.cos(span * math.pi / points), math.sin(span * math.pi / points)
        beyond = y * (2 * c)
        shift = x * (2 * s)
        beyond -= shift
        positive(beyond, out=beyond)
        x = np.add(x, np.multiply(beyond, s, out=shift), out=shift)
        beyond *= c
        y -= beyond
    angle = math.pi / points
    u, v = (inner * math.cos(angle) - 1, inner * math.sin(angle))  # from the tip to the valley
    square = u * u + v * v
    x = x - 1
    along = x * (u / square)
    along += y * (v / square)
    along = clip(along, 1)
    right, up = x - along * u, y - np.multiply(along, v, out=along)
    x *= v
    x -= np.multiply(y, u, out=y)
    return np.copysign(length(right, up), x)


SHAPES: tuple[Callable[[Plane, Plane, Any], Plane], ...] = (
    _disc,
    _ring,
    _square,
    _triangle,
    _star,
    _cross,
)

# How far each shape reaches from its middle, at most
EXTENTS = (0.85, 0.95, 0.97, 1.0, 1.0, 0.98)


def distance(kind: int, y: Plane, x: Plane, c: Any, s: Any, radius: Any, slim: Any) -> Plane:
    """The distance of points (y, x) from a shape, turned by (c, s) = (cos, sin) / radius."""
    return SHAPES[kind - 1](x * c + y * s, y * c - x * s, slim) * radius


@cache
def contour(kind: int, points: int = 40) -> tuple[Plane, Plane]:
    """The unit shape's outermost points in evenly spaced directions: where its distance is 0."""
    angle = np.arange(points, dtype=np.float32) * (2 * math.pi / points)
    y, x = np.sin(angle), np.cos(angle)
    # From within the hole of a ring, the first zero would be the inner contour.
    near = np.full(points, 0.7 if CLASSES[kind] == "ring" else 0, np.float32)
    far = np.full(points, 1.5, np.float32)
    for _ in range(20):
        middle = (near + far) / 2
        outside = SHAPES[kind - 1](middle * x, middle * y, 0) > 0
        near, far = np.where(outside, near, middle), np.where(outside, middle, far)
    return far * y, far * x
