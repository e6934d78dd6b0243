"""A reliability diagram: how many are right of the pixels that have about the same probability."""

import math
import textwrap

from torch import Tensor

from seglab.draw.diagram import Diagram, diagram, plot
from seglab.draw.shapes import Bar, Label, Line, Shape
from seglab.ops import metrics

_GAP = (214, 39, 40)  # what is wrong, as in the map of mistakes
_LETTERS = 20  # of a line in a pane of 140 pixels


def reliability(table: Tensor, temperature: float) -> Diagram:
    """Bars of accuracy over probability, and in red what the net is too sure of, or too little.

    table: see metrics.reliability(). A bar is the fainter, the fewer pixels it stands for.
    """
    rows, error = table.tolist(), metrics.calibration_error(table)
    shapes: list[Shape] = [Line(((0, 0), (1, 1)), "ink", 1, dashed=True)]
    most, told = max(row[0] for row in rows), []
    for number, (share, sure, right) in enumerate(rows):
        if not share:
            continue
        left, end = (number + 0.08) / len(rows), (number + 0.92) / len(rows)
        said = f"{share:.1%} of the pixels, {sure:.0%} sure, {right:.0%} right"
        told.append(said)
        opacity = 0.35 + 0.65 * math.sqrt(share / most)
        shapes.append(Bar(left, right, end, 0, opacity=opacity, ghost=True, says=said))
        shapes.append(
            Bar(left, max(sure, right), end, min(sure, right), _GAP, opacity=0.45, says=said)
        )
    shapes += [
        Label(f"ECE {error:.1%}", 0.04, 0.94, "start", bold=True),
        Label(f"T = {temperature:g}", 0.04, 0.94, "start", (0, 16)),
    ]
    return plot(
        {},
        x=(0, 1),
        y=(0, 1),
        x_title="probability",
        y_title="right",
        x_ticks=(0, 0.5, 1),
        y_ticks=(0, 0.5, 1),
        more=shapes,
        says=f"expected calibration error {error:.1%} at temperature {temperature:g}; "
        + "; ".join(told),
    )


def unknown(reason: str) -> Diagram:
    """An empty diagram that says why nothing can be counted."""
    lines = textwrap.wrap(reason, _LETTERS)
    first = -8 * (len(lines) - 1)
    shapes: list[Shape] = [
        Label(line, 0.5, 0.5, shift=(0, first + 16 * number)) for number, line in enumerate(lines)
    ]
    return diagram(shapes, says=reason)
