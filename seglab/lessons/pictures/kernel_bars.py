"""A kernel in one direction as bars to drag, and the sums of the taps that each place meets."""

from collections.abc import Mapping, Sequence

import torch

from seglab.draw import palettes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Align, Bar, Handle, Label, Line, Shape
from seglab.ops.upsample import RESIZE

Row = tuple[float, ...]

HEIGHT = 2.0  # the largest weight to drag to
LEVELS = tuple(n / 4 for n in range(9))
MOST = 9  # taps
_GROWS = "add a tap of 1"


def met(taps: int, s: int, method: str) -> list[list[int]]:
    """The taps that the output at each of the s places of a block meets."""
    if method == RESIZE:
        return [list(range(taps))] * s
    return [list(range(place, taps, s)) for place in range(s)]


def sums(row: Sequence[float], s: int, method: str) -> list[float]:
    """The sum of the taps at each place: what the layer makes of a row of ones."""
    taps = torch.tensor(row, dtype=torch.float64)
    return [float(taps[places].sum()) for places in met(len(row), s, method)]


def level(row: Sequence[float], s: int, method: str) -> float:
    """The sum that a place meets on average; 1 where it is nearly 0, as nothing is to be divided.

    Places that meet no tap do not count.
    """
    shared = 1 if method == RESIZE else min(len(row), s)
    mean = sum(row) / shared
    return mean if abs(mean) > 1e-3 else 1.0


def editor(row: Row, s: int, control: str, presets: Mapping[tuple[Row, ...], str]) -> Diagram:
    """The kernel's taps as bars, whose tops set the control; a colour for each place of a block.

    presets: the control's own names, by value, which a page stores.
    """
    count = len(row)
    shapes: list[Shape] = [Line(((0, 0), (count, 0)), "faint", 1)]
    for tap, weight in enumerate(row):
        shapes.append(
            Bar(tap + 0.15, max(weight, 0), tap + 0.85, min(weight, 0), palettes.rgb(tap % s))
        )
        below = tap + 0.5, min(0.0, *row)
        shapes.append(Label(f"{weight:.3g}", *below, shift=(0, 11), small=count > 6))
    for tap, weight in enumerate(row):
        stops = (
            (tap + 0.5, at, _named((*row[:tap], at, *row[tap + 1 :]), presets))
            for at in sorted({*LEVELS, weight})
        )
        shapes.append(
            Handle(
                control, tuple(stops), _named(row, presets), says=f"tap {tap}: weight {weight:.3g}"
            )
        )
    shapes += _sizes(row, control, presets)
    told = ", ".join(f"{weight:.3g}" for weight in row)
    return diagram(
        shapes,
        says=f"a kernel of {count} taps: {told}",
        x=(0, count),
        y=(max(HEIGHT, *row), min(0.0, *row)),
        margin=(28, 10, 22, 10),
        wide=True,
        tall=True,
    )


def _sizes(row: Row, control: str, presets: Mapping[tuple[Row, ...], str]) -> list[Shape]:
    """Two words to press: a tap less, and a tap more."""
    top = max(HEIGHT, *row)
    words: list[tuple[str, float, Align, Row, str]] = []
    if len(row) > 1:
        words.append(("− tap", 0, "start", row[:-1], "take the last tap away"))
    if len(row) < MOST:
        words.append(("+ tap", len(row), "end", (*row, 1.0), _GROWS))
    return [
        Label(
            text, x, top, align, (0, -18), colour="accent", says=says,
            sets=(control, _named(taps, presets)),
        )
        for text, x, align, taps, says in words
    ]  # fmt: skip


def stacks(row: Row, s: int, method: str, totals: Sequence[float]) -> Diagram:
    """A column for each place of a block: the taps that it meets, one on the other.

    totals: see sums().
    """
    mean = sum(totals) / s
    high = max(HEIGHT * max(map(len, met(len(row), s, method))), *totals, 0.1)
    shapes: list[Shape] = []
    for place, taps in enumerate(met(len(row), s, method)):
        shapes += _stack(place, [row[tap] for tap in taps], [tap % s for tap in taps])
        words = "no tap" if not taps else " + ".join(f"{row[tap]:.3g}" for tap in taps)
        said = f"place {place}: {words}"
        below = place + 0.5, min(0.0, *totals)
        shapes.append(Label(f"{totals[place]:.3g}", *below, shift=(0, 12), bold=True, says=said))
        shapes.append(Label(f"place {place}", *below, shift=(0, 26), small=True))
    shapes.append(Line(((0, mean), (s, mean)), "ink", 1, dashed=True))
    told = ", ".join(f"place {place} meets {total:.3g}" for place, total in enumerate(totals))
    return diagram(
        shapes,
        says=f"sums of taps: {told}; {'level' if is_level(totals) else 'not level'}",
        x=(0, s),
        y=(high, min(0.0, *totals)),
        margin=(8, 10, 36, 10),
    )


def is_level(totals: Sequence[float]) -> bool:
    """Tell whether all places meet the same sum, so that a map of ones stays flat."""
    return max(totals) - min(totals) < 1e-6


def _stack(place: int, weights: Sequence[float], of_place: Sequence[int]) -> list[Shape]:
    start = 0.0
    bars: list[Shape] = []
    for weight, phase in zip(weights, of_place, strict=True):
        end = start + weight
        bars.append(
            Bar(place + 0.2, max(start, end), place + 0.8, min(start, end), palettes.rgb(phase))
        )
        bars.append(Line(((place + 0.2, end), (place + 0.8, end)), "paper", 1.5))
        start = end
    return [Bar(place + 0.2, max(start, 0), place + 0.8, min(start, 0), hollow=True, colour="faint",
                ghost=True), *bars]  # fmt: skip


def _named(row: Row, presets: Mapping[tuple[Row, ...], str]) -> str | tuple[Row, ...]:
    return presets.get((row,), (row,))
