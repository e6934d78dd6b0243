"""Gradients of the losses of the sides: their lengths in the encoder, and what one step changes."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from torch import Tensor

from seglab.draw import palettes, plots
from seglab.draw.diagram import Diagram, bars, diagram
from seglab.draw.shapes import Bar, Colour, Label, Line, Shape
from seglab.images.scenes import Scene
from seglab.nets import side_gradients
from seglab.nets.side_gradients import Gradients
from seglab.nets.side_net import STRIDES, SideNet

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST = 2.0  # the largest weight
_LENGTHS = (0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # of the steps of the chart


def side_colour(stride: int) -> Colour:
    """Colour of a side: dark for the coarsest, light for the finest."""
    table = palettes.scalar("viridis")
    red, green, blue = table[STRIDES.index(stride) * 58].tolist()
    return red, green, blue


def gradient(
    gradients: Gradients, arriving: Mapping[int, Mapping[str, float]], pull: Mapping[str, Tensor]
) -> Diagram:
    """Lengths of the weighted gradients that the sides send into each stage of the encoder.

    The line across a bar is the length of their sum, which is shorter where they disagree. One
    scale for all weights.
    """
    parts = list(next(iter(arriving.values())))
    most = (
        MOST * max(sum(float(of[name].norm()) for of in gradients.values()) for name in parts)
        or 1.0
    )
    drawn: list[Shape] = [Label("side", 0, -0.7, "end", (-6, 0), small=True)]
    for n, stride in enumerate(STRIDES):
        key = Label(
            str(stride), (0.08 + 0.2 * n) * most, -0.7, bold=True, colour=side_colour(stride)
        )
        drawn.append(key)
    told = []
    for row, name in enumerate(parts):
        stride, left = 2**row, 0.0
        drawn.append(Label(f"stride {stride}", 0, row + 0.5, "end", (-6, 0), small=True))
        for side, lengths in arriving.items():
            right = left + lengths[name]
            says = f"stage of stride {stride}, from the side of stride {side}: {lengths[name]:.3g}"
            drawn.append(Bar(left, row + 0.15, right, row + 0.85, side_colour(side), says=says))
            told.append(says)
            left = right
        length = float(pull[name].norm())
        says = f"their sum: {length:.3g}"
        drawn.append(Line(((length, row + 0.05), (length, row + 0.95)), "ink", 2.5, says=says))
    return diagram(
        drawn,
        says="length of the gradient in the encoder; " + "; ".join(told),
        x=(0, most),
        y=(-1.2, len(parts)),
        margin=(6, 8, 6, 58),
        wide=False,
    )


def falls(gradients: Gradients, falling: Mapping[int, float]) -> Diagram:
    """Rates at which the loss of each side falls along a small step; left where it rises.

    One scale for all weights: no loss can fall faster than along its own gradient.
    """
    most = max(
        sum(float(vector.square().sum()) for vector in of.values()) ** 0.5
        for of in gradients.values()
    )
    values = {f"stride {stride}": rate for stride, rate in falling.items()}
    said = ", ".join(f"{name} {rate:.2f}" for name, rate in values.items())
    return bars(
        values,
        says=f"fall of each loss per length of a small step: {said}",
        range=(-0.25 * most, most or 1.0),
        colours={f"stride {stride}": side_colour(stride) for stride in STRIDES},
    )


def step_chart(
    model: SideNet,
    scene: Scene,
    pull: Mapping[str, Tensor],
    progress: Callable[[int, int], None],
) -> "Figure":
    """Loss of each side after steps of several lengths, each computed with the changed weights."""
    lines: dict[str, dict[float, float]] = {f"stride {stride}": {} for stride in STRIDES}
    for done, length in enumerate(_LENGTHS):
        progress(done, len(_LENGTHS))
        found: Any = side_gradients.stepped(model, scene.image, scene.labels, pull, length)
        for stride, lost in found.items():
            lines[f"stride {stride}"][length] = lost
    return plots.lines(
        lines,
        title="Loss of each side after one step against the weighted gradient",
        x="length of the step",
        y="cross-entropy",
        ticks=_LENGTHS,
    )
