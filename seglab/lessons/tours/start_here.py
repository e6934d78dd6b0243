"""Start here: a segment grows, leaks, stops too early, and finds one coin of many."""

from seglab.lab import Try

TOLERANCES = (2, 4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 80)


def size(run):
    return run.numbers["pixels in your segment"]


def holds(run, row, column):
    return bool(run.values["segment"][0, row, column])


def alike(run):
    """The share of the picture that is within the tolerance, connected or not."""
    return float((run.values["distance"] <= run.state["tolerance"]).float().mean())


def selects_the_suit(run):
    """Both of its sides, and no stripe of the flag."""
    return holds(run, 180, 60) and holds(run, 150, 160) and not holds(run, 130, 10)


TOUR = (
    Try(
        "Click the red saucer, to the left of the cup. Which pixels become blue in the map of the "
        "colour distance?",
        set={"pixel": (200, 40)},
        look="colour distance to your pixel (ΔE)",
        expect=lambda before, after: (
            holds(before, 96, 150) and not holds(after, 96, 150) and holds(after, 200, 40)
        ),
        then="The distance is now that to the red of the saucer, at every pixel: what is as red is "
        "near 0. The segment has left the coffee and lies on the saucer.",
    ),
    Try(
        "Click back into the coffee, and move **tolerance** up step by step, to **60**.",
        set={"pixel": (96, 150), "tolerance": 60},
        look="labels",
        expect=lambda before, after: (
            size(before.fork(pixel=(96, 150))) * 3 < size(after) == 11_235
            and holds(after, 75, 110)
            and not holds(after, 90, 60)
            and all(size(after) > size(after.fork(tolerance=t)) for t in TOLERANCES[:-2])
        ),
        then="Each step adds a little. At 60 the segment holds 11,235 pixels: the coffee and the "
        "wall inside the cup, but not its white rim.",
    ),
    Try(
        "One step more, to **80**. Predict first: a little larger, or much larger?",
        set={"tolerance": 80},
        look="pixels in your segment",
        expect=lambda before, after: (
            size(after) > 5 * size(before) and holds(after, 90, 60) and holds(after, 120, 30)
        ),
        then="Five times as many pixels: the segment *leaks*. At 80 the rim is near enough, and "
        "across the rim the segment is connected to the saucer and the table.",
    ),
    Try(
        "Choose **astronaut** and select her orange suit with one click. Try every tolerance.",
        set={"photo": "astronaut", "pixel": (172, 65), "tolerance": 40},
        look="labels",
        expect=lambda before, after: (
            holds(after, 180, 60)
            and holds(after, 130, 10)
            and not holds(after, 150, 160)
            and after.values["distance"][0, 150, 160] < 10 < after.values["distance"][0, 130, 10]
            and not any(selects_the_suit(after.fork(tolerance=t)) for t in TOLERANCES)
        ),
        then="No tolerance does it. At 40 a red stripe of the flag has joined already, while the "
        "right side of the suit is missing: its colour is near, but the hose and the ring around "
        "the neck lie between.",
    ),
    Try(
        "Now the **coins**: how many clicks would you need to find them all?",
        set={"photo": "coins", "pixel": (96, 150), "tolerance": 25},
        look="labels",
        expect=lambda before, after: (
            after.values["segment"].float().mean() < 0.015 and alike(after) > 0.4
        ),
        then="One for each coin. 41% of the picture is as near in colour as the tolerance asks, "
        "but the segment is 1.3% of it: other coins look alike and are not connected.",
    ),
)
