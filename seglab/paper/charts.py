"""Plotly figures as still SVG: the page then needs no library of charts (Plotly's has megabytes).

Lines, markers and bars on two axes, and clouds of points in three, in the page's own ink. Colours
stand in attributes, since a page that lets no inline style in would drop them elsewhere.
"""

import math
import textwrap
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, NamedTuple

_SIZE = 460, 320  # and the legend beneath
_MARGIN = {"left": 74, "right": 20, "top": 44, "bottom": 52}
_COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#777777")
_LINE = 20  # of the legend
_TITLE = 46  # letters of a line
_POINTS = 1200  # of a cloud: more would only hide one another
_CAMERA = math.radians(-50), math.radians(22)  # around the upright axis, and up


class _Axis(NamedTuple):
    """A scale along the page: low and high on it, the pixels at which they lie, and the ticks."""

    low: float
    high: float
    start: float
    end: float
    log: bool
    ticks: tuple[tuple[float, str], ...]

    def at(self, value: float) -> float:
        place, low, high = (math.log10(v) if self.log else v for v in (value, self.low, self.high))
        return self.start + (place - low) / (high - low) * (self.end - self.start)


def svg(figure: Any, name: str) -> str:
    """A Plotly figure as the text of an SVG; empty for traces of a kind that is not drawn here.

    name: what it is called where it has no title.
    """
    drawn = figure.to_plotly_json()
    traces, layout = drawn["data"], drawn.get("layout", {})
    kinds = {trace.get("type", "scatter") for trace in traces}
    if kinds and kinds <= {"scatter", "bar"}:
        body = _plane(traces, layout)
    elif kinds == {"scatter3d"}:
        body = _cloud(traces, layout)
    else:
        return ""
    title = _title(layout)
    names = ", ".join(str(trace.get("name") or "") for trace in traces).strip(", ")
    width, height = _SIZE[0], _SIZE[1] + _LINE * len(_named(traces))
    said = escape(f"{title or name}{': ' if names else ''}{names}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{said}" font-size="13" fill="currentColor">'
        f"{_text(_wrapped(title), 8, 18, size=15)}{body}</svg>"
    )


def upright(figure: Any) -> str:
    """Words beside the upright axis of a Plotly figure; empty where there are none."""
    return _title(figure.to_plotly_json().get("layout", {}).get("yaxis", {}))


def _wrapped(title: str) -> str:
    return title if "<br>" in title else "\n".join(textwrap.wrap(title, _TITLE))


# Two axes


def _plane(traces: list[dict[str, Any]], layout: dict[str, Any]) -> str:
    width, height = _SIZE
    left, right = _MARGIN["left"], width - _MARGIN["right"]
    top, bottom = _MARGIN["top"], height - _MARGIN["bottom"]
    xs = [_list(trace, "x") for trace in traces]
    ys = [_list(trace, "y") for trace in traces]
    names = sorted({v for line in xs for v in line if isinstance(v, str)})
    columns = list(dict.fromkeys(v for line in xs for v in line)) if names else []
    places = [[columns.index(v) if columns else v for v in line] for line in xs]
    bars = any(trace.get("type") == "bar" for trace in traces)
    x_layout = layout.get("xaxis", {})
    if columns:
        x_layout = {**x_layout, "tickvals": range(len(columns)), "ticktext": columns, "type": ""}
    x = _axis(places, x_layout, left, right, pad=0.5 if bars or columns else 0.0)
    y = _axis(ys, layout.get("yaxis", {}), bottom, top, zero=bars)
    parts = [_axes(x, y, layout)]
    for k, (trace, along, up) in enumerate(zip(traces, places, ys, strict=True)):
        colour = _colour(trace, k)
        points = [(a, b) for a, b in zip(along, up, strict=False) if _drawable(a, x, b, y)]
        draw = _bars if trace.get("type") == "bar" else _line
        parts.append(draw(points, x, y, colour, trace))
    return "".join(parts) + _legend(traces)


def _list(trace: dict[str, Any], name: str) -> list[Any]:
    values = trace.get(name)
    if values is None:
        return list(range(len(_list(trace, "y")))) if name == "x" else []
    return list(values.tolist() if hasattr(values, "tolist") else values)


def _drawable(a: Any, x: _Axis, b: Any, y: _Axis) -> bool:
    return _has_place(a, x.log) and _has_place(b, y.log)


