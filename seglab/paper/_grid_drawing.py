"""Number grids and tables with their numbers written out."""

import numpy as np

from seglab.draw.paint import Grid, Table
from seglab.paper import _scales as scales
from seglab.paper import text_layout
from seglab.paper._legends import SMALL, Block
from seglab.paper.canvas import BLUE, FAINT, INK, LINE, ORANGE, SHADE, SOFT, Canvas, ink_on

MOST = 44  # units of a cell
_SMALLEST = 6.5  # units of a digit that can still be read
_MANY, _TOO_MANY = 150, 1600  # cells: with fewer decimals, and with no numbers at all
_LINE, _TABLE, _PAD, _LEAST_PAD = 22, 13, 12, 4


def side(grid: Grid, width: float, height: float) -> float:
    """The side of a grid's cells in units, where it has so much room."""
    rows, columns = grid.size
    cell = min(MOST, width / columns, height / rows)
    return float(int(cell)) if cell >= 8 else cell


def draw_grid(canvas: Canvas, x: float, y: float, grid: Grid, cell: float) -> None:
    """Cells shaded by their value, their numbers in them, with borders and what is lost marked."""
    rows, columns = grid.size
    edges = [
        [canvas.px(at + i * cell) for i in range(n + 1)] for at, n in ((y, rows), (x, columns))
    ]
    shades = grid.rgb().copy()
    inner = np.zeros(grid.size, bool)
    b = grid.border
    inner[b : rows - b, b : columns - b] = True
    if b:
        shades[~inner] = SHADE
    tall, wide = (np.diff(edge) for edge in edges)
    canvas.pixels((x, y), shades.repeat(tall, 0).repeat(wide, 1))
    if cell >= 5:
        for i in range(1, rows):
            canvas.line([(x, y + i * cell), (x + columns * cell, y + i * cell)], LINE, 0.6)
        for i in range(1, columns):
            canvas.line([(x + i * cell, y), (x + i * cell, y + rows * cell)], LINE, 0.6)
    canvas.frame(x, y, columns * cell, rows * cell, LINE)
    if b:
        _dash(canvas, x, y, columns * cell, rows * cell)
        _dash(canvas, x + b * cell, y + b * cell, (columns - 2 * b) * cell, (rows - 2 * b) * cell)
    _write(canvas, x, y, grid, cell, shades, inner)
    for row in range(rows):
        for column in range(columns):
            if row >= rows - grid.lost[0] or column >= columns - grid.lost[1]:
                left, top = x + column * cell, y + row * cell
                canvas.line([(left, top + cell), (left + cell, top)], ORANGE, 1.5)


def _dash(canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
    for start, end in (
        ((x, y), (x + width, y)),
        ((x, y + height), (x + width, y + height)),
        ((x, y), (x, y + height)),
        ((x + width, y), (x + width, y + height)),
    ):
        canvas.dashes(start, end, FAINT)


def _write(
    canvas: Canvas,
    x: float,
    y: float,
    grid: Grid,
    cell: float,
    shades: np.ndarray,
    inner: np.ndarray,
) -> None:
    if grid.values.size > _TOO_MANY:
        return
    decimals = 1 if grid.values.size > _MANY else 2
    words = [[scales.format_number(float(v), decimals) for v in row] for row in grid.values]
    longest = max((len(word) for row in words for word in row), default=1) or 1
    size = cell * min(46, 86 / (0.62 * longest)) / 100
    if size < _SMALLEST:
        return
    for row, line in enumerate(words):
        for column, word in enumerate(line):
            at = x + (column + 0.5) * cell, y + (row + 0.5) * cell
            ink = ink_on(shades[row, column].tolist()) if inner[row, column] else SOFT
            canvas.text(at, word, size, ink, anchor="mm")


def table(picture: Table, name: str, ruler: Canvas, width: float) -> tuple[float, Block]:
    """A table under its name, and how wide it is; its highlighted row stands on a shade."""
    lines = [[text_layout.clean(text) for text in row] for row in (picture.columns, *picture.rows)]
    bold = [picture.highlight is not None and i == picture.highlight + 1 for i in range(len(lines))]
    own = [
        max(ruler.length(row[c], _TABLE, bold[i]) for i, row in enumerate(lines))
        for c in range(len(picture.columns))
    ]
    spare = (width - sum(own)) / (2 * len(own))
    pad = min(_PAD, max(_LEAST_PAD, spare))
    wide = [w + 2 * pad for w in own]
    if sum(wide) > width:
        wide = [w * width / sum(wide) for w in wide]

    def draw(canvas: Canvas, x: float, y: float) -> None:
        canvas.text((x, y), text_layout.clean(name), _TABLE, bold=True, room=width)
        y += _LINE
        for number, row in enumerate(lines):
            if bold[number]:
                canvas.box(x, y, sum(wide), _LINE, SHADE)
                canvas.box(x, y, 3, _LINE, BLUE)
            left = x
            for c, text in enumerate(row):
                flush = picture.numeric[c]
                at = left + (wide[c] - pad if flush else pad)
                canvas.text(
                    (at, y + _LINE / 2), text, _TABLE if number else SMALL,
                    INK if number else SOFT, bold=bold[number], anchor="rm" if flush else "lm",
                    room=wide[c] - 1.5 * pad,
                )  # fmt: skip
                left += wide[c]
            y += _LINE
            if number == 0:
                canvas.line([(x, y), (x + sum(wide), y)], LINE)

    return sum(wide), Block(_LINE * (len(lines) + 1), draw)
