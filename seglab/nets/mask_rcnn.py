"""Mask R-CNN on drawn scenes: torchvision's own class, with a small backbone and small heads.

He, Gkioxari, Dollár and Girshick, "Mask R-CNN", 2017. First a heatmap again: at every place of the
feature maps, the region proposal network says how likely an object is and where its box lies. Each
proposed region is cropped from the features, classified, and given a mask of 28 x 28.

Positions are as in torchvision: the middle of pixel i lies at i, so a box goes from half a pixel
before its first to half a pixel after its last.
"""

from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from seglab import _torchvision
from seglab.images import scenes
from seglab.nets import blocks, detections, training, weights
from seglab.nets.detections import Detections, Regions
from seglab.nets.family import Family, Recipe
from seglab.nets.report import Figures
from seglab.ops import instances as ops
from seglab.types import Image, Instances, Labels, Size

if TYPE_CHECKING:
    from torchvision.models.detection import MaskRCNN

NAME = "mask-rcnn"
CLASSES = scenes.CLASSES
MASK_SIDE = 28
LEAST_SCORE = 0.05  # of a candidate
MOST = 100  # candidates

_WIDTHS = (16, 32, 64, 96)  # channels at strides 2, 4, 8, 16
_LEVELS = ("0", "1", "2")  # of the pyramid: strides 4, 8, 16
_PYRAMID = 32
_STRIDES = (4, 8, 16)
_ANCHORS = ((14,), (24,), (40,))  # sides in pixels, at each stride
_RATIOS = (0.6, 1.0, 1.6)  # height by width
_STEPS = 900
_BATCH = 8
_LEARNING_RATE = 2e-3
_SIDE = 128
_ROWS_FIRST = _COLUMNS_FIRST = [1, 0, 3, 2]  # torchvision's boxes are left, top, right, bottom


class Candidates(NamedTuple):
    """Answer of the net for one picture, before non-maximum suppression.

    boxes: float [N, 4], best first: top, left, bottom, right.
    labels: int64 [N], scores [N].
    masks: float [N, 28, 28], 0 to 1, each over its own box.
    objectness [1, 1, H, W]: the proposal network's heatmap, the best anchor of each place.
    offsets [1, 2, H, W]: from each pixel to the middle of that anchor's box, rows and columns.
    """

    boxes: Tensor
    labels: Tensor
    scores: Tensor
    masks: Tensor
    objectness: Tensor
    offsets: Tensor

    def pick(self, which: Tensor) -> "Candidates":
        """Candidates at these indices, or where this mask is true."""
        return self._replace(
            boxes=self.boxes[which],
            labels=self.labels[which],
            scores=self.scores[which],
            masks=self.masks[which],
        )


