"""One mark of a brush on a picture, as a control holds it and a method reads it."""

from typing import NamedTuple

Point = tuple[int, int]


class Stroke(NamedTuple):
    """One mark that a student puts on a picture.

    tool: 'point', 'line' (a scribble) or 'box'. label: what it says is there, such as 'object'.
    points: its (row, column) pixels: one of a point, two or more of a line, two corners of a box.
    """

    tool: str
    label: str
    points: tuple[Point, ...]
