"""Clicks: a cut that shrinks, a box, a robot that clicks, and a truth for a photograph."""

from seglab.lab import Try

DISC = "object point 46:99"
ASTRONAUT = (
    "object line 14:50 45:52 62:45; object line 65:25 85:20 110:15 120:60; "
    "object line 60:60 75:78; object line 127:12 127:62; background line 8:20 40:15; "
    "background line 12:75 50:85; background line 75:100 60:115; "
    "background line 118:80 90:98 108:121"
)
HELMET = (slice(95, 124), slice(80, 116))  # rows and columns


def iou(run):
    return run.values["iou"]


def pixels(run):
    return int(run.values["mask"].sum())


def missed_on_the_helmet(run):
    """The share of it that lab 16's net calls a person and the student's mask does not."""
    return float((run.values["errors"][0][HELMET] == 3).float().mean())


TOUR = (
    Try(
        "One click lies on a green star on green grass. The random walker has guessed the rest. "
        "Choose **click net**: does a net that was trained on such scenes see more?",
        set={"method": "click net"},
        look="draw here",
        expect=lambda before, after: iou(before) < 0.6 and iou(after) > 0.8,
        then="Yes. The IoU goes from 0.54 to 0.86 with the same single click. The walker compares "
        "neighbouring colours only; the net has learned what such shapes look like.",
    ),
    Try(
        "Now **min-cut**. Before you look: which border around the click costs least?",
        set={"method": "min-cut"},
        look="draw here",
        expect=lambda before, after: (
            pixels(after) == 35 and int((after.values["labelled"] == 1).sum()) == 29
        ),
        then="A tiny one: 35 pixels, and 29 of them are the click itself. A border costs the sum "
        "over its length, so a short border is cheap, even where nothing ends. This is called the "
        "*shrinking bias*.",
    ),
    Try(
        "Click on the blue disc, to the right. Does min-cut shrink here too?",
        set={"brush": DISC},
        look="draw here",
        expect=lambda before, after: iou(after) > 0.95,
        then="No. At the disc's border the colours differ so much that a cut there is almost free: "
        "the long border is cheaper than the short one. IoU 0.98.",
    ),
    Try(
        "Choose **random walker**, **a box** around the star, and contrast **8**. What does a box "
        "say, in pixels?",
        set={"method": "random walker", "brush": "a box", "contrast": 8},
        look="labelled pixels",
        expect=lambda before, after: (
            iou(after) > 0.75
            and float((after.values["labelled"] == 0).float().mean()) > 0.85
            and iou(after) > iou(after.fork(brush="one click"))
        ),
        then="It says where the object is *not*: 86% of the picture is background at once. Two "
        "corners cost little more than one click and say much more. The green spot in the middle "
        "of the box is a guess, and for a ring it would be wrong.",
    ),
    Try(
        "Go to **scene 1** with **one click** and contrast 1, and **robot's clicks** at **4**. "
        "It clicks where the errors are deepest. Follow *IoU by click*.",
        set={"picture": "scene 1", "brush": "one click", "contrast": 1, "robot": 4},
        look="IoU by click",
        expect=lambda before, after: (
            after.values["course"].ious[0] < 0.3 and iou(after) > 0.9 and pixels(after) > 600
        ),
        then="From 0.28 to 0.96. This robot is how interactive methods are compared: everybody's "
        "method gets the same clicker.",
    ),
    Try(
        "Choose **region competition** and **6** clicks. Does each click help?",
        set={"method": "region competition", "robot": 6},
        look="IoU by click",
        expect=lambda before, after: after.values["course"].ious[5] > 0.85 and iou(after) < 0.4,
        then="No. The sixth click takes the IoU from 0.90 to 0.32. A path of pixels that differ "
        "little leads out of the ring, and a region that passes one weak place takes all that "
        "lies behind: it leaks, as in lab 00.",
    ),
    Try(
        "Now a photograph: **astronaut**, **min-cut** and contrast 2. Draw a few lines on her, and "
        "some around her and on the helmet; **Show me** draws such lines. There is no truth, so "
        "*errors* compares with lab 16's net. Who is right about the helmet?",
        set={
            "picture": "astronaut",
            "brush": ASTRONAUT,
            "method": "min-cut",
            "contrast": 2,
            "robot": 0,
        },
        look="errors",
        expect=lambda before, after: (
            0.69 < iou(after) < 0.73
            and missed_on_the_helmet(after) > 0.95
            and bool(after.values["truth"][0][HELMET].all())
        ),
        then="You are: you say what a person is. The net calls the helmet a person, you do not, "
        "and the IoU is 0.71. With labels of your own you can measure any net on any photograph.",
    ),
)
