"""Coarse maps whose fine version is known, to upsample.

Three stand on the way of a texture net: its features, the scores that its last layer, a 1 x 1
convolution, makes of them, and the probabilities of those. The fourth is a picture.
"""

import torch.nn.functional as F
from torch import Tensor, nn

from seglab.ops import dense, receptive_field
from seglab.types import Image, Scores

FEATURES, SCORES, PROBABILITIES, PICTURE = "features", "scores", "probabilities", "picture"


def fine(material: str, image: Image, net: nn.Sequential) -> Tensor:
    """Map for every pixel of the image, [1, C, H, W]: what lab 09 computes, or the picture."""
    if material == PICTURE:
        return image
    if material == FEATURES:
        return dense.predict(net[:-1], image)
    scores = dense.predict(net, image)
    return scores.softmax(1) if material == PROBABILITIES else scores


def coarse(material: str, image: Image, net: nn.Sequential) -> Tensor:
    """Map of one value for every f x f block: the net's own answer, or the mean of a picture.

    The image is mirrored at its border, so that each answer sits at the middle of its block (half
    a pixel beside it where the field is odd).
    """
    field = receptive_field.of(net)
    if material == PICTURE:
        return F.avg_pool2d(image, field.stride)
    spare = [int(size - f) for size, f in zip(field.size, field.stride, strict=True)]
    top, left = (n // 2 for n in spare)
    padded = F.pad(image, (left, spare[1] - left, top, spare[0] - top), mode="reflect")
    if material == FEATURES:
        return net[:-1](padded)
    scores = net(padded)
    return scores.softmax(1) if material == PROBABILITIES else scores


def classified(material: str, upsampled: Tensor, net: nn.Sequential) -> Scores | Tensor:
    """Pass features through the classifier; scores and pictures are at their end already."""
    return classifier(net)(upsampled) if material == FEATURES else upsampled


def classifier(net: nn.Sequential) -> nn.Conv2d:
    """Last layer of a net, a 1 x 1 convolution from features to scores."""
    last = net[-1]
    assert isinstance(last, nn.Conv2d)
    return last
