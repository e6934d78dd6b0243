"""Pictures side by side as one still picture, with names, keys and numbers, as in a textbook."""

from collections.abc import Mapping, Sequence
from itertools import islice
from math import ceil, floor

import numpy as np

from seglab.draw.diagram import Diagram
from seglab.draw.paint import Table
from seglab.draw.picture import Picture
from seglab.paper import _captions, text_layout
from seglab.paper import _grid_drawing as grid_drawing
from seglab.paper import _legends as legends
from seglab.paper._captions import Caption
from seglab.paper._figures import Figure, Point
from seglab.paper._legends import Block
from seglab.paper.canvas import INK, ORANGE, SHADE, SOFT, Canvas

Said = Sequence[tuple[str, str]]

_MARGIN, _GAP, _BETWEEN = 28, 20, 16
# Units of a pane's width; _LEAST on a page that grows.
_TINY, _SMALLEST, _LEAST, _LARGEST = 100, 180, 272, 420
_LED = 140  # units of a pane's width beside a tall one, at least
_UNDER = 80  # units above and below a picture, about
# A longer legend stands below the panes, where there is room: names, and letters of all of them.
_LEGEND_IN_PANE = 6, 60
_TITLE, _TEXT, _NUMBER = 21, 13, 16


def sheet(
    panes: Mapping[str, Picture | None],
    *,
    title: str = "",
    summary: str = "",
    controls: Said = (),
    numbers: Said = (),
    codes: Said = (),
    captions: Sequence[Caption] = (),
    notice: str = "",
    foot: str = "",
    point: Point | None = None,
    rows: Sequence[int] = (),
    grow: bool = True,
    width: int = 900,
    height: int = 700,
    scale: float = 1,
) -> np.ndarray:
    """The panes by name, as uint8 [H, W, 3] on a white page; None is a pane without a picture.

    title, summary: stand at the top, and below them the controls: (name, value) pairs.
    numbers: (name, value) pairs below the panes; codes: such pairs whose value is a line of code.
    captions: the words of a tour's step, and after them those of the others, for which there is
    room left. notice: a sentence above the panes; foot: one at the very end. point: a place marked
    in every picture that lies on an input of its size. rows: how many panes stand side by side in
    each row, tables not counted; as it fits best unless given.
    width, height: of the page, in units of `scale` pixels. The width is kept. The height is what
        the panes are arranged for; the page is as high as it takes. grow: rather than have small
        panes, which a page of one shape, such as a slide, has to have.
    Raises ValueError for a width below 240 or a scale that is not above 0.
    """
    if width < 240 or not scale > 0:
        raise ValueError(f"width={width}, scale={scale}; give a width from 240 and a scale above 0")
    ruler, inner = Canvas(1, 1, scale), width - 2 * _MARGIN
    head = _head(title, summary, controls, ruler, inner)
    caption = _captions.block(captions, ruler, inner)
    after = [
        _tables(panes, ruler, inner),
        *_legends(panes, ruler, inner),
        legends.stack(
            [
                _pairs(numbers, ruler, inner, _NUMBER),
                *(_code(*code, ruler, inner) for code in codes),
            ],
            6,
        ),
        _lines(foot, ruler, inner, 12),
    ]
    rest = sum(block.height + _BETWEEN for block in (head, caption, *after) if block.height)
    blocks = [
        head,
        caption,
        _notice(notice, ruler, inner),
        _panes(panes, point, rows, grow, ruler, inner, height - 2 * _MARGIN - rest),
        *after,
    ]
    page = legends.stack(blocks, _BETWEEN)
    canvas = Canvas(width, page.height + 2 * _MARGIN, scale)
    page.draw(canvas, _MARGIN, _MARGIN)
    return np.asarray(canvas.page)


def _head(title: str, summary: str, controls: Said, ruler: Canvas, width: float) -> Block:
    said = text_layout.clean(title)
    name = Block(
        30 if said else 0,
        lambda canvas, x, y: canvas.text((x, y), said, _TITLE, bold=True, room=width),
    )
    words = legends.stack([name, _lines(summary, ruler, width, _TEXT)])
    return legends.stack([words, _pairs(controls, ruler, width, _TEXT)], 10)


def _lines(text: str, ruler: Canvas, width: float, size: float) -> Block:
    """A paragraph in soft ink."""
    broken = text_layout.lines(text_layout.clean(text), ruler.font(size), width * ruler.scale)
    step = size + 6

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for number, line in enumerate(broken):
            canvas.text((x, y + number * step), line, size, SOFT)

    return Block(len(broken) * step, draw)


