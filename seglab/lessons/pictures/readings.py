"""Recorded figures of every side: class and boundary along the net, and quality against cost."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from seglab.draw.diagram import Diagram, plot
from seglab.draw.shapes import Align, Dot, Handle, Label, Shape
from seglab.nets import segmenters, side_net, side_outputs, weights
from seglab.nets.side_net import PATH
from seglab.nets.side_outputs import COPIES

SERIES = {"inside": "inside", "boundary": "mean_boundary_iou"}
_SHORT = {"picture / 2": "/2", "picture / 4": "/4", "pyramid": "pyramid"}
_DEPTHS = range(1, len(PATH) + 1)
_MOST = 175.0  # millions of multiply-adds at the right end


@cache
def figures(name: str) -> Mapping[str, Mapping[str, float]]:
    """Figures of every answer of a shipped net over 500 test scenes, by name."""
    recorded: dict[str, Any] = weights.figures(name)
    answers: Mapping[str, Mapping[str, float]] = recorded["answers"]
    return answers


@cache
def cost(depth: int, copies: str = "picture") -> float:
    """Millions of multiply-adds up to a side."""
    return side_net.multiply_adds(segmenters.SIZE, depth, COPIES[copies]) / 1e6


def side(net: str, depth: int, figure: str) -> float:
    """Recorded figure of a side."""
    return figures(net)[side_outputs.named(*PATH[depth - 1])][figure]


def what_and_where(trained: str, depth: int, nets: Mapping[str, str]) -> Diagram:
    """Share that is right inside things, and boundary IoU, of every side along the net.

    trained: which of the nets; the other one, or both where it is none of them, is drawn faintly.
    """
    lines = {
        which: {
            name: [(float(at), side(net, at, figure)) for at in _DEPTHS]
            for name, figure in SERIES.items()
        }
        for which, net in nets.items()
    }
    own = lines.get(trained, {})
    ghosts = [
        points for which, found in lines.items() if which != trained for points in found.values()
    ]
    strides: list[Shape] = [
        Label(str(stride), at, 0, shift=(0, 10), small=True)
        for at, (_, stride) in enumerate(PATH, 1)
    ]
    handle = None
    if own:
        boundary = own["boundary"]
        handle = Handle("depth", tuple((x, y, int(x)) for x, y in boundary), depth)
    told = "; ".join(
        f"stride {stride} on the way {way}: "
        + ", ".join(f"{name} {points[at][1]:.2f}" for name, points in own.items())
        for at, (way, stride) in enumerate(PATH)
    )
    return plot(
        own,
        x=(0.5, len(PATH) + 0.5),
        y=(0, 1),
        x_title="stride, down and up",
        x_ticks=(),
        y_ticks=(0, 0.5, 1),
        now=float(depth),
        ghosts=ghosts,
        more=strides,
        handle=handle,
        form="{:.3f}",
        says=f"over 500 scenes: {told}" if own else "not trained: no figures",
    )


def cost_and_quality(trained: str, depth: int, copies: str, nets: Mapping[str, str]) -> Diagram:
    """Mean IoU of every side against the multiply-adds that it costs, for each of the nets.

    A net is called after the sides whose losses it heard. The knob sets where the net ends. Rings:
    smaller copies of the picture, given to the whole net; a click gives it that copy.
    """
    series = {
        which.removeprefix("the ").removesuffix(" side"): [
            (cost(at), side(net, at, "mean_iou")) for at in _DEPTHS
        ]
        for which, net in nets.items()
    }
    more: list[Shape] = []
    for name, net in _copies(trained, nets):
        value = figures(net)[name]["mean_iou"]
        at = cost(len(PATH), name)
        says = f"{name}: {value:.3f} for {at:.0f} million"
        more.append(
            Dot(at, value, "ink", 4, hollow=name != copies, says=says, sets=("copies", name))
        )
        align: Align = "end" if at > _MOST / 2 else "middle"
        more.append(
            Label(_SHORT[name], at, value, align, (0, 14 if align == "end" else -12), small=True)
        )
    handle = None
    if trained in nets:
        stops = [(cost(at), side(nets[trained], at, "mean_iou"), at) for at in _DEPTHS]
        handle = Handle("depth", tuple(stops), depth)
    told = "; ".join(
        f"{name}: " + ", ".join(f"{value:.2f} for {at:.0f} million" for at, value in points)
        for name, points in series.items()
    )
    return plot(
        series,
        x=(0, _MOST),
        y=(0, 1),
        x_title="million multiply-adds",
        x_ticks=(0, 50, 100, 150),
        y_ticks=(0, 0.5, 1),
        more=more,
        handle=handle,
        form="{:.3f}",
        says=f"mean IoU over 500 scenes; {told}",
    )


def _copies(trained: str, nets: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names of the copies that are not the picture itself, each with the net that is given them."""
    net = nets.get(trained)
    return [] if net is None else [(name, net) for name, by in COPIES.items() if by != (1,)]
