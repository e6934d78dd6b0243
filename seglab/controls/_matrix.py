"""A grid of numbers that the student edits."""

import math
import re
from collections.abc import Mapping
from typing import Any

from seglab.controls._preset import Preset

Rows = tuple[tuple[float, ...], ...]


class Matrix(Preset):
    """A grid of numbers that the student edits, such as a kernel; presets: name -> rows.

    largest: the most rows and the most columns. rows: how many it has, if always so many.
    """

    kind = "matrix"

    def __init__(
        self,
        presets: Mapping[str, Any],
        default: str | None = None,
        label: str | None = None,
        largest: int = 7,
        rows: int | None = None,
    ) -> None:
        self.largest = largest
        self.rows = rows
        self._start(presets, default, label)

    def words(self, value: Any) -> str:
        """The preset's name, or the numbers: 1 2 / 3 4."""
        rows = (" ".join(f"{number:.3g}" for number in row) for row in value)
        return self.named(value) or " / ".join(rows)

    def spelling(self, value: Any) -> str:
        """The preset's name, or the rows: (1, 2):(3, 4)."""
        name = self.named(value)
        return ":".join(map(str, value)) if name is None else name

    def parse(self, text: str) -> Any:
        """A preset by its name, or rows as spelling() writes them."""
        if text in self.presets:
            return self.presets[text]
        rows = re.findall(r"\(([^()]*)\)", text)
        if not rows or ":".join(f"({row})" for row in rows) != text:
            raise ValueError(f"write one of {', '.join(self.presets)}, or rows: (1, 2):(3, 4)")
        return self.accept([[part for part in row.split(",") if part.strip()] for row in rows])

    def _checked(self, value: Any) -> Rows:
        try:
            rows = tuple(tuple(float(number) for number in row) for row in value)
        except (TypeError, ValueError):
            raise ValueError(f"{value!r} is no grid of numbers; give a list of rows") from None
        sides = {len(row) for row in rows}
        if len(sides) != 1 or not 1 <= len(rows) <= self.largest >= max(sides) >= 1:
            raise ValueError(
                f"{value!r} is no grid of 1 to {self.largest} rows of equal length, "
                f"1 to {self.largest}"
            )
        if self.rows not in (None, len(rows)):
            raise ValueError(f"{value!r} has {len(rows)} rows; give {self.rows}")
        if not all(math.isfinite(number) for row in rows for number in row):
            raise ValueError(f"{value!r} holds a number that is not finite; use ordinary numbers")
        return rows
