"""Semantic, instance, panoptic: three answers to what a segment is, and what measures them."""

from dataclasses import replace

from seglab._text import digits
from seglab.draw import paint
from seglab.images import coins, scenes
from seglab.lab import Choice, Lab, Pixel, Sweep, of
from seglab.lessons.pictures import quality as blocks
from seglab.lessons.tours.semantic_instance_panoptic import TOUR
from seglab.ops import instances, metrics, morphology
from seglab.ops.instances import Segmentation

SIZE = (152, 192)  # the coins at half their size
SCENE, COINS = "drawn scene", "coins"
NONE, SMALL, LARGE, MISNAMED = "none", "1 px too small", "1 px too large", "a class misnamed"
BLOBS, PER_CLASS, WATERSHED = "components", "components, per class", "watershed, per class"
WIDER_THAN_A_COIN = 41  # pixels; the largest has 33 at this size
CHART_SCENES = 8


def scene(picture, seed, objects, overlap, touching):
    if picture == COINS:
        return coins.load(SIZE)
    return scenes.make(seed, SIZE, objects, overlap=overlap, touching=touching)


def true(scene, picture):
    """The grounds are stuff: they have no number."""
    stuff = ("table",) if picture == COINS else scenes.GROUNDS
    return Segmentation(scene.ground, scene.labels, scene.instances, stuff, scene.classes[1:])


def semantics(scene, picture, mistake):
    """The class of every pixel, from which the grouping starts; 0 = stuff."""
    labels = scene.labels
    if picture == COINS:
        labels = morphology.bright_objects(scene.image, WIDER_THAN_A_COIN).long()
    if mistake in (SMALL, LARGE):
        return (morphology.erode if mistake == SMALL else morphology.dilate)(labels, 1)
    things = len(scene.classes) - 1
    if mistake == MISNAMED and things > 1 and labels.any():
        commonest = int(labels[labels > 0].bincount().argmax())
        return labels.where(labels != commonest, commonest % things + 1)
    return labels


def pieces(semantics, method, h, min_size):
    """Objects by first pixel, row by row."""
    if method == WATERSHED:
        found = instances.per_class(semantics, lambda mask: instances.distance_watershed(mask, h))
    else:
        found = instances.components(semantics > 0 if method == BLOBS else semantics)
    return instances.remove_small(found, min_size)


def found(pieces, semantics, true):
    """The answer; an object that matches a true one has its number, and so its colour."""
    numbered = instances.number_like(pieces, true.instances)
    return replace(true, labels=semantics, instances=numbered)


def mean_iou(found, true):
    counts = metrics.confusion(found.semantic, true.semantic, len(true.names))
    return float(metrics.mean_iou(counts))


def precision(pieces, semantics, true):
    """Average precision at IoU 0.5, 0.55, ... 0.95; nothing here has a score, so all have 1."""
    overlaps = instances.overlaps(pieces, true.instances)
    kinds, scores = instances.majority_labels(pieces, semantics), overlaps.new_ones(len(overlaps))
    return metrics.average_precision([overlaps], [scores], [kinds], [true.object_classes])


def maps(found, true):
    """Labels and numbers, found and true, as metrics of segments take them."""
    return {
        **{"labels": found.panoptic, "instances": found.instances},
        **{"true_labels": true.panoptic, "true_instances": true.instances},
    }


def by_class(maps, true):
    return metrics.panoptic_quality_by_class(**maps, classes=len(true.names))


def quality(by_class):
    """PQ, SQ and RQ: the means over the classes."""
    return metrics.PanopticQuality(*(part.nanmean() for part in by_class))


def pairs(maps):
    return metrics.segment_pairs(**maps)


rows = of(blocks.rows, "pairs", "found", "true")
standing = of(blocks.standing, "found", "true", "pixel")
shades = of(paint.instance_shades, "true.instances", "found.instances")
true_segment = of(Segmentation.segment, "true", "view", "pixel")
found_segment = of(Segmentation.segment, "found", "view", "pixel")
true_name = of(Segmentation.name, "true", "view", "pixel")
found_name = of(Segmentation.name, "found", "view", "pixel")


def at_point(true_name, found_name, true_segment, found_segment):
    """Segments under the point in both maps, and how well they agree."""
    union = int((true_segment | found_segment).sum())
    share = f", IoU {int((true_segment & found_segment).sum()) / union:.3f}" if union else ""
    return f"{true_name}, found {found_name}{share}"


def mistakes(pieces, true):
    """Merged: holds most of two true objects or more. Split: holds most of two found ones."""
    made = metrics.object_mistakes(pieces, true.instances)
    return (
        f"{made.merged} merged, {made.split} split; "
        f"no match: {made.missed} true, {made.spurious} found"
    )


LAB = Lab(
    title="Semantic, instance, panoptic",
    summary="Three answers to what a segment is, and what each metric says of them.",
    controls={
        "view": Choice(*instances.VIEWS, default=instances.PANOPTIC),
        "picture": Choice(SCENE, COINS),
        "seed": Choice(*range(10), default=4, label="scene"),
        "objects": Choice(0, 1, 4, 8, 12, 20, 50, 500, default=12),
        "overlap": Choice(0, 0.2, 0.4, 0.6, 0.8, default=0.2),
        "touching": Choice(0, 0.25, 0.5, 0.75, 1, default=0.5, play=True),
        "mistake": Choice(NONE, SMALL, LARGE, MISNAMED, label="mistake in the semantic map"),
        "method": Choice(BLOBS, PER_CLASS, WATERSHED, default=PER_CLASS, label="objects are"),
        "h": Choice(0, 0.25, 0.5, 1, 2, 4, default=1, label="cut necks deeper than, px"),
        "min_size": Choice(1, 10, 30, 100, label="smallest object, px"),
        "pixel": Pixel(SIZE),
    },
    matters={
        ("seed", "objects"): lambda picture: picture == SCENE,
        ("overlap", "touching"): lambda picture, objects: picture == SCENE and objects > 1,
        ("mistake", "method", "min_size"): lambda picture, objects: picture == COINS or objects > 0,
        "h": lambda method, picture, objects: (
            method == WATERSHED and (picture == COINS or objects > 0)
        ),
    },
    stages=globals(),
    panes={
        "PQ, block by block": of(blocks.blocks, "rows", "by_class", "true", "standing"),
        "true segments": of(paint.segmentation, "true", "view", "shades"),
        "found segments": of(paint.segmentation, "found", "view", "shades"),
        "the segment at your point": of(paint.agreement, "found_segment", "true_segment"),
        "picture": "scene.image",
    },
    numbers={
        "objects": lambda true, pieces: (
            f"{len(true.object_classes)} true, {int(pieces.max())} found"
        ),
        "mistakes": "mistakes",
        "mean IoU": of(digits, "mean_iou"),
        "AP": lambda precision: f"{digits(precision.mean())} (AP50 {digits(precision[0])})",
        "PQ": lambda quality: "{} (SQ {}, RQ {})".format(*map(digits, quality)),
        "at your point": "at_point",
    },
    charts={
        "Measure over more scenes": Sweep(
            lambda mean_iou, precision, quality: (
                {"mean IoU": mean_iou, "AP": precision.mean(), "PQ": quality.pq}
            ),
            over="touching",
            repeat=("seed", CHART_SCENES),
            fix={"picture": SCENE, "objects": lambda objects: max(objects, 1)},
            title=lambda method: f"Mean of {CHART_SCENES} scenes: {method}",
            x="share of objects that touch",
            y="metric",
        )
    },
    tour=TOUR,
)
