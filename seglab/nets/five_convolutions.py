"""Five convolutions of 3 × 3 and nothing else: the same weights to train, and three ways to reach.

A net steps over pixels (output stride f), or dilates, or does neither. All have the same number of
parameters. Each layer has scores of its own, trained together, so that a net may end at any depth.
"""

from collections import OrderedDict
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seglab.nets import textures, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.ops import receptive_field
from seglab.types import Image, Labels

CLASSES = textures.CLASSES
DEPTH, KERNEL_SIZE, WIDTH = 5, 3, 16


class Reach(NamedTuple):
    """Stride of each layer, and how far its taps stand apart."""

    strides: tuple[int, ...]
    dilations: tuple[int, ...]


def stepping(output_stride: int, depth: int = DEPTH) -> Reach:
    """Reach by stride 2 in the first layers, until the total is output_stride."""
    strides = tuple(2 if 2 ** (layer + 1) <= output_stride else 1 for layer in range(depth))
    return Reach(strides, (1,) * depth)


def dilating(dilations: tuple[int, ...]) -> Reach:
    """Reach by these dilations, with stride 1 everywhere."""
    return Reach((1,) * len(dilations), dilations)


NETS = {
    "f2": stepping(2),
    "f4": stepping(4),
    "f8": stepping(8),
    "f16": stepping(16),
    "plain": stepping(1),
    "d4": dilating((4, 4, 4, 4, 4)),
}
_STEPS = 600
_PER_CLASS = 12
_POSITIONS = 4  # along each side of a patch, at every depth
_LEAST_SIDE = 24  # pixels of a training patch


def pretrained(name: str, depth: int = DEPTH) -> nn.Sequential:
    """Shipped net of NETS, ended after `depth` layers, in eval mode, on device.default().

    It takes an image [B, 3, H, W] in 0..1, at least as large as its field, and gives scores
    [B, 7, h, w]. The same object each time: do not change it (copy.deepcopy first). Raises
    ValueError for a name or a depth that there is not.
    """
    _check(name, depth)
    return FAMILY.pretrained(full_name(name), depth=depth)


def build(name: str, depth: int = DEPTH, batch_norm: bool = False) -> nn.Sequential:
    """Untrained net: normalize, conv1, relu1, ..., conv<depth>, relu<depth>, scores."""
    _check(name, depth)
    layers: OrderedDict[str, nn.Module] = OrderedDict(normalize=textures.normalization())
    channels = 3
    for number, (stride, dilation) in enumerate(zip(*NETS[name], strict=True), 1):
        if number > depth:
            break
        layers[f"conv{number}"] = nn.Conv2d(channels, WIDTH, KERNEL_SIZE, stride, dilation=dilation)
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(WIDTH)
        layers[f"relu{number}"] = nn.ReLU()
        channels = WIDTH
    layers["scores"] = nn.Conv2d(WIDTH, len(CLASSES), 1)
    return nn.Sequential(layers)


def full_name(name: str) -> str:
    """Name of a net in the index of weights, such as 'only-convolutions-f8'."""
    return f"only-convolutions-{name}"


class _Exits(nn.Module):
    """Net with scores after every layer, read at a few positions of the patch each."""

    def __init__(self, net: nn.Sequential) -> None:
        super().__init__()
        parts = [part for part_name, part in net.named_children() if part_name != "scores"]
        self.blocks = nn.ModuleList(
            nn.Sequential(*parts[first : first + 3]) for first in range(1, len(parts), 3)
        )
        self.heads = nn.ModuleList(nn.Conv2d(WIDTH, len(CLASSES), 1) for _ in self.blocks)

    def forward(self, x: Tensor) -> Tensor:
        found = []
        for block, head in zip(self.blocks, self.heads, strict=True):
            x = block(x)
            scores = head(x)
            at = torch.linspace(0, scores.shape[-1] - 1, _POSITIONS).round().long()
            found.append(scores[..., at, :][..., at])
        return torch.cat(found, -1)


def _check(name: str, depth: int) -> None:
    if name not in NETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(NETS)}")
    if depth not in range(1, DEPTH + 1):
        raise ValueError(f"depth={depth!r} must be 1 to {DEPTH}: the nets have {DEPTH} layers")


def _recipe(net_name: str, seed: int, _: nn.Module | None) -> Recipe:
    net = build(_NAME[net_name], batch_norm=True)
    exits = _Exits(net).to(memory_format=torch.channels_last)
    field = receptive_field.of(net.eval())
    side = max(int(field.size[0]) + int(field.stride[0]), _LEAST_SIDE)

    def batch(step: int) -> tuple[Image, Labels]:
        image, labels = textures.augmented(_PER_CLASS, side, training.generator(seed, step))
        shape = (-1, _POSITIONS, DEPTH * _POSITIONS)
        return net[0](image), labels[:, None, None].expand(*shape)

    return Recipe(net, batch, _STEPS, lambda: _stored(net, exits), learner=exits)


def _stored(net: nn.Sequential, exits: _Exits) -> weights.State:
    """Layers, their norms folded in, and the scores of every depth as scores1, scores2, ..."""
    state = {
        key: value
        for key, value in textures.stored(net).items()
        if key.startswith(("normalize", "conv"))
    }
    for number, head in enumerate(exits.heads, 1):
        state |= {f"scores{number}.{key}": value for key, value in head.state_dict().items()}
    return {key: value.detach().clone() for key, value in state.items()}


def _restored(net_name: str, state: weights.State, depth: int = DEPTH) -> nn.Sequential:
    """Net that ends after `depth` layers, with the scores trained for that end."""
    net = build(_NAME[net_name], depth)
    head = {f"scores.{key}": state[f"scores{depth}.{key}"] for key in ("weight", "bias")}
    layers = {key: state[key] for key in net.state_dict() if key in state}
    return weights.from_half(net, layers | head)


def _measured(net_name: str, state: weights.State, _: list[float]) -> Figures:
    """Figures after each layer, in percent; see textures.measure."""
    depths = range(1, DEPTH + 1)
    nets = [_restored(net_name, state, depth) for depth in depths]
    figures = [textures.measure(net, patches=700, images=4) for net in nets]
    by_depth = ("field", "patch_accuracy", "mosaic_accuracy")
    return {
        "parameters": figures[-1]["parameters"],
        **{key: [row[key] for row in figures] for key in by_depth},
    }


_NAME = {full_name(name): name for name in NETS}
FAMILY = Family(
    name="only-convolutions",
    nets=tuple(_NAME),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns={
        "weights": figure("parameters"),
        **{f"layer {n + 1}": figure("mosaic_accuracy", n, digits=1) for n in range(DEPTH)},
    },
)
