"""Stamp and add: each value of a row puts its multiple of a kernel down, and overlaps add up."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from seglab._text import plural
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Area, Bar, Colour, Handle, Label, Line, Point, Shape
from seglab.lessons.pictures.taps import Row, fan

VALUES = (2.0, 4.0, 1.0, 3.0, 4.0, 2.0, 1.0, 3.0)  # of the row that is upsampled
FAINTEST = 1e-6  # a smaller weight is what rounding leaves
BANDS = ("values", "stamps", "sum")

Level = Callable[[int, float], float]


def stamps(matrix: Tensor, values: Sequence[float] = VALUES) -> Tensor:
    """Outputs that each value of a row adds, [n, n * f]: its column of the matrix, times it."""
    return (matrix * torch.tensor(values).to(matrix)).T


def stamp_and_add(matrix: Tensor, count: int) -> Diagram:
    """The first `count` stamps of a row, and their sum; matrix [n * f, n], see Upsampler.matrix."""
    every = stamps(matrix).cpu()
    f, outputs = every.shape[1] // len(every), every.shape[1]
    total, so_far, last = every.sum(0), every[:count].sum(0), every[count - 1]
    lines = [*every, total, so_far]
    level = _levels(
        min(float(line.min()) for line in lines), max(float(line.max()) for line in lines)
    )
    drawn: list[Shape] = [
        *(Area(_outline(stamp, level, 1), "ink", 0.18) for stamp in every[: count - 1]),
        *(Line(((0, level(band, 0)), (outputs, level(band, 0))), "faint", 1) for band in range(3)),
        *_values(count, f, level),
        *_cone(last, (count - 0.5) * f, level),
        Area(
            _outline(last, level, 1),
            opacity=0.6,
            says=f"stamp {count}: {VALUES[count - 1]:g} × the kernel",
        ),
        Line(_outline(total, level, 2), "faint", 1),
        Area(_outline(so_far, level, 2), "ink", 0.45, says=f"the sum of {plural(count, 'stamp')}"),
        Area(
            _outline(so_far, level, 2, so_far - last), opacity=0.8, says=f"what stamp {count} adds"
        ),
        *(
            Label(name, 0, band + 0.6, "end", (-6, 0), small=True)
            for band, name in enumerate(BANDS)
        ),
    ]
    stops = tuple(((n + 0.5) * f, level(0, 0), n + 1) for n in range(len(VALUES)))
    drawn.append(Handle("stamp", stops, count, says="stamps: drag to the next value"))
    return diagram(
        drawn,
        says=(
            f"{plural(count, 'stamp')} of {len(every)}, {f} outputs apart; the last is "
            f"{VALUES[count - 1]:g} times the kernel; the sum goes up to "
            f"{float(so_far.max()):.2f}, with all stamps up to {float(total.max()):.2f}"
        ),
        x=(0, outputs),
        y=(-0.06, 3.05),
        margin=(8, 8, 4, 46),
        wide=True,
        tall=True,
    )


def _levels(low: float, high: float) -> Level:
    """Height of a value in a band; all three bands have one scale."""
    low, high = min(0.0, low), max(*VALUES, high)
    return lambda band, value: band + 1 - (value - low) / (high - low) * 0.86


def _values(count: int, f: int, level: Level) -> list[Shape]:
    """The row that is upsampled: what is stamped already, what now, and what later."""
    found: list[Shape] = []
    for n, value in enumerate(VALUES, 1):
        x, now = (n - 0.5) * f, n == count
        edges = (x - 0.15 * f, level(0, value), x + 0.15 * f, level(0, 0))
        colour: Colour = "accent" if now else "ink"
        later, opacity = n > count, 1 if now else 0.5
        found += [
            Bar(*edges, colour, hollow=later, opacity=opacity, says=f"value {n}: {value:g}"),
            Label(f"{value:g}", x, level(0, value), shift=(0, -7), bold=now, small=True),
        ]
    return found


def _reach(stamp: Tensor) -> range:
    """Outputs from the first to the last that are not 0."""
    there = (stamp.abs() > FAINTEST).nonzero().flatten().tolist()
    return range(there[0], there[-1] + 1) if there else range(0)


def _outline(
    line: Tensor, level: Level, band: int, below: Tensor | None = None
) -> tuple[Point, ...]:
    """The outline of bars side by side, from 0 or from `below` up to the values of a line."""
    below = torch.zeros_like(line) if below is None else below
    reach = _reach(line - below) or range(1)
    edge = lambda values: [  # noqa: E731 # the same for both sides
        (o + side, level(band, float(values[o]))) for o in reach for side in (0, 1)
    ]
    return (*edge(line), *edge(below)[::-1])


def _cone(stamp: Tensor, x: float, level: Level) -> list[Shape]:
    """Lines from a value to the ends of its stamp."""
    reach = _reach(stamp)
    upper, lower = Row(level(0, 0), [0], x), Row(level(1, 0), reach)
    return list(fan(upper, 0, lower, [reach[0], reach[-1] + 1], "accent")) if reach else []
