"""A pixel that the student clicks."""

from collections.abc import Sequence
from typing import Any

from seglab.controls._base import Control, Widget


class Pixel(Control):
    """A (row, column) set by clicking a pane; size is the (height, width) it lies in."""

    size: tuple[int, int]

    def __init__(
        self,
        size: tuple[int, int],
        default: tuple[int, int] | None = None,
        label: str | None = None,
    ) -> None:
        self.size = size
        self.label = label
        self.default = self.accept((size[0] // 2, size[1] // 2) if default is None else default)

    def accept(self, value: Any) -> tuple[int, int]:
        """Value as a (row, column) inside the picture; ValueError when it is not."""
        try:
            given = list(value)
            row, column = map(int, given)
            is_whole = [row, column] == given
        except (TypeError, ValueError, OverflowError):
            is_whole = False
        if not is_whole:
            raise ValueError(f"{value!r} is not a (row, column) pair of whole numbers")
        height, width = self.size
        if not (0 <= row < height and 0 <= column < width):
            raise ValueError(
                f"({row}, {column}) lies outside; rows go from 0 to {height - 1}, "
                f"columns from 0 to {width - 1}"
            )
        return row, column

    def sweep(self) -> tuple[tuple[int, int], ...]:
        """The default and two corners."""
        height, width = self.size
        return tuple(dict.fromkeys([self.default, (0, 0), (height - 1, width - 1)]))

    def text(self, value: Any) -> str:
        """The pair."""
        return repr(value)

    def words(self, value: Any) -> str:
        """Row and column."""
        return f"row {value[0]}, column {value[1]}"

    def spelling(self, value: Any) -> str:
        """Row and column with a colon."""
        return f"{value[0]}:{value[1]}"

    def widget(self, values: Sequence[Any] | None = None) -> Widget:
        """Two number boxes, and clicks on the panes."""
        return Widget("pixel", tuple(self.words(value) for value in values or ()), self.play)

    def parse(self, text: str) -> tuple[int, int]:
        """A position, row:column."""
        row, colon, column = text.partition(":")
        if not (colon and row.strip().isdigit() and column.strip().isdigit()):
            raise ValueError("write a pixel as row:column, such as 96:150")
        return self.accept((int(row), int(column)))

    def parse_all(self, text: str) -> Any:
        """Positions, or one whole number n for an n × n grid of them."""
        return int(text) if text.isdigit() else super().parse_all(text)

    def key(self, value: Any, offered: Sequence[Any] | None = None) -> list[Any]:
        """Row and column."""
        return list(value)

    def stored(self, keep: Any = None) -> tuple[tuple[int, int], ...]:
        """A 3 × 3 grid in which keep, or else the default, has a place."""
        return self.grid(3, keep)

    def expand(self, given: Any) -> tuple[tuple[int, int], ...]:
        """Positions, or for a whole number n an n × n grid of them."""
        if not isinstance(given, int) or isinstance(given, bool):
            return super().expand(given)
        if not 1 <= given <= min(self.size):
            raise ValueError(
                f"{given} is no grid; an n × n grid of pixels has n from 1 to {min(self.size)}"
            )
        return self.grid(given)

    def grid(self, side: int, keep: tuple[int, int] | None = None) -> tuple[tuple[int, int], ...]:
        """The middles of side × side equal tiles; keep takes the place of the nearest one."""
        height, width = self.size
        keep = keep or self.default
        points = [
            (int((row + 0.5) * height / side), int((column + 0.5) * width / side))
            for row in range(side)
            for column in range(side)
        ]
        away = [sum((a - b) ** 2 for a, b in zip(p, keep, strict=True)) for p in points]
        points[away.index(min(away))] = keep
        return tuple(dict.fromkeys(points))
