"""Shift and stitch: read a dense map out of a network that only answers every f pixels."""

import math
from dataclasses import replace

from seglab._text import distance
from seglab.draw import paint
from seglab.draw.marks import Box, Dot
from seglab.draw.relations import Tiles
from seglab.lab import Choice, Lab, Pixel, of
from seglab.lessons._textures import MATTERS, NET, PHOTO, STAGES, VIEW, F, picture
from seglab.lessons.tours.shift_and_stitch import TOUR
from seglab.ops import dense

INTERLEAVED = "the passes, interleaved"
DONE = (*range(1, 17), 20, 24, 28, 32, 40, 48, 56, 64, 96, 128, 192, 256)  # one by one at first


painted = of(paint.rgb, "image")  # one for all passes, so that a step sends marks alone


def stitched(passes, shifts, sign):
    return passes.stitched(shifts, forwards=sign == "right")


def answered(stitched):
    return ~stitched.isnan().any(1)


def difference(model, image, stitched, answered):
    """The largest difference to the same net made dense in one pass (lab 09)."""
    apart = (stitched - dense.rarefy(model.net)(image)).abs().amax(1)
    return float(apart[answered].max())


def interleaving(passes, sign):
    """The score and the pass that stand at each pixel of the map."""
    return passes.interleaving(forwards=sign == "right")


def shift(passes, shifts):
    """The rows and columns that the last pass so far leaves out."""
    return divmod(min(shifts, passes.count) - 1, passes.stride)


def shifted_field(model, shift):
    """What a score of that pass sees of the picture."""
    moved = {
        "origin": tuple(at + by for at, by in zip(model.field.origin, shift, strict=True)),
        "padding": tuple(at - by for at, by in zip(model.field.padding, shift, strict=True)),
    }
    return replace(model.field, **moved)


def cropped(image, shift, shifted_field):
    """Marks on the picture: what the pass gets of it, and its first window and center."""
    bottom, right = (length - 1 for length in image.shape[2:])
    crop = Box.around((*shift, bottom, right), text="pass ({}, {})".format(*shift))
    first = (Dot(*shifted_field.center(0, 0)),)
    if all(map(math.isfinite, shifted_field.size)):
        first = (Box.around(shifted_field.box(0, 0), dashed=True), *first)
    return (crop, *first)


def tile(interleaving, shift):
    """The mark on the sheet around the tile of the pass."""
    (row, column), (tall, wide) = shift, interleaving.tile
    first = row * tall, column * wide
    return Box.around((*first, first[0] + tall - 1, first[1] + wide - 1))


def close_up(pixel, model, interleaving):
    """First row and column of three blocks of the map, both ways, around the pixel."""
    f = interleaving.stride
    place = model.field.every_pixel().unit_at(pixel)
    return tuple(
        min(max(at // f - 1, 0), max(n // f - 3, 0)) * f
        for at, n in zip(place, interleaving.size, strict=True)
    )


def filled(interleaving, shift):
    """Marks on the close-up: the places that the pass fills."""
    f, sign = interleaving.stride, 1 if interleaving.forwards else -1
    rows, columns = (
        range(sign * by % f, min(3 * f, n), f)
        for by, n in zip(shift, interleaving.size, strict=True)
    )
    return tuple(Dot(row, column) for row in rows for column in columns)


def part(stitched, close_up, interleaving):
    """The scores of the close-up."""
    (row, column), side = close_up, 3 * interleaving.stride
    return stitched[..., row : row + side, column : column + side]


def source(pixel, model, interleaving, shifts):
    """The pass, and which of its scores, that answers for a pixel."""
    place = model.field.every_pixel().unit_at(pixel)
    if not all(0 <= at < n for at, n in zip(place, interleaving.size, strict=True)):
        return "no pass: its field leaves the picture"
    answer = interleaving.answer(place)
    if answer is None:  # with the wrong sign only
        return "no pass has a score for it"
    said = f"pass {answer.shift}, score {answer.score}"
    row, column = answer.shift
    done = row * interleaving.stride + column < shifts
    return said if done else f"{said}: not done yet"


LAB = Lab(
    title="Shift and stitch",
    summary="The network answers every f pixels. Shift the picture, ask again, interleave.",
    controls={
        "photo": PHOTO,
        "net": NET,
        "f": F,
        "shifts": Choice(*DONE, default=24, label="shifts done", play=True),
        "sign": Choice("right", "wrong", label="sign of the shift"),
        "view": VIEW,
        "pixel": Pixel((256, 256)),
    },
    matters=MATTERS,
    stages=STAGES | globals(),
    panes={
        "photograph": lambda painted, cropped: painted.with_marks(*cropped),
        "this pass": lambda passes, shifts, model, view, image, shifted_field: picture(
            passes.first(shifts)[-1], model.classes, view, image, shifted_field
        ),
        "the passes, side by side": lambda passes, shifts, model, view, image, interleaving, tile: (
            picture(passes.side_by_side(shifts), model.classes, view)
            .with_marks(tile)
            .related(tiles=Tiles(INTERLEAVED, interleaving, image.shape[2:], model.field))
        ),
        INTERLEAVED: lambda stitched, model, view, image: picture(
            stitched, model.classes, view, image, model.field.every_pixel()
        ),
        "3 × 3 blocks of it": lambda part, model, view, filled: (
            picture(part, model.classes, view).with_marks(*filled).related(space="close-up")
        ),
    },
    numbers={
        "passes": lambda passes, shifts, shift: (
            f"{min(shifts, passes.count)} of {passes.count}, the last is {shift}"
        ),
        "pixels answered": lambda answered: f"{answered.float().mean():.1%}",
        "max difference": of(distance, "difference"),
        "your pixel": "source",
    },
    tour=TOUR,
)
