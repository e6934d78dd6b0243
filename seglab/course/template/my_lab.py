"""Threshold: the oldest way to segment, and where it stops."""

from seglab.draw import paint
from seglab.images import photos
from seglab.lab import Choice, Lab, Photo, Sweep, Try, of

image = of(photos.load, "photo")


def mask(image, level):
    return image.mean(1) >= level / 255


def share(mask):
    return mask.float().mean()


LAB = Lab(
    title="Threshold",
    summary="Everything brighter than the level is called object.",
    controls={
        "photo": Photo("coins", "astronaut"),
        "level": Choice(*range(0, 256, 15), default=120, play=True),
    },
    stages=globals(),
    panes={
        "photograph": "image",
        "mask": of(paint.labels, "mask", names=("background", "object")),
    },
    numbers={"object": of("{:.1%}", "share")},
    charts={"object against level": Sweep(share, over="level", y="share")},
    tour=(
        Try(
            "Raise the level to 180.",
            set={"level": 180},
            look="mask",
            expect=lambda before, after: after.values["share"] < before.values["share"] / 3,
            then="The coins on the dark side are gone first: one level does not fit all of them.",
        ),
    ),
)
