"""A net without its strides from the side: what its taps meet, and its dilations to drag."""

import math
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import mul
from typing import Any, NamedTuple

from torch import nn

from seglab._text import plural
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.shapes import Dot, Handle, Label, Shape
from seglab.layer import Layer
from seglab.lessons.pictures.taps import Row, fan
from seglab.ops.arithmetic import connected_units, taps

WRONG = (213, 94, 0)
DILATIONS = (1, 2, 4, 8, 16)
MOST, WIDEST = 8, 200  # layers, and pixels of a field, that are drawn

Rows = tuple[tuple[float, ...], ...]


class Filter(NamedTuple):
    """A layer of a net with strides: its name, its taps along one side, and its stride."""

    name: str
    taps: int
    stride: int


def filters(net: nn.Module) -> tuple[Filter, ...]:
    """Layers with more than one tap of a plain stack; none where a net is more than that."""
    layers: list[tuple[str, Any]] = list(net.named_children())
    if not isinstance(net, nn.Sequential) or any(list(layer.children()) for _, layer in layers):
        return ()
    found = (
        Filter(name, _first(layer.kernel_size), _first(layer.stride))
        for name, layer in layers
        if hasattr(layer, "kernel_size")
    )
    return tuple(one for one in found if one.taps > 1 or one.stride > 1)


def rule(stack: Sequence[Filter]) -> list[int]:
    """Dilations with which each layer reads what it read: the product of the strides before it."""
    return [1, *accumulate((one.stride for one in stack), mul)][:-1]


def field(stack: Sequence[Filter], dilations: Sequence[int]) -> int:
    """Pixels along one side that a score sees with these dilations."""
    return 1 + sum((one.taps - 1) * d for one, d in zip(stack, dilations, strict=True))


def missing(stack: Sequence[Filter], dilations: Sequence[int]) -> tuple[int, int]:
    """Taps of one kernel of each layer that miss the value they are for, and all taps."""
    pairs = zip(stack, rule(stack), dilations, strict=True)
    return sum(one.taps - 1 for one, want, d in pairs if d != want), sum(one.taps for one in stack)


def holes(
    stack: Sequence[Filter], dilations: Sequence[int], presets: Mapping[Rows, str], moves: bool
) -> Diagram:
    """All taps from one score down to the pixels; orange and dashed where they miss.

    presets: the control's own names by value, which a page stores. moves: whether the dilations
    can be set.
    """
    if not stack or len(stack) > MOST or field(stack, dilations) > WIDEST:
        said = f"only a plain stack of at most {MOST} layers is drawn"
        return diagram([Label(said, 0.5, 0.5)], says=said, wide=True, tall=True)
    wants = rule(stack)
    sizes = [field(stack[:n], dilations[:n]) for n in range(len(stack) + 1)]
    layers = [Layer("conv", one.taps, 1, 0, d) for one, d in zip(stack, dilations, strict=True)]
    read = connected_units(layers, sizes[-1], 0)
    rows = [Row(y, read[y], (size - sizes[-1]) / 2) for y, size in enumerate(sizes)]
    lines: list[Shape] = []
    for layer, want, upper, lower in zip(layers, wants, rows[1:], rows, strict=False):
        lines += _taps(layer, want, upper, lower)
    targets = [{n * want for n in range(one.taps)} for one, want in zip(stack, wants, strict=True)]
    steps = [*wants, wants[-1] * stack[-1].stride]
    values: list[Shape] = []
    for row, step, wanted in zip(rows, steps, [*targets, set()], strict=True):
        values += _values(row, step, wanted)
    half = max(field(stack, wants), sizes[-1]) / 2 + 0.5
    return diagram(
        [*lines, *values, *_names(stack, half), *_knobs(stack, dilations, half, presets, moves)],
        says=_says(stack, dilations, read),
        x=(-half, half * (1.8 if moves else 1)),
        y=(len(stack) + 0.75, -0.4),
        margin=(20, 8, 4, 84),
        wide=True,
        tall=True,
    )


def _taps(layer: Layer, want: int, upper: Row, lower: Row) -> list[Shape]:
    """Lines from each unit to what it reads, those of the first one thicker: a kernel."""
    found: list[Shape] = []
    for unit in upper.units:
        width = 2 if unit == 0 else 0.8
        read = list(taps(layer, unit))
        meet = [tap for n, tap in enumerate(read) if tap == unit + n * want]
        miss = [tap for tap in read if tap not in meet]
        found += fan(upper, unit, lower, meet, "accent", width)
        found += fan(upper, unit, lower, miss, WRONG, width, dashed=True)
    return found


def _values(row: Row, step: int, targets: set[int]) -> list[Shape]:
    """The values of a map: dots where they are read, rings where the net with strides has more."""
    met = set(row.units)
    found: list[Shape] = []
    for unit in range(max(met | targets) + 1):
        kept = unit % step == 0
        if unit in met:
            found.append(Dot(row.x(unit), row.y, "ink" if kept else WRONG, 3))
        elif kept:
            found.append(Dot(row.x(unit), row.y, "ink", 3, hollow=True))
        else:
            found.append(Dot(row.x(unit), row.y, "faint", 1.2))
    return found


def _names(stack: Sequence[Filter], half: float) -> list[Shape]:
    return [
        Label(f"{one.name}, {one.taps} taps", -half, n + 0.5, "end", (-4, 0), small=True)
        for n, one in enumerate(stack)
    ]


def _knobs(
    stack: Sequence[Filter],
    dilations: Sequence[int],
    half: float,
    presets: Mapping[Rows, str],
    moves: bool,
) -> list[Shape]:
    """A scale with a knob for the dilation of each layer."""
    if not moves:
        return []
    at = lambda d: half * (1.12 + 0.6 * math.log2(d) / 4)  # noqa: E731 # only here
    top = len(stack) + 0.5
    found: list[Shape] = [Label("dilation", at(4), top, shift=(0, -13), small=True)]
    found += [Label(str(d), at(d), top, small=True) for d in DILATIONS]
    for n, (one, now) in enumerate(zip(stack, dilations, strict=True)):
        y, choices = n + 0.5, sorted({*DILATIONS, now})
        stops = tuple((at(d), y, _named(dilations, n, d, presets)) for d in choices)
        found += [
            Dot(x, y, "faint", 2, says=f"{one.name}: dilation {d}", sets=("dilations", value))
            for d, (x, y, value) in zip(choices, stops, strict=True)
        ]
        says = f"{one.name}: dilation {now}"
        found.append(Handle("dilations", stops, _named(dilations, n, now, presets), says=says))
    return found


def _named(
    dilations: Sequence[int], n: int, d: int, presets: Mapping[Rows, str]
) -> str | tuple[Any, ...]:
    """The dilations with one of them changed, by their name where they have one."""
    row = tuple(float(d if i == n else old) for i, old in enumerate(dilations))
    return presets.get((row,), (row,))


def _says(stack: Sequence[Filter], dilations: Sequence[int], read: list[list[int]]) -> str:
    told = ", ".join(f"{one.name} {d}" for one, d in zip(stack, dilations, strict=True))
    miss, every = missing(stack, dilations)
    return (
        f"dilations: {told}; a score reads {plural(len(read[0]), 'pixel')} in a row; of "
        f"{plural(every, 'tap')}, one kernel of each layer, {miss} miss their value"
    )


def _first(number: int | tuple[int, ...]) -> int:
    """The first of two numbers, or the number."""
    return number if isinstance(number, int) else number[0]
