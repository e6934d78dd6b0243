"""The size formula as a ruler: windows under a strip of cells, whole steps, and what is left."""

from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Bar, Handle, Label, Line, Shape
from seglab.ops.arithmetic import (
    conv_output_size,
    dilated_kernel_size,
    transposed_output_size,
    unreached_rows,
)

NAMED = 8  # steps that have room for a number each
LOST = (194, 65, 12)  # as in the grids
SIZES, STRIDES, DILATIONS = range(3, 13), (1, 2, 3, 4), (1, 2, 3)


def ruler(i: int, k: int, s: int, p: int, d: int, more: int, transposed: bool) -> Diagram:
    """One row of the input with its windows; transposed: with its stamps, and what they cover.

    more: the output padding of a transposed convolution.
    """
    return _stamps(i, k, s, p, d, more) if transposed else _windows(i, k, s, p, d)


def _windows(i: int, k: int, s: int, p: int, d: int) -> Diagram:
    wide, count = dilated_kernel_size(k, d), conv_output_size(i, k, s, p, d)
    lost, end, bottom = unreached_rows(i, k, s, p, d), i + p, count + 1
    reached = end - lost
    drawn: list[Shape] = [_cell(at, 0, _kind(at, i, reached)) for at in range(-p, end)]
    for window in range(count):
        drawn += _window(-p + window * s, 1 + window, k, d)
    drawn += _lengths([wide] + [s] * (count - 1), -p, bottom)
    drawn.append(_length(reached, s, bottom, lost=f"a step of {s} that does not fit any more"))
    if lost:
        drawn.append(Bar(reached, bottom - 0.3, end, bottom + 0.3, LOST, opacity=0.3))
        drawn.append(Label(str(lost), reached + lost / 2, bottom, bold=True))
    drawn.append(Line(((end, -0.5), (end, bottom + 0.5)), "faint", 1, dashed=True))
    drawn += _knobs(i, k, s, p, d, bottom)
    padded = f" and {p} of padding on each side" if p else ""
    return diagram(
        drawn,
        says=(
            f"{i} cells{padded}: the first window takes {wide}, then {count - 1} more at steps of "
            f"{s}, so there are {count} windows; left over: {lost}"
        ),
        x=(-p - 0.4, max(SIZES[-1], i + s) + p + 0.4),
        y=(-0.7, bottom + 0.7),
    )


def _stamps(i: int, k: int, s: int, p: int, d: int, more: int) -> Diagram:
    wide, size = dilated_kernel_size(k, d), transposed_output_size(i, k, s, p, more, d)
    full, bottom = s * (i - 1) + wide, i + 2
    drawn: list[Shape] = [_cell(at * s, 0, "input") for at in range(i)]
    for stamp in range(i):
        drawn += _window(stamp * s, 1 + stamp, k, d)
    kept = range(p, p + size)
    drawn += [_cell(at, i + 1, "output" if at in kept else "cut off") for at in range(full + more)]
    drawn += _lengths([s] * (i - 1) + [wide], 0, bottom)
    if more:
        drawn.append(Bar(full, bottom - 0.3, full + more, bottom + 0.3, LOST, opacity=0.3))
        drawn.append(Label(f"+{more}", full + more / 2, bottom, bold=True))
    stops = tuple((s * (n - 1) + 1, 0, n) for n in SIZES)
    drawn.append(Handle("i", stops, i, says="input size i: drag the end of the input"))
    return diagram(
        drawn,
        says=(
            f"{i} stamps of {wide} cells, {s} apart, cover {full} cells; {more} are added at the "
            f"end and {p} cut off on each side, so {size} are left"
        ),
        x=(-0.4, max(s * (SIZES[-1] - 1) + 1, full + more) + 0.4),
        y=(-0.7, bottom + 0.7),
    )


def _kind(at: int, i: int, reached: int) -> str:
    return "lost" if at >= reached else "input" if 0 <= at < i else "padding"


def _cell(at: int, y: int, kind: str) -> Bar:
    """A cell of a strip; an outline where it is padding or cut off."""
    edges, says = (at + 0.05, y - 0.4, at + 0.95, y + 0.4), f"{kind}, cell {at}"
    if kind in ("padding", "cut off"):
        return Bar(*edges, "faint", hollow=True, dashed=True, says=says)
    return Bar(*edges, LOST if kind == "lost" else "ink", opacity=0.35, says=says)


def _window(first: int, y: int, k: int, d: int) -> list[Shape]:
    """A kernel where it stands, with its taps and the holes between them."""
    taps = [first + d * tap for tap in range(k)]
    says = f"window {y - 1}: cells {', '.join(map(str, taps))}"
    return [
        Bar(first + 0.05, y - 0.36, taps[-1] + 0.95, y + 0.36, hollow=True, says=says),
        *(Bar(tap + 0.12, y - 0.26, tap + 0.88, y + 0.26) for tap in taps),
    ]


def _length(start: float, long: int, y: int, lost: str = "") -> Bar:
    """The outline of a length; lost: what to say of one that does not fit."""
    edges = (start + 0.04, y - 0.3, start + long - 0.04, y + 0.3)
    return Bar(*edges, LOST if lost else "ink", hollow=True, dashed=bool(lost), says=lost)


def _lengths(parts: list[int], start: int, y: int) -> list[Shape]:
    """Lengths one behind the other, with their numbers where there is room."""
    found: list[Shape] = []
    for n, part in enumerate(parts):
        found.append(_length(start, part, y))
        if len(parts) <= NAMED or n in (0, len(parts) - 1):
            found.append(Label(str(part), start + part / 2, y))
        start += part
    return found


def _knobs(i: int, k: int, s: int, p: int, d: int, bottom: int) -> list[Shape]:
    """The end of the input, the end of the first step, and the second tap, to drag."""
    start = dilated_kernel_size(k, d) - p
    ends = tuple((n, 0, n) for n in SIZES)
    steps = tuple((start + n, bottom + 0.42, n) for n in STRIDES)
    taps = tuple((n + 0.5 - p, 1, n) for n in DILATIONS)
    return [
        Handle("i", ends, i, says="input size i: drag the end of the input"),
        Handle("s", steps, s, says="stride s: drag the end of the first step"),
        *([Handle("d", taps, d, says="dilation d: drag the second tap")] if k > 1 else []),
    ]
