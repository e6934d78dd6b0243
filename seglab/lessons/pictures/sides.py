"""A net with a head at every stride: down on the left, up on the right, and each side's labels."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from torch import Tensor

from seglab.draw import paint, shapes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.paint import Picture
from seglab.draw.shapes import Colour, Shape
from seglab.lessons.pictures.losses_of_sides import side_colour
from seglab.lessons.pictures.rows import Rows
from seglab.nets.side_net import PATH, STRIDES
from seglab.ops import heatmap

Quality = tuple[float, float, float]  # loss, mean IoU, boundary IoU

DOWN, UP = 1.2, 2.95  # x of the columns
_FIRST, _STEP = 3.95, 0.45  # x of the weight 0, and of one stop of a weight
_NUMBERS = {"loss": 5.85, "IoU": 6.65, "boundary": 7.5}  # x of their columns
_TITLES = {
    DOWN: "down",
    UP: "up",
    _FIRST + 1.5 * _STEP: "weight",
    **{x: name for name, x in _NUMBERS.items()},
}
_WIDE, _HALF = 0.6, 0.45  # half a small picture: across, and up and down
_ROWS = Rows(STRIDES[::-1], 0.3, _HALF)


def maps(coarse: Sequence[Sequence[Tensor]], classes: Sequence[str]) -> list[Picture]:
    """Labels of every side at its own stride, of the first copy of the picture that is given."""
    return [paint.labels(heatmap.label_map(scores), classes) for scores in coarse[0]]


def of_net(
    maps: Sequence[Picture],
    quality: Mapping[int, Quality],
    weights: Mapping[int, float],
    depth: int,
    stops: Sequence[float],
) -> Diagram:
    """The sides as small pictures in the order of the computation, those that are cut away empty.

    quality: by depth. weights: of each side's loss on the way up, by stride; stops: the values of
    their controls. A click on a picture sets the control "depth", a knob the weight of its row.
    """
    drawn = [*_ROWS.titles(_TITLES), *_arrows(depth), *_sides(maps, quality, depth)]
    for stride, weight in weights.items():
        drawn += _row(stride, weight, quality[_depth("up", stride)], stops, depth)
    way, stride = PATH[depth - 1]
    told = "; ".join(
        f"stride {stride} on the way {way}: {_words(quality[number])}"
        for number, (way, stride) in enumerate(PATH, 1)
    )
    return diagram(
        drawn,
        says=f"a net that ends at stride {stride} on the way {way}; {told}",
        x=(0, 8.0),
        y=(0.05, 5.6),
        margin=(2, 2, 2, 2),
        wide=True,
        tall=True,
    )


def _depth(way: str, stride: int) -> int:
    return [*PATH].index((way, stride)) + 1  # type: ignore[arg-type] # a way is a word


def _x(way: str) -> float:
    return DOWN if way == "down" else UP


def _words(quality: Quality) -> str:
    return "loss {:.2f}, mean IoU {:.2f}, boundary IoU {:.2f}".format(*quality)


def _arrows(depth: int) -> list[Shape]:
    """Arrows from side to side, and the skips; faint behind the end of the net."""
    drawn: list[Shape] = []
    for number, ((way, stride), (to, next_stride)) in enumerate(pairwise(PATH), 2):
        colour: Colour = "ink" if number <= depth else "faint"
        if way == to:
            drawn.append(_ROWS.arrow(_x(way), stride, next_stride, colour))
        else:
            ends = (DOWN + _WIDE, _ROWS.y(stride) + 0.75 * _HALF, UP - _WIDE, _ROWS.y(next_stride))
            drawn.append(shapes.Arrow(*ends, colour, 1.5))
        if to == "up" and next_stride < STRIDES[0]:
            y = _ROWS.y(next_stride)
            drawn.append(shapes.Arrow(DOWN + _WIDE, y, UP - _WIDE, y, colour, 1))
    return drawn


def _sides(maps: Sequence[Picture], quality: Mapping[int, Quality], depth: int) -> list[Shape]:
    drawn: list[Shape] = []
    for number, ((way, stride), picture) in enumerate(zip(PATH, maps, strict=True), 1):
        x, y = _x(way), _ROWS.y(stride)
        edges = (x - _WIDE, y - _HALF, x + _WIDE, y + _HALF)
        name = f"stride {stride}, way {way}"
        click: dict[str, Any] = {"sets": ("depth", number)}
        if number > depth:
            says = f"{name}: cut away; click to end the net here"
            drawn.append(shapes.Bar(*edges, "faint", hollow=True, dashed=True, says=says, **click))
            continue
        says = f"{name}: {_words(quality[number])}"
        drawn.append(shapes.Thumbnail(*edges, picture, name, says=says, **click))
        if number == depth:
            drawn.append(shapes.Bar(*edges, hollow=True))
    return drawn


def _row(
    stride: int, weight: float, quality: Quality, stops: Sequence[float], depth: int
) -> list[Shape]:
    """The weight of a side's loss as a knob, and the side's numbers."""
    y, number = _ROWS.y(stride), _depth("up", stride)
    places = tuple((_FIRST + _STEP * n, y, value) for n, value in enumerate(stops))
    track = shapes.Line(((places[0][0], y), (places[-1][0], y)), side_colour(stride), 5)
    ticks = [
        shapes.Label(f"{value:g}", x, y, shift=(0, 15), small=True)
        for x, _, value in places
        if stride == STRIDES[0]
    ]
    says = f"weight of the loss at stride {stride}: {weight:g}"
    knob = shapes.Handle(f"weight{stride}", places, weight, says=says)
    colour: Colour = "ink" if number <= depth else "faint"
    texts = [
        shapes.Label(f"{value:.2f}", x, y, bold=number == depth, colour=colour)
        for x, value in zip(_NUMBERS.values(), quality, strict=True)
    ]
    return [track, *ticks, *texts, knob]
