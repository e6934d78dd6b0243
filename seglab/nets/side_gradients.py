"""Gradients of the losses of side outputs: what each loss asks of the weights that all share.

Lee et al., "Deeply-supervised nets", 2015: a loss behind a hidden layer gives the layers before it
a gradient that did not go through the rest of the net. Gradients of one batch, before a step.
"""

from collections.abc import Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn

from seglab.nets.side_net import SideNet, enlarged
from seglab.ops import losses
from seglab.types import Image, Labels

Gradients = Mapping[int, Mapping[str, Tensor]]  # stride of the loss -> part of the net -> flat

SHARED = ("down", "up", "merge")  # what is no head


def of_sides(net: SideNet, image: Image, labels: Labels) -> dict[int, dict[str, Tensor]]:
    """Gradient of the loss of each side on the way up, for each part of the net that is no head.

    By stride, the coarsest first; then by part, such as "down.0", all of its weights as one flat
    vector, zeros where the loss does not depend on it. Norms work as in training, on this batch
    alone. The net stays as it is.
    """
    net = deepcopy(net).train().requires_grad_(True)
    parts = _parts(net)
    every = [weight for part in parts.values() for weight in part]
    found = {}
    with torch.enable_grad():
        for stride, lost in _losses(net, image, labels).items():
            gradients = iter(
                torch.autograd.grad(
                    lost, every, retain_graph=True, allow_unused=True, materialize_grads=True
                )
            )
            found[stride] = {
                name: torch.cat([next(gradients).flatten() for _ in part])
                for name, part in parts.items()
            }
    return found


def weighted(gradients: Gradients, weights: Mapping[int, float]) -> dict[str, Tensor]:
    """Gradient of the weighted sum of the losses, by part; weights: by stride."""
    first = next(iter(gradients.values()))
    return {
        name: torch.stack([weights[stride] * of[name] for stride, of in gradients.items()]).sum(0)
        for name in first
    }


def arriving(gradients: Gradients, weights: Mapping[int, float]) -> dict[int, dict[str, float]]:
    """Length of what each weighted loss sends into each part of the encoder.

    By stride of the loss, then by part. The gradient of the sum of the losses is never longer than
    these lengths together, and is shorter where the losses ask for different things.
    """
    return {
        stride: {
            name: weights[stride] * float(vector.norm())
            for name, vector in of.items()
            if name.startswith("down")
        }
        for stride, of in gradients.items()
    }


def falling(gradients: Gradients, weights: Mapping[int, float]) -> dict[int, float]:
    """Rate at which each loss falls along the steepest way down for the weighted sum of all.

    Per unit of length in the space of the weights that are no head's; below 0 where a loss rises.
    It is what a small step does. All 0 where every weight is.
    """
    way = weighted(gradients, weights)
    length = sum(float(vector.square().sum()) for vector in way.values()) ** 0.5
    return {
        stride: sum(float(of[name] @ way[name]) for name in way) / length if length else 0.0
        for stride, of in gradients.items()
    }


def stepped(
    net: SideNet,
    image: Image,
    labels: Labels,
    way: Mapping[str, Tensor],
    length: float,
) -> dict[int, float]:
    """Loss of each side after a step against a gradient, by stride; heads stay as they are.

    way: a gradient by part, as `weighted` gives it. length: of the step, in the space of the
    weights. Where the gradient is 0 there is no step.
    """
    net = deepcopy(net).train()
    total = sum(float(vector.square().sum()) for vector in way.values()) ** 0.5
    with torch.no_grad():
        for name, part in _parts(net).items():
            pieces = way[name].split([weight.numel() for weight in part])
            for weight, piece in zip(part, pieces, strict=True):
                weight.sub_(length / (total or 1.0) * piece.view_as(weight))
        return {stride: float(lost) for stride, lost in _losses(net, image, labels).items()}


def _parts(net: SideNet) -> dict[str, tuple[nn.Parameter, ...]]:
    """Weights of each part that is no head."""
    return {
        f"{way}.{n}": tuple(part.parameters())
        for way in SHARED
        for n, part in enumerate(getattr(net, way))
    }


def _losses(net: SideNet, image: Image, labels: Labels) -> dict[int, Tensor]:
    """Cross-entropy of each side on the way up, by stride."""
    size = (image.shape[-2], image.shape[-1])
    return {
        side.stride: losses.cross_entropy(enlarged(side.scores, side.stride, size), labels)
        for side in net.along(image)
        if side.way == "up"
    }
