"""Your photo: a published net finds the person in a photograph, and is sometimes wrong."""

from seglab import scalars
from seglab.draw import diagram, paint
from seglab.draw.shapes import Handle
from seglab.images import photos, resize
from seglab.lab import Choice, Lab, Photo, Pixel, of
from seglab.lessons.tours.your_photo import TOUR
from seglab.nets import selfie

SIDE = selfie.SIDE
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
UNSURE = 0.1, 0.9  # between them the net is called unsure
WHITE, BLURRED = "white", "blurred"
BLUR = (20, 20)  # pixels to which the background is shrunk before it is enlarged again

picture = of(photos.load, "photo", size=SIDE)


def person(picture):
    """The only stage that runs the net: the probability of a person at each pixel."""
    return selfie.person(selfie.pretrained(), picture)


def mask(person, threshold):
    return person[:, 0] >= threshold


def cut_out(picture, mask, behind):
    """The person as it is, before another background."""
    if behind == WHITE:
        return picture.where(mask[:, None], 1.0)
    blurred = resize.image(resize.image(picture, BLUR), picture.shape[-2:])
    return picture.where(mask[:, None], blurred)


def shares(person):
    """The share of the pixels that each threshold keeps."""
    return {level: scalars.real((person >= level).float().mean()) for level in THRESHOLDS}


def share(shares, threshold):
    return shares[threshold]


def curve(shares, threshold):
    """A line with a knob: level where the net is sure, a slope where it is not."""
    return diagram.plot(
        {"kept": tuple(shares.items())},
        x=(0, 1),
        y=(0, 1),
        x_title="threshold",
        y_title="share of the picture kept",
        now=threshold,
        handle=Handle(
            "threshold",
            tuple((level, share, level) for level, share in shares.items()),
            threshold,
            says="threshold",
        ),
        form="{:.0%}",
        says=f"Share of the picture kept against the threshold: {shares[THRESHOLDS[0]]:.0%} at "
        f"{THRESHOLDS[0]}, {shares[threshold]:.0%} at {threshold}, {shares[THRESHOLDS[-1]]:.0%} at "
        f"{THRESHOLDS[-1]}",
    )


def unsure(person):
    low, high = UNSURE
    return scalars.real(((person > low) & (person < high)).float().mean())


def at_point(person, pixel):
    return f"person {scalars.real(person[0, 0, pixel[0], pixel[1]]):.0%}"


LAB = Lab(
    title="Your photo",
    summary="A published net finds the person in a photograph: yours, and some that fool it.",
    controls={
        "photo": Photo(
            *("astronaut", "camera", "coffee", "chelsea", "retina", "motorcycle_left"), camera=True
        ),
        "threshold": Choice(*THRESHOLDS, default=0.5, play=True),
        "behind": Choice(WHITE, BLURRED, label="behind the person"),
        "pixel": Pixel((SIDE, SIDE), default=(90, 110), label="your point"),
    },
    stages=globals(),
    panes={
        "photograph": "picture",
        "probability": of(paint.scalar, "person", low=0, high=1, palette="magma"),
        "mask": of(paint.labels, "mask", names=selfie.CLASSES),
        "cut-out": "cut_out",
        "how much is kept": curve,
    },
    numbers={
        "called a person": of("{:.0%} of the picture", "share"),
        "unsure (10 to 90%)": of("{:.0%} of the picture", "unsure"),
        "at your point": at_point,
    },
    tour=TOUR,
)
