"""Nets of the student's own in a lab: whether the lab can use them, and what it has to know."""

import copy
import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from seglab import device
from seglab.ops import dense as ways
from seglab.ops import receptive_field
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Size

_SIDE = 64  # pixels of the picture on which a net is tried, at least


@dataclass(frozen=True)
class OwnNet:
    """A net that a lab can use.

    net: a copy of the student's, in eval mode, on device.default(). layer: its last layer that has
    a grid of positions. field: the receptive field of that layer's units. classes: a name for each
    of its channels, "class 0", "class 1", ...
    """

    net: nn.Module
    layer: str
    field: ReceptiveField
    classes: tuple[str, ...]

    @property
    def output_stride(self) -> Size:
        """Pixels from one unit to the next, down and to the right."""
        return self.field.stride


def usable(net: nn.Module, dense: bool = True) -> OwnNet:
    """Check a net for use in a lab, and make it ready.

    dense: the lab asks the net for a score at every pixel, so the net's own answer must be a map
    of scores [B, K, h, w] that ops.dense can follow, with the same stride both ways. Otherwise its
    layers need to have receptive fields, up to the last that has a grid of positions.

    The lab gets a copy, in eval mode, on device.default() and without gradients of its weights; the
    student's net stays as it is, and trains on without the lab: give it again to see what it has
    learned. The copy runs once, on a small grey picture. Of a net from torch.compile, the net
    inside is taken: a compiled one cannot be followed.

    Raises TypeError for what is no net, and ValueError, with the layer's name and the reason, for a
    net that the lab cannot use.
    """
    net = copy.deepcopy(_plain(net)).eval().requires_grad_(False).to(device.default())
    layer, field = list(receptive_field.trace(net).items())[-1]
    if dense:
        # It refuses, with the layer's name, what has no dense form.
        ways.cost(net, _sides(field), "atrous")
        if field.stride[0] != field.stride[1]:
            raise ValueError(
                f"layer {layer!r} steps {field.stride[0]} pixels down and {field.stride[1]} to "
                f"the right; the lab needs a net with one stride for both"
            )
    maps = _tried(net if dense else ways.cut(net, layer), _sides(field))
    if not isinstance(maps, Tensor) or maps.ndim != 4:
        shape = list(maps.shape) if isinstance(maps, Tensor) else f"a {type(maps).__name__}"
        raise ValueError(
            f"the net returns {shape}; give a module that returns one map of scores, [B, K, h, w]"
        )
    classes = tuple(f"class {number}" for number in range(maps.shape[1]))
    return OwnNet(net, layer, field, classes)


def _plain(net: nn.Module) -> nn.Module:
    """The net to follow; refuses what cannot be tried at all."""
    if isinstance(net, type):
        raise TypeError(f"net={net.__name__} is a class of nets; give a net, {net.__name__}()")
    if not isinstance(net, nn.Module):
        raise TypeError(f"net is a {type(net).__name__}; give a torch.nn.Module")
    inner = getattr(net, "_orig_mod", net)  # where torch.compile keeps what it was given
    assert isinstance(inner, nn.Module)
    for name, weight in inner.named_parameters():
        if isinstance(weight, UninitializedParameter):
            raise ValueError(
                f"layer {name.rpartition('.')[0]!r} has no weights yet; run the net once on a "
                f"picture, net(torch.rand(1, 3, 64, 64))"
            )
        if weight.is_floating_point() and weight.dtype != torch.float32:
            raise ValueError(
                f"layer {name.rpartition('.')[0]!r} has weights of {weight.dtype}, pictures are "
                f"torch.float32; give net.float()"
            )
    return inner


def _sides(field: ReceptiveField) -> Size:
    """Height and width of a picture that is large enough, and a multiple of the stride."""
    down, right = (
        math.ceil(max(_SIDE, size - 2 * padding + stride if size < math.inf else 0) / stride)
        * stride
        for size, padding, stride in zip(field.size, field.padding, field.stride, strict=True)
    )
    return down, right


def _tried(net: nn.Module, size: Size) -> object:
    """The net's answer to a grey picture; refuses, with the layer's name, where it has none."""
    entered: list[tuple[str, nn.Module, tuple[object, ...]]] = []
    handles = [
        layer.register_forward_pre_hook(
            lambda layer, given, name=name: entered.append((name, layer, given))
        )
        for name, layer in net.named_modules()
        if not any(layer.children())
    ]
    try:
        with torch.no_grad():
            answer: object = net(torch.full((1, 3, *size), 0.5, device=device.default()))
    except Exception as error:  # whatever the student's own forward raises
        raise ValueError(_refusal(entered, size, error)) from error
    finally:
        for handle in handles:
            handle.remove()
    return answer


def _refusal(
    entered: list[tuple[str, nn.Module, tuple[object, ...]]], size: Size, error: Exception
) -> str:
    reason = str(error).partition("\n")[0] or type(error).__name__
    where = f"a picture of {size[0]} × {size[1]} pixels does not go through the net"
    if not entered:
        return f"{where} ({reason}); give a net that takes [B, 3, H, W]"
    name, layer, given = entered[-1]
    there = given[0] if given else None
    if isinstance(layer, nn.Conv2d) and isinstance(there, Tensor) and there.ndim == 4:
        count = there.shape[1]
        if count != layer.in_channels:
            return (
                f"layer {name!r} has in_channels={layer.in_channels} and is given {count}; "
                f"a picture has 3 channels: red, green and blue"
            )
    return f"{where}: layer {name!r} stops ({reason}); give a net that takes [B, 3, H, W]"
