"""The tour of lab 16: what a published net finds, how sure it is, and what fools it."""

from seglab.lab import Try

EDGE = (96, 57)  # of her suit, on the left
CAMERA = slice(70, 92), slice(132, 162)  # rows and columns of what the man holds
LEG = (215, 177)  # a pixel of his tripod's leg


def share(run):
    """Share of the picture that the threshold keeps."""
    return run.values["shares"][run.state["threshold"]]


def probability(run, at):
    """Probability of a person, at one place or over several."""
    return float(run.values["person"][0, 0][at].mean())


TOUR = (
    Try(
        "Your point lies on her neck, and the net is sure of it. Click on the edge of her suit. "
        "What does **at your point** say now?",
        set={"pixel": EDGE},
        look="at your point",
        expect=lambda before, after: (
            probability(before, before.state["pixel"]) > 0.99
            and 0.4 < probability(after, EDGE) < 0.6
        ),
        then="About one half: a pixel at the edge shows both. Elsewhere the net is sure: only 5% "
        "of the picture lies between 10% and 90%.",
    ),
    Try(
        "Drag the knob in **how much is kept** to a **threshold** of 0.95. "
        "How much of her is lost?",
        set={"threshold": 0.95},
        look="called a person",
        expect=lambda before, after: 0.02 < share(before) - share(after) < 0.03,
        then="Three points of a hundred. The line is nearly level: where a net is sure, almost any "
        "threshold gives the same mask.",
    ),
    Try(
        "Set the **threshold** to 0.5 again and **behind the person** to **blurred**. "
        "Where have you seen this before?",
        set={"threshold": 0.5, "behind": "blurred"},
        look="cut-out",
        expect=lambda before, after: not before.values["cut_out"].equal(after.values["cut_out"]),
        then="In a video call: this net was made for that. Her helmet counts as a part of her.",
    ),
    Try(
        "Set **photo** to *camera*: a man from the side, in grey. Is he found? And what he holds?",
        set={"photo": "camera", "behind": "white"},
        look="probability",
        expect=lambda before, after: (
            0.3 < share(after) < 0.35
            and 0.3 < probability(after, CAMERA) < 0.8
            and probability(after, LEG) < 0.1
        ),
        then="He is. Of his camera the net is unsure, and the legs of the tripod are background. "
        "Enlarge the pane (E): where the net is unsure, you see a fine grid.",
    ),
    Try(
        "There is no person in *chelsea*. What does the line in **how much is kept** look like?",
        set={"photo": "chelsea"},
        look="how much is kept",
        expect=lambda before, after: (
            after.values["unsure"] > 0.5
            and after.values["shares"][0.05] > 0.6
            and after.values["shares"][0.95] < 0.1
        ),
        then="It falls all the way. The net does not know: the threshold alone decides whether 64% "
        "of the picture is a person, or 9%.",
    ),
    Try(
        "And a cup of *coffee*, with a **threshold** of 0.95?",
        set={"photo": "coffee", "threshold": 0.95},
        look="called a person",
        expect=lambda before, after: 0.55 < share(after) < 0.65,
        then="59% of the picture is a person, with a probability of at least 95%. "
        "The net has two answers, and no third one for what it has never seen.",
    ),
)
