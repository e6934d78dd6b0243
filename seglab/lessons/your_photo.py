"""Your photo: nets for photographs where their weights are, else small ones that are shipped."""

from collections import Counter
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from seglab.draw import paint, plots
from seglab.images import mosaics, photos, scenes
from seglab.lab import Choice, Lab, Photo, Pixel
from seglab.nets import detections, mask_rcnn, panoptic_deeplab, segmenters, textures, zoo
from seglab.ops import dense, heatmap, instances
from seglab.types import NO_LABEL

SIZE = (256, 256)  # of every pane
SIDES = (128, 256, 384, 512)
SCENE, MOSAIC = "scene", "mosaic"
POINT = "the one at your point"
SMALLEST = 40  # pixels, of a connected piece that is listed as an object

FCN, UNET = "FCN, for scenes", "U-Net, for scenes"
TEXTURES = "texture net, for mosaics"
CENTRES, SMALL_RCNN = "centres, for scenes", "small Mask R-CNN, for scenes"
LARGE = {
    "FCN-ResNet50, for photographs": zoo.FCN,
    "DeepLabV3-ResNet50, for photographs": zoo.DEEPLAB,
    "LRASPP-MobileNetV3, for photographs": zoo.LRASPP,
    "Mask R-CNN-ResNet50, for photographs": zoo.MASK_RCNN,
}
SHIPPED = (FCN, UNET, TEXTURES, CENTRES, SMALL_RCNN)
# As torchvision lists the classes of Pascal VOC; here, so that a menu need not import it.
VOC = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
BACKGROUND = "background"
# COCO has its own words for six of them.
COCO = {
    "aeroplane": "airplane",
    "diningtable": "dining table",
    "motorbike": "motorcycle",
    "pottedplant": "potted plant",
    "sofa": "couch",
    "tvmonitor": "tv",
}


class Answer(NamedTuple):
    """What a net says of a picture of SIZE.

    classes: by label. share: how sure it is of each, [1, K, H, W], 0 to 1. found: its objects;
    None where it labels pixels and knows no objects, so that these are its connected pieces.
    """

    classes: tuple[str, ...]
    share: Tensor
    found: detections.Detections | None


def truth(photo):
    """The true labels, and the classes that they mean; nobody knows them for a photograph."""
    if photo == SCENE:
        labels = _scene().labels
        return _enlarged(labels[:, None].float(), "nearest")[:, 0].long(), scenes.CLASSES
    if photo == MOSAIC:
        return mosaics.make(size=SIZE).labels, mosaics.CLASSES
    return None


def picture(photo):
    """What the panes show."""
    return _enlarged(_scene().image) if photo == SCENE else photos.load(photo, SIZE[0])


def given(photo, side):
    """What the net is given: the picture at this side, a photograph with the detail it then has."""
    if photo == SCENE:
        return _enlarged(_scene().image, side=side)
    if photo == MOSAIC:
        return _enlarged(photos.load(MOSAIC, SIZE[0]), side=side)
    return photos.load(photo, side)


def used(net, photo):
    """The net that answers: the one that was chosen, or a small one where it has no weights."""
    if net not in LARGE or zoo.is_here(LARGE[net]):
        return net
    if LARGE[net] == zoo.MASK_RCNN:
        return SMALL_RCNN
    return TEXTURES if photo == MOSAIC else FCN


