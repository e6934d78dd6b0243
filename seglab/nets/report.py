"""Figures of a training as lines of text."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import getitem
from statistics import fmean
from typing import Any

Figures = dict[str, Any]
Columns = Mapping[str, Callable[[Figures], str]]  # heading -> the cell of a net

_BARS = "▁▂▃▄▅▆▇█"


def table(report: Mapping[str, Figures], columns: Columns) -> str:
    """Table with a row for each net; below it, the course of its loss where it has a "loss"."""
    rows = [(net, *(cell(row) for cell in columns.values())) for net, row in report.items()]
    curves = [
        f"{net}: loss {sparkline(row['loss'])}" for net, row in report.items() if "loss" in row
    ]
    return "\n".join([aligned([("net", *columns), *rows]), *curves])


def figure(*path: str | int, digits: int | None = None) -> Callable[[Figures], str]:
    """Cell of a column: the figure under these keys, rounded to so many digits, or as it stands."""

    def cell(figures: Figures) -> str:
        value = reduce(getitem, path, figures)  # type: ignore[arg-type] # a list has no keys
        return str(value) if digits is None else f"{value:.{digits}f}"

    return cell


def aligned(rows: Sequence[Sequence[str]], left: int = 0) -> str:
    """Rows as lines of text, each column as wide as it has to be.

    left: how many of the first columns are flush left; the others are flush right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if number < left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def curve(losses: Sequence[float], points: int = 40) -> list[float]:
    """Losses of a training as at most `points` means over equally many steps, in order."""
    parts = min(points, len(losses))
    ends = [len(losses) * part // parts for part in range(parts + 1)]
    return [round(fmean(losses[a:b]), 4) for a, b in pairwise(ends)]


def sparkline(values: Sequence[float]) -> str:
    """Curve as a line of text: one bar for each value, from the lowest to the highest."""
    low, high = min(values), max(values)
    top = len(_BARS) - 1
    bars = (_BARS[round(top * (value - low) / ((high - low) or 1))] for value in values)
    return f"{''.join(bars)}  {values[0]:.3f} to {values[-1]:.3f}"
