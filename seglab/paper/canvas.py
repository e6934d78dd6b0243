"""A page to draw on, in units of which `scale` pixels make one."""

from collections.abc import Sequence

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from seglab.paper import text_layout

Colour = tuple[int, int, int]

# The board's colours on a light page.
INK, SOFT, FAINT = (33, 33, 33), (97, 97, 97), (140, 140, 140)
PAPER, SHADE, LINE = (255, 255, 255), (238, 238, 238), (216, 216, 216)
BLUE, ORANGE, WHITE = (11, 102, 195), (194, 65, 12), (255, 255, 255)

_SMOOTH = 4  # a curve is drawn so many times larger, then reduced


def ink_on(ground: Sequence[int]) -> Colour:
    """Dark ink on a light ground (red, green, blue), light on a dark one."""
    red, green, blue = ground
    return WHITE if 0.299 * red + 0.587 * green + 0.114 * blue < 130 else INK


class Canvas:
    """Draws on a white page, in units; whatever falls outside is cut off."""

    def __init__(self, width: float, height: float, scale: float) -> None:
        self.scale = scale
        self.page = Pillow.new("RGB", (self.px(width), self.px(height)), PAPER)
        self._draw = ImageDraw.Draw(self.page)

    def px(self, units: float) -> int:
        """A length or a place in whole pixels."""
        return round(units * self.scale)

    def font(self, size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
        """The font at a size in units."""
        return text_layout.font(max(1, self.px(size)), bold)

    def length(self, text: str, size: float, bold: bool = False) -> float:
        """Width of a text in units."""
        return self.font(size, bold).getlength(text) / self.scale

    def text(
        self,
        at: tuple[float, float],
        text: str,
        size: float,
        colour: Colour = INK,
        *,
        bold: bool = False,
        anchor: str = "la",
        room: float | None = None,
    ) -> None:
        """A line of text at (x, y); anchor as in Pillow; room: cut to so many units."""
        font = self.font(size, bold)
        if room is not None:
            text = text_layout.cut(text, font, room * self.scale)
        self._draw.text(
            (self.px(at[0]), self.px(at[1])), text, fill=colour, font=font, anchor=anchor
        )

    def box(
        self, x: float, y: float, width: float, height: float, fill: Colour | None = None,
        outline: Colour | None = None, thick: float = 1, rounded: float = 0,
    ) -> None:  # fmt: skip
        """A rectangle; its outline lies inside."""
        left, top = self.px(x), self.px(y)
        right, bottom = max(left, self.px(x + width) - 1), max(top, self.px(y + height) - 1)
        self._draw.rounded_rectangle(
            (left, top, right, bottom), self.px(rounded), fill, outline, max(1, self.px(thick))
        )

    def frame(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A hairline around a rectangle, outside it."""
        hair = max(1, self.px(1))
        left, top, right, bottom = (self.px(v) for v in (x, y, x + width, y + height))
        self._draw.rectangle(
            (left - hair, top - hair, right + hair - 1, bottom + hair - 1), None, colour, hair
        )

    def line(
        self,
        points: Sequence[tuple[float, float]],
        colour: Colour,
        thick: float = 1,
    ) -> None:
        """A line through points (x, y)."""
        places = [(self.px(x), self.px(y)) for x, y in points]
        self._draw.line(places, colour, max(1, self.px(thick)))

    def dashes(self, start: tuple[float, float], end: tuple[float, float], colour: Colour) -> None:
        """A dashed line along an axis."""
        long = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
        if not long:
            return
        step = ((end[0] - start[0]) / long, (end[1] - start[1]) / long)
        for at in np.arange(0, long, 5):
            to = min(at + 3, long)
            self.line([(start[0] + d * step[0], start[1] + d * step[1]) for d in (at, to)], colour)

    def ring(self, x: float, y: float, radius: float, colour: Colour, thick: float) -> None:
        """A smooth circle around (x, y)."""
        reach = radius + thick
        left, top = self.px(x - reach), self.px(y - reach)
        side = self.px(2 * reach) + 1
        mask = Pillow.new("L", (side * _SMOOTH, side * _SMOOTH))
        middle = (x * self.scale - left) * _SMOOTH, (y * self.scale - top) * _SMOOTH
        outer = (radius + thick / 2) * self.scale * _SMOOTH
        ImageDraw.Draw(mask).ellipse(
            (middle[0] - outer, middle[1] - outer, middle[0] + outer, middle[1] + outer),
            None,
            255,
            round(thick * self.scale * _SMOOTH),
        )
        self.page.paste(colour, (left, top), mask.resize((side, side), Pillow.Resampling.BOX))

    def pixels(self, at: tuple[float, float], colours: np.ndarray) -> None:
        """Pixels of the page's own size, uint8 [H, W, 3], with the top left corner at (x, y)."""
        self.page.paste(Pillow.fromarray(colours), (self.px(at[0]), self.px(at[1])))
