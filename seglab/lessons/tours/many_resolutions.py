"""The tour of lab 18: which side knows what, where a net may end, and what the losses ask for."""

from seglab.lab import Try

FINE_ONLY = {"weight16": 0, "weight8": 0, "weight4": 0, "weight2": 0, "weight1": 1}


def iou(run):
    return run.values["result"][0]


def boundary(run):
    return run.values["result"][1]


def inside(run):
    return run.values["result"][2]


def bottom(run, side):
    """Length of the gradient that a side's loss sends into the coarsest stage of the encoder."""
    return run.values["arriving"][side]["down.4"]


TOUR = (
    Try(
        "Click on the picture at the bottom of **the net**: it ends at stride 16, before any way "
        "up. Is the class of the things right? Is their contour?",
        set={"depth": 5},
        look="labels",
        expect=lambda before, after: (
            0.87 < inside(after) < 0.885 and round(boundary(after), 2) in (0.27, 0.28)
        ),
        then="Inside the things, 88% of the pixels have their class. Boundary IoU is below 0.28: a "
        "cell of 16 × 16 pixels has no contour.",
    ),
    Try(
        "Go up step by step, to strides 8, 4, 2 and 1. From where on is the class right? And the "
        "contour?",
        set={"depth": 9},
        look="what and where",
        expect=lambda before, after: (
            min(inside(after.fork(depth=depth)) for depth in (6, 7, 8, 9)) > 0.999
            and [round(boundary(after.fork(depth=depth)), 2) for depth in (6, 7, 8, 9)]
            == [0.61, 0.79, 0.84, 0.85]
        ),
        then="From stride 8 on, more than 99.9% of the pixels inside have their class. Boundary "
        "IoU goes on to rise: 0.61, 0.79, 0.84, 0.85.",
    ),
    Try(
        "Now the finest map on the way *down*: click on the picture at the top left. It has as "
        "many pixels as the answer. Does it know where? Does it know what?",
        set={"depth": 1},
        look="the net",
        expect=lambda before, after: inside(after) < 0.01 and boundary(after) < 0.1,
        then="Neither. It sees 5 × 5 pixels. Inside the things, hardly a pixel has its class, and "
        "boundary IoU is below 0.1. It shows edges, and does not know of what.",
    ),
    Try(
        "End the net at stride 4 on the way up. How much of the cost is saved, and how much of "
        "the quality lost?",
        set={"depth": 7},
        look="cost and quality",
        expect=lambda before, after: (
            after.numbers["multiply-adds"] == "66.7 million"
            and after.fork(depth=9).numbers["multiply-adds"] == "127.7 million"
            and round(iou(after), 2) == 0.94
            and round(iou(after.fork(depth=9)), 2) == 0.96
        ),
        then="66.7 of 127.7 million multiply-adds are left. Mean IoU is 0.94 in place of 0.96.",
    ),
    Try(
        "Do the same with the net that was trained with **loss at** *the finest side* only. Its "
        "heads learned too, but nothing was asked of its coarse maps.",
        set={"trained": "the finest side"},
        look="labels",
        expect=lambda before, after: (
            [round(iou(after.fork(depth=depth)), 2) for depth in (5, 6, 7)] == [0.21, 0.56, 0.81]
        ),
        then="Mean IoU is 0.81, and it was 0.94. At stride 8 it is 0.56, at stride 16 it is 0.21: "
        "this net cannot end early.",
    ),
    Try(
        "Let it go on to its end. Is the other net still better?",
        set={"depth": 9},
        look="mean IoU",
        expect=lambda before, after: (
            round(iou(after), 2) == 0.97 and round(iou(after.fork(trained="every side")), 2) == 0.96
        ),
        then="No: 0.97 against 0.96 on this scene, and over 500 scenes the curves of **cost and "
        "quality** meet at the end. The other losses have changed the way there.",
    ),
    Try(
        "Take the net that is *not trained* (**loss at**), and set all weights to 0 but that of "
        "stride 1. Which stages of the way down does this loss reach?",
        set={"trained": "none: not trained", **FINE_ONLY},
        look="encoder gradient",
        expect=lambda before, after: (
            round(bottom(after, 1), 3) == 0.006
            and round(after.values["arriving"][1]["down.0"], 1) == 0.8
            and abs(after.values["falling"][16]) < 0.02
            and round(bottom(after.fork(weight16=1), 16), 1) == 1.6
        ),
        then="The first stage, where its gradient is 0.8 long. At the coarsest it is 0.006: most "
        "of it takes the skips. The loss of stride 16, with a weight of 1, would send 1.6 there.",
    ),
    Try(
        "The other way to several resolutions: take the net trained with **loss at** *every side*, "
        "set all weights to 1, and give it **picture / 2**. Then **pyramid**.",
        set={
            "trained": "every side",
            **dict.fromkeys(FINE_ONLY, 1),
            "copies": "picture / 2",
        },
        look="labels",
        expect=lambda before, after: (
            [round(iou(after.fork(copies=copies)), 2) for copies in ("picture / 2", "pyramid")]
            == [0.36, 0.85]
        ),
        then="Mean IoU is 0.36 with the half, and 0.85 with both; the picture alone has 0.96. "
        "The net has learned things of one range of sizes.",
    ),
)
