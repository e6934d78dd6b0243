"""Five convolutions of 3 × 3 and nothing else: the same weights to train, and three ways to reach.

A net steps over pixels (output stride f), or dilates, or does neither. All have the same number of
parameters. Each layer has scores of its own, trained together, so that a net may end at any depth.
There are two trainings: on patches of one texture each, and on mosaics, which have borders.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

from seglab import device
from seglab.images import mosaics
from seglab.nets import textures, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.ops import dense, heatmap, morphology, receptive_field
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL, Image, Labels, Scores

CLASSES = textures.CLASSES
DEPTH, KERNEL_SIZE, WIDTH = 5, 3, 16


class Reach(NamedTuple):
    """Stride of each layer, and how far its taps stand apart."""

    strides: tuple[int, ...]
    dilations: tuple[int, ...]

    def field(self, kernel_size: int = KERNEL_SIZE) -> int:
        """Pixels that a score sees, along one side."""
        seen, step = 1, 1
        for stride, dilation in zip(self.strides, self.dilations, strict=True):
            seen += (kernel_size - 1) * dilation * step
            step *= stride
        return seen

    def work(self, kernel_size: int = KERNEL_SIZE) -> float:
        """Multiply-adds for each pixel of a picture so large that its border does not count.

        A weight works once at every place of its layer's map: without strides, once for each pixel.
        """
        places, channels, work = 1.0, 3, 0.0
        for stride in self.strides:
            places /= stride**2
            work += places * kernel_size**2 * channels * WIDTH
            channels = WIDTH
        return work + places * channels * len(CLASSES)


def stepping(output_stride: int, depth: int = DEPTH) -> Reach:
    """Reach by stride 2 in the first layers, until the total is output_stride."""
    strides = tuple(2 if 2 ** (layer + 1) <= output_stride else 1 for layer in range(depth))
    return Reach(strides, (1,) * depth)


def dilating(dilations: tuple[int, ...]) -> Reach:
    """Reach by these dilations, with stride 1 everywhere."""
    return Reach((1,) * len(dilations), dilations)


def plain(field: int, kernel_size: int = KERNEL_SIZE) -> Reach:
    """Reach without strides and dilations, in the fewest layers that see `field` pixels."""
    return stepping(1, max(1, -(-(field - 1) // (kernel_size - 1))))


NETS = {
    "f2": stepping(2),
    "f4": stepping(4),
    "f8": stepping(8),
    "f16": stepping(16),
    "plain": stepping(1),
    "d4": dilating((4, 4, 4, 4, 4)),
}
PATCHES, MOSAICS = "patches", "mosaics"  # what a net was trained on
_STEPS = 600
_PER_CLASS = 12
_POSITIONS = 4  # along each side of a patch, at every depth
_LEAST_SIDE = 24  # pixels of a training patch
_MOSAICS = 4  # in each step
MOSAIC_SIDE = 192  # pixels of a training mosaic
_TILES = 7  # so that they are a little smaller than those of the test
_MOSAIC_POSITIONS = 32  # along each side of a mosaic, at every depth


def pretrained(name: str, depth: int = DEPTH, trained_on: str = PATCHES) -> nn.Sequential:
    """Shipped net of NETS, ended after `depth` layers, in eval mode, on device.default().

    trained_on: PATCHES of one texture each, or MOSAICS, where it has seen borders. It takes an
    image [B, 3, H, W] in 0..1, at least as large as its field, and gives scores [B, 7, h, w]. The
    same object each time: do not change it (copy.deepcopy first). Raises ValueError for a name, a
    depth or a training that there is not.
    """
    _check(name, depth)
    if trained_on not in _FAMILIES:
        raise ValueError(f"trained_on={trained_on!r} must be one of {', '.join(_FAMILIES)}")
    return _FAMILIES[trained_on].pretrained(full_name(name, trained_on), depth=depth)


def build(name: str, depth: int = DEPTH, batch_norm: bool = False) -> nn.Sequential:
    """Untrained net: normalize, conv1, relu1, ..., conv<depth>, relu<depth>, scores."""
    _check(name, depth)
    reach = Reach(*(steps[:depth] for steps in NETS[name]))
    layers = _layers(reach, KERNEL_SIZE, batch_norm)
    return nn.Sequential(OrderedDict(normalize=textures.normalization(), **layers))


def untrained(reach: Reach, kernel_size: int = KERNEL_SIZE) -> nn.Sequential:
    """Untrained net of any reach: how long it takes does not depend on its weights.

    Without the normalization; in eval mode, on device.default().
    """
    net = nn.Sequential(_layers(reach, kernel_size)).eval().requires_grad_(False)
    return net.to(device.default()).to(memory_format=torch.channels_last)


def _layers(
    reach: Reach, kernel_size: int, batch_norm: bool = False
) -> OrderedDict[str, nn.Module]:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    channels = 3
    for number, (stride, dilation) in enumerate(zip(*reach, strict=True), 1):
        layers[f"conv{number}"] = nn.Conv2d(channels, WIDTH, kernel_size, stride, dilation=dilation)
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(WIDTH)
        layers[f"relu{number}"] = nn.ReLU()
        channels = WIDTH
    layers["scores"] = nn.Conv2d(channels, len(CLASSES), 1)
    return layers


@dataclass(frozen=True, eq=False)
class Answer:
    """Answer of a net for an image, and its cost.

    scores: [B, 7, h, w]. labels: on the image's pixels, [B, H, W], 255 where the net has no score.
    work: multiply-adds for each pixel. parameters: how many numbers the net has learned.
    """

    field: ReceptiveField
    scores: Scores
    labels: Labels
    work: int
    parameters: int


def answer(net: nn.Module, image: Image) -> Answer:
    """Ask a net of any stride for its scores; each label fills the cell of its unit."""
    field, scores = receptive_field.of(net), net(image)
    size = (image.shape[2], image.shape[3])
    return Answer(
        field,
        scores,
        heatmap.at_pixels(heatmap.label_map(scores), field, size),
        round(dense.cost(net, size, "coarse") / (size[0] * size[1])),
        weights.count(net),
    )


def near_borders(net: nn.Module, within: int = 8, images: int = 8) -> float:
    """Percent right of the pixels at most `within` pixels from a border between two tiles.

    On held-out mosaics (seeds 0, 1, ...), where the field lies in the picture, a score per pixel.
    """
    everywhere = dense.rarefy(net)
    hits = pixels = 0
    for seed in range(images):
        mosaic = mosaics.make(seed)
        labels = answer(everywhere, mosaic.image).labels
        near = morphology.edge(mosaic.tiles, within, border=False) & (labels != NO_LABEL)
        hits += int((labels == mosaic.labels)[near].sum())
        pixels += int(near.sum())
    return round(100 * hits / pixels, 1)


def full_name(name: str, trained_on: str = PATCHES) -> str:
    """Name of a net in the index of weights, such as 'only-convolutions-f8'."""
    training_set = "" if trained_on == PATCHES else f"{trained_on}-"
    return f"only-convolutions-{training_set}{name}"


class _Exits(nn.Module):
    """Net with scores after every layer, read at a few positions along each side of the picture."""

    def __init__(self, net: nn.Sequential, positions: int) -> None:
        super().__init__()
        self.positions = positions
        parts = [part for part_name, part in net.named_children() if part_name != "scores"]
        self.blocks = nn.ModuleList(
            nn.Sequential(*parts[first : first + 3]) for first in range(1, len(parts), 3)
        )
        self.heads = nn.ModuleList(nn.Conv2d(WIDTH, len(CLASSES), 1) for _ in self.blocks)

    def forward(self, x: Tensor) -> Tensor:
        exits = []
        for block, head in zip(self.blocks, self.heads, strict=True):
            x = block(x)
            scores = head(x)
            at = _spread(scores.shape[-1], self.positions)
            exits.append(scores[..., at, :][..., at])
        return torch.cat(exits, -1)


def _spread(length: int, positions: int) -> Tensor:
    """Indices from the first to the last of `length`, spread out evenly."""
    return torch.linspace(0, length - 1, positions).round().long()


def _check(name: str, depth: int) -> None:
    if name not in NETS:
        raise ValueError(f"name={name!r} must be one of {', '.join(NETS)}")
    if depth not in range(1, DEPTH + 1):
        raise ValueError(f"depth={depth!r} must be 1 to {DEPTH}: the nets have {DEPTH} layers")


def _recipe(net_name: str, seed: int, _: nn.Module | None) -> Recipe:
    net = build(_NAME[net_name], batch_norm=True)
    exits = _Exits(net, _POSITIONS).to(memory_format=torch.channels_last)
    field = receptive_field.of(net.eval())
    side = max(int(field.size[0]) + int(field.stride[0]), _LEAST_SIDE)

    def batch(step: int) -> tuple[Image, Labels]:
        image, labels = textures.augmented(_PER_CLASS, side, training.generator(seed, step))
        shape = (-1, _POSITIONS, DEPTH * _POSITIONS)
        return net[0](image), labels[:, None, None].expand(*shape)

    return Recipe(net, batch, _STEPS, lambda: _stored(net, exits), learner=exits)


def _recipe_on_mosaics(net_name: str, seed: int, _: nn.Module | None) -> Recipe:
    name = _NAME[net_name]
    net = build(name, batch_norm=True)
    exits = _Exits(net, _MOSAIC_POSITIONS).to(memory_format=torch.channels_last)
    places = [_centers(build(name, depth)) for depth in range(1, DEPTH + 1)]

    def batch(step: int) -> tuple[Image, Labels]:
        image, labels = textures.augmented_mosaics(
            _MOSAICS, MOSAIC_SIDE, _TILES, training.generator(seed, step)
        )
        truth = torch.cat([labels[:, at, :][..., at] for at in places], -1)
        return net[0](image), truth

    return Recipe(net, batch, _STEPS, lambda: _stored(net, exits), learner=exits)


def _centers(net: nn.Sequential) -> Tensor:
    """Rows, and columns, of a training mosaic at which the scores stand that the loss reads."""
    field = receptive_field.of(net.eval())
    size, step = int(field.size[0]), int(field.stride[0])
    scores = (MOSAIC_SIDE - size) // step + 1
    return _spread(scores, _MOSAIC_POSITIONS) * step + size // 2


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


def _measured_on_mosaics(net_name: str, state: weights.State, losses: list[float]) -> Figures:
    """Figures of _measured, and how many pixels near a border are right."""
    nets = [_restored(net_name, state, depth) for depth in range(1, DEPTH + 1)]
    near = [near_borders(net, images=4) for net in nets]
    return {**_measured(net_name, state, losses), "border_accuracy": near}


_NAME = {full_name(name, way): name for way in (PATCHES, MOSAICS) for name in NETS}
_COLUMNS = {
    "weights": figure("parameters"),
    **{f"layer {n + 1}": figure("mosaic_accuracy", n, digits=1) for n in range(DEPTH)},
}
FAMILY = Family(
    name="only-convolutions",
    nets=tuple(full_name(name) for name in NETS),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns=_COLUMNS,
)
ON_MOSAICS = Family(
    name="only-convolutions-mosaics",
    nets=tuple(full_name(name, MOSAICS) for name in NETS),
    recipe=_recipe_on_mosaics,
    restore=_restored,
    measure=_measured_on_mosaics,
    columns=_COLUMNS | {"near borders": figure("border_accuracy", DEPTH - 1, digits=1)},
)
_FAMILIES = {PATCHES: FAMILY, MOSAICS: ON_MOSAICS}
