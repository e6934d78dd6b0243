"""Shapes of a diagram: lines, areas, bars, dots, arrows, labels, thumbnails, and handles to drag.

Positions are (x, y) in the diagram's own coordinates; thicknesses, radii and shifts are in pixels
of the screen. A colour is (red, green, blue) from 0 to 255, or one of the page's own: "ink",
"faint", "accent" and "paper", which follow a light or a dark theme.
"""

import math
from abc import ABC
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple

from seglab.draw import marks
from seglab.draw.picture import Picture

Colour = tuple[int, int, int] | Literal["ink", "faint", "accent", "paper"]
Align = Literal["start", "middle", "end"]
Point = tuple[float, float]

_THEMED = ("ink", "faint", "accent", "paper")


class Sets(NamedTuple):
    """Order of a click on a shape: set a control to a value."""

    control: str
    value: Any


class Stop(NamedTuple):
    """A place of a handle, and the value of its control there."""

    x: float
    y: float
    value: Any


def spelled(value: Any) -> str:
    """A control's value as Control.parse() reads it: a pixel's as row:column."""
    return ":".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, kw_only=True)
class Shape(ABC):
    """The base of all shapes, which are frozen dataclasses.

    says: what is read where one points. thing: the number of what it shows, in a group.
    Raises ValueError for a position that is no finite number and a colour that is none.
    """

    kind: ClassVar[str]
    says: str = ""
    thing: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            for number in _numbers(value):
                if not math.isfinite(number):
                    raise ValueError(f"{name}={value!r} of a {self.kind} must be finite")
        colour = getattr(self, "colour", "ink")
        if isinstance(colour, str) and colour not in _THEMED:
            raise ValueError(
                f"colour={colour!r} of a {self.kind} must be (red, green, blue) or one of "
                f"{', '.join(_THEMED)}"
            )
        if not isinstance(colour, str):
            object.__setattr__(self, "colour", marks.checked_colour(colour))
        if sets := getattr(self, "sets", None):
            object.__setattr__(self, "sets", Sets(*sets))

    def record(self) -> dict[str, Any]:
        """The shape as plain JSON values, for a viewer; what is at its default is left out."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        defaults = {field.name: field.default for field in fields(self)}
        told = {
            name: _plain(value)
            for name, value in own.items()
            if defaults[name] is MISSING or value != defaults[name]
        }
        return {"kind": self.kind, **told}


@dataclass(frozen=True, kw_only=True)
class Part(Shape):
    """A shape that a click may act on. sets: the control that it sets, and the value."""

    sets: tuple[str, Any] | None = None


@dataclass(frozen=True)
class Line(Part):
    """A line through points (x, y)."""

    kind = "line"
    points: tuple[Point, ...]
    colour: Colour = "ink"
    width: float = 2
    dashed: bool = False


@dataclass(frozen=True)
class Area(Part):
    """A filled polygon."""

    kind = "area"
    points: tuple[Point, ...]
    colour: Colour = "accent"
    opacity: float = 0.25


@dataclass(frozen=True)
class Bar(Part):
    """A rectangle; ghost: a viewer leaves its last place behind, faintly, when it moves."""

    kind = "bar"
    left: float
    top: float
    right: float
    bottom: float
    colour: Colour = "accent"
    hollow: bool = False
    dashed: bool = False
    opacity: float = 1.0
    ghost: bool = False


@dataclass(frozen=True)
class Dot(Part):
    """A filled circle, or a ring."""

    kind = "dot"
    x: float
    y: float
    colour: Colour = "accent"
    radius: float = 4
    hollow: bool = False


@dataclass(frozen=True)
class Arrow(Part):
    """An arrow from one position to another."""

    kind = "arrow"
    x: float
    y: float
    to_x: float
    to_y: float
    colour: Colour = "ink"
    width: float = 2


@dataclass(frozen=True)
class Label(Part):
    """A short text beside a position; shift: (right, down) in pixels."""

    kind = "label"
    text: str
    x: float
    y: float
    align: Align = "middle"
    shift: tuple[float, float] = (0, 0)
    bold: bool = False
    small: bool = False
    colour: Colour = "ink"


@dataclass(frozen=True, eq=False)
class Thumbnail(Part):
    """A small picture in a rectangle."""

    kind = "thumbnail"
    left: float
    top: float
    right: float
    bottom: float
    picture: Picture
    name: str


@dataclass(frozen=True)
class Handle(Shape):
    """A knob that is dragged from stop to stop, and sets its control to the stop's value.

    stops: (x, y, value) each; now: the value at which it stands.
    Raises ValueError for no stop, and where no stop has the value now.
    """

    kind = "handle"
    control: str
    stops: tuple[tuple[float, float, Any], ...]
    now: Any
    colour: Colour = "accent"

    def __post_init__(self) -> None:
        object.__setattr__(self, "stops", tuple(Stop(*stop) for stop in self.stops))
        super().__post_init__()
        if not self.stops or self.now not in self.values:
            listed = ", ".join(map(str, self.values[:8])) or "no value at all"
            raise ValueError(f"now={self.now!r} must be the value of a stop; stops have {listed}")

    @property
    def values(self) -> tuple[Any, ...]:
        """The values of the stops."""
        return tuple(value for _, _, value in self.stops)

    @property
    def at(self) -> Stop:
        """The stop at which it stands."""
        return Stop(*self.stops[self.values.index(self.now)])

    def record(self) -> dict[str, Any]:
        """The handle as plain JSON values; its values as they are spelled."""
        stops = [[_plain(x), _plain(y), spelled(value)] for x, y, value in self.stops]
        return {**super().record(), "stops": stops, "now": self.values.index(self.now)}


def _numbers(value: Any) -> list[float]:
    """The numbers of a shape's entry: the value itself, or the first two of each of its points."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return [part for point in value for part in point[:2] if isinstance(part, float)]
    return []


def _plain(value: Any) -> Any:
    """A value as JSON writes it shortest; positions keep six digits."""
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value == int(value) else _six_digits(value)
    if isinstance(value, Sets):
        return [value.control, spelled(value.value)]
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value


def _six_digits(value: float) -> float | int:
    short = float(f"{value:.6g}")
    return int(short) if short == int(short) else short
