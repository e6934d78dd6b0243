"""One kind of answer from every net of the course: how likely each class is at each pixel.

A segmenter scores pixels, a detector finds objects, a texture net answers every f pixels, and
torchvision's nets know classes of their own. Here each of them takes a picture of any size and
gives an Answer of the size that is asked for.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.images import scenes
from seglab.nets import (
    blocks,
    detections,
    mask_rcnn,
    panoptic_deeplab,
    segmenters,
    selfie,
    textures,
    zoo,
)
from seglab.nets.detections import Detections
from seglab.ops import dense, heatmap, instances
from seglab.types import Image, Labels, Progress, Scores, Size

BACKGROUND = "background"
# As torchvision lists the classes of Pascal VOC; here, so that a menu need not import it.
VOC = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
# COCO has its own words for six of them.
COCO = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}

FCN, UNET, TEXTURES = "fcn", "unet", "textures"
PANOPTIC_DEEPLAB, MASK_RCNN = "panoptic-deeplab", "mask-rcnn"
SELFIE = selfie.NAME
# The settings that a net has; any other net of NETS has none.
_SETTINGS = {
    FCN: ("output_stride",),
    TEXTURES: ("output_stride",),
    zoo.FCN: ("output_stride",),
    zoo.DEEPLAB: ("output_stride", "rates"),
}
SHIPPED = (FCN, UNET, TEXTURES, PANOPTIC_DEEPLAB, MASK_RCNN, SELFIE)
NETS = (*SHIPPED, *zoo.NETS)


class Answer(NamedTuple):
    """Answer of a net for one picture.

    classes: names, by label. probability: of each class at each pixel, [1, K, H, W], 0 to 1.
    detections: the objects that the net found, their masks [N, H, W]; None where it labels pixels
    and knows no objects.
    """

    classes: tuple[str, ...]
    probability: Tensor
    detections: Detections | None

    def label(self, name: str) -> int | None:
        """Label of a class; None for one that the net was never taught.

        Names of Pascal VOC also find the classes that COCO calls otherwise.
        """
        for known in (name, COCO.get(name, name)):
            if known in self.classes:
                return self.classes.index(known)
        return None

    def heatmap(self, label: int | None) -> Tensor:
        """Probability of one class at each pixel, [1, H, W]; NaN for one never taught, None."""
        if label is None:
            return torch.full_like(self.probability[:, 0], torch.nan)
        return self.probability[:, label]

    def ranked(self, at: tuple[int, int], count: int = 3) -> list[tuple[str, float]]:
        """Names and probabilities of the likeliest classes at (row, column), best first."""
        best = self.probability[0, :, at[0], at[1]].topk(min(count, len(self.classes)))
        names = [self.classes[label] for label in best.indices.tolist()]
        return list(zip(names, best.values.tolist(), strict=True))

    def labels(self, level: float) -> Labels:
        """Likeliest class where it has at least this probability, NO_LABEL elsewhere, [1, H, W]."""
        return heatmap.reject(self.probability.clamp(0, 1), level)

    def objects(self, level: float, min_size: int = 1) -> Detections:
        """Objects of at least this score; of a net that labels pixels, the pieces of its labels.

        Such a piece is connected and has min_size pixels or more; its score is the mean probability
        of its class.
        """
        if self.detections is not None:
            return self.detections.pick(self.detections.scores >= level)
        pieces = instances.components(self.labels(level))
        return detections.of_instances(pieces, self.probability, min_size=min_size)


def settings(net: str) -> tuple[str, ...]:
    """Names of the settings that a net of NETS has: "output_stride", "rates", or none.

    Raises ValueError for another name.
    """
    if net not in NETS:
        raise ValueError(f"net={net!r} must be one of {', '.join(NETS)}")
    return _SETTINGS.get(net, ())


def here(net: str, instead: str) -> str:
    """Name of a net of NETS that can answer on this machine: itself, or one that stands in for it.

    A net of zoo whose weights are not in torch's cache is replaced: Mask R-CNN by the small one,
    any other by `instead`, one of SHIPPED.
    Raises ValueError for another name.
    """
    for name, known in ((net, NETS), (instead, SHIPPED)):
        if name not in known:
            raise ValueError(f"{name!r} must be one of {', '.join(known)}")
    if net in SHIPPED or zoo.is_here(net):
        return net
    return MASK_RCNN if net == zoo.MASK_RCNN else instead


def answer(
    net: str, image: Image, size: Size, progress: Progress | None = None, **chosen: Any
) -> Answer:
    """Answer of a net of NETS for a picture [1, 3, h, w], brought to this (height, width).

    The nets of zoo need their weights on this machine, see zoo.download. progress: hears how far
    one of these is. chosen: settings that the net has. output_stride: 8, 16 or 32, of the texture
    net any number of pixels. rates: DeepLabV3's, see zoo.build.
    Raises ValueError for an unknown net or setting, and where zoo.pretrained does.
    """
    known = settings(net)
    blocks.check_image(image)
    if len(image) != 1:
        raise ValueError(f"image holds {len(image)} pictures; give one, such as image[:1]")
    for name in chosen:
        if name not in known:
            has = " and ".join(known) or "no setting"
            raise ValueError(f"net={net!r} has no {name}; it has {has}")
    if net in zoo.NETS:
        return _of_zoo(net, image, size, progress, **chosen)
    return _OF_SHIPPED[net](image, size, **chosen)


def of_scores(
    scores: Scores, classes: tuple[str, ...], size: Size, detections: Detections | None = None
) -> Answer:
    """Answer from scores [1, K, h, w]: enlarged bilinearly, then probabilities.

    found: objects of the same picture, their masks of any size.
    """
    probability = F.interpolate(scores, size, mode="bilinear").softmax(1)
    return Answer(classes, probability, None if detections is None else resized(detections, size))


def of_objects(detections: Detections, classes: tuple[str, ...], size: Size) -> Answer:
    """Answer from objects alone: a class is as likely as its best object is sure.

    Class 0 is the background: likely where no object is.
    """
    detections = resized(detections, size)
    probability = torch.zeros(1, len(classes), *size, device=detections.masks.device)
    for mask, label, score in zip(
        detections.masks, detections.labels.tolist(), detections.scores, strict=True
    ):
        probability[0, label] = torch.maximum(probability[0, label], mask * score)
    # Without an object there may be no class beside the background: amax wants one value at least.
    probability[:, 0] = 1 - F.pad(probability[:, 1:], (0, 0, 0, 0, 0, 1)).amax(1)
    return Answer(classes, probability, detections)


def resized(detections: Detections, size: Size) -> Detections:
    """Detections whose masks are brought to another (height, width), bilinear, cut at one half."""
    masks = detections.masks[:, None].float()
    if not len(masks):
        masks = masks.new_zeros(0, 1, *size)
    elif masks.shape[-2:] != size:
        masks = F.interpolate(masks, size, mode="bilinear")
    return detections._replace(masks=masks[:, 0] >= 0.5)


def _of_textures(image: Image, size: Size, output_stride: int = 16) -> Answer:
    # Every f-th answer of the dense map is what the net says at output stride f.
    every = slice(output_stride // 2, None, output_stride)
    scores = dense.predict(textures.pretrained(16), image)[..., every, every]
    masks = torch.zeros(0, *size, dtype=torch.bool, device=image.device)
    nothing = Detections(masks, masks.new_zeros(0, dtype=torch.int64), image.new_zeros(0))
    return of_scores(scores, textures.CLASSES, size, nothing)


def _of_segmenter(name: str, image: Image, size: Size) -> Answer:
    return of_scores(segmenters.pretrained(name)(image), scenes.CLASSES, size)


def _of_fcn(image: Image, size: Size, output_stride: int = 8) -> Answer:
    return _of_segmenter(f"fcn-{output_stride}s", image, size)


def _of_panoptic_deeplab(image: Image, size: Size) -> Answer:
    prediction = panoptic_deeplab.pretrained()(image)
    detections = panoptic_deeplab.detect(prediction)
    return of_scores(prediction.scores, scenes.CLASSES, size, detections)


def _of_mask_rcnn(image: Image, size: Size) -> Answer:
    candidates = mask_rcnn.candidates(mask_rcnn.pretrained(), image)
    pasted = mask_rcnn.paste(candidates, (image.shape[-2], image.shape[-1]))
    return of_objects(pasted, scenes.CLASSES, size)


def _of_selfie(image: Image, size: Size) -> Answer:
    person = F.interpolate(selfie.person(selfie.pretrained(), image), size, mode="bilinear")
    return Answer(selfie.CLASSES, torch.cat([1 - person, person], 1), None)


_OF_SHIPPED: dict[str, Callable[..., Answer]] = {
    FCN: _of_fcn,
    UNET: partial(_of_segmenter, "unet"),
    TEXTURES: _of_textures,
    PANOPTIC_DEEPLAB: _of_panoptic_deeplab,
    MASK_RCNN: _of_mask_rcnn,
    SELFIE: _of_selfie,
}


def _of_zoo(
    name: str, image: Image, size: Size, progress: Progress | None, **chosen: Any
) -> Answer:
    net = zoo.pretrained(name, **chosen)
    with zoo.reporting(net, progress or (lambda done, total: None)):
        if name == zoo.MASK_RCNN:
            return _of_large_mask_rcnn(zoo.objects(net, image), size)
        scores = net(image)
    return of_scores(scores, (BACKGROUND, *zoo.classes(name)[1:]), size)


def _of_large_mask_rcnn(detections: Detections, size: Size) -> Answer:
    """Answer with those of the 80 classes that are there: a legend has to be read."""
    there, compact = detections.labels.unique(return_inverse=True)
    every = zoo.classes(zoo.MASK_RCNN)
    names = (BACKGROUND, *(every[label] for label in there.tolist()))
    return of_objects(detections._replace(labels=compact + 1), names, size)
