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
        look="new: truth",
        expect=lambda before, after: (
            round(float((after.values["new"].labels[3] >= ROUND).float().mean()), 2) == 0.28
        ),
        then="28% of the pixels. The others are ground: there is more of it to learn from.",
    ),
    Try(
        "Press **Start**. What does the net get right first, the grounds or the objects?",
        look="new: net",
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
        look="new: net",
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
        "**Start**, and compare the two curves of mean IoU. Is the net good on new scenes too?",
        set={"rate": 0.003, "count": 4, "steps": 100},
        look="mean IoU, new scenes",
        expect=lambda before, after: (
            quality(after).seen > 0.65 and quality(after).seen - quality(after).new > 0.2
        ),
        then="No: its mean IoU is much lower there. It begins to know its four scenes by heart: "
        "that is overfitting.",
    ),
    Try(
        "As many steps, but of *endless* **training scenes**, each seen once. "
        "Press **Start**. Which of the two numbers falls, which rises?",
        set={"count": studies.ENDLESS},
        look="mean IoU, training scenes",
        expect=lambda before, after: (
            quality(after).seen < quality(before).seen - 0.1
            and quality(after).new > quality(before).new + 0.02
            and abs(quality(after).seen - quality(after).new) < 0.12
        ),
        then="On the training scenes it is worse than before, on new scenes better, and the two "
        "are nearly equal: nothing is learned by heart.",
    ),
    Try(
        "The same training with another **net**, *FCN-8s*. Press **Start**. "
        "Its finest scores have stride 8 (lab 12), the U-Net's stride 1. Where does that show?",
        set={"net": "FCN-8s"},
        look="boundary IoU, new scenes",
        expect=lambda before, after: (
            quality(after).new_boundary < 0.75 * quality(before).new_boundary
        ),
        then="At the outlines: its boundary IoU is less than three quarters of the U-Net's. "
        "A scene of 64 pixels has only 8 × 8 of these scores.",
    ),
)
