"""Numbers to Plotly figures. Plotly is imported when a figure is drawn, never before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from seglab.draw.palettes import colour

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Scale = Literal["linear", "log"]

# One ink that reads on a light page and on a dark one; the page shows through.
INK, FAINT, CLEAR = "#808080", "rgba(128, 128, 128, 0.25)", "rgba(0, 0, 0, 0)"


def lines(
    series: Mapping[str, Mapping[float, float]],
    *,
    title: str,
    x: str,
    y: str,
    ticks: Sequence[float],
    x_scale: Scale = "linear",
    y_scale: Scale = "linear",
    unit: str = "",
) -> Figure:
    """One line for each named series of x -> y; series k has the colour of label k.

    ticks: the x values that are written out. x_scale, y_scale: 'log' for ratios, with x above 0.
    unit: written behind the values on hover.
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
        font={"color": INK},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        height=360,
        margin={"l": 70, "r": 20, "t": 50, "b": 50},
        legend={"title": None},
        hovermode="closest",
    )
    ink = {"linecolor": INK, "tickcolor": INK, "gridcolor": FAINT}
    texts = [str(tick) for tick in ticks]
    figure.update_xaxes(title=x, type=x_scale, tickvals=list(ticks), ticktext=texts, **ink)
    powers = {"dtick": 1, "minor": {"ticks": "outside", "dtick": "D1"}} if y_scale == "log" else {}
    figure.update_yaxes(
        title=y, type=y_scale, showgrid=True, exponentformat="none", **ink, **powers
    )
    return figure
