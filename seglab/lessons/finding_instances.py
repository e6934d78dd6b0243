"""Finding instances: watershed, centers and offsets, Mask R-CNN; each begins with a heatmap."""

from collections.abc import Callable

import torch

from seglab._text import digits
from seglab.draw import paint
from seglab.images import scenes
from seglab.lab import Choice, Lab, Pixel, Sweep, of
from seglab.lessons.pictures import scores as axis
from seglab.lessons.pictures import votes as voting
from seglab.lessons.tours.finding_instances import TOUR
from seglab.nets import detections, finders, mask_rcnn, panoptic_deeplab
from seglab.ops import instances, metrics

SIZE = (128, 128)
WATERSHED, CENTERS, MASK_RCNN = "watershed on classes", "centers and offsets", "Mask R-CNN"
FINDERS: dict[str, Callable[..., finders.Finder]] = {
    WATERSHED: finders.by_watershed,
    CENTERS: finders.by_centers,
    MASK_RCNN: finders.by_regions,
}
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
# Scores of nine in ten objects that each finds rightly, over ten scenes.
USUAL = {WATERSHED: (0.78, 0.94), CENTERS: (0.44, 0.62), MASK_RCNN: (0.43, 1.0)}
SIDE = mask_rcnn.MASK_SIDE
CHART_SCENES = 8


def scene(seed, objects, touching):
    return scenes.make(seed, SIZE, objects, touching=touching)


def answer(net, scene):
    """The only stage that runs a net: all the rest is thresholds and grouping."""
    if net == MASK_RCNN:
        return mask_rcnn.candidates(mask_rcnn.pretrained(nms=1.0), scene.image)
    return panoptic_deeplab.pretrained()(scene.image)


def finder(net, answer):
    return FINDERS[net](answer)


def found(finder, threshold, nms, min_size):
    """The objects, their boxes, and the masks over them."""
    return finder.find(threshold, nms, min_size)


def peaks(finder, nms):
    return finder.peaks(nms)


votes = of(voting.of_pixels, "finder", "peaks", "threshold")
apart = of(detections.as_instances, "found.objects")
numbered = of(instances.number_like, "apart", "scene.instances")  # a match has the true number
chosen = of(instances.nearest_box, "found.boxes", "pixel")
compared = of(detections.compare, "found.objects", "scene.labels", "scene.instances")
shades = of(paint.instance_shades, "scene.instances", "numbered")


def kinds(numbered, found):
    """The class of each object of the map, in the order of its numbers."""
    return instances.majority_labels(numbered, detections.as_labels(found.objects))


def counts(compared):
    overlaps, _, classes, true_classes = compared
    return metrics.detection_counts(overlaps, classes, true_classes)


def ap50(several):
    """AP50 over several scenes."""
    return float(detections.average_precision(several, [0.5]))


def things(apart, numbered, found):
    """The number in the map of each found object; None where better ones cover all of it."""
    numbers = instances.majority_labels(apart, numbered).tolist()
    shown = dict(zip(instances.ids(apart).tolist(), numbers, strict=True))
    return [shown.get(place) for place in range(1, len(found.boxes) + 1)]


def boxed(scene, found, chosen, things):
    """The picture with boxes; the score stands at each."""
    texts = [f"{score:.2f}" for score in found.objects.scores.tolist()]
    labels = found.objects.labels.tolist()
    return paint.boxes(scene.image, found.boxes, labels, texts, chosen, things)


def objects_map(numbered, kinds, shades):
    return paint.objects(numbered, (kinds - 1).tolist(), scenes.CLASSES[1:], shades)


def pointing(scene, votes, peaks, objects_map, numbered, net):
    grouped = net == CENTERS
    return voting.drawn(scene.image, votes, peaks, objects_map, numbered, grouped)


def on_one_axis(peaks, net, threshold):
    return axis.on_one_axis(peaks.score.tolist(), net, USUAL, threshold, THRESHOLDS)


def region(scene, found, chosen):
    """Content of the chosen box, brought to 28 x 28, and the object's mask over it."""
    picture, mask = torch.full((3, SIDE, SIDE), 0.5), torch.full((SIDE, SIDE), torch.nan)
    if chosen is not None:
        picture = instances.roi_align(scene.image, found.boxes[chosen][None], SIDE)
        mask = found.crops[chosen]
    sides = paint.rgb(picture), paint.scalar(mask, low=0, high=1)
    return paint.curtain(*sides, names=("picture", "mask"))


def at_point(found, chosen):
    if chosen is None:
        return "nothing is found"
    (masks, labels, scores), boxes, _ = found
    top, left, bottom, right = boxes[chosen].tolist()
    return (
        f"{scenes.CLASSES[int(labels[chosen])]}, score {float(scores[chosen]):.2f}, "
        f"{right - left:.0f} × {bottom - top:.0f} box, {int(masks[chosen].sum())} px"
    )


LAB = Lab(
    title="Finding instances",
    summary="Three ways from a picture to its objects, and each begins with a heatmap.",
    controls={
        "seed": Choice(*range(10), default=3, label="scene"),
        "objects": Choice(0, 1, 8, 20, 50, default=8),
        "touching": Choice(0, 0.25, 0.5, 0.75, 1, default=0.5, label="share that touches"),
        "net": Choice(*FINDERS, default=CENTERS, label="found by"),
        "threshold": Choice(*THRESHOLDS, default=0.3, play=True),
        "min_size": Choice(1, 10, 30, 100, 300, default=10, label="smallest object, px"),
        "nms": Choice(0.1, 0.3, 0.5, 0.7, 1, default=0.5, label="suppress above IoU"),
        "pixel": Pixel(SIZE, label="your point"),
    },
    matters={"touching": lambda objects: objects > 1, "nms": lambda net: net == MASK_RCNN},
    stages=globals(),
    panes={
        "where pixels point": pointing,
        "boxes and scores": boxed,
        "heatmap of objects": lambda finder: paint.scalar(
            finder.heatmap, low=0, high=1 if finder.probability else None, palette="magma"
        ),
        "objects": "objects_map",
        "scores on one axis": on_one_axis,
        "one region, 28 × 28": region,
    },
    numbers={
        "objects": lambda counts: "{} found, {} missed, {} false".format(*counts),
        "AP50 here": lambda compared: digits(ap50([compared])),
        "at your point": at_point,
    },
    charts={
        "Measure over more scenes": Sweep(
            "compared",
            over="touching",
            lines="net",
            repeat=("seed", CHART_SCENES),
            combine=ap50,
            fix={"objects": lambda objects: max(objects, 1)},
            title=lambda objects: f"{CHART_SCENES} scenes of {max(objects, 1)} objects",
            x="share of objects that touch",
            y="AP50",
        )
    },
    tour=TOUR,
)
