"""Tiles as tasks of dask, which runs them where it runs: threads, processes, other machines."""

from typing import Any

import torch
from torch import Tensor, nn

from seglab.ops.tiles import _sources
from seglab.ops.tiles._plan import Crop, Plan
from seglab.ops.tiles._sources import Source

_MISSING = "dask is not installed, which computes this picture; pip install 'seglab[scale]'"


def is_lazy(image: Any) -> bool:
    """True if an image is a dask array."""
    return hasattr(image, "__dask_graph__")


def predicted(net: nn.Module, source: Source, cuts: Plan, finish: Any) -> Any:
    """The whole answer as a dask array with one chunk for each tile; nothing is computed yet."""
    try:
        import dask
        import dask.array as da
    except ImportError as error:
        raise ModuleNotFoundError(_MISSING) from error
    sample = _sample(net, source, cuts, finish)
    answer, the_net = dask.delayed(_answer), dask.delayed(net)
    rows = []
    for row in cuts.rows.parts():
        blocks = []
        for column in cuts.columns.parts():
            crop = Crop(row, column)
            task = answer(the_net, source.cut(*crop.source), source.ready, crop.kept, finish)
            shape = (*sample.shape[:-2], row.end - row.first, column.end - column.first)
            blocks.append(da.from_delayed(task, shape, sample.numpy().dtype))
        rows.append(blocks)
    return da.block(rows)


def stored(answer: Any, out: Any) -> Any:
    """Fill a zarr array, chunk by chunk, on the workers; returns it."""
    if not hasattr(out, "chunks"):
        raise TypeError(
            f"out is a {type(out).__name__}, which the workers of dask cannot fill; "
            "give a zarr array"
        )
    import dask.array as da

    if not _sources.fits(tuple(out.shape), answer.shape):
        raise ValueError(
            f"out has shape {list(out.shape)}, and the answer {list(answer.shape)}; "
            "give one of that shape"
        )
    answer = (
        answer.reshape(out.shape)
        if answer.ndim == len(out.shape)
        else answer[(0,) * (answer.ndim - len(out.shape))]
    )
    da.store(answer.rechunk(out.chunks), out, lock=False)  # no two tasks write into one chunk
    return out


def _answer(net: nn.Module, pixels: Any, ready: Any, kept: Any, finish: Any) -> Any:
    """One tile's answer, as an array: runs on a worker."""
    with torch.no_grad():
        scores = net(ready(pixels))[(..., *kept)]
        return (scores if finish is None else finish(scores)).cpu().numpy()


def _sample(net: nn.Module, source: Source, cuts: Plan, finish: Any) -> Tensor:
    """An answer of one position, which shows the axes and the type of the whole."""
    weight = next((p for p in net.parameters() if p.is_floating_point()), torch.empty(0))
    scores = weight.new_zeros(source.batch, cuts.channels, 1, 1).detach()
    return (scores if finish is None else finish(scores)).cpu()
