"""An object in its place, and where another one meets it."""

import math
from dataclasses import dataclass

import numpy as np

from seglab.images.scenes import shapes
from seglab.images.scenes.planes import Plane

_STEPS = np.linspace(1, 0.2, 17, dtype=np.float32)[:, None]  # from beside an object to inside it


@dataclass
class Thing:
    """An object in place: kind is an index into CLASSES; y, x and radius are in pixels."""

    kind: int
    y: float
    x: float
    radius: float
    angle: float
    slim: float

    def distance(self, y: Plane, x: Plane) -> Plane:
        """The signed distance, in pixels, of points (y, x) relative to the object's place."""
        c, s = math.cos(self.angle) / self.radius, math.sin(self.angle) / self.radius
        return shapes.distance(self.kind, y, x, c, s, self.radius, self.slim)

    def contour(self) -> tuple[Plane, Plane]:
        """Points (y, x) on the outer contour, relative to the object's place."""
        y, x = shapes.contour(self.kind)
        c, s = math.cos(self.angle) * self.radius, math.sin(self.angle) * self.radius
        return x * s + y * c, x * c - y * s


def contact(new: Thing, anchor: Thing, dy: float, dx: float) -> float:
    """How far from the anchor's centre, in this direction, the new object first meets it."""
    y, x = new.contour()
    reach = _STEPS * (anchor.radius + new.radius)
    gap = anchor.distance(y + dy * reach, x + dx * reach).min(1)
    met = int((gap <= 0).argmax())
    if met == 0:  # at once, or never (a thin anchor, missed): at half the way they do overlap
        return float(reach[0 if gap[0] <= 0 else len(reach) // 2, 0])
    share = gap[met - 1] / (gap[met - 1] - gap[met])
    return float(reach[met - 1, 0] + share * (reach[met, 0] - reach[met - 1, 0]))
