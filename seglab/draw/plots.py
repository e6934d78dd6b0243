"""Numbers to Plotly figures. Plotly is imported when a figure is drawn, never before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

Scale = Literal["linear", "log"]

# One ink that reads on a light page and on a dark one; the page shows through.
INK, FAINT, CLEAR = "#808080", "rgba(128, 128, 128, 0.25)", "rgba(0, 0, 0, 0)"

# Far from the colours of labels, which mean classes, and from each other; 3 to 1 on either page.
COLOURS = ("#8e5bd0", "#9a6a3a", "#6f8f1f", "#b0306a", "#4a7c8c")
_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x")
_DASHES = ("solid", "dash", "dot")


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
    """One line for each named series of x -> y, in colours that no label has.

    ticks: the x values that are written out. x_scale, y_scale: 'log' for ratios, with x above 0.
    unit: written behind the values on hover.
    Raises ValueError when there is nothing to draw.
    """
    from plotly.graph_objects import Figure

    if not any(series.values()):
        raise ValueError(f"series={dict(series)!r} holds no point; give at least one x -> y")
    figure = Figure(
        [
            _curve(k, name, points, 8, f"{x} = %{{x}}<br>%{{y:.3~g}} {unit}")
            for k, (name, points) in enumerate(series.items())
        ]
    )
    _dress(figure, title)
    texts = [str(tick) for tick in ticks]
    figure.update_xaxes(title=x, type=x_scale, tickvals=list(ticks), ticktext=texts)
    figure.update_yaxes(title=y, **_scaled(y_scale))
    return figure


def curves(
    panels: Mapping[str, Mapping[str, Mapping[float, float]]],
    *,
    title: str,
    x: str,
    ends: tuple[float, float],
    ranges: Mapping[str, tuple[float, float]],
) -> Figure:
    """Panels side by side over one x axis, each with named curves of x -> y; a curve may be empty.

    panels: what a panel shows -> its curves. ends: of the x axis, so that a curve that grows does
    so into empty space. ranges: of panels whose y axis has fixed ends.
    Raises ValueError when there is no panel, or a range is for none of them.
    """
    from plotly.subplots import make_subplots

    if not panels or not set(ranges) <= set(panels):
        raise ValueError(
            f"panels has {list(panels)} and ranges {list(ranges)}; give at least one panel, and "
            f"ranges for panels only"
        )
    figure = make_subplots(1, len(panels), horizontal_spacing=0.1)
    named = ((panel, name) for panel, series in panels.items() for name in series)
    for k, (panel, name) in enumerate(named):
        curve = _curve(k, name, panels[panel][name], 4, f"{x} %{{x}}<br>%{{y:.3~g}}")
        figure.add_trace(curve, 1, list(panels).index(panel) + 1)
    _dress(figure, title)
    figure.update_xaxes(title=x, range=list(ends))
    for column, panel in enumerate(panels, 1):
        figure.update_yaxes(title=panel, col=column, range=ranges.get(panel), **_scaled("linear"))
    return figure


def _curve(k: int, name: str, points: Mapping[float, float], dot: float, reading: str) -> Scatter:
    """Points x -> y in colour k; dot: their size; reading: said where one points."""
    from plotly.graph_objects import Scatter

    return Scatter(
        x=list(points),
        y=list(points.values()),
        name=name,
        mode="lines+markers",
        line={
            "color": COLOURS[k % len(COLOURS)],
            "width": 2,
            "dash": _DASHES[k // len(COLOURS) % len(_DASHES)],
        },
        marker={"size": dot, "symbol": _SYMBOLS[k % len(_SYMBOLS)]},
        hovertemplate=f"{name}<br>{reading}<extra></extra>",
    )


def _scaled(scale: Scale) -> dict[str, object]:
    powers = {"dtick": 1, "minor": {"ticks": "outside", "dtick": "D1"}} if scale == "log" else {}
    return {"type": scale, "showgrid": True, "exponentformat": "none", **powers}


def _dress(figure: Figure, title: str) -> None:
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
    figure.update_xaxes(**ink)
    figure.update_yaxes(**ink)
