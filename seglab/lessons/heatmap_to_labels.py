"""Heatmap to labels: softmax, threshold, argmax or reject, and in which order to upsample."""

from dataclasses import replace

import numpy as np
import torch

from seglab.draw import paint, palettes, plots
from seglab.draw.marks import Box
from seglab.images import mosaics, photos
from seglab.lab import Choice, Lab, Photo, Pixel
from seglab.lessons import views
from seglab.nets import coarse_maps, textures
from seglab.ops import heatmap, metrics, receptive_field, upsample
from seglab.types import NO_LABEL

CLASSES = textures.CLASSES
SIDE = 256
MOSAICS = {"mosaic": 0, "another mosaic": 2}  # by seed: these have a truth

NO_SOFTMAX, AFTER, BEFORE = "none", "after upsampling", "before upsampling"
ARGMAX, THRESHOLD, REJECT = "argmax", "threshold", "reject"
NEAREST, BILINEAR = "nearest", "bilinear"
LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)

SEVERAL = len(CLASSES)  # the label of a pixel that two classes or more reach
NAMES = (*CLASSES, "several classes")
VERDICTS = ("right", "wrong", "several classes", "labelled, but there is no truth")
ORDERS = (
    "the same label",
    "only softmax after is right",
    "only softmax before is right",
    "both wrong, differently",
    "different, but there is no truth",
)

_SHADES = np.array([[205, 205, 205], [214, 39, 40], [40, 40, 40], [170, 190, 210]], np.uint8)


def mosaic(photo):
    """The mosaic of that name; None for a photograph."""
    return mosaics.make(MOSAICS[photo]) if photo in MOSAICS else None


def image(photo, mosaic):
    return photos.load(photo) if mosaic is None else mosaic.image


def truth(mosaic):
    return None if mosaic is None else mosaic.labels


def net(f):
    return textures.pretrained(output_stride=f)


