"""Rows of a drawn net, one for each stride: their places, their names, and arrows between them."""

from collections.abc import Mapping
from dataclasses import dataclass

from seglab.draw.shapes import Arrow, Colour, Label, Shape


@dataclass(frozen=True)
class Rows:
    """Rows of a drawing below its titles.

    strides: of the rows, from the top. x: where their names stand. half: half the height of a
    small picture.
    """

    strides: tuple[int, ...]
    x: float
    half: float

    def y(self, stride: int) -> float:
        """The middle of a stride's row."""
        return self.strides.index(stride) + 1.1

    def titles(self, texts: Mapping[float, str]) -> list[Shape]:
        """Titles of the columns, by their x, and the name of each row."""
        named = {self.x: "stride", **texts}.items()
        titles: list[Shape] = [Label(text, x, 0.35, small=True) for x, text in named]
        return titles + [Label(str(stride), self.x, self.y(stride)) for stride in self.strides]

    def arrow(self, x: float, start: int, end: int, colour: Colour = "faint") -> Shape:
        """Arrow from the small picture of one stride to that of another, below it or above it."""
        away = self.half if self.y(end) > self.y(start) else -self.half
        return Arrow(x, self.y(start) + away, x, self.y(end) - away, colour, 1.5)
