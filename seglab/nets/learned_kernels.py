"""Upsampling kernels, learned in seconds from maps whose fine version is known.

Score maps learn on training mosaics, pictures on photographs that the lab does not show. Learned
once, a kernel is remembered: other controls move without learning again.
"""

import numpy as np
import torch
import torch.nn.functional as F
from scipy.optimize import minimize
from torch import Tensor, nn

from seglab import device
from seglab.images import mosaics, photos
from seglab.nets import coarse_maps, textures, training
from seglab.ops import upsample
from seglab.types import Progress

STEPS = 24
PHOTOS = ("chelsea", "rocket")

_learned: dict[tuple[object, ...], Tensor] = {}


def kernel(material: str, kind: str, f: int, k: int, pooled: bool, progress: Progress) -> Tensor:
    """Kernel [t, t] with which a type of upsampler comes nearest to the truth, learned once.

    material: one of coarse_maps, at output stride f. pooled: the coarse maps are block maxima.
    """
    key = (material, kind, f, k, pooled, device.default())
    if key not in _learned:
        with training.repeatable(0):
            _learned[key] = learn(material, kind, f, k, pooled, progress)
    return _learned[key]


def learn(material: str, kind: str, f: int, k: int, pooled: bool, progress: Progress) -> Tensor:
    """Learn the kernel that `kernel` remembers; the arguments are the same."""
    net = textures.pretrained(f)
    pairs = _pairs(material, f, pooled, net)
    # From bilinear weights, as in FCN (Long et al., 2015). The loss is convex in the weights: a
    # method that remembers its slopes needs few steps.
    start = upsample.interpolating_kernel(kind, f, k)
    scale = float(start.mean())  # so that one step length suits every type
    done = 0

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal done
        weight = torch.from_numpy(flat).view_as(start).to(pairs[0][0]).requires_grad_()
        answer = upsample.Upsampler(kind, f, weight * scale)
        parts = [_loss(material, answer(coarse), truth, net) for coarse, truth in pairs]
        total = torch.stack(parts).mean()
        (slope,) = torch.autograd.grad(total, weight)
        done = min(done + 1, STEPS)
        progress(done, STEPS)
        return float(total.detach()), slope.cpu().double().numpy().ravel()

    # Of scipy, not of torch, whose optimizers take seconds to import before the first step.
    solution = minimize(
        loss,
        (start / scale).cpu().double().numpy().ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxfun": STEPS, "maxcor": STEPS, "ftol": 0, "gtol": 0},
    )
    return torch.from_numpy(solution.x).view_as(start).to(pairs[0][0]) * scale


def _pairs(material: str, f: int, pooled: bool, net: nn.Sequential) -> list[tuple[Tensor, Tensor]]:
    """Coarse maps, and the pictures or labels that their enlargement should come near."""
    if material == coarse_maps.PICTURE:
        images = [photos.load(name) for name in PHOTOS]
        truths = images
    else:
        made = [mosaics.make(seed, split="train") for seed in range(2)]
        images, truths = [m.image for m in made], [m.labels for m in made]
    return [(_coarse(material, i, net, f, pooled), t) for i, t in zip(images, truths, strict=True)]


def _coarse(material: str, image: Tensor, net: nn.Sequential, f: int, pooled: bool) -> Tensor:
    if pooled:
        coarse = F.max_pool2d(coarse_maps.fine(material, image, net), f)
    else:
        coarse = coarse_maps.coarse(material, image, net)
    # The classifier's sum and one kernel for all channels change places: 7 channels, not 48.
    return (
        F.conv2d(coarse, coarse_maps.classifier(net).weight)
        if material == coarse_maps.FEATURES
        else coarse
    )


def _loss(material: str, answer: Tensor, truth: Tensor, net: nn.Sequential) -> Tensor:
    if material == coarse_maps.FEATURES:
        bias = coarse_maps.classifier(net).bias
        assert bias is not None
        answer = answer + bias[:, None, None]
    if material == coarse_maps.PICTURE:
        return F.mse_loss(answer, truth)
    if (
        material == coarse_maps.PROBABILITIES
    ):  # already shares: compare with 1 for the class, else 0
        target = F.one_hot(truth, answer.shape[1]).movedim(-1, 1)
        return F.mse_loss(answer, target.to(answer))
    return F.cross_entropy(answer, truth)
