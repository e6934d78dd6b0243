"""Classifier to heatmap: a fully connected head is a convolution in disguise."""

from seglab import scalars
from seglab._text import distance
from seglab.draw import paint
from seglab.draw.marks import Box, Text
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel, of
from seglab.lessons.pictures import sliding
from seglab.lessons.tours.classifier_to_heatmap import TOUR
from seglab.nets import classifiers
from seglab.ops import dense, heatmap, metrics, receptive_field

CLASSES = classifiers.CLASSES
ONE_BY_ONE, ONE_PASS = "best class, one by one", "best class, in one pass"
ALL = 59 * 59  # windows, or as many as there are
DONE = (*range(1, 11), 15, 20, 30, 40, 57, 114, 171, 228, 285, 400, 570, 855, 1140, 1710, 2280, ALL)
SIDES = {"none": classifiers.SIDE, "zeros": classifiers.PADDED_SIDE}  # of a window, by padding

image = of(photos.load, "photo")


def spelled(done):
    return "all" if done == ALL else str(done)


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


one_by_one = of(heatmap.label_map, "slid")
difference = of(metrics.largest_difference, "slid", "scores")


def differing(one_by_one, best):
    """The share of the windows that get another class in one pass than on their own."""
    return scalars.real((one_by_one != best).float().mean())


def work(convolutional, image, scores, side):
    """Multiply-adds of one pass, and of all the windows one by one."""
    one_pass = dense.cost(convolutional, image.shape[-2:], "coarse")
    one_window = dense.cost(convolutional, (side, side), "coarse")
    return one_pass, one_window * scores.shape[2] * scores.shape[3]


def chances(patch_scores, temperature):
    """The patch's probabilities, in the order of the classes."""
    return heatmap.softmax(patch_scores[None, :, None, None], temperature)[0, :, 0, 0]


def likeliest(chances):
    return scalars.whole(chances.argmax(), below=len(CLASSES))


def sliding_window(field, side, best, windows_done):
    return sliding.box(field.stride[0], side, best.shape[1:], windows_done)


def window(picture, corner, side, sliding_window):
    """The picture with the chosen window, and the sliding one, dashed."""
    top, left = (at - 0.5 for at in corner)
    return picture.with_marks(sliding_window, Box(top, left, top + side, left + side))


def painted(labels, field, image, *marks):
    return paint.labels(labels, CLASSES, on=image, field=field, marks=marks)


def work_so_far(work, best, windows_done):
    one_pass, all_windows = work
    count = best.numel()
    return sliding.work(one_pass, all_windows, count, windows_done, "windows_done", DONE)


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
        "pixel": Pixel((256, 256), default=(40, 100), label="window at"),
        "windows_done": Choice(*DONE, default=171, label="windows done", play=True, show=spelled),
    },
    stages=globals(),
    panes={
        "picture and window": "window",
        ONE_BY_ONE: lambda one_by_one, windows_done, field, image, sliding_window: painted(
            sliding.so_far(one_by_one, windows_done), field, image, sliding_window
        ),
        ONE_PASS: of(painted, "best", "field", "image"),
        "million multiply-adds": work_so_far,
        "the patch": "patch",
        "the patch's scores": lambda patch_scores, chances, likeliest: sliding.classes(
            CLASSES, patch_scores, chances, likeliest, "shown"
        ),
        "one class, every window": "one_class",
    },
    numbers={
        "the patch is": lambda likeliest, chances: (
            f"{CLASSES[likeliest]}, {scalars.real(chances[likeliest]):.1%}"
        ),
        "windows": lambda scores: f"{scores.shape[2]} × {scores.shape[3]}",
        "max difference": of(distance, "difference"),
        "labels that differ": of("{:.1%}", "differing"),
    },
    tour=TOUR,
)
