"""Texture classifiers: one patch in, seven scores out, one score vector per f pixels of an image.

They have no padding, so that shift-and-stitch and à trous agree to the last digit, and they are
small enough to run densely while a slider moves. Normalisation is their first layer.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab.images import mosaics
from seglab.nets import blocks, own, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures, figure
from seglab.ops import dense, receptive_field
from seglab.types import Image, Labels

CLASSES = mosaics.CLASSES
OUTPUT_STRIDES = (2, 4, 8, 16)

# From the input on: (channels, kernel size, stride) is a convolution with its ReLU, a number a
# max pool of that size and stride.
_STACKS: dict[int, tuple[tuple[int, int, int] | int, ...]] = {
    2: ((8, 6, 1), 2, (16, 5, 1), (16, 5, 1), (16, 5, 1), (16, 5, 1)),
    4: ((8, 5, 2), (16, 3, 1), 2, (16, 3, 1), (24, 3, 1), (32, 3, 1)),
    8: ((8, 5, 2), 2, (16, 3, 1), 2, (32, 3, 1), (48, 2, 1)),
    16: ((8, 5, 2), 2, (16, 3, 1), 2, (32, 2, 1), 2, (48, 2, 1)),
}
_STEPS = 900
_PER_CLASS = 12
_MEAN, _DEVIATION = 0.5, 0.25


def pretrained(output_stride: int) -> nn.Sequential:
    """Shipped net with total stride f = 2, 4, 8 or 16, in eval mode, on device.default().

    It takes an image [B, 3, H, W] in 0..1, at least as large as its field, and gives scores
    [B, 7, h, w]. The same object each time: do not change it (copy.deepcopy first).
    """
    _check(output_stride)
    return FAMILY.pretrained(name(output_stride))


def described(output_stride: int) -> own.OwnNet:
    """The shipped net with its field and its classes, as nets.own describes a student's net."""
    net = pretrained(output_stride)
    return own.OwnNet(net, "scores", receptive_field.of(net), CLASSES)


def build(output_stride: int, batch_norm: bool = False) -> nn.Sequential:
    """Untrained net, its layers named normalize, conv1, relu1, pool1, ..., scores.

    batch_norm adds a norm after each convolution, for training; blocks.fold_norms takes them
    out again.
    """
    _check(output_stride)
    layers: OrderedDict[str, nn.Module] = OrderedDict(normalize=normalization())
    channels, conv, pool = 3, 0, 0
    for layer in _STACKS[output_stride]:
        if isinstance(layer, int):
            pool += 1
            layers[f"pool{pool}"] = nn.MaxPool2d(layer)
            continue
        conv += 1
        width, kernel_size, stride = layer
        layers[f"conv{conv}"] = nn.Conv2d(channels, width, kernel_size, stride)
        if batch_norm:
            layers[f"norm{conv}"] = nn.BatchNorm2d(width)
        layers[f"relu{conv}"] = nn.ReLU()
        channels = width
    layers["scores"] = nn.Conv2d(channels, len(CLASSES), 1)
    return nn.Sequential(layers)


def normalization() -> nn.BatchNorm2d:
    """Fixed first layer: from 0..1 to about zero mean and unit deviation."""
    normalize = nn.BatchNorm2d(3, affine=False, momentum=0.0, eps=0.0)
    normalize.running_mean.fill_(_MEAN)  # type: ignore[union-attr] # it tracks, so it has them
    normalize.running_var.fill_(_DEVIATION**2)  # type: ignore[union-attr]
    return normalize.eval()


def measure(net: nn.Module, patches: int = 1400, images: int = 8) -> Figures:
    """Accuracy on held-out patches and mosaics, in percent.

    patch_accuracy: patches of just the field's size. mosaic_accuracy: pixels of mosaics whose
    field lies inside one tile, every pixel having its own score. per_class: patches.
    """
    field = _field(net)
    everywhere = dense.rarefy(net)
    image, labels = mosaics.patches("test", patches, field, seed=1)
    best = torch.cat([net(part).argmax(1).flatten() for part in torch.split(image, 200)])
    right = (best == labels).cpu().double()
    hits = pixels = 0
    for seed in range(images):
        mosaic = mosaics.make(seed)
        inside, truth = inner(mosaic, field)
        labelled = everywhere(mosaic.image).argmax(1)
        hits += int((labelled == truth)[inside].sum())
        pixels += int(inside.sum())
    return {
        "field": field,
        "parameters": weights.count(net),
        "patch_accuracy": round(100 * float(right.mean()), 1),
        "mosaic_accuracy": round(100 * hits / pixels, 1),
        "per_class": {
            kind: round(100 * float(right[(labels == index).cpu()].mean()), 1)
            for index, kind in enumerate(CLASSES)
        },
    }


def inner(mosaic: mosaics.Mosaic, field: int) -> tuple[Tensor, Labels]:
    """Places where a field lies inside one tile, bool, and that tile's class.

    Both are [1, H - r + 1, W - r + 1]. Position (y, x) is the field whose top left pixel is (y, x).
    """
    tiles = mosaic.tiles[:, None].float()
    highest = F.max_pool2d(tiles, field, 1)
    lowest = -F.max_pool2d(-tiles, field, 1)
    height, width = highest.shape[-2:]
    return (highest == lowest)[:, 0], mosaic.labels[:, :height, :width]


