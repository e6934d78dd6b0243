"""A classifier's window that slides over a picture: its box, its answers so far, and their work."""

from collections.abc import Sequence

import torch
from torch import Tensor

from seglab import scalars
from seglab.draw import palettes
from seglab.draw.diagram import Diagram, diagram, plot
from seglab.draw.marks import Box
from seglab.draw.shapes import Bar, Dot, Handle, Label, Line, Shape
from seglab.types import NO_LABEL, Labels, Size

_SCORE = 0.62  # where the scores end, of the width


def box(step: int, side: int, size: Size, done: int) -> Box:
    """The mark around the last window so far, of a map of this size that fills row by row."""
    u, v = divmod(min(done, size[0] * size[1]) - 1, size[1])
    top, left = step * u, step * v
    return Box.around((top, left, top + side - 1, left + side - 1), dashed=True)


def so_far(labels: Labels, done: int) -> Labels:
    """The first labels of a map [1, h, w], row by row, and no label at the other places."""
    place = torch.arange(labels.numel(), device=labels.device).view_as(labels)
    return labels.where(place < done, NO_LABEL)


def work(
    one_pass: float, all_windows: float, count: int, done: int, control: str, stops: Sequence[int]
) -> Diagram:
    """Multiply-adds in millions against the windows done, beside those of one pass.

    count: of all windows. control: takes one of stops, each a number of windows.
    """
    each, level, most = (n / 1e6 for n in (all_windows / count, one_pass, all_windows))
    now, crossing = min(done, count), one_pass / all_windows * count
    more: list[Shape] = [
        Line(((0, level), (count, level)), "accent", 2, says=f"one pass: {level:.0f} million"),
        Dot(
            crossing, level, "ink", 4, hollow=True,
            says=f"{crossing:.0f} windows cost as much as one pass",
        ),
        Label(f"one pass: {level:.0f}", count, level, "end", (0, -9)),
        Label(f"{now} windows:", 0, most, "start", (4, 4), bold=True),
        Label(f"{now * each:.0f} million", 0, most, "start", (4, 18), bold=True),
    ]  # fmt: skip
    knob = tuple((min(stop, count), min(stop, count) * each, stop) for stop in stops)
    return plot(
        {"one by one": ((0, 0), (now, now * each))},
        x=(0, count),
        y=(0, most),
        x_title="windows",
        x_ticks=(0, count),
        ghosts=(((0, 0), (count, most)),),
        more=more,
        handle=Handle(control, knob, done, says=f"{now} windows, {now * each:.0f} million"),
        form="{:.0f} million",
        says=f"{now} of {count} windows cost {now * each:.0f} million multiply-adds, one pass "
        f"{level:.0f} million, all windows {most:.0f} million; from {crossing:.0f} windows on, one "
        f"pass costs less",
    )


def classes(
    names: Sequence[str], scores: Tensor, chances: Tensor, chosen: int, control: str
) -> Diagram:
    """A bar for each class: its probability, and beside it the score. A click sets the control."""
    shapes: list[Shape] = [
        Label(text, x, 0, "end", (0, -9), small=True)
        for text, x in (("score", _SCORE), ("prob.", 1))
    ]
    told = []
    values = zip(names, scalars.reals(scores), scalars.reals(chances), strict=True)
    for row, (name, score, share) in enumerate(values):
        middle, strong, sets = row + 0.4, row == chosen, (control, name)
        colour = palettes.rgb(row)
        said = f"{name}: score {score:.1f}, probability {share:.1%}"
        told.append(said)
        percent = f"{share:.1%}"
        if not scalars.is_open() and share >= 0.9995:
            percent = "100%"
        shapes += [
            Label(name, 0, middle, "start", (0, 0), strong, sets=sets, says=f"show {name}"),
            Bar(0, row + 0.72, 1, row + 0.95, "faint", opacity=0.25),
            Bar(0, row + 0.72, share, row + 0.95, colour, ghost=True, says=said, sets=sets),
            Label(f"{score:.1f}", _SCORE, middle, "end", (0, 0), strong),
            Label(percent, 1, middle, "end", (0, 0), strong),
        ]
    return diagram(shapes, says="; ".join(told), y=(0, len(names)), margin=(20, 8, 6, 8))
