"""Patch classifier with a fully connected head, and the same weights as convolutions.

A fully connected layer reads a map of one fixed size, so the net takes patches of one size only.
Its weights, put into the shape of that map, are a kernel: then the net takes a picture of any size,
and answers every patch at once. Long et al., "Fully convolutional networks for semantic
segmentation", CVPR 2015, section 3.1; Sermanet et al., "OverFeat", ICLR 2014, section 3.5.
"""

import copy
from collections import OrderedDict

import torch
from torch import Tensor, nn

from seglab.images import mosaics
from seglab.nets import textures, training, weights
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures
from seglab.types import Image, Scores, Size

CLASSES = mosaics.CLASSES
NAME = "classifier"
SIDE = 32  # pixels: the patch that the classifier takes
PADDED_SIDE = 24  # pixels: the patch that it takes once its convolutions are padded
OUTPUT_STRIDE = 4

_CHANNELS = (8, 16)
_HIDDEN = 48
_STEPS = 1200
_LEARNING_RATE = 0.005
_PER_CLASS = 12
# What acts on each number alone, or passes it on: it means the same on a vector and on a map.
_ELEMENTWISE = (nn.ReLU, nn.LeakyReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.Dropout, nn.Identity)


def pretrained() -> nn.Sequential:
    """Shipped classifier, in eval mode, on device.default().

    It takes patches [B, 3, 32, 32] in 0..1, and nothing larger, and gives scores [B, 7]. The same
    object each time: do not change it (copy.deepcopy first).
    """
    return FAMILY.pretrained(NAME)


