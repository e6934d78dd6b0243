"""Receptive fields: what one unit of a stack of layers sees of a picture."""

from typing import NamedTuple

import torch
from torch import Tensor

from seglab.draw import paint
from seglab.draw.marks import Box, Dot
from seglab.images import photos
from seglab.lab import Choice, Lab, Layer, Layers, Photo, Pixel
from seglab.nets import stacks
from seglab.ops import arithmetic, effective_field, receptive_field

SIDE = 512  # pixels: the field of VGG-16, 404, would not fit into 256
RANDOM, EQUAL = "random", "equal"
_ENOUGH = 2**15  # pixels of fields to average: one large field, or some small ones
_MOST_NETS = 8
_APART = 16  # pixels between centres that can still be told apart
_HATCHES, _HATCH = 120, 4  # lines and gaps over a window, and how many gaps to a line


def conv(kernel_size, stride=1, padding=0, dilation=1):
    return Layer("conv", kernel_size, stride, padding, dilation)


def pool(kernel_size, stride):
    return Layer("pool", kernel_size, stride)


_SAME = conv(3, padding=1)
_HALF = conv(3, stride=2, padding=1)
PRESETS = {
    "three 3 × 3": (_SAME, _SAME, _SAME),
    "AlexNet": (
        *(conv(11, stride=4, padding=2), pool(3, 2), conv(5, padding=2), pool(3, 2)),
        *(_SAME, _SAME, _SAME, pool(3, 2), conv(6)),
    ),
    "VGG-16": (
        *(_SAME, _SAME, pool(2, 2), _SAME, _SAME, pool(2, 2)),
        *(_SAME, _SAME, _SAME, pool(2, 2)) * 3,
        conv(7),
    ),
    "ResNet-18, main path": (
        *(conv(7, stride=2, padding=3), Layer("pool", 3, 2, 1), *(_SAME,) * 4),
        *(_HALF, _SAME, _SAME, _SAME) * 3,
    ),
    "dilated 1-2-4-8": tuple(conv(3, padding=d, dilation=d) for d in (1, 2, 4, 8)),
    "dilated 2-2-2": tuple(conv(3, padding=2, dilation=2) for _ in range(3)),
}


class Window(NamedTuple):
    """A square cut-out around the unit's field; it may hang over the photograph."""

    top: int
    left: int
    side: int


def image(photo):
    return photos.load(photo, size=SIDE)


def chosen(stack, layer):
    return stack[: min(layer, len(stack))]


def sizes(stack):
    return arithmetic.stack_sizes(stack, SIDE)


def fields(stack, sizes):
    """The field after each layer; it asks for the sizes first, since they say what cannot be."""
    traced = receptive_field.trace(stacks.untrained(stack, channels=1))
    return [traced[f"{layer.kind}{number}"] for number, layer in enumerate(stack, 1)]


def field(fields, chosen):
    return fields[len(chosen) - 1]


def unit(field, sizes, chosen, pixel):
    """The unit whose centre is nearest to the pixel."""
    last = sizes[len(chosen)] - 1
    return tuple(
        min(last, max(0, round((at - first) / field.stride[0])))
        for at, first in zip(pixel, field.center(0, 0), strict=True)
    )


def box(field, unit):
    """First row, first column, end row and end column of the field, unclipped."""
    top, left, bottom, right = map(int, field.box(*unit))
    return top, left, bottom + 1, right + 1


