"""The tour of lab 19: how the disc is lost, where it still is, and which losses keep it."""

from seglab.lab import Try
from seglab.lessons.pictures.loss_curve import SHARES

CENTER = {row * 48 + column for row in range(24, 31) for column in range(16, 23)}
ACCURACY, DICE = "pixel accuracy", "Dice of the disc"
DISC = "disc pixels"


def of(run):
    """Accuracy and Dice on the new pictures."""
    measured = run.values["measured"]
    return measured[ACCURACY], measured[DICE]


def at_p(run, share):
    """Loss of your pixel at a probability of the drawing."""
    return run.values["curve"][SHARES.index(share)]


TOUR = (
    Try(
        "The net has learned with the cross-entropy, from discs of this size. Set the **share of "
        "the disc** to 1.0%. Which bars fall, and which one rises?",
        set={"share": 0.01},
        look="32 new pictures",
        expect=lambda before, after: (
            [round(value, 3) for value in of(before)] == [0.986, 0.556]
            and [round(value, 3) for value in of(after)] == [0.990, 0.045]
        ),
        then="The disc is lost: its Dice falls from 0.56 to 0.05. Pixel accuracy rises from 0.986 "
        "to 0.990, for the background alone is 99% of the pixels.",
    ),
    Try(
        "Set **net** to *untrained*. The colours of *pulls* are the pull of each pixel on "
        "the disc's score: red up, blue down. Who is stronger at the start of a training?",
        set={"net": "untrained"},
        look="who pulls",
        expect=lambda before, after: (
            after.values["who_pulls"][DISC] < 0.015
            and bool((after.values["pull"][after.values["given"].labels[0] == 0] < 0).all())
        ),
        then="The background: it has 99% of the pixels and of the pull. So the net first learns "
        "to say *background* everywhere.",
    ),
    Try(
        "Set **net** to *trained* again. Where is **p of the disc** largest? Then lower "
        "the **threshold** to 0.2.",
        set={"net": "trained", "threshold": 0.2},
        look="found",
        expect=lambda before, after: (
            round(of(after)[1], 2) == 0.42
            and before.numbers["disc pixels found"] == "0 of 22"
            and after.numbers["disc pixels found"] == "10 of 22"
            and int(after.values["chances"][0].argmax()) in CENTER
        ),
        then="p is largest in the disc, but hardly ever above 0.5. With a threshold of 0.2, 10 of "
        "its 22 pixels are found, and Dice over all pictures is 0.42.",
    ),
    Try(
        "The **threshold** back to 0.5. Set **class weights** to *inverse frequency*. How much is "
        "found, and what does it cost?",
        set={"threshold": 0.5, "weighting": "inverse frequency"},
        look="found",
        expect=lambda before, after: (
            [round(value, 2) for value in of(after)] == [0.88, 0.13]
            and float(after.values["labels"][after.values["given"].labels == 1].float().mean())
            > 0.9
        ),
        then="Nearly the whole disc, and very many false pixels: accuracy is 0.88, Dice 0.13. A "
        "disc pixel now costs as much as 99 pixels of the background.",
    ),
    Try(
        "Set **loss** to *focal*. Look at its curve beside that of the cross-entropy. At p = 0.9, "
        "how much of the cross-entropy is left?",
        set={"weighting": "none", "loss": "focal"},
        look="loss of your pixel",
        expect=lambda before, after: (
            abs(at_p(after, 0.9) / 0.10536 - 0.01) < 0.001 and round(of(after)[1], 2) == 0.37
        ),
        then="One hundredth: (1 - 0.9)² = 0.01. The many easy pixels of the background hardly pull "
        "any more, and more of the disc is found: Dice 0.37.",
    ),
    Try(
        "Drag the knob on the curve: **gamma (focal)** 0.5. What is left of Dice?",
        set={"gamma": 0.5},
        look="32 new pictures",
        expect=lambda before, after: round(of(after)[1], 2) == 0.12,
        then="0.12: with so small a gamma the focal loss is nearly the cross-entropy. With 5 it "
        "is 0.41.",
    ),
    Try(
        "Set **loss** to *Dice*. It has no loss of a single pixel: the curve shows what the loss "
        "of the picture does as your pixel moves. Which pixels pull now?",
        set={"gamma": 2, "loss": "Dice"},
        look="pulls",
        expect=lambda before, after: (
            after.values["who_pulls"][DISC] > 2 * (1 - after.values["who_pulls"][DISC])
            and round(of(after)[1], 2) == 0.44
        ),
        then="Those of the disc have two thirds of the pull: a pixel counts by its share in the "
        "disc, not in the picture. Dice is 0.44, the accuracy as before.",
    ),
    Try(
        "Set **loss** to *Tversky* and drag **beta (Tversky)** from 0.1 to 0.9. What is traded?",
        set={"loss": "Tversky", "beta": 0.9},
        look="found",
        expect=lambda before, after: (
            int((after.values["outcome"] == 1).sum()) < int((before.values["outcome"] == 1).sum())
            and int((after.values["outcome"] == 2).sum())
            > int((before.values["outcome"] == 2).sum())
        ),
        then="Missed pixels against false ones: beta weighs what is missed, alpha = 1 - beta what "
        "is false.",
    ),
)
