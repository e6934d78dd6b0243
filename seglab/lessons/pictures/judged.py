"""Labels with a channel and without it, and bars of all classes."""

import math
from collections.abc import Sequence
from typing import Any

from torch import Tensor

from seglab import scalars
from seglab.draw import paint
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.picture import Picture
from seglab.draw.shapes import Bar, Label, Shape
from seglab.nets.insides import Inside
from seglab.types import Labels


def label_maps(
    names: Sequence[str], labels: Labels, left: Labels | None, truth: Labels | None
) -> Picture:
    """The net's labels beside those that are left; else beside the truth, where it is known."""
    whole = paint.labels(labels, names)
    if left is not None:
        return paint.curtain(whole, paint.labels(left, names), ("whole net", "what is left"))
    if truth is None:
        return whole
    return paint.curtain(whole, paint.labels(truth, names), ("net", "truth"))


def of_net(
    inside: Inside,
    ious: Tensor | None,
    ious_left: Tensor | None,
    shares: Sequence[float],
    shares_left: Sequence[float],
    away: Sequence[int],
    kind: int,
    classes: Sequence[str],
) -> Diagram:
    """Bars of the IoU of each class; of its share of the picture, where there is no truth.

    classes: values of the control "shown_class"; a class that is none of them sets the one of its
    number.
    """
    options = [name if name in classes else classes[k] for k, name in enumerate(inside.classes)]
    if ious is None or ious_left is None:
        left = shares_left if away else None
        return bars_of("share", inside.classes, shares, left, kind, options)
    left = ious_left.tolist() if away else None
    return bars_of("IoU", inside.classes, ious.tolist(), left, kind, options)


def iou_words(ious: Tensor | None, ious_left: Tensor | None, away: Sequence[int]) -> str:
    """Mean IoU of the whole net, and before it what is left where channels are taken away."""
    if ious is None or ious_left is None:
        return "no truth"
    whole = f"{float(ious.nanmean()):.3f}"
    return f"{float(ious_left.nanmean()):.3f} of {whole}" if away else whole


def bars_of(
    what: str,
    names: Sequence[str],
    whole: Sequence[float],
    left: Sequence[float] | None,
    kind: int,
    options: Sequence[str],
) -> Diagram:
    """A bar for each class: filled what is left, and an outline what the whole net has.

    what: what the bars measure, such as IoU; NaN where a class has none. left: None where nothing
    is taken away. kind: the class that stands out. options: for each class, the value of the
    control "shown_class" that a click sets.
    """
    drawn: list[Shape] = []
    said = []
    for row, (name, before, after, option) in enumerate(
        zip(names, whole, whole if left is None else left, options, strict=True)
    ):
        told = _read(after) if left is None else f"{_read(after)} of {_read(before)}"
        click: dict[str, Any] = {
            "says": f"{name}: {what} {told}; click to sum it up",
            "sets": ("shown_class", option),
        }
        y, strong = row + 0.5, row == kind
        edges = y - 0.4, y + 0.4
        drawn.append(Bar(0, edges[0], 1, edges[1], "faint", opacity=0.25, **click))
        if _is_there(after):
            drawn.append(Bar(0, edges[0], after, edges[1], opacity=0.5, **click))
        if _is_there(before):
            drawn.append(Bar(0, edges[0], before, edges[1], "ink", hollow=True))
        drawn.append(Label(name, 0, y, "start", (5, 0), strong, small=True, **click))
        drawn.append(Label(_read(after), 1, y, "start", (5, 0), strong, small=True))
        said.append(f"{name} {told}")
    drawn.append(Label(what, 1, len(names) + 0.35, "end", small=True))
    return diagram(
        drawn,
        says=f"{what} of each class: {', '.join(said)}",
        x=(0, 1),
        y=(0, len(names) + 0.8),
        margin=(2, 30, 2, 2),
    )


def _is_there(value: float) -> bool:
    return isinstance(value, scalars.Open) or math.isfinite(value)


def _read(value: float) -> str:
    return f"{value:.2f}" if _is_there(value) else "none"
