"""The tour of lab 14: one mistake at a time, and the metric that does not notice it."""

from seglab.lab import Try
from seglab.ops.instances import areas

SHIFTS = "Metrics against the shift"
BANDS = "boundary bands"


def metric(run, name):
    return run.values["measured"][name]


def wrong(run):
    return run.numbers["wrong pixels"]


def same(run, other, *names):
    return all(metric(run, name) == metric(other, name) for name in names)


def mean_area(run):
    return float(areas(run.values["scene"].instances).float().mean())


def curve(run, name):
    """The metric against the shift, as the chart draws it."""
    line = next(line for line in run.charts[SHIFTS].data if line.name == name)
    return dict(zip(line.x, line.y, strict=True))


TOUR = (
    Try(
        "Drag the knob on the picture to the left, until the prediction is perfect: **shift to the "
        "right** 0. Then set **erode − / dilate +** to 1. One metric hardly falls. Which one?",
        set={"shift": 0, "grow": 1},
        look="metrics",
        expect=lambda before, after: (
            (eroded := after.fork(grow=-1))
            and abs(wrong(eroded) - wrong(after)) < 10
            and (
                round(metric(after, "mean accuracy"), 2),
                round(metric(eroded, "mean accuracy"), 2),
            )
            == (0.98, 0.81)
            and max(
                metric(after, n)
                for n in ("mean IoU", "mean Dice", "mean boundary IoU", "pixel accuracy")
            )
            < 0.93
        ),
        then="Mean accuracy, with 0.98. It asks how much of each true class was found, and a net "
        "that paints too much finds nearly all. Eroded by 1, with about as many wrong pixels, it "
        "is 0.81.",
    ),
    Try(
        "Dilate nothing, and let one object go: **objects are** *largest missed*. "
        "It is the only square. Predict mean accuracy: six classes, and one is not found.",
        set={"grow": 0, "fate": "largest missed"},
        look="metrics",
        expect=lambda before, after: (
            round(5 / 6, 3) == metric(after, "mean accuracy") and wrong(after) == 1334
        ),
        then="5/6 = 0.833. All classes count the same, however large; here it is 1334 pixels.",
    ),
    Try(
        "Now the same object is found under another name: **objects are** *largest misnamed*. "
        "As many pixels are wrong. Which metrics see that it is another mistake?",
        set={"fate": "largest misnamed"},
        look="metrics",
        expect=lambda before, after: (
            wrong(before) == wrong(after)
            and same(before, after, "mean accuracy", "pixel accuracy")
            and all(
                metric(after, n) < metric(before, n) - 0.05
                for n in ("mean IoU", "mean Dice", "mean boundary IoU")
            )
        ),
        then="Mean IoU, mean Dice and mean boundary IoU fall; the two accuracies stay. A wrong "
        "name hurts two classes: one loses pixels, the other gets pixels that are not its own.",
    ),
    Try(
        "One of the **objects** only, and **objects are** *all missed*: the prediction is empty. "
        "Which number would you not print in a paper?",
        set={"count": 1, "fate": "all missed"},
        look="metrics",
        expect=lambda before, after: (
            metric(after, "pixel accuracy") > 0.96
            and metric(after, "mean accuracy") == 0.5
            and metric(after, "mean IoU") < 0.49
        ),
        then="Pixel accuracy: 0.969, for nothing found. Mean accuracy is 0.5 and mean IoU less "
        "than that: one of two classes has 0.",
    ),
    Try(
        "All found again, with **shift to the right** 2 and 16 **objects**, which are smaller than "
        "4. Compare the two: which metric hardly moves?",
        set={"count": 16, "fate": "all found", "shift": 2},
        look="metrics",
        expect=lambda before, after: (
            (four := after.fork(count=4))
            and mean_area(after) < mean_area(four) / 2
            and metric(after, "mean IoU") < metric(four, "mean IoU") - 0.06
            and abs(metric(after, "mean boundary IoU") - metric(four, "mean boundary IoU")) < 0.01
        ),
        then="Mean boundary IoU: 0.394, and 0.392 with 4 objects. Mean IoU falls from 0.829 to "
        "0.759, for two pixels are a larger part of a small object.",
    ),
    Try(
        "8 objects and no shift. Let **brush paints** be *background*, in the middle of the "
        "square. Boundary IoU looks at edges only. Does it see the hole?",
        set={"count": 8, "shift": 0, "brush": "background"},
        look=BANDS,
        expect=lambda before, after: (
            metric(after, "mean boundary IoU") < 0.95 and wrong(after) == 197
        ),
        then="Yes: a hole has an edge too, and there the truth has none.",
    ),
    Try(
        "No brush and **shift to the right** 2. Now move **boundary distance d** up to 128, "
        "which is the whole picture. What does boundary IoU turn into?",
        set={"brush": "off", "shift": 2, "d": 128},
        look="metrics",
        expect=lambda before, after: (
            metric(after, "mean boundary IoU") == metric(after, "mean IoU")
            and metric(after.fork(d=2), "mean boundary IoU") == 0.374
        ),
        then="Into mean IoU: all of an object lies within 128 pixels of its edge. "
        "With d = 2 it was 0.374, now it is 0.813. A boundary IoU says nothing without its d.",
    ),
    Try(
        "Set **boundary distance d** to 2 and press **Metrics against the shift**. "
        "Which line falls first?",
        set={"d": 2},
        look=SHIFTS,
        expect=lambda before, after: (
            curve(after, "mean boundary IoU")[1] < 0.7
            and min(
                curve(after, name)[1]
                for name in ("pixel accuracy", "mean accuracy", "mean IoU", "mean Dice")
            )
            >= 0.9
            and all(
                abs(curve(after, "mean Dice")[by] - curve(after, "mean accuracy")[by]) < 0.005
                for by in (1, 2, 4, 8, 12)
            )
        ),
        then="Mean boundary IoU: a shift of one pixel costs it more than a third, and the others "
        "a tenth at most. The lines of mean accuracy and mean Dice lie on each other: a shifted "
        "object gets as many wrong pixels as it loses right ones.",
    ),
)
