"""Activations of hidden layers: heard in a pass, taken away, their strongest places, their votes.

A map of activations has one value for each position of a layer: it stands for the receptive field
of that position. Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV
2014; Zhou et al., "Learning deep features for discriminative localization", CVPR 2016; Bau et al.,
"Network dissection", CVPR 2017.
"""

import copy
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab._text import suggestion
from seglab.ops import _validate
from seglab.types import Image


class Heard(NamedTuple):
    """Output of a net, and what was heard inside: maps [B, C, h, w] by the path of their layer."""

    output: Any
    maps: dict[str, Tensor]


class Strongest(NamedTuple):
    """Strongest places of each channel, the strongest first.

    values: [B, C, n], -inf where a channel has fewer peaks. places: int64 [B, C, n, 2], rows and
    columns of the map.
    """

    values: Tensor
    places: Tensor


class Ranked(NamedTuple):
    """Strongest places of each channel over several pictures, the strongest first.

    values: [C, n]. pictures: int64 [C, n], the number of the picture. places: int64 [C, n, 2].
    """

    values: Tensor
    pictures: Tensor
    places: Tensor


def listen(net: nn.Module, image: Image, layers: Iterable[str]) -> Heard:
    """The net's output, and the maps that these layers give on the way.

    layers: paths as in net.named_modules(), such as "conv1" or "stages.0.relu1". The net stays as
    it is. Raises ValueError for a path that the net does not have, and for a layer that does not
    run, or gives no map [B, C, h, w].
    """
    paths = tuple(layers)
    given: dict[str, Any] = {}
    listener = _copied(net)
    for path in paths:
        layer = _layer(listener, path)
        # A copy: a ReLU behind it may work in place.
        layer.register_forward_hook(
            lambda _layer, _given, out, path=path: given.update(
                {path: out.clone() if isinstance(out, Tensor) else out}
            )
        )
    output = listener(image)
    for path in paths:
        if path not in given:
            raise ValueError(f"layer {path!r} does not run in the net; name one that does")
        out = given[path]
        if not isinstance(out, Tensor) or out.ndim != 4:
            what = list(out.shape) if isinstance(out, Tensor) else f"a {type(out).__name__}"
            raise ValueError(f"layer {path!r} gives {what}; name one that gives a map [B, C, h, w]")
    return Heard(output, {path: given[path] for path in paths})


def without(net: nn.Module, layer: str, channels: Sequence[int]) -> nn.Module:
    """Copy of the net, with the same weights, in which these channels of a layer are always 0.

    layer: a path as in listen(). The weights are shared, the net stays as it is. Raises ValueError
    for a path that the net does not have; the copy raises it for a channel that is not there.
    """
    ablated, gone = _copied(net), list(channels)

    def silence(_layer: nn.Module, _given: Any, out: Tensor) -> Tensor:
        if gone and not 0 <= min(gone) <= max(gone) < out.shape[1]:
            raise ValueError(
                f"channels={gone} are not all in layer {layer!r}, which has {out.shape[1]}; "
                f"use 0 to {out.shape[1] - 1}"
            )
        shut = torch.tensor([c in gone for c in range(out.shape[1])], device=out.device)
        return out.masked_fill(shut[:, None, None], 0)

    _layer(ablated, layer).register_forward_hook(silence)
    return ablated


