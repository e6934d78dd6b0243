"""Lab 20, tiles: the margin of a net, the pixels that a tile sees, tiles laid side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from seglab.course.declarations import Exercise, Option, Question

Layer = tuple[int, int, int]  # kernel size, stride, dilation


def _layers(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    count = 2 + i // 4
    return {
        "layers": [
            (
                int(random.choice([1, 3, 5, 7])) if n else 5,
                2 if n == 0 else int(random.integers(1, 3)),
                2 if n == 1 else int(random.integers(1, 4)),
            )
            for n in range(count)
        ]
    }


def margin_needed(layers: Sequence[Layer]) -> int:
    """Pixels that a tile must see on each side, for odd kernels with as much padding as keeps."""
    margin, jump = 0, 1
    for kernel_size, stride, dilation in layers:
        margin += dilation * (kernel_size - 1) // 2 * jump
        jump *= stride
    return margin


def _margin_too_early(layers: Sequence[Layer]) -> int:
    margin, jump = 0, 1
    for kernel_size, stride, dilation in layers:
        jump *= stride
        margin += dilation * (kernel_size - 1) // 2 * jump
    return margin


def _tile(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    alignment = int(random.choice([1, 4, 8, 16]))
    step = alignment * int(random.integers(2, 6))
    count = int(random.integers(2, 7))
    at = (0, count - 1, count // 2)[i % 3]
    length = step * count - int(random.integers(0, step // 2))
    return {
        "first": step * at,
        "end": min(step * (at + 1), length),
        "margin": int(random.integers(1, 2 * step)),
        "alignment": alignment,
        "length": length,
    }


def pixels_seen(first: int, end: int, margin: int, alignment: int, length: int) -> tuple[int, int]:
    """Start and stop of the pixels that a tile sees along one axis."""
    start = max(0, (first - margin) // alignment * alignment)
    return start, min(length, -(-(end + margin) // alignment) * alignment)


def _unclipped(first: int, end: int, margin: int, alignment: int, length: int) -> tuple[int, int]:
    return (
        (first - margin) // alignment * alignment,
        -(-(end + margin) // alignment) * alignment,
    )


def _rounded_inwards(
    first: int, end: int, margin: int, alignment: int, length: int
) -> tuple[int, int]:
    start = max(0, -(-(first - margin) // alignment) * alignment)
    return start, min(length, (end + margin) // alignment * alignment)


def _parts(random: np.random.Generator, i: int) -> Mapping[str, Any]:
    size = 6 + i // 2, 7 + i // 3
    step, margin = 3 + i // 6, 1 + i % 3
    whole = torch.from_numpy(random.normal(size=(2, *size))).float()
    parts, tiles, starts = [], [], []
    for top in range(0, size[0], step):
        for left in range(0, size[1], step):
            bottom, right = min(top + step, size[0]), min(left + step, size[1])
            start = max(0, top - margin), max(0, left - margin)
            seen = whole[:, start[0] : bottom + margin, start[1] : right + margin].clone()
            # What is not kept is wrong on purpose: a net does not see enough there.
            noise = torch.from_numpy(random.normal(size=tuple(seen.shape))).float() + 5
            inside = (
                slice(top - start[0], bottom - start[0]),
                slice(left - start[1], right - start[1]),
            )
            noise[(slice(None), *inside)] = 0
            parts.append(seen + noise)
            tiles.append((top, left, bottom, right))
            starts.append(start)
    return {"parts": parts, "starts": starts, "tiles": tiles, "size": size}


def lay_side_by_side(
    parts: Sequence[Tensor],
    starts: Sequence[tuple[int, int]],
    tiles: Sequence[tuple[int, int, int, int]],
    size: tuple[int, int],
) -> Tensor:
    """Scores of the whole picture from those of its tiles, whose margins are cut off."""
    out = parts[0].new_empty(len(parts[0]), *size)
    for part, (y, x), (top, left, bottom, right) in zip(parts, starts, tiles, strict=True):
        out[:, top:bottom, left:right] = part[:, top - y : bottom - y, left - x : right - x]
    return out


def _laid(
    parts: Sequence[Tensor], starts: Sequence[tuple[int, int]], size: tuple[int, int]
) -> Tensor:
    """Whole parts laid over each other from these pixels on, 0 where none lies."""
    out = parts[0].new_zeros(len(parts[0]), *size)
    for part, (y, x) in zip(parts, starts, strict=True):
        out[:, y : y + part.shape[1], x : x + part.shape[2]] = part
    return out


def _averaged(
    parts: Sequence[Tensor], starts: Sequence[tuple[int, int]], size: tuple[int, int]
) -> Tensor:
    def total(each: Sequence[Tensor]) -> Tensor:
        laid = [_laid([part], [at], size) for part, at in zip(each, starts, strict=True)]
        return torch.stack(laid).sum(0)

    return total(parts) / total([torch.ones_like(part) for part in parts])


def _from_the_corner(
    parts: Sequence[Tensor], tiles: Sequence[tuple[int, int, int, int]], size: tuple[int, int]
) -> Tensor:
    corners = [
        part[:, : bottom - top, : right - left]
        for part, (top, left, bottom, right) in zip(parts, tiles, strict=True)
    ]
    return _laid(corners, [tile[:2] for tile in tiles], size)


EXERCISES = (
    Exercise(
        "margin_needed",
        _layers,
        margin_needed,
        {
            "this is the whole field less one: on each side it is half of that": (
                lambda layers: 2 * margin_needed(layers)
            ),
            "this is the size of the field: the margin is what lies on one side of its center": (
                lambda layers: 2 * margin_needed(layers) + 1
            ),
            "strides are left out: behind a stride, a step of the kernel is that many pixels": (
                lambda layers: margin_needed([(k, 1, d) for k, _, d in layers])
            ),
            "dilations are left out: the taps of a dilated kernel stand further apart": (
                lambda layers: margin_needed([(k, s, 1) for k, s, _ in layers])
            ),
            "a layer's own stride does not widen its own kernel, only those behind it": (
                _margin_too_early
            ),
        },
    ),
    Exercise(
        "pixels_seen",
        _tile,
        pixels_seen,
        {
            "the tile goes on beyond the picture: it ends where the picture ends": _unclipped,
            "the start is rounded up or the stop down: then the margin is smaller than asked": (
                _rounded_inwards
            ),
            "the alignment is left out: start and stop are multiples of it, but for the border": (
                lambda first, end, margin, alignment, length: (
                    max(0, first - margin),
                    min(length, end + margin),
                )
            ),
            "the margin is left out": (
                lambda first, end, margin, alignment, length: pixels_seen(
                    first, end, 0, alignment, length
                )
            ),
        },
    ),
    Exercise(
        "lay_side_by_side",
        _parts,
        lay_side_by_side,
        {
            "the margins are laid over the neighbours too: keep only what a tile answers for": (
                lambda parts, starts, tiles, size: _laid(parts, starts, size)
            ),
            "where tiles overlap you take the mean: a margin's answers are wrong, leave them out": (
                lambda parts, starts, tiles, size: _averaged(parts, starts, size)
            ),
            "each part is taken from its first pixel: skip the margin, tile minus start": (
                lambda parts, starts, tiles, size: _from_the_corner(parts, tiles, size)
            ),
        },
    ),
)

QUESTIONS = (
    Question(
        "20-without-margin",
        "Each score of a net sees 41 × 41 pixels. A picture is cut into tiles of 64 × 64, the net "
        "answers each tile alone, and the answers are laid side by side. Which scores can be "
        "others than those of the whole picture?",
        (
            Option(
                "none: the weights are the same",
                "The weights are, but what they are applied to is not: beyond its tile, a score "
                "finds padding instead of the neighbour's pixels.",
            ),
            Option(
                "those in the rows and columns right at a seam",
                "These first of all. But a score 10 pixels from the seam also sees 10 pixels of "
                "the neighbour.",
            ),
            Option(
                "those less than 20 pixels from a seam",
                "A score sees 20 pixels to each side. In the middle of a tile, 24 × 24 scores see "
                "nothing else than their tile.",
                right=True,
            ),
            Option(
                "all of them",
                "In the middle of a tile, 24 × 24 scores see nothing else than their tile.",
            ),
        ),
    ),
    Question(
        "20-two-conditions",
        "A U-Net pools four times by 2, and sees 92 pixels to each side. You have a margin of 100. "
        "Where may tiles start?",
        (
            Option(
                "anywhere: the margin is large enough",
                "Then a pool joins other pixels than in the whole picture, everywhere in the tile.",
            ),
            Option(
                "at multiples of 16",
                "Four pools by 2 make blocks of 16 × 16 pixels. Only then are they the blocks of "
                "the whole picture.",
                right=True,
            ),
            Option(
                "at multiples of 100",
                "100 is no multiple of 16, so that the second tile would have other blocks.",
            ),
        ),
        after=True,
    ),
    Question(
        "20-no-margin",
        "For which of these nets is no margin large enough?",
        (
            Option(
                "one with 50 layers of 3 × 3",
                "Its field is 101 × 101: a margin of 50 is enough.",
            ),
            Option(
                "one with zeros around every map",
                "Where a tile ends inside the picture, the zeros spoil what sees them, and that is "
                "what the margin takes away.",
            ),
            Option(
                "one that weighs its channels by their mean over the whole picture",
                "Squeeze-and-excitation: each score depends on every pixel. A tile has another "
                "mean.",
                right=True,
            ),
            Option(
                "one with transposed convolutions",
                "They enlarge a map, and each of their outputs sees few inputs: a U-Net has a "
                "margin.",
            ),
        ),
        after=True,
    ),
)
