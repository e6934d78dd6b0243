"""Marks over a picture: boxes, outlines, dots, arrows and short texts, drawn as vectors.

Positions are (row, column) in pixels of the frame, the image on which the picture lies. The middle
of pixel i lies at i, so the box around pixels 3 to 5 goes from 2.5 to 5.5.
"""

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from seglab import scalars

Colour = tuple[int, int, int]
Point = tuple[float, float]

_TOLD = 6  # marks that a reader is told one by one; of more, only how many there are


class Mark(ABC):
    """The base of all marks, which are frozen dataclasses.

    Every mark has a colour, (red, green, blue) from 0 to 255, None for the board's accent, and a
    text that stands beside it. Raises ValueError for a colour or a position that is none.
    """

    kind: ClassVar[str]
    colour: Colour | None
    text: str

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(
                    f"{name}={value} of a {self.kind} is no number of pixels; use a finite one"
                )
        if self.colour is not None:
            object.__setattr__(self, "colour", checked_colour(self.colour))

    @abstractmethod
    def record(self) -> dict[str, Any]:
        """The mark as plain JSON values, for a viewer."""

    @abstractmethod
    def alt(self) -> str:
        """The mark in words."""

    def _record(self, **own: Any) -> dict[str, Any]:
        colour = None if self.colour is None else list(self.colour)
        return {"kind": self.kind, **own, "colour": colour, "text": self.text}

    def _alt(self, where: str) -> str:
        return f"{self.kind} {where}" + (f" ({self.text})" if self.text else "")


@dataclass(frozen=True)
class Box(Mark):
    """A rectangle between its edges; strong: drawn thicker, such as the chosen one of many."""

    kind = "box"
    top: float
    left: float
    bottom: float
    right: float
    colour: Colour | None = None
    text: str = ""
    strong: bool = False
    dashed: bool = False

    @classmethod
    def around(cls, pixels: tuple[float, float, float, float], **style: Any) -> "Box":
        """The box around pixels: their first row, first column, last row and last column.

        style: colour, text, strong and dashed.
        """
        top, left, bottom, right = pixels
        return cls(top - 0.5, left - 0.5, bottom + 0.5, right + 0.5, **style)

    def record(self) -> dict[str, Any]:
        """The box as plain JSON values, for a viewer."""
        edges = _plain((self.top, self.left, self.bottom, self.right))
        return self._record(at=edges, strong=self.strong, dashed=self.dashed)

    def alt(self) -> str:
        """The rows and columns whose middles lie in the box."""
        rows, columns = _within(self.top, self.bottom), _within(self.left, self.right)
        return self._alt(f"over rows {rows}, columns {columns}")


@dataclass(frozen=True)
class Outline(Mark):
    """A line through points (row, column); closed: back to the first point."""

    kind = "outline"
    points: tuple[Point, ...]
    colour: Colour | None = None
    text: str = ""
    closed: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        points = tuple((float(row), float(column)) for row, column in self.points)
        if len(points) < 2 or not all(math.isfinite(v) for point in points for v in point):
            raise ValueError(
                f"points={self.points!r} is no outline; give two points (row, column) or more"
            )
        object.__setattr__(self, "points", points)

    def record(self) -> dict[str, Any]:
        """The outline as plain JSON values, for a viewer."""
        return self._record(points=[_plain(point) for point in self.points], closed=self.closed)

    def alt(self) -> str:
        """The rows and columns that the outline reaches."""
        rows, columns = ((min(line), max(line)) for line in zip(*self.points, strict=True))
        return self._alt(
            f"from row {rows[0]:g} to {rows[1]:g}, column {columns[0]:g} to {columns[1]:g}"
        )


@dataclass(frozen=True)
class Dot(Mark):
    """A filled circle around a position; radius: in pixels of the screen."""

    kind = "dot"
    row: float
    column: float
    colour: Colour | None = None
    text: str = ""
    radius: float = 3

    def record(self) -> dict[str, Any]:
        """The dot as plain JSON values, for a viewer."""
        (radius,) = _plain((self.radius,))
        return self._record(at=_plain((self.row, self.column)), radius=radius)

    def alt(self) -> str:
        """The dot's position."""
        return self._alt(f"at row {self.row:g}, column {self.column:g}")


@dataclass(frozen=True)
class Arrow(Mark):
    """An arrow from one position to another."""

    kind = "arrow"
    row: float
    column: float
    to_row: float
    to_column: float
    colour: Colour | None = None
    text: str = ""

    def record(self) -> dict[str, Any]:
        """The arrow as plain JSON values, for a viewer."""
        return self._record(
            at=_plain((self.row, self.column)), to=_plain((self.to_row, self.to_column))
        )

    def alt(self) -> str:
        """Both ends of the arrow."""
        return self._alt(
            f"from row {self.row:g}, column {self.column:g} "
            f"to row {self.to_row:g}, column {self.to_column:g}"
        )


@dataclass(frozen=True)
class Text(Mark):
    """A short text with its middle at a position."""

    kind = "text"
    row: float
    column: float
    text: str
    colour: Colour | None = None

    def record(self) -> dict[str, Any]:
        """The text as plain JSON values, for a viewer."""
        return self._record(at=_plain((self.row, self.column)))

    def alt(self) -> str:
        """The text and its position."""
        return f"“{self.text}” at row {self.row:g}, column {self.column:g}"


def alt(marks: Sequence[Mark]) -> str:
    """Several marks in words: each one, or, where they are many, how many there are of a kind."""
    if len(marks) <= _TOLD:
        return ", ".join(mark.alt() for mark in marks)
    counts = Counter(mark.kind for mark in marks)
    return ", ".join(_counted(count, kind) for kind, count in counts.items())


def _counted(count: int, kind: str) -> str:
    return f"1 {kind}" if count == 1 else f"{count} {kind}{'es' if kind == 'box' else 's'}"


def _within(start: float, end: float) -> str:
    """First and last pixel whose middles lie between two edges; the edges where none does."""
    first, last = math.ceil(start), math.floor(end)
    if scalars.is_open() or first <= last:
        return f"{first} to {last}"
    return f"{start:g} to {end:g}"


def _plain(numbers: Sequence[float]) -> list[float]:
    """Numbers as JSON writes them shortest; open ones as they are."""
    return [number if isinstance(number, scalars.Open) else _shortest(number) for number in numbers]


def _shortest(number: float) -> float:
    return int(number) if number == int(number) else float(number)


def checked_colour(colour: Sequence[int]) -> Colour:
    """The colour as (red, green, blue); ValueError for what is none."""
    parts = tuple(int(part) for part in colour)
    if len(parts) != 3 or not all(0 <= part <= 255 for part in parts):
        raise ValueError(f"colour={tuple(colour)} is no colour; use (red, green, blue), 0 to 255")
    return parts[0], parts[1], parts[2]
