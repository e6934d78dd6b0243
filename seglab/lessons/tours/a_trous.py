"""The tour of lab 09: one function in two ways, and what one forgotten layer does to it."""

from seglab.lab import Try
from seglab.ops import heatmap, morphology


def moved(run, lines):
    """Share of the labels that differ, and how much of it lies near a change of label."""
    ours, theirs = map(heatmap.label_map, run.values["both"])
    differ, near = ours != theirs, morphology.edge(ours, lines, border=False)
    return float(differ.float().mean()), float((differ & near).sum() / differ.sum())


def differing(run):
    return float(run.values["changed_labels"])


TOUR = (
    Try(
        "Stitching needs 64 passes, à trous needs one, and on the mosaic they agree. "
        "Set **photo** to *astronaut*. Do they still agree?",
        set={"photo": "astronaut"},
        look="à trous",
        expect=lambda before, after: after.values["largest"] < 1e-3,
        then="Yes: **max difference** stays below 0.0001, which is the rounding of floats. The two "
        "are one function, for every picture.",
    ),
    Try(
        "Back to the mosaic. Now forget one layer: set **left undilated** to *pool2*. "
        "A max pool has no weights. Does the answer change?",
        set={"photo": "mosaic", "undilated": "pool2"},
        look="labels that differ",
        expect=lambda before, after: 0.25 < differing(after) < 0.33,
        then="More than a quarter of the labels change. pool2 now takes the maximum of the wrong "
        "neighbours, and all layers after it work with these values.",
    ),
    Try(
        "Give pool2 its dilation again, and forget the last layer that needs one, *conv4*. "
        "Where do the labels differ now?",
        set={"undilated": "conv4"},
        look="à trous",
        expect=lambda before, after: (
            differing(after) < differing(before) / 2 and moved(after, 4)[1] > 0.9
        ),
        then="Less than half as many labels differ, and nearly all of them lie within 4 pixels of "
        "a border between two labels.",
    ),
    Try(
        "Is an early layer always worse than a late one? Set **left undilated** to *pool1*.",
        set={"undilated": "pool1"},
        look="largest difference",
        expect=lambda before, after: (
            differing(after)
            < differing(after.fork(undilated="conv3"))
            < differing(after.fork(undilated="pool2"))
        ),
        then="No. Fewer labels differ than with conv3, which comes later, and most of the three "
        "with pool2, which lies between them.",
    ),
    Try(
        "A common mistake is to dilate the convolutions only. "
        "Set **left undilated** to *every pool*.",
        set={"undilated": "every pool"},
        look="labels that differ",
        expect=lambda before, after: (
            0.15 < differing(after) < differing(after.fork(undilated="pool2")) - 0.05
        ),
        then="A fifth of the labels change: a pool after a stride needs its dilation too. It is "
        "less than with pool2 alone: two mistakes do not simply add up.",
    ),
    Try(
        "Set **downsampling factor f** to 2 and **left undilated** to *pool1*. "
        "Why is nothing wrong?",
        set={"f": 2, "undilated": "pool1"},
        look="left undilated",
        expect=lambda before, after: (
            after.values["dilations"]["pool1"] == 1
            and after.values["dilations"]["conv2"] == 2
            and after.values["largest"] < 1e-3
        ),
        then="In this net pool1 has the only stride. A layer needs a dilation for the strides "
        "*before* it, and before pool1 there is none.",
    ),
    Try(
        "Set **left undilated** to *nothing*, f to 8, and **sign of the shift** to *wrong*. Now "
        "stitching is wrong. Where do you see it?",
        set={"f": 8, "undilated": "nothing", "sign": "wrong"},
        look="shift and stitch",
        expect=lambda before, after: (
            differing(after) > 0.1 and moved(after, 4)[1] > 0.99 and differing(before) == 0
        ),
        then="Only at borders between labels, which become ragged. Scores land up to 6 pixels "
        "from their place; inside a texture the neighbours have the same label.",
    ),
    Try(
        "Set the sign to *right* and **downsampling factor f** to 16. Stitching takes 256 passes "
        "now. How many coarse passes does à trous cost? "
        "Then press **Measure the cost**.",
        set={"sign": "right", "f": 16},
        look="multiply-adds",
        expect=lambda before, after: (
            "stitching 230×, à trous 29×" in after.numbers["multiply-adds"]
            and "stitching 62×, à trous 28×" in before.numbers["multiply-adds"]
        ),
        then="29, where stitching costs 230. From f = 8 to 16, stitching becomes nearly four "
        "times as expensive, à trous hardly more. In the chart, each f is another net, so compare "
        "the ways at one f.",
    ),
)
