"""The tour of lab 10: types that are one operator, one that is not, and where they stand."""

from seglab.lab import Try
from seglab.ops import heatmap, metrics
from seglab.ops.upsample import BILINEAR, NAILS, SHUFFLE, TRANSPOSED, UNPOOLING


def right(run):
    """Share of the labels that are right."""
    truth = run.values["mosaic"].labels
    return float((heatmap.label_map(run.values["upsampled"]) == truth).float().mean())


def apart(run, other):
    return metrics.largest_difference(run.values["upsampled"], other.values["upsampled"])


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
        "**kernel size** f + 1. Does each output still receive the same weight?",
        set={"source": "score map", "second": "nearest", "k": "f + 1"},
        look="weights of an output sum to",
        expect=lambda before, after: (
            after.numbers["weights of an output sum to"] == "0.41 to 2.56"
            and after.values["upsampler"].fan_in().unique().tolist() == [1, 2, 4]
            and after.values["upsampler"].fan_in().median() == 1
        ),
        then="No: the sums go from 0.41 to 2.56. Most outputs are made of one input; where "
        "kernels overlap, of two or four.",
    ),
    Try(
        "Set **kernel size** to 1. The transposed convolution does the same as another type. "
        "Which one?",
        set={"k": "1"},
        look="a single 1",
        expect=lambda before, after: apart(after, after.fork(first=NAILS)) == 0,
        then="It is bed of nails: one value in each block of 8 × 8, and zeros.",
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
        "Set **type** to *bilinear* with f = 16, and **align** to *corners*. "
        "Are more labels right, or fewer?",
        set={
            "first": BILINEAR,
            "f": 16,
            "align": "corners",
            "k": "2f",
            "weights": "bilinear",
        },
        look="error",
        expect=lambda before, after: (
            (half := after.fork(align="half-pixel"))
            and differing(after, half) > 0.03
            and right(half) - right(after) > 0.02
        ),
        then="Fewer, by two in a hundred. *Corners* puts the outermost values on the outermost "
        "pixels. That stretches the map: the values at the border move by (f − 1)/2 = 7.5 pixels.",
    ),
    Try(
        "Set f to 8 and **type** to *bed of nails*, and upsample the features instead of the "
        "scores: **where** *features*. What label do the holes get now?",
        set={"f": 8, "align": "half-pixel", "first": NAILS, "where": "features"},
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
