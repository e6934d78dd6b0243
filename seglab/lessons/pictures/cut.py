"""A cut through score maps along a row: a curve for each class, the level, and the labels below."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from torch import Tensor

from seglab.draw import palettes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Bar, Handle, Label, Line, Point, Shape
from seglab.types import NO_LABEL, Labels, Size

LONG = 64  # pixels
_MOST, _FAINTEST = 4, 0.05  # curves at most, and the probability that a class must reach for one
_STRIPS = 0.1, 0.04  # height of a strip and of the space above it, as shares of the curves' height


def columns(pixel: Size, wide: int) -> range:
    """The columns of the cut around a pixel, in a picture so wide."""
    first = min(max(pixel[1] - LONG // 2, 0), max(wide - LONG, 0))
    return range(first, min(first + LONG, wide))


def seen(shares: Tensor) -> list[int]:
    """The classes that have a curve: those with the highest probability along the cut, [K, n]."""
    most = shares.amax(1)
    order = most.argsort(descending=True)[:_MOST].tolist()
    return sorted(k for k in order if most[k] >= _FAINTEST)


class Cut(NamedTuple):
    """A piece of a row of maps.

    names: of the K classes. at: (row, column) of the point. along: the columns. curves: float
    [K, n], what the rule reads. others: what is drawn faintly behind it, and its name; None where
    the curves are no probabilities. labels, truth: int64 [n]. level: the level and all that it may
    be; None where the rule has none.
    """

    names: Sequence[str]
    at: Size
    along: range
    curves: Tensor
    others: tuple[Tensor, str] | None
    labels: Labels
    truth: Labels | None
    level: tuple[float, Sequence[float]] | None


def drawn(cut: Cut, kinds: Sequence[int]) -> Diagram:
    """The curves of some classes, see seen(), with the level, and below it the labels."""
    low, high = (0.0, 1.0) if cut.others else map(float, cut.curves[list(kinds)].aminmax())
    first, last, tall = cut.along[0], cut.along[-1], high - low
    bottom = low - tall * 2 * sum(_STRIPS)
    shapes = [*_axis(cut, low, high), *_curves(cut, kinds)]
    for number, (name, strip) in enumerate({"label": cut.labels, "truth": cut.truth}.items()):
        top = low - tall * (_STRIPS[1] + number * sum(_STRIPS))
        if strip is not None:
            shapes += _strip(name, strip.tolist(), first, top, tall * _STRIPS[0], cut.names)
    column = cut.at[1]
    shapes.append(Line(((column, high), (column, bottom)), "accent", 1, dashed=True))
    if cut.level:
        now, values = cut.level
        said, stops = f"level {now:g}", tuple((last, value, value) for value in values)
        shapes.append(Line(((first, now), (last, now)), "ink", 1.5, dashed=True, says=said))
        shapes.append(Handle("level", stops, now, says=said))
        low, high = min(low, *values), max(high, *values)
    return diagram(
        shapes,
        says=_words(cut),
        x=(first, last),
        y=(high, min(low, bottom)),
        margin=(20, 16, 6, 36),
        wide=True,
        tall=True,
    )


def _axis(cut: Cut, low: float, high: float) -> list[Shape]:
    first, last = cut.along[0], cut.along[-1]
    shapes: list[Shape] = []
    for y in _ticks(low, high):
        shapes.append(Line(((first, y), (last, y)), "faint", 0.5))
        shapes.append(Label(f"{y:g}", first, y, "end", (-5, 0), small=True))
    words = "scores of the classes" if cut.others is None else f"faint: {cut.others[1]}"
    return [*shapes, Label(words, first, high, "start", (4, -9), small=True)]


def _curves(cut: Cut, kinds: Sequence[int]) -> list[Shape]:
    shapes: list[Shape] = []
    if cut.others:
        shapes += [Line(_points(cut.along, cut.others[0][kind]), "faint", 1.5) for kind in kinds]
    for kind in kinds:
        value = float(cut.curves[kind, cut.at[1] - cut.along[0]])
        said = f"{cut.names[kind]}: {value:.3f} at the point"
        shapes.append(
            Line(_points(cut.along, cut.curves[kind]), palettes.rgb(kind), 2.5, says=said)
        )
    return shapes


def runs(labels: Sequence[int]) -> list[tuple[int, int, int]]:
    """Each run of equal labels: the label, its first place and how many there are."""
    found, place = [], 0
    for label, group in groupby(labels):
        count = len(list(group))
        found.append((label, place, count))
        place += count
    return found


def called(label: int, names: Sequence[str]) -> str:
    """A label in words."""
    if label == NO_LABEL:
        return "no label"
    return names[label] if label < len(names) else "several classes"


def _strip(
    name: str, labels: Sequence[int], first: int, top: float, tall: float, names: Sequence[str]
) -> list[Shape]:
    bars: list[Shape] = [Label(name, first - 0.5, top - tall / 2, "end", (-3, 0), small=True)]
    for label, place, count in runs(labels):
        left, is_none = first + place - 0.5, label == NO_LABEL
        bars.append(
            Bar(
                left, top, left + count, top - tall,
                "faint" if is_none else "ink" if label >= len(names) else palettes.rgb(label),
                hollow=is_none, says=f"{name}: {called(label, names)}, {count} pixels",
            )
        )  # fmt: skip
    return bars


def _words(cut: Cut) -> str:
    first = cut.along[0]
    parts = (
        f"{called(label, cut.names)} from column {first + place} to {first + place + count - 1}"
        for label, place, count in runs(cut.labels.tolist())
    )
    said = f", level {cut.level[0]:g}" if cut.level else ""
    return f"row {cut.at[0]}{said}: {', '.join(parts)}"


def _points(along: range, values: Tensor) -> tuple[Point, ...]:
    return tuple((x, round(y, 4)) for x, y in zip(along, values.tolist(), strict=True))


def _ticks(low: float, high: float) -> tuple[float, ...]:
    if (low, high) == (0.0, 1.0):
        return 0, 0.5, 1
    step = next(n for n in (1, 2, 5, 10, 20, 50, 100, 1000) if (high - low) / n <= 5)
    first, last = -int(-low // step), int(high // step)
    return tuple(float(step * n) for n in range(first, last + 1))
