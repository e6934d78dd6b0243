"""Tour of lab 16, every net: how sure it is, at which size, and of what it was never taught."""

from seglab.images import resize
from seglab.lab import Try
from seglab.ops import morphology
from seglab.types import NO_LABEL

TEXTURES, DEEPLAB = "texture net, for mosaics", "DeepLabV3-ResNet50, for photographs"
EDGE, STAR = (158, 16), 3  # of the large star: a pixel of its edge, and its number


def right(run):
    """Share of the pixels with their true label."""
    labels, drawn = run.values["labels"], run.values["drawn"]
    return float((labels == resize.labels(drawn.labels, labels.shape[1:])).float().mean())


def unlabelled(run):
    """Share of the pixels without a label, and how many of them lie near a border of labels."""
    none = run.values["labels"] == NO_LABEL
    near = morphology.edge(run.fork(threshold=0).values["labels"], 4, border=False)
    return float(none.float().mean()), float((none & near).sum() / none.sum())


def right_at_the_rim(run):
    """Share of the large star's outer 4 pixels that are called a star."""
    drawn, labels = run.values["drawn"], run.values["labels"]
    star = resize.labels(drawn.instances, labels.shape[1:]) == STAR
    rim = star & (morphology.erode(star.long(), 4) == 0)
    return float((labels == run.values["answer"].classes.index("star"))[rim].float().mean())


def called_a_shape(run):
    """Share of the pixels that are neither background nor without a label."""
    labels = run.values["labels"]
    return float(((labels > 0) & (labels != NO_LABEL)).float().mean())


def at_point(run):
    """The two best labels at the point, and their probabilities."""
    return run.values["answer"].ranked(run.state["pixel"])[:2]


TOUR = (
    Try(
        "Your point lies on a star, and the net is sure of it. Click on the edge of this star. "
        "What does **at your point** say now?",
        set={"pixel": EDGE},
        look="at your point",
        expect=lambda before, after: (
            at_point(before)[0][1] > 0.99
            and {name for name, _ in at_point(after)} == {"star", "background"}
            and abs(at_point(after)[0][1] - at_point(after)[1][1]) < 0.1
        ),
        then="Star and background have about one half each: a pixel at the edge belongs to either.",
    ),
    Try(
        "Raise the **least certainty** to 0.9. Where do labels vanish?",
        set={"threshold": 0.9},
        look="labels",
        expect=lambda before, after: (
            0.1 < unlabelled(after)[0] < 0.17 and unlabelled(after)[1] > 0.95
        ),
        then="Along the borders: 14% of the pixels have none, and nearly all of these lie within "
        "4 pixels of a border between two labels.",
    ),
    Try(
        "Set **least certainty** to 0.5 again and the **downsampling factor f** to 32: the net is "
        "FCN-32s of lab 12 now. What becomes of the points of the star?",
        set={"threshold": 0.5, "f": 32},
        look="labels",
        expect=lambda before, after: (
            right(after) < 0.72 < 0.94 < right(after.fork(f=8))
            and 0.8 < right(after.fork(f=16)) < 0.9
            and right_at_the_rim(after) < 0.56 < 0.78 < right_at_the_rim(before.fork(threshold=0.5))
        ),
        then="The star becomes a blob: of its outer 4 pixels half are right, where it was 80%. "
        "In the whole picture 70% are right; with f = 16 it is 85%, and with f = 8 it was 96%.",
    ),
    Try(
        "Set f to 8 and the **size for the net, px** to 512, four times the size that the net "
        "knows. There are as many shapes, and they are larger. Is the net better?",
        set={"f": 8, "side": 512},
        look="labels",
        expect=lambda before, after: right(after) < 0.2 < 0.65 < right(after.fork(side=256)) < 0.75,
        then="Much worse: 17% of the pixels are right, at 256 it is 71%. The net was trained on "
        "small, sharp shapes; enlarged, they are too large and too soft.",
    ),
    Try(
        "Another task: set **photo** to *mosaic*, **net** to *texture net, for mosaics*, and the "
        "size to 256. At which size is this net right?",
        set={"photo": "mosaic", "net": TEXTURES, "side": 256},
        look="against the truth",
        expect=lambda before, after: (
            right(after) > 0.88
            and max(right(after.fork(side=side)) for side in (128, 384, 512)) < 0.8
        ),
        then="At 256: 90% of the pixels are right, at any other size fewer than 80%. "
        "It too knows its textures at one size only.",
    ),
    Try(
        "Set **photo** to *astronaut* and let *FCN, for scenes* answer, at 128 pixels. "
        "It knows six paper shapes, and there is none. How many does it see?",
        set={"photo": "astronaut", "net": "FCN, for scenes", "side": 128},
        look="your picture, labelled",
        expect=lambda before, after: 0.25 < called_a_shape(after) < 0.35,
        then="30% of the pixels are called a shape. "
        "A net gives all of its certainty to the classes that it knows.",
    ),
    Try(
        "Raise the **least certainty** to 0.9. Do the shapes go?",
        set={"threshold": 0.9},
        look="labels",
        expect=lambda before, after: 0.05 < called_a_shape(after) < 0.08,
        then="Not all: 7% of the pixels are called a shape with a certainty of at least 0.9. "
        "To be sure is not to be right.",
    ),
    Try(
        "Set **net** to *DeepLabV3-ResNet50, for photographs*, **least certainty** to 0.5 and the "
        "size to 384. Who answers?",
        set={"net": DEEPLAB, "threshold": 0.5, "side": 384},
        look="answered by",
        expect=lambda before, after: (
            after.numbers["answered by"] == DEEPLAB
            or "weights of DeepLabV3-ResNet50 are not here" in after.numbers["answered by"]
        ),
        then="DeepLabV3, where its weights have been fetched. Where not, the small FCN answers, "
        "and the line says so. A cell of the notebook fetches weights.",
    ),
)
