"""Shapes of a diagram on a page: the mirror of the board's."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from PIL import Image as Pillow
from PIL import ImageDraw

from seglab.draw import shapes
from seglab.draw.diagram import Diagram
from seglab.draw.shapes import Area, Arrow, Bar, Dot, Handle, Label, Line, Shape, Thumbnail
from seglab.paper import _planes as planes
from seglab.paper import text_layout
from seglab.paper.canvas import BLUE, FAINT, INK, PAPER, WHITE, Canvas, Colour

_THEMED: dict[str, Colour] = {"ink": INK, "faint": FAINT, "accent": BLUE, "paper": PAPER}
_LARGE, _SMALL = 11.5, 10.5  # units of a letter
_HEAD, _HALF = 9.0, 4.0
_KNOB = 6.5
_DASH, _GAP = 4.0, 3.0
_SMOOTH = 3  # drawn so many times larger, then reduced

Place = tuple[float, float]


class _Room(NamedTuple):
    """A drawing of a diagram, so many times larger than the page; unit: its pixels of one unit."""

    draw: ImageDraw.ImageDraw
    page: Pillow.Image
    diagram: Diagram
    unit: float

    def place(self, x: float, y: float) -> Place:
        """A position in pixels of the drawing."""
        top, right, bottom, left = (side * self.unit for side in self.diagram.margin)
        (x0, x1), (y0, y1) = self.diagram.x, self.diagram.y
        room = self.page.size[0] - left - right, self.page.size[1] - top - bottom
        across, down = room[0] / (x1 - x0), room[1] / (y1 - y0)
        if self.diagram.even:
            one = min(abs(across), abs(down))
            across, down = math.copysign(one, across), math.copysign(one, down)
        spare = room[0] - across * (x1 - x0), room[1] - down * (y1 - y0)
        return left + spare[0] / 2 + (x - x0) * across, top + spare[1] / 2 + (y - y0) * down

    def box(self, shape: "Bar | Thumbnail") -> tuple[float, float, float, float]:
        """Left, top, right and bottom in pixels, whichever way the axes go."""
        one, two = self.place(shape.left, shape.top), self.place(shape.right, shape.bottom)
        (left, right), (top, bottom) = (sorted(pair) for pair in zip(one, two, strict=True))
        return left, top, right, bottom

    def thick(self, width: float) -> int:
        """A thickness in whole pixels."""
        return max(1, round(width * self.unit))


def draw_diagram(
    canvas: Canvas, diagram: Diagram, at: tuple[float, float], width: float, height: float
) -> None:
    """Draw a diagram in a rectangle of the page; at: its top left corner, in units."""
    size = max(1, canvas.px(width)), max(1, canvas.px(height))
    page = Pillow.new("RGB", (size[0] * _SMOOTH, size[1] * _SMOOTH), PAPER)
    room = _Room(ImageDraw.Draw(page), page, diagram, canvas.scale * _SMOOTH)
    for shape in diagram.shapes:
        _DRAWN[shape.kind](room, shape, _colour(shape))
    small = page.resize(size, Pillow.Resampling.BOX)
    canvas.page.paste(small, (canvas.px(at[0]), canvas.px(at[1])))


def _colour(shape: Shape) -> Colour:
    colour: shapes.Colour = getattr(shape, "colour", "ink")
    opacity: float = getattr(shape, "opacity", 1.0)
    solid = _THEMED[colour] if isinstance(colour, str) else colour
    mixed = [round(opacity * own + (1 - opacity) * 255) for own in solid]
    return mixed[0], mixed[1], mixed[2]


def _path(room: _Room, places: list[Place], colour: Colour, width: float, dashed: bool) -> None:
    if not dashed:
        room.draw.line(places, colour, room.thick(width), joint="curve")
        return
    for start, end in pairwise(places):
        long = math.dist(start, end)
        step = (_DASH + _GAP) * room.unit
        for k in range(math.ceil(long / step)):
            ends = (k * step, min(k * step + _DASH * room.unit, long))
            piece = [
                tuple(a + share / long * (b - a) for a, b in zip(start, end, strict=True))
                for share in ends
            ]
            room.draw.line(piece, colour, room.thick(width))


def _line(room: _Room, shape: Line, colour: Colour) -> None:
    _path(room, [room.place(*point) for point in shape.points], colour, shape.width, shape.dashed)


def _area(room: _Room, shape: Area, colour: Colour) -> None:
    room.draw.polygon([room.place(*point) for point in shape.points], colour)


def _bar(room: _Room, shape: Bar, colour: Colour) -> None:
    left, top, right, bottom = room.box(shape)
    if not shape.hollow:
        if right > left and bottom > top:
            ends = max(left, right - 1), max(top, bottom - 1)  # thinner than a pixel
            room.draw.rectangle((left, top, *ends), colour)
        return
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    _path(room, corners, colour, 1.5, shape.dashed)


def _dot(room: _Room, shape: Dot, colour: Colour) -> None:
    _disc(room, room.place(shape.x, shape.y), shape.radius, colour, WHITE if shape.hollow else None)


def _disc(room: _Room, at: Place, radius: float, colour: Colour, inside: Colour | None) -> None:
    reach = radius * room.unit
    box = (at[0] - reach, at[1] - reach, at[0] + reach, at[1] + reach)
    room.draw.ellipse(box, inside or colour, colour, room.thick(1.5))


def _arrow(room: _Room, shape: Arrow, colour: Colour) -> None:
    tail, tip = room.place(shape.x, shape.y), room.place(shape.to_x, shape.to_y)
    long = math.dist(tail, tip)
    if not long:
        return
    x, y = (tip[0] - tail[0]) / long, (tip[1] - tail[1]) / long
    head = min(_HEAD * room.unit, long)
    half = head * _HALF / _HEAD
    base = (tip[0] - head * x, tip[1] - head * y)
    room.draw.line([tail, base], colour, room.thick(shape.width))
    sides = [(base[0] - half * y, base[1] + half * x), (base[0] + half * y, base[1] - half * x)]
    room.draw.polygon([tip, *sides], colour)


def _label(room: _Room, shape: Label, colour: Colour) -> None:
    x, y = room.place(shape.x, shape.y)
    size = (_SMALL if shape.small else _LARGE) * room.unit
    font = text_layout.font(max(1, round(size)), shape.bold)
    at = (x + shape.shift[0] * room.unit, y + shape.shift[1] * room.unit)
    anchor = {"start": "lm", "middle": "mm", "end": "rm"}[shape.align]
    casing = round(1.5 * room.unit)
    room.draw.text(
        at, text_layout.clean(shape.text), colour, font, anchor,
        stroke_width=casing, stroke_fill=PAPER,
    )  # fmt: skip


def _thumbnail(room: _Room, shape: Thumbnail, _colour: Colour) -> None:
    left, top, right, bottom = (round(edge) for edge in room.box(shape))
    size = max(1, bottom - top), max(1, right - left)
    pixels = planes.resample_to_frame(shape.picture, size, room.unit, hatched=False)
    room.page.paste(Pillow.fromarray(pixels), (left, top))


def _handle(room: _Room, shape: Handle, colour: Colour) -> None:
    at = room.place(shape.at.x, shape.at.y)
    _disc(room, at, _KNOB + 1, WHITE, None)
    _disc(room, at, _KNOB, colour, None)


_DRAWN: dict[str, Callable[..., None]] = {
    "line": _line,
    "area": _area,
    "bar": _bar,
    "dot": _dot,
    "arrow": _arrow,
    "label": _label,
    "thumbnail": _thumbnail,
    "handle": _handle,
}
