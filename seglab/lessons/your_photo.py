"""Your photo: nets for photographs where their weights are, else small ones that are shipped."""

from collections import Counter

import torch
from torch.nn import functional as F

from seglab.draw import paint, plots
from seglab.images import mosaics, photos, scenes
from seglab.lab import Choice, Lab, Photo, Pixel, idle
from seglab.nets import answers, detections, zoo
from seglab.ops import heatmap, instances
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
NAMES = {  # in the menu -> of answers.NETS
    FCN: answers.FCN,
    UNET: answers.UNET,
    TEXTURES: answers.TEXTURES,
    CENTRES: answers.PANOPTIC_DEEPLAB,
    SMALL_RCNN: answers.MASK_RCNN,
    **LARGE,
}


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
    net, chosen = NAMES[used], {"output_stride": f, "rates": rates}
    has = {name: chosen[name] for name in answers.settings(net)}
    return answers.answer(net, given, SIZE, progress, **has)


def has(setting):
    """Whether the net that answers has this setting."""
    return lambda net, photo: setting in answers.settings(NAMES[used(net, photo)])


def labels(answer, threshold):
    """The likeliest class where it is as likely as asked for; no label elsewhere."""
    return heatmap.reject(answer.probability.clamp(0, 1), threshold)


def found(answer, labels, threshold):
    """The objects: what the net found, or for a net that labels pixels, the connected pieces."""
    if answer.detections is not None:
        return answer.detections.pick(answer.detections.scores >= threshold)
    pieces = instances.remove_small(instances.components(labels), SMALLEST)
    return detections.of_instances(pieces, answer.probability)


def index(answer, shown, pixel):
    """The label whose heatmap is shown; None for a class that the net was never taught."""
    if shown == POINT:
        return int(answer.probability[0, :, pixel[0], pixel[1]].argmax())
    return answer.label(shown)


def heat(answer, index):
    """How sure the net is of one class, [1, H, W]; no value where it does not know the class."""
    if index is None:
        return torch.full((1, *SIZE), torch.nan)
    return answer.probability[:, index]


def label_picture(labels, answer):
    return paint.labels(labels, answer.classes)


def over(picture, labels, answer):
    """The picture, and the labels over it; the background stays clear."""
    clear = (0, NO_LABEL) if answer.classes[0] == answers.BACKGROUND else (NO_LABEL,)
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
    best = answer.probability[0, :, pixel[0], pixel[1]].topk(min(3, len(answer.classes)))
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
            POINT,
            answers.BACKGROUND,
            *answers.VOC,
            *scenes.CLASSES[1:],
            *mosaics.CLASSES,
            label="heatmap of",
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
    matters={"f": has("output_stride"), "rates": has("rates")},
    charts={"Count what the output stride costs": cost_chart},
)
