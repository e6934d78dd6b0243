"""k-means by hand: the pixels as points of colour, the way of the centers, and the falling cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from seglab.draw import palettes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.picture import Picture
from seglab.draw.shapes import Align, Colour, Dot, Handle, Label, Line, Shape, Thumbnail
from seglab.ops.cluster import Path, means
from seglab.types import Image, Labels

WHOLE = 10  # b* goes from one multiple of it to another, as far as the picture's colours do
BINS = (50, 60)  # cells of the cloud: rows and columns
CURVE = (1.35, 2.35)  # where the curve begins and ends; the cloud goes from 0 to 1
MOST = 250  # points of a cloud of segments
INK: Colour = "ink"


@dataclass(frozen=True)
class Walk:
    """State of k-means that the diagram shows: its path, in colours, and where it stands.

    colours: L*, a* and b* of each center, [S + 1, k, 3]; None if colour has no weight. rank: the
    number of each center's group. step: how many steps are done. values: the values of the control,
    the last of which is the end.
    """

    path: Path
    colours: Tensor | None
    rank: tuple[int, ...]
    step: int
    values: Sequence[int]


def walk(path: Path, weight: float, moves: int, values: Sequence[int]) -> Walk:
    """The walk of a path of features that begin with the colour times its weight."""
    last = len(path.costs) - 1
    rank = path.centers[-1][:, 0].argsort(stable=True).argsort(stable=True).tolist()
    colours = path.centers[..., :3] / weight if weight else None
    return Walk(path, colours, tuple(rank), min(moves, last), values)


def cloud_and_cost(lab: Image, image: Image, labels: Labels, walked: Walk | None) -> Diagram:
    """The cloud of colours, with the centers and the curve of the cost where k-means is walked.

    lab: L*a*b* of the image. labels: the segments, whose colours the points have.
    """
    count = int(labels.max()) + 1
    few = count <= palettes.DISTINCT
    ends = _ends(lab)
    drawn = [*_axes(), *(_points(lab, labels, ends) if few else _means(lab, image, labels, ends))]
    says = f"colours of the pixels in {count} segments, by b* and L*"
    if walked:
        drawn += _centers(walked, ends)
        drawn += _curve(walked)
        costs = walked.path.costs
        says += (
            f"; after {walked.step} steps of k-means J is {costs[walked.step]:.1f} per pixel, "
            f"at the start {costs[0]:.1f}, at the end, after {len(costs) - 1}, {costs[-1]:.1f}"
        )
    return diagram(
        drawn, x=(0, CURVE[1] if walked else 1), y=(0, 1), margin=(18, 14, 32, 26), wide=True,
        says=says,
    )  # fmt: skip


def _ends(lab: Image) -> tuple[float, float]:
    """The b* at the left and at the right of the cloud."""
    low, high = lab[:, 2].aminmax()
    left = math.floor(float(low) / WHOLE) * WHOLE
    return left, max(math.ceil(float(high) / WHOLE) * WHOLE, left + WHOLE)


def _across(blue_yellow: Tensor, ends: tuple[float, float]) -> Tensor:
    return (blue_yellow - ends[0]) / (ends[1] - ends[0])


def _axes() -> list[Shape]:
    return [
        Line(((0, 0), (0, 1), (1, 1)), "faint", 1),
        Label("L*", 0, 0, "start", (-22, -8), small=True),
        Label("100", 0, 0, "end", (-4, 4), small=True),
        Label("0", 0, 1, "end", (-4, -4), small=True),
        Label("blue", 0, 1, "start", (0, 11), small=True),
        Label("b*", 0.5, 1, "middle", (0, 11), small=True),
        Label("yellow", 1, 1, "end", (0, 11), small=True),
    ]


def _points(lab: Image, labels: Labels, ends: tuple[float, float]) -> list[Shape]:
    """Every 16th pixel as a cell, in the colour of the segment that most pixels of it have."""
    rows, columns = BINS
    some, own = lab[0, :, ::4, ::4].flatten(1).cpu(), labels[0, ::4, ::4].flatten().cpu()
    row = ((1 - some[0] / 100) * rows).long().clamp(0, rows - 1)
    column = (_across(some[2], ends) * columns).long().clamp(0, columns - 1)
    count = int(labels.max()) + 1
    votes = torch.bincount((row * columns + column) * count + own, minlength=rows * columns * count)
    votes = votes.view(rows, columns, count)
    codes = votes.argmax(2).where(votes.sum(2) > 0, palettes.NO_VALUE).to(torch.uint8).numpy()
    names = tuple(f"segment {k}" for k in range(count))
    picture = Picture(codes, "labels", palettes.labels(count), None, names)
    return [Thumbnail(0, 0, 1, 1, picture, "colours")]


def _means(lab: Image, image: Image, labels: Labels, ends: tuple[float, float]) -> list[Shape]:
    """A dot for each of the largest segments: its mean colour, the larger the more pixels."""
    sizes = labels.flatten().bincount()
    largest = sizes.topk(min(MOST, len(sizes))).indices
    at, shown = means(lab, labels)[largest], means(image, labels)[largest]
    light, across = (1 - at[:, 0] / 100).tolist(), _across(at[:, 2], ends).clamp(0, 1).tolist()
    colours = (shown.clamp(0, 1) * 255).round().int().tolist()
    radii = (sizes[largest].sqrt() / 12).clamp(1.5, 14).tolist()
    dots = zip(across, light, colours, radii, strict=True)
    return [Dot(x, y, tuple(colour), radius) for x, y, colour, radius in dots]


def _centers(walked: Walk, ends: tuple[float, float]) -> list[Shape]:
    """Each center where it stands, and its way up to there."""
    if walked.colours is None:
        return []
    drawn: list[Shape] = []
    for k, rank in enumerate(walked.rank):
        way = walked.colours[: walked.step + 1, k]
        light, blue_yellow = way[:, 0], way[:, 2]
        points = tuple(
            zip(_across(blue_yellow, ends).tolist(), (1 - light / 100).tolist(), strict=True)
        )
        x, y = points[-1]
        says = f"center of segment {rank}: L* {light[-1]:.0f}, b* {blue_yellow[-1]:.0f}"
        if len(points) > 1:
            drawn.append(Line(points, INK, 1.5))
        drawn.append(Dot(x, y, INK, 6.5))
        drawn.append(Dot(x, y, palettes.rgb(rank), 5, says=says))
    return drawn


def _curve(walked: Walk) -> list[Shape]:
    """The cost after each step, with a knob that goes from step to step."""
    costs, (left, right) = walked.path.costs, CURVE
    last, high = len(costs) - 1, 1.04 * max(costs) or 1
    wide = (right - left) / max(1, last)
    places = [(left + wide * n, 1 - cost / high) for n, cost in enumerate(costs)]
    stops = {n: value for value in walked.values[:-1] if (n := value) < last}
    stops[last] = walked.values[-1]
    now = walked.step if walked.step in stops else last
    side: Align = "end" if now > last / 2 else "start"
    beside = (0, -15) if side == "end" else (10, -12)  # clear of the steep part
    drawn: list[Shape] = [
        Line(((left, 0), (left, 1), (right, 1)), "faint", 1),
        Label("J per pixel", left, 0, "start", (-14, -8), small=True),
        Label("0", left, 1, "end", (-4, -4), small=True),
        Label("start", left, 1, "start", (0, 11), small=True),
        Label(f"{last} steps", right, 1, "end", (8, 11), small=True),
        Line(tuple(places), INK, 2),
        Label(f"{costs[now]:.1f}", *places[now], side, beside, bold=True),
    ]
    for step, value in stops.items():
        says = f"after {step} steps J is {costs[step]:.1f} per pixel"
        drawn.append(Dot(*places[step], INK, 2.5, says=says, sets=("moves", value)))
    knob = tuple((*places[step], value) for step, value in stops.items())
    told = f"{now} steps, J {costs[now]:.1f} per pixel"
    return [*drawn, Handle("moves", knob, stops[now], says=told)]
