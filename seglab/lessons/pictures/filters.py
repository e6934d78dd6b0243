"""All channels of a layer at a glance, one of them on the picture, and what excites it most."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab import scalars
from seglab.draw import paint, palettes
from seglab.draw.diagram import Diagram, diagram
from seglab.draw.marks import Box
from seglab.draw.picture import Picture
from seglab.draw.shapes import Arrow, Bar, Label, Shape, Thumbnail
from seglab.nets.insides import WIDE, Inside, Layer, picture, pictures
from seglab.ops import heatmap
from seglab.ops.activations import Ranked, Strongest
from seglab.ops.receptive_field import ReceptiveField
from seglab.ops.windows import Window
from seglab.types import Image, Size

SMALL = 64  # pixels of a small picture, at most
ACROSS = 10.0  # width of the diagram
_TOP, _HIGH = 2.0, 12.3  # y of the first row of channels, and where the last one ends
_GAP = 0.06  # between small pictures, as a share of one
_DARK = 0.25  # brightness of the photograph where a channel says nothing
_FAINT = 0.05  # a channel whose lowest value is above this share of its highest has one sign


def heat(maps: Tensor, *, on: Tensor | None = None, field: ReceptiveField | None = None) -> Picture:
    """One channel [1, h, w]: dark at 0 and bright at its highest; red and blue with both signs."""
    if scalars.is_open():
        (made,) = _on_pages(maps)
        height, width = (maps if on is None else on).shape[-2:]
        return replace(made, frame=(height, width), field=field)
    most = float(maps.abs().max()) or 1.0
    if float(maps.min()) < -_FAINT * most:
        return paint.signed(maps, most=most, on=on, field=field)
    return paint.scalar(maps, low=0, high=most, palette="magma", on=on, field=field)


def small(maps: Tensor) -> tuple[Picture, ...]:
    """Small pictures of all channels of maps [1, C, h, w], each on a scale of its own."""
    shrunk = F.avg_pool2d(maps, max(1, round(max(maps.shape[-2:]) / SMALL)))[0]
    return _on_pages(shrunk) if scalars.is_open() else tuple(map(heat, shrunk[:, None]))


def _on_pages(maps: Tensor) -> tuple[Picture, ...]:
    """Pictures as heat() makes them of maps [C, h, w], all by one graph of a page.

    Which of the two palettes a channel has, the page says when it computes.
    """
    height, width = maps.shape[1:]
    high = maps.abs().amax((1, 2))
    high = high.where(high > 0, 1)
    both = maps.amin((1, 2)) < -_FAINT * high
    low = torch.where(both, -high, 0)
    shares = (maps - low[:, None, None]) / (high - low)[:, None, None]
    sheet = paint.scalar(shares.flatten(0, 1), low=0, high=1)
    codes = torch.as_tensor(sheet.array).reshape(maps.shape)
    of_both, of_one = (torch.tensor(palettes.scalar(name)) for name in ("vik", "magma"))
    colours = torch.where(both[:, None, None], of_both, of_one)
    ends = zip(scalars.reals(low), scalars.reals(high), strict=True)
    return tuple(
        replace(sheet, array=array, palette=palette, range=range, frame=(height, width))
        for array, palette, range in zip(codes, colours, ends, strict=True)
    )


def kernels(weights: Tensor) -> tuple[Picture, ...]:
    """Kernels [C, 3, kh, kw] as colours, each on a scale of its own; grey is 0.

    Kernels of another number of inputs are shown by their mean, red and blue.
    """
    if weights.shape[1] != 3:
        return tuple(map(heat, weights.mean(1)[:, None]))
    most = weights.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-9)
    return tuple(map(paint.rgb, (0.5 + 0.5 * weights / most)[:, None]))


def channels(
    inside: Inside,
    layer: int,
    pictures: Sequence[Picture],
    number: int,
    away: Sequence[int],
    gates: Sequence[float] | None,
) -> Diagram:
    """The layers of a net in a row, and all channels of one of them.

    layer: its number from 1, or 0 for the weights of the first; number: the chosen channel.
    away: the channels that are taken away. gates: how far each is let through, as a bar below it;
    None where no gate weighs them. A click on a layer or on a channel chooses it.
    """
    columns, rows = _grid(len(pictures))
    side = min(ACROSS / columns, (_HIGH - _TOP) / rows)
    left = (ACROSS - side * columns) / 2
    names = ["the weights of layer 1", *(one.name for one in inside.layers)]
    layer = layer if layer == 0 else 1 + (layer - 1) % len(inside.layers)
    drawn = _layers(names, layer)
    for channel, one in enumerate(pictures):
        x, y = left + side * (channel % columns), _TOP + side * (channel // columns)
        gate = None if gates is None else gates[channel]
        drawn += _channel(channel, one, x, y, side * (1 - _GAP), gate, channel in away)
    x, y = left + side * (number % columns), _TOP + side * (number // columns)
    edge = side * _GAP / 2
    drawn.append(Bar(x - edge, y - edge, x + side - edge, y + side - edge, hollow=True))
    gone = f", {len(away)} taken away" if away else ""
    return diagram(
        drawn,
        says=f"layer {layer} of {len(inside.layers)}, {names[layer]}: "
        f"{len(pictures)} channels; channel {number} is chosen{gone}",
        x=(0, ACROSS),
        y=(0, _HIGH),
        margin=(2, 2, 2, 2),
        wide=True,
        tall=True,
        even=True,
    )


def _grid(count: int) -> tuple[int, int]:
    """Columns and rows for so many squares in the room that there is."""
    columns = math.ceil(math.sqrt(count * ACROSS / (_HIGH - _TOP)))
    return columns, math.ceil(count / columns)


def _layers(names: Sequence[str], layer: int) -> list[Shape]:
    wide = ACROSS / len(names)
    drawn: list[Shape] = [Label(names[layer], ACROSS / 2, 1.45, bold=True)]
    for number, name in enumerate(names):
        x, now = wide * number, number == layer
        told = f"layer {number}: {name}" if number else name
        click: dict[str, Any] = {
            "says": f"{told}; click to look into it",
            "sets": ("layer", number),
        }
        edges = x + 0.15, 0.1, x + wide - 0.15, 0.95
        drawn.append(Bar(*edges, "accent" if now else "faint", opacity=0.5, **click))
        drawn.append(Label(str(number or "w"), x + wide / 2, 0.52, bold=now, **click))
        if number > 1:
            drawn.append(Arrow(x - 0.13, 0.52, x + 0.13, 0.52, "faint", 1))
    return drawn


def _channel(
    channel: int, one: Picture, x: float, y: float, side: float, gate: float | None, gone: bool
) -> list[Shape]:
    says = f"channel {channel}{', taken away' if gone else ''}; click to choose it"
    click: dict[str, Any] = {"says": says, "sets": ("channel", channel)}
    high = side * (0.9 if gate is not None else 1)
    drawn: list[Shape] = [Thumbnail(x, y, x + side, y + high, one, f"channel {channel}", **click)]
    if gone:
        drawn.append(Bar(x, y, x + side, y + high, "paper", opacity=0.8, **click))
    if gate is not None:
        told = f"channel {channel}: its gate is {gate:.2f}"
        drawn.append(Bar(x, y + high, x + side, y + side, "faint", opacity=0.3, says=told))
        drawn.append(Bar(x, y + high, x + side * gate, y + side, says=told))
    return drawn


def strength(channel: Tensor, field: ReceptiveField, size: Size) -> Tensor:
    """A channel [1, 1, h, w] at each pixel, from 0 to 1, where it is at its highest; [1, 1, H, W].

    Each pixel has the value of the unit in whose cell it lies, and what is negative counts as 0.
    """
    values = heatmap.values_at_pixels(channel, field, size).nan_to_num(0).clamp(min=0)
    return values / values.max().clamp(min=1e-9)


def lit(image: Image, strength: Tensor) -> Picture:
    """The picture: dark where a channel says nothing, and as it is where it is at its highest."""
    return paint.rgb(image * (_DARK + (1 - _DARK) * strength))


def marked(lit: Picture, layer: Layer, found: Strongest, number: int) -> Picture:
    """The picture where a channel is excited, with the fields of its strongest places."""
    return lit.with_marks(*boxes(layer.field, found, number))


def boxes(field: ReceptiveField, found: Strongest, number: int) -> list[Box]:
    """Boxes of the fields of a channel's strongest places, the strongest one drawn strong.

    Of a field wider than WIDE pixels only the middle, dashed.
    """
    drawn = []
    values, places = scalars.reals(found.values[0, number]), found.places[0, number]
    for rank, (value, (u, v)) in enumerate(zip(values, places, strict=True)):
        if not value > 0:
            break  # and all that follow are no higher
        window = around(field, (scalars.whole(u), scalars.whole(v)))
        top, left = window.top - 0.5, window.left - 0.5
        drawn.append(
            Box(
                top,
                left,
                top + window.side,
                left + window.side,
                text="" if rank else f"{value:.3g}",
                strong=rank == 0,
                dashed=max(field.size) > window.side,
            )
        )
    return drawn


def around(field: ReceptiveField, unit: tuple[int, int]) -> Window:
    """The pixels of the field of a unit; of a field wider than WIDE, its middle."""
    side = int(min(max(field.size), WIDE))
    row, column = field.center(*unit)
    return Window(math.ceil(row - side / 2), math.ceil(column - side / 2), side)


def patches(ranked: Mapping[str, Ranked], number: int, layer: Layer, drawn: bool) -> Diagram:
    """The nine patches that excite a channel most, over all pictures, the strongest first.

    ranked: by the path of the layer, as insides.strongest gives them.
    """
    names = pictures(drawn)
    shapes: list[Shape] = []
    told = []
    for k, (value, of, unit) in enumerate(
        zip(*(part[number].tolist() for part in ranked[layer.path]), strict=True)
    ):
        if not math.isfinite(value):
            continue
        window = around(layer.field, unit)
        patch = paint.rgb(window.cut(picture(names[of])[0], 0.5)[None])
        x, y = k % 3, k // 3
        says = f"{names[of]}: {value:.3g}, at row {window.top}, column {window.left}"
        told.append(f"{names[of]} {value:.3g}")
        shapes.append(
            Thumbnail(x + 0.03, y + 0.03, x + 0.97, y + 0.97, patch, f"patch {k + 1}", says=says)
        )
    side = int(min(max(layer.field.size), WIDE))
    return diagram(
        shapes,
        says=f"patches of {side} by {side} pixels that excite channel {number} most: "
        + ", ".join(told),
        x=(0, 3),
        y=(0, 3),
        margin=(2, 2, 2, 2),
        even=True,
    )


def channel_words(number: int, maps: Tensor, gates: Sequence[float] | None) -> str:
    """Number of a channel, how many there are, and its gate."""
    gate = "" if gates is None else f", gate {gates[number]:.2f}"
    return f"{number} of {maps.shape[1]}{gate}"


def field_words(field: ReceptiveField) -> str:
    """Size of a field, and the distance from one unit to the next."""
    down, across = field.size
    size = "the whole picture" if math.isinf(down) else f"{down:.0f} × {across:.0f} px"
    return f"{size}, every {field.stride[0]} px"


def strongest_words(found: Strongest, number: int, field: ReceptiveField) -> str:
    """Highest value of a channel, and the row and column of its unit's center."""
    value, (u, v) = scalars.real(found.values[0, number, 0]), found.places[0, number, 0]
    row, column = field.center(scalars.whole(u), scalars.whole(v))
    return f"{value:.3g} at ({row:.0f}, {column:.0f})"
