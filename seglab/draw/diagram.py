"""Diagrams: pictures made of shapes, which a student may drag; and small plots and bars of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seglab.draw import marks, shapes
from seglab.draw.picture import Picture
from seglab.draw.plots import COLOURS
from seglab.draw.relations import Group
from seglab.draw.shapes import Bar, Dot, Handle, Label, Line, Point, Shape, Thumbnail

_BLANK = np.zeros((1, 1), np.uint8)
_WHITE = np.full((1, 3), 255, np.uint8)
_LETTER = 6.6  # pixels of a letter at 11 pixels
_SERIES = tuple(marks.checked_colour(bytes.fromhex(colour[1:])) for colour in COLOURS)


@dataclass(frozen=True, eq=False)
class Diagram(Picture):
    """Shapes over an empty pane, which they fill whatever its form; the last lies on top.

    x: the coordinates at the left and at the right edge. y: at the top and at the bottom edge.
    says: the diagram in words, with its numbers. margin: pixels outside x and y: top, right,
    bottom and left. wide: it takes the room of two panes; tall: and of two rows, as the first pane.
    even: x and y have one scale, so that a square stays a square; else the pane is filled.
    """

    shapes: tuple[Shape, ...] = ()
    x: tuple[float, float] = (0, 1)
    y: tuple[float, float] = (0, 1)
    says: str = ""
    margin: tuple[float, float, float, float] = (8, 8, 8, 8)
    wide: bool = False
    tall: bool = False
    even: bool = False

    @property
    def thumbnails(self) -> tuple[Thumbnail, ...]:
        """The small pictures among the shapes."""
        return tuple(shape for shape in self.shapes if isinstance(shape, Thumbnail))

    @property
    def parts(self) -> tuple[tuple[str, Picture], ...]:
        """The pictures of the thumbnails, by their names."""
        return tuple((shape.name, shape.picture) for shape in self.thumbnails)

    def header(self) -> dict[str, Any]:
        """Everything but the planes, as plain JSON values, for a viewer."""
        return {
            **super().header(),
            "shapes": [self._record(shape) for shape in self.shapes],
            "x": list(self.x),
            "y": list(self.y),
            "margin": list(self.margin),
            **({"wide": True} if self.wide else {}),
            **({"tall": True} if self.tall else {}),
            **({"even": True} if self.even else {}),
        }

    def _record(self, shape: Shape) -> dict[str, Any]:
        record = shape.record()
        if isinstance(shape, Thumbnail):
            own = (i for i, other in enumerate(self.thumbnails) if other is shape)
            record["picture"] = next(own)  # by identity: two may say and set the same
        return record

    def _described(self) -> str:
        return self.says


def diagram(
    drawn: Sequence[Shape],
    *,
    says: str,
    x: tuple[float, float] = (0, 1),
    y: tuple[float, float] = (0, 1),
    margin: tuple[float, float, float, float] = (8, 8, 8, 8),
    wide: bool = False,
    tall: bool = False,
    even: bool = False,
    group: str = "",
) -> Diagram:
    """A diagram of shapes; see Diagram. group: what the shapes' things are, such as "object".

    Raises ValueError for an empty range or no words, TypeError for what is no shape.
    """
    for name, ends in (("x", x), ("y", y)):
        if len(ends) != 2 or ends[0] == ends[1]:
            raise ValueError(f"{name}={ends} must be two different numbers, one for each edge")
    if not says:
        raise ValueError("says='' must tell the diagram in words, for who does not see it")
    for shape in drawn:
        if not isinstance(shape, Shape):
            raise TypeError(f"{shape!r:.60} is no shape; use those of seglab.draw.shapes")
    things = tuple(getattr(shape, "thing", None) for shape in drawn)
    return Diagram(
        array=_BLANK,
        kind="diagram",
        palette=_WHITE,
        shapes=tuple(drawn),
        x=x,
        y=y,
        says=says,
        margin=margin,
        wide=wide,
        tall=tall,
        even=even,
        group=Group(group, things, "shape") if group else None,
    )


def plot(
    series: Mapping[str, Sequence[Point]],
    *,
    x: tuple[float, float],
    y: tuple[float, float],
    says: str,
    x_title: str = "",
    y_title: str = "",
    x_ticks: Sequence[float] | None = None,
    y_ticks: Sequence[float] | None = None,
    now: float | None = None,
    ghosts: Sequence[Sequence[Point]] = (),
    more: Sequence[Shape] = (),
    handle: Handle | None = None,
    form: str = "{:g}",
    wide: bool = False,
) -> Diagram:
    """A line for each named series of points (x, y), with axes.

    x, y: the least and the greatest value of each axis. now: an x that a dashed line marks, with a
    dot on each series that has a point there. ghosts: faint lines beneath. more: shapes on top.
    form: how values are read. Raises ValueError for an empty range.
    """
    ticks = _ticks(*x) if x_ticks is None else x_ticks, _ticks(*y) if y_ticks is None else y_ticks
    drawn: list[Shape] = [Line(((x[0], y[0]), (x[1], y[0])), "faint", 1)]
    drawn += [Line(((x[0], at), (x[1], at)), "faint", 0.5) for at in ticks[1]]
    drawn += [
        Label(f"{at:g}", x[0], at, "end", (-5, 0), small=True, colour="ink") for at in ticks[1]
    ]
    drawn += [Label(f"{at:g}", at, y[0], shift=(0, 10), small=True) for at in ticks[0]]
    if x_title:
        drawn.append(Label(x_title, x[1], y[0], "end", (0, 23), small=True))
    if y_title:
        drawn.append(Label(y_title, x[0], y[1], "start", (-28, -12), small=True))
    drawn += [Line(tuple(ghost), "faint", 1.5) for ghost in ghosts if len(ghost) > 1]
    right = _LETTER * len(y_title) + 6
    for k, (name, points) in enumerate(series.items()):
        colour = _SERIES[k % len(_SERIES)]
        dashed = k >= len(_SERIES)
        if len(points) > 1:
            drawn.append(Line(tuple(points), colour, 2, dashed))
        drawn += [
            Dot(at, value, colour, 5 if at == now else 2.5, says=f"{name}: {form.format(value)}")
            for at, value in points
        ]
        if len(series) > 1:
            drawn.append(Label(name, x[0], y[1], "start", (right - 28, -12), True, True, colour))
            right += _LETTER * len(name) + 12
    if now is not None:
        drawn.insert(1, Line(((now, y[0]), (now, y[1])), "accent", 1, dashed=True))
    drawn += more
    if handle:
        drawn.append(handle)
    left = _LETTER * max((len(f"{at:g}") for at in ticks[1]), default=0) + 8
    return diagram(
        drawn, says=says, x=x, y=(y[1], y[0]),
        margin=(22 if series or y_title else 10, 12, 32 if x_title else 20, max(36, left)),
        wide=wide,
    )  # fmt: skip


def bars(
    values: Mapping[str, float | None],
    *,
    says: str,
    range: tuple[float, float] = (0, 1),
    form: str = "{:.2f}",
    highlight: str | None = None,
    colours: Mapping[str, shapes.Colour] | None = None,
    ghost: bool = True,
    wide: bool = False,
) -> Diagram:
    """A horizontal bar for each name, with name and value above it; None: it has no value.

    range: the values at the left and at the right end. highlight: the name that stands out.
    ghost: a viewer leaves the last value behind, faintly.
    """
    low, high = range
    drawn: list[Shape] = []
    for row, (name, value) in enumerate(values.items()):
        said = _read(value, form)
        strong = name == highlight
        top, bottom = row + 0.55, row + 0.9
        drawn.append(Label(name, low, top, "start", (0, -9), strong, small=True))
        drawn.append(Label(said, high, top, "end", (0, -9), strong, small=True))
        start, end = max(low, min(0.0, high)), min(max(low if value is None else value, low), high)
        drawn.append(Bar(low, top, high, bottom, "faint", opacity=0.25))
        drawn.append(
            Bar(
                min(start, end), top, max(start, end), bottom,
                (colours or {}).get(name, "accent"), opacity=1 if strong or not highlight else 0.6,
                ghost=ghost, says=f"{name}: {said}",
            )
        )  # fmt: skip
    return diagram(
        drawn, says=says, x=range, y=(0, max(1, len(values))), margin=(2, 4, 2, 4), wide=wide
    )


def _read(value: float | None, form: str) -> str:
    return "none" if value is None else form.format(value)


def _ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from low to high, at most so many steps apart."""
    rough = (high - low) / most
    power = 10.0 ** np.floor(np.log10(rough))
    step = next(float(power * times) for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first = np.ceil(low / step - 1e-9)
    return [float(f"{k * step:.6g}") + 0.0 for k in np.arange(first, high / step + 1e-9)]