def window(box):
    size = box[2] - box[0]
    margin = max(2, size // 8)
    side = size + 2 * margin
    # A window as large as the photograph would be taken for it by the board's pointer.
    return Window(box[0] - margin, box[1] - margin, side + (side == SIDE))


def paths(chosen, unit):
    """Which pixels of the photograph are connected to the unit, bool [512, 512]."""
    rows, columns = (arithmetic.connected_pixels(chosen, SIDE, at) for at in unit)
    reached = torch.zeros(2, SIDE, dtype=torch.bool)
    reached[0, rows] = True
    reached[1, columns] = True
    return reached[0][:, None] & reached[1]


def nets(chosen, field, weights):
    """The nets to average: what one of them does is the accident of its weights."""
    if weights == EQUAL:
        return [stacks.uniform(chosen)]
    count = max(1, min(_MOST_NETS, int(_ENOUGH / field.size[0] ** 2)))
    return [stacks.untrained(chosen, seed=seed) for seed in range(count)]


def effective(image, nets, field, unit):
    """The effective field: |d unit / d pixel|, averaged over the nets."""
    return effective_field.of(nets, image - 0.5, unit, field)


def gradient(effective):
    return effective.gradient


def cut(plane: Tensor, window: Window, around: Tensor | float) -> Tensor:
    """The window of a plane [..., 512, 512]; `around` shows where it hangs over the edge."""
    top, left, side = window
    out = plane.new_zeros((*plane.shape[:-2], side, side)) + around
    rows = slice(max(0, top), min(SIDE, top + side))
    columns = slice(max(0, left), min(SIDE, left + side))
    out[..., rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = (
        plane[..., rows, columns]
    )
    return out


def hatched(side, device):
    """Slanted lines, as the board draws where there is no picture."""
    at = torch.arange(side, device=device)
    line = (at[:, None] + at) * _HATCHES // side % _HATCH == 0
    return torch.where(line, 0.74, 0.92)


def photograph(image):
    """The photograph as a picture: one for all units, so that a click sends marks alone."""
    return paint.rgb(image)


def centers(field, sizes, chosen):
    """A dot at the centre of each unit's field; none where they could not be told apart."""
    if field.stride[0] < _APART:
        return ()
    line = [field.center(u, u)[0] for u in range(sizes[len(chosen)])]
    return tuple(Dot(row, column, radius=2) for row in line for column in line)


def outlined(photograph, centers, box):
    """The photograph with the centres of the units and the field of the chosen one."""
    top, left, bottom, right = (edge - 0.5 for edge in box)
    return photograph.with_marks(*centers, Box(top, left, bottom, right, strong=True))


def sampled(image, field, sizes, chosen):
    """What is left of the photograph when one pixel per unit is kept, that at its centre."""
    line = [int(field.center(u, u)[0]) for u in range(sizes[len(chosen)])]
    rows = torch.tensor(line, device=image.device).clamp(0, SIDE - 1)
    return image[0][:, rows][:, :, rows]


def seen(image, paths, window):
    """The window with what the unit is connected to in colour, and the rest a pale grey."""
    part = cut(image[0], window, hatched(window.side, image.device))
    outside = cut(torch.zeros_like(image[0, 0]), window, 1.0) > 0
    pale = 0.6 + 0.15 * part.mean(0)  # as good beside dark pixels as beside bright ones
    return torch.where(cut(paths.to(image.device), window, False) | outside, part, pale)


def layer_table(sizes, fields, chosen):
    """The layers stand side by side, as in the editor above the panes."""
    layers = (f"▸{n}" if n == len(chosen) else str(n) for n in range(1, len(fields) + 1))
    rows = [
        ("units along a side", *sizes[1:]),
        ("receptive field", *(int(of.size[0]) for of in fields)),
        ("its stride", *(of.stride[0] for of in fields)),
        ("its padding", *(int(of.padding[0]) for of in fields)),
    ]
    return paint.table(("after layer", *layers), rows, highlight=1)


LAB = Lab(
    title="Receptive fields",
    summary="Build a stack of layers, click the photograph, and see what one unit sees of it.",
    controls={
        "stack": Layers(PRESETS, default="VGG-16"),
        "layer": Choice(*range(1, 25), default=24, label="look after layer"),
        "photo": Photo("astronaut", "coffee", "chelsea", "rocket", "coins"),
        "weights": Choice(RANDOM, EQUAL),
        "pixel": Pixel((SIDE, SIDE)),
    },
    stages=(
        *(image, chosen, sizes, fields, field, unit, box, window, paths, nets, effective),
        *(gradient, photograph, centers, sampled, seen),
    ),
    panes={
        "the photograph, and your unit's field": outlined,
        "one pixel kept for each unit": lambda sampled, photograph, field: paint.rgb(
            sampled, on=photograph, field=field
        ),
        "what your unit is connected to": lambda seen: paint.rgb(seen),
        "how much each pixel moves your unit": lambda effective, window: paint.scalar(
            cut(effective.strength(), window, torch.nan), low=0, high=1, palette="magma"
        ),
        "layer by layer": layer_table,
    },
    numbers={
        "layer": lambda chosen, stack: f"{len(chosen)} of {len(stack)} ({chosen[-1].kind})",
        "field": lambda field: f"{field.size[0]:.0f} × {field.size[1]:.0f}",
        "a unit every": lambda field: f"{field.stride[0]} px",
        "your unit": lambda unit, field: "({}, {}), centre ({:g}, {:g})".format(
            *unit, *field.center(*unit)
        ),
        "over the edge": lambda effective, field: (
            f"{1 - effective.pixels / (field.size[0] * field.size[1]):.0%} of the field"
        ),
        "without a path": lambda paths, effective: f"{1 - int(paths.sum()) / effective.pixels:.0%}",
        "95% of the gradient": lambda effective: (
            f"in {effective.holding(0.95) / effective.pixels:.0%} of the field"
        ),
    },
)
