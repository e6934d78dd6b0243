"""Scores of a picture tile by tile, in as much memory as a tile takes."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from seglab.ops.tiles import _lazy, _sources
from seglab.ops.tiles._plan import Crop, plan
from seglab.types import Progress, Size

Out = TypeVar("Out")
Finish = Callable[[Tensor], Tensor]


def predict(
    net: nn.Module,
    image: Any,
    tile: int | Size,
    *,
    out: Any = None,
    finish: Finish | None = None,
    progress: Progress | None = None,
) -> Any:
    """Answer of the net from tiles: net(image) up to float accuracy, without a gradient.

    image: a float tensor [B, C, H, W], or an array (NumPy, a memmap, zarr, dask): [B, C, H, W], or
    a picture as files hold it, [H, W, C] or [H, W], whose whole numbers become 0 to 1. tile: the
    most that the net sees at once, one number or (height, width). finish: what becomes of each
    tile's scores before they are kept, position by position, such as heatmap.label_map.
    out: where the answer goes, a tensor or an array whose last two axes are plan(...).output; then
    the memory is bounded by the tile.

    Returns out, or a tensor on the image's or the net's device. A dask array gives a dask array,
    which computes where dask does, on other machines too; a zarr array as `out` is then filled.
    progress(done, total) counts tiles. Raises ValueError as `plan` does, and TypeError or
    ValueError for an image or an out of the wrong kind or shape.
    """
    source = _sources.of(net, image)
    cuts = plan(net, source.size, tile)
    if _lazy.is_lazy(image):
        answer = _lazy.predicted(net, source, cuts, finish)
        return answer if out is None else _lazy.stored(answer, out)
    total = len(cuts)
    for done, crop in enumerate(cuts, 1):
        part = kept(net, source.crop(*crop.source), crop, finish)
        if out is None:
            out = part.new_empty(*part.shape[:-2], *cuts.output)
        elif done == 1:
            _sources.check_out(out, part, cuts.output)
        _sources.put(out, crop.target, part)
        _sources.let_go(image)
        _sources.let_go(out)
        if progress:
            progress(done, total)
    return out


def kept(net: nn.Module, pixels: Tensor, crop: Crop, finish: Finish | None) -> Tensor:
    """The part of a tile's answer that is kept."""
    with torch.no_grad():
        scores: Tensor = net(pixels)[(..., *crop.kept)]
        return scores if finish is None else finish(scores)
