"""Classifier to heatmap: a fully connected head is a convolution in disguise."""

from seglab._text import distance
from seglab.draw import paint
from seglab.draw.marks import Box, Text
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel, of
from seglab.lessons.tours.classifier_to_heatmap import TOUR
from seglab.nets import classifiers
from seglab.ops import dense, heatmap, metrics, receptive_field

CLASSES = classifiers.CLASSES
SIDES = {"none": classifiers.SIDE, "zeros": classifiers.PADDED_SIDE}  # of a window, by padding

image = of(photos.load, "photo")


def side(padding):
    """Side of the window that the classifier takes."""
    return SIDES[padding]


def classifier(padding):
    net = classifiers.pretrained()
    return net if padding == "none" else classifiers.padded(net)


def convolutional(classifier, side):
    return classifiers.convolutional(classifier, (side, side))


field = of(receptive_field.of, "convolutional")
scores = of(dense.coarse, "convolutional", "image")
heat = of(heatmap.softmax, "scores", "temperature")
best = of(heatmap.label_map, "scores")
picture = of(paint.rgb, "image")  # one for all windows, so that a click sends marks alone


def corner(image, pixel, side):
    """The first row and column of the window around the pixel, moved to lie in the picture."""
    return tuple(
        min(max(at - side // 2, 0), length - side)
        for at, length in zip(pixel, image.shape[-2:], strict=True)
    )


def patch(image, corner, side):
    top, left = corner
    return image[..., top : top + side, left : left + side]


def patch_scores(classifier, patch):
    return classifier(patch)[0]


def slid(classifier, image, field, side):
    return classifiers.slide(classifier, image, field.stride[0], side)


difference = of(metrics.largest_difference, "slid", "scores")


def differing(slid, best):
    """The share of the windows that get another class in one pass than on their own."""
    return float((heatmap.label_map(slid) != best).float().mean())


def work(convolutional, image, scores, side):
    """Multiply-adds of one pass, and of all the windows one by one."""
    one_pass = dense.cost(convolutional, image.shape[-2:], "coarse")
    one_window = dense.cost(convolutional, (side, side), "coarse")
    return one_pass, one_window * scores.shape[2] * scores.shape[3]


def chances(patch_scores, temperature):
    """The patch's probabilities, in the order of the classes."""
    return heatmap.softmax(patch_scores[None, :, None, None], temperature)[0, :, 0, 0].tolist()


def likeliest(chances):
    return chances.index(max(chances))


def score_table(patch_scores, chances, likeliest):
    return paint.class_table(CLASSES, patch_scores, {"probability": chances}, likeliest)


def window(picture, corner, side):
    top, left = (at - 0.5 for at in corner)
    return picture.with_marks(Box(top, left, top + side, left + side))


def one_class(heat, shown, field, image):
    """Probabilities of one class, named on the map."""
    plane = heat[:, CLASSES.index(shown)]
    name = Text(8, 4 + 4 * len(shown), shown)
    return paint.scalar(plane, low=0, high=1, palette="magma", on=image, field=field, marks=(name,))


LAB = Lab(
    title="Classifier to heatmap",
    summary="A classifier takes one patch. As convolutions, its weights take the whole picture.",
    controls={
        "photo": Photo("mosaic", "astronaut", "coffee", "rocket"),
        "padding": Choice(*SIDES),
        "shown": Choice(*CLASSES, default="grass", label="class"),
        "temperature": Choice(0.25, 0.5, 1.0, 2.0, 8.0, default=1.0),
        "pixel": Pixel((256, 256), default=(40, 100), label="window around"),
    },
    stages=globals(),
    panes={
        "picture and window": "window",
        "the patch": "patch",
        "the patch's scores": "score_table",
        "one class, every window": "one_class",
        "best class, every window": lambda best, field, image: paint.labels(
            best, CLASSES, on=image, field=field
        ),
    },
    numbers={
        "the patch is": lambda likeliest, chances: f"{CLASSES[likeliest]}, {max(chances):.1%}",
        "windows": lambda scores: f"{scores.shape[2]} × {scores.shape[3]}",
        "max difference": of(distance, "difference"),
        "labels that differ": of("{:.1%}", "differing"),
        "multiply-adds": lambda work: (
            f"{work[1] / 1e6:.0f} million window by window, {work[0] / 1e6:.0f} million in one pass"
        ),
    },
    tour=TOUR,
)
