"""Scores of a net as it is, and for every pixel of the image."""

import copy
import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from seglab import device
from seglab.ops.dense._analysis import Analysis, analyze
from seglab.ops.dense._borders import margins, reflected
from seglab.ops.dense._fragments import fragmented
from seglab.ops.dense._graph import UnsuitableNet
from seglab.ops.dense._layer_effects import unsteady
from seglab.ops.dense._rarefy import rarefied, twin
from seglab.ops.dense._stitching import stitched, windowed
from seglab.ops.dense._validate import check_image
from seglab.types import Image, Scores


def coarse(net: nn.Module, image: Image) -> Scores:
    """The net as it is: one score vector per f pixels, [B, C, H, W] to [B, K, h, w].

    Raises ValueError for an image smaller than the net's field.

    >>> import torch
    >>> from torch import nn
    >>> from seglab.ops import dense
    >>> net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.MaxPool2d(2))
    >>> dense.coarse(net, torch.rand(1, 3, 32, 32)).shape
    torch.Size([1, 5, 15, 15])
    """
    check_image(net, image)
    try:
        scores: Scores = net(image)
    except RuntimeError:
        check_room(net, image)
        raise
    return scores


def predict(net: nn.Module, image: Image, method: str = "auto") -> Scores:
    """A score vector for every pixel, [B, C, H, W] to [B, K, H, W].

    The image is padded by reflection so that the score at (i, j) is the one whose field is centered
    there ((r - 1) // 2 pixels before it where the field r is even); the padding that the net brings
    itself is taken off. method: 'auto' (the fastest exact way), 'atrous', 'fragments',
    'shift_and_stitch' or 'sliding_window'. A GPU out of memory hands over to the CPU, with a
    warning, and the scores are then on the CPU.

    A net without an exact dense form that gives a score for every pixel by itself, such as a U-Net,
    runs as it is where the method is 'auto'. Raises ValueError, naming the layer and the remedy,
    for any other.

    >>> import torch
    >>> from torch import nn
    >>> from seglab.ops import dense
    >>> net = nn.Sequential(nn.Conv2d(3, 5, 3), nn.MaxPool2d(2))
    >>> dense.predict(net, torch.rand(1, 3, 32, 32)).shape
    torch.Size([1, 5, 32, 32])
    """
    if method not in _METHODS:
        raise ValueError(f"method={method!r} is unknown; use one of {', '.join(_METHODS)}")
    check_image(net, image)
    if image.device.type == "cpu":
        return _predicted(net, image, method)
    return device.or_cpu(
        lambda: _predicted(net, image, method),
        lambda: _predicted(copy.deepcopy(net).cpu(), image.cpu(), method),
    )


def check_room(net: nn.Module, image: Image, layer: str | None = None) -> None:
    """Raises ValueError where the image is known to be too small for the net, or for a layer."""
    try:
        analysis = analyze(net)
        grid = (analysis if layer is None else analysis.up_to(layer)).grid.checked(exact=False)
    except ValueError:
        return  # nothing is known of the net
    grid.check_size(image.shape)


def _predicted(net: nn.Module, image: Image, method: str) -> Scores:
    try:
        analysis = analyze(net).up_to()
        return _centered(net, analysis, image, method)
    except UnsuitableNet as refusal:
        if method != "auto":
            raise
        return _as_it_is(net, image, refusal)


def _centered(net: nn.Module, analysis: Analysis, image: Image, method: str) -> Scores:
    point = analysis.output(exact=method != "shift_and_stitch")
    if point.misaligned:
        raise UnsuitableNet(*point.misaligned.split("; ", 1))
    rows, columns = map(math.floor, point.center)
    least = analysis.grid.smallest
    if method == "shift_and_stitch":  # its last crop has f - 1 pixels less, and must hold a field
        least = (least[0] + point.stride[0] - 1, least[1] + point.stride[1] - 1)
    height, width = image.shape[-2:]
    above = margins(height, rows, point.growth[0], least[0])
    beside = margins(width, columns, point.growth[1], least[1])
    padded = reflected(image, above, beside)
    scores = _METHODS[method](net, analysis, padded)
    down, across = max(0, -rows), max(0, -columns)
    return scores[..., down : down + height, across : across + width]


def _as_it_is(net: nn.Module, image: Image, refusal: UnsuitableNet) -> Scores:
    """The net's own scores where there is one for every pixel; raises the refusal where not."""
    for name, module in net.named_modules():
        if reason := unsteady(module):
            raise ValueError(f"layer {name!r} {reason}")
    height, width = image.shape[-2:]
    try:
        scores = net(image.clone())  # a copy, since a first layer may work in place
    except Exception as error:  # whatever the net's own forward raises on this image
        if "out of memory" in str(error):
            raise
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ValueError(
            f"{refusal.reason}, and as it is the net fails on the image of {height} x {width} "
            f"pixels ({reason}); {refusal.remedy}"
        ) from error
    if isinstance(scores, Tensor) and scores.ndim == 4 and scores.shape[-2:] == (height, width):
        return scores
    returned, remedy = _described(scores), refusal.remedy
    if isinstance(scores, Mapping):
        remedy = "give a module around it that returns one of them"
    raise ValueError(
        f"{refusal.reason}, and as it is the net returns {returned}, not a score for every pixel "
        f"of the image of {height} x {width}; {remedy}"
    )


def _described(output: object) -> str:
    if isinstance(output, Tensor):
        return f"a tensor of shape {list(output.shape)}"
    if isinstance(output, Mapping):
        return f"the entries {', '.join(map(repr, output))}"
    return f"a {type(output).__name__}"


def _fastest(net: nn.Module, analysis: Analysis, image: Image) -> Scores:
    """The scores by the way that 'auto' takes.

    Measured on x86 CPUs with torch 2.15, nets of f = 2 to 16 and 16 to 64 channels: à trous with
    channels last takes 0.4 to 0.9 of the time of channels first, and 0.5 to 0.9 of that of
    fragments (docs/performance.md). On CUDA fragments, because cuDNN keeps its fastest convolutions
    for undilated kernels (known, not measured here).
    """
    if image.is_cuda:
        return fragmented(analysis, image)
    scores: Scores = twin(analysis)(image.contiguous(memory_format=torch.channels_last))
    return scores


_METHODS: dict[str, Callable[[nn.Module, Analysis, Image], Scores]] = {
    "auto": _fastest,
    "atrous": lambda net, analysis, image: rarefied(analysis)(image),
    "fragments": lambda net, analysis, image: fragmented(analysis, image),
    "shift_and_stitch": stitched,
    "sliding_window": windowed,
}
