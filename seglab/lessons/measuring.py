"""Measuring: one kind of mistake at a time, and which metric notices it."""

import torch

from seglab.draw import paint
from seglab.images import scenes
from seglab.lab import Choice, Lab, Pixel, Sweep, of
from seglab.lessons.pictures import spoiling
from seglab.lessons.tours.measuring import TOUR
from seglab.ops import metrics, morphology
from seglab.ops.instances import areas, ids

SIDE = 128
CLASSES = scenes.CLASSES
ALL, SMALLEST, LARGEST = "all found", "smallest missed", "largest missed"
MISNAMED, NONE = "largest misnamed", "all missed"
OFF = "off"
SHIFTS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24)
BANDS = ("no object's band", "in both", "prediction's only", "truth's only", "another class's")
# Outside the colours of the classes: greys for what is right, and errors that differ in lightness.
COLOURS = ((240, 240, 240), (176, 176, 176), (214, 39, 40), (20, 20, 90), (148, 103, 189))
METRICS = ("pixel accuracy", "mean accuracy", "mean IoU", "mean Dice", "mean boundary IoU")


def scene(seed, count):
    return scenes.make(seed, (SIDE, SIDE), count, difficulty=0.3, overlap=0.2)


def truth(scene):
    return scene.labels


photograph = of(paint.rgb, "scene.image")
middle = of(spoiling.middle, "scene.instances")


def named(scene, fate):
    """The class that the prediction gives each object number; 0 where it misses the object."""
    names = scene.labels.new_zeros(int(scene.instances.max()) + 1)
    names[scene.instances] = scene.labels
    size = areas(scene.instances)
    if fate == NONE or not len(size):
        return names.zero_()
    chosen = ids(scene.instances)[size.argmin() if fate == SMALLEST else size.argmax()]
    if fate in (SMALLEST, LARGEST):
        names[chosen] = 0
    elif fate == MISNAMED:
        names[chosen] = names[chosen] % (len(CLASSES) - 1) + 1
    return names


def found(scene, named):
    """The objects that are not missed, by number."""
    return scene.instances.where(named[scene.instances] > 0, 0)


def resized(found, grow):
    return morphology.dilate(found, grow) if grow >= 0 else morphology.erode(found, -grow)


def spot(scene, brush, at, radius):
    """The pixels that the brush has painted; None where it is off."""
    if brush == OFF:
        return None
    return morphology.disc((SIDE, SIDE), at, radius, like=scene.labels)


def prediction(resized, named, shift, brush, spot):
    labels = named[morphology.shift(resized, (0, shift))]
    return labels if spot is None else labels.masked_fill(spot, CLASSES.index(brush))


def painted(spot, brush):
    """The outline of the brush's spot, in the colour of its class."""
    return () if spot is None else spoiling.around(spot[None], CLASSES.index(brush))


outlines = of(lambda resized, named: spoiling.outlines(named[resized]), "resized", "named")
counts = of(metrics.confusion, "prediction", "truth", classes=len(CLASSES))
errors = of(metrics.errors, "prediction", "truth")


def boundary(prediction, truth, d):
    return metrics.boundary_counts(prediction, truth, len(CLASSES), d)


def bands(prediction, truth, d):
    """Index into BANDS of each pixel; the band of the background is not shown."""
    here, there = (morphology.edge(labels, d) & (labels > 0) for labels in (prediction, truth))
    both = torch.where(prediction == truth, 1, 4)
    return torch.where(here & there, both, 2 * here.long() + 3 * there.long())


def measured(counts, boundary):
    values = (
        *(metrics.pixel_accuracy(counts), metrics.mean_accuracy(counts), metrics.mean_iou(counts)),
        metrics.dice(counts).nanmean(),
        (boundary[:, 0] / boundary[:, 1]).nanmean(),
    )
    return {name: round(float(value), 3) for name, value in zip(METRICS, values, strict=True)}


def occurring(counts):
    return [k for k in range(len(CLASSES)) if counts[k].any() or counts[:, k].any()]


def confusion_table(counts):
    kinds = occurring(counts)
    rows = [[CLASSES[k], *(int(counts[k, j]) for j in kinds)] for k in kinds]
    return paint.table(["true class", *(f"as {CLASSES[k]}" for k in kinds)], rows)


def class_table(counts, boundary):
    columns = {
        "IoU": metrics.iou(counts),
        "Dice": metrics.dice(counts),
        "boundary IoU": boundary[:, 0] / boundary[:, 1],
    }
    rows = [
        [CLASSES[k], *(f"{float(values[k]):.3f}" for values in columns.values())]
        for k in occurring(counts)
    ]
    return paint.table(["class", *columns], rows)


LAB = Lab(
    title="Measuring",
    summary="Make one kind of mistake at a time, and see which metric notices it.",
    controls={
        "seed": Choice(*range(6), label="scene"),
        "count": Choice(1, 2, 4, 8, 16, default=8, label="objects"),
        "fate": Choice(ALL, SMALLEST, LARGEST, MISNAMED, NONE, label="objects are"),
        "grow": Choice(*range(-4, 5), default=0, label="erode − / dilate +", play=True),
        "shift": Choice(*SHIFTS, default=2, label="shift to the right", play=True),
        "brush": Choice(OFF, *CLASSES, label="brush paints"),
        "at": Pixel((SIDE, SIDE), default=(101, 74), label="brush at"),
        "radius": Choice(2, 4, 8, 16, default=8, label="brush radius"),
        "d": Choice(1, 2, 3, 4, 8, 16, 128, default=2, label="boundary distance d"),
    },
    matters={
        ("at", "radius"): lambda brush: brush != OFF,
        # Of one object, the smallest and the largest missed leave none to change.
        ("grow", "shift"): lambda fate, count: (
            fate in (ALL, MISNAMED) or (fate != NONE and count > 1)
        ),
    },
    stages=globals(),
    panes={
        "drag the mask": of(
            spoiling.dragged, "photograph", "outlines", "painted", "middle", "shift", stops=SHIFTS
        ),
        "metrics": of(spoiling.metric_bars, "measured"),
        "errors": of(paint.labels, "errors", names=metrics.ERRORS, colours=COLOURS),
        "boundary bands": of(paint.labels, "bands", names=BANDS, colours=COLOURS),
        "prediction | truth": lambda prediction, truth: paint.curtain(
            paint.labels(prediction, CLASSES), paint.labels(truth, CLASSES), ("prediction", "truth")
        ),
        "by class": class_table,
        "confusion matrix, pixels": confusion_table,
    },
    numbers={"wrong pixels": lambda prediction, truth: int((prediction != truth).sum())},
    charts={
        "Metrics against the shift": Sweep(
            "measured",
            over="shift",
            title="What each metric says to a shift",
            x="shift in pixels",
            y="metric",
        )
    },
    tour=TOUR,
)
