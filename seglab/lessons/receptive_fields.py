"""Receptive fields: what one unit of a stack of layers sees of a picture."""

import torch

from seglab.draw import paint
from seglab.draw.marks import Box, Dot
from seglab.draw.relations import Group
from seglab.images import photos
from seglab.lab import Choice, Lab, Layers, Model, Photo, Pixel, of
from seglab.lessons.pictures.side_view import side_view
from seglab.lessons.tours.receptive_fields import TOUR
from seglab.nets.layered import OwnLayers, StackLayers
from seglab.nets.stacks import PRESETS
from seglab.ops import effective_field
from seglab.ops.windows import Window

SIDE = 512  # pixels: the field of VGG-16, 404, would not fit into 256
STACK = "the stack below"
RANDOM, EQUAL = "random", "equal"
APART = 16  # pixels between centers that can still be told apart

image = of(photos.load, "photo", size=SIDE)
photograph = of(paint.rgb, "image")  # one for all units, so that a click sends marks alone


def layers(net, stack):
    return StackLayers(stack, SIDE) if net == STACK else OwnLayers(net, SIDE)


def number(layers, layer):
    """The number of the layer to look after, from 1."""
    return min(layer, len(layers.kinds))


def field(layers, number):
    return layers.fields[number - 1]


def unit(layers, number, pixel):
    return layers.nearest_unit(number, pixel)


def box(field, unit):
    """First row, first column, end row and end column of the field, unclipped."""
    top, left, bottom, right = map(int, field.box(*unit))
    return top, left, bottom + 1, right + 1


def window(box):
    size = max(box[2] - box[0], box[3] - box[1])
    margin = max(2, size // 8)
    side = size + 2 * margin
    # A window as large as the photograph would be taken for it by the board's pointer.
    return Window(box[0] - margin, box[1] - margin, side + (side == SIDE))


def effective(image, layers, number, field, unit, weights):
    nets = layers.up_to(number, equal=weights == EQUAL)
    return effective_field.of(nets, image - 0.5, unit, field)


def paths(layers, number, unit, effective):
    """The pixels with a path to the unit; in a student's net, those that move it here."""
    connected = layers.connected(number, unit)
    return effective.gradient > 0 if connected is None else connected


def centers(layers, number, field):
    """A dot at the center of each unit's field; none where they could not be told apart."""
    if min(field.stride) < APART:
        return ()
    line = layers.centers(number)
    return tuple(Dot(row, column, radius=2) for row in line for column in line)


def layer_fields(layers, pixel):
    """Every layer, shown by the field of its unit nearest to the point."""
    numbers = tuple(range(1, len(layers.kinds) + 1))
    fields = zip(numbers, layers.fields, strict=True)
    boxes = (field.box(*layers.nearest_unit(number, pixel)) for number, field in fields)
    return Group("layer", numbers, "mark", tuple(map(Box.around, boxes)))


def outlined(photograph, centers, box, layer_fields):
    """The photograph with the centers of the units and the field of the chosen one."""
    top, left, bottom, right = (edge - 0.5 for edge in box)
    marks = *centers, Box(top, left, bottom, right, strong=True)
    return photograph.with_marks(*marks).related(group=layer_fields)


def seen(image, paths, window):
    """The window with what the unit is connected to in colour, and the rest a pale grey."""
    part = window.cut(image[0], paint.hatching(window.side, image.device))
    outside = window.cut(torch.zeros_like(image[0, 0]), 1.0) > 0
    pale = 0.6 + 0.15 * part.mean(0)  # as good beside dark pixels as beside bright ones
    return torch.where(window.cut(paths.to(image.device), False) | outside, part, pale)


def from_the_side(layers, number, unit, pixel):
    return side_view(layers, number, unit[1], pixel[1])


LAB = Lab(
    title="Receptive fields",
    summary="Build a stack of layers, click the photograph, and see what one unit sees of it.",
    controls={
        "net": Model(STACK, label="net"),
        "stack": Layers(PRESETS, default="VGG-16"),
        "layer": Choice(*range(1, 25), default=19, label="look after layer"),
        "photo": Photo("astronaut", "coffee", "chelsea", "rocket", "coins"),
        "weights": Choice(RANDOM, EQUAL),
        "pixel": Pixel((SIDE, SIDE)),
    },
    matters={("stack", "weights"): lambda net: net == STACK},
    stages=globals(),
    panes={
        "side view": "from_the_side",
        "your unit's field": "outlined",
        "connected pixels": "seen",
        "gradient": lambda effective, window: paint.scalar(
            window.cut(effective.strength(), torch.nan), low=0, high=1, palette="magma"
        ),
    },
    numbers={
        "layer": lambda layers, number: (
            f"{number} of {len(layers.kinds)} ({layers.kinds[number - 1]})"
        ),
        "field": lambda field: f"{field.size[0]:.0f} × {field.size[1]:.0f}",
        "a unit every": lambda field: f"{field.stride[0]} px",
        "your unit": lambda unit, field: "({}, {}), center ({:g}, {:g})".format(
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
    tour=TOUR,
)
