"""Scores of what several nets could find, on one axis, with the threshold as a line to drag."""

from collections.abc import Mapping, Sequence

from seglab.draw import shapes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Shape

SAME = 0.025  # dots that are nearer than this stand above each other


def on_one_axis(
    scores: Sequence[float],
    net: str,
    usual: Mapping[str, tuple[float, float]],
    threshold: float,
    thresholds: Sequence[float],
) -> Diagram:
    """A row for each net: the usual scores of its right objects as a band, and the scores here.

    scores: of the net that is at work, whatever the threshold. usual: net -> (low, high). A dot is
    filled where its score is above the threshold, and hollow where it is not. A click on a band
    lets that net work; the knob of the line moves the threshold.
    """
    drawn: list[Shape] = []
    for row, (name, (low, high)) in enumerate(usual.items()):
        y = row + 1
        drawn.append(shapes.Line(((0, y), (1, y)), "faint", 1))
        says = f"{name}: nine in ten right objects of ten scenes score {low:.2f} to {high:.2f}"
        sets = ("net", name)
        drawn.append(
            shapes.Bar(low, y - 0.62, high, y, "faint", opacity=0.35, says=says, sets=sets)
        )
        bold = name == net
        drawn.append(
            shapes.Label(name, 0, y - 0.84, "start", (0, 0), bold, True, says=says, sets=sets)
        )
    row = list(usual).index(net) + 1
    levels = _levels(scores)
    step = min(0.13, 0.6 / max(levels, default=1)) if any(levels) else 0.0
    for score, level in zip(scores, levels, strict=True):
        kept = score > threshold
        says = f"score {score:.2f}: {'kept' if kept else 'dropped'}"
        drawn.append(
            shapes.Dot(
                score,
                row - 0.1 - step * level,
                "accent" if kept else "ink",
                4,
                not kept,
                says=says,
            )
        )
    bottom = len(usual)
    drawn.append(shapes.Line(((threshold, 0), (threshold, bottom)), "accent", 1.5))
    drawn += [
        shapes.Label(f"{tick:g}", tick, bottom, shift=(0, 11), small=True) for tick in (0, 0.5, 1)
    ]
    stops = tuple((value, bottom, value) for value in thresholds)
    kept_all = sum(score > threshold for score in scores)
    says = f"threshold {threshold:g}: {kept_all} of {len(scores)} are above it"
    drawn.append(shapes.Handle("threshold", stops, threshold, says=says))
    return diagram(
        drawn,
        says=f"scores of {net}: {', '.join(f'{s:.2f}' for s in scores) or 'none'}; {says}",
        x=(0, 1),
        y=(0, bottom),
        margin=(4, 12, 20, 12),
        wide=True,
    )


def _levels(scores: Sequence[float]) -> list[int]:
    """Level of each dot, so that no dot hides another."""
    tops: list[float] = []  # the last score on each level
    levels = []
    for score in sorted(scores, reverse=True):
        free = (n for n, last in enumerate(tops) if last - score >= SAME)
        level = next(free, len(tops))
        tops[level : level + 1] = [score]
        levels.append(level)
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    placed = dict(zip(order, levels, strict=True))
    return [placed[i] for i in range(len(scores))]