def build(batch_norm: bool = False) -> nn.Sequential:
    """Untrained classifier: normalize, conv1 to pool2, flatten, hidden, relu3, scores.

    batch_norm adds a norm after each convolution, for training; blocks.fold_norms takes them
    out again.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict(normalize=textures.normalization())
    channels, side = 3, SIDE
    for number, (width, kernel_size) in enumerate(zip(_CHANNELS, (5, 3), strict=True), 1):
        layers[f"conv{number}"] = nn.Conv2d(channels, width, kernel_size)
        if batch_norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"relu{number}"] = nn.ReLU()
        layers[f"pool{number}"] = nn.MaxPool2d(2)
        channels, side = width, (side - kernel_size + 1) // 2
    layers["flatten"] = nn.Flatten()
    layers["hidden"] = nn.Linear(channels * side * side, _HIDDEN)
    layers["relu3"] = nn.ReLU()
    layers["scores"] = nn.Linear(_HIDDEN, len(CLASSES))
    return nn.Sequential(layers)


def convolutional(net: nn.Sequential, patch: Size = (SIDE, SIDE)) -> nn.Sequential:
    """Same net, for pictures of any size: its fully connected head as convolutions.

    net: layers on maps, one nn.Flatten, then fully connected layers and activations. patch: the
    (height, width) it was made for. On a patch, the new net gives the old scores as [B, K, 1, 1];
    on a picture [B, K, h, w], whose score (u, v) is that of the patch at f·u, f·v, provided that
    no layer pads. The new layers share the old weights' memory. Raises ValueError for a net
    without a Flatten, for a layer that would mean something else on a map, and for a patch that
    does not fit the head.
    """
    named = list(net.named_children())
    flat = [index for index, (_, layer) in enumerate(named) if isinstance(layer, nn.Flatten)]
    if len(flat) != 1:
        raise ValueError(
            f"net has {len(flat)} Flatten layers; give a Sequential with one, where its fully "
            f"connected head begins"
        )
    features, head = named[: flat[0]], named[flat[0] + 1 :]
    shape = _map_shape(nn.Sequential(OrderedDict(features)), patch)
    layers = OrderedDict(features)
    for name, layer in head:
        if isinstance(layer, nn.Linear):
            layers[name] = _as_convolution(layer, name, shape, patch)
            shape = (layer.out_features, 1, 1)
        elif isinstance(layer, _ELEMENTWISE):
            layers[name] = layer
        else:
            raise ValueError(
                f"layer {name!r} is a {type(layer).__name__}, which is no convolution; behind "
                f"the Flatten there may be Linear layers, activations and Dropout"
            )
    converted = nn.Sequential(layers)
    converted.training = net.training  # its layers keep their own modes
    return converted


def padded(net: nn.Sequential) -> nn.Sequential:
    """Copy of the classifier whose convolutions pad their maps with zeros, as VGG and ResNet do.

    Every convolution is padded by half its kernel, so that it keeps the size of its map. The head
    then fits patches of PADDED_SIDE pixels.
    """
    copied = copy.deepcopy(net)
    for layer in copied:
        if isinstance(layer, nn.Conv2d):
            layer.padding = tuple(size // 2 for size in layer.kernel_size)
    return copied


def slide(
    net: nn.Sequential, image: Image, stride: int, side: int = SIDE, batch: int = 256
) -> Scores:
    """The classifier over every window of an image, one patch after the other: the slow way.

    [1, 3, H, W] to [1, K, rows, columns], one window of side x side every `stride` pixels;
    `batch` windows go through at once.
    """
    windows = image.unfold(2, side, stride).unfold(3, side, stride)
    rows, columns = windows.shape[2:4]
    crops = windows[0].permute(1, 2, 0, 3, 4).reshape(rows * columns, 3, side, side)
    answers = torch.cat([net(some) for some in torch.split(crops, batch)])
    return answers.T.reshape(1, -1, rows, columns)


def _map_shape(features: nn.Sequential, patch: Size) -> tuple[int, int, int]:
    """Shape (channels, height, width) of the map that the features make of a patch."""
    first = next((p for p in features.parameters() if p.ndim == 4), None)
    if first is None:
        raise ValueError("net has no convolution before its Flatten; give one that has")
    features = copy.deepcopy(features).eval()
    try:
        blank = first.new_zeros(1, first.shape[1], *patch)
        with torch.no_grad():
            channels, height, width = features(blank).shape[1:]
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        raise ValueError(
            f"patch={patch} does not go through the net's features ({reason}); "
            f"use the size it was made for"
        ) from error
    return channels, height, width


def _as_convolution(
    layer: nn.Linear, name: str, shape: tuple[int, int, int], patch: Size
) -> nn.Conv2d:
    """Convolution with the layer's own weights; its window is the whole map."""
    channels, height, width = shape
    if layer.in_features != channels * height * width:
        raise ValueError(
            f"patch={patch} makes a map of {channels} × {height} × {width} numbers, but layer "
            f"{name!r} takes {layer.in_features}; use the patch size the net was made for"
        )
    conv = nn.Conv2d(channels, layer.out_features, (height, width), bias=layer.bias is not None)
    # Flatten goes through channels, then rows, then columns: the order of a kernel's numbers.
    conv.weight = nn.Parameter(
        layer.weight.view(-1, channels, height, width), layer.weight.requires_grad
    )
    conv.bias = layer.bias
    return conv


def _recipe(_: str, seed: int, before: nn.Module | None) -> Recipe:
    net = build(batch_norm=True)

    def batch(step: int) -> tuple[Image, Tensor]:
        image, labels = textures.augmented(_PER_CLASS, SIDE, training.generator(seed, step))
        return net[0](image), labels

    # In training mode the first layer would forget its fixed numbers: it stays out.
    return Recipe(
        net, batch, _STEPS, lambda: textures.stored(net), learner=net[1:], rate=_LEARNING_RATE
    )


def _restored(_: str, state: weights.State) -> nn.Sequential:
    return weights.from_half(build(), state)


def _measured(net_name: str, state: weights.State, _: list[float]) -> Figures:
    return textures.measure(convolutional(_restored(net_name, state)))


FAMILY = Family(
    name=NAME,
    nets=(NAME,),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns=textures.COLUMNS,
    channels_last=False,
)
