"""A training as two curves over one axis of steps, with a knob that goes back along them."""

import math
from collections.abc import Iterable, Sequence
from statistics import fmean

from seglab.draw import shapes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Line, Point, Shape
from seglab.nets.studies import Snapshot

SMOOTH = 5  # steps whose mean loss is one point
MOST = 2.0  # a loss above it is drawn at the top
LOSS, IOU = (0.30, 0.06), (0.94, 0.42)  # y of 0 and of the greatest value, of each curve
TRAINING: shapes.Colour = (142, 91, 208)  # no class has these colours
NEW: shapes.Colour = (31, 119, 220)


def of_training(
    training: Snapshot,
    steps: int,
    shares: Sequence[float],
    now: float,
    control: str,
    earlier: Sequence[Snapshot] = (),
) -> Diagram:
    """Loss above, mean IoU below; a knob on the curve of the new scenes chooses what is shown.

    shares: how far back the knob goes, as shares of the steps so far; now: the one that is shown.
    control: what the knob sets. earlier: trainings to compare with, faintly.
    """
    at = training.measured_at(now)
    quality = training.qualities[at]
    drawn: list[Shape] = [*_axes(steps), *_ghosts(earlier, steps)]
    seen, new = _ious(training, "seen"), _ious(training, "new")
    drawn.append(shapes.Area((*seen, *reversed(new)), TRAINING, 0.12))
    drawn += _line(_losses(training), "ink")
    drawn += _line(_ious(training, "new_boundary"), NEW, 1, dashed=True)
    drawn += _line(seen, TRAINING)
    drawn += _line(new, NEW)
    for step, measured in training.qualities.items():
        for name, value, colour in (
            ("training scenes", measured.seen, TRAINING),
            ("new scenes", measured.new, NEW),
        ):
            said = f"step {step}, {name}: mean IoU {value:.2f}"
            drawn.append(shapes.Dot(step, _height(value, IOU), colour, 2.5, says=said))
    drawn.append(Line(((at, IOU[0]), (at, LOSS[1])), "accent", 1, dashed=True))
    drawn += _words(at, steps, quality.seen, quality.new, _loss_at(training, at))
    drawn.append(_knob(training, shares, now, control))
    says = (
        f"step {at} of {steps}: {_loss_at(training, at)}, mean IoU {quality.seen:.2f} on training "
        f"scenes and {quality.new:.2f} on new ones, boundary IoU {quality.new_boundary:.2f} there"
        f"{_compared(earlier)}"
    )
    return diagram(
        drawn, says=says, x=(0, steps), y=(0, 1), margin=(4, 14, 20, 30), wide=True, tall=True
    )


def _compared(earlier: Sequence[Snapshot]) -> str:
    """Earlier trainings in words."""
    counted = "1 earlier training" if len(earlier) == 1 else f"{len(earlier)} earlier trainings"
    return f"; beside {counted}" if earlier else ""


def _height(value: float, ends: tuple[float, float], most: float = 1.0) -> float:
    """The y of a value on a curve; ends: the y of 0 and of the greatest value."""
    bottom, top = ends
    return bottom + value / most * (top - bottom)


def _ious(training: Snapshot, field: str) -> tuple[Point, ...]:
    return tuple(
        (step, _height(getattr(quality, field), IOU))
        for step, quality in training.qualities.items()
    )


def _losses(training: Snapshot) -> tuple[Point, ...]:
    """Means over the last steps; what is no number is left out."""
    ends = range(SMOOTH, len(training.losses) + 1, SMOOTH)
    means = [(end, fmean(training.losses[end - SMOOTH : end])) for end in ends]
    return tuple(
        (end, _height(min(mean, MOST), LOSS, MOST)) for end, mean in means if math.isfinite(mean)
    )


def _loss_at(training: Snapshot, step: int) -> str:
    last = training.losses[max(0, step - SMOOTH) : step]
    return f"loss {fmean(last):.2f}" if last else "no loss yet"


def _line(
    points: tuple[Point, ...], colour: shapes.Colour, width: float = 2, dashed: bool = False
) -> Iterable[Shape]:
    return [Line(points, colour, width, dashed)] if len(points) > 1 else []


def _ghosts(earlier: Sequence[Snapshot], steps: int) -> list[Shape]:
    drawn: list[Shape] = []
    for training in earlier:
        for field, dashed in (("seen", True), ("new", False)):
            points = tuple(point for point in _ious(training, field) if point[0] <= steps)
            quality = training.quality
            says = f"an earlier training: at its end {quality.seen:.2f} and {quality.new:.2f}"
            if len(points) > 1:
                drawn.append(Line(points, "faint", 1.5, dashed, says=says))
    return drawn


def _axes(steps: int) -> list[Shape]:
    drawn: list[Shape] = []
    for ends, ticks, most in ((LOSS, (0, 1, 2), MOST), (IOU, (0, 0.5, 1), 1.0)):
        for tick in ticks:
            y = _height(tick, ends, most)
            drawn.append(Line(((0, y), (steps, y)), "faint", 1 if tick == 0 else 0.5))
            drawn.append(shapes.Label(f"{tick:g}", 0, y, "end", (-5, 0), small=True))
    for share in (0, 0.5, 1):
        drawn.append(
            shapes.Label(f"{steps * share:g}", steps * share, IOU[0], shift=(0, 11), small=True)
        )
    drawn.append(shapes.Label("steps", steps * 0.25, IOU[0], shift=(0, 11), small=True))
    return drawn


def _words(at: int, steps: int, seen: float, new: float, loss: str) -> list[Shape]:
    """The values where the knob stands, in the colours of the curves."""
    return [
        # On the right, where the loss has fallen.
        shapes.Label(f"step {at}: {loss}", steps, LOSS[1], "end", (-2, 9), bold=True, small=True),
        shapes.Label("mean IoU", 0, IOU[1], "start", (4, -12), small=True),
        shapes.Label(f"training {seen:.2f}", 0, IOU[1], "start", (58, -12), True, True, TRAINING),
        shapes.Label(f"new {new:.2f}", 0, IOU[1], "start", (142, -12), True, True, NEW),
    ]


def _knob(training: Snapshot, shares: Sequence[float], now: float, control: str) -> shapes.Handle:
    """One stop for each measured step that a share leads to."""
    by_step = {training.measured_at(share): share for share in shares}
    by_step[training.measured_at(now)] = now
    stops = tuple(
        (step, _height(training.qualities[step].new, IOU), share)
        for step, share in sorted(by_step.items())
    )
    says = f"step {training.measured_at(now)}"
    return shapes.Handle(control, stops, now, NEW, says=says)