def field(net):
    """What a cell sees of the picture, and where the cell lies: on its own f × f block.

    The picture is mirrored around, so that the field of cell (0, 0) begins outside it. A field of
    odd size centres on a pixel, a block of even size between two: they are half a pixel apart.
    """
    own = receptive_field.of(net)
    (rows, columns), (down, across) = own.size, own.stride
    return replace(
        own,
        padding=((rows - down) // 2, (columns - across) // 2),
        origin=((down - 1) / 2, (across - 1) / 2),
    )


def cell(field, pixel):
    """Row and column of the cell that the pixel lies in."""
    return tuple(at // s for at, s in zip(pixel, field.stride, strict=True))


def scores(net, image):
    return coarse_maps.coarse(coarse_maps.SCORES, image, net)


def fine_scores(scores, f, upsampling):
    return enlarged(scores, f, upsampling)


def after(fine_scores):
    """Scores first: upsampled, and then made probabilities."""
    return heatmap.softmax(fine_scores)


def before(scores, f, upsampling):
    """Probabilities first: made in the cells, and then upsampled."""
    return enlarged(heatmap.softmax(scores), f, upsampling)


def cell_values(scores, softmax):
    return scores if softmax == NO_SOFTMAX else heatmap.softmax(scores)


def values(softmax, fine_scores, after, before):
    return {NO_SOFTMAX: fine_scores, AFTER: after, BEFORE: before}[softmax]


def cell_labels(cell_values, rule, level):
    return heatmap.decide(cell_values, rule, level)


def labels(values, rule, level):
    return heatmap.decide(values, rule, level)


def verdicts(labels, truth):
    """Which of VERDICTS each pixel is; no label stays no label."""
    single = torch.full_like(labels, 3) if truth is None else (labels != truth).long()
    judged = torch.where(labels == SEVERAL, 2, single)
    return torch.where(labels == NO_LABEL, NO_LABEL, judged)


def orders(after, before, truth):
    """Which of ORDERS each pixel is, by the best class of either."""
    one, other = heatmap.label_map(after), heatmap.label_map(before)
    if truth is None:
        kind = torch.full_like(one, 4)
    else:
        kind = torch.where(one == truth, 1, torch.where(other == truth, 2, 3))
    return torch.where(one == other, 0, kind)


def quality(labels, truth):
    """Share of the pixels with one label, and of these and of all the share that is right."""
    return judged(labels, truth)


def picture(image):
    """The whole picture: one for all points, so that a click sends marks alone."""
    return paint.rgb(image)


def outlined(picture, field, cell):
    """The picture with two outlines: the cell, and dashed around it its field."""
    top, left, bottom, right = field.box(*cell)
    (rows, columns), (row, column) = field.stride, cell
    block = Box(
        row * rows - 0.5,
        column * columns - 0.5,
        (row + 1) * rows - 0.5,
        (column + 1) * columns - 0.5,
    )
    around = Box(top - 0.5, left - 0.5, bottom + 0.5, right + 0.5, dashed=True)
    return picture.with_marks(around, block)


def fields_over(field, pixel, scores):
    """How many fields the pixel lies in."""
    counts = []
    for axis, at in enumerate(pixel):
        first = torch.arange(scores.shape[2 + axis]) * field.stride[axis] - field.padding[axis]
        counts.append(int(((first <= at) & (at < first + field.size[axis])).sum()))
    return counts[0] * counts[1]


def enlarged(x, f, upsampling):
    return upsample.nearest(x, f) if upsampling == NEAREST else upsample.bilinear(x, f)


def judged(labels, truth):
    """(labelled, right of the labelled, right of all) as shares; None where there is no saying."""
    labelled = metrics.coverage(labels, len(CLASSES))
    if truth is None or not labelled:
        return labelled, None, None
    right = metrics.selective_accuracy(labels, truth, len(CLASSES))
    return labelled, right, right * labelled


def trade(values, truth, levels):
    """What each level leaves labelled, and how much of that is right: coverage -> accuracy."""
    points = [judged(heatmap.decide(values, REJECT, level), truth)[:2] for level in levels]
    return {coverage: right for coverage, right in points if right is not None}


def chart(after, before, truth, quality, progress):
    levels = (0.0, *LEVELS[2:], 0.999)
    series: dict[str, dict[float, float]] = {}
    for done, (name, values) in enumerate(((AFTER, after), (BEFORE, before)), 1):
        if truth is None:
            shares = (judged(heatmap.decide(values, REJECT, level), None)[0] for level in levels)
            series[f"softmax {name}"] = dict(zip(levels, shares, strict=True))
        else:
            series[f"softmax {name}"] = trade(values, truth, levels)
        progress(done, 2)
    if truth is None:
        return plots.lines(
            series,
            title="A photograph without any of the classes, and how much of it gets a label",
            x="reject below this probability",
            y="share of the pixels that are labelled",
            ticks=(0, 0.2, 0.4, 0.6, 0.8, 1),
        )
    labelled, right, _ = quality
    if right is not None:
        series["you are here"] = {labelled: right}
    return plots.lines(
        series,
        title="Reject more, and what is left is right more often",
        x="share of the pixels that are labelled",
        y="share of those that is right",
        ticks=(0, 0.2, 0.4, 0.6, 0.8, 1),
    )


def point_table(fine_scores, after, before, labels, pixel):
    """The classes at the chosen pixel: its score, and its probability by either order."""
    row, column = pixel
    columns = [plane[0, :, row, column].tolist() for plane in (fine_scores, after, before)]
    rows = [
        (name, f"{round(score, 1) + 0.0:.1f}", f"{one:.3f}", f"{other:.3f}")  # + 0.0: never -0.0
        for name, score, one, other in zip(CLASSES, *columns, strict=True)
    ]
    label = int(labels[0, row, column])
    chosen = label if label < SEVERAL else None
    return paint.table(("class", "score", "softmax after", "softmax before"), rows, chosen)


def _channel(values, shown, softmax, **place):
    plane = values[:, CLASSES.index(shown)]
    if softmax != NO_SOFTMAX:
        return paint.scalar(plane, low=0, high=1, palette="magma", **place)
    most = float(plane.abs().max())
    return paint.scalar(plane, low=-most, high=most, palette="vik", **place)


def _named(labels, **place):
    colours = np.concatenate([palettes.labels(len(CLASSES)), _SHADES[2:3]])
    return replace(paint.labels(labels, NAMES, **place), palette=colours)


def _by_order(orders):
    pale, dark, other = [225, 225, 225], [60, 60, 60], [204, 121, 167]
    mine = palettes.labels(2)  # the colours of the two lines in the chart
    colours = np.array([pale, mine[0], mine[1], dark, other], np.uint8)
    return replace(paint.labels(orders, ORDERS), palette=colours)


def _share(value, truth):
    if truth is None:
        return "there is no truth"
    return "nothing is labelled" if value is None else f"{value:.1%}"


def _unlabelled(labels):
    none, several = (int((labels == code).sum()) for code in (NO_LABEL, SEVERAL))
    return f"{none} px without a class, {several} px with several"


def _reach(field, cell, fields_over):
    size, step = int(field.size[0]), field.stride[0]
    fields = f"{fields_over} field{'s' * (fields_over > 1)} of {size} × {size}"
    return f"1 cell of {step} × {step}, {cell}, and {fields}"


LAB = Lab(
    title="Heatmap to labels",
    summary="From one score per class and cell to one label per pixel, or to an honest hole.",
    controls={
        "photo": Photo(*MOSAICS, "astronaut", "coffee", "chelsea"),
        "f": Choice(2, 4, 8, 16, default=16, label="downsampling factor f"),
        "softmax": Choice(NO_SOFTMAX, AFTER, BEFORE, default=AFTER, label="softmax over classes"),
        "upsampling": Choice(NEAREST, BILINEAR, default=BILINEAR),
        "rule": Choice(ARGMAX, THRESHOLD, REJECT),
        "level": Choice(*LEVELS, default=0.5),
        "shown": Choice(*CLASSES, default="grass", label="class"),
        "pixel": Pixel((SIDE, SIDE), default=(132, 39), label="point"),
    },
    stages=(
        *(mosaic, image, truth, net, field, cell, scores, fine_scores, after, before),
        *(cell_values, values, cell_labels, labels, verdicts, orders, quality, picture),
        fields_over,
    ),
    panes={
        "picture, cell and field": outlined,
        "one class, per cell": lambda cell_values, shown, softmax, image, field: _channel(
            cell_values, shown, softmax, frame=views.frame(image), field=field
        ),
        "one class, per pixel": lambda values, shown, softmax: _channel(values, shown, softmax),
        "labels, per cell": lambda cell_labels, image, field: _named(
            cell_labels, frame=views.frame(image), field=field
        ),
        "labels, per pixel": lambda labels: _named(labels),
        "against the truth": lambda verdicts: replace(
            paint.labels(verdicts, VERDICTS), palette=_SHADES
        ),
        "softmax after or before: argmax": _by_order,
        "the classes at the point": point_table,
    },
    numbers={
        "labelled": lambda quality: f"{quality[0]:.1%}",
        "not labelled": _unlabelled,
        "right, of the labelled": lambda quality, truth: _share(quality[1], truth),
        "right, of all": lambda quality, truth: _share(quality[2], truth),
        "the two orders differ in": lambda orders: f"{int((orders > 0).sum())} px",
        "the point lies in": _reach,
        "without effect here": lambda rule: "level" if rule == ARGMAX else "none",
    },
    charts={"Accuracy against coverage": chart},
)