def _pairs(pairs: Said, ruler: Canvas, width: float, size: float) -> Block:
    """Names in soft ink, each before its value, in as many rows as it takes."""
    texts = [(text_layout.clean(name), text_layout.clean(value)) for name, value in pairs]
    between = 7
    wide = [
        ruler.length(name, _TEXT) + between + ruler.length(value, size, True)
        for name, value in texts
    ]
    places = text_layout.flow(wide, width, 26)
    step = size + 9

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for (row, left), (name, value) in zip(places, texts, strict=True):
            line = y + row * step + size
            canvas.text((x + left, line), name, _TEXT, SOFT, anchor="ls", room=width - left)
            at = left + canvas.length(name, _TEXT) + between
            room = max(0.0, width - at)
            canvas.text((x + at, line), value, size, bold=True, anchor="ls", room=room)

    return Block(text_layout.rows(places) * step, draw)


def _code(name: str, code: str, ruler: Canvas, width: float) -> Block:
    said, text = text_layout.clean(name), text_layout.clean(code)
    left = min(ruler.length(said, _TEXT), width / 3) + 10
    wide = min(ruler.length(text, _TEXT), width - left - 16)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.text((x, y + 12), said, _TEXT, SOFT, anchor="lm", room=left - 10)
        canvas.box(x + left, y, wide + 16, 24, SHADE, rounded=3)
        canvas.text((x + left + 8, y + 12), text, _TEXT, INK, anchor="lm", room=wide)

    return Block(26, draw)


def _notice(text: str, ruler: Canvas, width: float) -> Block:
    if not text:
        return legends.EMPTY
    said = _lines(text, ruler, width - 24, _TEXT)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.box(x, y, width, said.height + 14, SHADE)
        canvas.box(x, y, 3, said.height + 14, ORANGE)
        said.draw(canvas, x + 14, y + 8)

    return Block(said.height + 14, draw)


def _tables(panes: Mapping[str, Picture | None], ruler: Canvas, width: float) -> Block:
    """The tables, side by side where there is room."""
    made = [
        grid_drawing.table(picture, name, ruler, width)
        for name, picture in panes.items()
        if isinstance(picture, Table)
    ]
    places = text_layout.flow([wide for wide, _ in made], width, 2 * _GAP)
    rows: list[list[tuple[float, Block]]] = [[] for _ in range(text_layout.rows(places))]
    for (row, left), (_, block) in zip(places, made, strict=True):
        rows[row].append((left, block))
    return legends.stack([_beside(row) for row in rows], _BETWEEN)


def _beside(blocks: Sequence[tuple[float, Block]]) -> Block:
    """Blocks side by side, each with its left edge."""

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for left, block in blocks:
            block.draw(canvas, x + left, y)

    return Block(max(block.height for _, block in blocks), draw)


# Legends that several panes share, and long ones


def _below(panes: Mapping[str, Picture | None]) -> dict[tuple[str, ...], list[tuple[str, Picture]]]:
    """The legends that stand below the panes: their names, and the pictures that have them."""
    having: dict[tuple[str, ...], list[tuple[str, Picture]]] = {}
    for name, picture in panes.items():
        if picture is None or isinstance(picture, Diagram):
            continue
        for title, part in picture.parts or ((name, picture),):
            if legends.names_of(part):
                having.setdefault(legends.names_of(part), []).append((title, part))
    return {
        names: pictures
        for names, pictures in having.items()
        if (len(pictures) > 1 or _is_long(names)) and _one_table(pictures)
    }


def _is_long(names: tuple[str, ...]) -> bool:
    return len(names) > _LEGEND_IN_PANE[0] or sum(map(len, names)) > _LEGEND_IN_PANE[1]


def _one_table(pictures: list[tuple[str, Picture]]) -> bool:
    return len({legends.colours_of(picture) for _, picture in pictures}) == 1


def _legends(panes: Mapping[str, Picture | None], ruler: Canvas, width: float) -> list[Block]:
    below = _below(panes)
    blocks = []
    for names, pictures in below.items():
        title = text_layout.clean(", ".join(name for name, _ in pictures)) if len(below) > 1 else ""
        colours = legends.colours_of(pictures[0][1])
        blocks.append(legends.chips(names, colours, ruler, width, title))
    return blocks


# The panes


