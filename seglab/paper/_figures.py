"""One pane of a sheet: its name, the picture, what it is, and the key to its colours."""

from collections.abc import Collection
from typing import NamedTuple

from seglab.draw.diagram import Diagram
from seglab.draw.paint import Curtain, Grid
from seglab.draw.picture import Picture
from seglab.paper import _grid_drawing as grid_drawing
from seglab.paper import _legends as legends
from seglab.paper import _planes as planes
from seglab.paper import text_layout
from seglab.paper._legends import SMALL, Block
from seglab.paper._shapes import draw_diagram
from seglab.paper._vectors import draw_marks
from seglab.paper.canvas import BLUE, INK, LINE, SOFT, WHITE, Canvas
from seglab.types import Size

CAPTION = 13
_STEP = 18  # units from line to line


class Point(NamedTuple):
    """A place in the input, (row, column), and the input's (height, width)."""

    at: Size
    size: Size


class Figure(NamedTuple):
    """A pane; below: the names of a legend that stands elsewhere; picture None: there is none."""

    name: str
    picture: Picture | None
    below: Collection[tuple[str, ...]] = ()

    @property
    def span(self) -> int:
        """Columns that it takes where there are so many."""
        return 2 if isinstance(self.picture, Diagram) and self.picture.wide else 1

    @property
    def tall(self) -> bool:
        """True where it takes two rows beside other panes."""
        return isinstance(self.picture, Diagram) and self.picture.tall

    @property
    def frame(self) -> Size | None:
        """The (height, width) of the input that the picture lies on; None: it lies on none."""
        if self.picture is None or isinstance(self.picture, Diagram):
            return None
        return self.picture.frame

    def shown_height(self, width: float, height: float) -> float:
        """The units that the picture itself takes of so much room."""
        if isinstance(self.picture, Grid):
            return self.picture.size[0] * grid_drawing.side(self.picture, width, height)
        return height

    def head(self, ruler: Canvas, width: float) -> float:
        """The units that the name takes."""
        return _STEP * len(self._name(ruler, width)) + 4

    def block(
        self,
        ruler: Canvas,
        width: float,
        room: float,
        row: tuple[float, float],
        point: Point | None,
    ) -> Block:
        """The pane in so much room; row: the units that its row has for names and for pictures."""
        tail = self._tail(ruler, width)
        lines = self._name(ruler, width)
        head, height = row

        def draw(canvas: Canvas, x: float, y: float) -> None:
            start = y + head - 4 - _STEP * len(lines)  # names end at one height
            for number, line in enumerate(lines):
                canvas.text((x, start + number * _STEP), line, CAPTION, bold=True, room=width)
            self._picture(canvas, x, y + head, width, room, height, point)
            tail.draw(canvas, x, y + head + height + 4)

        return Block(head + height + 4 + tail.height, draw)

    def _name(self, ruler: Canvas, width: float) -> list[str]:
        font = ruler.font(CAPTION, bold=True)
        return text_layout.lines(text_layout.clean(self.name), font, width * ruler.scale)

    def _tail(self, ruler: Canvas, width: float) -> Block:
        picture = self.picture
        if picture is None or isinstance(picture, Diagram):
            return legends.EMPTY
        if isinstance(picture, Curtain):
            half = (width - 12) / 2
            sides = [
                legends.stack([_words(name, ruler, half), self._key(part, ruler, half)])
                for name, part in picture.parts
            ]

            def draw(canvas: Canvas, x: float, y: float) -> None:
                for i, side in enumerate(sides):
                    side.draw(canvas, x + i * (half + 12), y)

            return Block(max(side.height for side in sides), draw)
        return legends.stack(
            [_words(_what(picture), ruler, width), self._key(picture, ruler, width)]
        )

    def _key(self, picture: Picture, ruler: Canvas, width: float) -> Block:
        return legends.key(picture, ruler, width, legends.names_of(picture) not in self.below)

    def _picture(
        self, canvas: Canvas, x: float, y: float, width: float, room: float, height: float,
        point: Point | None,
    ) -> None:  # fmt: skip
        picture = self.picture
        if picture is None:
            canvas.frame(x, y, width, height, LINE)
            canvas.text((x + width / 2, y + height / 2), "no picture", SMALL, SOFT, anchor="mm")
            return
        if isinstance(picture, Diagram):
            draw_diagram(canvas, picture, (x, y), width, height)
            canvas.frame(x, y, width, height, LINE)
            return
        if isinstance(picture, Grid):
            cell = grid_drawing.side(picture, width, room)
            grid_drawing.draw_grid(canvas, x, y, picture, cell)
            size = canvas.px(picture.size[0] * cell), canvas.px(picture.size[1] * cell)
            draw_marks(canvas, picture.marks, (x, y), size, picture.frame)
            return
        rows, columns = picture.frame
        shown = min(width / columns, height / rows)
        tall, wide = rows * shown, columns * shown
        left, top = x + (width - wide) / 2, y + (height - tall) / 2
        size = max(1, canvas.px(tall)), max(1, canvas.px(wide))
        if isinstance(picture, Curtain):
            first, second = (
                planes.resample_to_frame(part, size, canvas.scale) for _, part in picture.parts
            )
            first = first.copy()
            first[:, size[1] // 2 :] = second[:, size[1] // 2 :]
            canvas.pixels((left, top), first)
            halves = (0, size[1] // 2), (size[1] // 2, size[1])
            for (_, part), half in zip(picture.parts, halves, strict=True):
                draw_marks(canvas, part.marks, (left, top), size, part.frame, half)
            middle = left + wide / 2
            canvas.line([(middle, top), (middle, top + tall)], INK, 4)
            canvas.line([(middle, top), (middle, top + tall)], WHITE, 2)
        else:
            canvas.pixels((left, top), planes.resample_to_frame(picture, size, canvas.scale))
        draw_marks(canvas, picture.marks, (left, top), size, picture.frame)
        canvas.frame(left, top, wide, tall, LINE)
        if point and point.size == picture.frame:
            at_x, at_y = left + (point.at[1] + 0.5) * shown, top + (point.at[0] + 0.5) * shown
            for colour, thick in ((WHITE, 4.5), (BLUE, 2)):
                canvas.ring(at_x, at_y, max(rows, columns) * shown / 42, colour, thick)


def _words(text: str, ruler: Canvas, width: float) -> Block:
    lines = text_layout.lines(text_layout.clean(text), ruler.font(SMALL), width * ruler.scale)

    def draw(canvas: Canvas, x: float, y: float) -> None:
        for number, line in enumerate(lines):
            canvas.text((x, y + number * _STEP), line, SMALL, SOFT, room=width)

    return Block(_STEP * len(lines) + 2, draw)


def _what(picture: Picture) -> str:
    """The size of a picture in its own pixels, and what one of them sees."""
    if isinstance(picture, Grid):
        inner = _pair([n - 2 * picture.border for n in picture.size])
        if not picture.border:
            return inner
        padded = picture.border_means == "padding"
        return f"{inner}, padded by {picture.border}" if padded else f"{inner} stay"
    field = picture.field
    if field is None:
        return _pair(picture.size)
    stride = field.stride
    step = stride[0] if stride[0] == stride[1] else _pair(stride)
    every = "" if stride[0] == stride[1] == 1 else f", one every {step} px"
    seen = [
        n if n < float("inf") else side for n, side in zip(field.size, picture.frame, strict=True)
    ]
    return f"{_pair(picture.size)}{every} · sees {_pair(seen)}"


def _pair(numbers: Collection[float]) -> str:
    return " × ".join(f"{n:g}" for n in numbers)