class Backbone(nn.Module):
    """Image, normalised, to a feature pyramid of strides 4, 8 and 16, by name."""

    def __init__(self, batch_norm: bool = False) -> None:
        _torchvision.load()
        from torchvision.ops import FeaturePyramidNetwork

        super().__init__()
        self.out_channels = _PYRAMID  # torchvision asks for it
        self.stem = blocks.stem(_WIDTHS[0], kernel=3, batch_norm=batch_norm)
        self.stages = blocks.levels(_WIDTHS, batch_norm)
        self.pyramid = FeaturePyramidNetwork(list(_WIDTHS[1:]), _PYRAMID)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Feature maps of the levels "0", "1" and "2", each [B, 32, h, w]."""
        _, *maps = blocks.descend(x, self.stem, self.stages)
        features: dict[str, Tensor] = self.pyramid(OrderedDict(zip(_LEVELS, maps, strict=True)))
        return features


def build(batch_norm: bool = False, nms: float = 0.5) -> "MaskRCNN":
    """Untrained net. nms: the IoU above which the worse of two boxes of a class is dropped.

    It takes a list of images [3, H, W] in 0..1 of any size, as torchvision's do. batch_norm: in the
    backbone, for training; blocks.fold_norms takes them out again.
    """
    _torchvision.load()
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.anchor_utils import AnchorGenerator
    from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
    from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
    from torchvision.ops import MultiScaleRoIAlign

    crop = partial(
        MultiScaleRoIAlign, _LEVELS, sampling_ratio=1, canonical_scale=32, canonical_level=3
    )
    representation = 96
    return MaskRCNN(
        Backbone(batch_norm),
        min_size=_SIDE,
        image_mean=[blocks.MEAN] * 3,
        image_std=[blocks.DEVIATION] * 3,
        size_divisible=16,
        _skip_resize=True,
        rpn_anchor_generator=AnchorGenerator(_ANCHORS, (_RATIOS,) * len(_ANCHORS)),
        rpn_pre_nms_top_n_train=200,
        rpn_pre_nms_top_n_test=200,
        rpn_post_nms_top_n_train=100,
        rpn_post_nms_top_n_test=100,
        rpn_batch_size_per_image=64,
        box_roi_pool=crop(output_size=7),
        box_head=TwoMLPHead(_PYRAMID * 7 * 7, representation),
        box_predictor=FastRCNNPredictor(representation, len(CLASSES)),
        box_batch_size_per_image=48,
        box_score_thresh=LEAST_SCORE,
        box_nms_thresh=nms,
        box_detections_per_img=MOST,
        mask_roi_pool=crop(output_size=MASK_SIDE // 2),
        mask_head=MaskRCNNHeads(_PYRAMID, (_PYRAMID,) * 3, 1),
        mask_predictor=MaskRCNNPredictor(_PYRAMID, _PYRAMID, len(CLASSES)),
    )


def pretrained(nms: float = 0.5) -> "MaskRCNN":
    """Shipped net in eval mode, on device.default(); nms as in build.

    The same object each time: do not change it (copy.deepcopy first).
    """
    return FAMILY.pretrained(NAME, nms=nms)


@torch.no_grad()
def candidates(net: "MaskRCNN", image: Image) -> Candidates:
    """Find all that the net sees in one picture [1, 3, H, W] of any size; it is not resized.

    Its own non-maximum suppression stays as it was built: pretrained(nms=1) keeps all boxes, at
    most 100 with a score of at least 0.05. Raises ValueError for more than one picture.
    """
    blocks.check_image(image)
    _torchvision.load()
    from torchvision.models.detection.image_list import ImageList

    if len(image) != 1:
        raise ValueError(f"image holds {len(image)} pictures; give one, such as image[:1]")
    size = (image.shape[-2], image.shape[-1])

    padded = blocks.mirrored_to_multiple(blocks.normalized(image), _STRIDES[-1])
    pictures = ImageList(padded, [size])
    features = net.backbone(padded)
    proposals, _ = net.rpn(pictures, features)
    (output,), _ = net.roi_heads(features, proposals, pictures.image_sizes)
    objectness, offsets = _first_guess(net, features, size)
    boxes, masks = output["boxes"][:, _ROWS_FIRST], output["masks"][:, 0]
    return Candidates(boxes, output["labels"], output["scores"], masks, objectness, offsets)


def suppress(candidates: Candidates, nms: float) -> Candidates:
    """Candidates of which no better box of the same class has an IoU above nms with theirs.

    Raises ValueError for an nms outside 0 to 1.
    """
    if not 0 <= nms <= 1:
        raise ValueError(f"nms={nms} is no IoU; use 0 to 1, such as 0.5")
    _torchvision.load()
    from torchvision.ops import batched_nms

    return candidates.pick(batched_nms(candidates.boxes, candidates.scores, candidates.labels, nms))


def paste(candidates: Candidates, size: Size) -> Detections:
    """Masks, each enlarged to its box and cut at one half, in a picture of this size."""
    masks = ops.roi_paste(candidates.masks, candidates.boxes, size) >= 0.5
    return Detections(masks, candidates.labels, candidates.scores)


def regions(candidates: Candidates, size: Size, min_size: int = 1) -> Regions:
    """Candidates of at least min_size pixels in a picture of this size, their boxes as they are."""
    objects = paste(candidates, size)
    large = objects.masks.flatten(1).sum(1) >= min_size
    return Regions(objects.pick(large), candidates.boxes[large], candidates.masks[large])


class _Losses(nn.Module):
    """Net as the training loop wants it: pictures and targets in, one loss out."""

    def __init__(self, net: "MaskRCNN") -> None:
        super().__init__()
        self.net = net

    def forward(self, given: tuple[list[Tensor], list[dict[str, Tensor]], int]) -> Tensor:
        images, targets, seed = given
        torch.manual_seed(seed)  # which regions are looked at is drawn by chance
        losses: dict[str, Tensor] = self.net(images, targets)
        return torch.stack(list(losses.values())).sum()


def target(labels: Labels, instances: Instances) -> dict[str, Tensor]:
    """Objects of a scene as torchvision's training wants them."""
    masks, kinds = detections.true_objects(labels, instances)
    boxes = ops.boxes(instances)[:, _COLUMNS_FIRST] - 0.5
    return {"boxes": boxes, "labels": kinds, "masks": masks.to(torch.uint8)}


