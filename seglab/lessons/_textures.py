"""Controls, and first and last stages, of the texture labs."""

from collections.abc import Sequence

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Model, Photo, of
from seglab.nets import own, textures
from seglab.ops import dense, heatmap
from seglab.ops.receptive_field import ReceptiveField
from seglab.types import Image, Scores

TEXTURES = "texture net"

PHOTO = Photo("mosaic", "astronaut", "coffee", "chelsea", "rocket", "coins")
NET = Model(TEXTURES, label="net")
F = Choice(2, 4, 8, 16, default=8, label="downsampling factor f")
VIEW = Choice("labels", *textures.CLASSES, label="show")

# The texture nets have a stride and classes to choose; a student's own net has its own.
MATTERS = {("f", "view"): lambda net: net == TEXTURES}

image = of(photos.load, "photo")


def model(net, f):
    """The net in use, with its field and the names of its classes."""
    return textures.described(f) if net == TEXTURES else own.usable(net)


def passes(model, image):
    return dense.Passes(model.net, image)


STAGES = {"image": image, "model": model, "passes": passes}


def picture(
    scores: Scores,
    classes: Sequence[str],
    view: str,
    on: Image | None = None,
    field: ReceptiveField | None = None,
) -> paint.Picture:
    """Scores as a label map, or as the probability of one class."""
    if view == "labels":
        return paint.labels(heatmap.label_map(scores), classes, on=on, field=field)
    share = scores.softmax(1)[:, classes.index(view)]
    return paint.scalar(share, low=0, high=1, on=on, field=field)
