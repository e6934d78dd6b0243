"""Tiles: how much of its neighbours a tile must see, so that no seam is left."""

import torch

from seglab.draw import paint
from seglab.lab import Choice, Lab, Pixel, of
from seglab.lessons import _tilings
from seglab.lessons._tilings import (
    ANYWHERE,
    DILATED,
    EVERY_8TH,
    NETS,
    SELFIE,
    SIDE,
    STRIDED,
    probabilities,
)
from seglab.lessons.pictures import overlap
from seglab.lessons.tours.tiles import TOUR
from seglab.ops import heatmap, metrics, morphology, tiles

MARGINS = (0, 2, 4, 5, 8, 12, 16, 19, 20, 24, 32, 40)
RULES = {"zeros": "zeros", "mirror": "mirror image", "repeat": "last pixel"}
KINDS = ("right", "wrong as a whole too", "wrong by the seams")
KIND_COLOURS = ((225, 225, 225), (120, 120, 130), (214, 39, 40))
NEAR = 5  # pixels from the picture's border

image = of(_tilings.image, "net", "number")
truth = of(_tilings.truth, "net", "number")
model = of(_tilings.model, "net", "rule")
classes = of(_tilings.classes, "net")
alignment = of(_tilings.alignment, "net", "starts")


def crops(step, margin, alignment):
    return tiles.crops((SIDE, SIDE), step, margin, alignment)


def crop(crops, pixel):
    """The tile in which your point lies."""
    return next(one for one in crops if one.holds(pixel))


def whole(model, image):
    return probabilities(model(image))


def tiled(model, image, step, margin, alignment):
    return probabilities(tiles.stitched(model, image, step, margin, alignment))


def difference(tiled, whole):
    """The largest change of any class's probability, at each pixel."""
    return (tiled - whole).abs().amax(1)


def seams(model, image, whole, step, alignment, pixel):
    """Your tile with every margin: margin -> the largest change of a probability in it."""
    found = {}
    for margin in MARGINS:
        own = crop(crops(step, margin, alignment), pixel)
        part = probabilities(model(image[(..., *own.source)]))[(..., *own.kept)]
        found[margin] = metrics.largest_difference(part, whole[(..., *own.target)])
    return found


def plan(model):
    """The plan of the library, or the sentence with which it refuses the net."""
    try:
        return tiles.plan(model, (2 * SIDE, 2 * SIDE), SIDE)
    except ValueError as refusal:
        return str(refusal)


def needed(plan):
    return None if isinstance(plan, str) else plan.margin[0]


def mistakes(tiled, whole, truth):
    """Kind of each pixel's answer; without a truth, that of the whole picture counts as right."""
    answer, alone = (heatmap.label_map(p) for p in (tiled, whole))
    truth = alone if truth is None else truth
    return (answer != truth).long() + ((answer != truth) & (answer != alone)).long()


def around(image, crop, needed, rule):
    """Labels in your tile and around it, as far as the net looks."""
    wide = (crop.columns.first - crop.columns.start) if needed is None else needed
    return overlap.surroundings(image, crop, wide, rule)


def near(whole):
    """Pixels near the picture's border."""
    return morphology.edge(torch.zeros_like(whole[:, 0], dtype=torch.int64), NEAR)


def right(tiled, truth, near):
    """Share of right labels: near the picture's border, and further inside."""
    if truth is None:
        return None
    hits = heatmap.label_map(tiled) == truth
    return float(hits[near].float().mean()), float(hits[~near].float().mean())


def share_right(right):
    return "no truth" if right is None else f"{right[0]:.0%}, inside {right[1]:.0%}"


def changed(tiled, whole):
    """Share of the pixels whose label is another one than that of the whole picture."""
    return float((heatmap.label_map(tiled) != heatmap.label_map(whole)).float().mean())


def seen(crops):
    """Pixels that the net sees for each pixel of the picture."""
    areas = [(c.rows.stop - c.rows.start) * (c.columns.stop - c.columns.start) for c in crops]
    return sum(areas) / SIDE**2


def labels(tiled, whole, classes):
    left, right = (paint.labels(heatmap.label_map(p), classes) for p in (tiled, whole))
    return paint.curtain(left, right, ("tiles", "whole"))


def margin_needed(needed, plan):
    if needed is None:  # the sentence names the layer in its first quotes
        return f"none helps: {plan.split(chr(39))[1]}"
    return f"{needed} px"


LAB = Lab(
    title="Tiles",
    summary="What a tile must see of its neighbours, so that no seam is left.",
    controls={
        "number": Choice(0, 1, 2, 3, label="picture"),
        "net": Choice(*NETS, SELFIE, default=DILATED),
        "step": Choice(32, 64, 128, default=64, label="tile, px"),
        "margin": Choice(*MARGINS, label="margin, px", play=True),
        "rule": Choice(*RULES, label="beyond the border", show=lambda rule: RULES[rule]),
        "starts": Choice(EVERY_8TH, ANYWHERE, label="tiles start at"),
        "pixel": Pixel((SIDE, SIDE), default=(96, 96), label="your tile"),
    },
    matters={
        "rule": lambda net: net != SELFIE,
        "starts": lambda net: net == STRIDED,
    },
    stages=globals(),
    panes={
        "your tile": of(
            overlap.of_tile, "image", "around", "crop", "crops", "margin", "needed", margins=MARGINS
        ),
        "difference": of(overlap.of_difference, "difference", "crop"),
        "labels": labels,
        "mistakes": of(paint.labels, "mistakes", names=KINDS, colours=KIND_COLOURS),
        "your tile's seam": of(overlap.curve, "seams", "margin", "needed"),
    },
    numbers={
        "margin needed": margin_needed,
        "largest change": lambda difference: f"{float(difference.max()):.3f}",
        "labels changed": of("{:.2%}", "changed"),
        "seen per pixel": of("{:.2f}", "seen"),
        "right at the border": share_right,
    },
    tour=TOUR,
)
