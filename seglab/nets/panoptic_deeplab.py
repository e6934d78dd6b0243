"""Objects as centers: class scores, a heatmap of centers, and for every pixel the way to its own.

Cheng et al., "Panoptic-DeepLab: a simple, strong, and fast baseline for bottom-up panoptic
segmentation", 2020, with one small body for all three answers: down to stride 16 and up again to
stride 2 with skips; the last step to single pixels is part of the scores.
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import blocks, detections, training, weights
from seglab.nets.detections import Detections
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures
from seglab.ops import instances
from seglab.types import Image, Labels, Scores

NAME = "panoptic-deeplab"
CLASSES = scenes.CLASSES
SIGMA = 2.5  # pixels, of a center's Gaussian: half of the smallest objects' radius

_WIDTHS = (24, 32, 48, 64)  # channels at strides 2, 4, 8, 16
_STRIDE = 16
_REACH = 16.0  # pixels: an offset of 1 inside the net
_WORST = 0.15  # share of the pixels from which classes are learned, as in Panoptic-DeepLab
_HEAT_WEIGHT = 40.0
_OFFSET_WEIGHT = 0.1  # per pixel
_STEPS = 1600
_BATCH = 8
_LEARNING_RATE = 4e-3


class Prediction(NamedTuple):
    """Answer of the net for each pixel.

    scores [B, K, H, W]: logits. heatmap [B, 1, H, W]: 0 to 1, near 1 at an object's center.
    offsets [B, 2, H, W]: rows and columns to go to the center of its object, in pixels.
    """

    scores: Scores
    heatmap: Tensor
    offsets: Tensor


class PanopticDeepLab(nn.Module):
    """Untrained net: an image [B, 3, H, W] of any size to a Prediction of the same size."""

    def __init__(self, classes: int = len(CLASSES), batch_norm: bool = False) -> None:
        super().__init__()
        first = _WIDTHS[0]
        self.stem = blocks.stem(first, batch_norm=batch_norm)
        self.down = blocks.levels(_WIDTHS, batch_norm)
        pairs = list(zip(_WIDTHS[:0:-1], _WIDTHS[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(below, width, 2, 2) for below, width in pairs)
        self.merge = nn.ModuleList(
            blocks.block(2 * width, width, batch_norm=batch_norm) for _, width in pairs
        )
        self.answers = nn.ConvTranspose2d(first, classes + 3, 2, 2)

    def forward(self, image: Image) -> Prediction:
        """Prediction for every pixel."""
        blocks.check_image(image)
        height, width = image.shape[-2:]
        padded = blocks.mirrored_to_multiple(image, _STRIDE)
        skips = blocks.descend(blocks.normalized(padded), self.stem, self.down)
        x = skips.pop()
        for up, merge in zip(self.up, self.merge, strict=True):
            x = merge(torch.cat([skips.pop(), up(x)], 1))
        answers = self.answers(x)[..., :height, :width]
        return Prediction(answers[:, :-3], answers[:, -3:-2].sigmoid(), answers[:, -2:] * _REACH)


def detect(
    prediction: Prediction, threshold: float = 0.1, kernel_size: int = 7, min_size: int = 8
) -> Detections:
    """Find the objects of one picture: pixels that point to one center, and the class of most.

    threshold: how high the heatmap must be at a center. An object's score is the heatmap there
    times the mean probability of its class. Those of fewer than min_size pixels are left out.
    """
    share = prediction.scores.softmax(1)
    foreground = prediction.scores.argmax(1) > 0
    (centers,) = instances.find_centers(prediction.heatmap, threshold, kernel_size)
    objects = instances.group([centers], prediction.offsets, foreground)
    return detections.of_instances(objects, share, centers.score, min_size)


def pretrained() -> PanopticDeepLab:
    """Shipped net in eval mode, on device.default().

    The same object each time: do not change it (copy.deepcopy first).
    """
    return FAMILY.pretrained(NAME)


def loss(prediction: Prediction, truth: tuple[Labels, Tensor, Tensor]) -> Tensor:
    """Loss in one number from three: classes, heatmap and offsets.

    truth: labels, and the heatmap and offsets of instances.center_targets. Classes are learned from
    the worst pixels only, as most of a scene is ground; offsets only where there is an object.
    """
    labels, heatmap, offsets = truth
    worst = F.cross_entropy(prediction.scores, labels, reduction="none").flatten(1)
    worst = worst.topk(max(1, int(_WORST * worst.shape[1]))).values
    inside = (labels > 0)[:, None]
    away = ((prediction.offsets - offsets).abs() * inside).sum() / inside.sum().clamp(min=1)
    heat = F.mse_loss(prediction.heatmap, heatmap)
    return worst.mean() + _HEAT_WEIGHT * heat + _OFFSET_WEIGHT * away


def _recipe(_: str, seed: int, before: nn.Module | None) -> Recipe:
    net = PanopticDeepLab(batch_norm=True).to(memory_format=torch.channels_last)

    def batch(step: int) -> tuple[Image, Any]:
        scene = scenes.batch(training.fresh_seeds(seed, step, _BATCH), split="train")
        targets = instances.center_targets(scene.instances, SIGMA)
        return blocks.channels_last(scene.image), (scene.labels, *targets)

    return Recipe(
        net,
        batch,
        _STEPS,
        lambda: _stored(net),
        loss=loss,
        rate=_LEARNING_RATE,
        settings={"batch": _BATCH},
    )


def _stored(net: PanopticDeepLab) -> weights.State:
    blocks.fold_norms(net)
    return weights.to_half(net)


def _restored(_: str, state: weights.State) -> PanopticDeepLab:
    return weights.from_half(PanopticDeepLab(), state)


def _measured(net_name: str, state: weights.State, losses: list[float]) -> Figures:
    net = _restored(net_name, state)
    return detections.figures(net, lambda image: detect(net(image)), losses)


FAMILY = Family(
    name="panoptic-deeplab",
    nets=(NAME,),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns=detections.COLUMNS,
)
