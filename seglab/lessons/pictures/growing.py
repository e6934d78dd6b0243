"""The size of a segment against its tolerance, with the cliff where it leaks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from torch import Tensor

from seglab.draw.diagram import Diagram, plot
from seglab.draw.shapes import Align, Area, Dot, Handle, Label, Line, Point, Shape
from seglab.ops.cluster import Leap, largest_leap

FINE = 4  # points of the curve for each unit of the tolerance


class Growth(NamedTuple):
    """Growth of a segment: its size at every tolerance, at some of them, and where it leaks.

    leak: the largest leap, if it at least doubles the segment; None where it only grows.
    """

    curve: tuple[Point, ...]
    at: dict[float, int]
    leak: Leap | None


def growth(joining: Tensor, tolerances: Sequence[float]) -> Growth:
    """The growth up to the last tolerance; joining: the tolerance at which each pixel joins."""
    ordered = np.sort(joining.cpu().numpy(), axis=None)

    def sizes(asked: Sequence[float]) -> list[int]:
        counts: list[int] = ordered.searchsorted(asked, "right").tolist()
        return counts

    fine = [step / FINE for step in range(int(tolerances[-1]) * FINE + 1)]
    leap = largest_leap(joining)
    before = int(ordered.searchsorted(leap.tolerance))
    leaks = leap.tolerance <= tolerances[-1] and 0 < before <= leap.pixels
    return Growth(
        tuple(zip(fine, sizes(fine), strict=True)),
        dict(zip(tolerances, sizes(tolerances), strict=True)),
        leap if leaks else None,
    )


def size_curve(growth: Growth, now: float) -> Diagram:
    """The curve, filled up to the tolerance now, with a knob to drag along it."""
    curve, at, leak = growth
    last, high = max(at), 1.05 * max(at.values())
    drawn: list[Shape] = [Area(((0, 0), *curve[: int(now * FINE) + 1], (now, 0))), Line(curve)]
    says = f"{at[now]:,} pixels at tolerance {now}"
    if leak:
        says += f"; at {leak.tolerance:.1f} it leaks: {leak.pixels:,} pixels join at once"
        drawn.append(_told(leak, leak.tolerance > last / 2, high / 2))
    for stop, size in at.items():
        words = f"tolerance {stop}: {size:,} pixels"
        drawn.append(Dot(stop, size, "ink", 2.5, says=words, sets=("tolerance", stop)))
    stops = tuple((stop, size, stop) for stop, size in at.items())
    knob = Handle("tolerance", stops, now, says=f"{now}: {at[now]:,} pixels")
    return plot(
        {}, x=(0, last), y=(0, high), says=says, x_title="tolerance", y_title="pixels", now=now,
        more=drawn, handle=knob,
    )  # fmt: skip


def _told(leak: Leap, left: bool, height: float) -> Label:
    """The words beside the cliff, on its left or on its right."""
    align: Align = "end" if left else "start"
    shift = -6 if left else 6
    return Label(f"leak: +{leak.pixels:,}", leak.tolerance, height, align, (shift, 0), bold=True)
