"""Parts of the segmentation nets: blocks of convolutions, and skips to take hold of.

A map of stride s has one value for each s x s cell of the picture, at the cell's middle: nothing
here moves a picture by half a pixel, but a stem with an odd kernel.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from seglab.ops.borders import mirrored
from seglab.types import Image, Size

MEAN, DEVIATION = 0.5, 0.25


class Skip(NamedTuple):
    """Change of a skip connection before it is joined; as it stands, nothing.

    gain: a factor; 0 cuts the skip.
    shift: (down, right) in pixels of the skip's own map; the border's values are repeated.
    """

    gain: float = 1.0
    shift: Size = (0, 0)

    def __call__(self, x: Tensor) -> Tensor:
        """Map [B, C, h, w] as the skip delivers it."""
        if self.shift != (0, 0):
            x = shifted(x, self.shift)
        return x if self.gain == 1 else x * self.gain


Skips = Mapping[int, Skip]  # by the stride of the skip's map
UNTOUCHED: Skips = {}


def check_skips(skips: Skips, strides: Iterable[int]) -> None:
    """Raise ValueError for a stride at which the net has no skip."""
    there = tuple(strides)
    for stride in skips:
        if stride not in there:
            raise ValueError(
                f"skips has stride {stride!r}, where this net has no skip; "
                f"it has {', '.join(map(str, there)) or 'none'}"
            )


def check_image(image: Tensor) -> None:
    """Raise TypeError or ValueError unless image is a float [B, 3, H, W] with a pixel in it."""
    if not isinstance(image, Tensor) or not image.is_floating_point():
        kind = image.dtype if isinstance(image, Tensor) else type(image).__name__
        raise TypeError(f"image is {kind}; give floats from 0 to 1, as in image.float() / 255")
    if image.ndim != 4 or image.shape[1] != 3 or 0 in image.shape:
        raise ValueError(f"image has shape {list(image.shape)}; give [B, 3, H, W], none of it 0")


def normalized(image: Image) -> Image:
    """Bring an image from 0..1 to about zero mean and unit deviation."""
    return (image - MEAN) / DEVIATION


def channels_last(image: Image) -> Image:
    """Image in the memory format that makes convolutions faster on a CPU."""
    return image.contiguous(memory_format=torch.channels_last)


def shifted(x: Tensor, shift: Size) -> Tensor:
    """Map moved down and right by whole pixels, its border's values repeated, [B, C, h, w]."""
    rows, columns = (
        (torch.arange(side, device=x.device) - by).clamp(0, side - 1)
        for side, by in zip(x.shape[-2:], shift, strict=True)
    )
    return x[..., rows, :][..., columns]


def mirrored_to_multiple(x: Tensor, stride: int) -> Tensor:
    """Map continued below and to the right until stride divides both sides."""
    height, width = x.shape[-2:]
    below, right = -height % stride, -width % stride
    return mirrored(x, (0, below), (0, right)) if below or right else x


def block(
    *channels: int,
    dilations: tuple[int, ...] | None = None,
    padded: bool = True,
    batch_norm: bool = False,
) -> nn.Sequential:
    """3 x 3 convolutions from channels[0] to channels[1] and on, each with its ReLU.

    padded: zeros around, so that the map keeps its size. dilations: one per convolution.
    batch_norm adds a norm behind each convolution, for training; `fold_norms` takes them out again.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    steps = dilations or (1,) * (len(channels) - 1)
    for number, (entering, leaving, dilation) in enumerate(
        zip(channels, channels[1:], steps, strict=False), 1
    ):
        layers[f"conv{number}"] = nn.Conv2d(
            entering, leaving, 3, padding=dilation if padded else 0, dilation=dilation
        )
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(leaving)
        layers[f"relu{number}"] = nn.ReLU(inplace=True)
    return nn.Sequential(layers)


def stem(width: int, kernel: int = 4, batch_norm: bool = False) -> nn.Sequential:
    """Convolution from 3 channels to `width` at stride 2, with its ReLU.

    kernel: an odd one moves the map by half a pixel against the middles of its cells.
    batch_norm: as in block().
    """
    layers: list[nn.Module] = [
        nn.Conv2d(3, width, kernel, 2, (kernel - 1) // 2),
        nn.ReLU(inplace=True),
    ]
    if batch_norm:
        layers.insert(1, nn.BatchNorm2d(width))
    return nn.Sequential(*layers)


def levels(widths: Sequence[int], batch_norm: bool = False) -> nn.ModuleList:
    """Blocks of two convolutions from each width to the next, for descend()."""
    return nn.ModuleList(
        block(entering, width, width, batch_norm=batch_norm) for entering, width in pairwise(widths)
    )


def descend(x: Tensor, first: nn.Module, levels: Iterable[nn.Module]) -> list[Tensor]:
    """Map of `first`, and of each level behind it, every time at half the size."""
    maps = [first(x)]
    for level in levels:
        maps.append(level(F.max_pool2d(maps[-1], 2)))
    return maps


def fold_norms(net: nn.Module) -> None:
    """Fold every norm into the convolution before it, in place; the net goes to eval mode.

    The scores stay the same but for rounding. Afterwards the net is as if built without norms.
    """
    net.eval()
    for part in [part for part in net.modules() if isinstance(part, nn.Sequential)]:
        before, conv = "", None
        for name, layer in list(part.named_children()):
            if isinstance(layer, nn.BatchNorm2d) and isinstance(conv, nn.Conv2d):
                setattr(part, before, fuse_conv_bn_eval(conv, layer))
                delattr(part, name)
            before, conv = name, layer