def _first_guess(net: "MaskRCNN", features: dict[str, Tensor], size: Size) -> tuple[Tensor, Tensor]:
    """Best anchor's objectness [1, 1, H, W] at every pixel, and the way to its box [1, 2, ...].

    The levels of the pyramid have different strides; at each pixel the surest of them speaks, with
    its anchor that stands nearest.
    """
    scores, goals = [], []
    answers = zip(*net.rpn.head(list(features.values())), _ANCHORS, _STRIDES, strict=True)
    for logits, deltas, (side,), stride in answers:
        best = logits.max(1, keepdim=True)
        # Each anchor has four deltas: right, down, wider, higher; steps count in anchor sides.
        right, down = (deltas[:, part::4].gather(1, best.indices) for part in (0, 1))
        ratio = torch.tensor(_RATIOS).to(logits)[best.indices]
        y, x = (torch.arange(n, device=logits.device) * stride for n in logits.shape[-2:])
        goal = torch.cat(
            [y[:, None] + down * side * ratio.sqrt(), x + right * side / ratio.sqrt()], 1
        )
        rows, columns = (
            ((torch.arange(n, device=logits.device) + stride // 2) // stride).clamp(max=count - 1)
            for n, count in zip(size, logits.shape[-2:], strict=True)
        )
        scores.append(best.values[..., rows, :][..., columns])
        goals.append(goal[..., rows, :][..., columns])
    score = torch.cat(scores, 1).max(1, keepdim=True)
    which = score.indices[:, :, None].expand(-1, -1, 2, -1, -1)
    goal = torch.stack(goals, 1).gather(1, which)[:, 0]
    here = torch.stack(
        torch.meshgrid(*(torch.arange(n, device=goal.device) for n in size), indexing="ij")
    )
    return score.values.sigmoid(), goal - here


def _recipe(_: str, seed: int, before: nn.Module | None) -> Recipe:
    net = build(batch_norm=True)

    def batch(step: int) -> tuple[Any, None]:
        seeds = training.fresh_seeds(seed, step, _BATCH)
        scene = scenes.batch(seeds, split="train")
        targets = [
            target(labels[None], numbers[None])
            for labels, numbers in zip(scene.labels, scene.instances, strict=True)
        ]
        return (list(scene.image), targets, seeds[0]), None

    return Recipe(
        net,
        batch,
        _STEPS,
        lambda: _stored(net),
        learner=_Losses(net),
        loss=lambda loss, _: loss,
        rate=_LEARNING_RATE,
        settings={"batch": _BATCH},
    )


def _stored(net: "MaskRCNN") -> weights.State:
    blocks.fold_norms(net.backbone)
    return weights.to_half(net)


def _restored(_: str, state: weights.State, nms: float = 0.5) -> "MaskRCNN":
    return weights.from_half(build(nms=nms), state)


def _measured(net_name: str, state: weights.State, losses: list[float]) -> Figures:
    net = _restored(net_name, state)

    def detect(image: Image) -> Detections:
        return paste(candidates(net, image), (image.shape[-2], image.shape[-1]))

    return detections.figures(net, detect, losses)


FAMILY: Family["MaskRCNN"] = Family(
    name=NAME,
    nets=(NAME,),
    recipe=_recipe,
    restore=_restored,
    measure=_measured,
    columns=detections.COLUMNS,
    channels_last=False,
)
