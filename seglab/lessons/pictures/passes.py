"""A pass of shift-and-stitch, step by step: what it gets of the picture, its tile, its places."""

import math
from dataclasses import replace

from torch import Tensor

from seglab.draw.marks import Box, Dot, Mark, Text
from seglab.ops.dense import Interleaving
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

BLOCKS = 3  # of f x f places, in each direction, of the close-up


def shifted(field: ReceptiveField, shift: Size) -> ReceptiveField:
    """The field of the pass: what its scores see of the picture."""
    (row, column), (down, across) = field.origin, shift
    top, left = field.padding
    return replace(field, origin=(row + down, column + across), padding=(top - down, left - across))


def crop(size: Size, shift: Size, field: ReceptiveField) -> tuple[Mark, ...]:
    """Marks on the picture: what the pass gets of it, and its first field with its center.

    size: (height, width) of the picture; field: of the pass, see shifted().
    """
    (height, width), name = size, "pass ({}, {})".format(*shift)
    gets = Box.around((*shift, height - 1, width - 1), strong=True)
    marks = gets, Dot(*field.center(0, 0)), Text(0.94 * height, 0.22 * width, name)
    if not all(map(math.isfinite, field.size)):
        return marks
    return Box.around(field.box(0, 0), dashed=True), *marks


def tile(interleaving: Interleaving, shift: Size) -> Box:
    """The mark on the sheet around the tile of the pass."""
    (row, column), (tall, wide) = shift, interleaving.tile
    top, left = row * tall, column * wide
    return Box.around((top, left, top + tall - 1, left + wide - 1))


def close_up(interleaving: Interleaving, field: ReceptiveField, pixel: Size) -> Size:
    """First row and column, in the map, of the blocks around a pixel of the picture."""
    f, place = interleaving.stride, field.every_pixel().unit_at(pixel)
    row, column = (
        min(max(at // f - BLOCKS // 2, 0), max(length // f - BLOCKS, 0)) * f
        for at, length in zip(place, interleaving.size, strict=True)
    )
    return row, column


def cut(scores: Tensor, interleaving: Interleaving, corner: Size) -> Tensor:
    """The scores of the close-up."""
    (row, column), side = corner, BLOCKS * interleaving.stride
    return scores[..., row : row + side, column : column + side]


def frame(field: ReceptiveField, interleaving: Interleaving, corner: Size) -> Box:
    """The mark on the interleaved map around the close-up."""
    top, left = field.every_pixel().center(*corner)
    tall, wide = (min(BLOCKS * interleaving.stride, length) for length in interleaving.size)
    return Box(top - 0.5, left - 0.5, top + tall - 0.5, left + wide - 0.5)


def filled(interleaving: Interleaving, shift: Size) -> tuple[Mark, ...]:
    """Marks on the close-up: the places that the pass fills, one in each block."""
    f, sign = interleaving.stride, 1 if interleaving.forwards else -1
    rows, columns = (
        range(sign * by % f, min(BLOCKS * f, length), f)
        for by, length in zip(shift, interleaving.size, strict=True)
    )
    return tuple(Dot(row, column) for row in rows for column in columns)
