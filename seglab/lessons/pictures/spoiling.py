"""The prediction of lab 14 over its picture, to be dragged, and the metrics as bars."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from seglab.draw import paint, palettes
from seglab.draw.diagram import Diagram, bars, diagram
from seglab.draw.picture import Picture
from seglab.draw.shapes import Handle, Line, Thumbnail
from seglab.ops.instances import areas, ids
from seglab.types import Instances, Labels


def middle(instances: Instances) -> tuple[float, float]:
    """The mean (row, column) of the largest object's pixels; of the picture where there is none."""
    numbers = ids(instances)
    largest = numbers[areas(instances).argmax()] if len(numbers) else 0
    row, column = (instances[0] == largest).nonzero().float().mean(0).tolist()
    return row, column


def outlines(labels: Labels) -> tuple[Line, ...]:
    """Lines around what is of each class, in its colour, as they lie at shift 0."""
    return tuple(
        line
        for label in labels.unique().tolist()
        if label
        for line in around(labels == label, label)
    )


def around(mask: Tensor, label: int) -> tuple[Line, ...]:
    """Closed lines around a mask, in the colour of a label; a pixel is as wide as 1."""
    colour = palettes.rgb(label)
    return tuple(
        Line(
            tuple((column + 0.5, row + 0.5) for row, column in (*mark.points, mark.points[0])),
            colour,
            3,
        )
        for mark in paint.contours(mask)
    )


def dragged(
    photograph: Picture,
    outlines: Sequence[Line],
    painted: Sequence[Line],
    middle: tuple[float, float],
    shift: int,
    stops: Sequence[int],
) -> Diagram:
    """The outlines of a prediction on the picture, with a knob that shifts it to the right.

    painted: lines that stay where they are. middle: where the knob stands at shift 0. stops: the
    values of the control "shift".
    """
    height, width = photograph.size
    row, column = middle
    moved = [
        replace(line, points=tuple((x + shift, y) for x, y in line.points)) for line in outlines
    ]
    places = tuple((column + 0.5 + stop, row + 0.5, stop) for stop in stops)
    return diagram(
        [
            Thumbnail(0, 0, width, height, photograph, "picture"),
            *moved,
            *painted,
            Handle("shift", places, shift, says=f"shift {shift}"),
        ],
        x=(0, width), y=(0, height), margin=(0, 0, 0, 0),
        says=f"outlines of the prediction on the picture, shifted to the right by {shift} pixels",
    )  # fmt: skip


def metric_bars(measured: Mapping[str, float]) -> Diagram:
    """A bar for each metric; what it was before the last move stays as a ghost."""
    said = ", ".join(f"{name} {value:.3f}" for name, value in measured.items())
    return bars(measured, says=said, form="{:.3f}")
