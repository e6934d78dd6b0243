"""The tour of lab 10: types that are one operator, one that is not, and where they stand."""

from itertools import pairwise

import torch

from seglab.lab import Try
from seglab.lessons.pictures.stamps import VALUES, stamps
from seglab.ops import heatmap, metrics
from seglab.ops.upsample import BILINEAR, NAILS, SHUFFLE, TRANSPOSED, UNPOOLING


def right(run):
    """Share of the labels that are right."""
    truth = run.values["mosaic"].labels
    return float((heatmap.label_map(run.values["upsampled"]) == truth).float().mean())


def apart(run, other):
    return metrics.largest_difference(run.values["upsampled"], other.values["upsampled"])


def row(run):
    """The sum of all stamps."""
    return stamps(run.values["matrix"]).sum(0)


def rises(line, low, high):
    """True if a line climbs in equal steps between two values."""
    steps = [b - a for a, b in pairwise(line)]
    return low < line[0] < line[-1] < high and max(steps) - min(steps) < 1e-5


def alike(run, kind):
    """The types whose small picture is the same as this type's."""
    parts = {name: part.array.tobytes() for name, part in run.panes["all seven types"].parts}
    return {name for name, part in parts.items() if part == parts[kind]} - {kind}


def differing(run, other):
    """Share of the labels that differ."""
    return float((run.values["decided"] != other.values["decided"]).float().mean())


def fades(run):
    """True if the two types differ at the border of the picture, and nowhere else."""
    far = (run.values["upsampled"] - run.values["other_upsampled"]).abs()
    return bool(far[..., 4:-4, 4:-4].max() < 1e-5 and far.max() > 0.4)


def differs_from_other(run):
    """Share of the labels that differ between the two types that are compared."""
    return float((run.values["decided"] != run.values["other_decided"]).float().mean())


def labels_of_holes(run):
    """The labels between the nails, which stand 8 pixels apart."""
    hole = run.values["decided"].new_ones(run.values["decided"].shape, dtype=bool)
    hole[..., ::8, ::8] = False
    return run.values["decided"][hole].unique()


def gained(run):
    """Gain of learned over bilinear weights, as a share of the labels."""
    return right(run) - right(run.fork(weights="bilinear"))


TOUR = (
    Try(
        "Press play beside **stamps**. Each value of a row puts its multiple of the kernel down, f "
        "outputs from the one before, and where stamps overlap they are added. After all 8, what "
        "is the sum between a 2 and a 4?",
        set={"stamp": 8},
        look="stamp and add",
        expect=lambda before, after: (
            rises(row(after)[4:12].tolist(), 2, 4)
            and row(after).equal(before.fork(stamp=8).values["matrix"] @ torch.tensor(VALUES))
        ),
        then="It climbs in equal steps: two triangles that overlap add up to a straight line. "
        "That is linear interpolation.",
    ),
    Try(
        "Bilinear interpolation is a transposed convolution with a triangle for a kernel, except "
        "in one place. Set **input** to *astronaut* and **compare with** to *bilinear*, and drag "
        "the divider. Where do they differ?",
        set={"source": "astronaut", "second": BILINEAR},
        look="type | other",
        expect=lambda before, after: (
            fades(after)
            and (scores := after.fork(source="score map"))
            and fades(scores)
            and differs_from_other(scores) == 0
        ),
        then="Only at the border: interpolation repeats the outermost values, the transposed "
        "convolution has zeros there, so it gets darker. On a score map all classes become smaller "
        "alike there, and no label changes.",
    ),
    Try(
        "Set **input** to *score map*, compare with *nearest* again, and make the "
        "**kernel size** f + 1. Look at the sum: does each output still receive the same weight?",
        set={"source": "score map", "second": "nearest", "k": "f + 1"},
        look="stamp and add",
        expect=lambda before, after: (
            after.numbers["weights of an output sum to"] == "0.41 to 2.56"
            and after.values["upsampler"].fan_in().unique().tolist() == [1, 2, 4]
            and after.values["upsampler"].fan_in().median() == 1
        ),
        then="No: it has a hump at each value. The weights of an output sum to 0.41 at least and "
        "2.56 at most. Most outputs are made of one input; where stamps overlap, of two or four.",
    ),
    Try(
        "Set **kernel size** to 1. The transposed convolution does the same as another type. "
        "Which of the small pictures is the same?",
        set={"k": "1"},
        look="all seven types",
        expect=lambda before, after: (
            apart(after, after.fork(first=NAILS)) == 0
            and alike(after, TRANSPOSED) == {NAILS, SHUFFLE}
        ),
        then="Bed of nails: one value in each block of 8 × 8, and zeros. And pixel shuffle, which "
        "here stores 64 kernels of one weight, all but one of them 0.",
    ),
    Try(
        "Set **kernel size** to 2f and **weights** to *random*, and compare with *pixel shuffle*. "
        "Can you find a difference?",
        set={"k": "2f", "weights": "random", "second": SHUFFLE},
        look="type | other",
        expect=lambda before, after: (
            metrics.largest_difference(after.values["upsampled"], after.values["other_upsampled"])
            < 1e-3
        ),
        then="No: with the same kernel they are the same operator. Pixel shuffle stores this "
        "kernel as f² small ones.",
    ),
    Try(
        "Now the one that is different. Set **input** to *astronaut*, **type** to *max unpooling*, "
        "and compare with *bed of nails*. Both leave holes. What do the stored positions change?",
        set={"source": "astronaut", "first": UNPOOLING, "second": NAILS, "weights": "bilinear"},
        look="type | other",
        expect=lambda before, after: (
            after.numbers["type"].endswith("without holes 0.000")
            and after.numbers["compared with"].endswith("without holes 0.290")
        ),
        then="Each value of max unpooling stands where it was in the picture: without the holes "
        "its error is 0. Bed of nails puts it at the top left of its block: its error is 0.290.",
    ),
    Try(
        "Back to the score map and the transposed convolution, with **kernel size** 3f and "
        "**weights** *learned*. They are learned now, from mosaics that you do not see here. "
        "Does a wide kernel gain more than one of 2f?",
        set={
            "source": "score map",
            "first": TRANSPOSED,
            "second": "nearest",
            "k": "3f",
            "weights": "learned",
        },
        look="type",
        expect=lambda before, after: (
            gained(after) > 0.01 > gained(after.fork(k="2f")) > 0 and right(after) > 0.88
        ),
        then="Yes: more than one label in a hundred becomes right, with 2f fewer. With a wide "
        "kernel more neighbours decide on a label.",
    ),
    Try(
        "Set **type** to *bed of nails*, and upsample the features instead of the "
        "scores: **where** *features*. What label do the holes get now?",
        set={"first": NAILS, "where": "features"},
        look="type | other",
        expect=lambda before, after: (
            differing(after, after.fork(where="scores")) > 0.98
            and len(labels_of_holes(after)) == 1
            and differing(after.fork(first=BILINEAR), after.fork(first=BILINEAR, where="scores"))
            == 0
        ),
        then="A hole has features of 0, so the classifier answers with its bias alone: all holes "
        "get one class, and 98% of the labels change. With bilinear, where weights add up to 1, "
        "not one label changes.",
    ),
)
