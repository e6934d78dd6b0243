"""The tour of lab 09: one function in two ways, and what one forgotten layer does to it."""

from seglab.lab import Try
from seglab.lessons.pictures import holes
from seglab.ops import heatmap, morphology


def moved(run, lines):
    """Share of the labels that differ, and how much of it lies near a change of label."""
    ours, theirs = map(heatmap.label_map, run.values["both"])
    differ, near = ours != theirs, morphology.edge(ours, lines, border=False)
    return float(differ.float().mean()), float((differ & near).sum() / differ.sum())


def differing(run):
    return float(run.values["changed_labels"])


def missing(run):
    """Taps of one kernel of each layer that miss their value."""
    return holes.missing(run.values["stack"], run.values["spread"])[0]


def orange(run):
    """The layers, from 0, with a line that misses."""
    lines = (s for s in run.panes["taps of one score"].shapes if s.kind == "line" and s.dashed)
    return {int(line.points[1][1]) for line in lines}


def row(*dilations):
    return {"dilations": (dilations,)}


TOUR = (
    Try(
        "The strides are taken out and all dilations are 1. A black dot is a value that the old "
        "net had too; an orange line misses it. pool1 used to read values 2 pixels apart: drag "
        "its knob to 2. What happens to its lines?",
        set=row(1, 2, 1, 1, 1, 1),
        look="taps of one score",
        expect=lambda before, after: (
            orange(before) == {1, 2, 3, 4, 5} and orange(after) == {2, 3, 4, 5}
        ),
        then="They meet black dots: the values that pool1 was trained on. Between them is now one "
        "value that it must step over, a hole.",
    ),
    Try(
        "conv2 comes after two strides of 2. Drag its knob until its lines turn blue. Which "
        "dilation is it?",
        set=row(1, 2, 4, 1, 1, 1),
        look="taps of one score",
        expect=lambda before, after: (
            orange(after) == {3, 4, 5}
            and all(2 in orange(after.fork(**row(1, 2, d, 1, 1, 1))) for d in (1, 2, 3, 8))
        ),
        then="4, the product of the two strides. With 2 it reads values of other shifts; with 8 "
        "it steps over every second ring.",
    ),
    Try(
        "Find the dilations of pool2, conv3 and conv4, until no line is orange. What becomes of "
        "the difference?",
        set=row(1, 2, 4, 4, 8, 8),
        look="largest difference",
        expect=lambda before, after: (
            missing(after) == 0
            and after.values["largest"] < 1e-3
            and after.fork(photo="astronaut").values["largest"] < 1e-3
            and before.values["largest"] > 1
        ),
        then="It goes to 0. 4, 8 and 8: the product of all strides before the layer. One pass "
        "gives what stitching needs 64 for, on every photo.",
    ),
    Try(
        "Now forget one layer: drag pool2 back to 1. A max pool has no weights. Does the "
        "answer change?",
        set=row(1, 2, 4, 1, 8, 8),
        look="labels that differ",
        expect=lambda before, after: 0.25 < differing(after) < 0.33 and missing(after) == 1,
        then="More than a quarter of the labels change. pool2 now takes the maximum of the wrong "
        "neighbours, and all layers after it work with these values.",
    ),
    Try(
        "Give pool2 its 4 again, and set the last layer, conv4, to 1. Where do the labels "
        "differ now?",
        set=row(1, 2, 4, 4, 8, 1),
        look="à trous",
        expect=lambda before, after: (
            differing(after) < differing(before) / 2
            and moved(after, 4)[1] > 0.9
            and differing(after) < differing(after.fork(**row(1, 1, 4, 4, 8, 8)))
        ),
        then="Less than half as many labels differ, and nearly all of them lie within 4 pixels of "
        "a border between two labels.",
    ),
    Try(
        "A common mistake is to dilate the convolutions only. Give conv4 its 8 again, and set "
        "both pools to 1.",
        set=row(1, 1, 4, 1, 8, 8),
        look="labels that differ",
        expect=lambda before, after: (
            0.15 < differing(after) < differing(after.fork(**row(1, 2, 4, 1, 8, 8))) - 0.05
        ),
        then="A fifth of the labels change: a pool after a stride needs its dilation too. It is "
        "less than with pool2 alone: two mistakes do not simply add up.",
    ),
    Try(
        "Set **downsampling factor f** to 2: another net, in which pool1 has the only stride. "
        "Which layers need a dilation now? Try 1, 1, 2, 2, 2, 2.",
        set={"f": 2, **row(1, 1, 2, 2, 2, 2)},
        look="taps of one score",
        expect=lambda before, after: (
            missing(after) == 0
            and after.values["largest"] < 1e-3
            and after.values["stack"][1].stride == 2
        ),
        then="Those after pool1, but not pool1 itself. A layer needs a dilation for the strides "
        "*before* it.",
    ),
    Try(
        "Set f to 16, whose net has a seventh layer, with 1, 2, 4, 4, 8, 8, 16. Stitching "
        "takes 256 passes now. How many coarse passes does à trous cost? Then press **Measure the "
        "cost**.",
        set={"f": 16, **row(1, 2, 4, 4, 8, 8, 16)},
        look="multiply-adds",
        expect=lambda before, after: (
            missing(after) == 0
            and "stitching 230×, à trous 29×" in after.numbers["multiply-adds"]
            and "stitching 62×, à trous 28×" in after.fork(f=8).numbers["multiply-adds"]
        ),
        then="29, where stitching costs 230. From f = 8 to 16, stitching becomes nearly four "
        "times as expensive, à trous hardly more. In the chart, each f is another net, so compare "
        "the ways at one f.",
    ),
)
