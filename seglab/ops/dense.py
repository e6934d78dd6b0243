"""From a net that answers every f pixels to a score for every pixel: five ways, the same numbers.

For every net without padding sliding_window, shift_and_stitch, rarefy(net)(image) and fragments
agree to float accuracy, and [..., ::f, ::f] of each is coarse. For padded nets rarefy and fragments
keep that last equation, and shift_and_stitch agrees wherever no field meets the border.
"""

import copy
import math
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn

from seglab import device
from seglab.ops import graph, receptive_field, spacing
from seglab.ops.cost import cost, ledger
from seglab.ops.fragment import fragments
from seglab.ops.inputs import check, check_size
from seglab.ops.rarefy import rarefy
from seglab.ops.stitching import (
    dense_size,
    interleave,
    shift_and_stitch,
    shifted,
    sliding_window,
)
from seglab.types import Image, Scores, Size

__all__ = [
    "coarse",
    "cost",
    "dense_size",
    "fragments",
    "interleave",
    "ledger",
    "predict",
    "rarefy",
    "shift_and_stitch",
    "shifted",
    "sliding_window",
]


def coarse(net: nn.Module, image: Image) -> Scores:
    """The net as it is: one score vector per f pixels, [B, C, H, W] to [B, K, h, w]."""
    check(net, image)
    try:
        scores: Scores = net(image)
    except RuntimeError:
        smallest = _smallest(net)
        if smallest:
            check_size(image.shape, smallest)
        raise
    return scores


def predict(net: nn.Module, image: Image, method: str = "auto") -> Scores:
    """A score vector for every pixel, [B, C, H, W] to [B, K, H, W].

    The image is padded by reflection so that the score at (i, j) is the one whose field is centred
    there ((r - 1) // 2 pixels before it where the field r is even); the padding that the net brings
    itself is taken off. method: 'auto' (the fastest exact way), 'atrous', 'fragments',
    'shift_and_stitch' or 'sliding_window'. A GPU out of memory hands over to the CPU, with a
    warning, and the scores are then on the CPU.
    """
    if method != "auto" and method not in _METHODS:
        raise ValueError(f"method={method!r} is unknown; use one of auto, {', '.join(_METHODS)}")
    check(net, image)
    if not image.is_cuda:
        return _centred(net, image, method)
    return device.or_cpu(
        lambda: _centred(net, image, method),
        lambda: _centred(copy.deepcopy(net).cpu(), image.cpu(), method),
    )


def _smallest(net: nn.Module) -> Size | None:
    try:
        return spacing.follow(graph.read(net), exact=False).smallest
    except ValueError:
        return None  # the net itself may still run


def _centred(net: nn.Module, image: Image, method: str) -> Scores:
    traced = graph.read(net)
    program = traced.up_to(None)
    places = spacing.follow(program, exact=method != "shift_and_stitch")
    rows, columns = map(math.floor, receptive_field.origin(program, program.output))
    spot, least = places.spots[program.output], places.smallest
    if method == "shift_and_stitch":  # its last crop has f - 1 pixels less, and must hold a field
        least = (least[0] + spot.stride[0] - 1, least[1] + spot.stride[1] - 1)
    height, width = image.shape[-2:]
    above = _margins(height, rows, spot.growth[0], least[0])
    beside = _margins(width, columns, spot.growth[1], least[1])
    padded = _reflected(image, above, beside)
    scores = _fastest(net, padded, traced) if method == "auto" else _METHODS[method](net, padded)
    down, across = max(0, -rows), max(0, -columns)
    return scores[..., down : down + height, across : across + width]


def _margins(length: int, origin: int, growth: int, smallest: int) -> Size:
    """Pixels to add before and after: the first score comes to sit on the first pixel."""
    before = max(0, origin)
    after = max(0, -origin) - growth - before
    return before, max(0, after, smallest - length - before)


def _reflected(x: Tensor, rows: Size, columns: Size) -> Tensor:
    """Mirrored at its border pixels, as often as needed; a lone pixel is repeated."""
    height, width = x.shape[-2:]
    if max(rows) < height and max(columns) < width:
        return F.pad(x, (*columns, *rows), mode="reflect")  # once is all that torch can do
    return _mirrored(_mirrored(x, -2, *rows), -1, *columns)


def _mirrored(x: Tensor, dim: int, before: int, after: int) -> Tensor:
    length = x.shape[dim]
    period = max(1, 2 * (length - 1))
    place = torch.arange(-before, length + after, device=x.device) % period
    return x.index_select(dim, torch.minimum(place, period - place))


def _atrous(net: nn.Module, image: Image) -> Scores:
    scores: Scores = rarefy(net)(image)
    return scores


# A net's rarefied twin and the steps that it was made from: equal steps, the same twin. It shares
# the layers but not the net, so that nothing keeps the net alive.
_RAREFIED: WeakKeyDictionary[nn.Module, tuple[Any, fx.GraphModule]] = WeakKeyDictionary()


def _remembered(net: nn.Module, traced: graph.Program) -> fx.GraphModule:
    steps, module = _RAREFIED.get(net, (None, None))
    if module is None or steps is not traced.steps:
        module = rarefy(net)
        _reuse(module)
        if isinstance(net, nn.Sequential):  # of others the steps are new each time
            _RAREFIED[net] = traced.steps, module
    return module


def _reuse(module: fx.GraphModule) -> None:
    """Let every ReLU that alone reads what a convolution or norm made write over it."""
    for node in module.graph.nodes:
        if node.op != "call_module" or type(module.get_submodule(node.target)) is not nn.ReLU:
            continue
        source = node.args[0]
        if source.op == "call_module" and len(source.users) == 1:
            made = isinstance(module.get_submodule(source.target), nn.Conv2d | nn.BatchNorm2d)
            path, _, name = node.target.rpartition(".")
            if made:
                setattr(module.get_submodule(path), name, nn.ReLU(inplace=True))


_METHODS: dict[str, Callable[[nn.Module, Image], Scores]] = {
    "atrous": _atrous,
    "fragments": fragments,
    "shift_and_stitch": shift_and_stitch,
    "sliding_window": sliding_window,
}


def _fastest(net: nn.Module, image: Image, traced: graph.Program) -> Scores:
    """The way that 'auto' takes.

    Measured on x86 CPUs with torch 2.15, nets of f = 2 to 16 and 16 to 64 channels: à trous with
    channels last takes 0.4 to 0.9 of the time of channels first, and 0.5 to 0.9 of that of
    fragments (docs/performance.md). On CUDA fragments, because cuDNN keeps its fastest convolutions
    for undilated kernels (known, not measured here).
    """
    if image.is_cuda:
        return fragments(net, image)
    packed = image.contiguous(memory_format=torch.channels_last)
    scores: Scores = _remembered(net, traced)(packed)
    return scores
