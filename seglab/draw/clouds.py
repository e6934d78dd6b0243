"""Points in three dimensions to a Plotly figure, imported when one is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from seglab.draw import palettes
from seglab.draw.plots import CLEAR, FAINT, INK
from seglab.ops import cluster
from seglab.types import Image, Labels

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


_AXES = ("a* (green to red)", "b* (blue to yellow)", "L* (black to white)")


def colours(image: Image, labels: Labels, name: str) -> Figure:
    """Every 16th pixel of an image [1, 3, H, W] by its colour in L*a*b*, grouped by segment.

    labels: segments [1, H, W], 0 to n - 1. With more than palettes.DISTINCT, a point for each
    segment instead: its mean colour, the larger the more pixels it has. name: begins the title.
    """
    place = cluster.cielab(image)[:, [1, 2, 0]]
    count = int(labels.max()) + 1
    if count <= palettes.DISTINCT:
        points, own = place[0, :, ::4, ::4].flatten(1).T, labels[:, ::4, ::4].flatten()
        groups = {
            f"segment {label}": (points[own == label], palettes.colour(label))
            for label in range(count)
        }
        return cloud(groups, title=f"{name}: every 16th pixel by its colour", axes=_AXES)
    shown = (cluster.means(image, labels).clamp(0, 1) * 255).round().int().tolist()
    mean_colours = ["#{:02x}{:02x}{:02x}".format(*rgb) for rgb in shown]
    return cloud(
        {"mean colour of a segment": (cluster.means(place, labels), mean_colours)},
        title=f"{name}: {count:,} segments by their mean colours",
        axes=_AXES,
        sizes=labels.flatten().bincount().sqrt().clamp(2, 40).tolist(),
    )


def cloud(
    groups: Mapping[str, tuple[Tensor, str | Sequence[str]]],
    *,
    title: str,
    axes: tuple[str, str, str],
    sizes: Sequence[float] | float = 2.5,
) -> Figure:
    """A cloud to turn: name -> (points [n, 3], one colour '#rrggbb' or one for each point).

    sizes: the points' diameters in pixels, all or one for each point of a single group.
    Raises ValueError when there is nothing to draw, or for points of another shape.
    """
    from plotly.graph_objects import Figure, Scatter3d

    if not groups:
        raise ValueError("groups is empty; give at least one name -> (points, colour)")
    for name, (points, _) in groups.items():
        if points.ndim != 2 or points.shape[1] != 3:
            raise ValueError(f"{name!r} has points of shape {list(points.shape)}; give [n, 3]")
    traces = []
    for name, (points, colour) in groups.items():
        x, y, z = points.detach().float().cpu().T.tolist()
        marker = {"size": sizes, "color": colour, "line": {"width": 0}, "opacity": 1}
        traces.append(
            Scatter3d(
                x=x,
                y=y,
                z=z,
                name=name,
                mode="markers",
                marker=marker,
                hovertemplate=f"{name}<br>"
                + "<br>".join(
                    f"{axis} %{{{letter}:.0f}}" for axis, letter in zip(axes, "xyz", strict=True)
                )
                + "<extra></extra>",
            )
        )
    figure = Figure(traces)
    figure.update_layout(
        title={"text": title, "font": {"size": 15}},
        template="simple_white",
        font={"color": INK},
        paper_bgcolor=CLEAR,
        height=480,
        margin={"l": 0, "r": 0, "t": 50, "b": 0},
        legend={"itemsizing": "constant"},
        showlegend=len(groups) > 1,
    )
    ink = {"color": INK, "gridcolor": FAINT, "backgroundcolor": CLEAR, "showbackground": False}
    figure.update_scenes(
        aspectmode="data",
        **{
            f"{letter}axis": {"title": axis, **ink}
            for letter, axis in zip("xyz", axes, strict=True)
        },
    )
    return figure
