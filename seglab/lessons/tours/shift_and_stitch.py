"""Shift and stitch: from one pass to all of them, who answers for a pixel, and the wrong sign."""

from seglab.lab import Try
from seglab.ops import heatmap

INTERLEAVED, YOURS = "the passes, interleaved", "your pixel"
CLOSE_UP = "3 × 3 blocks of it"


def share(run):
    return float(run.values["answered"].float().mean())


def answers(run):
    """True where the interleaved map has a score, [H, W]."""
    return run.values["answered"][0]


def dots(run):
    """Places of the close-up that the last pass fills."""
    return {(mark.row, mark.column) for mark in run.panes[CLOSE_UP].marks}


def differing(one, other):
    """The share of the interleaved map whose labels differ."""
    maps = (heatmap.label_map(run.values["stitched"]) for run in (one, other))
    return float((next(maps) != next(maps)).float().mean())


TOUR = (
    Try(
        "Drag **shifts done** down to **1**: one pass, of the picture as it is. Which pixels of "
        "the interleaved map have an answer?",
        set={"shifts": 1},
        look=INTERLEAVED,
        expect=lambda before, after: (
            answers(after)[::8, ::8].all()
            and answers(after).sum() == answers(after)[::8, ::8].numel() == 27 * 27
        ),
        then="One in each 8 × 8, as the net answers every 8 pixels: 27 × 27 scores, 1.6% of the "
        "map.",
    ),
    Try(
        "Press play and stop at **12**, or drag. Pass (y, x) gets the picture without its first y "
        "rows and x columns: so its first window, dashed, moves too. Where does each pass land in "
        "the blocks?",
        set={"shifts": 12},
        look=CLOSE_UP,
        expect=lambda before, after: (
            after.values["shift"] == (1, 3)
            and dots(after) == {(r, c) for r in (1, 9, 17) for c in (3, 11, 19)}
            and dots(before) == {(r, c) for r in (0, 8, 16) for c in (0, 8, 16)}
            and after.values["pass_field"].center(0, 0) == (22, 24)
        ),
        then="In every block of 8 × 8 at the same place: pass (1, 3) at row 1, column 3. Twelve of "
        "the 64 places of a block are filled.",
    ),
    Try(
        "Drag it up to **64**, or press play again. When does every pixel have an answer?",
        set={"shifts": 64},
        look="pixels answered",
        expect=lambda before, after: (
            share(after) == 1 > share(after.fork(shifts=48))
            and answers(after).shape == (214, 214)
            and after.values["passes"].count == 64
        ),
        then="With pass 64 of 64, and not before. Side by side the passes are 64 small maps that "
        "look nearly alike; interleaved they are one map of 214 × 214.",
    ),
    Try(
        "Click the pixel to the right of yours, at row 128, column 129. Which pass answers for it, "
        "and with which of its scores?",
        set={"pixel": (128, 129)},
        look=YOURS,
        expect=lambda before, after: (
            before.numbers[YOURS] == "pass (3, 3), score (13, 13)"
            and after.numbers[YOURS] == "pass (3, 4), score (13, 13)"
            and after.fork(pixel=(128, 136)).numbers[YOURS] == "pass (3, 3), score (13, 14)"
        ),
        then="Pass (3, 4), which is shifted by one column more, with the same score of it. At "
        "column 136, 8 pixels further on, pass (3, 3) answers again, with its next score.",
    ),
    Try(
        "Click near the top left corner, at row 20, column 20. Why is there no score?",
        set={"pixel": (20, 20)},
        look=YOURS,
        expect=lambda before, after: (
            after.numbers[YOURS].startswith("no pass")
            and after.fork(pixel=(21, 21)).numbers[YOURS] == "pass (0, 0), score (0, 0)"
            and after.values["model"].field.size == (43, 43)
        ),
        then="A score stands at the center of its field, which is 43 × 43 and must lie in the "
        "picture. The first center is at row 21, column 21.",
    ),
    Try(
        "Set the **sign of the shift** to **wrong**: each pass is placed as if the picture had "
        "been shifted the other way. Look closely at the borders of the textures.",
        set={"sign": "wrong"},
        look=INTERLEAVED,
        expect=lambda before, after: (
            before.values["difference"] < 1e-3
            and after.values["difference"] > 10
            and 0.12 < differing(before, after) < 0.13
        ),
        then="They are ragged: 13% of the labels differ from the right map. **max difference**, to "
        "the same net made dense in one pass, was below 0.0001 and is more than 10.",
    ),
    Try(
        "Set the sign **right**, and the **downsampling factor f** to **16**. Are 64 passes "
        "enough?",
        set={"sign": "right", "f": 16},
        look="pixels answered",
        expect=lambda before, after: (
            after.numbers["passes"] == "64 of 256"
            and 0.25 < share(after) < 0.26
            and share(after.fork(shifts=256)) == 1
            and after.fork(f=2).numbers["passes"] == "4 of 4"
        ),
        then="No: f² passes are needed, 256 for f = 16. 64 answer for a quarter of the pixels. For "
        "f = 2 there are four.",
    ),
    Try(
        "Choose the **astronaut**, with f **8**. The net has never seen a face. Which textures "
        "does it find?",
        set={"photo": "astronaut", "f": 8},
        look=INTERLEAVED,
        expect=lambda before, after: (
            share(after) == 1
            and set(heatmap.label_map(after.values["stitched"]).unique().tolist()) == set(range(7))
        ),
        then="All seven that it knows, and everywhere one of them: there is no class for what it "
        "has not seen.",
    ),
)
