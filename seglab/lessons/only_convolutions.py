"""Only convolutions: resolution, context, cost, at one number of parameters."""

from typing import Any

import torch

from seglab import device
from seglab.draw import paint, palettes, plots
from seglab.images import mosaics
from seglab.lab import Choice, Lab, of
from seglab.lessons._textures import F, picture
from seglab.lessons.tours.only_convolutions import TOUR
from seglab.nets import five_convolutions as nets
from seglab.ops import dense, metrics, morphology
from seglab.timing import milliseconds
from seglab.types import NO_LABEL

STRIDED, PLAIN, DILATED = "strided", "plain", "dilated"
DOUBLING, EQUAL = "doubling, up to f", "4 everywhere"
MISTAKES = "mistakes"
RIGHT = len(nets.CLASSES)  # the label of a right pixel, where only mistakes have a class
_PALE = (225, 225, 225)
NEAR = 8  # pixels from a border between two textures
CHART_SIDE = 192  # pixels: the largest field of the chart must fit
CHART_FIELD = 70  # pixels: no line goes on past it
CHART_TICKS = (3, 5, 9, 17, 33, 63)

mosaic = of(mosaics.make, "seed")


def strided_net(f, depth, trained):
    return nets.pretrained(f"f{f}", depth, trained)


def plain_net(depth, trained):
    return nets.pretrained("plain", depth, trained)


def dilated_net(strided_net, depth, dilations, trained):
    """The strided net with dilations in place of its strides: the same weights, at every pixel."""
    if dilations == DOUBLING:
        return dense.rarefy(strided_net)
    return nets.pretrained("d4", depth, trained)


strided = of(nets.answer, "strided_net", "mosaic.image")
plain = of(nets.answer, "plain_net", "mosaic.image")
dilated = of(nets.answer, "dilated_net", "mosaic.image")


def answers(strided, plain, dilated):
    return {STRIDED: strided, PLAIN: plain, DILATED: dilated}


def near(mosaic):
    """Pixels with a border between two textures close by."""
    return morphology.edge(mosaic.tiles, NEAR, border=False)


def shares(mosaic, answers, near):
    """Percent right, far from borders and near them, where all three nets have an answer."""
    answered = torch.stack([one.labels != NO_LABEL for one in answers.values()]).all(0)
    return {
        name: tuple(
            round(100 * float((one.labels == mosaic.labels)[part].cpu().double().mean()), 1)
            for part in (answered & ~near, answered & near)
        )
        for name, one in answers.items()
    }


def same(strided, dilated, dilations):
    """Largest difference between the strided net and every f-th score of the dilated one."""
    if dilations != DOUBLING:
        return "another net"
    f = strided.field.stride[0]
    return f"{metrics.largest_difference(strided.scores, dilated.scores[..., ::f, ::f]):.3f}"


def as_far(dilated, kernel):
    """Cost of the dilated net's field without dilation."""
    reach = nets.plain(int(dilated.field.size[0]), kernel)
    layers, times = len(reach.strides), reach.work(kernel) / dilated.work
    stack = f"{layers} layer{'s' * (layers > 1)} of {kernel} × {kernel}"
    return f"{stack}, {times:.1f} × the work of the dilated net"


def comparison(answers, shares):
    columns = (
        *("net", "parameters", "a score every, px", "sees, px", "multiply-adds per px"),
        *("right inside, %", "right near borders, %"),
    )
    rows = [
        (name, one.parameters, one.field.stride[0], int(one.field.size[0]), one.work, *shares[name])
        for name, one in answers.items()
    ]
    return paint.table(columns, rows)


def shown(answer, view, mosaic):
    """Answer of one of the nets, as labels, as one class, or with all that is right in grey."""
    if view != MISTAKES:
        return picture(answer.scores, nets.CLASSES, view, mosaic.image, answer.field)
    wrong = answer.labels.where(answer.labels != mosaic.labels, RIGHT)
    colours = (*palettes.labels(RIGHT), _PALE)
    return paint.labels(wrong, (*nets.CLASSES, "right"), colours=colours)


def chart(mosaic, f, kernel, progress):
    """Nets of more and more layers, the three ways, as far as the chart goes."""
    ways = {
        STRIDED: [nets.stepping(f, depth) for depth in range(1, 7)],
        PLAIN: [nets.plain(field, kernel) for field in CHART_TICKS],
        DILATED: [nets.dilating(tuple(2**n for n in range(depth))) for depth in range(1, 7)],
    }
    due = [(way, r) for way in ways for r in ways[way] if r.field(kernel) <= CHART_FIELD]
    series: dict[str, dict[float, float]] = {way: {} for way in ways}
    cut = mosaic.image[..., :CHART_SIDE, :CHART_SIDE]
    for done, (way, reach) in enumerate(due, 1):
        series[way][reach.field(kernel)] = milliseconds(nets.untrained(reach, kernel), cut)
        progress(done, len(due))
    title = f"{CHART_SIDE} × {CHART_SIDE} pixels, kernels of {kernel} × {kernel}, f = {f}"
    title, x = f"{title}, on {device.describe()}", "receptive field in pixels"
    style: Any = {"ticks": CHART_TICKS, "x_scale": "log", "y_scale": "log", "unit": "ms"}
    return plots.lines(series, title=title, x=x, y="milliseconds", **style)


LAB = Lab(
    title="Only convolutions",
    summary="Three nets, equal in parameters: one has strides, one has dilations, one has neither.",
    controls={
        "seed": Choice(0, 1, 2, 3, 4, 5, label="mosaic"),
        "trained": Choice(nets.PATCHES, nets.MOSAICS, label="trained on"),
        "depth": Choice(1, 2, 3, 4, 5, default=5, label="layers", play=True),
        "f": F,
        "dilations": Choice(DOUBLING, EQUAL),
        "kernel": Choice(3, 5, 7, label="kernel (count, chart)"),
        "view": Choice("labels", MISTAKES, *nets.CLASSES, label="show"),
    },
    stages=globals(),
    panes={
        "mosaic": "mosaic.image",
        STRIDED: of(shown, "strided", "view", "mosaic"),
        PLAIN: of(shown, "plain", "view", "mosaic"),
        DILATED: of(shown, "dilated", "view", "mosaic"),
        "resolution, context, cost": comparison,
    },
    numbers={
        "strided against every f-th of dilated": "same",
        "as far with plain layers": "as_far",
    },
    charts={"Measure cost against field": chart},
    tour=TOUR,
)
