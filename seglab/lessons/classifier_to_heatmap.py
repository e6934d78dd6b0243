"""Classifier to heatmap: a fully connected head is a convolution in disguise."""

import torch

from seglab.draw import paint
from seglab.draw.marks import Box
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Pixel
from seglab.lessons import views
from seglab.nets import classifiers
from seglab.ops import dense, heatmap, receptive_field

CLASSES = classifiers.CLASSES
SIDE = classifiers.SIDE


def image(photo):
    return photos.load(photo)


def corner(image, pixel):
    """The first row and column of the window around the pixel, moved to lie in the picture."""
    return tuple(
        min(max(at - SIDE // 2, 0), length - SIDE)
        for at, length in zip(pixel, views.frame(image), strict=True)
    )


def patch(image, corner):
    top, left = corner
    return image[..., top : top + SIDE, left : left + SIDE]


def classifier():
    """Patches of 32 × 32 go in, and nothing else."""
    return classifiers.pretrained()


def convolutional(classifier):
    """The same weights, for a picture of any size."""
    return classifiers.convolutional(classifier)


def field(convolutional):
    return receptive_field.of(convolutional)


def patch_scores(classifier, patch):
    return classifier(patch)[0]


def scores(convolutional, image):
    """One pass over the whole picture."""
    return dense.coarse(convolutional, image)


def slid(classifier, image, field):
    """The classifier over every window, one patch after the other: the slow way."""
    f = field.stride[0]
    windows = image.unfold(2, SIDE, f).unfold(3, SIDE, f)  # [1, 3, rows, columns, SIDE, SIDE]
    rows, columns = windows.shape[2:4]
    crops = windows[0].permute(1, 2, 0, 3, 4).reshape(rows * columns, 3, SIDE, SIDE)
    answers = torch.cat([classifier(crops[i : i + 256]) for i in range(0, len(crops), 256)])
    return answers.T.reshape(1, -1, rows, columns)


def difference(slid, scores):
    """The largest difference between the two ways, over all windows and classes."""
    return round(float((slid - scores).abs().max()), 4)


def work(classifier, convolutional, image, scores):
    """Multiply-adds of one pass, and of all the windows one by one."""
    one_pass = dense.cost(convolutional, views.frame(image), "coarse")
    one_window = dense.cost(convolutional, (SIDE, SIDE), "coarse")
    return one_pass, one_window * scores.shape[2] * scores.shape[3]


def heat(scores, temperature):
    return heatmap.softmax(scores, temperature)


def chances(patch_scores, temperature):
    """The patch's probabilities, in the order of the classes."""
    return heatmap.softmax(patch_scores[None, :, None, None], temperature)[0, :, 0, 0].tolist()


def picture(image):
    """The whole picture: one for all windows, so that a click sends marks alone."""
    return paint.rgb(image)


def outlined(picture, corner):
    """The picture with the window's outline."""
    top, left = (at - 0.5 for at in corner)
    return picture.with_marks(Box(top, left, top + SIDE, left + SIDE))


def score_table(patch_scores, chances):
    rows = [
        (name, f"{round(float(score), 1) + 0.0:.1f}", f"{chance:.3f}")  # + 0.0: never -0.0
        for name, score, chance in zip(CLASSES, patch_scores, chances, strict=True)
    ]
    best = chances.index(max(chances))
    return paint.table(("class", "score", "probability"), rows, highlight=best)


LAB = Lab(
    title="Classifier to heatmap",
    summary="A classifier takes one patch. As convolutions, its weights take the whole picture.",
    controls={
        "photo": Photo("mosaic", "astronaut", "coffee", "rocket"),
        "shown": Choice(*CLASSES, default="grass", label="class"),
        "temperature": Choice(0.25, 0.5, 1.0, 2.0, 8.0, default=1.0),
        "pixel": Pixel((256, 256), default=(40, 100), label="window around"),
    },
    stages=(
        *(image, corner, patch, classifier, convolutional, field, patch_scores, scores, slid),
        *(difference, work, heat, chances, picture),
    ),
    panes={
        "the picture, and your window": outlined,
        "the patch": lambda patch: paint.rgb(patch),
        "the patch's scores": score_table,
        "one class, every window": lambda heat, shown, field, image: paint.scalar(
            heat[:, CLASSES.index(shown)],
            low=0,
            high=1,
            palette="magma",
            frame=views.frame(image),
            field=field,
        ),
        "the best class, every window": lambda scores, field, image: paint.labels(
            heatmap.label_map(scores), CLASSES, frame=views.frame(image), field=field
        ),
    },
    numbers={
        "the patch is": lambda chances: (
            f"{CLASSES[chances.index(max(chances))]}, {max(chances):.1%}"
        ),
        "windows": lambda scores: f"{scores.shape[2]} × {scores.shape[3]}",
        "max difference": lambda difference: difference,
        "multiply-adds": lambda work: (
            f"{work[1] / 1e6:.0f} million window by window, {work[0] / 1e6:.0f} million in one pass"
        ),
    },
)
