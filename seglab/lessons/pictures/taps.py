"""Taps in one dimension: maps as rows of units over the pixels, and a line for each value read."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from seglab.draw.shapes import Colour, Dot, Line


class Row(NamedTuple):
    """One map of a net along one axis, drawn at height y.

    units: the numbers of its units that are drawn. first, step: where unit 0 stands, and how far
    the next one, in pixels of the picture.
    """

    y: float
    units: Sequence[int]
    first: float = 0
    step: float = 1

    def x(self, unit: int) -> float:
        """Position of a unit, in pixels of the picture."""
        return self.first + unit * self.step


def fan(
    upper: Row,
    unit: int,
    lower: Row,
    read: Sequence[int],
    colour: Colour = "ink",
    width: float = 1,
    dashed: bool = False,
) -> list[Line]:
    """The lines from a unit down to the units that it reads, as one that goes there and back."""
    if not read:
        return []
    top = (upper.x(unit), upper.y)
    points = [point for tap in read for point in ((lower.x(tap), lower.y), top)]
    return [Line((top, *points[:-1]), colour, width, dashed)]


def dots(row: Row, lit: Collection[int], colour: Colour = "ink", radius: float = 3) -> list[Dot]:
    """A dot for each unit; a ring for one that is not lit."""
    return [
        Dot(row.x(unit), row.y, colour, radius)
        if unit in lit
        else Dot(row.x(unit), row.y, "faint", radius, hollow=True)
        for unit in row.units
    ]


def runs(row: Row) -> list[Line]:
    """A thick line over each run of neighbours, for a row of more units than dots can show."""
    found: list[list[int]] = []
    for unit in row.units:
        if found and unit == found[-1][-1] + 1:
            found[-1].append(unit)
        else:
            found.append([unit])
    half = row.step / 2
    return [
        Line(((row.x(run[0]) - half, row.y), (row.x(run[-1]) + half, row.y)), width=4)
        for run in found
    ]
