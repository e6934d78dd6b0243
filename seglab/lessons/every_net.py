"""Every net: those for photographs where their weights are, else small ones that are shipped."""

from collections import Counter

from seglab.draw import paint
from seglab.images import mosaics, photos, resize, scenes
from seglab.lab import Choice, Lab, Photo, Pixel, Sweep, of
from seglab.lessons.tours.every_net import TOUR
from seglab.nets import answers, detections, zoo
from seglab.ops import instances
from seglab.types import NO_LABEL

SIZE = (256, 256)  # of every pane
SMALLEST = 40  # pixels, of a connected piece that is listed as an object
SCENE, MOSAIC = "scene", "mosaic"
POINT = "the one at your point"

WORDS = {
    answers.FCN: "FCN, for scenes",
    answers.UNET: "U-Net, for scenes",
    answers.TEXTURES: "texture net, for mosaics",
    answers.PANOPTIC_DEEPLAB: "centers, for scenes",
    answers.MASK_RCNN: "small Mask R-CNN, for scenes",
    answers.SELFIE: "Selfie, for persons",
    zoo.FCN: "FCN-ResNet50, for photographs",
    zoo.DEEPLAB: "DeepLabV3-ResNet50, for photographs",
    zoo.LRASPP: "LRASPP-MobileNetV3, for photographs",
    zoo.MASK_RCNN: "Mask R-CNN-ResNet50, for photographs",
}
NETS = {words: net for net, words in WORDS.items()}


def drawn(photo):
    """The picture with its true labels; nobody knows them for a photograph."""
    if photo == SCENE:
        return scenes.make(3, (128, 128), objects=8)
    return mosaics.make(size=SIZE) if photo == MOSAIC else None


def at_side(photo, drawn, side):
    """The picture at this side; a photograph with the detail that it then has."""
    return resize.image(drawn.image, (side, side)) if drawn else photos.load(photo, side)


picture = of(at_side, "photo", "drawn", side=SIZE[0])
given = of(at_side, "photo", "drawn", "side")


def used(net, photo):
    """The net that answers: the one that was chosen, or a small one where it has no weights."""
    return answers.here(NETS[net], answers.TEXTURES if photo == MOSAIC else answers.FCN)


def has(setting):
    """True if the net that answers has this setting."""
    return lambda net, photo: setting in answers.settings(used(net, photo))


def answer(used, given, f, rates, progress):
    """The only stage that runs a net."""
    chosen = {"output_stride": f, "rates": rates}
    settings = {name: chosen[name] for name in answers.settings(used)}
    return answers.answer(used, given, SIZE, progress, **settings)


labels = of(answers.Answer.labels, "answer", "threshold")
found = of(answers.Answer.objects, "answer", "threshold", min_size=SMALLEST)


def label(answer, shown, pixel):
    """The label whose heatmap is shown; None for a class that the net was never taught."""
    return answer.label(answer.ranked(pixel)[0][0] if shown == POINT else shown)


heat = of(answers.Answer.heatmap, "answer", "label")
label_picture = of(paint.labels, "labels", "answer.classes")


def over(picture, label_picture, answer):
    """The picture, and the labels over it; the background stays clear."""
    clear = (0, NO_LABEL) if answer.classes[0] == answers.BACKGROUND else (NO_LABEL,)
    mixed = paint.overlay(picture, label_picture, 0.6, clear)
    return paint.curtain(paint.rgb(picture), mixed, ("picture", "labels over it"))


def object_picture(found, answer):
    """Every object in a tone of its class's colour, the best on top."""
    numbered = detections.as_instances(found)
    seen = instances.ids(numbered) - 1  # a wholly covered object has no pixel
    kinds = (found.labels[seen] - 1).tolist()
    return paint.objects(numbered, kinds, answer.classes[1:], paint.instance_shades(numbered))


def by_whom(net, used):
    """The net that answered; why, where it is not the one that was chosen."""
    if used == NETS[net]:
        return net
    name, size = net.partition(",")[0], zoo.megabytes(NETS[net])
    return f"{WORDS[used]}, because the weights of {name} are not here ({size:.0f} MB)"


def heat_of(answer, label, shown):
    return f"{shown}: it was never taught that" if label is None else answer.classes[label]


def listed(found, answer):
    counts = Counter(answer.classes[label] for label in found.labels.tolist())
    names = ", ".join(f"{count} × {name}" for name, count in counts.most_common(5))
    return f"{names}{' and more' if len(counts) > 5 else ''}" or "none"


def right(labels, drawn, answer):
    """The share of pixels with their true label, where there is a truth for these classes."""
    if drawn is None:
        return "no truth: nobody has labelled this picture"
    if drawn.classes != answer.classes:
        return "the net and the truth know other classes"
    true = resize.labels(drawn.labels, SIZE)
    return f"{(labels == true).float().mean():.1%} of the pixels are right"


LAB = Lab(
    title="Every net",
    summary="The nets of the course, and large ones if you fetch their weights, on your picture.",
    controls={
        "photo": Photo(SCENE, MOSAIC, "astronaut", "coffee", "chelsea", "motorcycle_left"),
        "net": Choice(*NETS),
        "side": Choice(128, 256, 384, 512, label="size for the net, px"),
        "f": Choice(*zoo.OUTPUT_STRIDES, label="downsampling factor f"),
        "rates": Choice(
            *((6, 12, 18), zoo.RATES, (24, 48, 72)),
            default=zoo.RATES,
            label="à trous rates",
            show=lambda rates: ", ".join(map(str, rates)),
        ),
        "shown": Choice(
            *(POINT, answers.BACKGROUND, *answers.VOC, *scenes.CLASSES[1:], *mosaics.CLASSES),
            label="heatmap of",
        ),
        "threshold": Choice(0, 0.3, 0.5, 0.7, 0.9, default=0.5, label="least certainty", play=True),
        "pixel": Pixel(SIZE, default=(165, 48), label="your point"),
    },
    matters={"f": has("output_stride"), "rates": has("rates")},
    stages=globals(),
    panes={
        "your picture, labelled": over,
        "heatmap of one class": of(paint.scalar, "heat", low=0, high=1, palette="magma"),
        "labels": "label_picture",
        "objects": object_picture,
    },
    numbers={
        "answered by": by_whom,
        "heatmap of": heat_of,
        "at your point": lambda answer, pixel: ", ".join(
            f"{name} {share:.0%}" for name, share in answer.ranked(pixel)
        ),
        "objects": listed,
        "against the truth": right,
    },
    charts={
        "Count what the output stride costs": Sweep(
            lambda side, f: {
                net: zoo.multiply_adds(net, (side, side), f) / 1e9 for net in (zoo.FCN, zoo.DEEPLAB)
            },
            over="f",
            fix={"net": WORDS[answers.FCN]},  # which has a stride to choose
            title=lambda side: f"A picture of {side} × {side} pixels",
            x="output stride (downsampling factor f)",
            y="billions of multiply-adds",
            x_scale="log",
            unit="billion",
        )
    },
    tour=TOUR,
)