def strongest(maps: Tensor, count: int, apart: int = 1) -> Strongest:
    """Strongest peaks of each channel of maps [B, C, h, w].

    A peak is a place that no place fewer than `apart` rows and columns away exceeds; with 1, every
    place is one. Of equal neighbours each counts. Raises ValueError for a count or a distance
    below 1.
    """
    _validate.maps(maps, name="maps")
    _validate.whole_number("count", count)
    reach = _validate.whole_number("apart", apart) - 1
    side = 2 * reach + 1
    # Rows first, then columns: the same maximum, for much less work where the window is wide.
    near = F.max_pool2d(F.max_pool2d(maps, (side, 1), 1, (reach, 0)), (1, side), 1, (0, reach))
    peaks = maps.masked_fill(maps < near, -torch.inf).flatten(2)
    values, at = peaks.topk(min(count, peaks.shape[-1]), -1)
    places = torch.stack((at // maps.shape[-1], at % maps.shape[-1]), -1)
    return Strongest(values, places)


def ranked(found: Sequence[Strongest], count: int) -> Ranked:
    """The `count` strongest places of each channel over several pictures.

    found: one Strongest for each picture, all of the same layer; a batch in it counts as pictures
    one after the other. Raises ValueError for none, and for a count below 1.
    """
    if not found:
        raise ValueError("found is empty; give what strongest() found in one picture at least")
    _validate.whole_number("count", count)
    values, places, pictures = [], [], []
    first = 0
    for one in found:
        batch, _, each = one.values.shape
        values.append(one.values.transpose(0, 1).flatten(1))
        places.append(one.places.transpose(0, 1).flatten(1, 2))
        numbers = torch.arange(first, first + batch, device=one.values.device)
        pictures.append(numbers.repeat_interleave(each))
        first += batch
    every = torch.cat(values, 1)
    best, at = every.topk(min(count, every.shape[1]), 1)
    where = torch.cat(places, 1).gather(1, at[..., None].expand(-1, -1, 2))
    return Ranked(best, torch.cat(pictures)[at], where)


def contributions(head: Callable[[Tensor], Tensor], features: Tensor) -> Tensor:
    """Parts that the channels of features [1, C, h, w] add to a linear head's scores, [C, K, H, W].

    head: such as a 1 x 1 or a transposed convolution. All contributions and head(0), which is its
    bias, add up to head(features): for a 1 x 1 convolution these sums are the class activation
    maps of Zhou et al. (2016). Raises ValueError for more than one picture.
    """
    _validate.maps(features, name="features")
    if len(features) != 1:
        raise ValueError(f"features has {len(features)} pictures; give one, features[:1]")
    own = torch.eye(features.shape[1], dtype=torch.bool, device=features.device)
    one_each = features.where(own[:, :, None, None], 0)
    return head(one_each) - head(torch.zeros_like(features))


def class_activation(features: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Class activation maps: for each class, the weighted sum of the channels, [B, K, h, w].

    features: [B, C, h, w]. weight: [K, C], of the class scores; bias: [K], none when None.
    Zhou et al. take the weights behind a global average pooling: the mean of a class's map is then
    its score. Raises ValueError for weights of another shape.
    """
    _validate.maps(features, name="features")
    if weight.ndim != 2 or weight.shape[1] != features.shape[1]:
        raise ValueError(
            f"weight has shape {list(weight.shape)}, features have {features.shape[1]} channels; "
            f"give [K, {features.shape[1]}]"
        )
    maps = torch.einsum("kc,bchw->bkhw", weight, features)
    return maps if bias is None else maps + bias[:, None, None]


def _copied(net: nn.Module) -> nn.Module:
    """A net of its own for hooks; weights, and all that is no layer, are the same objects."""
    made: dict[nn.Module, nn.Module] = {}

    def copied(layer: nn.Module) -> nn.Module:
        if layer not in made:
            made[layer] = own = copy.copy(layer)
            own._forward_hooks = OrderedDict(layer._forward_hooks)
            own._modules = {
                name: child if child is None else copied(child)
                for name, child in layer._modules.items()
            }
        return made[layer]

    return copied(net)


def _layer(net: nn.Module, path: str) -> nn.Module:
    modules = dict(net.named_modules())
    if not path or path not in modules:
        named = [name for name in modules if name]
        raise ValueError(
            f"layer={path!r} is not in the net; {suggestion(path, named)}"
            f"it has {', '.join(named) or 'none'}"
        )
    return modules[path]
