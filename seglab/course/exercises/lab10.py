"""Lab 10, upsampling: zeros between, copies, a triangle of weights, and values put back."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question


def _map(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    shape = (1 + i // 8, 1 + i // 6, 1 + (i + 1) // 3, 2 + i // 4)
    # Distinct numbers above 0, so that a wrong value says where it came from, and 0 is a hole.
    first = int(random.integers(1, 50))
    x = torch.arange(first, first + int(np.prod(shape))).float().view(shape)
    return {"x": x, "f": (2, 3, 2, 4)[i % 4]}


def bed_of_nails(x: Tensor, f: int) -> Tensor:
    """Every value at the top left of an f x f block of zeros."""
    out = x.new_zeros(*x.shape[:2], x.shape[2] * f, x.shape[3] * f)
    out[:, :, ::f, ::f] = x
    return out


def _between_only(x: Tensor, f: int) -> Tensor:
    out = x.new_zeros(*x.shape[:2], (x.shape[2] - 1) * f + 1, (x.shape[3] - 1) * f + 1)
    out[:, :, ::f, ::f] = x
    return out


def _one_axis(x: Tensor, f: int) -> Tensor:
    out = x.new_zeros(*x.shape[:2], x.shape[2] * f, x.shape[3])
    out[:, :, ::f] = x
    return out


def _padded(x: Tensor, f: int) -> Tensor:
    out = x.new_zeros(*x.shape[:2], x.shape[2] * f, x.shape[3] * f)
    out[:, :, : x.shape[2], : x.shape[3]] = x
    return out


def _nails(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    case = _map(random, i)
    return {"nails": bed_of_nails(case["x"], case["f"]), "f": case["f"]}


def nearest_from_nails(nails: Tensor, f: int) -> Tensor:
    """Every output is the sum of the f x f values that end at it."""
    out = torch.zeros_like(nails)
    height, width = nails.shape[2:]
    for y in range(f):
        for x in range(f):
            out[:, :, y:, x:] += nails[:, :, : height - y, : width - x]
    return out


def _box_ahead(nails: Tensor, f: int) -> Tensor:
    return nearest_from_nails(nails.flip(2, 3), f).flip(2, 3)


def _box_centered(nails: Tensor, f: int) -> Tensor:
    return nearest_from_nails(nails, f).roll((-(f // 2), -(f // 2)), (2, 3))


def _box_same(nails: Tensor, f: int) -> Tensor:
    """A box around each pixel, as padding='same' places it."""
    before, after = (f - 1) // 2, f - 1 - (f - 1) // 2
    box = nails.new_ones(nails.shape[1], 1, f, f)
    padded = torch.nn.functional.pad(nails, (before, after, before, after))
    return torch.nn.functional.conv2d(padded, box, groups=nails.shape[1])


def _rows_only(nails: Tensor, f: int) -> Tensor:
    out = torch.zeros_like(nails)
    for y in range(f):
        out[:, :, y:] += nails[:, :, : nails.shape[2] - y]
    return out


def _factor(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    known = (2, 3, 4, 1, 5, 8, 6, 16)
    return {"f": known[i] if i < len(known) else int(random.integers(1, 33))}


def bilinear_weights_1d(f: int) -> Tensor:
    """A triangle of 2f - f % 2 weights that makes stride f interpolate linearly."""
    k = 2 * f - f % 2
    return 1 - (torch.arange(k) - (k - 1) / 2).abs() / f


def _pooled(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    f = 2 + i % 2
    shape = (1, 1 + i // 6, f * (1 + i // 4), f * (2 + i // 5))
    fine = torch.from_numpy(random.permutation(int(np.prod(shape))) + 1.0).float().view(shape)
    x, indices = torch.nn.functional.max_pool2d(fine, f, return_indices=True)
    return {"x": x, "indices": indices, "size": shape[2:]}


def unpool(x: Tensor, indices: Tensor, size: tuple[int, int]) -> Tensor:
    """Every value where the pooling found it, zeros elsewhere."""
    out = x.new_zeros(*x.shape[:2], size[0] * size[1])
    return out.scatter(2, indices.flatten(2), x.flatten(2)).view(*x.shape[:2], *size)


def _at_the_corner(x: Tensor, indices: Tensor, size: tuple[int, int]) -> Tensor:
    return bed_of_nails(x, size[0] // x.shape[2])


def _copied(x: Tensor, indices: Tensor, size: tuple[int, int]) -> Tensor:
    f = size[0] // x.shape[2]
    return x.repeat_interleave(f, 2).repeat_interleave(f, 3)


def _column_first(x: Tensor, indices: Tensor, size: tuple[int, int]) -> Tensor:
    height, width = size
    return unpool(x, indices % width * height + indices // width, (height, width)).reshape(
        *x.shape[:2], height, width
    )


def _one_plane(x: Tensor, indices: Tensor, size: tuple[int, int]) -> Tensor:
    return unpool(x, indices[:, :1].expand_as(indices).contiguous(), size)


EXERCISES = (
    Exercise(
        "bed_of_nails",
        _map,
        bed_of_nails,
        {
            "there are zeros between the values but none after the last: every value gets a "
            "whole f × f block": _between_only,
            "the values are repeated: that is nearest neighbour; here one place of a block gets "
            "the value and the others 0": lambda x, f: x.repeat_interleave(f, 2).repeat_interleave(
                f, 3
            ),
            "only the rows are moved apart: the columns should be too": _one_axis,
            "the values still stand side by side, with the zeros after them: the zeros belong "
            "between the values": _padded,
            "the values stand at the bottom right of their blocks: the nail is at the top left": (
                lambda x, f: bed_of_nails(x, f).roll((f - 1, f - 1), (2, 3))
            ),
        },
    ),
    Exercise(
        "nearest_from_nails",
        _nails,
        nearest_from_nails,
        {
            "the box lies on the wrong side: a nail at the top left fills its block downwards and "
            "to the right": _box_ahead,
            "the box lies around each pixel, as with padding='same': it must end at the pixel, so "
            "pad above and at the left only": _box_same,
            "the copies lie around the nail: some lie in the blocks above and at the left": (
                _box_centered
            ),
            "this is the mean of the box: its sum is the value, because all else in the box is 0": (
                lambda nails, f: nearest_from_nails(nails, f) / f**2
            ),
            "only the rows are filled: the box is f wide as well as f high": _rows_only,
            "nothing is filled: every 0 takes the value of the nail of its block": (
                lambda nails, f: nails.clone()
            ),
        },
    ),
    Exercise(
        "bilinear_weights_1d",
        _factor,
        bilinear_weights_1d,
        {
            "there are 2f weights for an odd f too: for an odd f the top of the triangle lies on "
            "a weight, and 2f - 1 of them are not 0": lambda f: (
                1 - (torch.arange(2 * f) - (2 * f - 1) / 2).abs() / f
            ),
            "the weights add up to 1: with stride f, every output is the sum of only some of them, "
            "and those must add up to 1": lambda f: bilinear_weights_1d(f) / f,
            "the triangle is as wide as the stride: it must be twice as wide, from one neighbour "
            "to the other": lambda f: 1 - (torch.arange(f) - (f - 1) / 2).abs() / (f / 2),
            "all weights are 1: that repeats values, it does not go from one to the next": (
                lambda f: torch.ones(2 * f - f % 2)
            ),
            "the triangle begins at 0: then the outer weight does nothing, and the top stands "
            "between the pixels' middles": lambda f: (
                1 - (torch.arange(2 * f - f % 2) - f).abs() / f
            ),
        },
    ),
    Exercise(
        "unpool",
        _pooled,
        unpool,
        {
            "the positions are not used: every value stands at the top left of its block": (
                _at_the_corner
            ),
            "the values are repeated over their blocks: unpooling leaves holes": _copied,
            "the positions are counted down the columns: pooling counts along the rows": (
                _column_first
            ),
            "all channels use the positions of the first: each channel had its own maxima": (
                _one_plane
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "10-how-many-operators",
        "Nearest neighbour, bilinear interpolation, bed of nails, transposed convolution, "
        "resize-convolution, pixel shuffle: which of them can one transposed convolution with "
        "stride f do, if you may choose its weights? (Away from the border.)",
        (
            Option(
                "only itself",
                "With a kernel of f × f ones and stride f every value is written f × f times: that "
                "is nearest neighbour already.",
            ),
            Option(
                "itself and bed of nails",
                "A kernel of a single 1 gives bed of nails. But a box of ones repeats values, and "
                "a triangle interpolates.",
            ),
            Option(
                "those without learned weights",
                "The learned ones put a kernel at every input value too. Any kernel will do.",
            ),
            Option(
                "all six",
                "Each puts the same kernel at every input value, f pixels apart, and adds up. "
                "That is what a transposed convolution does.",
                right=True,
            ),
        ),
    ),
    Question(
        "10-inverse",
        "A convolution with stride 2 made a small map out of a large one. A transposed convolution "
        "with the same weights and stride 2 is applied to the small map. What comes out?",
        (
            Option(
                "the large map",
                "The small map has a quarter of the numbers: it cannot hold all of the large one. "
                "The name 'deconvolution' promises more than the operation does.",
            ),
            Option(
                "a map of the large one's size with other values",
                "It is the transposed matrix, not the inverse one: the same connections, from "
                "output to input.",
                right=True,
            ),
            Option(
                "the large map, blurred",
                "Not in general. With other weights it looks like something else: no part of the "
                "operation looks for the old values.",
            ),
        ),
        after=True,
    ),
)
