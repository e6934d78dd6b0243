"""The tour of lab 12: what skips add, and what is left when they are cut or shifted."""

from seglab.images.scenes import CLASSES
from seglab.lab import Try
from seglab.ops import morphology


def iou(run):
    return run.values["quality"][0]


def boundary(run):
    return run.values["quality"][1]


def coarsest(run):
    """The mean IoU of FCN-32s."""
    return run.values["coarsest"][0]


def one_shifted(run):
    """The boundary IoU when only one skip is shifted, by its stride."""
    return {
        stride: boundary(run.fork(shifted=stride, shift=1)) for stride in run.values["model"].skips
    }


def one_cut(run):
    """The mean IoU when only one skip is cut, by its stride."""
    strides = run.values["model"].skips
    whole = {f"gain{stride}": 1 for stride in strides}
    return {stride: iou(run.fork(**{**whole, f"gain{stride}": 0})) for stride in strides}


def signs(run, stage):
    """Share of the pixels where a score has the right sign: near the contour, and elsewhere."""
    kind = CLASSES.index(run.state["kind"])
    truth = run.values["scene"].labels == kind
    right = (run.values[stage][:, kind] > 0) == truth
    near = morphology.edge(truth.long(), 4, border=False)
    return float(right[near].float().mean()), float(right[~near].float().mean())


def moved_along(run, by):
    """Share of the things' pixels that have the label which lies `by` to the left without shift."""
    moved = morphology.shift(run.fork(shift=0).values["labels"], (0, by))
    return float((run.values["labels"] == moved)[moved > 0].float().mean())


TOUR = (
    Try(
        "Set **net** to *fcn-32s*, which has no skip, and drag the divider in **labels**. Which "
        "falls further, mean IoU or boundary IoU?",
        set={"net": "fcn-32s"},
        look="labels",
        expect=lambda before, after: (
            iou(after) < 0.4 * iou(before) and boundary(after) < 0.2 * boundary(before)
        ),
        then="Boundary IoU, from 0.64 to 0.10: the things become round blobs. Mean IoU falls from "
        "0.90 to 0.34.",
    ),
    Try(
        "Now set **net** to *unet*, whose finest skip has stride 1. Which contours does it miss?",
        set={"net": "unet"},
        look="boundaries",
        expect=lambda before, after: iou(after) > 0.98 and boundary(after) > 0.93,
        then="Hardly any: boundary IoU is 0.93, and mean IoU 0.98.",
    ),
    Try(
        "Back to *fcn-8s*, with **scores of** *disc*. In **the net**, click on the small picture "
        "of the skip of stride 8, so that it alone is held. Where does it improve the scores?",
        set={"net": "fcn-8s", "kind": "disc", "shifted": 8},
        look="what skips add",
        expect=lambda before, after: (
            signs(after, "without")[1] > 0.98
            and signs(after, "without")[0] < 0.83
            and signs(after, "scores")[0] > 0.88
        ),
        then="At the contour. Further than 4 pixels from it, 99% of the scores have the right sign "
        "without that skip. Nearer, it is 81% without and 90% with it.",
    ),
    Try(
        "Click on the thick line of that skip: it is cut. Is what is left as good as FCN-16s "
        "(0.675), which was trained without that skip? As good as FCN-32s?",
        set={"gain8": 0},
        look="the net",
        expect=lambda before, after: (
            iou(after) < coarsest(after) < iou(after.fork(net="fcn-16s"))
            and round(iou(after.fork(net="fcn-16s")), 3) == 0.675
        ),
        then="Neither: 0.306, and FCN-32s has 0.338. "
        "A net that was trained with a skip relies on it.",
    ),
    Try(
        "Click on the line again: the skip is joined. Drag its knob one stop to the right: that is "
        "8 pixels of the picture. Is it better or worse than without the skip?",
        set={"gain8": 1, "shift": 1},
        look="labels",
        expect=lambda before, after: (
            iou(before) + 0.2 < iou(after) < iou(after.fork(net="fcn-16s", shift=0)) - 0.1
            and moved_along(after, 8) > 0.85
        ),
        then="Better: 0.530 against 0.306. Most things have moved with it, by 8 pixels, and so "
        "most of what it gave is lost: in its place it was 0.895, and FCN-16s, which never had it, "
        "has 0.675.",
    ),
    Try(
        "Click on the small picture of that skip once more, so that *every skip* is held, and drag "
        "a knob to 2. How many pixels of the picture is that at strides 8 and 16? Is the answer "
        "still better than that of FCN-32s?",
        set={"shifted": "every skip", "shift": 2},
        look="mean IoU",
        expect=lambda before, after: (
            iou(after) < coarsest(after) - 0.1 and iou(after.fork(shift=1)) > coarsest(after)
        ),
        then="16 and 32 pixels. No: 0.217. Shifted by 1 it still was, with 0.439.",
    ),
    Try(
        "Take the *unet*. Hold only its skip of stride 1, and drag its knob by 1. That is one "
        "pixel. Then try the others: which of them does most harm to the contours?",
        set={"net": "unet", "shifted": 1, "shift": 1},
        look="boundaries",
        expect=lambda before, after: (
            min(harm := one_shifted(after), key=harm.get) == 1
            and harm[1] < 0.7
            and harm[16] == boundary(after.fork(shift=0))
        ),
        then="This one, although it moves least: boundary IoU falls from 0.93 to 0.68. To shift "
        "the skip of stride 16 by 16 pixels changes nothing: this net does not use it.",
    ),
    Try(
        "Drag the knob back, and hold every skip again. Cut one skip of the unet at a time by a "
        "click on its line, for example that of stride 8. Which skip does the net need most?",
        set={"shifted": "every skip", "shift": 0, "gain8": 0},
        look="the net",
        expect=lambda before, after: (
            sorted(left := one_cut(after), key=left.get)[:2] == [8, 4]
            and max(left[8], left[4]) < 0.65
            and min(left[16], left[2], left[1]) > 0.93
        ),
        then="That of stride 8, with 0.62 left, and then that of stride 4: 0.65. "
        "With any other skip cut, mean IoU stays above 0.93.",
    ),
)
