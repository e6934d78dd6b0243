"""Untrained nets of any stack of layers, to see what a net's shape alone does."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import nn

from seglab import device
from seglab.layer import Layer


def conv(kernel_size: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> Layer:
    """A convolution of a stack."""
    return Layer("conv", kernel_size, stride, padding, dilation)


def pool(kernel_size: int, stride: int) -> Layer:
    """A pooling of a stack."""
    return Layer("pool", kernel_size, stride)


_SAME = conv(3, padding=1)
_HALF = conv(3, stride=2, padding=1)
# The convolutions and pools of known nets, as far as their last map.
PRESETS = {
    "three 3 × 3": (_SAME, _SAME, _SAME),
    "AlexNet": (
        *(conv(11, stride=4, padding=2), pool(3, 2), conv(5, padding=2), pool(3, 2)),
        *(_SAME, _SAME, _SAME, pool(3, 2), conv(6)),
    ),
    "VGG-16": (
        *(_SAME, _SAME, pool(2, 2), _SAME, _SAME, pool(2, 2)),
        *(_SAME, _SAME, _SAME, pool(2, 2)) * 3,
        conv(7),
    ),
    "ResNet-18, main path": (
        *(conv(7, stride=2, padding=3), Layer("pool", 3, 2, 1), *(_SAME,) * 4),
        *(_HALF, _SAME, _SAME, _SAME) * 3,
    ),
    "dilated 1-2-4-8": tuple(conv(3, padding=d, dilation=d) for d in (1, 2, 4, 8)),
    "dilated 2-2-2": tuple(conv(3, padding=2, dilation=2) for _ in range(3)),
}


def untrained(layers: Sequence[Layer], channels: int = 8, seed: int = 0) -> nn.Sequential:
    """The layers with random weights (He et al., 2015), named conv1, relu1, pool2, ... in order.

    A ReLU follows every convolution but the last layer. A stack cut off earlier has the same
    weights, since each layer is drawn from a seed of its own. In eval mode, on device.default().
    """
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    entering = 3
    for number, layer in enumerate(layers, 1):
        geometry = {name: getattr(layer, name) for name in ("stride", "padding", "dilation")}
        if layer.kind == "pool":
            parts[f"pool{number}"] = nn.MaxPool2d(layer.kernel_size, **geometry)
            continue
        conv = nn.Conv2d(entering, channels, layer.kernel_size, bias=False, **geometry)
        generator = torch.Generator().manual_seed(1000 * seed + number)
        deviation = (2 / (entering * layer.kernel_size**2)) ** 0.5
        with torch.no_grad():
            conv.weight.copy_(torch.randn(conv.weight.shape, generator=generator) * deviation)
        parts[f"conv{number}"] = conv
        if number < len(layers):
            parts[f"relu{number}"] = nn.ReLU()
        entering = channels
    net = nn.Sequential(parts).eval().requires_grad_(False)
    return net.to(device.default()).to(memory_format=torch.channels_last)


def uniform(layers: Sequence[Layer]) -> nn.Sequential:
    """The layers as plain means over their windows: all paths from a pixel to a unit weigh alike.

    The gradient of this net counts paths, without any picture's or weight's accidents.
    """
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    for number, layer in enumerate(layers, 1):
        conv = nn.Conv2d(
            3 if number == 1 else 1,
            1,
            layer.kernel_size,
            layer.stride,
            layer.padding,
            layer.dilation,
            bias=False,
        )
        nn.init.constant_(conv.weight, 1 / conv.weight[0].numel())
        parts[f"{layer.kind}{number}"] = conv
    return nn.Sequential(parts).eval().requires_grad_(False).to(device.default())
