"""Convolution arithmetic: sizes that fit, padding, dilation, Sobel's output, stamps."""

from seglab.lab import Try

LOPSIDED = ((-1, 0, 1), (-2, 0, 2), (-1, 0, 2))  # Sobel with one weight changed


def size(run):
    return run.values["size"]


def sums(run, row):
    """In how many sums the cell (row, row) of the input takes part."""
    k, s, p, d = (run.values["k"], *(run.state[name] for name in "spd"))
    along = sum(o * s - p + n * d == row for o in range(size(run)) for n in range(k))
    return along**2


def stamps(run):
    """Number of stamps that each cell along a side of a transposed output gets."""
    k, s, cells = run.values["k"], run.state["s"], range(run.state["i"])
    return [sum(0 <= o - s * cell < k for cell in cells) for o in range(size(run))]


TOUR = (
    Try(
        "The pane **windows in a row** shows one row of the input, and where the kernel stands in "
        "it. One cell is left over: the next step of 2 does not fit. Drag the end of the input to "
        "**7**. What happens to the output?",
        set={"i": 7},
        look="windows in a row",
        expect=lambda before, after: (
            before.values["shown_output"].equal(after.values["shown_output"])
            and sums(before, 7) == 0
            and (before.values["lost"], after.values["lost"]) == (1, 0)
            and "left over: 1" in before.panes["windows in a row"].says
        ),
        then="Nothing: it has the same nine numbers. 7 and 8 both give an output size of 3. Of 8, "
        "one row and one column are lost.",
    ),
    Try(
        "Set **stride s** to **3** and **input size i** to **8**. How many input sizes give this "
        "output size?",
        set={"s": 3, "i": 8},
        look="inputs that give this size",
        expect=lambda before, after: (
            after.numbers["inputs that give this size"] == "6, 7 and 8"
            and [size(after.fork(i=i)) for i in (5, 6, 7, 8, 9)] == [1, 2, 2, 2, 3]
        ),
        then="Three: 6, 7 and 8, as many as the stride. Of 8, two rows and two columns are lost.",
    ),
    Try(
        "Set **stride s** to **1**: the output is smaller than the input by 2. Give it **padding "
        "p** **1**. In how many sums is the input's corner now?",
        set={"s": 1, "p": 1},
        look="output",
        expect=lambda before, after: (
            size(after.fork(p=0)) == 6
            and size(after) == 8
            and (sums(after.fork(p=0), 0), sums(after, 0), sums(after, 4)) == (1, 4, 9)
        ),
        then="In 4 instead of 1; a cell in the middle is in 9. The output is as large as the "
        "input.",
    ),
    Try(
        "Take the kernel **blur, 5 × 5**. Which **padding p** keeps the size now? Try **2**.",
        set={"kernel": "blur, 5 × 5", "p": 2},
        look="output size",
        expect=lambda before, after: size(after) == 8 and size(after.fork(p=1)) == 6,
        then="2 keeps it, 1 does not. With stride 1 the size stays the same if the padding is "
        "(k − 1) / 2.",
    ),
    Try(
        "Back to **1 to 9** without padding. Drag the second tap of the first window until "
        "**dilation d** is **3**. The kernel still has nine weights. How large a part of the input "
        "does it cover?",
        set={"kernel": "1 to 9", "p": 0, "d": 3},
        look="windows in a row",
        expect=lambda before, after: (
            after.values["weight"].numel() == 9 and size(after) == 8 - 7 + 1 == 2
        ),
        then="7 × 7 cells: its weights stand 3 apart, and 3·(3 − 1) + 1 = 7. In an input of 8 it "
        "has two places along each side.",
    ),
    Try(
        "Take the kernel **Sobel**, with **dilation d** **1**, and look at the photograph. What "
        "is the output where the brightness stays the same?",
        set={"kernel": "Sobel", "d": 1},
        look="photograph, filtered",
        expect=lambda before, after: (
            after.values["weight"].sum() == 0 and abs(after.values["filtered"].mean()) < 0.01
        ),
        then="0, which is white here, because its weights sum to 0. It is not 0 where the "
        "brightness changes from left to right: one sign for brighter, the other for darker.",
    ),
    Try(
        "Change one weight of Sobel: type **2** instead of 1 in its bottom right corner. What do "
        "you see where the brightness stays the same?",
        set={"kernel": LOPSIDED},
        look="photograph, filtered",
        expect=lambda before, after: (
            after.values["weight"].sum() == 1
            and abs(after.values["filtered"].mean() - after.values["image"].mean()) < 0.02
        ),
        then="The brightness itself: the weights now sum to 1. The photograph is visible again.",
    ),
    Try(
        "Take **blur**, **stride s** **2**, and switch **transposed** **on**. **Walk** now stamps "
        "the kernel onto the output, once for each input cell. Do all output cells get "
        "equally many?",
        set={"kernel": "blur", "s": 2, "i": 4, "transposed": True},
        look="output",
        expect=lambda before, after: (
            stamps(after) == [1, 1, 2, 1, 2, 1, 2, 1, 1]
            and set(stamps(after.fork(kernel="box, 2 × 2"))) == {1}
        ),
        then="No: 1, 2 or 4. Along a side every second cell inside gets two, as 3 is no multiple "
        "of the stride 2. With the box of 2 × 2 all get one.",
    ),
)
