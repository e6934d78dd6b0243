"""Semantic, instance, panoptic: what is the segment, what is found as one, what metrics see."""

from seglab.lab import Try
from seglab.ops.metrics import ALONE, SegmentPairs

PER_CLASS, WATERSHED = "components, per class", "watershed, per class"
STAR, GRASS = (76, 96), (120, 20)
STARS, RING = (1, 2, 4), 7  # true numbers; the three stars touch


def area(run):
    return int(run.values["true_segment"].sum())


def pieces_of(run, *numbers):
    """The pieces in which true objects were found."""
    true, pieces = run.values["true"].instances, run.values["pieces"]
    return set(pieces[sum(true == n for n in numbers) > 0].tolist())


def found(run):
    return int(run.values["pieces"].max())


def alone(run, name):
    """The segments of a class without a match."""
    label = run.values["true"].names.index(name)
    rows = zip(*(part.tolist() for part in run.values["pairs"]), strict=True)
    listed = [SegmentPairs(*row) for row in rows]
    return [row for row in listed if row.label == label and ALONE in (row.found, row.true)]


def below(run, most):
    """The classes whose panoptic quality is lower, and how low it is."""
    by_class = zip(run.values["true"].names, run.values["by_class"].pq.tolist(), strict=True)
    return {name: quality for name, quality in by_class if quality < most}


def metrics(run):
    """Mean IoU, AP, AP50, PQ, SQ and RQ."""
    precision, quality = run.values["precision"], run.values["quality"]
    numbers = (run.values["mean_iou"], precision.mean(), precision[0], *quality)
    return [round(float(n), 3) for n in numbers]


TOUR = (
    Try(
        "Your point lies on a large star. Set the **view** to **semantic**. What is *the segment* "
        "at this point now?",
        set={"view": "semantic"},
        look="the segment at your point",
        expect=lambda before, after: (
            after.values["true_segment"].equal(after.values["scene"].labels[0] == 5)
            and area(after) > 3 * area(before)
        ),
        then="All five stars. A semantic map knows classes and no objects, so the segment is all "
        "pixels of the class.",
    ),
    Try(
        "Set the **view** to **instance** and click the grass. Which segment is there?",
        set={"view": "instance", "pixel": GRASS},
        look="at your point",
        expect=lambda before, after: (
            area(after) == 0 and area(after.fork(view="panoptic")) == 10_215
        ),
        then="None: this view has objects only. In the panoptic view the grass is one segment "
        "again, of 10,215 pixels.",
    ),
    Try(
        "Back to **panoptic**. In **PQ, block by block** the row of the stars has four blocks that "
        "are empty or nearly so. Click them. Which segments are they?",
        set={"view": "panoptic", "pixel": STAR},
        look="PQ, block by block",
        expect=lambda before, after: (
            [(row.found, row.true, round(row.iou, 3)) for row in alone(after, "star")]
            == [(13, -1, 0.382), (-1, 1, 0.382), (-1, 2, 0.332), (-1, 4, 0.286)]
            and len(pieces_of(after, *STARS)) == 1
            and float(after.values["by_class"].pq[7]) == 2 / (2 + 3 / 2 + 1 / 2)
        ),
        then="Three true stars that touch (dashed, FN), and the one segment as which they were "
        "found (red, FP). No star has more than half of its IoU, so there is no match. PQ is the "
        "filled part of the row: 2 matches / (2 + 3/2 + 1/2) = 0.500.",
    ),
    Try(
        "Move **touching** to **1**. Which rows are empty or nearly so, and which of the three "
        "metrics does not move at all?",
        set={"touching": 1},
        look="PQ, block by block",
        expect=lambda before, after: (
            metrics(after)[0] == metrics(after.fork(touching=0))[0] == 1
            and metrics(after)[1] < 0.65
            and metrics(after)[3] < 0.8
            and metrics(after.fork(touching=0)) == [1] * 6
            and found(after) == 6
            and below(after, 0.99) == {"star": 0.25, "cross": 0}
        ),
        then="The stars and the crosses: five stars are found as one, and three crosses. Mean IoU "
        "stays 1.000, because the class of every pixel is right. AP and PQ compare objects: both "
        "are 1.000 at touching 0.",
    ),
    Try(
        "Set **touching** back to **0.5**, and take the **watershed, per class**, which cuts where "
        "a segment is narrow. Are the three stars found now?",
        set={"touching": 0.5, "method": WATERSHED},
        look="found segments",
        expect=lambda before, after: (
            len(pieces_of(before.fork(touching=0.5), *STARS)) == 1
            and after.numbers["objects"] == "12 true, 12 found"
            and after.numbers["mistakes"].startswith("0 merged, 0 split")
        ),
        then="Yes, and so are all 12 objects, each once: nothing is merged and nothing is split.",
    ),
    Try(
        "Lower **cut necks deeper than, px** step by step, to **0**. Which shape is cut into "
        "pieces first?",
        set={"h": 0},
        look="found segments",
        expect=lambda before, after: (
            len(pieces_of(before, RING)) == 1
            and pieces_of(after.fork(h=0.5), RING) > {8}
            and " 1 split" in after.fork(h=0.5).numbers["mistakes"]
            and len(pieces_of(after, RING)) > 10
            and found(after) == 37
        ),
        then="A ring, at 0.5: it is nearly equally wide everywhere, so each small bump makes a "
        "neck. At 0 there are 37 pieces: the cross and both rings are cut, too.",
    ),
    Try(
        "With **touching** **0**, **overlap** **0** and components per class, all is right. Make "
        "every object **1 px too small**. Which fall: AP, AP50, SQ, RQ?",
        set={"touching": 0, "overlap": 0, "method": PER_CLASS, "mistake": "1 px too small"},
        look="AP",
        expect=lambda before, after: (
            metrics(after.fork(mistake="none")) == [1] * 6
            and metrics(after)[2] == metrics(after)[5] == 1
            and max(metrics(after)[n] for n in (0, 1, 3, 4)) < 0.8
            and max(metrics(after.fork(mistake="a class misnamed"))[n] for n in (2, 5)) < 0.9
        ),
        then="AP and SQ, and with them mean IoU and PQ. All objects still match, so AP50 and RQ "
        "stay 1.000. With a class misnamed they fall too.",
    ),
    Try(
        "Choose the **coins**, without a mistake: their semantic map is a threshold, with holes "
        "and crumbs. Set **smallest object, px** to **30**. How many objects were crumbs?",
        set={"picture": "coins", "mistake": "none", "min_size": 30},
        look="objects",
        expect=lambda before, after: (
            found(after.fork(min_size=1)) == 28
            and found(after) == 24
            and found(after.fork(method=WATERSHED, h=1)) > 24
        ),
        then="Four of 28. The other 24 are the 24 coins. A watershed cuts some coins into pieces, "
        "because a hole in a coin makes necks beside it.",
    ),
)
