"""A table of short texts and numbers, such as what each layer of a net sees."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from seglab.draw.picture import Picture

_COLOURS = np.array([[255, 255, 255], [86, 180, 233]], np.uint8)


@dataclass(frozen=True, eq=False)
class Table(Picture):
    """Rows under named columns; code 1 of the plane marks the highlighted row."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    numeric: tuple[bool, ...] = ()
    highlight: int | None = None

    def header(self) -> dict[str, Any]:
        """Everything but the plane, as plain JSON values, for a viewer."""
        return {
            **super().header(),
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
            "numeric": list(self.numeric),
            "highlight": self.highlight,
        }

    def _described(self) -> str:
        """The table in words: its columns, and the highlighted row or the last."""
        row = self.rows[-1 if self.highlight is None else self.highlight]
        said = ", ".join(f"{name} {text}" for name, text in zip(self.columns, row, strict=True))
        which = "last" if self.highlight is None else "highlighted"
        return f"table of {len(self.rows)} rows; {which}: {said}"


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], highlight: int | None = None
) -> Table:
    """A table; a column that holds numbers only stands flush right. highlight: a row's index.

    A number whose digits are to be shown as they are, such as 0.90, is given as text.

    Raises ValueError for a row whose length is not that of the columns, or no row at all.
    """
    if not rows or not columns:
        raise ValueError(f"{len(columns)} columns and {len(rows)} rows; a table has one of each")
    for index, row in enumerate(rows):
        if len(row) != len(columns):
            raise ValueError(
                f"row {index} has {len(row)} entries for {len(columns)} columns; make them equal"
            )
    if highlight is not None and not 0 <= highlight < len(rows):
        raise ValueError(f"highlight={highlight} is no row; use 0 to {len(rows) - 1}, or None")
    marked = np.zeros((len(rows), len(columns)), np.uint8)
    if highlight is not None:
        marked[highlight] = 1
    return Table(
        array=marked,
        kind="table",
        palette=_COLOURS,
        columns=tuple(columns),
        rows=tuple(tuple(map(str, row)) for row in rows),
        numeric=tuple(all(_is_number(row[c]) for row in rows) for c in range(len(columns))),
        highlight=highlight,
    )


def class_table(
    classes: Sequence[str],
    scores: Sequence[float] | Tensor,
    probabilities: Mapping[str, Sequence[float] | Tensor],
    highlight: int | None = None,
) -> Table:
    """A table with a row for each class: its score, and under each name its probability.

    highlight: the index of a class. Raises ValueError unless there is one of each for each class.
    """
    texts = [
        [f"{round(float(score), 1) + 0.0:.1f}" for score in scores],  # + 0.0: never -0.0
        *([f"{float(share):.3f}" for share in shares] for shares in probabilities.values()),
    ]
    names = ("class", "score", *probabilities)
    for name, column in zip(names[1:], texts, strict=True):
        if len(column) != len(classes):
            raise ValueError(
                f"{len(column)} values of {name!r} for {len(classes)} classes; give one for each"
            )
    return table(names, list(zip(classes, *texts, strict=True)), highlight)


def _is_number(entry: Any) -> bool:
    return isinstance(entry, int | float) or bool(re.fullmatch(r"[-−]?\d+(\.\d+)?", str(entry)))
