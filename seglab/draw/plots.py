"""Numbers to Plotly figures. Plotly is imported when a figure is drawn, never before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from seglab.draw.palettes import colour

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Scale = Literal["linear", "log"]


def lines(
    series: Mapping[str, Mapping[float, float]],
    *,
    title: str,
    x: str,
    y: str,
    ticks: Sequence[float],
    scale: Scale = "linear",
    unit: str = "",
) -> Figure:
    """One line for each named series of x -> y; series k has the colour of label k.

    ticks: the x values that are written out (the axis is logarithmic when they are powers).
    scale: of the y axis. unit: written behind the values on hover.
    Raises ValueError when there is nothing to draw.
    """
    from plotly.graph_objects import Figure, Scatter

    if not any(series.values()):
        raise ValueError(f"series={dict(series)!r} holds no point; give at least one x -> y")
    figure = Figure(
        [
            Scatter(
                x=list(points),
                y=list(points.values()),
                name=name,
                mode="lines+markers",
                line={"color": colour(k), "width": 2},
                marker={"size": 8},
                hovertemplate=f"{name}<br>{x} = %{{x}}<br>%{{y:.3~g}} {unit}<extra></extra>",
            )
            for k, (name, points) in enumerate(series.items())
        ]
    )
    figure.update_layout(
        title={"text": title, "font": {"size": 15}},
        template="simple_white",
        height=360,
        margin={"l": 70, "r": 20, "t": 50, "b": 50},
        legend={"title": None},
        hovermode="closest",
    )
    figure.update_xaxes(title=x, type=scale, tickvals=list(ticks), ticktext=[str(t) for t in ticks])
    powers = {"dtick": 1, "minor": {"ticks": "outside", "dtick": "D1"}} if scale == "log" else {}
    figure.update_yaxes(title=y, type=scale, showgrid=True, exponentformat="none", **powers)
    return figure
