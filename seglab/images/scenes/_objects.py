"""An object in its place, and the distance at which it meets another one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from seglab.images.scenes import _shapes as shapes
from seglab.images.scenes._planes import Plane

_STEPS = np.linspace(1, 0.2, 17, dtype=np.float32)[:, None]  # from beside an object to inside it
_MOSTLY = 8  # steps, within which nearly all objects meet


@dataclass
class SceneObject:
    """An object in place: kind is an index into CLASSES; y, x and radius are in pixels."""

    kind: int
    y: float
    x: float
    radius: float
    angle: float
    slim: float


class Meeting(NamedTuple):
    """An object on its way towards an anchor, from the direction (dy, dx) of length 1."""

    new: SceneObject
    anchor: SceneObject
    dy: float
    dx: float


def contacts(meetings: Sequence[Meeting]) -> list[float]:
    """Distance from the anchor's center at which each new object meets it; anchors of one kind."""
    kinds = [new.kind for new, *_ in meetings]
    table = [
        (
            math.cos(new.angle) * new.radius,
            math.sin(new.angle) * new.radius,
            new.radius + anchor.radius,
            dy,
            dx,
            math.cos(anchor.angle) / anchor.radius,
            math.sin(anchor.angle) / anchor.radius,
            anchor.radius,
        )
        for new, anchor, dy, dx in meetings
    ]
    columns = np.array(table, np.float32).T[:, :, None, None]
    turn_c, turn_s, sum_, dy, dx, c, s, radius = columns
    contour = _contours()[kinds]
    y, x = contour[:, 0], contour[:, 1]
    y, x = x * turn_s + y * turn_c, x * turn_c - y * turn_s
    slim = np.array([anchor.slim for _, anchor, _, _ in meetings])[:, None, None]
    reach = _STEPS * sum_

    def gap(rows: slice) -> Plane:
        there = y + dy * reach[:, rows], x + dx * reach[:, rows]
        return shapes.distance(meetings[0].anchor.kind, *there, c, s, radius, slim).min(2)

    gaps = gap(slice(_MOSTLY))
    met = (gaps <= 0).argmax(1).tolist()
    if min(met) == 0:
        gaps = np.concatenate([gaps, gap(slice(_MOSTLY, None))], 1)
        met = (gaps <= 0).argmax(1).tolist()
    return [_first_zero(*row) for row in zip(reach[:, :, 0], gaps, met, strict=True)]


def _first_zero(reach: Plane, gap: Plane, met: int) -> float:
    """The distance at which the gap first is 0; it is not above 0 from step `met` on."""
    if met == 0:  # at once, or never (a thin anchor, missed): at half the way they do overlap
        return float(reach[0 if gap[0] <= 0 else len(reach) // 2])
    start, clear = reach[met - 1], gap[met - 1]
    return float(start + clear / (clear - gap[met]) * (reach[met] - start))


@cache
def _contours() -> Plane:
    """Points (y, x) on the outer contour of the unit shape of each kind: [kinds, 2, 1, points]."""
    known = [shapes.contour(kind) for kind in range(1, len(shapes.CLASSES))]
    return np.array([known[0], *known])[:, :, None]  # nothing is of kind 0
