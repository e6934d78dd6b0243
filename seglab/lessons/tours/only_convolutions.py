"""Only convolutions: what depth, strides, dilations and training with borders are worth."""

from seglab.lab import Try
from seglab.nets.five_convolutions import CLASSES

STRIDED, PLAIN, DILATED = "strided", "plain", "dilated"
TABLE = "resolution, context, cost"
RIGHT = len(CLASSES)  # the label of what is right, where the mistakes are shown


def sees(run):
    """The side of each net's field, in pixels: strided, plain, dilated."""
    return [int(net.field.size[0]) for net in run.values["answers"].values()]


def inside(run):
    """Percent right away from borders: strided, plain, dilated."""
    return [share for share, _ in run.values["shares"].values()]


def near(run):
    """Percent right near borders: strided, plain, dilated."""
    return [share for _, share in run.values["shares"].values()]


def changes(run):
    """Share of labels of the dilated net that differ from the label to the right."""
    labels = run.values[DILATED].labels[0, 32:-32, 32:-32]
    return float((labels[:, 1:] != labels[:, :-1]).float().mean())


TOUR = (
    Try(
        "Each net can end after any of its layers. Move **layers** from 5 down to **1**. How much "
        "can a net tell that sees 3 × 3 pixels?",
        set={"depth": 1},
        look=TABLE,
        expect=lambda before, after: (
            sees(after) == [3, 3, 3] and all(63 < share < 66 for share in inside(after))
        ),
        then="Away from borders all three nets have 63% to 65% of the pixels right. 3 × 3 pixels "
        "are enough for that.",
    ),
    Try(
        "Go back up to **5**, layer by layer, or press play. Which net gains least from the "
        "layers?",
        set={"depth": 5},
        look=TABLE,
        expect=lambda before, after: (
            sees(after) == [47, 11, 47]
            and inside(after)[1] < 88
            and min(inside(after)[::2]) > 96
            and sees(after.fork(depth=4)) == [31, 9, 31]
        ),
        then="The **plain** one: each layer adds 2 pixels, and it ends at 11 pixels and 88%. The "
        "others see 47 pixels and have 96% and 97%, with as many parameters.",
    ),
    Try(
        "Set **show** to **mistakes**: what is right is grey now. Where are the plain net's "
        "mistakes, and where those of the dilated one?",
        set={"view": "mistakes"},
        look=DILATED,
        expect=lambda before, after: (
            (after.panes[DILATED].array == RIGHT).mean() > 0.5
            and inside(after)[1] < inside(after)[2] - 9
            and near(after)[1] > near(after)[2] + 6
        ),
        then="The plain net's are small spots inside the textures, the dilated one's are bands "
        "along borders. Within 8 px of a border the dilated net has 67.6% right, the plain one "
        "74.5%. Is that the price of a wide field?",
    ),
    Try(
        "All three nets learned from patches of one texture each: they never saw a border. Set "
        "**trained on** to **mosaics**: the same nets, with borders in the training.",
        set={"trained": "mosaics"},
        look=DILATED,
        expect=lambda before, after: (
            near(after)[2] > near(before)[2] + 19
            and near(after)[2] > near(after)[1] + 5
            and all(
                max(near(run)) == near(run)[2]
                for run in (after.fork(seed=seed) for seed in range(6))
            )
        ),
        then="Now the dilated net is first near borders, with 87.0% against 81.6%, and so it is on "
        "all six mosaics. A wide field is no harm there, if the training shows borders.",
    ),
    Try(
        "Set **trained on** back to **patches**, show the **labels** again, and set "
        "**downsampling factor f** to **16**. What does the strided net gain, and what does it "
        "lose?",
        set={"trained": "patches", "view": "labels", "f": 16},
        look=STRIDED,
        expect=lambda before, after: (
            sees(after) == [63, 11, 63]
            and after.values[STRIDED].field.stride == (16, 16)
            and after.values[STRIDED].work < before.values[STRIDED].work
            and after.numbers["strided against every f-th of dilated"] == "0.000"
        ),
        then="It sees 63 pixels instead of 47 and costs less, but gives one label for 16 × 16. The "
        "dilated net has dilations in place of the strides: every 16th of its scores is the "
        "strided net's.",
    ),
    Try(
        "Set f back to **8**, and **dilations** to **4 everywhere**. The field is still 41 pixels "
        "wide. What is wrong with these labels?",
        set={"f": 8, "dilations": "4 everywhere"},
        look=DILATED,
        expect=lambda before, after: (
            sees(after)[2] == 41 == (11 - 1) * 4 + 1
            and changes(after) > 2 * changes(after.fork(dilations="doubling, up to f"))
            and changes(after.fork(trained="mosaics"))
            > 2 * changes(after.fork(trained="mosaics", dilations="doubling, up to f"))
            and near(after)[2] < 50
        ),
        then="They are a grid of points along the borders. A unit sees every fourth pixel only, 11 "
        "in a row, and its neighbour sees others. Training on mosaics does not mend it.",
    ),
    Try(
        "Let **dilations** be **doubling, up to f** again, and go through the mosaics, to "
        "**mosaic** **5**. Is the order of the nets always the same?",
        set={"dilations": "doubling, up to f", "seed": 5},
        look=TABLE,
        expect=lambda before, after: (
            all(
                min(inside(run)) == inside(run)[1] and max(near(run)) == near(run)[1]
                for run in (after.fork(seed=seed) for seed in range(6))
            )
            and inside(after)[0] > inside(after)[2]
            and inside(after.fork(seed=4))[0] < inside(after.fork(seed=4))[2]
        ),
        then="Trained on patches, the plain net is last away from borders and first near them, on "
        "all six. The strided and the dilated net have the same weights; now one is a little "
        "better, now the other.",
    ),
    Try(
        "Can a plain net see as far? Set **kernel (count, chart)** to **7**, and compare with 3.",
        set={"kernel": 7},
        look="as far with plain layers",
        expect=lambda before, after: (
            before.numbers["as far with plain layers"].startswith("23 layers of 3 × 3, 6.3 ×")
            and after.numbers["as far with plain layers"].startswith("8 layers of 7 × 7, 11.1 ×")
        ),
        then="Yes, with 23 layers of 3 × 3 and 6.3 times the work of the dilated net. 8 layers of "
        "7 × 7 do it too, but with 11.1 times the work: many small kernels are cheaper.",
    ),
)
