"""Marks on a page: boxes, outlines, dots, arrows and texts over a picture, cut off at its edge.

Everything has a white casing, so that it can be seen on any ground.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image as Pillow
from PIL import ImageDraw

from seglab.draw.marks import Arrow, Box, Dot, Mark, Outline, Text
from seglab.paper import text_layout
from seglab.paper.canvas import BLUE, WHITE, Canvas, Colour, ink_on
from seglab.types import Size

# In units of the page.
THIN, STRONG, CASING = 2.0, 4.0, 1.5  # thickness of a line, and of white on each side of it
_DASH, _GAP = 6.0, 4.0
_HEAD, _HALF = 9.0, 4.5  # length and half the width of an arrow's head
_LETTER, _PAD = 11.0, 3.0
_SMOOTH = 4  # a slanted line is drawn so many times larger, then reduced

Place = tuple[float, float]  # x and y in pixels of the region


class _Region(NamedTuple):
    """A piece of the page: its pixels, those for one of the frame, and those for one unit."""

    page: Pillow.Image
    shown: tuple[float, float]
    scale: float

    def place(self, row: float, column: float) -> Place:
        """A position in the frame in pixels: the middle of pixel i lies at i."""
        return (column + 0.5) * self.shown[1], (row + 0.5) * self.shown[0]


def draw_marks(
    canvas: Canvas,
    marks: Sequence[Mark],
    at: tuple[float, float],
    size: Size,
    frame: Size,
    columns: tuple[int, int] | None = None,
) -> None:
    """Draw marks over a picture, the last on top.

    at: the picture's top left corner (x, y) in units; size: its (height, width) in pixels of the
    page; frame: the (height, width) that the marks' positions are in. columns: the first column of
    pixels that may be drawn on, and the end; all unless given.
    """
    if not marks:
        return
    left, top = canvas.px(at[0]), canvas.px(at[1])
    box = (left, top, left + size[1], top + size[0])
    region = _Region(canvas.page.crop(box), (size[0] / frame[0], size[1] / frame[1]), canvas.scale)
    for mark in marks:
        _DRAWN[mark.kind](region, mark, mark.colour or BLUE)
    first, end = columns or (0, size[1])
    canvas.page.paste(region.page.crop((first, 0, end, size[0])), (left + first, top))


def _box(region: _Region, mark: Box, colour: Colour) -> None:
    (left, top), (right, bottom) = (
        region.place(mark.top, mark.left),
        region.place(mark.bottom, mark.right),
    )
    thick = STRONG if mark.strong else THIN
    for line, fill in ((thick + 2 * CASING, WHITE), (thick, colour)):
        dash = (_DASH, _GAP) if mark.dashed and fill != WHITE else None
        _frame(region, (left, top, right, bottom), line, fill, dash)
    if mark.text:
        _chip(region, mark.text, (left, top), colour, (0, 0))


def _frame(
    region: _Region,
    edges: tuple[float, float, float, float],
    thick: float,
    fill: Colour,
    dash: tuple[float, float] | None,
) -> None:
    """A rectangle's four lines, each with its middle on an edge, in whole pixels."""
    wide = max(1, round(thick * region.scale))
    left, top, right, bottom = (round(edge) - wide // 2 for edge in edges)
    draw = ImageDraw.Draw(region.page)
    for y in (top, bottom):
        for start, end in _dashes(left, right + wide, region.scale, dash):
            draw.rectangle((start, y, end - 1, y + wide - 1), fill)
    for x in (left, right):
        for start, end in _dashes(top, bottom + wide, region.scale, dash):
            draw.rectangle((x, start, x + wide - 1, end - 1), fill)


def _dashes(
    start: int, end: int, scale: float, dash: tuple[float, float] | None
) -> list[tuple[int, int]]:
    if dash is None:
        return [(start, end)]
    long, step = round(dash[0] * scale), max(2, round(sum(dash) * scale))
    return [(at, min(at + max(1, long), end)) for at in range(start, end, step)]


def _outline(region: _Region, mark: Outline, colour: Colour) -> None:
    places = [region.place(*point) for point in mark.points]
    if mark.closed:
        places.append(places[0])
    _stroke(region, places, colour)
    if mark.text:
        corner = (min(x for x, _ in places), min(y for _, y in places))
        _chip(region, mark.text, corner, colour, (0, 0))


def _dot(region: _Region, mark: Dot, colour: Colour) -> None:
    x, y = region.place(mark.row, mark.column)
    for radius, fill in ((mark.radius + CASING, WHITE), (mark.radius, colour)):
        reach = radius * region.scale
        _fill(region, fill, (x - reach, y - reach, x + reach, y + reach), _disc(x, y, reach))
    if mark.text:
        beside = (x + (mark.radius + CASING + 2) * region.scale, y)
        _chip(region, mark.text, beside, colour, (0, 0.5))


def _arrow(region: _Region, mark: Arrow, colour: Colour) -> None:
    tail, tip = region.place(mark.row, mark.column), region.place(mark.to_row, mark.to_column)
    across, down = tip[0] - tail[0], tip[1] - tail[1]
    long = math.hypot(across, down)
    if long:
        along = (across / long, down / long)
        for more, fill in ((CASING, WHITE), (0.0, colour)):
            _pointed(region, tail, tip, along, min(long, _HEAD * region.scale), more, fill)
    if mark.text:
        _chip(region, mark.text, tail, colour, (0.5, 0.5))


def _pointed(
    region: _Region,
    tail: Place,
    tip: Place,
    along: Place,
    head: float,
    more: float,
    fill: Colour,
) -> None:
    """An arrow from tail to tip, thicker on each side by so many units."""
    more *= region.scale
    half = _HALF / _HEAD * head + 1.5 * more
    base = (tip[0] - head * along[0], tip[1] - head * along[1])
    back = (base[0] - more * along[0], base[1] - more * along[1])
    front = (tip[0] + 2 * more * along[0], tip[1] + 2 * more * along[1])
    sides = [
        (back[0] + sign * half * along[1], back[1] - sign * half * along[0]) for sign in (1, -1)
    ]
    thick = THIN * region.scale + 2 * more

    def draw(ink: ImageDraw.ImageDraw, at: Callable[[Place], Place], times: float) -> None:
        ink.line([at(tail), at(base)], 255, max(1, round(thick * times)))
        ink.polygon([at(front), at(sides[0]), at(sides[1])], 255)

    points = [tail, front, *sides]
    _fill(region, fill, _around(points, thick), draw)


def _text(region: _Region, mark: Text, colour: Colour) -> None:
    _chip(region, mark.text, region.place(mark.row, mark.column), colour, (0.5, 0.5))


def _stroke(region: _Region, places: Sequence[Place], colour: Colour) -> None:
    for thick, fill in ((THIN + 2 * CASING, WHITE), (THIN, colour)):
        wide = thick * region.scale

        def draw(
            ink: ImageDraw.ImageDraw,
            at: Callable[[Place], Place],
            times: float,
            wide: float = wide,
        ) -> None:
            line = [at(place) for place in places]
            ink.line(line, 255, max(1, round(wide * times)), joint="curve")

        _fill(region, fill, _around(places, wide), draw)


def _disc(x: float, y: float, radius: float) -> "_Shape":
    def draw(ink: ImageDraw.ImageDraw, at: Callable[[Place], Place], times: float) -> None:
        left, top = (round(v + 0.5) for v in at((x - radius, y - radius)))
        right, bottom = (round(v - 0.5) for v in at((x + radius, y + radius)))
        ink.ellipse((left, top, right, bottom), 255)  # the last row and column belong to it

    return draw


_Shape = Callable[[ImageDraw.ImageDraw, Callable[[Place], Place], float], None]


def _fill(
    region: _Region, fill: Colour, reach: tuple[float, float, float, float], shape: _Shape
) -> None:
    """A smooth shape in one colour; reach: left, top, right and bottom that hold it, in pixels."""
    left, top = (max(0, math.floor(edge) - 1) for edge in reach[:2])
    right, bottom = (
        min(side, math.ceil(edge) + 1)
        for side, edge in zip(region.page.size, reach[2:], strict=True)
    )
    if right <= left or bottom <= top:
        return
    size = (right - left, bottom - top)
    mask = Pillow.new("L", (size[0] * _SMOOTH, size[1] * _SMOOTH))

    def at(place: Place) -> Place:  # the middle of the mask's first pixel lies at 0
        return (place[0] - left) * _SMOOTH - 0.5, (place[1] - top) * _SMOOTH - 0.5

    shape(ImageDraw.Draw(mask), at, _SMOOTH)
    region.page.paste(fill, (left, top), mask.resize(size, Pillow.Resampling.BOX))


def _around(places: Sequence[Place], more: float) -> tuple[float, float, float, float]:
    across, down = zip(*places, strict=True)
    return min(across) - more, min(down) - more, max(across) + more, max(down) + more


def _chip(
    region: _Region, text: str, at: Place, colour: Colour, anchor: tuple[float, float]
) -> None:
    """A text on a patch of the mark's colour, moved to lie in the region.

    anchor: which point of the patch lies at the place, as shares of its width and height.
    """
    font = text_layout.font(max(1, round(_LETTER * region.scale)), bold=True)
    said = text_layout.clean(text)
    pad = round(_PAD * region.scale)
    ascent, descent = font.getmetrics()
    size = (math.ceil(font.getlength(said)) + 2 * pad, ascent + descent)
    x, y = (
        max(0, min(round(place - share * side), room - side))
        for place, share, side, room in zip(at, anchor, size, region.page.size, strict=True)
    )
    draw = ImageDraw.Draw(region.page)
    draw.rectangle((x, y, x + size[0] - 1, y + size[1] - 1), colour)
    draw.text((x + pad, y), said, ink_on(colour), font)


_DRAWN: dict[str, Callable[..., None]] = {
    "box": _box,
    "outline": _outline,
    "dot": _dot,
    "arrow": _arrow,
    "text": _text,
}
