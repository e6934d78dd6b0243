"""A net with skips as a drawing: down on the left, up on the right, and the skips between them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from torch import Tensor
from torch.nn import functional as F

from seglab import scalars
from seglab.draw import paint, shapes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.paint import Picture
from seglab.draw.shapes import Shape
from seglab.lessons.pictures.rows import Rows
from seglab.nets.blocks import Skip
from seglab.nets.routes import Down, Up
from seglab.types import Image

ROWS = (1, 2, 4, 8, 16, 32)
SMALL = 64  # pixels of a small picture, at most
FAR = 4  # pixels of its map by which a skip is shifted, at most
DOWN, SKIP, UP = 1.5, 4.45, 9.2  # x of the columns
_HALF = 0.44  # of a small picture
_GRID = Rows(ROWS, 0.35, _HALF)
_KNOB, _STEP = 5.6, 0.6  # x of a skip that is not shifted; of one pixel of its map
_WIDTH = 4.0  # screen pixels of a skip whose gain is 1


class Maps(NamedTuple):
    """Small pictures of maps whatever class is asked for, by stride; of an FCN only those down."""

    down: dict[int, Picture]
    skips: dict[int, Picture]
    up: dict[int, Picture]


def small_down(image: Image, down: Down) -> dict[int, Picture]:
    """Small pictures of the way down, by stride: the image, then the features."""
    features = {stride: _strength(down.features[stride]) for stride in ROWS[1:]}
    return {1: paint.rgb(_shrunk(image)), **features}


def small(down: Down, up: Up, pictures: dict[int, Picture]) -> Maps:
    """Small pictures of the features of a net; pictures: those of the way down."""
    if _carries_scores(down):
        return Maps(pictures, {}, {})
    skips = {n: _strength(arrived, down.features[n]) for n, arrived in up.skips.items()}
    return Maps(pictures, skips, {n: _strength(made) for n, made in up.maps.items() if n > 1})


def of_net(
    maps: Maps,
    up: Up,
    changes: dict[int, Skip],
    held: Sequence[int],
    kind: int,
    most: float,
    every: str,
) -> Diagram:
    """A net as it answers: its maps as small pictures, and each skip as a line between two of them.

    changes: stride -> Skip, for each skip of the net. held: the strides of those that a shift
    moves. kind, most: the class whose scores are shown, and the score of full colour. every: the
    value of the control "shifted" that holds all.
    A click on a skip cuts it, a click on its small picture takes hold of it alone, and its knob
    shifts what is held.
    """

    def scores(of: dict[int, Tensor]) -> dict[int, Picture]:
        return {n: _scores(values, kind, most) for n, values in of.items()}

    drawn = [*_titles(not maps.up), *_arrows(up)]
    for stride, picture in maps.down.items():
        says = "the picture" if stride == 1 else f"features, stride {stride}"
        drawn.append(_small(DOWN, stride, picture, says))
    for stride, picture in (maps.skips or scores(up.skips)).items():
        drawn += _skip(stride, changes[stride])
        drawn.append(_handed(stride, picture, held, every))
    for stride, picture in (maps.up or scores(up.maps)).items():
        drawn.append(_small(UP, stride, picture, f"on the way up, stride {stride}"))
    drawn.append(_small(UP, 1, _scores(_shrunk(up.scores), kind, most), "the scores"))
    drawn += [_knob(stride, changes[stride].shift[1]) for stride in changes if stride in held]
    said = "; ".join(_words(stride, skip) for stride, skip in changes.items()) or "no skip"
    return diagram(
        drawn,
        says=f"a net, down to stride 32 and up again; {said}",
        x=(0, 10),
        y=(0.05, 6.65),
        margin=(2, 2, 2, 2),
        wide=True,
        tall=True,
        even=True,
        group="skip",
    )


def _carries_scores(down: Down) -> bool:
    return down.carried is not down.features


def _words(stride: int, skip: Skip) -> str:
    gain = "cut" if skip.gain == 0 else f"gain {skip.gain:g}"
    moved = f", shifted by {skip.shift[1]}" if skip.shift[1] else ""
    return f"skip of stride {stride}: {gain}{moved}"


def _titles(scored: bool) -> list[Shape]:
    texts = {
        DOWN: "features",
        (SKIP + UP) / 2: "skips carry scores, added" if scored else "skips carry features",
        UP: "scores" if scored else "joined",
    }
    return _GRID.titles(texts)


def _arrows(up: Up) -> list[Shape]:
    """Arrows from map to map: down, across at the bottom, and up."""
    bottom = _GRID.y(ROWS[-1])
    across = shapes.Arrow(DOWN + _HALF, bottom, UP - _HALF, bottom, "faint", 1.5)
    way = sorted({*up.maps, 1}, reverse=True)
    steps = [(DOWN, *pair) for pair in pairwise(ROWS)] + [(UP, *pair) for pair in pairwise(way)]
    return [across, *(_GRID.arrow(x, start, end) for x, start, end in steps)]


def _skip(stride: int, skip: Skip) -> list[Shape]:
    """The line of a skip: as thick as its gain; a cut one is dashed."""
    y, cut = _GRID.y(stride), skip.gain == 0
    says = f"{_words(stride, skip)}; click to {'join it again' if cut else 'cut it'}"
    click: dict[str, Any] = {
        "says": says,
        "sets": (f"gain{stride}", 1 if cut else 0),
        "thing": stride,
    }
    start, end = SKIP + _HALF, UP - _HALF
    line = shapes.Line(
        ((start, y), (end, y)),
        "faint" if cut else "ink",
        max(1.5, _WIDTH * skip.gain),
        cut,
        **click,
    )
    leaves = shapes.Line(((DOWN + _HALF, y), (SKIP - _HALF, y)), "faint", 1.5)
    return [leaves, line, *([shapes.Label("cut", end - 0.35, y - 0.22, small=True)] if cut else [])]


def _handed(stride: int, arrived: Picture, held: Sequence[int], every: str) -> Shape:
    """The small picture of what arrives through a skip."""
    alone = list(held) == [stride]
    says = f"what the skip of stride {stride} brings; click to hold " + (
        "every skip" if alone else "it alone"
    )
    sets = ("shifted", every if alone else stride)
    return _small(SKIP, stride, arrived, says, sets=sets, thing=stride)


def _knob(stride: int, shift: int) -> Shape:
    stops = tuple((_KNOB + _STEP * by, _GRID.y(stride), by) for by in range(FAR + 1))
    says = f"skip of stride {stride}, shifted to the right by {shift}"
    return shapes.Handle("shift", stops, shift, says=says)


def _small(x: float, stride: int, picture: Picture, says: str, **click: Any) -> Shape:
    y = _GRID.y(stride)
    return shapes.Thumbnail(
        x - _HALF, y - _HALF, x + _HALF, y + _HALF, picture, says, says=says, **click
    )


def _shrunk(maps: Tensor) -> Tensor:
    """Maps of at most SMALL pixels a side."""
    return F.avg_pool2d(maps, max(1, maps.shape[-1] // SMALL))


def _strength(features: Tensor, like: Tensor | None = None) -> Picture:
    """Mean over the channels, from 0 to the highest value: its own, or that of another map."""
    mean = _shrunk(features).mean(1)
    highest = mean if like is None else _shrunk(like).mean(1)
    return paint.scalar(mean, low=0, high=scalars.real(highest.max()), palette="gray")


def _scores(scores: Tensor, kind: int, most: float) -> Picture:
    return paint.signed(_shrunk(scores)[:, kind], most=most)