def _panes(
    panes: Mapping[str, Picture | None],
    point: Point | None,
    rows: Sequence[int],
    grow: bool,
    ruler: Canvas,
    width: float,
    room: float,
) -> Block:
    below = set(_below(panes))
    figures = [
        Figure(name, picture, below)
        for name, picture in panes.items()
        if not isinstance(picture, Table)
    ]
    if not figures:
        return legends.EMPTY
    first = next((f.frame for f in figures if f.frame), (1, 1))
    aspect = min(max(first[1] / first[0], 0.75), 2)
    if rows:
        columns = max(rows)
        pane = min(_wide_of(columns, width), _LARGEST)
    else:
        columns, pane = _columns(sum(f.span for f in figures), aspect, width, room, grow)
    pane = floor(pane * ruler.scale) / ruler.scale  # whole pixels: all panes are equally large
    if figures[0].tall and not rows:
        led = _led(figures, aspect, width, room, ruler, point)
        if led:
            return led
    packed = _given_rows(figures, rows) if rows else _packed(figures, columns)
    return _rows(packed, pane, aspect, 1 if rows else columns, ruler, point)


def _rows(
    packed: Sequence[Sequence[Figure]],
    pane: float,
    aspect: float,
    columns: int,
    ruler: Canvas,
    point: Point | None,
) -> Block:
    """Rows of panes, each as wide as its span of so many columns."""
    blocks = []
    for row in packed:
        height = pane / aspect
        wide = [(f, _wide(pane, min(f.span, columns))) for f in row]
        tall = max(figure.shown_height(side, height) for figure, side in wide)
        head = max(figure.head(ruler, side) for figure, side in wide)
        left, made = 0.0, []
        for figure, side in wide:
            made.append((left, figure.block(ruler, side, height, (head, tall), point)))
            left += side + _GAP
        blocks.append(_beside(made))
    return legends.stack(blocks, _BETWEEN)


def _led(
    figures: Sequence[Figure],
    aspect: float,
    width: float,
    room: float,
    ruler: Canvas,
    point: Point | None,
) -> Block | None:
    """A tall first pane beside two rows of the others; None where these would be too small."""
    first, *others = figures
    beside = ceil(sum(figure.span for figure in others) / 2)
    high = (room + _BETWEEN) / 2 - _BETWEEN - _UNDER
    pane = min(_wide_of(beside + first.span, width), _LARGEST, max(high * aspect, _LED))
    pane = floor(pane * ruler.scale) / ruler.scale
    packed = _packed(others, beside)
    if pane < _LED or len(packed) != 2:
        return None
    right = _rows(packed, pane, aspect, beside, ruler, point)
    own = width - beside * (pane + _GAP)
    head = first.head(ruler, own)
    left = first.block(ruler, own, pane / aspect, (head, right.height - head - 4), point)
    return _beside([(0.0, left), (own + _GAP, right)])


def _wide_of(columns: int, width: float) -> float:
    """The width of one of so many panes side by side."""
    return (width - (columns - 1) * _GAP) / columns


def _wide(pane: float, span: int) -> float:
    """The width of a pane that takes so many columns."""
    return pane * span + _GAP * (span - 1)


def _given_rows(figures: Sequence[Figure], rows: Sequence[int]) -> list[list[Figure]]:
    rest = iter(figures)
    return [list(islice(rest, count)) for count in rows]


def _packed(figures: Sequence[Figure], columns: int) -> list[list[Figure]]:
    """Panes in rows of so many columns; one that takes two does so where there are two."""
    rows: list[list[Figure]] = []
    used = columns
    for figure in figures:
        span = min(figure.span, columns)
        if used + span > columns:
            rows.append([])
            used = 0
        rows[-1].append(figure)
        used += span
    return rows


def _columns(count: int, aspect: float, width: float, room: float, grow: bool) -> tuple[int, float]:
    """Number of panes side by side, and the width of one: as large as there is room for."""

    def fitting(columns: int) -> float:
        high = (room + _BETWEEN) / ceil(count / columns) - _BETWEEN - _UNDER
        return min(_wide_of(columns, width), _LARGEST, high * aspect)

    choices = range(1, count + 1)
    best = max(choices, key=lambda columns: (round(fitting(columns) / 24), -columns))
    if not grow or fitting(best) >= _SMALLEST:
        return best, max(fitting(best), _TINY)

    def merit(columns: int) -> tuple[int, int, int]:  # the page grows: few rows, and even ones
        return round(min(_wide_of(columns, width), _LEAST) / 24), -ceil(count / columns), -columns

    best = max(choices, key=merit)
    return best, min(_wide_of(best, width), _LEAST)
