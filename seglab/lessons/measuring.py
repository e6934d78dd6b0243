"""Measuring: spoil a perfect segmentation in one way at a time, and see which metric notices."""

from dataclasses import replace

import numpy as np
import torch

from seglab.draw import paint, plots
from seglab.images import scenes
from seglab.lab import Choice, Lab, Pixel
from seglab.ops import metrics, morphology
from seglab.ops.instances import areas, ids

SIDE = 128
CLASSES = scenes.CLASSES
SHIFTS = (0, 1, 2, 3, 4, 6, 8, 12)

ALL, SMALLEST, LARGEST = "all found", "smallest missed", "largest missed"
MISNAMED, NONE = "largest misnamed", "all missed"
OFF, ERASE = "off", "background"

ERRORS = ("background, right", "object, right", "false positive", "false negative", "wrong class")
BANDS = ("no object's band", "in both", "prediction's only", "truth's only", "another class's")
# Outside the colours of the classes: greys for what is right, and errors that differ in lightness.
_COLOURS = np.array(
    [[240, 240, 240], [176, 176, 176], [214, 39, 40], [20, 20, 90], [148, 103, 189]], np.uint8
)

# From the confusion matrix, and from the boundary counts.
METRICS = {
    "pixel accuracy": lambda counts, _: metrics.pixel_accuracy(counts),
    "mean accuracy": lambda counts, _: metrics.mean_accuracy(counts),
    "mean IoU": lambda counts, _: metrics.mean_iou(counts),
    "mean Dice": lambda counts, _: metrics.dice(counts).nanmean(),
    "mean boundary IoU": lambda _, boundary: (boundary[:, 0] / boundary[:, 1]).nanmean(),
}


def scene(seed, count):
    return scenes.make(seed, (SIDE, SIDE), count, difficulty=0.3, overlap=0.2)


def truth(scene):
    return scene.labels


def named(scene, fate):
    """The class that the prediction gives each object number; 0 where it misses the object."""
    names = scene.labels.new_zeros(int(scene.instances.max()) + 1)
    names[scene.instances] = scene.labels
    size = areas(scene.instances)
    if fate == NONE or not len(size):
        return names.zero_()
    numbers = ids(scene.instances)
    if fate == SMALLEST:
        names[numbers[size.argmin()]] = 0
    elif fate == LARGEST:
        names[numbers[size.argmax()]] = 0
    elif fate == MISNAMED:
        largest = numbers[size.argmax()]
        names[largest] = names[largest] % (len(CLASSES) - 1) + 1
    return names


def found(scene, named):
    """The objects that are not missed, by number."""
    return scene.instances.where(named[scene.instances] > 0, 0)


def resized(found, grow):
    return morphology.dilate(found, grow) if grow >= 0 else morphology.erode(found, -grow)


def prediction(resized, named, shift, brush, at, radius):
    return _predicted(resized, named, shift, brush, at, radius)


def counts(prediction, truth):
    return metrics.confusion(prediction, truth, len(CLASSES))


def boundary(prediction, truth, d):
    return metrics.boundary_counts(prediction, truth, len(CLASSES), d)


def errors(prediction, truth):
    """Which of ERRORS each pixel is."""
    right = (truth > 0).long()
    wrong = torch.where(truth == 0, 2, torch.where(prediction == 0, 3, 4))
    return torch.where(prediction == truth, right, wrong)


def bands(prediction, truth, d):
    """Which of BANDS each pixel is; the band of the background is not shown."""
    here, there = (morphology.edge(labels, d) & (labels > 0) for labels in (prediction, truth))
    both = torch.where(prediction == truth, 1, 4)
    return torch.where(here & there, both, 2 * here.long() + 3 * there.long())


def measured(counts, boundary):
    return _metrics(counts, boundary)


def shift_chart(resized, named, truth, d, brush, at, radius):
    series: dict[str, dict[float, float]] = {}
    for shift in range(SHIFTS[-1] + 1):
        moved = _predicted(resized, named, shift, brush, at, radius)
        values = _metrics(counts(moved, truth), boundary(moved, truth, d))
        for name, value in values.items():
            series.setdefault(name, {})[shift] = value
    return plots.lines(
        series,
        title="What each metric says to a shift",
        x="shift in pixels",
        y="metric",
        ticks=SHIFTS,
    )


def _predicted(resized, named, shift, brush, at, radius):
    labels = named[morphology.shift(resized, (0, shift))]
    if brush == OFF:
        return labels
    disc = morphology.disc((SIDE, SIDE), at, radius, like=labels)
    return labels.masked_fill(disc, CLASSES.index(brush))


def _metrics(counts, boundary):
    return {name: round(float(metric(counts, boundary)), 3) for name, metric in METRICS.items()}


def _painted(codes, names):
    return replace(paint.labels(codes, names), palette=_COLOURS)


def _occurring(counts):
    return [k for k in range(len(CLASSES)) if counts[k].any() or counts[:, k].any()]


def _confusion_table(counts):
    kinds = _occurring(counts)
    rows = [[CLASSES[k], *(int(counts[k, j]) for j in kinds)] for k in kinds]
    return paint.table(["true class", *(f"as {CLASSES[k]}" for k in kinds)], rows)


def _class_table(counts, boundary):
    columns = {
        "IoU": metrics.iou(counts),
        "Dice": metrics.dice(counts),
        "boundary IoU": boundary[:, 0] / boundary[:, 1],
    }
    rows = [
        [CLASSES[k], *(f"{float(values[k]):.3f}" for values in columns.values())]
        for k in _occurring(counts)
    ]
    return paint.table(["class", *columns], rows)


def _read(name):
    return lambda measured: f"{measured[name]:.3f}"


LAB = Lab(
    title="Measuring",
    summary="Spoil a perfect prediction in one way at a time, and see which metric notices.",
    controls={
        "seed": Choice(*range(6), label="scene"),
        "count": Choice(1, 2, 4, 8, 16, default=8, label="objects"),
        "fate": Choice(ALL, SMALLEST, LARGEST, MISNAMED, NONE, label="objects are"),
        "grow": Choice(*range(-4, 5), default=0, label="erode − / dilate +", play=True),
        "shift": Choice(*SHIFTS, default=2, label="shift to the right", play=True),
        "brush": Choice(OFF, ERASE, *CLASSES[1:], label="brush paints"),
        "at": Pixel((SIDE, SIDE), default=(101, 74), label="brush at"),
        "radius": Choice(2, 4, 8, 16, default=8, label="brush radius"),
        "d": Choice(1, 2, 3, 4, 8, 16, 128, default=2, label="boundary distance d"),
    },
    stages=(
        scene,
        truth,
        named,
        found,
        resized,
        prediction,
        counts,
        boundary,
        errors,
        bands,
        measured,
    ),
    panes={
        "picture": lambda scene: paint.rgb(scene.image),
        "truth": lambda truth: paint.labels(truth, CLASSES),
        "prediction": lambda prediction: paint.labels(prediction, CLASSES),
        "errors": lambda errors: _painted(errors, ERRORS),
        "boundary bands of the objects": lambda bands: _painted(bands, BANDS),
        "by class": _class_table,
        "confusion matrix, in pixels": _confusion_table,
    },
    numbers={
        "wrong pixels": lambda prediction, truth: int((prediction != truth).sum()),
        **{name: _read(name) for name in METRICS},
    },
    charts={"Metrics against the shift": shift_chart},
)
