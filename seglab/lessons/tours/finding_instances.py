"""The tour of lab 15: three heatmaps, and what becomes of an object whose peak is lost."""

from seglab.lab import Try
from seglab.lessons.pictures import votes

WATERSHED, CENTERS, MASK_RCNN = "watershed on classes", "centers and offsets", "Mask R-CNN"
HEATMAP = "heatmap of objects"
STAR = (82, 21)


def heat(run):
    """The heatmap, and where there are objects."""
    return run.values["finder"].heatmap[0], run.values["scene"].instances[0] > 0


def share_above(run, level):
    """Share of the objects' pixels where the heatmap is above a level."""
    heatmap, objects = heat(run)
    return float((heatmap[objects] > level).float().mean())


def masks(run):
    return run.values["found"].objects.masks


def covered(run):
    """The number of pixels that the objects have together."""
    return int(masks(run).any(0).sum())


def parts(run):
    """Share of each true object (columns) that each found one (rows) holds."""
    true = run.values["scene"].instances
    there = (true.flatten() == true.unique()[1:, None]).float()
    return masks(run).flatten(1).float() @ there.T / there.sum(1)


def merged(run):
    """Found objects that hold much of two true ones."""
    return int(((parts(run) > 0.3).sum(1) > 1).sum())


def cut(run):
    """True objects of which two found ones hold a part."""
    return int(((parts(run) > 0.2).sum(0) > 1).sum())


def counts(run):
    """Found, missed and false."""
    return tuple(run.values["counts"])


TOUR = (
    Try(
        "Three ways, three heatmaps. Set **found by** to *watershed on classes*. "
        "What do the values of its heatmap mean, and what is their unit?",
        set={"net": WATERSHED},
        look=HEATMAP,
        expect=lambda before, after: (
            not after.values["finder"].probability and 20 < float(heat(after)[0].max()) < 22
        ),
        then="The distance to the edge of the labels, in pixels: 21 in the middle of the thickest "
        "thing. A peak is the middle of something thick.",
    ),
    Try(
        "Set **found by** to *Mask R-CNN*. Is its heatmap high at the middle of an object only, as "
        "with *centers and offsets*, or over large parts of it?",
        set={"net": MASK_RCNN},
        look=HEATMAP,
        expect=lambda before, after: (
            share_above(after, 0.3) > 0.5 > 0.05 > share_above(after.fork(net=CENTERS), 0.3)
        ),
        then="Over large parts: more than half of the objects' pixels are above 0.3, with centers "
        "fewer than one in twenty. Here each place answers for a box around it.",
    ),
    Try(
        "Set **found by** to *centers and offsets*, and drag the line in **scores on one axis** to "
        "0.5. The centers with less are lost. What becomes of the pixels that point to them?",
        set={"net": CENTERS, "threshold": 0.5},
        look="where pixels point",
        expect=lambda before, after: (
            len(masks(after)) == 3
            and len(masks(after.fork(threshold=0.3))) == 8
            and covered(after) == covered(after.fork(threshold=0.3))
            and len(votes.flights(after.values["votes"])) == 5
        ),
        then="They point where they pointed, and go to another center: five black arrows lead from "
        "a lost one to the one that takes its pixels. None becomes background; objects merge.",
    ),
    Try(
        "Click on *Mask R-CNN* in **scores on one axis**, and drag the line to 0.9. Do objects "
        "merge here too? And how many objects of the other two nets would be left?",
        set={"net": MASK_RCNN, "threshold": 0.9},
        look="scores on one axis",
        expect=lambda before, after: (
            (all_of_them := masks(after.fork(threshold=0.3))) is not None
            and len(masks(after)) == 6
            and round(float(heat(after.fork(net=CENTERS))[0].max()), 2) == 0.61
            and len(all_of_them) == 10
            and all(any(mask.equal(other) for other in all_of_them) for mask in masks(after))
        ),
        then="No, they vanish: 6 of 10 are left, each with the mask that it had. No center would "
        "be left: the best one here scores 0.61. The grey bands show what right objects usually "
        "score; each net needs a threshold of its own.",
    ),
    Try(
        "Set **threshold** to 0.3 again, and **suppress above IoU** to 1: "
        "nothing is suppressed any more. How many false objects come?",
        set={"threshold": 0.3, "nms": 1},
        look="boxes and scores",
        expect=lambda before, after: (
            counts(after)[2] > 30
            and counts(after.fork(nms=0.5))[2] == 3
            and counts(after)[0] == counts(after.fork(nms=0.5))[0]
        ),
        then="More than 30, where there were 3. Not one object more is found: the same objects are "
        "found many times.",
    ),
    Try(
        "Set **suppress above IoU** to 0.5 and click on the star at the left edge. Each object, "
        "small or large, gets a mask of 28 × 28. How many pixels is one value of it here?",
        set={"nms": 0.5, "pixel": STAR},
        look="one region, 28 × 28",
        expect=lambda before, after: (
            after.numbers["at your point"].startswith("star")
            and "41 × 42 box" in after.numbers["at your point"]
        ),
        then="The box of this star is 41 × 42 pixels, so a value stands for 1.5 × 1.5. "
        "The larger the object, the coarser its outline.",
    ),
    Try(
        "Set **share that touches** to 1 and **found by** to *watershed on classes*. "
        "Does it cut too little or too much?",
        set={"touching": 1, "net": WATERSHED},
        look="objects",
        expect=lambda before, after: (
            merged(after) == 2
            and cut(after) == 3
            and (merged(centers := after.fork(net=CENTERS)), cut(centers)) == (0, 0)
        ),
        then="Both: two of its objects are made of several true ones, and three true ones are "
        "cut. It cuts where the labels are narrow: some things touch along a wide line, and some "
        "have a narrow place themselves. The centers make neither mistake here.",
    ),
    Try(
        "Set **objects** to 50. Which of the three ways can still tell the objects apart? "
        "Then 0: which finds something where there is nothing?",
        set={"objects": 50},
        look="objects",
        expect=lambda before, after: all(
            counts(after.fork(net=net))[0] <= 1 and counts(after.fork(net=net, objects=0))[2] == 0
            for net in (WATERSHED, CENTERS, MASK_RCNN)
        ),
        then="None: no way finds more than one of the 50. With 0 objects all three are right: they "
        "find nothing.",
    ),
)
