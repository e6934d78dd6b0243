"""The loss of one pixel against the probability of its class, with a knob for the parameter."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from seglab.draw import paint
from seglab.draw.diagram import Diagram, bars, plot
from seglab.draw.marks import Box, Mark
from seglab.draw.picture import Picture
from seglab.draw.shapes import Handle
from seglab.nets.loss_trainings import SETTINGS, Quality, loss_of
from seglab.ops import pulls
from seglab.types import Labels, Scores

SHARES = (0.02, 0.05, *(n / 10 for n in range(1, 10)), 0.95, 0.98)
FIRST, APART = 0.25, 0.12  # probabilities at which the knob's stops stand
CROSS_ENTROPY = tuple((p, -math.log(p)) for p in SHARES)
_OUTCOMES = ("background", "missed", "false", "found")
_COLOURS = ((235, 235, 235), (214, 39, 40), (148, 103, 189), (0, 120, 90))
_BLACK = (20, 20, 20)


def stands_at(number: int) -> float:
    """Probability at which the knob stands for the parameter's value of this number."""
    return FIRST + APART * number


def own_share(disc: float, label: int) -> float:
    """Probability of a pixel's own class, kept off 0 and 1; disc: that of the disc, class 1."""
    return min(max(disc if label else 1 - disc, 1e-4), 1 - 1e-4)


def curve(
    loss: pulls.Loss, scores: Scores, labels: Labels, at: tuple[int, int], own: float
) -> list[float]:
    """Loss of the pixel `at` at each probability of SHARES, and last at its own."""
    return pulls.as_one_moves(loss, scores, labels, at, (*SHARES, own))


def stops(
    loss: str, share: float, scores: Scores, labels: Labels, at: tuple[int, int]
) -> dict[Any, float]:
    """Loss of the pixel `at` for each value of the parameter, where the knob stands for it."""
    return {
        value: pulls.as_one_moves(
            loss_of(loss, value, share), scores, labels, at, (stands_at(number),)
        )[0]
        for number, value in enumerate(SETTINGS[loss])
        if value is not None
    }


def against_p(
    name: str,
    values: Sequence[float],
    own: float,
    loss: float,
    stops: Mapping[Any, float],
    control: str,
    now: Any,
) -> Diagram:
    """Curve of the loss, the cross-entropy beside it, and where the pixel is now.

    values: at SHARES. own, loss: the pixel's own probability and loss. stops: value of the
    parameter -> the loss that it gives at the knob's place, in order; control: what the knob sets,
    which has the value `now`.
    """
    top = _round_up(max(3.0, values[1], min(loss, 2 * values[0])))
    points = [(p, value) for p, value in zip(SHARES, values, strict=True) if value <= top]
    points = sorted({*points, (own, min(max(loss, 0.0), top))})
    series = {name: points}
    if name != "cross-entropy":
        series["cross-entropy"] = [point for point in CROSS_ENTROPY if point[1] <= top]
    places = tuple(
        (stands_at(number), min(max(height, 0.0), top), value)
        for number, (value, height) in enumerate(stops.items())
    )
    return plot(
        series,
        x=(0, 1),
        y=(0, top),
        says=f"{name}: with p = {own:.2f} the pixel costs {loss:.2f}; -log p is "
        f"{-math.log(own):.2f}",
        x_title="p of the pixel's own class",
        y_title="loss",
        now=own,
        handle=Handle(control, places, now, says=f"{now}") if places else None,
        form="{:.2f}",
        wide=True,
    )


def of_training(
    qualities: Mapping[int, Quality], steps: int, earlier: Sequence[Mapping[int, Quality]] = ()
) -> Diagram:
    """Accuracy, mean IoU and Dice on new pictures against the step; earlier trainings' Dice."""
    last = qualities[max(qualities)]
    series = {
        name: [(step, by_name(one)[name]) for step, one in qualities.items()]
        for name in by_name(last)
    }
    ghosts = [[(step, one.dice) for step, one in past.items() if step <= steps] for past in earlier]
    return plot(
        series,
        x=(0, steps),
        y=(0, 1),
        says=f"after {max(qualities)} of {steps} steps: accuracy {last.accuracy:.3f}, "
        f"mean IoU {last.mean_iou:.3f}, Dice {last.dice:.3f}",
        x_title="steps",
        ghosts=ghosts,
        form="{:.3f}",
        wide=True,
    )


def by_name(quality: Quality) -> dict[str, float]:
    """Metrics of a quality, as the panes name them."""
    return dict(zip(("pixel accuracy", "mean IoU", "Dice of the disc"), quality, strict=True))


def marked(truth: Labels, at: tuple[int, int]) -> tuple[Mark, ...]:
    """Outline of the disc of labels [1, H, W], and last a box around the pixel `at`."""
    row, column = at
    return (
        *paint.contours(truth == 1, _BLACK),
        Box(row - 0.5, column - 0.5, row + 0.5, column + 0.5),
    )


def found(outcome: Tensor) -> Picture:
    """Pixels of the disc that are found and missed, and of the background that is not left alone.

    outcome: [H, W], 0 background, 1 missed, 2 false, 3 found.
    """
    return paint.labels(outcome, _OUTCOMES, colours=_COLOURS)


def metric_bars(measured: Mapping[str, float]) -> Diagram:
    """A bar for each metric; what it was before the last move stays as a ghost."""
    return bars(measured, says=_said(measured, "{:.3f}"), form="{:.3f}")


def pull_bars(pulls: Mapping[str, float]) -> Diagram:
    """A bar for each class: its share in the sum of all pulls, whatever their direction."""
    return bars(pulls, says=_said(pulls, "{:.1%}"), form="{:.1%}")


def _said(values: Mapping[str, float], form: str) -> str:
    return ", ".join(f"{name} {form.format(value)}" for name, value in values.items())


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(times * power for times in (1, 2, 3, 5, 10) if times * power >= value * 0.999)
