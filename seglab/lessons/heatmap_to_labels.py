"""Heatmap to labels: softmax, threshold, argmax or reject, and in which order to upsample."""

import math

from seglab import scalars
from seglab.draw import paint
from seglab.draw.marks import Box, Outline
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo, Pixel, of
from seglab.lessons.pictures import calibration, coverage
from seglab.lessons.pictures import cut as cutting
from seglab.lessons.tours.heatmap_to_labels import TOUR
from seglab.nets import coarse_maps, textures
from seglab.ops import heatmap, metrics, upsample
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import NO_LABEL

CLASSES = textures.CLASSES
MOSAICS = {"mosaic": 0, "another mosaic": 2}  # by seed: these have a truth

NO_SOFTMAX, AFTER, BEFORE = "none", "after upsampling", "before upsampling"
ARGMAX, THRESHOLD, REJECT = heatmap.RULES
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
CHART_LEVELS = (0.0, *LEVELS[2:], 0.999)

SEVERAL = len(CLASSES)  # the label of a pixel that two classes or more reach
ORDERS = (
    *("the same label", "only softmax after is right", "only softmax before is right"),
    *("both wrong, differently", "different, truth unknown"),
)


def mosaic(photo):
    """The mosaic of that name; None for a photograph."""
    return mosaics.make(MOSAICS[photo]) if photo in MOSAICS else None


def image(photo, mosaic):
    return photos.load(photo) if mosaic is None else mosaic.image


def truth(mosaic):
    return None if mosaic is None else mosaic.labels


net = of(textures.pretrained, "f")
field = of(coarse_maps.field, "net")
picture = of(paint.rgb, "image")  # one for all points, so that a click sends marks alone


def scores(net, image):
    return coarse_maps.coarse(coarse_maps.SCORES, image, net)


upsampler = of(upsample.Upsampler, "upsampling", "f")
cell_shares = of(heatmap.softmax, "scores", "temperature")
fine_scores = of(upsample.Upsampler.__call__, "upsampler", "scores")
after = of(heatmap.softmax, "fine_scores", "temperature")
before = of(upsample.Upsampler.__call__, "upsampler", "cell_shares")


def cell_values(scores, cell_shares, softmax):
    return scores if softmax == NO_SOFTMAX else cell_shares


def values(softmax, fine_scores, after, before):
    return {NO_SOFTMAX: fine_scores, AFTER: after, BEFORE: before}[softmax]


cell_labels = of(heatmap.decide, "cell_values", "rule", "level")
labels = of(heatmap.decide, "values", "rule", "level")
labelled = of(metrics.coverage, "labels", classes=SEVERAL)


def right(labels, truth):
    """The share of the labelled pixels that is right; None where that is not known."""
    return None if truth is None else metrics.selective_accuracy(labels, truth, SEVERAL)


verdicts = of(metrics.verdicts, "labels", "truth", several=SEVERAL)


def orders(after, before, truth):
    """Index into ORDERS of each pixel: whether the two orders agree, and which one is right."""
    return metrics.winners(heatmap.label_map(after), heatmap.label_map(before), truth)


cell = of(ReceptiveField.unit_at, "field", "pixel")


def fields_over(field, pixel, scores):
    """Number of fields in which the pixel lies."""
    return field.units_over(pixel, scores.shape[2:])


along = of(cutting.columns, "pixel", wide=256)


def outlined(picture, field, cell, pixel, along):
    """The picture with the cell, dashed around it its field, and the line of the cut."""
    around = Box.around(field.box(*cell), dashed=True)
    line = Outline(((pixel[0], along[0]), (pixel[0], along[-1])), closed=False)
    return picture.with_marks(around, line, Box.around(field.cell(*cell)))


def cut(fine_scores, after, before, softmax, labels, truth, pixel, along, rule, level):
    """A row through the point: what the rule reads, faintly by the other order, and the labels."""
    here = (0, ..., pixel[0], slice(along[0], along[-1] + 1))
    scores, after, before = (x[here].cpu() for x in (fine_scores, after, before))
    curves, others = {
        NO_SOFTMAX: (scores, None),
        AFTER: (after, (before, f"softmax {BEFORE}")),
        BEFORE: (before, (after, f"softmax {AFTER}")),
    }[softmax]
    true = None if truth is None else truth[here].cpu()
    levels = None if rule == ARGMAX else (level, LEVELS)
    one = cutting.Cut(CLASSES, pixel, along, curves, others, labels[here].cpu(), true, levels)
    return cutting.drawn(one, cutting.seen(after))


def reliability(values, softmax, truth, temperature):
    if softmax == NO_SOFTMAX:
        return calibration.unknown("bare scores are no probabilities")
    if truth is None:
        return calibration.unknown("the truth of a photograph is unknown")
    return calibration.reliability(metrics.reliability(values, truth), temperature)


def share(value):
    if value is None:
        return "truth unknown"
    return "nothing is labelled" if math.isnan(value) else f"{value:.1%}"


def unlabelled(labels):
    none, several = (scalars.whole((labels == code).sum()) for code in (NO_LABEL, SEVERAL))
    return f"no class {none} px, several {several} px"


def reach(field, cell, fields_over):
    size, step = int(field.size[0]), field.stride[0]
    fields = f"{fields_over} field{'s' * (fields_over > 1)} of {size} × {size}"
    return f"1 cell of {step} × {step}, {fields}"


def chart(after, before, truth, labelled, right, progress):
    """Share that is labelled, and how much of it is right, as more and more is rejected."""
    ways = {f"softmax {AFTER}": after, f"softmax {BEFORE}": before}
    return coverage.chart(ways, truth, (labelled, right), CHART_LEVELS, progress)


LAB = Lab(
    title="Heatmap to labels",
    summary="From one score per class and cell to one label per pixel, or to no label.",
    controls={
        "photo": Photo(*MOSAICS, "astronaut", "coffee", "chelsea"),
        "f": Choice(2, 4, 8, 16, default=16, label="downsampling factor f"),
        "softmax": Choice(NO_SOFTMAX, AFTER, BEFORE, default=AFTER),
        "upsampling": Choice(upsample.NEAREST, upsample.BILINEAR, default=upsample.BILINEAR),
        "rule": Choice(*heatmap.RULES),
        "level": Choice(*LEVELS, default=0.5),
        "temperature": Choice(0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 10.0, default=1.0),
        "pixel": Pixel((256, 256), default=(132, 39), label="point"),
    },
    matters={"level": lambda rule: rule != ARGMAX},
    stages=globals(),
    panes={
        "the cut": "cut",
        "cell, field and cut": "outlined",
        "labels, per pixel": of(paint.decisions, "labels", classes=CLASSES),
        "reliability": "reliability",
        "against the truth": of(paint.verdicts, "verdicts"),
        "softmax order": of(paint.winners, "orders", names=ORDERS),
        "labels, per cell": lambda cell_labels, image, field: paint.decisions(
            cell_labels, CLASSES, on=image, field=field
        ),
    },
    numbers={
        "labelled": of("{:.1%}", "labelled"),
        "not labelled": "unlabelled",
        "right, of labelled": of(share, "right"),
        "right, of all": lambda labelled, right: share(None if right is None else right * labelled),
        "orders differ in": lambda orders: f"{scalars.whole((orders > 0).sum())} px",
        "the point lies in": "reach",
    },
    charts={"Accuracy against coverage": chart},
    tour=TOUR,
)