def stored(net: nn.Sequential) -> weights.State:
    """Weights of a trained net as they are shipped; its norms are folded in, in place."""
    blocks.fold_norms(net)
    return {key: value.detach() for key, value in net.state_dict().items()}


def augmented(per_class: int, side: int, generator: torch.Generator) -> tuple[Image, Tensor]:
    """Batch of training patches, mirrored, often rescaled by up to a fifth, lighter or darker."""
    # Half of the batches keep their scale, and with it the sharpness that rescaling takes.
    keep, scale = torch.rand(2, generator=generator).tolist()
    cut = side if keep < 0.5 else round(side / (0.8 + 0.4 * scale))
    image, labels = mosaics.patches(
        "train",
        per_class * len(CLASSES),
        cut,
        seed=int(torch.randint(2**40, (), generator=generator)),
    )
    if cut != side:
        image = F.interpolate(image, size=(side, side), mode="bilinear", antialias=True)
    for axis in (2, 3):
        flip = torch.rand(len(image), generator=generator) < 0.5
        image[flip] = image[flip].flip(axis)
    contrast, shift = torch.rand(2, len(image), 1, 1, 1, generator=generator) * 0.2 - 0.1
    return ((image - 0.5) * (1 + contrast) + 0.5 + shift / 2).clamp(0, 1), labels


def augmented_mosaics(
    count: int, side: int, tiles: int, generator: torch.Generator
) -> tuple[Image, Labels]:
    """Batch of training mosaics with their labels [count, side, side], changed as `augmented` does.

    Each has `tiles` tiles, every one in a light of its own, and borders between them.
    """
    made = [_augmented_mosaic(side, tiles, generator) for _ in range(count)]
    images, labels = zip(*made, strict=True)
    return torch.cat(images), torch.cat(labels)


def _augmented_mosaic(side: int, tiles: int, generator: torch.Generator) -> tuple[Image, Labels]:
    keep, scale = torch.rand(2, generator=generator).tolist()
    cut = side if keep < 0.5 else round(side / (0.8 + 0.4 * scale))
    seed = int(torch.randint(2**40, (), generator=generator))
    mosaic = mosaics.make(seed, size=(cut, cut), tiles=tiles, split="train")
    contrast, shift = torch.rand(2, tiles, generator=generator)[:, mosaic.tiles] * 0.2 - 0.1
    image = (mosaic.image - 0.5) * (1 + contrast) + 0.5 + shift / 2
    labels = mosaic.labels
    if cut != side:
        image = F.interpolate(image, size=(side, side), mode="bilinear", antialias=True)
        labels = F.interpolate(labels[None].double(), size=(side, side)).long()[0]
    axes = [axis for axis in (-2, -1) if torch.rand((), generator=generator) < 0.5]
    return image.clamp(0, 1).flip(axes), labels.flip(axes)


def name(output_stride: int) -> str:
    """Name of a net in the index of weights, such as 'textures-f8'."""
    return f"textures-f{output_stride}"


_OUTPUT_STRIDE = {name(f): f for f in OUTPUT_STRIDES}


def _field(net: nn.Module) -> int:
    return int(receptive_field.of(net).size[0])


def _check(output_stride: int) -> None:
    if output_stride not in OUTPUT_STRIDES:
        raise ValueError(
            f"output_stride={output_stride!r} must be one of "
            f"{', '.join(map(str, OUTPUT_STRIDES))}: there is one net for each"
        )


def _recipe(net_name: str, seed: int, _: nn.Module | None) -> Recipe:
    f = _OUTPUT_STRIDE[net_name]
    net = build(f, batch_norm=True).to(memory_format=torch.channels_last)
    side = _field(net) + f  # four scores a patch share most of their work

    def batch(step: int) -> tuple[Image, Labels]:
        image, labels = augmented(_PER_CLASS, side, training.generator(seed, step))
        return net[0](image), labels[:, None, None].expand(-1, 2, 2)

    # In training mode the first layer would forget its fixed numbers: it stays out.
    return Recipe(net, batch, _STEPS, lambda: stored(net), learner=net[1:])


def _restored(net_name: str, state: weights.State) -> nn.Sequential:
    return weights.from_half(build(_OUTPUT_STRIDE[net_name]), state)


def _measured(net_name: str, state: weights.State, _: list[float]) -> Figures:
    return measure(_restored(net_name, state))


COLUMNS = {
    "field": figure("field"),
    "weights": figure("parameters"),
    "patches %": figure("patch_accuracy", digits=1),
    "mosaics %": figure("mosaic_accuracy", digits=1),
    **{kind: figure("per_class", kind, digits=1) for kind in CLASSES},
}
FAMILY = Family(
    name="textures",
    nets=tuple(_OUTPUT_STRIDE),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns=COLUMNS,
)
