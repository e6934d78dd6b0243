"""Labels of a person and of a robot on a picture, and what they were worth."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from seglab.draw import marks, paint, plots
from seglab.draw.diagram import Diagram, plot
from seglab.draw.picture import Picture
from seglab.draw.shapes import Handle
from seglab.nets import clickable
from seglab.ops.clicks import BACKGROUND, OBJECT, Click
from seglab.stroke import Stroke
from seglab.types import Image, Progress

# The background's colour and the object's, as the brush's buttons have them.
COLOURS = ((213, 94, 0), (0, 158, 115))
_CODES = {"background": BACKGROUND, "object": OBJECT}
_OUTLINE = (255, 255, 0)


def drawn(image: Image, strokes: Sequence[Stroke], robot: Sequence[Click], mask: Tensor) -> Picture:
    """The picture with the strokes, the robot's clicks, numbered, and the outline of the mask."""
    own = [_mark(stroke) for stroke in strokes]
    its = [
        marks.Dot(*click.at, COLOURS[click.label], str(number), 4)
        for number, click in enumerate(robot, 1)
    ]
    return paint.rgb(image).with_marks(*paint.contours(mask, _OUTLINE), *own, *its)


def _mark(stroke: Stroke) -> marks.Mark:
    colour = COLOURS[_CODES[stroke.label]]
    if stroke.tool == "point":
        return marks.Dot(*stroke.points[0], colour, "", 5)
    if stroke.tool == "line":
        return marks.Outline(stroke.points, colour, closed=False)
    rows, columns = (sorted(axis) for axis in zip(*stroke.points, strict=True))
    return marks.Box.around((rows[0], columns[0], rows[-1], columns[-1]), colour=colour)


def curve(ious: Sequence[float], robot: int, stops: Sequence[int]) -> Diagram:
    """IoU after each of the robot's clicks; a knob on the last sets how many there are."""
    places = tuple((n, ious[min(n, len(ious) - 1)], n) for n in stops)
    told = ", ".join(f"{iou:.2f}" for iou in ious)
    return plot(
        {"IoU": tuple(enumerate(ious))},
        x=(stops[0], stops[-1]),
        y=(0, 1),
        x_title="robot's clicks",
        y_title="IoU",
        x_ticks=tuple(stops),
        y_ticks=(0, 0.5, 1),
        now=len(ious) - 1,
        handle=Handle("robot", places, robot, says="robot's clicks"),
        form="{:.2f}",
        says=f"IoU with your labels and after each of the robot's clicks: {told}",
    )


def comparison(seeds: Sequence[int], count: int, contrast: float, progress: Progress) -> Any:
    """Mean IoU of every method after each number of clicks, over scenes that nothing learned."""
    series = {}
    for place, method in enumerate(clickable.METHODS):
        done = place * len(seeds)

        def step(n: int, _: int, done: int = done) -> None:
            progress(done + n, len(clickable.METHODS) * len(seeds))

        courses = clickable.courses(method, seeds, count, contrast, step)
        series[method] = clickable.means(courses, count)
    return plots.lines(
        series,
        title=f"Mean IoU against clicks, {len(seeds)} new scenes, contrast {contrast:g}",
        x="clicks",
        y="mean IoU",
        ticks=tuple(range(1, count + 1)),
    )
