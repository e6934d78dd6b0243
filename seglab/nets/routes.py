"""The way of a picture through a net with skips, map by map: down to the coarsest, and up again."""

from typing import NamedTuple

from torch import Tensor, nn

from seglab.nets.blocks import UNTOUCHED, Skips
from seglab.nets.fcn import COARSEST, FCN
from seglab.nets.unet import UNet
from seglab.types import Image, Scores


class Down(NamedTuple):
    """Maps on the way down, by their stride, each [B, C, h, w].

    features: those of the net. carried: what a skip takes from there, and what the coarsest map
    goes up with: class scores in an FCN, features in a U-Net.
    """

    features: dict[int, Tensor]
    carried: dict[int, Tensor]


class Up(NamedTuple):
    """Maps on the way up, by their stride, each [B, C, h, w], and the scores of the pixels.

    skips: what arrives through each skip. maps: the coarsest map, and what every join makes.
    """

    skips: dict[int, Tensor]
    maps: dict[int, Tensor]
    scores: Scores


def down(net: nn.Module, image: Image) -> Down:
    """The way down through an FCN or a U-Net."""
    if isinstance(net, FCN):
        features = net.features(image)
        return Down(features, net.scored(features))
    maps = {2**level: part for level, part in enumerate(_unet(net).encode(image))}
    return Down(maps, maps)


def up(net: nn.Module, down: Down, image: Image, skips: Skips = UNTOUCHED) -> Up:
    """The way up from there; skips: stride -> Skip, what is done to a skip."""
    if isinstance(net, FCN):
        maps = {COARSEST: down.carried[COARSEST]}
        arrived = {}
        for fusion in net.fusions(down.carried, skips):
            arrived[fusion.stride], maps[fusion.stride] = fusion.skip, fusion.fused
        return Up(arrived, maps, net.enlarged(maps[min(maps)], image))
    unet, features = _unet(net), list(down.features.values())
    maps, arrived = {max(down.features): features[-1]}, {}
    for join in unet.joins(features, skips):
        arrived[join.stride], maps[join.stride] = join.skip, join.merged
    return Up(arrived, maps, unet.scored(maps[1], image))


def _unet(net: nn.Module) -> UNet:
    if not isinstance(net, UNet):
        raise TypeError(f"net is a {type(net).__name__}; give an FCN or a UNet")
    return net
