"""Start here: a segment grows, leaks, stops too early, and finds one coin of many."""

from seglab.lab import Try

LEAK = (63, 51)


def size(run):
    return run.numbers["pixels in your segment"]


def tolerances(run):
    """Every tolerance that the control offers."""
    return list(run.values["growth"].at)


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
        look="colour distance ΔE",
        expect=lambda before, after: (
            holds(before, 96, 150) and not holds(after, 96, 150) and holds(after, 200, 40)
        ),
        then="Those of the saucer. Every pixel now has its distance to the red of the saucer, and "
        "blue means near 0. The segment has moved from the coffee to the saucer.",
    ),
    Try(
        "Click the coffee again, and drag the knob in **size by tolerance** to **60**. Does the "
        "segment stay inside the cup?",
        set={"pixel": (96, 150), "tolerance": 60},
        look="size by tolerance",
        expect=lambda before, after: (
            size(before.fork(pixel=(96, 150))) * 3 < size(after) == 11_235
            and holds(after, 75, 110)
            and not holds(after, 90, 60)
            and all(size(after) > size(after.fork(tolerance=t)) for t in tolerances(after)[:-2])
            and not after.panes["photograph"].marks[-1].text
        ),
        then="Yes. The curve rises slowly. At 60 the segment has 11,235 pixels: the coffee and the "
        "inner wall of the cup, but not its white rim.",
    ),
    Try(
        "Now drag the knob over the cliff, to **80**. Where does the segment leave the cup?",
        set={"tolerance": 80},
        look="photograph",
        expect=lambda before, after: (
            size(after) > 5 * size(before)
            and holds(after, 90, 60)
            and holds(after, 120, 30)
            and after.values["growth"].leak.at == LEAK
            and not holds(after.fork(tolerance=60), *LEAK)
            and after.panes["photograph"].marks[-1].text
        ),
        then="At the red dot, on the left of the rim. From tolerance 61.9 on this pixel belongs to "
        "the segment and connects it to the saucer and the table: 37,824 pixels join at once. The "
        "segment *leaks*.",
    ),
    Try(
        "Choose **astronaut** and click her orange suit. Is there a tolerance that selects the "
        "suit and nothing else?",
        set={"photo": "astronaut", "pixel": (172, 65), "tolerance": 40},
        look="labels",
        expect=lambda before, after: (
            holds(after, 180, 60)
            and holds(after, 130, 10)
            and not holds(after, 150, 160)
            and after.values["distance"][0, 150, 160] < 10 < after.values["distance"][0, 130, 10]
            and not any(selects_the_suit(after.fork(tolerance=t)) for t in tolerances(after))
        ),
        then="No. At 40 a red stripe of the flag is in the segment already, and the right side of "
        "the suit is not: its colour is near, but it is not connected. The hose and the ring "
        "around the neck lie between.",
    ),
    Try(
        "Now take the **coins**. How many clicks do you need to find them all?",
        set={"photo": "coins", "pixel": (96, 150), "tolerance": 25},
        look="labels",
        expect=lambda before, after: (
            after.values["segment"].float().mean() < 0.015 and alike(after) > 0.4
        ),
        then="One for each coin. 41% of the picture has a distance below the tolerance, but the "
        "segment is only 1.3%: the other coins look alike but are not connected.",
    ),
)
