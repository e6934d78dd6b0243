"""The tour of lab 19's second lab: what a net learns first, and what its loss makes of it."""

from seglab.lab import Try


def dice(run):
    """Dice of the disc on new pictures: step -> value."""
    return {step: one.dice for step, one in run.values["training"].qualities.items()}


TOUR = (
    Try(
        "Set the **share of the disc** to 8.0%, and press **Start**. Which curve is high from the "
        "first steps on, and which one comes late?",
        set={"share": 0.08},
        look="curves",
        expect=lambda before, after: (
            after.values["training"].qualities[5].accuracy > 0.9
            and dice(after)[5] == 0
            and dice(after)[150] > 0.5
        ),
        then="Pixel accuracy is above 0.9 as soon as everything is called background; Dice is "
        "still 0 then. The disc comes later.",
    ),
    Try(
        "Set the **share of the disc** to 1.0%, and press **Start**. Is the disc found in the end?",
        set={"share": 0.01},
        look="curves",
        expect=lambda before, after: (
            dice(after)[150] < 0.1 and after.values["training"].qualities[150].accuracy > 0.985
        ),
        then="Hardly: Dice stays near 0, and accuracy is 0.99 all the time.",
    ),
    Try(
        "Set **loss** to *Dice*, and press **Start**. The grey line is the training before.",
        set={"loss": "Dice"},
        look="curves",
        expect=lambda before, after: dice(after)[150] > dice(before)[150] + 0.3,
        then="The same net, the same pictures, and the disc is found.",
    ),
    Try(
        "Now the cross-entropy with **class weights** *inverse frequency*. Press **Start**. What "
        "becomes of the accuracy?",
        set={"loss": "cross-entropy", "weighting": "inverse frequency"},
        look="curves",
        expect=lambda before, after: (
            min(one.accuracy for one in after.values["training"].qualities.values()) < 0.9
            and dice(after)[150] < dice(before)[150]
        ),
        then="It falls, for now much is called disc that is none, and Dice is small too.",
    ),
    Try(
        "No weights again, and 600 **steps**. Press **Start**. Does more training help the plain "
        "cross-entropy?",
        set={"weighting": "none", "steps": 600},
        look="curves",
        expect=lambda before, after: dice(after)[600] > 0.3,
        then="Yes: it finds the disc, only later.",
    ),
)
