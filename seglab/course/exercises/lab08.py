"""Lab 08, shift and stitch: f * f shifted passes, interleaved into a score for every pixel."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question

Size = tuple[int, int]


def interleave(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    """Part y * f + x, of the picture cropped by y rows and x columns, at [y::f, x::f]."""
    out = parts[0].new_zeros(*parts[0].shape[:-2], *size)
    for number, part in enumerate(parts):
        y, x = divmod(number, f)
        out[..., y::f, x::f] = part
    return out


def _parts_of(whole: Tensor, f: int) -> list[Tensor]:
    return [whole[..., y::f, x::f].clone() for y in range(f) for x in range(f)]


def _parts(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    f = (2, 2, 3, 4)[i % 4]
    classes = 1 + i % 3
    height = f * (1 + i // 4) + int(random.integers(0, f)) * (i % 2)
    width = f * (1 + i // 5) + int(random.integers(0, f)) * (i % 2)
    # Distinct whole numbers, so that a wrong value also says where it came from.
    whole = torch.arange(classes * height * width).float().view(classes, height, width)
    return {"parts": _parts_of(whole, f), "f": f, "size": (height, width)}


def _swapped(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    out = parts[0].new_zeros(*parts[0].shape[:-2], *size)
    for number, part in enumerate(parts):
        y, x = divmod(number, f)
        out[..., x::f, y::f] = part
    return out


def _other_way(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    out = parts[0].new_zeros(*parts[0].shape[:-2], *size)
    for number, part in enumerate(parts):
        y, x = divmod(number, f)
        out[..., (f - y) % f :: f, (f - x) % f :: f] = part
    return out


def _backwards(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    out = parts[0].new_zeros(*parts[0].shape[:-2], *size)
    for number, part in enumerate(parts):
        y, x = divmod(number, f)
        out[..., f - 1 - y :: f, f - 1 - x :: f] = part
    return out


def _tiled(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    rows = [torch.cat(list(parts[y * f : (y + 1) * f]), -1) for y in range(f)]
    return torch.cat(rows, -2)


def _first_only(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    out = parts[0].new_zeros(*parts[0].shape[:-2], *size)
    out[..., ::f, ::f] = parts[0]
    return out


def _repeated(parts: Sequence[Tensor], f: int, size: Size) -> Tensor:
    large = parts[0].repeat_interleave(f, -2).repeat_interleave(f, -1)
    return large[..., : size[0], : size[1]]


def _place(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    f = (2, 3, 4, 8)[i % 4]
    row, column = (int(n) for n in random.integers(0, f * (2 + i // 4), 2))
    return {"row": row, "column": column, "f": f}


def shift_of(row: int, column: int, f: int) -> tuple[int, int, int, int]:
    """The shift (y, x) and the coarse cell (u, v) that give the score of a pixel."""
    return row % f, column % f, row // f, column // f


EXERCISES = (
    Exercise(
        "interleave",
        _parts,
        interleave,
        {
            "rows and columns are swapped: parts are in raster order, so x counts fastest and "
            "part (y, x) is number y * f + x": _swapped,
            "the shifts go the wrong way: a picture without its first y rows begins at row y, so "
            "its scores begin at row y": _other_way,
            "the shifts are counted from the wrong end: part (0, 0) holds the first pixel, "
            "not the last of its block": _backwards,
            "the parts lie side by side like tiles: neighbouring pixels should come from "
            "neighbouring shifts": _tiled,
            "only the part without a shift is used: the other parts hold the scores between": (
                _first_only
            ),
            "every score of the first part is repeated f by f times: that is nearest-neighbour "
            "upsampling; the other parts hold the scores between": _repeated,
            "shifted by one row: a top crop of y goes to row y": (
                lambda parts, f, size: interleave(parts, f, size).roll(1, -2)
            ),
            "shifted by one row, upwards: a top crop of y goes to row y": (
                lambda parts, f, size: interleave(parts, f, size).roll(-1, -2)
            ),
            "shifted by one column: a left crop of x goes to column x": (
                lambda parts, f, size: interleave(parts, f, size).roll(1, -1)
            ),
            "shifted by one column, leftwards: a left crop of x goes to column x": (
                lambda parts, f, size: interleave(parts, f, size).roll(-1, -1)
            ),
        },
    ),
    Exercise(
        "shift_of",
        _place,
        shift_of,
        {
            "shift and score have changed places: the shift (y, x) comes first, then the score "
            "(u, v)": lambda row, column, f: (
                row // f,
                column // f,
                row % f,
                column % f,
            ),
            "the shift goes the wrong way: without its first y rows, the picture begins at row y": (
                lambda row, column, f: (-row % f, -column % f, row // f, column // f)
            ),
            "rows and columns are swapped: the order is (y, x, u, v), rows first": (
                lambda row, column, f: (column % f, row % f, column // f, row // f)
            ),
            "the order is (y, u, x, v): return the shift (y, x) first, then the score (u, v)": (
                lambda row, column, f: (row % f, row // f, column % f, column // f)
            ),
            "the order is (u, y, v, x), as divmod gives it: return the shift (y, x) first, then "
            "the score (u, v)": lambda row, column, f: (*divmod(row, f), *divmod(column, f)),
            "the score is counted in pixels: in the coarse map there is one for every f of them": (
                lambda row, column, f: (row % f, column % f, row, column)
            ),
        },
        reveal=False,
    ),
)

QUESTIONS = (
    Question(
        "08-how-many-passes",
        "A network answers once every f = 8 pixels, in both directions. How many passes over "
        "shifted pictures does it take to get a score for every pixel?",
        (
            Option(
                "8",
                "Eight shifts fill every pixel of a row. The rows between are still empty: the "
                "picture has two directions.",
            ),
            Option(
                "16",
                "Eight shifts down and eight to the right fill only the first row and the first "
                "column of each 8 × 8 block. Every pair of the two is needed.",
            ),
            Option(
                "64",
                "One for every place in an 8 × 8 block: f shifts down times f shifts to the "
                "right. Doubling f takes four times the passes.",
                right=True,
            ),
            Option(
                "one for every pixel",
                "That is the sliding window. A pass over the whole picture gives the scores of "
                "every f-th pixel at once.",
            ),
        ),
    ),
    Question(
        "08-which-pixel",
        "f = 4. The picture is cropped by y = 1 row at the top and x = 2 columns at the left. "
        "Which rows and columns of the score map does this pass fill?",
        (
            Option(
                "rows 1, 5, 9, ... and columns 2, 6, 10, ...",
                "The cropped picture begins at row 1 and column 2, and the network answers every "
                "4 pixels from there.",
                right=True,
            ),
            Option(
                "rows 2, 6, 10, ... and columns 1, 5, 9, ...",
                "Rows and columns are swapped: y counts rows, x counts columns.",
            ),
            Option(
                "rows 3, 7, 11, ... and columns 2, 6, 10, ...",
                "That would be right if one row were added at the top. Here one row is cut off.",
            ),
            Option(
                "row 1 and column 2, all of them",
                "The network still answers only every 4 pixels, in both directions.",
            ),
        ),
        after=True,
    ),
)
