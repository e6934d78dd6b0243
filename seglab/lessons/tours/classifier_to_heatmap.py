"""Classifier to heatmap: windows on a border, a heatmap's mistakes, temperature, padding."""

from seglab.images import mosaics
from seglab.lab import Try

HEATMAP, WORK = "one class, every window", "million multiply-adds"
ONE_BY_ONE, ONE_PASS = "best class, one by one", "best class, in one pass"
BETWEEN, EDGE, EYE = (100, 100), (75, 199), (40, 100)


def textures(run):
    """The textures that the window holds, by the mosaic's truth."""
    top, left = run.values["corner"]
    labels = mosaics.make().labels[0, top : top + 32, left : left + 32]
    return {mosaics.CLASSES[label] for label in labels.unique().tolist()}


def answer(run):
    """The class that the classifier gives to the patch, and its probability."""
    name, share = run.numbers["the patch is"].split(", ")
    return name, float(share.rstrip("%"))


def each(run):
    """Multiply-adds of one window."""
    return run.values["work"][1] / run.values["best"].numel()


TOUR = (
    Try(
        "The window holds grass, and the answer is grass. Move it down to row 100 and column 100, "
        "where grass and tissue meet. Predict the answer.",
        set={"pixel": BETWEEN},
        look="the patch is",
        expect=lambda before, after: (
            answer(before)[0] == "grass"
            and {"grass", "tissue"} <= textures(after)
            and "gravel" not in textures(after)
            and answer(after)[0] == "gravel"
            and answer(after)[1] > 90
            and answer(after.fork(pixel=(120, 100)))[0] == "tissue"
        ),
        then="Gravel, with more than 90%, although the window holds none. The classifier has seen "
        "patches of one texture only. 20 rows further down it says tissue.",
    ),
    Try(
        "Set the **class** to **print**. Each cell of this heatmap is one window, asked on its "
        "own: hover over it. Why does a frame remain without cells?",
        set={"shown": "print"},
        look=HEATMAP,
        expect=lambda before, after: (
            after.values["field"].origin == (15.5, 15.5)
            and after.values["field"].size == (32, 32)
            and after.numbers["windows"] == "57 × 57"
        ),
        then="A window of 32 × 32 pixels must lie in the picture: the middle of the first is at "
        "15.5. Every 4 pixels there is one, 57 along each side.",
    ),
    Try(
        "Set the **class** back to **grass**. Its heatmap lights up along the edge between print "
        "and brick, where no grass is. Set the window there, at row 75, column 199.",
        set={"shown": "grass", "pixel": EDGE},
        look="the patch's scores",
        expect=lambda before, after: (
            textures(after) == {"print", "brick"}
            and answer(after)[0] == "grass"
            and answer(after)[1] > 60
        ),
        then="The window holds print and brick, and the best score is that of grass. The training "
        "never showed both in one patch, and some class must be the best.",
    ),
    Try(
        "Raise the **temperature** to **8.0**: the scores are divided by it before the softmax. "
        "What happens to the heatmap, and what to the best class of every window?",
        set={"temperature": 8.0},
        look=HEATMAP,
        expect=lambda before, after: (
            after.values["heat"].std() < 0.6 * before.values["heat"].std()
            and after.values["best"].equal(before.values["best"])
            and answer(after)[0] == answer(before)[0]
            and answer(after)[1] < answer(before)[1]
        ),
        then="The heatmap fades, as all probabilities come nearer to each other. The best class "
        "stays the same in all windows: their order does not change.",
    ),
    Try(
        "The dashed window slides over the picture, row by row, and each answer fills its cell. "
        "Press play, or drag the knob of **million multiply-adds**. How many windows cost as much "
        "as one pass over the whole picture?",
        set={"windows_done": 228},
        look=WORK,
        expect=lambda before, after: (
            before.values["work"][0] > 171 * each(before)
            and 220 < after.values["work"][0] / each(after) < 221
            and after.numbers["windows"] == "57 × 57"
        ),
        then="221 of 3,249, fewer than four rows: windows share most of their pixels. All windows "
        "together cost 14.7 times as much as the pass.",
    ),
    Try(
        "Let the window go on to the end: **windows done** at **all**. Compare the two maps, and "
        "read **max difference**. Do the two ways agree?",
        set={"windows_done": 59 * 59},
        look=ONE_BY_ONE,
        expect=lambda before, after: (
            after.values["difference"] < 1e-3
            and (after.panes[ONE_BY_ONE].array == after.panes[ONE_PASS].array).all()
            and (before.panes[ONE_BY_ONE].array != before.panes[ONE_PASS].array).any()
            and after.values["field"].padding == (0, 0)
        ),
        then="In every cell: the largest difference of two scores is below 0.0001.",
    ),
    Try(
        "Set **padding** to **zeros**: the same weights, but each convolution puts zeros around "
        "its map. Do one pass and single windows still agree?",
        set={"padding": "zeros"},
        look=ONE_BY_ONE,
        expect=lambda before, after: (
            before.values["difference"] < 1e-3
            and (after.panes[ONE_BY_ONE].array != after.panes[ONE_PASS].array).any()
            and 15 < after.values["difference"] < 17
            and 0.2 < after.values["differing"] < 0.25
        ),
        then="No: 23% of the windows get another class. A window alone sees zeros outside its "
        "edge. In one pass, the net sees the picture there.",
    ),
    Try(
        "Set padding to **none**, choose the **astronaut**, with temperature **1.0**, and set the "
        "window on her eye. There is no class for a face, or for none of these.",
        set={"padding": "none", "photo": "astronaut", "temperature": 1.0, "pixel": EYE},
        look="the patch is",
        expect=lambda before, after: answer(after)[0] == "tissue" and answer(after)[1] > 99,
        then="Tissue, with more than 99%. The probabilities of seven classes sum to 1, whatever is "
        "in the picture.",
    ),
)
