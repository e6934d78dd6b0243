"""The tour of lab 13: what a net learns first, too slowly, not at all, and by heart."""

from seglab.lab import Try
from seglab.nets import studies

ROUND, ANGULAR = 3, 4


def quality(run):
    return run.values["training"].quality


def called_objects(run):
    """Shares of the objects and of the grounds of new scenes that are called an object."""
    new = run.values["new"]
    said = studies.labels(run.values["training"].net, new.image) >= ROUND
    objects = new.labels >= ROUND
    return float(said[objects].float().mean()), float(said[~objects].float().mean())


TOUR = (
    Try(
        "Set **steps** to 50, so that a training is short, and **scene shown** to 3. "
        "How much of this scene is *round* or *angular*? Guess before you look.",
        set={"steps": 50, "look": 3},
        look="new labels",
        expect=lambda before, after: (
            round(float((after.values["new"].labels[3] >= ROUND).float().mean()), 2) == 0.28
        ),
        then="28% of the pixels. The others are ground: there is more of it to learn from.",
    ),
    Try(
        "Press **Start**. What does the net get right first, the grounds or the objects?",
        look="new labels",
        expect=lambda before, after: (
            min(quality(after).new_classes[:ROUND]) > 0.5
            and quality(after).new_classes[ROUND] < 0.1
            and quality(after).new_classes[ANGULAR] < 0.5
        ),
        then="The grounds: after 50 steps the IoU of each of them is above 0.5 on new scenes. "
        "Something *round* is hardly ever found yet.",
    ),
    Try(
        "Set **class weighting** to *inverse frequency* and press **Start**. "
        "Are more objects found? Is more of the ground called an object?",
        set={"weighting": "inverse frequency"},
        look="new labels",
        expect=lambda before, after: (
            called_objects(before)[0] < 0.6 < 0.7 < called_objects(after)[0]
            and called_objects(before)[1] < 0.05 < 0.08 < called_objects(after)[1]
            and quality(after).new < quality(before).new - 0.1
        ),
        then="Both: more than 70% of the objects' pixels are called an object now, before it was "
        "half of them; and more than twice as much of the ground is too. Mean IoU falls.",
    ),
    Try(
        "Set **class weighting** to *none*, and **learning rate** to 0.00003, a hundredth of what "
        "it was. Press **Start**. How far does the loss fall?",
        set={"weighting": "none", "rate": 0.00003},
        look="loss",
        expect=lambda before, after: (
            1.55 < float(after.numbers["loss"]) < after.values["training"].losses[0] < 1.75
            and quality(after).new < 0.1
        ),
        then="From 1.7 to 1.6 in 50 steps, and the labels are as bad as at the start: "
        "each step is too small.",
    ),
    Try(
        "Now the other way: **learning rate** 10, and **Start**. What becomes of the loss?",
        set={"rate": 10},
        look="training",
        expect=lambda before, after: (
            "nan" in after.values["training"].error and after.values["training"].step < 5
        ),
        then="After a few steps it is NaN, not a number. "
        "The training stops by itself and keeps the last net whose loss was a number.",
    ),
    Try(
        "Back to a **learning rate** of 0.003, with 4 **training scenes** and 100 **steps**. Press "
        "**Start**, and watch the two curves of mean IoU. Is the net good on new scenes too?",
        set={"rate": 0.003, "count": 4, "steps": 100},
        look="curves",
        expect=lambda before, after: (
            quality(after).seen > 0.65 and quality(after).seen - quality(after).new > 0.2
        ),
        then="No: its mean IoU is much lower there, and the gap grows. It begins to know its four "
        "scenes by heart: that is overfitting.",
    ),
    Try(
        "Drag the knob on the curve of the new scenes back, to step 40: the labels are those of "
        "then. Which part of the new scene has the net learned since?",
        set={"moment": 0.4},
        look="new labels",
        expect=lambda before, after: (
            after.values["shown"] == 40
            and bool((after.values["new_labels"] != before.values["new_labels"]).any())
            and after.values["quality"].seen < quality(after).seen - 0.1
        ),
        then="Go to and fro: later steps help the training scenes much, the new ones hardly.",
    ),
    Try(
        "The knob at the end again, and as many steps of *endless* **training scenes**, each seen "
        "once. Press **Start**. The training before stays as grey lines. Which curve falls?",
        set={"moment": 1, "count": studies.ENDLESS},
        look="curves",
        expect=lambda before, after: (
            quality(after).seen < quality(before).seen - 0.1
            and quality(after).new > quality(before).new + 0.02
            and abs(quality(after).seen - quality(after).new) < 0.12
        ),
        then="On the training scenes it is worse than before, on new scenes better, and the two "
        "are nearly equal: nothing is learned by heart.",
    ),
)
