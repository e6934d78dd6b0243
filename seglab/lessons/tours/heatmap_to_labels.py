"""Heatmap to labels: cells and fields, three rules at one level, and the order of two steps."""

from seglab.lab import Try
from seglab.ops import heatmap, metrics

PER_PIXEL, CUT, BORDER = "labels, per pixel", "the cut", (128, 90)
OTHER, TRIED = "another mosaic", (1.5, 2.5)
LOWER = (0.863, 0.791)  # what bare levels above the best one give


def labelled(run):
    return float(run.numbers["labelled"].rstrip("%"))


def right(run, of="labelled"):
    return float(run.numbers[f"right, of {of}"].rstrip("%"))


def unlabelled(run):
    """The numbers of pixels that no class reaches, and that several classes reach."""
    return tuple(int(word) for word in run.numbers["not labelled"].split() if word.isdigit())


def alone(run, level):
    """The share of the pixels at which exactly one bare score reaches the level."""
    one = heatmap.threshold(run.values["fine_scores"], level).sum(1) == 1
    return round(int(one.sum()) / one.numel(), 3)


def error(run):
    """Expected calibration error of the probabilities, to three digits."""
    table = metrics.reliability(run.values["values"], run.values["truth"])
    return round(metrics.calibration_error(table), 3)


def named(run, order):
    """The best class at the point, by one of the two orders."""
    row, column = run.state["pixel"]
    return int(run.values[order][0, :, row, column].argmax())


TOUR = (
    Try(
        "Two outlines lie around your point: the small cell that takes the label, and the field "
        "that its scores were computed from. Set **downsampling factor f** to **2**. What becomes "
        "of the two?",
        set={"f": 2},
        look="the point lies in",
        expect=lambda before, after: (
            [run.values["field"].stride[0] for run in (before, after)] == [16, 2]
            and [int(run.values["field"].size[0]) for run in (before, after)] == [51, 39]
        ),
        then="The cell shrinks from 16 to 2 pixels, the field only from 51 to 39: even a label for "
        "2 × 2 pixels is computed from a large window.",
    ),
    Try(
        "Back to **16**, and set **upsampling** to **nearest**. What happens to the boundaries?",
        set={"f": 16, "upsampling": "nearest"},
        look=PER_PIXEL,
        expect=lambda before, after: (
            after.values["labels"].equal(
                after.values["cell_labels"].repeat_interleave(16, 1).repeat_interleave(16, 2)
            )
            and right(after) < 85.5 < 88 < right(after.fork(upsampling="bilinear"))
        ),
        then="They run in steps: all 16 × 16 pixels of a cell get its label. 84.9% are right. "
        "With **bilinear** the boundaries run across the cells, and 88.9% are right.",
    ),
    Try(
        "Take **bilinear** again, with the rule **threshold**: in **the cut** the level is now a "
        "line. Drag its knob up to **0.9**. Some pixels lose their label: they are hatched. Where?",
        set={"upsampling": "bilinear", "rule": "threshold", "level": 0.9},
        look=PER_PIXEL,
        expect=lambda before, after: (
            83 < labelled(after) < 85
            and unlabelled(after)[1] == 0
            and right(after) > 95
            and right(after.fork(rule="argmax")) < 89
            and any(shape.kind == "handle" for shape in after.panes[CUT].shapes)
        ),
        then="Along the boundaries, where no curve reaches 0.9. 84.0% is labelled, "
        "and of that 95.7% is right; argmax labels all and has 88.9% right.",
    ),
    Try(
        "Move **level** down to **0.3**. Which pixels have no label now?",
        set={"level": 0.3},
        look="not labelled",
        expect=lambda before, after: (
            unlabelled(after) == (42, 3054) and unlabelled(after.fork(level=0.5))[1] == 0
        ),
        then="3,054 dark pixels that two or more classes reach, and 42 hatched ones that none "
        "reaches. Above 0.5 no two classes can reach it: all probabilities sum to 1.",
    ),
    Try(
        "Back to **argmax**. In **reliability**, a bar says how many pixels are right of those "
        "with that probability, and red how much surer the net is. Raise **temperature** to "
        "**1.5**. What becomes of the red, and of the labels?",
        set={"rule": "argmax", "level": 0.5, "temperature": 1.5},
        look="reliability",
        expect=lambda before, after: (
            [error(run) for run in (before, after)] == [0.056, 0.022]
            and after.values["labels"].equal(after.fork(temperature=1.0).values["labels"])
            and [error(after.fork(photo=OTHER, temperature=t)) for t in TRIED] == [0.095, 0.031]
        ),
        then="The net was too sure: the error (ECE) falls from 5.6% to 2.2%, and no label changes. "
        "But on *another mosaic* 9.5% are left, and 2.5 would be better. So a temperature is "
        "chosen on many pictures.",
    ),
    Try(
        "The rule **threshold** again, **level** **0.5**, and set **softmax** to "
        "**none**: the level is now compared with bare scores. Does a higher level help?",
        set={"rule": "threshold", "level": 0.5, "softmax": "none", "temperature": 1.0},
        look="labelled",
        expect=lambda before, after: (
            74 < labelled(after) < 76
            and labelled(after.fork(softmax="after upsampling")) > 98
            and labelled(after.fork(level=0.99)) == 81.6
            and [alone(after, n) for n in (0.99, 1.5, 2, 2.5, 4)] == [0.816, 0.856, 0.869, *LOWER]
            and alone(after, 2 - 5) < 0.01
            and unlabelled(after)[1] > 20 * unlabelled(after)[0]
        ),
        then="75.0% is labelled instead of 98.1%. Scores may be of any size, so several classes "
        "reach the level. At 0.99 it is 81.6%. A level of 2 would be best, with 86.9%; add 5 to "
        "all scores, and it labels almost nothing.",
    ),
    Try(
        "Back to **argmax**, with softmax **before upsampling**. Click a coloured place of "
        "**softmax order**: there the two orders give different labels. The "
        "strong curves of **the cut** are softmax before, the faint ones softmax after. Which "
        "class is on top at the dashed line?",
        set={"rule": "argmax", "softmax": "before upsampling", "pixel": BORDER},
        look=CUT,
        expect=lambda before, after: (
            named(after, "after") != named(after, "before")
            and named(after, "after") == after.values["truth"][(0, *BORDER)]
            and named(after, "before") == after.values["labels"][(0, *BORDER)]
            and after.numbers["orders differ in"] == "2102 px"
            and (after.values["orders"] == 1).sum() > 2 * (after.values["orders"] == 2).sum()
        ),
        then="Another one of the strong curves than of the faint ones, and the faint ones are "
        "right. The orders differ at 2,102 pixels; where one of them is right, it is more often "
        "softmax after.",
    ),
    Try(
        "Choose the **astronaut**: none of the seven classes is there. Take softmax **after "
        "upsampling** and **reject**, and raise **level** to **0.9**. How much of her gets a "
        "label?",
        set={"photo": "astronaut", "softmax": "after upsampling", "rule": "reject", "level": 0.9},
        look="labelled",
        expect=lambda before, after: (
            76 < labelled(after) < 78 and 50 < labelled(after.fork(level=0.99)) < 51
        ),
        then="76.9%, and at 0.99 still 50.4%. A high probability means more than the other "
        "classes; it does not mean that the net knows what it sees.",
    ),
)
