"""All seven types side by side: one piece of a map, upsampled in each way."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from torch import Tensor

from seglab.draw.diagram import Diagram, diagram
from seglab.draw.picture import Picture
from seglab.draw.shapes import Bar, Label, Shape, Thumbnail
from seglab.nets.coarse_maps import Task
from seglab.ops import receptive_field
from seglab.ops.upsample import BILINEAR, RESIZE, TRANSPOSED, TYPES, UNPOOLING, Upsampler

INPUT = "input"
ROWS, COLUMNS = 48, 64  # pixels of a piece
SHORT = {TRANSPOSED: "transposed", RESIZE: "resize-conv.", UNPOOLING: "unpooling"}


def pooled_piece(task: Task, factor: int) -> tuple[Tensor, Tensor]:
    """The largest of each block in and around the piece, and where each stands, for unpooling."""
    rows, columns = (_times(span.part, factor) for span in _spans(task, factor))
    return replace(task, image=task.image[..., rows, columns], truth=None).pooled()


def pieces(
    task: Task,
    coarse: Tensor,
    factor: int,
    kernels: Mapping[str, Tensor | None],
    corners: bool,
    pooled: tuple[Tensor, Tensor],
) -> dict[str, Tensor]:
    """The middle of the coarse map, and what each type makes of it, decided, by their names.

    pooled: as pooled_piece() gives it. Only as much is upsampled as can reach the piece; all of it
    where corners are aligned, since the steps between samples then depend on the size of the map.
    """
    rows, columns = _spans(task, factor)
    part = coarse[..., rows.part, columns.part]
    found = {INPUT: part[..., rows.inner, columns.inner]}
    for kind in TYPES:
        upsampler = Upsampler(kind, factor, kernels.get(kind), corners, pooled[1])
        whole = kind == BILINEAR and corners
        fine = upsampler(coarse if whole else pooled[0] if kind == UNPOOLING else part)
        inner = [span.whole if whole else span.inner for span in (rows, columns)]
        found[kind] = fine[..., _times(inner[0], factor), _times(inner[1], factor)]
    return {name: task.decided(task.finished(map_)) for name, map_ in found.items()}


def all_seven(pictures: Mapping[str, Picture], first: str, second: str) -> Diagram:
    """Small pictures in two rows, the two that are compared framed; a click chooses the type."""
    drawn: list[Shape] = []
    for n, (name, picture) in enumerate(pictures.items()):
        (top, left), short = divmod(n, 4), SHORT.get(name, name)
        edges = (left + 0.03, top + 0.02, left + 0.97, top + 0.8)
        if name == INPUT:
            drawn.append(Thumbnail(*edges, picture, name, says="the coarse map"))
        else:
            sets = ("first", name)
            drawn.append(Thumbnail(*edges, picture, name, says=f"choose {name}", sets=sets))
        if name in (first, second):
            drawn.append(Bar(*edges, "accent" if name == first else "ink", hollow=True))
        drawn.append(Label(short, left + 0.5, top + 0.9, bold=name == first, small=True))
    return diagram(
        drawn,
        says=f"one piece of the picture in each type: {', '.join(pictures)}; "
        f"{first} is compared with {second}",
        x=(0, 4),
        y=(0, 2),
        margin=(2, 2, 2, 2),
        wide=True,
    )


class _Span(NamedTuple):
    """A piece along one axis of the coarse map.

    part: the piece and what can reach it. inner: the piece in that part. whole: in all of the map.
    """

    part: slice
    inner: slice
    whole: slice


def _spans(task: Task, factor: int) -> tuple[_Span, _Span]:
    field = receptive_field.of(task.net).size[0]
    around = max(3, -(-int(field) // (2 * factor)))
    height, width = (side // factor for side in task.image.shape[2:])
    return _span(height, ROWS // factor, around), _span(width, COLUMNS // factor, around)


def _span(size: int, wanted: int, around: int) -> _Span:
    count = min(max(1, wanted), size)
    start = (size - count) // 2
    first = max(0, start - around)
    inner = slice(start - first, start - first + count)
    end = min(size, start + count + around)
    return _Span(slice(first, end), inner, slice(start, start + count))


def _times(part: slice, factor: int) -> slice:
    return slice(part.start * factor, part.stop * factor)
