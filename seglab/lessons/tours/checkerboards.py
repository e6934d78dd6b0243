"""The tour of lab 11: two causes of a pattern, uneven overlap and uneven weights."""

from seglab.lab import Try
from seglab.ops.upsample import RESIZE, TRANSPOSED

SPECTRA = "Compare the spectra of both methods"
KERNEL, SUMS = "kernel: drag its taps", "sum at each place"


def counts(run):
    """The numbers of ways that lead to an output, each once."""
    return run.values["overlap"].unique().int().tolist()


def flat(run):
    """True if a map of ones becomes a map of ones."""
    return bool((run.values["constant"] - 1).abs().max() < 1e-5)


def points(run):
    """Number of frequencies that the map of ones has afterwards; 1 for a flat map."""
    return int((run.values["spectrum"] > -3.9).sum())


def ones_that_are_flat(run):
    return [k for k in (1, 2, 3, 4, 5, 6, 9) if flat(run.fork(kernel=f"{k} ones"))]


def strength(run, frequency):
    """The strength of a frequency in the chart, by method."""
    lines = run.charts[SPECTRA].data
    return {line.name: dict(zip(line.x, line.y, strict=True))[frequency] for line in lines}


TOUR = (
    Try(
        "Three taps of 1, and stride 2: place 0 of a block meets two of them, place 1 meets one. "
        "Press *+ tap* over the kernel. Is the map of ones flat now?",
        set={"kernel": "4 ones"},
        look=SUMS,
        expect=lambda before, after: (
            before.values["sums"] == [2, 1]
            and after.values["sums"] == [2, 2]
            and not flat(before)
            and flat(after)
            and counts(before) == [1, 2, 4]
        ),
        then="It is: both places meet two taps, because 2 divides 4. The columns are level.",
    ),
    Try(
        "Keep four taps of 1 and set **stride s** to 3: a block has three places. Then take other "
        "numbers of ones: with which of them is the map flat?",
        set={"s": 3},
        look=SUMS,
        expect=lambda before, after: not flat(after) and ones_that_are_flat(after) == [3, 6, 9],
        then="With 3, 6 and 9, and not with 4: a kernel of ones gives a flat map if the stride "
        "divides its size.",
    ),
    Try(
        "Back to stride 2 and four taps of 1. Drag the second bar down to 0.5. The overlap is "
        "still even. Is the map flat?",
        set={"s": 2, "kernel": ((1, 0.5, 1, 1),)},
        look=SUMS,
        expect=lambda before, after: (
            counts(after) == [4] and after.values["sums"] == [2, 1.5] and not flat(after)
        ),
        then="No: place 1 meets 0.5 + 1, and place 0 meets 1 + 1. Even overlap is not enough.",
    ),
    Try(
        "Drag another bar until the columns are level again. Which one, and how high?",
        set={"kernel": ((1, 0.5, 1, 1.5),)},
        look=KERNEL,
        expect=lambda before, after: (
            after.values["sums"] == [2, 2]
            and flat(after)
            and flat(after.fork(kernel=((0.5, 0.5, 1, 1),)))
        ),
        then="The fourth up to 1.5, or the first or the third down to 0.5: only the sums have to "
        "agree.",
    ),
    Try(
        "Choose the kernel *½ 1 ½*: three taps, so the overlap is uneven. Is the map flat?",
        set={"kernel": "½ 1 ½"},
        look=SUMS,
        expect=lambda before, after: (
            counts(after) == [1, 2, 4] and after.values["sums"] == [1, 1] and flat(after)
        ),
        then="Yes. Place 0 meets ½ + ½, place 1 meets 1. A net can learn such weights, but nothing "
        "makes it do so.",
    ),
    Try(
        "Choose *random, 3* with two **layers**: so a net looks before training. What becomes of a "
        "photograph, and how many points has the spectrum?",
        set={"kernel": "random, 3", "depth": 2},
        look="the input becomes",
        expect=lambda before, after: (
            not flat(after)
            and points(after) == 16
            and points(after.fork(depth=1)) == 4
            and after.numbers["pattern repeats after"] == "4 pixels"
        ),
        then="It stands behind a grid. With one layer the grid repeats after 2 pixels, with two "
        "after 4: 16 frequencies in place of 4.",
    ),
    Try(
        "Set **method** to *resize-convolution*, with the same weights. What is left of the grid?",
        set={"method": RESIZE},
        look=SUMS,
        expect=lambda before, after: (
            not flat(before)
            and counts(after) == [81]
            and after.values["sums"] == [2, 2]
            and all(flat(after.fork(kernel=name)) for name in ("random, 5", "3 ones", "4 ones"))
        ),
        then="Nothing: every place meets all taps, so the columns are level with any weights.",
    ),
    Try(
        "Press **Compare the spectra of both methods**. Which line has a peak at 0.5 cycles per "
        "pixel, and why there?",
        look=SPECTRA,
        expect=lambda before, after: (
            strength(after, 0.5)[TRANSPOSED] > 0.1 > 1e-3 > strength(after, 0.5)[RESIZE]
        ),
        then="That of the transposed convolution: a pattern that repeats after 2 pixels has half a "
        "cycle per pixel. The resize-convolution has none.",
    ),
)
