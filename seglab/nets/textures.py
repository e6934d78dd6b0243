"""Texture classifiers: one patch in, seven scores out, one score vector per f pixels of an image.

They have no padding, so that shift-and-stitch and à trous agree to the last digit, and they are
small enough to run densely while a slider moves. Normalisation is their first layer.
"""

from collections import OrderedDict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from seglab import device
from seglab.images import mosaics
from seglab.nets import training, weights
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
    """The shipped net with total stride f = 2, 4, 8 or 16, in eval mode, on device.default().

    It takes an image [B, 3, H, W] in 0..1, at least as large as its field, and gives scores
    [B, 7, h, w]. The same object each time: do not change it (copy.deepcopy first).
    """
    _check(output_stride)
    return _pretrained(output_stride, str(device.default()))


def build(output_stride: int, batch_norm: bool = False) -> nn.Sequential:
    """The untrained net, its layers named normalize, conv1, relu1, pool1, ..., scores.

    batch_norm adds a norm after each convolution, for training; `fold` takes them out again.
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
    """The fixed first layer: from 0..1 to about zero mean and unit deviation."""
    normalize = nn.BatchNorm2d(3, affine=False, momentum=0.0, eps=0.0)
    normalize.running_mean.fill_(_MEAN)  # type: ignore[union-attr] # it tracks, so it has them
    normalize.running_var.fill_(_DEVIATION**2)  # type: ignore[union-attr]
    return normalize.eval()


def fold(net: nn.Sequential) -> nn.Sequential:
    """The same net in eval mode without norms: each is folded into the convolution before it."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for name, layer in net.eval().named_children():
        before = next(reversed(layers), "")
        conv = layers.get(before)
        if isinstance(layer, nn.BatchNorm2d) and isinstance(conv, nn.Conv2d):
            layers[before] = fuse_conv_bn_eval(conv, layer)
        else:
            layers[name] = layer
    return nn.Sequential(layers).eval().requires_grad_(False)


def train(
    seed: int = 0, out: str | Path | None = None, progress: bool = True, steps: int | None = None
) -> dict[str, dict[str, Any]]:
    """Train the four nets anew on the CPU and write them to out (the package's own folder).

    Deterministic by seed. Nothing is written before all four are trained. Prints a table of
    figures, which come from parts of the photographs that the training never saw, and returns
    them by net name.
    """

    def make(f: int) -> tuple[weights.State, training.Figures]:
        net = _trained(f, seed, steps or _STEPS, progress)
        return net.state_dict(), measure(net)

    makers = {name(f): partial(make, f) for f in OUTPUT_STRIDES}
    report = training.ship(makers, table, out, seed)
    _pretrained.cache_clear()
    return report


def measure(net: nn.Module, patches: int = 1400, images: int = 8) -> dict[str, Any]:
    """Accuracy on held-out patches and mosaics, in percent.

    patch_accuracy: patches of just the field's size. mosaic_accuracy: pixels of mosaics whose
    field lies inside one tile, every pixel having its own score. per_class: patches.
    """
    field = _field(net)
    everywhere = dense.rarefy(net)
    image, labels = mosaics.patches("test", patches, field, seed=1)
    best = torch.cat([net(part).argmax(1).flatten() for part in torch.split(image, 200)])
    right = (best == labels).double()
    hits = pixels = 0
    for seed in range(images):
        mosaic = mosaics.make(seed)
        inside, truth = inner(mosaic, field)
        labelled = everywhere(mosaic.image).argmax(1)
        hits += int((labelled == truth)[inside].sum())
        pixels += int(inside.sum())
    return {
        "field": field,
        "parameters": sum(p.numel() for p in net.parameters()),
        "patch_accuracy": round(100 * float(right.mean()), 1),
        "mosaic_accuracy": round(100 * hits / pixels, 1),
        "per_class": {
            kind: round(100 * float(right[labels == index].mean()), 1)
            for index, kind in enumerate(CLASSES)
        },
    }


def inner(mosaic: mosaics.Mosaic, field: int) -> tuple[Tensor, Labels]:
    """Where a field lies inside one tile, bool, and that tile's class: [1, H - r + 1, W - r + 1].

    Position (y, x) is the field whose top left pixel is (y, x).
    """
    tiles = mosaic.tiles[:, None].float()
    highest = F.max_pool2d(tiles, field, 1)
    lowest = -F.max_pool2d(-tiles, field, 1)
    height, width = highest.shape[-2:]
    return (highest == lowest)[:, 0], mosaic.labels[:, :height, :width]


def augmented(per_class: int, side: int, generator: torch.Generator) -> tuple[Image, Tensor]:
    """A batch of training patches, mirrored, often rescaled by up to a fifth, lighter or darker."""
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


def table(report: dict[str, dict[str, Any]]) -> str:
    """The figures of a training as lines of text."""
    head = ["net", "field", "weights", "patches %", "mosaics %", *CLASSES]
    rows = [
        [
            net,
            str(row["field"]),
            str(row["parameters"]),
            *(f"{row[key]:.1f}" for key in ("patch_accuracy", "mosaic_accuracy")),
            *(f"{row['per_class'][kind]:.1f}" for kind in CLASSES),
        ]
        for net, row in report.items()
    ]
    return "\n".join(training.columns(head, rows))


def name(output_stride: int) -> str:
    """The net's name in the index of weights, such as 'textures-f8'."""
    return f"textures-f{output_stride}"


@lru_cache(maxsize=16)
def _pretrained(output_stride: int, place: str) -> nn.Sequential:
    net = build(output_stride)
    net.load_state_dict(weights.load(name(output_stride)))
    # Channels last: max pools are three times as fast on a CPU.
    return net.eval().requires_grad_(False).to(place).to(memory_format=torch.channels_last)


def _field(net: nn.Module) -> int:
    return int(receptive_field.of(net).size[0])


def _check(output_stride: int) -> None:
    if output_stride not in OUTPUT_STRIDES:
        raise ValueError(
            f"output_stride={output_stride!r} must be one of "
            f"{', '.join(map(str, OUTPUT_STRIDES))}: there is one net for each"
        )


def _trained(f: int, seed: int, steps: int, progress: bool) -> nn.Sequential:
    torch.manual_seed(seed)
    net = build(f, batch_norm=True).to(memory_format=torch.channels_last)
    side = _field(net) + f  # four scores a patch share most of their work

    def batch(step: int) -> tuple[Image, Labels]:
        image, labels = augmented(_PER_CLASS, side, training.generator(seed, step))
        return net[0](image), labels[:, None, None].expand(-1, 2, 2)

    # In training mode the first layer would forget its fixed numbers: it stays out.
    training.fit(net[1:], batch, steps, progress=progress, title=name(f))
    return fold(net)
