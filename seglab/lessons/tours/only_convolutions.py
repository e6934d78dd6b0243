"""Only convolutions: what depth, strides and dilations are worth, inside and near borders."""

from seglab.lab import Try
from seglab.types import NO_LABEL

DIRECT, PLAIN, DILATED = "direct", "no pooling", "dilated"
TABLE = "resolution, context, cost"


def sees(run):
    """The side of each net's field, in pixels: direct, plain, dilated."""
    return [int(net.field.size[0]) for net in run.values["answers"].values()]


def inside(run):
    """Percent right away from borders: direct, plain, dilated."""
    return [share for share, _ in run.values["shares"].values()]


def near(run):
    """Percent right near borders: direct, plain, dilated."""
    return [share for _, share in run.values["shares"].values()]


def changes(run):
    """Share of labels of the dilated net that differ from the label to the right."""
    labels = run.values[DILATED].labels[0, 32:-32, 32:-32]
    return float((labels[:, 1:] != labels[:, :-1]).float().mean())


TOUR = (
    Try(
        "Each net can end after any of its layers. Move **layers** from 5 down to **1**. What is a "
        "net able to say that sees 3 × 3 pixels?",
        set={"depth": 1},
        look=TABLE,
        expect=lambda before, after: (
            sees(after) == [3, 3, 3] and all(63 < share < 66 for share in inside(after))
        ),
        then="Away from borders all three have 63% to 65% of the pixels right. That much can be "
        "told from 3 × 3 pixels.",
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
        then="The plain one, **no pooling**: each layer adds 2 pixels, and it ends at 11 pixels "
        "and 88%. The others see 47 pixels and have 96% and 97%, with as many parameters.",
    ),
    Try(
        "Set **show** to **mistakes**: what is right is hatched now. Where are the plain net's "
        "mistakes, and where those of the dilated one?",
        set={"view": "mistakes"},
        look=DILATED,
        expect=lambda before, after: (
            (after.panes[DILATED].array == NO_LABEL).mean() > 0.8
            and inside(after)[1] < inside(after)[2] - 9
            and near(after)[1] > near(after)[2] + 6
        ),
        then="The plain net's are specks inside the textures, the dilated one's are bands along "
        "borders: there 67.6% is right, and 74.5% of the plain net. Training decides that: all "
        "three learned from patches of one texture and never saw a border.",
    ),
    Try(
        "Show the **labels** again, and set **downsampling factor f** to **16**. What does the "
        "direct net gain, and what does it lose?",
        set={"view": "labels", "f": 16},
        look=DIRECT,
        expect=lambda before, after: (
            sees(after) == [63, 11, 63]
            and after.values[DIRECT].field.stride == (16, 16)
            and after.values[DIRECT].work < before.values[DIRECT].work
            and after.numbers["direct against every f-th of dilated"] == "0.000"
        ),
        then="It sees 63 pixels instead of 47 and costs less, but gives one label for 16 × 16. The "
        "dilated net has its strides as dilations: every 16th of its scores is the direct net's.",
    ),
    Try(
        "Set f back to **8**, and **dilations** to **4 everywhere**. The field is still 41 pixels "
        "wide. What is wrong with these labels?",
        set={"f": 8, "dilations": "4 everywhere"},
        look=DILATED,
        expect=lambda before, after: (
            sees(after)[2] == 41 == (11 - 1) * 4 + 1
            and changes(after) > 2 * changes(after.fork(dilations="doubling, up to f"))
            and inside(after)[2] < 93
            and near(after)[2] < 50
        ),
        then="They are a mesh along the borders: a unit sees every fourth pixel only, 11 in a row, "
        "and its neighbour sees others. Away from borders 92.7% is right, near them 48.8%.",
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
        then="On all six the plain net is last away from borders and first near them. The direct "
        "and the dilated net, which have the same weights, change places.",
    ),
    Try(
        "Could a plain net see as far? Set **kernel, counted and timed** to **7**, and compare "
        "with 3.",
        set={"kernel": 7},
        look="as far without pooling",
        expect=lambda before, after: (
            before.numbers["as far without pooling"].startswith("23 layers of 3 × 3, 6.3 ×")
            and after.numbers["as far without pooling"].startswith("8 layers of 7 × 7, 11.1 ×")
        ),
        then="Yes, with 23 layers of 3 × 3 and 6.3 times the work of the dilated net. 8 layers of "
        "7 × 7 do it too, but with 11.1 times the work: many small kernels are cheaper.",
    ),
)
