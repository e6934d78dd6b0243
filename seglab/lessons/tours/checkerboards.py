"""The tour of lab 11: two causes of a pattern, uneven overlap and uneven weights."""

from seglab.lab import Try
from seglab.ops.upsample import RESIZE, TRANSPOSED

SPECTRA = "Compare the spectra of both methods"


def counts(run):
    """The numbers of ways that lead to an output, each once."""
    return run.values["overlap"].unique().int().tolist()


def flat(run):
    """True if a map of ones becomes a map of ones."""
    return bool((run.values["constant"] - 1).abs().max() < 1e-5)


def points(run):
    """Number of frequencies that the map of ones has afterwards; 1 for a flat map."""
    return int((run.values["spectrum"] > -3.9).sum())


def kernels_that_are_flat(run):
    return [k for k in range(1, 10) if flat(run.fork(k=k))]


def strength(run, frequency):
    """The strength of a frequency in the chart, by method."""
    lines = run.charts[SPECTRA].data
    return {line.name: dict(zip(line.x, line.y, strict=True))[frequency] for line in lines}


TOUR = (
    Try(
        "With kernel 3 and stride 2, an output has 1, 2 or 4 ways that lead to it. "
        "Set **kernel size k** to 4. Is the map of ones flat now?",
        set={"k": 4},
        look="a map of ones becomes",
        expect=lambda before, after: (
            counts(before) == [1, 2, 4] and counts(after) == [4] and flat(after)
        ),
        then="It is: four ways lead to each output, because 2 divides 4.",
    ),
    Try(
        "Keep kernel 4 and set **stride s** to 3. Then move **kernel size k** from 1 to 9: "
        "with which of them is the map flat?",
        set={"s": 3},
        look="a map of ones becomes",
        expect=lambda before, after: not flat(after) and kernels_that_are_flat(after) == [3, 6, 9],
        then="With 3, 6 and 9, and not with 4: a kernel of ones gives a flat map if the stride "
        "divides its size.",
    ),
    Try(
        "Back to kernel 3 and stride 2, with two **layers**. "
        "What becomes of the pattern, and of its points in the spectrum?",
        set={"k": 3, "s": 2, "depth": 2},
        look="spectrum: log10 strength",
        expect=lambda before, after: (
            points(after) == 16
            and points(after.fork(depth=1)) == 4
            and after.numbers["pattern repeats after"] == "4 pixels"
            and max(counts(after)) == 9
        ),
        then="It repeats after 4 pixels, not 2, and has 16 frequencies, not 4. At most 9 ways lead "
        "to an output, and not 4 × 4: along a row the counts are at most 2 after one layer, and 3 "
        "after two.",
    ),
    Try(
        "One layer, kernel 4 and stride 2: the overlap is even. Set **weights** to *random 1*. "
        "Is the map flat?",
        set={"depth": 1, "k": 4, "weights": "random 1"},
        look="a map of ones becomes",
        expect=lambda before, after: (
            counts(after) == [4] and after.numbers["ones become"] == "0.83 to 1.29"
        ),
        then="No: ones become 0.83 to 1.29. Each place in a block of 2 × 2 meets four other "
        "weights, and their sums differ. Even overlap is not enough.",
    ),
    Try(
        "Now the other way round: **kernel size k** 3 and **weights** *bilinear*. The overlap is "
        "uneven. Is the map flat?",
        set={"k": 3, "weights": "bilinear"},
        look="a map of ones becomes",
        expect=lambda before, after: counts(after) == [1, 2, 4] and flat(after),
        then="Yes. Along a row, one place meets the weight 1 and the other meets ½ + ½. Only the "
        "sums have to agree.",
    ),
    Try(
        "Kernel 3 and stride 2 with **weights** *random 1*: this is how a layer looks before "
        "training. What becomes of a photograph?",
        set={"weights": "random 1"},
        look="the input becomes",
        expect=lambda before, after: (
            not flat(after) and after.numbers["ones become"] == "0.18 to 1.74"
        ),
        then="It stands behind a grid that repeats after 2 pixels. "
        "The places of a block differ by a factor of nearly ten.",
    ),
    Try(
        "Set **method** to *resize-convolution*, with the same weights. What is left of the grid?",
        set={"method": RESIZE},
        look="a map of ones becomes",
        expect=lambda before, after: (
            not flat(before)
            and counts(after) == [9]
            and all(flat(after.fork(weights=f"random {n}")) for n in (1, 2, 3))
        ),
        then="Nothing: each output meets all nine weights, so the map of ones is flat with any "
        "weights.",
    ),
    Try(
        "Press **Compare the spectra of both methods**. "
        "Which line has a peak at 0.5 cycles per pixel, and why there?",
        look=SPECTRA,
        expect=lambda before, after: (
            strength(after, 0.5)[TRANSPOSED] > 0.1 > 1e-3 > strength(after, 0.5)[RESIZE]
        ),
        then="That of the transposed convolution: a pattern that repeats after 2 pixels has half a "
        "cycle per pixel. The resize-convolution has none.",
    ),
)
