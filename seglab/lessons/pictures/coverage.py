"""A chart of what rejecting buys: accuracy against coverage, or what is left of a photograph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seglab.draw import plots
from seglab.ops import heatmap, metrics
from seglab.types import Labels, Progress, Scores

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def chart(
    ways: Mapping[str, Scores],
    truth: Labels | None,
    here: tuple[float, float | None],
    levels: Sequence[float],
    progress: Progress,
) -> Figure:
    """A line for each way to probabilities, as more and more is rejected.

    here: the share that has a label now, and how much of it is right.
    """
    series = {}
    for done, (name, values) in enumerate(ways.items(), 1):
        series[name] = _rejecting(values, truth, levels)
        progress(done, len(ways))
    title = "A photograph of none of the classes: how much of it gets a label"
    x, y = "reject below this probability", "share of the pixels that are labelled"
    if truth is not None:
        title = "Reject more, and more of the rest is right"
        x, y = y, "share of those that is right"
        labelled, right = here
        if labelled and right is not None:
            series["you are here"] = {labelled: right}
    return plots.lines(series, title=title, x=x, y=y, ticks=(0, 0.2, 0.4, 0.6, 0.8, 1))


def _rejecting(values: Scores, truth: Labels | None, levels: Sequence[float]) -> dict[float, float]:
    """Coverage -> accuracy; without a truth, level -> coverage."""
    if truth is not None:
        return metrics.accuracy_by_coverage(values, truth, levels)
    classes = values.shape[1]
    return {n: metrics.coverage(heatmap.reject(values, n), classes) for n in levels}
