"""Max-pool fragments: every shift at once, stacked in the batch, so that shifts share their work.

Giusti, Ciresan, Masci, Gambardella and Schmidhuber, "Fast image scanning with deep max-pooling
convolutional neural networks" (2013).
"""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab.ops._floats import unhalved
from seglab.ops.dense._analysis import Analysis, analyze
from seglab.ops.dense._graph import Step
from seglab.ops.dense._layer_effects import Pad, Window
from seglab.ops.dense._layers import AveragePool, crop, padding, unstrided
from seglab.ops.dense._stride_grid import StrideGrid
from seglab.ops.dense._validate import check_image
from seglab.types import Image, Scores, Size


def fragments(net: nn.Module, image: Image) -> Scores:
    """Scores equal to rarefy(net)(image), by splitting maps at every stride.

    [B, C, H, W] to [B, K, N, M], the dense map. A layer of stride s runs at stride 1 and its map is
    split into s * s fragments; later layers work on all of them, undilated, and at the end they are
    interleaved. Exact for padded nets too: what hangs over the dense map is masked before a layer
    could see it. Raises ValueError, naming the layer, for what has no exact dense form.
    """
    check_image(net, image)
    return fragmented(analyze(net).up_to(), image)


def fragmented(analysis: Analysis, image: Image) -> Scores:
    """The dense map of an analyzed net; see fragments."""
    grid = analysis.grid.checked()
    grid.check_size(image.shape)
    size = (image.shape[-2], image.shape[-1])
    values: dict[fx.Node, Any] = {analysis.program.image: image}
    for step in analysis.program.steps:
        values[step.node] = _run(grid, step, values, size)
    output = analysis.program.output
    return _interleaved(values[output], grid.points[output].stride, grid.dense(output, size))


def _run(grid: StrideGrid, step: Step, values: dict[fx.Node, Any], size: Size) -> Any:
    node, op = step.node, step.op
    if node.op == "get_attr":
        return step.target
    if isinstance(op, Window | Pad):
        source = step.sources[0]
        stride, dense = grid.points[source].stride, grid.dense(source, size)
        return _window(op, values[source], stride, dense)
    ends = [_last(grid, n, size) for n in step.sources if n in grid.points]
    least = tuple(map(min, zip(*ends, strict=True)))

    def value(source: fx.Node) -> Any:
        if source not in grid.points:
            return values[source]
        end = _last(grid, source, size)
        if end == least:
            return values[source]
        return crop(values[source], end[0] - least[0], end[1] - least[1])

    args = fx.node.map_arg(node.args, value)
    kwargs = fx.node.map_arg(node.kwargs, value)
    if node.op == "call_module":
        return step.target(*args, **kwargs)
    if node.op == "call_method":
        return getattr(args[0], str(node.target))(*args[1:], **kwargs)
    return node.target(*args, **kwargs)  # type: ignore[operator]


def _window(op: Window | Pad, x: Tensor, stride: Size, dense: Size) -> Tensor:
    """A layer on all fragments; `dense` is the size of the dense map before it."""
    if any(side > 0 for side in op.after):
        x = _masked(x, stride, dense, _fill(op))
    if isinstance(op, Pad):
        result: Tensor = padding(op, (1, 1))(x)
        return result
    layer = unstrided(op, (1, 1))
    if isinstance(layer, AveragePool):
        exact = unhalved(x)
        rows, columns = AveragePool(op, stride).counts(dense, exact)
        parts = _as_fragments(rows, columns, stride, x.shape[0])
        x = (layer.sums(exact) / parts).to(x.dtype)
    else:
        x = layer(x)
    return _split(x, stride, op.stride)


def _split(x: Tensor, stride: Size, by: Size) -> Tensor:
    """[(Dy Dx B), C, n, m] to [(sy Dy sx Dx B), C, n/sy, m/sx]."""
    if by == (1, 1):
        return x
    bottom, right = -x.shape[-2] % by[0], -x.shape[-1] % by[1]
    if bottom or right:
        x = F.pad(x, (0, right, 0, bottom))
    packed = x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    (dy, dx), (sy, sx) = stride, by
    count, channels, n, m = x.shape
    batch = count // (dy * dx)
    if packed:
        x = x.permute(0, 2, 3, 1).reshape(dy, dx, batch, n // sy, sy, m // sx, sx, channels)
        x = x.permute(4, 0, 6, 1, 2, 3, 5, 7)
        x = x.reshape(-1, n // sy, m // sx, channels)
        return x.permute(0, 3, 1, 2)
    x = x.reshape(dy, dx, batch, channels, n // sy, sy, m // sx, sx)
    return x.permute(5, 0, 7, 1, 2, 3, 4, 6).reshape(-1, channels, n // sy, m // sx)


def _interleaved(x: Tensor, stride: Size, size: Size) -> Scores:
    (dy, dx), (_, channels, n, m) = stride, x.shape
    x = x.reshape(dy, dx, -1, channels, n, m).permute(2, 3, 4, 0, 5, 1)
    return x.reshape(-1, channels, n * dy, m * dx)[..., : size[0], : size[1]]


def _masked(x: Tensor, stride: Size, dense: Size, fill: float) -> Tensor:
    """`fill` wherever a fragment hangs over the dense map."""
    (dy, dx), (n, m) = stride, x.shape[-2:]
    if dense == (n * dy, m * dx):
        return x
    place = torch.arange(max(n * dy, m * dx), device=x.device)
    rows = place[: n * dy].ge(dense[0]).reshape(n, dy).T
    columns = place[: m * dx].ge(dense[1]).reshape(m, dx).T
    beyond = rows[:, None, None, None, :, None] | columns[None, :, None, None, None, :]
    return x.reshape(dy, dx, -1, *x.shape[1:]).masked_fill(beyond, fill).reshape(x.shape)


def _as_fragments(rows: Tensor, columns: Tensor, stride: Size, count: int) -> Tensor:
    """The outer product of dense factors, laid out like fragments; 1 where they hang over."""
    (dy, dx) = stride
    rows = F.pad(rows, (0, -len(rows) % dy), value=1.0).reshape(-1, dy).T
    columns = F.pad(columns, (0, -len(columns) % dx), value=1.0).reshape(-1, dx).T
    grid = rows[:, None, :, None] * columns[None, :, None, :]
    batch = count // (dy * dx)
    return grid.flatten(0, 1).repeat_interleave(batch, dim=0)[:, None]


def _fill(op: Window | Pad) -> float:
    if isinstance(op, Pad):
        return op.value
    return -torch.inf if op.kind == "max_pool" else 0.0


def _last(grid: StrideGrid, node: fx.Node, size: Size) -> Size:
    """A fragment's size at a node: ceil(N / D)."""
    (height, width), (dy, dx) = grid.dense(node, size), grid.points[node].stride
    return -(-height // dy), -(-width // dx)
