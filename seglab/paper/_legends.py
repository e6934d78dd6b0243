"""Keys to the colours of a picture: colour bars, legends, and the signs of a number grid."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from seglab.draw.paint import Grid
from seglab.draw.palettes import NO_VALUE
from seglab.draw.picture import Picture
from seglab.paper import _scales as scales
from seglab.paper import text_layout
from seglab.paper.canvas import FAINT, LINE, ORANGE, SHADE, SOFT, Canvas, Colour

SMALL = 12
_ROW, _GAP, _SWATCH = 18, 14, 11


class Block(NamedTuple):
    """Something so many units high; draw(canvas, x, y) puts its top left corner there."""

    height: float
    draw: Callable[[Canvas, float, float], None]


EMPTY = Block(0, lambda canvas, x, y: None)


def stack(blocks: Sequence[Block], gap: float = 0) -> Block:
    """Blocks below each other; what is empty takes no room."""
    blocks = [block for block in blocks if block.height]

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for block in blocks:
            block.draw(canvas, x, y)
            y += block.height + gap

    return Block(sum(block.height + gap for block in blocks) - (gap if blocks else 0), draw)


def names_of(picture: Picture) -> tuple[str, ...]:
    """The names that a picture's legend shows: of many objects, those of their classes only."""
    if picture.kind != "labels":
        return ()
    return picture.names[: getattr(picture, "listed", len(picture.names))]


def colours_of(picture: Picture) -> tuple[Colour, ...]:
    """The colours of those names."""
    assert picture.palette is not None  # labels() always gives one
    table = picture.palette[: len(names_of(picture))].tolist()
    return tuple((red, green, blue) for red, green, blue in table)


def key(picture: Picture, ruler: Canvas, width: float, legend: bool = True) -> Block:
    """The key under a picture; legend: whether its names do."""
    if picture.kind == "scalar":
        return _bar(picture, width)
    if names_of(picture) and legend:
        return chips(names_of(picture), colours_of(picture), ruler, width)
    if isinstance(picture, Grid):
        return _signs(picture, ruler, width)
    return EMPTY


def chips(
    names: Sequence[str], colours: Sequence[Colour], ruler: Canvas, width: float, title: str = ""
) -> Block:
    """A legend: a swatch and a name for each, in as many rows as it takes; none is cut."""
    head = [ruler.length(title, SMALL) + 2] if title else []
    room = (width - _SWATCH - 6) * ruler.scale
    names = [text_layout.clean(name) for name in names]
    texts = [text_layout.lines(name, ruler.font(SMALL), room) or [""] for name in names]
    wide = [_SWATCH + 6 + max(ruler.length(line, SMALL) for line in text) for text in texts]
    places = text_layout.flow([*head, *wide], width, _GAP)
    tall = [1] * text_layout.rows(places)
    for (row, _), text in zip(places[len(head) :], texts, strict=True):
        tall[row] = max(tall[row], len(text))
    tops = [0, *accumulate(tall)]

    def draw(canvas: Canvas, x: float, y: float) -> None:
        if title:
            canvas.text((x, y + 2), title, SMALL, SOFT)
        for (row, left), text, colour in zip(places[len(head) :], texts, colours, strict=True):
            top = y + tops[row] * _ROW
            canvas.box(x + left, top + 4, _SWATCH, _SWATCH, colour, LINE, rounded=2)
            for number, line in enumerate(text):
                canvas.text((x + left + _SWATCH + 6, top + 2 + number * _ROW), line, SMALL)

    return Block(tops[-1] * _ROW, draw)


def _bar(picture: Picture, width: float) -> Block:
    assert picture.range is not None  # scalar() always gives one
    assert picture.palette is not None  # likewise
    low, high = picture.range
    palette = picture.palette

    def draw(canvas: Canvas, x: float, y: float) -> None:
        across, tall = canvas.px(width), max(1, canvas.px(8))
        codes = np.arange(across) * NO_VALUE // across
        canvas.pixels((x, y + 2), np.repeat(palette[codes][None], tall, 0))
        for at, value, anchor in ((x, low, "la"), (x + width, high, "ra")):
            canvas.text(
                (at, y + 12), scales.format_tick(value, low, high), SMALL, SOFT, anchor=anchor
            )

    return Block(28, draw)


def _signs(grid: Grid, ruler: Canvas, width: float) -> Block:
    marks: list[tuple[str, bool]] = [(grid.border_means, False)] if grid.border else []
    marks += [("lost to flooring", True)] if any(n > 0 for n in grid.lost) else []
    if not marks:
        return EMPTY
    wide = [_SWATCH + 6 + ruler.length(text, SMALL) for text, _ in marks]
    places = text_layout.flow(wide, width, _GAP)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for (row, left), (text, lost) in zip(places, marks, strict=True):
            at, top = x + left, y + row * _ROW + 4
            if lost:
                canvas.line([(at, top + _SWATCH), (at + _SWATCH, top)], ORANGE, 1.5)
            else:
                canvas.box(at, top, _SWATCH, _SWATCH, SHADE, FAINT)
            canvas.text((at + _SWATCH + 6, top - 2), text, SMALL)

    return Block(text_layout.rows(places) * _ROW, draw)