def _has_place(value: Any, log: bool) -> bool:
    return value is not None and math.isfinite(value) and (value > 0 or not log)


def _axis(
    lines: Iterable[Sequence[float]],
    layout: dict[str, Any],
    start: float,
    end: float,
    pad: float = 0.0,
    zero: bool = False,
) -> _Axis:
    log = layout.get("type") == "log"
    values = [v for line in lines for v in line if _has_place(v, log)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if layout.get("range"):
        low, high = (10**v if log else v for v in layout["range"])
    elif zero:
        low, high = min(0.0, low), max(0.0, high)
    if low == high:
        low, high = (low / 2, high * 2) if log else (low - 0.5, high + 0.5)
    ticks = layout.get("tickvals")
    texts = layout.get("ticktext")
    if ticks is None:
        ticks = _powers(low, high) if log else _round(low, high)
        texts = [f"{tick:.10g}" for tick in ticks]
    spare = 0.03 * (math.log10(high / low) if log else high - low)
    if log:
        low, high = low / 10**spare, high * 10**spare
    else:
        low, high = low - pad - (0 if zero and low == 0 else spare), high + pad + spare
    shown = zip(list(ticks), list(texts if texts is not None else map(str, ticks)), strict=False)
    kept = tuple((float(tick), str(text)) for tick, text in shown if low <= tick <= high)
    return _Axis(low, high, start, end, log, kept)


def _round(low: float, high: float) -> list[float]:
    """Round numbers, four to eight of them."""
    raw = (high - low) / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    return [10.0**power for power in range(first, last + 1)]


def _axes(x: _Axis, y: _Axis, layout: dict[str, Any]) -> str:
    parts = []
    for value, text in y.ticks:
        at = y.at(value)
        parts.append(_rule(x.start, at, x.end, at, 0.16))
        parts.append(_text(text, x.start - 8, at + 4, "end"))
    for value, text in x.ticks:
        at = x.at(value)
        parts.append(_rule(at, y.start, at, y.start + 5, 0.7))
        parts.append(_text(text, at, y.start + 20, "middle"))
    parts.append(_rule(x.start, y.start, x.end, y.start, 0.7))
    parts.append(_rule(x.start, y.start, x.start, y.end, 0.7))
    middle = (y.start + y.end) / 2
    parts.append(
        _text(_title(layout.get("xaxis", {})), (x.start + x.end) / 2, y.start + 42, "middle")
    )
    parts.append(
        f'<g transform="translate(18 {middle:.1f}) rotate(-90)">'
        f"{_text(_title(layout.get('yaxis', {})), 0, 0, 'middle')}</g>"
    )
    return "".join(parts)


def _line(
    points: list[tuple[float, float]], x: _Axis, y: _Axis, colour: str, trace: dict[str, Any]
) -> str:
    mode = str(trace.get("mode") or "lines")
    placed = [(x.at(a), y.at(b), a, b) for a, b in points]
    parts = []
    if "lines" in mode:
        dash = {"dash": "8 5", "dot": "2 4"}.get(str(trace.get("line", {}).get("dash")))
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        way = " ".join(f"{px:.1f},{py:.1f}" for px, py, _, _ in placed)
        parts.append(
            f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
    radius = 4.0 if "markers" in mode else 6.0  # without markers: clear, to be pointed at
    clear = "" if "markers" in mode else ' fill-opacity="0"'
    for px, py, a, b in placed:
        parts.append(
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius:g}" fill="{colour}"{clear}>'
            f"<title>{_reading(trace, a, b)}</title></circle>"
        )
    return "".join(parts)


def _bars(
    points: list[tuple[float, float]], x: _Axis, y: _Axis, colour: str, trace: dict[str, Any]
) -> str:
    wide = 0.6 * abs(x.at(x.low + 1) - x.start)
    return "".join(
        f'<rect x="{x.at(a) - wide / 2:.1f}" y="{min(y.at(b), y.at(0)):.1f}" width="{wide:.1f}" '
        f'height="{abs(y.at(b) - y.at(0)):.1f}" fill="{colour}">'
        f"<title>{_reading(trace, a, b)}</title></rect>"
        for a, b in points
    )


def _reading(trace: dict[str, Any], a: float, b: float) -> str:
    name = trace.get("name")
    return escape(f"{f'{name}: ' if name else ''}{a:.6g}, {b:.6g}")


def _named(traces: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    return [(k, trace) for k, trace in enumerate(traces) if trace.get("name")]


def _legend(traces: list[dict[str, Any]]) -> str:
    left, top = _MARGIN["left"], _SIZE[1] + 10
    parts = []
    for row, (k, trace) in enumerate(_named(traces)):
        at = top + _LINE * row
        parts.append(f'<circle cx="{left}" cy="{at - 4}" r="5" fill="{_colour(trace, k)}"/>')
        parts.append(_text(str(trace["name"]), left + 12, at))
    return "".join(parts)


# Three axes


def _cloud(traces: list[dict[str, Any]], layout: dict[str, Any]) -> str:
    points = [
        (tuple(map(float, place)), colour)
        for k, trace in enumerate(traces)
        for place, colour in zip(
            zip(*(_list(trace, axis) for axis in "xyz"), strict=True),
            _each(trace, k),
            strict=False,
        )
    ]
    if not points:
        return ""
    lows = [min(place[i] for place, _ in points) for i in range(3)]
    highs = [max(place[i] for place, _ in points) for i in range(3)]
    middle = [(low + high) / 2 for low, high in zip(lows, highs, strict=True)]
    reach = math.dist(lows, highs) or 1.0
    width, height = _SIZE
    center = (_MARGIN["left"] + width - _MARGIN["right"]) / 2, (height + 20) / 2
    (turn, lift), scale = _CAMERA, 1.05 * (height - 60) / reach

    def project(place: Sequence[float]) -> tuple[float, float, float]:
        a, b, c = (p - m for p, m in zip(place, middle, strict=True))
        across = a * math.cos(turn) - b * math.sin(turn)
        deep = a * math.sin(turn) + b * math.cos(turn)
        up = c * math.cos(lift) - deep * math.sin(lift)
        near = deep * math.cos(lift) + c * math.sin(lift)
        return center[0] + scale * across, center[1] - scale * up, near

    parts = []
    scene = layout.get("scene", {})
    for i, axis in enumerate("xyz"):
        end = list(lows)
        end[i] = highs[i]
        (ax, ay, _), (bx, by, _) = project(lows), project(end)
        parts.append(_rule(ax, ay, bx, by, 0.5))
        title = _title(scene.get(f"{axis}axis", {})) or axis
        parts.append(_text(title, bx, by + (16 if i < 2 else -6), "middle"))
    shown = points[:: -(-len(points) // _POINTS)]
    placed = sorted((*project(place)[::-1], colour) for place, colour in shown)
    parts += [
        f'<circle cx="{px:.0f}" cy="{py:.0f}" r="2.4" fill="{colour}"/>'
        for _, py, px, colour in placed
    ]
    return "".join(parts) + _legend(traces if len(traces) > 1 else [])


def _each(trace: dict[str, Any], k: int) -> list[str]:
    """The colour of each point of a cloud."""
    colours = trace.get("marker", {}).get("color")
    count = len(_list(trace, "x"))
    if colours is None or isinstance(colours, str):
        return [_colour(trace, k)] * count
    return [escape(str(colour), quote=True) for colour in colours]


# What both share


def _colour(trace: dict[str, Any], k: int) -> str:
    for part in ("line", "marker"):
        colour = trace.get(part, {}).get("color")
        if isinstance(colour, str):
            return escape(colour, quote=True)
    return _COLOURS[k % len(_COLOURS)]


def _title(layout: dict[str, Any]) -> str:
    title = layout.get("title") or ""
    return str(title.get("text") or "" if isinstance(title, dict) else title)


def _text(text: str, x: float, y: float, anchor: str = "start", size: int = 13) -> str:
    if not text:
        return ""
    lines = text.replace("<br>", "\n").split("\n")
    rows = "".join(
        f'<tspan x="{x:.1f}" dy="{1.2 * size * (k > 0):.1f}">{escape(line)}</tspan>'
        for k, line in enumerate(lines)
    )
    bold = ' font-weight="600"' if size > 13 else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {place}{bold}>{rows}</text>"


def _rule(x1: float, y1: float, x2: float, y2: float, opacity: float) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="currentColor" '
        f'stroke-opacity="{opacity:g}"/>'
    )