def answer(used, given, f, rates, progress):
    """The only stage that runs a net."""
    if used in LARGE:
        return _large(LARGE[used], given, f, rates, progress)
    if used == SMALL_RCNN:
        candidates = mask_rcnn.candidates(mask_rcnn.pretrained(), given)
        size = given.shape[-2], given.shape[-1]
        return _of_objects(mask_rcnn.paste(candidates, size), scenes.CLASSES)
    if used == CENTRES:
        prediction = panoptic_deeplab.pretrained()(given)
        found = _resized(panoptic_deeplab.detect(prediction))
        return Answer(scenes.CLASSES, _shares(prediction.scores), found)
    if used == TEXTURES:
        # Every f-th answer of the dense map is what the net says at output stride f.
        scores = dense.predict(textures.pretrained(16), given)[..., f // 2 :: f, f // 2 :: f]
        nothing = detections.Detections(*_nothing(given))
        return Answer(textures.CLASSES, _shares(scores), nothing)
    scores = segmenters.pretrained("unet" if used == UNET else f"fcn-{f}s")(given)
    return Answer(scenes.CLASSES, _shares(scores), None)


def labels(answer, threshold):
    """The likeliest class where it is as likely as asked for; no label elsewhere."""
    return heatmap.reject(answer.share.clamp(0, 1), threshold)


def found(answer, labels, threshold):
    """The objects: what the net found, or for a net that labels pixels, the connected pieces."""
    if answer.found is not None:
        return answer.found.pick(answer.found.scores >= threshold)
    pieces = instances.remove_small(instances.components(labels), SMALLEST)
    return detections.of_instances(pieces, answer.share)


def index(answer, shown, pixel):
    """The label whose heatmap is shown; None for a class that the net was never taught."""
    if shown == POINT:
        return int(answer.share[0, :, pixel[0], pixel[1]].argmax())
    name = shown if shown in answer.classes else COCO.get(shown, shown)
    return answer.classes.index(name) if name in answer.classes else None


def heat(answer, index):
    """How sure the net is of one class, [1, H, W]; no value where it does not know the class."""
    if index is None:
        return torch.full((1, *SIZE), torch.nan)
    return answer.share[:, index]


def label_picture(labels, answer):
    return paint.labels(labels, answer.classes)


def over(picture, labels, answer):
    """The picture, and the labels over it; the background stays clear."""
    clear = (0, NO_LABEL) if answer.classes[0] == BACKGROUND else (NO_LABEL,)
    mixed = paint.overlay(picture, label_picture(labels, answer), 0.6, clear)
    return paint.curtain(paint.rgb(picture), mixed, ("picture", "labels over it"))


def object_picture(found, answer):
    """Every object in a tone of its class's colour, the best on top."""
    numbered = detections.as_instances(found)
    seen = instances.ids(numbered) - 1  # a wholly covered object has no pixel
    kinds = (found.labels[seen] - 1).tolist()
    return paint.objects_on(
        torch.zeros_like(numbered),
        ("no object",),
        numbered,
        kinds,
        answer.classes[1:],
        paint.instance_shades(numbered),
    )


def by_whom(net, used):
    """The net that answered; why, where it is not the one that was chosen."""
    if used == net:
        return net
    name = LARGE[net]
    return (
        f"{used}, in its place: the weights of {name} are not here ({zoo.megabytes(name):.0f} MB)"
    )


def heat_of(answer, index, shown):
    return f"{shown}: it was never taught that" if index is None else answer.classes[index]


def at_point(answer, pixel):
    """The three likeliest classes there."""
    best = answer.share[0, :, pixel[0], pixel[1]].topk(min(3, len(answer.classes)))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return ", ".join(f"{answer.classes[label]} {share:.0%}" for label, share in pairs)


def listed(found, answer):
    counts = Counter(answer.classes[label] for label in found.labels.tolist())
    names = ", ".join(f"{count} × {name}" for name, count in counts.most_common(5))
    return f"{names}{' and more' if len(counts) > 5 else ''}" or "none"


def right(labels, truth, answer):
    """The share of pixels with their true label, where there is a truth for these classes."""
    if truth is None:
        return "nobody has drawn the truth for this picture"
    true, classes = truth
    if classes != answer.classes:
        return "the net and the truth know other classes"
    return f"{(labels == true).float().mean():.1%} of the pixels are right"


def idle(used):
    """The controls that change nothing for this net."""
    name = LARGE.get(used, used)
    strided = name in (FCN, TEXTURES, zoo.FCN, zoo.DEEPLAB)
    without = ["downsampling factor f"] * (not strided)
    without += ["à trous rates"] * (name != zoo.DEEPLAB)
    return ", ".join(without) or "nothing"


def cost_chart(side, progress):
    """Multiply-adds against output stride, counted on torchvision's nets without any weights."""
    names = (zoo.FCN, zoo.DEEPLAB)
    series: dict[str, dict[float, float]] = {name: {} for name in names}
    total, done = len(names) * len(zoo.OUTPUT_STRIDES), 0
    for name in names:
        for stride in zoo.OUTPUT_STRIDES:
            series[name][stride] = zoo.multiply_adds(name, (side, side), stride) / 1e9
            done += 1
            progress(done, total)
    return plots.lines(
        series,
        title=f"A picture of {side} × {side} pixels",
        x="output stride (downsampling factor f)",
        y="billions of multiply-adds",
        ticks=zoo.OUTPUT_STRIDES,
        x_scale="log",
        unit="billion",
    )


def _scene():
    return scenes.make(3, (128, 128), objects=8)


def _enlarged(maps, mode="bilinear", side=SIZE[0]):
    if mode == "nearest":
        return F.interpolate(maps, (side, side), mode="nearest-exact")
    return F.interpolate(maps, (side, side), mode="bilinear", antialias=True)


def _shares(scores):
    """Scores brought to SIZE, then probabilities."""
    return F.interpolate(scores, SIZE, mode="bilinear").softmax(1)


def _resized(found):
    masks = found.masks[:, None].float()
    if len(masks) and masks.shape[-2:] != SIZE:
        masks = F.interpolate(masks, SIZE, mode="bilinear")
    elif not len(masks):
        masks = masks.new_zeros(0, 1, *SIZE)
    return found._replace(masks=masks[:, 0] >= 0.5)


def _nothing(image):
    masks = torch.zeros(0, *SIZE, dtype=torch.bool, device=image.device)
    return masks, masks.new_zeros(0, dtype=torch.int64), image.new_zeros(0)


def _of_objects(found, classes):
    """An answer made of objects alone: a class is as likely as its best object is sure."""
    found = _resized(found)
    share = torch.zeros(1, len(classes), *SIZE, device=found.masks.device)
    for mask, label, score in zip(found.masks, found.labels.tolist(), found.scores, strict=True):
        share[0, label] = torch.maximum(share[0, label], mask * score)
    share[:, 0] = 1 - share[:, 1:].amax(1)
    return Answer(classes, share, found)


def _large(name, image, f, rates, progress):
    if name == zoo.MASK_RCNN:
        net = zoo.pretrained(name)
        with zoo.reporting(net, progress):
            found = zoo.objects(net, image)
        # Of 80 classes only those that are there: a legend has to be read.
        there, compact = found.labels.unique(return_inverse=True)
        every = zoo.classes(name)
        names = (BACKGROUND, *(every[label] for label in there.tolist()))
        return _of_objects(found._replace(labels=compact + 1), names)
    settings = {"output_stride": f} if name != zoo.LRASPP else {}
    net = zoo.pretrained(name, **settings, rates=rates)
    with zoo.reporting(net, progress):
        scores = net(image)
    return Answer((BACKGROUND, *zoo.classes(name)[1:]), _shares(scores), None)


LAB = Lab(
    title="Your photo",
    summary="The nets of the course, and large ones if you fetch their weights, on your picture.",
    controls={
        "photo": Photo(SCENE, MOSAIC, "astronaut", "coffee", "chelsea", "motorcycle_left"),
        "net": Choice(*SHIPPED, *LARGE),
        "side": Choice(*SIDES, label="size for the net, px"),
        "f": Choice(*zoo.OUTPUT_STRIDES, label="downsampling factor f"),
        "rates": Choice(
            *((6, 12, 18), zoo.RATES, (24, 48, 72)),
            default=zoo.RATES,
            label="à trous rates",
            show=lambda rates: ", ".join(map(str, rates)),
        ),
        "shown": Choice(
            POINT, BACKGROUND, *VOC, *scenes.CLASSES[1:], *mosaics.CLASSES, label="heatmap of"
        ),
        "threshold": Choice(0, 0.3, 0.5, 0.7, 0.9, default=0.5, label="least certainty", play=True),
        "pixel": Pixel(SIZE, default=(165, 48), label="your point"),
    },
    stages=(truth, picture, given, used, answer, labels, found, index, heat),
    panes={
        "your picture, and the labels over it": over,
        "heatmap of one class": lambda heat: paint.scalar(heat, low=0, high=1, palette="magma"),
        "labels": label_picture,
        "objects": object_picture,
    },
    numbers={
        "answered by": by_whom,
        "heatmap of": heat_of,
        "at your point": at_point,
        "objects": listed,
        "against the truth": right,
        "without effect here": idle,
    },
    charts={"Count what the output stride costs": cost_chart},
)
